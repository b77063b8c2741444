#include "air/mapping_input.h"

#include <math.h>

#include <jansson.h>

#include "air/mapping.h"
#include "base/arena.h"
#include "record/encoding.h"
#include "record/json.h"

static enum aqi_status
read_byte(struct aqi_keys *keys, json_t *value, const char *allowed,
	  const char *wanted, char *byte)
{
	const char *text = json_string_value(value);

	if (!text || json_string_length(value) != 1 ||
	    !strchr(allowed, *text))
		return aqi_keys_refuse(keys, "%s is wanted here", wanted);
	*byte = *text;
	return AQI_OK;
}

static enum aqi_status
read_delimiter(struct aqi_keys *keys, json_t *value, void *into)
{
	return read_byte(keys, value, ",;|:\t ",
			 "one of \",\" \";\" \"|\" \":\" \"\\t\" \" \"", into);
}

static enum aqi_status
read_mark(struct aqi_keys *keys, json_t *value, void *into)
{
	return read_byte(keys, value, ".,", "\".\" or \",\"", into);
}

/* More lines than that before a table are no preamble. */
#define MOST_LINES 1000

static enum aqi_status
read_count(struct aqi_keys *keys, json_t *value, void *into)
{
	double n = aqi_json_number(value);
	size_t *count = into;

	if (n < 0 || n > MOST_LINES || n != floor(n))
		return aqi_keys_refuse(keys, "a count of lines up to %d is "
				       "wanted here", MOST_LINES);
	*count = (size_t)n;
	return AQI_OK;
}

static enum aqi_status
read_encoding(struct aqi_keys *keys, json_t *value, void *into)
{
	const char *name = json_string_value(value), **encoding = into;
	char quoted[AQI_QUOTED_SIZE];

	if (!name)
		return aqi_keys_refuse(keys, "a text is wanted here");
	if (!aqi_encoding_is_known(name))
		return aqi_keys_refuse(keys, "%s is no encoding that iconv "
				       "knows",
				       aqi_error_quote(quoted,
						       aqi_slice_of(name)));
	if (aqi_encoding_is_utf8(name))
		return AQI_OK;
	/* With its terminator. */
	*encoding = aqi_arena_copy(keys->arena,
				   (struct aqi_slice){name, strlen(name) + 1})
			    .data;
	return *encoding ? AQI_OK : aqi_error_memory(keys->err);
}

static enum aqi_status
check(struct aqi_keys *keys, const struct aqi_mapping_input *input)
{
	if (input->delimiter && input->delimiter == input->decimal_mark)
		return aqi_keys_refuse(keys, "delimiter and decimal mark are "
				       "the same");
	if (input->header.n > 0 &&
	    (input->header_start.size > 0 || input->unit_lines > 0))
		return aqi_keys_refuse(keys, "\"header\" is for files without "
				       "a header line");
	return AQI_OK;
}

enum aqi_status
aqi_mapping_input_read(struct aqi_keys *keys, json_t *value, void *into)
{
#define AT(member) offsetof(struct aqi_mapping_input, member)
	static const struct aqi_key table[] = {
		{"delimiter", read_delimiter, AT(delimiter), false},
		{"decimal_mark", read_mark, AT(decimal_mark), false},
		{"encoding", read_encoding, AT(encoding), false},
		{"skip_lines", read_count, AT(skip_lines), false},
		{"header_start", aqi_keys_text, AT(header_start), false},
		{"header", aqi_keys_names, AT(header), false},
		{"unit_lines", read_count, AT(unit_lines), false},
		{"trailer", aqi_keys_text, AT(trailer), false},
		{"repeated_names", aqi_keys_flag, AT(repeated_names), false},
		{"drop_blank_rows", aqi_keys_flag, AT(drop_blank_rows), false},
		{"note", aqi_keys_note, 0, false},
	};
#undef AT

	if (AQI_KEYS_OBJECT(keys, value, table, into) != AQI_OK)
		return AQI_FATAL;
	return check(keys, into);
}
