/*
 * csv_bits.h: what stands where in 64 bytes, a bit each, the first the lowest.
 *
 * Any x86-64 has the vectors for it, so that nobody has to ask for better ones
 * once a record; where there are none, words of eight bytes do the same, and
 * where AQI_CSV_BITS_PORTABLE is defined, for tests. Lanes of which all work is
 * of this kind have kernels (csv_plain.h).
 */
#ifndef AQI_RECORD_CSV_BITS_H
#define AQI_RECORD_CSV_BITS_H

#include <stdint.h>

#include "base/word.h"

#if defined __SSE2__ && !defined AQI_CSV_BITS_PORTABLE

#include <emmintrin.h>

static inline __m128i
aqi_csv_bits_load(const char *p)
{
	return _mm_loadu_si128((const __m128i *)((const void *)p));
}

/* The bytes of p, (16,), that are this one. */
static inline uint64_t
aqi_csv_bits_equal_16(const char *p, char byte)
{
	return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(
			aqi_csv_bits_load(p), _mm_set1_epi8(byte)));
}

/* Those that are controls or above 0x7f, which come first with their sign. */
static inline uint64_t
aqi_csv_bits_special_16(const char *p)
{
	return (unsigned)_mm_movemask_epi8(_mm_cmplt_epi8(
			aqi_csv_bits_load(p), _mm_set1_epi8(' ')));
}

#else

/* Eight bytes, without a carry from one into the next. */
static inline uint64_t
aqi_csv_bits_equal_8(const char *p, char byte)
{
	const uint64_t low = AQI_EACH(0x7f);
	const uint64_t other = aqi_word_load(p) ^
			       AQI_EACH((uint64_t)(unsigned char)byte);

	return aqi_word_gather(~(((other & low) + low) | other));
}

static inline uint64_t
aqi_csv_bits_special_8(const char *p)
{
	const uint64_t word = aqi_word_load(p);
	const uint64_t from_blank = (word & AQI_EACH(0x7f)) +
				    AQI_EACH(0x80 - ' ');

	return aqi_word_gather(~from_blank | word);
}

/* The bytes of p, (16,), that are this one. */
static inline uint64_t
aqi_csv_bits_equal_16(const char *p, char byte)
{
	return aqi_csv_bits_equal_8(p, byte) |
	       aqi_csv_bits_equal_8(p + 8, byte) << 8;
}

/* Those that are controls or above 0x7f. */
static inline uint64_t
aqi_csv_bits_special_16(const char *p)
{
	return aqi_csv_bits_special_8(p) | aqi_csv_bits_special_8(p + 8) << 8;
}

#endif

/* Written out: the compiler leaves loops with shifts by a count. */
static inline uint64_t
aqi_csv_bits_equal_32(const char *p, char byte)
{
	return aqi_csv_bits_equal_16(p, byte) |
	       aqi_csv_bits_equal_16(p + 16, byte) << 16;
}

static inline uint64_t
aqi_csv_bits_equal(const char *p, char byte)
{
	return aqi_csv_bits_equal_32(p, byte) |
	       aqi_csv_bits_equal_32(p + 32, byte) << 32;
}

static inline uint64_t
aqi_csv_bits_special(const char *p)
{
	return aqi_csv_bits_special_16(p) |
	       aqi_csv_bits_special_16(p + 16) << 16 |
	       aqi_csv_bits_special_16(p + 32) << 32 |
	       aqi_csv_bits_special_16(p + 48) << 48;
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
