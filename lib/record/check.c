#include "record/check.h"

#include "record/format.h"
#include "record/chunk.h"
#include "record/utf8.h"

bool
aqi_check_is_too_long(const struct aqi_format *format,
		      const struct aqi_chunk *chunk, size_t i)
{
	return chunk->records[i].size > format->max_record ||
	       (chunk->is_cut && i + 1 == chunk->n_records);
}

enum aqi_status
aqi_check_bytes(const struct aqi_format *format, const struct aqi_chunk *chunk,
		size_t i, struct aqi_error *err)
{
	const char *encoding = format->encoding;
	struct aqi_slice text = aqi_chunk_record(chunk, i);
	size_t at;

	if (aqi_check_is_too_long(format, chunk, i)) {
		aqi_error_set(err, AQI_E_LENGTH, "the record is longer than "
			      "%zu bytes (--max-record); does a quote never "
			      "close?",
			      format->max_record);
		aqi_error_at(err, NULL, 0, 1);
		return AQI_REJECT;
	}
	if (chunk->is_open && i + 1 == chunk->n_records &&
	    format->require_newline) {
		aqi_error_set(err, AQI_E_SYNTAX, "the file ends without a "
			      "newline: this record may be torn "
			      "(--require-newline)");
		aqi_error_at(err, NULL, 0, text.size + 1);
		return AQI_REJECT;
	}
	at = aqi_utf8_check(text);
	if (at == text.size)
		return AQI_OK;
	aqi_error_set(err, AQI_E_ENCODING, "%s%s at byte %llu of the %s%s",
		      text.data[at] ? "invalid " : "a NUL",
		      text.data[at] ? encoding ? encoding : "UTF-8" : "",
		      (unsigned long long)(chunk->offset +
					   chunk->records[i].start + at),
		      chunk->is_decoded ? "text" : "file",
		      text.data[at] && !encoding ?
			      " (--encoding names another)" : "");
	aqi_error_at(err, NULL, 0, at + 1);
	return AQI_REJECT;
}
