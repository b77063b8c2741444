#include "api/json_text.h"

#include <inttypes.h>

#include "record/number.h"
#include "record/utf8.h"

static void
add_byte(struct aqi_buffer *out, char byte)
{
	if ((unsigned char)byte < 0x20 || byte == 0x7f) {
		aqi_buffer_add_format(out, "\\u%04x", (unsigned)byte);
		return;
	}
	if (byte == '"' || byte == '\\')
		aqi_buffer_add_byte(out, '\\');
	aqi_buffer_add_byte(out, byte);
}

void
aqi_json_add_text(struct aqi_buffer *out, struct aqi_slice text)
{
	aqi_buffer_add_byte(out, '"');
	while (text.size > 0) {
		size_t n = aqi_utf8_check(text);

		for (size_t i = 0; i < n; i++)
			add_byte(out, text.data[i]);
		text.data += n;
		text.size -= n;
		if (text.size == 0)
			break;
		aqi_buffer_add_byte(out, '?');
		text.data++;
		text.size--;
	}
	aqi_buffer_add_byte(out, '"');
}

/* An object is open where its brace is the last byte. */
void
aqi_json_add_key(struct aqi_buffer *out, const char *name)
{
	if (out->size > 0 && out->data[out->size - 1] != '{')
		aqi_buffer_add_byte(out, ',');
	aqi_buffer_add_byte(out, '"');
	aqi_buffer_add_text(out, name);
	aqi_buffer_add_text(out, "\":");
}

void
aqi_json_add_string(struct aqi_buffer *out, const char *name, const char *text)
{
	aqi_json_add_key(out, name);
	aqi_json_add_text(out, aqi_slice_of(text));
}

void
aqi_json_add_count(struct aqi_buffer *out, const char *name, uint64_t n)
{
	aqi_json_add_key(out, name);
	aqi_buffer_add_format(out, "%" PRIu64, n);
}

void
aqi_json_add_bool(struct aqi_buffer *out, const char *name, bool is_true)
{
	aqi_json_add_key(out, name);
	aqi_buffer_add_text(out, is_true ? "true" : "false");
}

void
aqi_json_add_real(struct aqi_buffer *out, const char *name, double x)
{
	char text[AQI_NUMBER_SIZE];

	aqi_json_add_key(out, name);
	aqi_buffer_add(out, text, aqi_number_rounded(text, x, 6));
}
