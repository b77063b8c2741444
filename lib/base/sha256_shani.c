/*
 * The steps of SHA-256 that x86 processors have.
 *
 * sha256rnds2 does two rounds. It has the eight words of the state in two
 * registers, those that are called a, b, e, f in one and c, d, g, h in the
 * other, which change their parts each time; sha256msg1 and sha256msg2 are the
 * two halves of making the next four words of the message. Each four rounds
 * wait for those before, and the words are made meanwhile.
 *
 * Source: Intel, Intel SHA Extensions, 2013.
 */
#include "base/sha256_blocks.h"

#ifdef __x86_64__

#include <immintrin.h>

/* Four words of the message, whose bytes stand the other way round. */
static inline __m128i
load(const unsigned char *block, int i)
{
	const __m128i order = _mm_set_epi64x(0x0c0d0e0f08090a0b,
					     0x0405060700010203);

	return _mm_shuffle_epi8(
		_mm_loadu_si128((const __m128i *)(const void *)block + i),
		order);
}

/* The four words behind 16 others. */
static inline __m128i
next_words(const __m128i *w, int i)
{
	const __m128i last = w[(i + 3) % 4];
	const __m128i first = _mm_sha256msg1_epu32(w[i % 4], w[(i + 1) % 4]);
	const __m128i middle = _mm_alignr_epi8(last, w[(i + 2) % 4], 4);

	return _mm_sha256msg2_epu32(_mm_add_epi32(first, middle), last);
}

void
aqi_sha256_blocks_shani(uint32_t *state, const unsigned char *blocks, size_t n)
{
	const __m128i *rounds =
		(const __m128i *)(const void *)aqi_sha256_rounds;
	__m128i *words = (__m128i *)(void *)state;
	const __m128i dcba = _mm_shuffle_epi32(_mm_loadu_si128(words), 0xb1);
	const __m128i hgfe = _mm_shuffle_epi32(_mm_loadu_si128(words + 1),
					       0x1b);
	__m128i abef = _mm_alignr_epi8(dcba, hgfe, 8);
	__m128i cdgh = _mm_blend_epi16(hgfe, dcba, 0xf0);
	__m128i w[4];

	for (; n > 0; n--, blocks += AQI_SHA256_BLOCK) {
		const __m128i abef_before = abef, cdgh_before = cdgh;

#pragma GCC unroll 16
		for (int i = 0; i < 16; i++) {
			__m128i four;

			w[i % 4] = i < 4 ? load(blocks, i) : next_words(w, i);
			four = _mm_add_epi32(w[i % 4],
					     _mm_loadu_si128(rounds + i));
			cdgh = _mm_sha256rnds2_epu32(cdgh, abef, four);
			four = _mm_shuffle_epi32(four, 0x0e);
			abef = _mm_sha256rnds2_epu32(abef, cdgh, four);
		}
		abef = _mm_add_epi32(abef, abef_before);
		cdgh = _mm_add_epi32(cdgh, cdgh_before);
	}
	abef = _mm_shuffle_epi32(abef, 0x1b);
	cdgh = _mm_shuffle_epi32(cdgh, 0xb1);
	_mm_storeu_si128(words, _mm_blend_epi16(abef, cdgh, 0xf0));
	_mm_storeu_si128(words + 1, _mm_alignr_epi8(cdgh, abef, 8));
}

#endif
