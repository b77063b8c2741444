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

#include <endian.h>
#include <stdint.h>
#include <string.h>

#if defined __SSE2__ && !defined AQI_CSV_BITS_PORTABLE

#include <emmintrin.h>

static inline __m128i
aqi_csv_bits_load(const char *p, int i)
{
	return _mm_loadu_si128((const __m128i *)((const void *)(p + 16 * i)));
}

/* Of the first n bytes, a multiple of 16 up to 64, those that are this one. */
static inline uint64_t
aqi_csv_bits_first(const char *p, int n, char byte)
{
	const __m128i wanted = _mm_set1_epi8(byte);
	uint64_t bits = 0;

	for (int i = 0; i < n / 16; i++)
		bits |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(
				aqi_csv_bits_load(p, i), wanted)) << 16 * i;
	return bits;
}

/* The bytes of p, (64,), that are controls or above 0x7f. */
static inline uint64_t
aqi_csv_bits_special(const char *p)
{
	const __m128i blank = _mm_set1_epi8(' ');
	uint64_t bits = 0;

	/* With their signs, those above 0x7f come before the controls. */
	for (int i = 0; i < 4; i++)
		bits |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmplt_epi8(
				aqi_csv_bits_load(p, i), blank)) << 16 * i;
	return bits;
}

#else

#define AQI_EACH_BYTE(byte) ((byte) * UINT64_C(0x0101010101010101))

static inline uint64_t
aqi_csv_bits_load(const char *p, int i)
{
	uint64_t word;

	memcpy(&word, p + 8 * i, sizeof word);
	return le64toh(word);
}

/* The bits 0x80 of eight bytes as a byte. */
static inline uint64_t
aqi_csv_bits_gather(uint64_t bits)
{
	return ((bits >> 7 & AQI_EACH_BYTE(1)) *
		UINT64_C(0x0102040810204080)) >> 56;
}

/* Of the first n bytes, a multiple of 16 up to 64, those that are this one:
 * without a carry into the next. */
static inline uint64_t
aqi_csv_bits_first(const char *p, int n, char byte)
{
	const uint64_t low = AQI_EACH_BYTE(0x7f);
	uint64_t bits = 0;

	for (int i = 0; i < n / 8; i++) {
		const uint64_t other = aqi_csv_bits_load(p, i) ^
			AQI_EACH_BYTE((uint64_t)(unsigned char)byte);

		bits |= aqi_csv_bits_gather(~(((other & low) + low) | other))
			<< 8 * i;
	}
	return bits;
}

/* The bytes of p, (64,), that are controls or above 0x7f. */
static inline uint64_t
aqi_csv_bits_special(const char *p)
{
	uint64_t bits = 0;

	for (int i = 0; i < 8; i++) {
		const uint64_t word = aqi_csv_bits_load(p, i);
		const uint64_t from_blank = (word & AQI_EACH_BYTE(0x7f)) +
					    AQI_EACH_BYTE(0x80 - ' ');

		bits |= aqi_csv_bits_gather(~from_blank | word) << 8 * i;
	}
	return bits;
}

#endif

/* The bytes of p, (64,), that are this one. */
static inline uint64_t
aqi_csv_bits_equal(const char *p, char byte)
{
	return aqi_csv_bits_first(p, 64, byte);
}

/* Each bit with all below it, modulo two: from the bits of quotes, those that
 * stand behind an odd number of them, the opening ones included. */
static inline uint64_t
aqi_csv_bits_within(uint64_t quotes)
{
	for (int i = 1; i < 64; i *= 2)
		quotes ^= quotes << i;
	return quotes;
}

#endif
