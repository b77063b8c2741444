/* slice.h: bytes with their length, borrowed from somebody else. */
#ifndef AQI_BASE_SLICE_H
#define AQI_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* A NUL is data like any other byte; data is not terminated. */
struct aqi_slice {
	const char *data;
	size_t size;
};

static inline struct aqi_slice
aqi_slice_of(const char *text)
{
	return (struct aqi_slice){text, strlen(text)};
}

static inline bool
aqi_slice_equal(struct aqi_slice a, struct aqi_slice b)
{
	return a.size == b.size &&
	       (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static inline bool
aqi_slice_is(struct aqi_slice a, const char *text)
{
	return aqi_slice_equal(a, aqi_slice_of(text));
}

/* The slice without the blanks (space, tab) around it. */
static inline struct aqi_slice
aqi_slice_trim(struct aqi_slice s)
{
	while (s.size > 0 && (*s.data == ' ' || *s.data == '\t'))
		s.data++, s.size--;
	while (s.size > 0 && (s.data[s.size - 1] == ' ' ||
			      s.data[s.size - 1] == '\t'))
		s.size--;
	return s;
}

#endif
