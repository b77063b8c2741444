/* http_class.h: what a byte of a message may be part of. Private to net. */
#ifndef AQI_NET_HTTP_CLASS_H
#define AQI_NET_HTTP_CLASS_H

#include <stdbool.h>

enum {
	AQI_HTTP_TOKEN = 1,
	AQI_HTTP_METHOD = 2,
	AQI_HTTP_TARGET = 4,
	AQI_HTTP_HOST = 8,	/* the names and addresses of RFC 3986 */
	AQI_HTTP_TEXT = 16	/* all but control bytes; the tab is none */
};

extern const unsigned char aqi_http_classes[256];

static inline bool
aqi_http_byte_is(unsigned class, char byte)
{
	return aqi_http_classes[(unsigned char)byte] & class;
}

/* The first byte from p on that is not of a class. */
static inline const char *
aqi_http_run(unsigned class, const char *p, const char *end)
{
	while (p < end && aqi_http_byte_is(class, *p))
		p++;
	return p;
}

#endif
