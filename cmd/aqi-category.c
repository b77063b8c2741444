/* aqi-category: the category, colour and advice of an index. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "air/base_record.h"
#include "air/category.h"
#include "cli/cli.h"

enum when { AUTO, ALWAYS, NEVER };

static const char *const when_words[] = {"auto", "always", "never"};

struct options {
	struct aqi_cli cli;
	struct aqi_category_step category;
	enum when ansi;
};

enum { KEY_ADVICE = 0x200, KEY_ANSI, KEY_COLOR, KEY_COLUMN, KEY_RECOMPUTE };

static const struct argp_option options[] = {
	{"advice", KEY_ADVICE, 0, 0,
	 "add a column with what to do about the air", 0},
	{"ansi", KEY_ANSI, "auto|always|never", 0,
	 "paint the categories in their colours on a terminal (auto)", 0},
	{"color", KEY_COLOR, 0, 0,
	 "add the columns color and rgb", 0},
	{"column", KEY_COLUMN, "NAME", 0,
	 "take the index from this column (aqi)", 0},
	{"recompute", KEY_RECOMPUTE, 0, 0,
	 "replace a category that stands already", 0},
	{0}
};

static enum when
read_when(const struct aqi_cli *cli, const char *text)
{
	char quoted[AQI_QUOTED_SIZE];

	for (size_t i = 0; i < sizeof when_words / sizeof *when_words; i++)
		if (strcmp(text, when_words[i]) == 0)
			return (enum when)i;
	aqi_cli_usage(cli, "--ansi takes auto, always or never, not %s",
		      aqi_error_quote(quoted, aqi_slice_of(text)));
}

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->cli;
		return 0;
	case KEY_ADVICE:
		o->category.advice = true;
		return 0;
	case KEY_ANSI:
		o->ansi = read_when(&o->cli, arg);
		return 0;
	case KEY_COLOR:
		o->category.color = true;
		return 0;
	case KEY_COLUMN:
		o->category.column = aqi_slice_of(arg);
		return 0;
	case KEY_RECOMPUTE:
		o->category.recompute = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* Will a human read the output, on something that knows colours? */
static bool
has_colors(const struct options *o)
{
	const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");

	if (o->ansi != AUTO)
		return o->ansi == ALWAYS;
	if (no_color && *no_color)
		return false;
	return term && *term && strcmp(term, "dumb") != 0 &&
	       (!o->cli.output || strcmp(o->cli.output, "-") == 0) &&
	       isatty(STDOUT_FILENO) == 1;
}

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "[FILE...]",
	.doc = "Add the category of an air quality index to records."
	       "\vThe categories are those of the US EPA. A category that "
	       "stands already is kept.",
	.children = (const struct argp_child[]){
		{&aqi_cli_stream_argp, 0, 0, 1}, {0}
	},
};

int
main(int argc, char **argv)
{
	struct options o = {0};
	struct aqi_step step;
	int status;

	aqi_cli_init(&o.cli, "aqi-category");
	o.cli.format.numbers = aqi_known_numbers(&o.cli.format.n_numbers);
	aqi_cli_parse(&o.cli, &argp, argc, argv, &o);
	if (has_colors(&o))
		o.category.paint = &o.cli.format;
	step = aqi_category_step(&o.category);
	status = aqi_cli_run(&o.cli, &step, 1);
	aqi_cli_free(&o.cli);
	return status;
}
