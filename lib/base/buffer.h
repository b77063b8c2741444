/* buffer.h: bytes that grow at their end. */
#ifndef AQI_BASE_BUFFER_H
#define AQI_BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

/*
 * Zero-initialised means empty. When memory runs out, `failed` is set, the
 * bytes of that call are not added, and every later add does nothing: a writer
 * may add many pieces and look at `failed` once, at the end.
 */
struct aqi_buffer {
	char *data;
	size_t size;
	size_t capacity;
	bool failed;
};

/* Make room for n more bytes; where they go, or NULL without memory. */
char *aqi_buffer_room(struct aqi_buffer *buffer, size_t n);

void aqi_buffer_add(struct aqi_buffer *buffer, const void *data, size_t n);

static inline void
aqi_buffer_add_slice(struct aqi_buffer *buffer, struct aqi_slice s)
{
	aqi_buffer_add(buffer, s.data, s.size);
}

static inline void
aqi_buffer_add_text(struct aqi_buffer *buffer, const char *text)
{
	aqi_buffer_add(buffer, text, strlen(text));
}

/* As printf writes it; `failed` where that is 512 bytes or more. */
void aqi_buffer_add_format(struct aqi_buffer *buffer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static inline void
aqi_buffer_add_byte(struct aqi_buffer *buffer, char byte)
{
	if (buffer->size < buffer->capacity && !buffer->failed)
		buffer->data[buffer->size++] = byte;
	else
		aqi_buffer_add(buffer, &byte, 1);
}

/* The bytes so far, borrowed until more are added. */
static inline struct aqi_slice
aqi_buffer_slice(const struct aqi_buffer *buffer)
{
	return (struct aqi_slice){buffer->data, buffer->size};
}

/* Forget the bytes, keep the memory. */
static inline void
aqi_buffer_clear(struct aqi_buffer *buffer)
{
	buffer->size = 0;
	buffer->failed = false;
}

void aqi_buffer_free(struct aqi_buffer *buffer);

#endif
