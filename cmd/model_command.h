/*
 * model_command.h: the commands of aqi-model.
 *
 * Each has a file of its own, with its options. It is called with the words
 * behind the program's name, its own first, and returns the exit status.
 */
#ifndef MODEL_COMMAND_H
#define MODEL_COMMAND_H

#include "cli/cli.h"

int model_compile(struct aqi_cli *cli, int argc, char **argv);
int model_eval(struct aqi_cli *cli, int argc, char **argv);

#endif
