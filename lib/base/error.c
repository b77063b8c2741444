#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#undef aqi_error_set
#undef aqi_error_system
#undef aqi_error_memory
#undef aqi_error_at

static const struct {
	int exit_status;
	const char *word;
} codes[] = {
	[AQI_E_NONE] = {0, "note"},
	[AQI_E_SYNTAX] = {1, "syntax"},
	[AQI_E_ENCODING] = {1, "encoding"},
	[AQI_E_WIDTH] = {1, "width"},
	[AQI_E_LENGTH] = {1, "length"},
	[AQI_E_TYPE] = {1, "type"},
	[AQI_E_RANGE] = {1, "range"},
	[AQI_E_MISSING] = {1, "missing"},
	[AQI_E_REPEATED] = {1, "repeated"},
	[AQI_E_ORDER] = {1, "order"},
	[AQI_E_UNKNOWN] = {1, "unknown"},
	[AQI_E_DATA] = {1, "data"},
	[AQI_E_USAGE] = {2, "usage"},
	[AQI_E_MODEL] = {3, "model"},
	[AQI_E_IO] = {4, "io"},
	[AQI_E_LIMIT] = {5, "limit"},
	[AQI_E_MEMORY] = {5, "memory"},
};

int
aqi_error_exit_status(enum aqi_code code)
{
	return codes[code].exit_status;
}

const char *
aqi_error_word(enum aqi_code code)
{
	return codes[code].word;
}

static void
fill(struct aqi_error *err, enum aqi_code code, const char *format, va_list ap)
{
	*err = (struct aqi_error){.code = code};
	vsnprintf(err->reason, sizeof err->reason, format, ap);
}

enum aqi_status
aqi_error_set(struct aqi_error *err, enum aqi_code code, const char *format,
	      ...)
{
	va_list ap;

	if (err) {
		va_start(ap, format);
		fill(err, code, format, ap);
		va_end(ap);
	}
	return AQI_FATAL;
}

enum aqi_status
aqi_error_system(struct aqi_error *err, int error_number, const char *format,
		 ...)
{
	va_list ap;
	size_t n;

	if (error_number == ENOMEM)
		return aqi_error_memory(err);
	if (err) {
		va_start(ap, format);
		fill(err, AQI_E_IO, format, ap);
		va_end(ap);
		n = strlen(err->reason);
		snprintf(err->reason + n, sizeof err->reason - n, ": %s",
			 strerror(error_number));
	}
	return AQI_FATAL;
}

enum aqi_status
aqi_error_memory(struct aqi_error *err)
{
	return aqi_error_set(err, AQI_E_MEMORY, "memory ran out");
}

enum aqi_status
aqi_error_at(struct aqi_error *err, const char *file, uint64_t line,
	     size_t column)
{
	if (err) {
		err->file = file;
		err->line = line;
		err->column = column;
	}
	return AQI_FATAL;
}

void
aqi_error_name(struct aqi_error *err, struct aqi_slice field)
{
	size_t n = field.size;

	if (!err)
		return;
	if (n >= sizeof err->field)
		n = sizeof err->field - 1;
	memcpy(err->field, field.data, n);
	err->field[n] = '\0';
}

const char *
aqi_error_quote(char out[AQI_QUOTED_SIZE], struct aqi_slice value)
{
	static const char hex[] = "0123456789abcdef";
	size_t n = value.size > 40 ? 40 : value.size;
	char *p = out;

	*p++ = '"';
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)value.data[i];

		if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\') {
			*p++ = (char)c;
			continue;
		}
		*p++ = '\\';
		*p++ = 'x';
		*p++ = hex[c >> 4];
		*p++ = hex[c & 15];
	}
	if (n < value.size)
		p = stpcpy(p, "...");
	*p++ = '"';
	*p = '\0';
	return out;
}
