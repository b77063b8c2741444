#include "api/docs.h"

#include "air/schema.h"
#include "api/describe.h"
#include "api/echo.h"
#include "api/scan.h"
#include "base/buffer.h"
#include "base/builtin.h"
#include "record/number.h"

/* What is put in the place of what in the page (docs.html). */
#define ROWS "<!--rows-->"
#define INPUTS "<!--inputs-->"
#define EXAMPLE "<!--example-->"

static void
add_escaped(struct aqi_buffer *out, struct aqi_slice text)
{
	for (size_t i = 0; i < text.size; i++) {
		char c = text.data[i];

		if (c == '<')
			aqi_buffer_add_text(out, "&lt;");
		else if (c == '&')
			aqi_buffer_add_text(out, "&amp;");
		else if (c == '"')
			aqi_buffer_add_text(out, "&quot;");
		else
			aqi_buffer_add_byte(out, c);
	}
}

static const char *
type_of(const struct aqi_schema_field *field)
{
	return field->type == AQI_TYPE_INTEGER ? "integer" : "number";
}

/* Of a text that has escapes of JSON they stand as they are. */
static void
add_description(struct aqi_buffer *out, const struct aqi_schema *schema,
		size_t i)
{
	struct aqi_buffer text = {0};

	aqi_describe_field(&text, schema, i);
	add_escaped(out, (struct aqi_slice){text.data, text.size});
	out->failed |= text.failed;
	aqi_buffer_free(&text);
}

static void
add_bound(struct aqi_buffer *out, double bound)
{
	char digits[AQI_NUMBER_SIZE];

	aqi_buffer_add(out, digits, aqi_number_shortest(digits, bound));
}

static void
add_rows(struct aqi_buffer *out, const struct aqi_schema *schema)
{
	for (size_t i = 0; i < schema->n_fields; i++) {
		const struct aqi_schema_field *f = &schema->fields[i];

		aqi_buffer_add_text(out, "<tr><td><code>");
		add_escaped(out, f->name);
		aqi_buffer_add_text(out, "</code><td>");
		aqi_buffer_add_text(out, type_of(f));
		aqi_buffer_add_text(out, "<td>");
		add_bound(out, f->min);
		aqi_buffer_add_text(out, "..");
		add_bound(out, f->max);
		aqi_buffer_add_text(out, "<td>");
		add_description(out, schema, i);
		aqi_buffer_add_byte(out, '\n');
	}
}

static void
add_inputs(struct aqi_buffer *out, const struct aqi_schema *schema)
{
	struct aqi_slice example = aqi_describe_example(schema), value;

	for (size_t i = 0; i < schema->n_fields; i++) {
		value = example.data ? aqi_scan_find(example,
						     schema->names[i]) :
				       (struct aqi_slice){NULL, 0};
		aqi_buffer_add_text(out, "<label>");
		add_escaped(out, schema->names[i]);
		aqi_buffer_add_text(out, " <input name=\"");
		add_escaped(out, schema->names[i]);
		aqi_buffer_add_text(out, "\" inputmode=\"decimal\" "
				    "autocomplete=\"off\" value=\"");
		add_escaped(out, value);
		aqi_buffer_add_text(out, "\"></label>\n");
	}
}

static void
add_example(struct aqi_buffer *out, const struct aqi_schema *schema)
{
	struct aqi_slice example = aqi_describe_example(schema);
	struct aqi_buffer text = {0};

	if (example.data)
		aqi_echo_add(&text, example);
	add_escaped(out, (struct aqi_slice){text.data, text.size});
	out->failed |= text.failed;
	aqi_buffer_free(&text);
}

void
aqi_docs_write(struct aqi_buffer *out, const struct aqi_schema *schema)
{
	static const struct {
		const char *mark;
		void (*add)(struct aqi_buffer *out,
			    const struct aqi_schema *schema);
	} parts[] = {
		{ROWS, add_rows}, {EXAMPLE, add_example}, {INPUTS, add_inputs},
	};
	struct aqi_slice page = aqi_builtin_find("docs.html");
	const char *p = page.data, *end = p + page.size, *at;

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		at = memmem(p, (size_t)(end - p), parts[i].mark,
			    strlen(parts[i].mark));
		if (!at)
			break;
		aqi_buffer_add(out, p, (size_t)(at - p));
		parts[i].add(out, schema);
		p = at + strlen(parts[i].mark);
	}
	aqi_buffer_add(out, p, (size_t)(end - p));
}
