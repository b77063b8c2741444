/*
 * model_command.h: the commands of aqi-model, and what they share.
 *
 * Each has a file of its own, with its options. It is called with the words
 * behind the program's name, its own first, and returns the exit status.
 */
#ifndef MODEL_COMMAND_H
#define MODEL_COMMAND_H

#include <stdbool.h>

#include "cli/cli.h"

struct aqi_buffer;
struct aqi_model;

int model_check(struct aqi_cli *cli, int argc, char **argv);
int model_compile(struct aqi_cli *cli, int argc, char **argv);
int model_dump(struct aqi_cli *cli, int argc, char **argv);
int model_eval(struct aqi_cli *cli, int argc, char **argv);
int model_info(struct aqi_cli *cli, int argc, char **argv);
int model_prune(struct aqi_cli *cli, int argc, char **argv);
int model_quantize(struct aqi_cli *cli, int argc, char **argv);

/* The options of those that write about a model: the input of their argp. */
struct model_text {
	struct aqi_cli *cli;
	bool as_json;
};

extern const struct argp model_text_argp;

/* Any model by its name or path, to be looked at; NULL: what aqi-predict would
 * use. */
struct aqi_model *model_load(const char *name, struct aqi_error *err);

/* The file of a compiled model, with the layouts that evaluate it best. */
enum aqi_status model_compiled(const struct aqi_model *model,
			       struct aqi_buffer *file, struct aqi_error *err);

/* The shortest text that reads back to the same bits, of 64 or 32. */
void model_add_number(struct aqi_buffer *out, bool is_wide, double x);

/* A JSON string of a text that may hold any bytes. */
void model_add_string(struct aqi_buffer *out, struct aqi_slice text);

/* Rows at once for which info tells the way of evaluation. */
#define MODEL_N_ROWS 3
extern const size_t model_rows[MODEL_N_ROWS];

/* What info writes of a model, as lines of text and as a JSON object. */
struct aqi_survey;
void model_info_text(struct aqi_model *model, const struct aqi_survey *survey,
		     struct aqi_buffer *out);
void model_info_json(struct aqi_model *model, const struct aqi_survey *survey,
		     struct aqi_buffer *out);

#endif
