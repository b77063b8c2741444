/*
 * random.h: pseudo-random numbers that a seed repeats.
 *
 * The generator is xoshiro256** 1.0 (D. Blackman and S. Vigna, Scrambled Linear
 * Pseudorandom Number Generators, ACM Transactions on Mathematical Software 47,
 * 2021, section 3 and figure 5), its state filled by SplitMix64 (G. Steele, D.
 * Lea and C. Flood, Fast Splittable Pseudorandom Number Generators, OOPSLA
 * 2014). Not for secrets.
 *
 * Integers, and numbers that are made of them by one rounding, are the same on
 * every machine. aqi_random_normal needs a logarithm, whose last bit differs
 * between mathematical libraries: who prints such numbers rounds them first.
 */
#ifndef AQI_BASE_RANDOM_H
#define AQI_BASE_RANDOM_H

#include <stdint.h>

/* One thread each. Not all of it is zero. */
struct aqi_random {
	uint64_t state[4];
};

/*
 * The start of one of 2^64 streams of a seed. Streams differ from each other
 * in all their bits, however alike the two numbers are.
 */
struct aqi_random aqi_random_new(uint64_t seed, uint64_t stream);

/* 64 random bits. */
uint64_t aqi_random_next(struct aqi_random *random);

/* A whole number below n, which is not 0; each is equally likely. */
uint64_t aqi_random_below(struct aqi_random *random, uint64_t n);

/* A multiple of 2^-53 in [0, 1). */
double aqi_random_unit(struct aqi_random *random);

/* A number in [low, high], both finite. */
double aqi_random_uniform(struct aqi_random *random, double low, double high);

/* A number of the normal distribution with mean 0 and variance 1. */
double aqi_random_normal(struct aqi_random *random);

#endif
