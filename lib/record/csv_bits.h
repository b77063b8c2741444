/*
 * csv_bits.h: what stands where in 64 bytes, a bit each, the first the lowest.
 *
 * Lanes are bytes that are looked at together, each with its flag, the highest
 * of its bits. Any x86-64 has vectors of 16 bytes, so that nobody has to ask
 * for better ones once a record; where there are none, words of eight bytes do
 * the same, and where AQI_CSV_BITS_PORTABLE is defined, for tests. What does
 * nothing else has kernels of its own (csv_plain.h).
 */
#ifndef AQI_RECORD_CSV_BITS_H
#define AQI_RECORD_CSV_BITS_H

#include <stddef.h>
#include <stdint.h>

#if defined __SSE2__ && !defined AQI_CSV_BITS_PORTABLE

#include <emmintrin.h>

typedef __m128i aqi_csv_lanes;

static inline aqi_csv_lanes
aqi_csv_lanes_load(const char *p)
{
	return _mm_loadu_si128((const __m128i *)((const void *)p));
}

/* Flags of the bytes that are this one, which is ASCII. */
static inline aqi_csv_lanes
aqi_csv_lanes_equal(aqi_csv_lanes lanes, char byte)
{
	return _mm_cmpeq_epi8(lanes, _mm_set1_epi8(byte));
}

/* Of controls and of what is above 0x7f, which come first with their sign. */
static inline aqi_csv_lanes
aqi_csv_lanes_special(aqi_csv_lanes lanes)
{
	return _mm_cmplt_epi8(lanes, _mm_set1_epi8(' '));
}

static inline uint64_t
aqi_csv_lanes_flags(aqi_csv_lanes lanes)
{
	return (unsigned)_mm_movemask_epi8(lanes);
}

#else

#include "base/word.h"

typedef uint64_t aqi_csv_lanes;

static inline aqi_csv_lanes
aqi_csv_lanes_load(const char *p)
{
	return aqi_word_load(p);
}

/* The highest bits by themselves, so that no byte carries into the next. */
static inline aqi_csv_lanes
aqi_csv_lanes_equal(aqi_csv_lanes lanes, char byte)
{
	const uint64_t low = AQI_EACH(0x7f);

	return ~((((lanes & low) ^ AQI_EACH((uint64_t)byte)) + low) | lanes);
}

static inline aqi_csv_lanes
aqi_csv_lanes_special(aqi_csv_lanes lanes)
{
	return ~((lanes & AQI_EACH(0x7f)) + AQI_EACH(0x80 - ' ')) | lanes;
}

static inline uint64_t
aqi_csv_lanes_flags(aqi_csv_lanes lanes)
{
	return aqi_word_gather(lanes);
}

#endif

/* The bytes of p, (n,), up to 64 in whole lanes, that are this one, which is
 * ASCII. Unrolled, since compilers leave loops with shifts by a count. */
static inline uint64_t
aqi_csv_bits_equal_n(const char *p, char byte, size_t n)
{
	uint64_t bits = 0;

#pragma GCC unroll 8
	for (size_t i = 0; i < n; i += sizeof(aqi_csv_lanes))
		bits |= aqi_csv_lanes_flags(aqi_csv_lanes_equal(
				aqi_csv_lanes_load(p + i), byte)) << i;
	return bits;
}

static inline uint64_t
aqi_csv_bits_equal(const char *p, char byte)
{
	return aqi_csv_bits_equal_n(p, byte, 64);
}

static inline uint64_t
aqi_csv_bits_equal_16(const char *p, char byte)
{
	return aqi_csv_bits_equal_n(p, byte, 16);
}

static inline uint64_t
aqi_csv_bits_equal_32(const char *p, char byte)
{
	return aqi_csv_bits_equal_n(p, byte, 32);
}

/* Those that are controls or above 0x7f. */
static inline uint64_t
aqi_csv_bits_special(const char *p)
{
	uint64_t bits = 0;

#pragma GCC unroll 8
	for (size_t i = 0; i < 64; i += sizeof(aqi_csv_lanes))
		bits |= aqi_csv_lanes_flags(aqi_csv_lanes_special(
				aqi_csv_lanes_load(p + i))) << i;
	return bits;
}

/* Each bit with all below it, modulo two: from the bits of quotes, those that
 * stand behind an odd number of them, the opening ones included. */
static inline uint64_t
aqi_csv_bits_within(uint64_t quotes)
{
	quotes ^= quotes << 1;
	quotes ^= quotes << 2;
	quotes ^= quotes << 4;
	quotes ^= quotes << 8;
	quotes ^= quotes << 16;
	return quotes ^ quotes << 32;
}

#endif
