/*
 * draw.h: small whole numbers and digits drawn by chance, for the texts of
 * numbers that a test makes up. Each test has its own state, from a fixed seed.
 */
#ifndef AQI_TESTS_DRAW_H
#define AQI_TESTS_DRAW_H

#include <stddef.h>
#include <stdint.h>

#include "base/random.h"

static struct aqi_random random_state;

/* From least to most. */
static int
draw(int least, int most)
{
	return least + (int)aqi_random_below(&random_state,
					     (uint64_t)(most - least + 1));
}

/* So many digits, more than half of them zeros. Returns n. */
__attribute__((unused)) static size_t
draw_digits(char *to, int n)
{
	for (int i = 0; i < n; i++)
		to[i] = (char)('0' + draw(0, draw(0, 1) * 9));
	return (size_t)n;
}

#endif
