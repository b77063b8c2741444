#include "api/detail.h"

#include "air/schema.h"
#include "api/echo.h"
#include "base/buffer.h"

/* The words of both dialects. %s is the bound. */
static const struct {
	const char *type, *msg;		/* pydantic 2 */
	const char *type1, *msg1;	/* pydantic 1 */
} words[] = {
	[AQI_DETAIL_MISSING] = {
		"missing", "Field required",
		"value_error.missing", "field required",
	},
	[AQI_DETAIL_BELOW] = {
		"greater_than_equal",
		"Input should be greater than or equal to ",
		"value_error.number.not_ge",
		"ensure this value is greater than or equal to ",
	},
	[AQI_DETAIL_ABOVE] = {
		"less_than_equal",
		"Input should be less than or equal to ",
		"value_error.number.not_le",
		"ensure this value is less than or equal to ",
	},
	[AQI_DETAIL_FLOAT_PARSING] = {
		"float_parsing",
		"Input should be a valid number, unable to parse string as a "
		"number",
		"type_error.float", "value is not a valid float",
	},
	[AQI_DETAIL_FLOAT_TYPE] = {
		"float_type", "Input should be a valid number",
		"type_error.float", "value is not a valid float",
	},
	[AQI_DETAIL_INT_PARSING] = {
		"int_parsing",
		"Input should be a valid integer, unable to parse string as "
		"an integer",
		"type_error.integer", "value is not a valid integer",
	},
	[AQI_DETAIL_INT_FROM_FLOAT] = {
		"int_from_float",
		"Input should be a valid integer, got a number with a "
		"fractional part",
		"type_error.integer", "value is not a valid integer",
	},
	[AQI_DETAIL_INT_SIZE] = {
		"int_parsing_size",
		"Unable to parse input string as an integer, exceeded maximum "
		"size",
		"type_error.integer", "value is not a valid integer",
	},
	[AQI_DETAIL_INT_TYPE] = {
		"int_type", "Input should be a valid integer",
		"type_error.integer", "value is not a valid integer",
	},
	[AQI_DETAIL_FINITE] = {
		"finite_number", "Input should be a finite number",
		"type_error.integer", "value is not a valid integer",
	},
	[AQI_DETAIL_OBJECT] = {
		"model_attributes_type",
		"Input should be a valid dictionary or object to extract "
		"fields from",
		"type_error.dict", "value is not a valid dict",
	},
	[AQI_DETAIL_LIST] = {
		"list_type", "Input should be a valid list",
		"type_error.list", "value is not a valid list",
	},
	[AQI_DETAIL_JSON] = {
		"json_invalid", "JSON decode error",
		"value_error.jsondecode", "",
	},
};

static bool
is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

static size_t
count_characters(struct aqi_slice text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.size; i++)
		n += !is_continuation(text.data[i]);
	return n;
}

/* Where a JSON text is wrong, in characters. */
struct position {
	size_t at, line, column;
};

static struct position
locate(const struct aqi_detail *detail)
{
	struct aqi_slice before = {detail->text.data, detail->at};
	struct position position = {count_characters(before), 1, 0};
	const char *newline;

	for (size_t i = 0; i < before.size; i++)
		position.line += before.data[i] == '\n';
	newline = before.size ? memrchr(before.data, '\n', before.size) : NULL;
	if (newline) {
		before.size -= (size_t)(newline + 1 - before.data);
		before.data = newline + 1;
	}
	position.column = count_characters(before) + 1;
	return position;
}

static void
add_place(struct aqi_buffer *out, const struct aqi_detail *detail)
{
	aqi_buffer_add_text(out, "\"loc\":[\"body\"");
	if (detail->of_instances)
		aqi_buffer_add_text(out, ",\"instances\"");
	if (detail->row != AQI_DETAIL_NO_ROW)
		aqi_buffer_add_format(out, ",%zu", detail->row);
	if (detail->field) {
		aqi_buffer_add_text(out, ",\"");
		aqi_buffer_add_slice(out, detail->field->name);
		aqi_buffer_add_byte(out, '"');
	}
	if (detail->code == AQI_DETAIL_JSON)
		aqi_buffer_add_format(out, ",%zu", locate(detail).at);
	aqi_buffer_add_byte(out, ']');
}

/* A bound as it stands in a sentence: 500, 0.5. */
static void
add_bound(struct aqi_buffer *out, double bound, bool is_float)
{
	size_t start = out->size;

	aqi_echo_add_float(out, bound);
	if (!is_float && !out->failed && out->size - start > 2 &&
	    memcmp(out->data + out->size - 2, ".0", 2) == 0)
		out->size -= 2;
}

static bool
has_bound(const struct aqi_detail *detail, double *bound)
{
	if (detail->code == AQI_DETAIL_BELOW)
		*bound = detail->field->min;
	else if (detail->code == AQI_DETAIL_ABOVE)
		*bound = detail->field->max;
	else
		return false;
	return true;
}

static void
add_reason(struct aqi_buffer *out, const char *reason)
{
	aqi_echo_add_text(out, aqi_slice_of(reason));
}

static void
add_input(struct aqi_buffer *out, const struct aqi_detail *detail)
{
	if (!detail->input.data || detail->input.size > AQI_DETAIL_MOST_INPUT)
		return;
	aqi_buffer_add_text(out, ",\"input\":");
	if (detail->is_text)
		aqi_echo_add_text(out, detail->input);
	else
		aqi_echo_add(out, detail->input);
}

static void
add_pydantic2(struct aqi_buffer *out, const struct aqi_detail *detail)
{
	double bound;
	bool bounded = has_bound(detail, &bound);

	aqi_buffer_add_text(out, "{\"type\":\"");
	aqi_buffer_add_text(out, words[detail->code].type);
	aqi_buffer_add_text(out, "\",");
	add_place(out, detail);
	aqi_buffer_add_text(out, ",\"msg\":\"");
	aqi_buffer_add_text(out, words[detail->code].msg);
	if (bounded)
		add_bound(out, bound, false);
	aqi_buffer_add_byte(out, '"');
	add_input(out, detail);
	if (bounded) {
		aqi_buffer_add_text(out, detail->code == AQI_DETAIL_BELOW ?
				    ",\"ctx\":{\"ge\":" : ",\"ctx\":{\"le\":");
		add_bound(out, bound, detail->field->type == AQI_TYPE_NUMBER);
		aqi_buffer_add_byte(out, '}');
	}
	if (detail->code == AQI_DETAIL_JSON) {
		aqi_buffer_add_text(out, ",\"input\":{},\"ctx\":{\"error\":");
		add_reason(out, detail->reason);
		aqi_buffer_add_byte(out, '}');
	}
	aqi_buffer_add_byte(out, '}');
}

/* What Python's JSONDecodeError holds. */
static void
add_decode_error(struct aqi_buffer *out, const struct aqi_detail *detail)
{
	const struct position p = locate(detail);

	add_reason(out, detail->reason);
	if (!out->failed)
		out->size--;
	aqi_buffer_add_format(out, ": line %zu column %zu (char %zu)\"",
			      p.line, p.column, p.at);
	aqi_buffer_add_text(out, ",\"type\":\"value_error.jsondecode\","
			    "\"ctx\":{\"msg\":");
	add_reason(out, detail->reason);
	if (detail->text.size <= AQI_DETAIL_MOST_INPUT) {
		aqi_buffer_add_text(out, ",\"doc\":");
		aqi_echo_add_text(out, detail->text);
	}
	aqi_buffer_add_format(out, ",\"pos\":%zu,\"lineno\":%zu,"
			      "\"colno\":%zu}", p.at, p.line, p.column);
}

static bool
is_null(const struct aqi_detail *detail)
{
	return (detail->code == AQI_DETAIL_FLOAT_TYPE ||
		detail->code == AQI_DETAIL_INT_TYPE ||
		detail->code == AQI_DETAIL_OBJECT ||
		detail->code == AQI_DETAIL_LIST) &&
	       !detail->is_text && aqi_slice_is(detail->input, "null");
}

static void
add_pydantic1(struct aqi_buffer *out, const struct aqi_detail *detail)
{
	const char *type = words[detail->code].type1;
	const char *msg = words[detail->code].msg1;
	double bound;
	bool bounded = has_bound(detail, &bound);

	if (is_null(detail)) {
		type = "type_error.none.not_allowed";
		msg = "none is not an allowed value";
	}
	aqi_buffer_add_byte(out, '{');
	add_place(out, detail);
	aqi_buffer_add_text(out, ",\"msg\":");
	if (detail->code == AQI_DETAIL_JSON) {
		add_decode_error(out, detail);
		aqi_buffer_add_byte(out, '}');
		return;
	}
	aqi_buffer_add_byte(out, '"');
	aqi_buffer_add_text(out, msg);
	if (bounded)
		add_bound(out, bound, false);
	aqi_buffer_add_text(out, "\",\"type\":\"");
	aqi_buffer_add_text(out, type);
	aqi_buffer_add_byte(out, '"');
	if (bounded) {
		aqi_buffer_add_text(out, ",\"ctx\":{\"limit_value\":");
		add_bound(out, bound, false);
		aqi_buffer_add_byte(out, '}');
	}
	aqi_buffer_add_byte(out, '}');
}

void
aqi_detail_write(struct aqi_buffer *out, enum aqi_dialect dialect,
		 const struct aqi_detail *details, size_t n)
{
	aqi_buffer_add_text(out, "{\"detail\":[");
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			aqi_buffer_add_byte(out, ',');
		if (dialect == AQI_DIALECT_PYDANTIC1)
			add_pydantic1(out, &details[i]);
		else
			add_pydantic2(out, &details[i]);
	}
	aqi_buffer_add_text(out, "]}");
}
