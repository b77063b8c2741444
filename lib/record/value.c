#include "record/value.h"

#include "record/csv.h"
#include "record/layout.h"
#include "record/ndjson.h"
#include "record/number.h"

/* A number with its decimal mark `old` changed. */
static void
add_number(struct aqi_buffer *out, struct aqi_slice text, char old, char mark)
{
	const char *point = memchr(text.data, old, text.size);

	if (point && mark != old) {
		aqi_buffer_add(out, text.data, (size_t)(point - text.data));
		aqi_buffer_add_byte(out, mark);
		text.size -= (size_t)(point + 1 - text.data);
		text.data = point + 1;
	}
	aqi_buffer_add_slice(out, text);
}

/* Does a spreadsheet take a text that begins like this for a formula? */
static bool
begins_formula(struct aqi_slice text)
{
	static const char *const wide[] = {
		"\uff1d", "\uff0b", "\uff0d", "\uff20"	/* = + - @ */
	};

	if (text.size == 0)
		return false;
	for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
		if (text.size >= 3 && memcmp(text.data, wide[i], 3) == 0)
			return true;
	return memchr("=+-@\t\r", text.data[0], 6) != NULL;
}

void
aqi_value_guard(struct aqi_buffer *out, size_t start,
		const struct aqi_format *format)
{
	struct aqi_slice text = {out->data + start, out->size - start};
	double x;

	if (!format->safe_csv || out->failed)
		return;
	if (text.size >= 2 && text.data[0] == '"')
		text = (struct aqi_slice){text.data + 1, text.size - 2};
	if (!begins_formula(text) ||
	    aqi_number_to_double(text, format->decimal_mark, &x) !=
		    AQI_NUMBER_NOT)
		return;
	start = (size_t)(text.data - out->data);
	if (!aqi_buffer_room(out, 1))
		return;
	memmove(out->data + start + 1, out->data + start, out->size - start);
	out->data[start] = '\'';
	out->size++;
}

void
aqi_value_add_csv_text(struct aqi_buffer *out, struct aqi_slice text,
		       const struct aqi_format *format)
{
	size_t start = out->size;

	aqi_csv_add(out, text, format->delimiter);
	aqi_value_guard(out, start, format);
}

void
aqi_value_add_csv(struct aqi_buffer *out, struct aqi_field field,
		  const struct aqi_format *format)
{
	struct aqi_slice text = aqi_field_text(field);

	if (field.kind == AQI_NUMBER)
		add_number(out, text, '.', format->decimal_mark);
	else if (field.kind != AQI_MISSING)
		aqi_value_add_csv_text(out, text, format);
}

void
aqi_value_add_json(struct aqi_buffer *out, struct aqi_field field)
{
	if (field.kind == AQI_MISSING)
		aqi_buffer_add_text(out, "null");
	else if (field.kind == AQI_TEXT)
		aqi_ndjson_add_string(out, aqi_field_text(field));
	else
		aqi_buffer_add_slice(out, aqi_field_text(field));
}

/* A CSV cell as a JSON number, with its bytes if they are one. */
static bool
add_json_number(struct aqi_buffer *out, struct aqi_slice text, char mark)
{
	char digits[AQI_NUMBER_SIZE];
	double x;

	text = aqi_slice_trim(text);
	if (aqi_number_to_double(text, mark, &x) != AQI_NUMBER_OK)
		return false;
	if (aqi_ndjson_is_number(text))
		aqi_buffer_add_slice(out, text);
	else
		aqi_buffer_add(out, digits, aqi_number_shortest(digits, x));
	return true;
}

/* JSON's own grammar, but for the decimal mark of CSV. */
static bool
looks_like_number(struct aqi_slice text, char decimal_mark)
{
	char copy[AQI_NUMBER_SIZE], *mark;

	text = aqi_slice_trim(text);
	if (decimal_mark == '.')
		return aqi_ndjson_is_number(text);
	if (text.size > sizeof copy || memchr(text.data, '.', text.size))
		return false;
	memcpy(copy, text.data, text.size);
	mark = memchr(copy, decimal_mark, text.size);
	if (mark)
		*mark = '.';
	return aqi_ndjson_is_number((struct aqi_slice){copy, text.size});
}

void
aqi_value_add_json_cell(struct aqi_buffer *out, const struct aqi_batch *batch,
			size_t row, size_t input)
{
	const struct aqi_format *format = batch->format;
	char mark = aqi_format_in_decimal_mark(format);
	struct aqi_field field = aqi_batch_field(batch, row, input);
	struct aqi_slice text = aqi_field_text(field);
	bool may_be = batch->layout->is_number[input] || format->infer;
	bool is_number = batch->layout->is_number[input] ||
			 (format->infer && field.kind != AQI_MISSING &&
			  looks_like_number(text, mark));

	if (field.kind == AQI_MISSING ||
	    (may_be && aqi_batch_is_missing(batch, field)))
		aqi_buffer_add_text(out, "null");
	else if (!is_number || !add_json_number(out, text, mark))
		aqi_ndjson_add_string(out, text);
}

/* Only where numbers are written with another mark than they are read. */
static bool
changes_mark(const struct aqi_batch *batch, size_t input, struct aqi_slice text)
{
	const struct aqi_format *format = batch->format;
	char mark = aqi_format_in_decimal_mark(format);
	double x;

	return mark != format->decimal_mark &&
	       (batch->layout->is_number[input] || format->infer) &&
	       aqi_number_to_double(aqi_slice_trim(text), mark, &x) ==
		       AQI_NUMBER_OK;
}

void
aqi_value_add_csv_cell(struct aqi_buffer *out, const struct aqi_batch *batch,
		       size_t row, size_t input)
{
	const struct aqi_format *format = batch->format;
	struct aqi_field field = aqi_batch_field(batch, row, input);
	struct aqi_slice text = aqi_field_text(field);

	if (field.kind == AQI_TEXT && batch->syntax == AQI_SYNTAX_CSV &&
	    changes_mark(batch, input, text))
		add_number(out, text, aqi_format_in_decimal_mark(format),
			   format->decimal_mark);
	else
		aqi_value_add_csv(out, field, format);
}
