#include "base/sha256.h"

#include <stdint.h>

#include "base/processor.h"
#include "base/sha256_blocks.h"

/* Of the first 64 primes, the first 32 bits behind the point of their cube
 * roots; the state begins with those of the square roots of the first eight. */
const uint32_t aqi_sha256_rounds[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
	0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
	0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
	0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
	0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
	0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
	0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
	0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static const uint32_t first_state[8] = {
	0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
	0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

static inline uint32_t
turn(uint32_t x, int n)
{
	return x >> n | x << (32 - n);
}

static inline uint32_t
get(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

/* The word that comes behind 16 others, which takes the place of the first. */
static inline uint32_t
next_word(uint32_t *w, int i)
{
	const uint32_t a = w[(i + 1) % 16], b = w[(i + 14) % 16];

	w[i % 16] += (turn(a, 7) ^ turn(a, 18) ^ a >> 3) + w[(i + 9) % 16] +
		     (turn(b, 17) ^ turn(b, 19) ^ b >> 10);
	return w[i % 16];
}

/* The eight words keep their places; which is called a, goes round. */
static inline void
do_round(uint32_t *s, int i, uint32_t word)
{
	const uint32_t a = s[-i & 7], b = s[(1 - i) & 7], c = s[(2 - i) & 7];
	const uint32_t e = s[(4 - i) & 7], f = s[(5 - i) & 7];
	const uint32_t g = s[(6 - i) & 7];
	const uint32_t add = s[(7 - i) & 7] + aqi_sha256_rounds[i] + word +
			     (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) +
			     (g ^ (e & (f ^ g)));

	s[(3 - i) & 7] += add;
	s[(7 - i) & 7] = add + (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) +
			 ((a & b) | (c & (a | b)));
}

/* Rolled out, so that the places of words are no more than names. */
void
aqi_sha256_blocks_portable(uint32_t *state, const unsigned char *blocks,
			   size_t n)
{
	uint32_t s[8], w[16];

	for (; n > 0; n--, blocks += AQI_SHA256_BLOCK) {
		memcpy(s, state, sizeof s);
#pragma GCC unroll 16
		for (int i = 0; i < 16; i++) {
			w[i] = get(blocks + 4 * (size_t)i);
			do_round(s, i, w[i]);
		}
#pragma GCC unroll 48
		for (int i = 16; i < 64; i++)
			do_round(s, i, next_word(w, i));
		for (int i = 0; i < 8; i++)
			state[i] += s[i];
	}
}

static aqi_sha256_blocks_fn *
choose(void)
{
#ifdef __x86_64__
	if (aqi_processor_has_sha())
		return aqi_sha256_blocks_shani;
#endif
	return aqi_sha256_blocks_portable;
}

/* Behind the last whole block: a bit that is 1, zeros, and how many bits there
 * were, which is one block more, or two. */
static void
finish(aqi_sha256_blocks_fn *take, uint32_t *state, struct aqi_slice bytes)
{
	const size_t n = bytes.size % AQI_SHA256_BLOCK;
	const size_t n_blocks = n < AQI_SHA256_BLOCK - 8 ? 1 : 2;
	unsigned char last[2 * AQI_SHA256_BLOCK] = {0};
	uint64_t n_bits = (uint64_t)bytes.size * 8;

	if (n > 0)
		memcpy(last, bytes.data + bytes.size - n, n);
	last[n] = 0x80;
	for (size_t i = n_blocks * AQI_SHA256_BLOCK; n_bits > 0; n_bits >>= 8)
		last[--i] = (unsigned char)n_bits;
	take(state, last, n_blocks);
}

void
aqi_sha256(struct aqi_slice bytes, char out[AQI_SHA256_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	aqi_sha256_blocks_fn *take = choose();
	uint32_t state[8];

	memcpy(state, first_state, sizeof state);
	take(state, (const unsigned char *)bytes.data,
	     bytes.size / AQI_SHA256_BLOCK);
	finish(take, state, bytes);
	for (size_t i = 0; i < 64; i++)
		out[i] = digits[state[i / 8] >> (28 - i % 8 * 4) & 15];
	out[64] = '\0';
}
