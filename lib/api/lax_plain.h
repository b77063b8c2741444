/* lax_plain.h: the one pass over a plain body. Private to lax.c. */
#ifndef AQI_API_LAX_PLAIN_H
#define AQI_API_LAX_PLAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/* As many as a set of bits holds. */
#define AQI_LAX_MOST_FIELDS 32
#define AQI_LAX_MOST_NAME 30

/* What is looked at for each member, close together. */
struct aqi_lax_field {
	char name[AQI_LAX_MOST_NAME + 1];	/* with its last quote */
	uint8_t size;		/* of that */
	bool is_integer;
	double min, max;
};

struct aqi_lax_plain {
	struct aqi_lax_field fields[AQI_LAX_MOST_FIELDS];
	size_t n_fields;
};

/*
 * Read a record at *p, which is left behind it. x is (n_fields,), out. false:
 * not plain, or not right.
 */
bool aqi_lax_plain_record(const struct aqi_lax_plain *plain, const char **p,
			  const char *end, double *x);

/* The first byte behind blanks. */
static inline const char *
aqi_lax_plain_skip(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' ||
			   *p == '\t'))
		p++;
	return p;
}

#endif
