/*
 * sha256_blocks.h: what SHA-256 makes of whole blocks. Private: for sha256.c
 * and its test.
 */
#ifndef AQI_BASE_SHA256_BLOCKS_H
#define AQI_BASE_SHA256_BLOCKS_H

#include <stddef.h>
#include <stdint.h>

#define AQI_SHA256_BLOCK 64

/* The constants of the rounds. */
extern const uint32_t aqi_sha256_rounds[64];

/*
 * Take n blocks into the state.
 *
 * state   (8,) in and out
 * blocks  (n, AQI_SHA256_BLOCK)
 */
typedef void aqi_sha256_blocks_fn(uint32_t *state, const unsigned char *blocks,
				  size_t n);

aqi_sha256_blocks_fn aqi_sha256_blocks_portable;

#ifdef __x86_64__
/* With SHA-NI: Intel since 2019, AMD since 2017 (aqi_processor_has_sha). */
aqi_sha256_blocks_fn aqi_sha256_blocks_shani;
#endif

#endif
