#include "base/random.h"

#include <math.h>

static uint64_t
splitmix(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/*
 * The seed is mixed before the stream comes in: else stream 1 of seed 0 would
 * be stream 0 of seed 1. Each step is one to one, so that no two streams of a
 * seed are the same.
 */
struct aqi_random
aqi_random_new(uint64_t seed, uint64_t stream)
{
	struct aqi_random random;
	uint64_t state = seed;

	state = splitmix(&state) ^ stream;
	state = splitmix(&state);
	for (int i = 0; i < 4; i++)
		random.state[i] = splitmix(&state);
	return random;
}

static uint64_t
rotate(uint64_t x, int n)
{
	return x << n | x >> (64 - n);
}

uint64_t
aqi_random_next(struct aqi_random *random)
{
	uint64_t *s = random->state;
	uint64_t result = rotate(s[1] * 5, 7) * 9;
	uint64_t shifted = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= shifted;
	s[3] = rotate(s[3], 45);
	return result;
}

/*
 * The 2^64 mod n smallest values are thrown away, so that as many stay for
 * each remainder. They are few: for n below 2^32, one draw in 2^32.
 */
uint64_t
aqi_random_below(struct aqi_random *random, uint64_t n)
{
	uint64_t least = -n % n;
	uint64_t x;

	do
		x = aqi_random_next(random);
	while (x < least);
	return x % n;
}

double
aqi_random_unit(struct aqi_random *random)
{
	return (double)(aqi_random_next(random) >> 11) * 0x1p-53;
}

/* Weighted ends do not overflow, as their difference could. */
double
aqi_random_uniform(struct aqi_random *random, double low, double high)
{
	double share = aqi_random_unit(random);
	double x = low * (1 - share) + high * share;

	return fmin(fmax(x, low), high);
}

/*
 * The polar method (G. Marsaglia and T. Bray, A Convenient Method for
 * Generating Normal Variables, SIAM Review 6, 1964). Of the two numbers that it
 * gives, the second is not kept: the state stays four words, and how often the
 * generator was asked tells where it is.
 */
double
aqi_random_normal(struct aqi_random *random)
{
	double x, y, square;

	do {
		x = 2 * aqi_random_unit(random) - 1;
		y = 2 * aqi_random_unit(random) - 1;
		square = x * x + y * y;
	} while (square >= 1 || square == 0);
	return x * sqrt(-2 * log(square) / square);
}
