/*
 * options.h: the options that programs share, as children for their argp.
 */
#ifndef AQI_CLI_OPTIONS_H
#define AQI_CLI_OPTIONS_H

#include <argp.h>

/*
 * Each set's input is a struct aqi_cli: the options of every program; those of
 * the programs that write records, with the first among them; those of what
 * reads records, by themselves; those of the programs that do both, with all of
 * these; those of the programs that write new numbers.
 */
extern const struct argp aqi_cli_base_argp;
extern const struct argp aqi_cli_common_argp;
extern const struct argp aqi_cli_reading_argp;
extern const struct argp aqi_cli_stream_argp;
extern const struct argp aqi_cli_number_argp;

#endif
