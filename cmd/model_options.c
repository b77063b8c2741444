/* What commands of aqi-model that write about a model have in common. */
#include "base/buffer.h"
#include "model/bundle.h"
#include "model_command.h"
#include "record/number.h"
#include "record/ndjson.h"
#include "record/utf8.h"

const size_t model_rows[MODEL_N_ROWS] = {1, 64, 1024};

enum { KEY_JSON = 0x200 };

static const struct argp_option options[] = {
	{"json", KEY_JSON, 0, 0, "write JSON objects, one a line", 0},
	{"output", 'o', "FILE", 0,
	 "write to FILE, all or nothing, instead of standard output", 0},
	{0}
};

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	struct model_text *text = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = text->cli;
		return 0;
	case KEY_JSON:
		text->as_json = true;
		return 0;
	case 'o':
		text->cli->output = aqi_cli_name(text->cli, "--output", arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp model_text_argp = {
	.options = options,
	.parser = parse_option,
	.children = (const struct argp_child[]){
		{&aqi_cli_base_argp, 0, 0, 0}, {0}
	},
};

struct aqi_model *
model_load(const char *name, struct aqi_error *err)
{
	return aqi_model_load(&(struct aqi_model_options){
				      .name = name, .takes_any = true}, err);
}

void
model_add_number(struct aqi_buffer *out, bool is_wide, double x)
{
	char text[AQI_NUMBER_SIZE];
	size_t n = is_wide ? aqi_number_shortest(text, x) :
		   aqi_number_shortest_float(text, (float)x);

	aqi_buffer_add(out, text, n);
}

void
model_add_string(struct aqi_buffer *out, struct aqi_slice text)
{
	struct aqi_buffer shown = {0};

	if (aqi_utf8_check(text) == text.size) {
		aqi_ndjson_add_string(out, text);
		return;
	}
	aqi_utf8_show(text, &shown);
	aqi_ndjson_add_string(out, (struct aqi_slice){shown.data, shown.size});
	out->failed |= shown.failed;
	aqi_buffer_free(&shown);
}
