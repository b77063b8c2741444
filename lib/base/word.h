/*
 * word.h: eight bytes in a word of 64 bits, worked on at once. Private.
 *
 * The first byte in memory is the lowest of the word, on any processor. What is
 * told of a byte is its flag, the highest of its bits, 0x80.
 */
#ifndef AQI_BASE_WORD_H
#define AQI_BASE_WORD_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A byte, eight times; it is of type uint64_t, or a constant up to 0xff. */
#define AQI_EACH(byte) ((byte) * UINT64_C(0x0101010101010101))

static inline uint64_t
aqi_word_load(const void *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof word);
	return le64toh(word);
}

static inline void
aqi_word_store(void *p, uint64_t word)
{
	word = htole64(word);
	memcpy(p, &word, sizeof word);
}

/* The flags of eight bytes as the bits of one, that of the first the lowest. */
static inline uint64_t
aqi_word_gather(uint64_t word)
{
	return ((word >> 7 & AQI_EACH(1)) * UINT64_C(0x0102040810204080)) >> 56;
}

/* How many bits are set. Where no instruction counts them, the compiler's own
 * way is a call. */
static inline size_t
aqi_word_popcount(uint64_t word)
{
#ifdef __POPCNT__
	return (size_t)__builtin_popcountll(word);
#else
	word -= word >> 1 & AQI_EACH(0x55);
	word = (word & AQI_EACH(0x33)) + (word >> 2 & AQI_EACH(0x33));
	word = (word + (word >> 4)) & AQI_EACH(0x0f);
	return (size_t)(AQI_EACH(word) >> 56);
#endif
}

#endif
