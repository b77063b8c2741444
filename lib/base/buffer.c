#include "base/buffer.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

char *
aqi_buffer_room(struct aqi_buffer *buffer, size_t n)
{
	size_t capacity = buffer->capacity ? buffer->capacity : 256;
	char *data;

	if (buffer->failed || n > SIZE_MAX / 4 - buffer->size) {
		buffer->failed = true;
		return NULL;
	}
	if (buffer->capacity - buffer->size >= n && buffer->data)
		return buffer->data + buffer->size;
	while (capacity - buffer->size < n)
		capacity *= 2;
	data = realloc(buffer->data, capacity);
	if (!data) {
		buffer->failed = true;
		return NULL;
	}
	buffer->data = data;
	buffer->capacity = capacity;
	return data + buffer->size;
}

void
aqi_buffer_add(struct aqi_buffer *buffer, const void *data, size_t n)
{
	char *room = aqi_buffer_room(buffer, n);

	if (!room || n == 0)
		return;
	memcpy(room, data, n);
	buffer->size += n;
}

void
aqi_buffer_add_format(struct aqi_buffer *buffer, const char *format, ...)
{
	char text[512];
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof text)
		buffer->failed = true;
	else
		aqi_buffer_add(buffer, text, (size_t)n);
}

void
aqi_buffer_free(struct aqi_buffer *buffer)
{
	free(buffer->data);
	*buffer = (struct aqi_buffer){0};
}
