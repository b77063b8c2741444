/*
 * sha256.h: SHA-256, of FIPS 180-4.
 *
 * Of our own, since all programs that load a model have a use of it: libcrypto
 * takes longer to be loaded than they take to start. It has the steps of the
 * processor where there are some, and is as fast as libcrypto then, 0.6 ns a
 * byte; else 5.5.
 */
#ifndef AQI_BASE_SHA256_H
#define AQI_BASE_SHA256_H

#include "base/slice.h"

#define AQI_SHA256_SIZE (64 + 1)

/* 64 hexadecimal digits, in small letters, and a NUL. */
void aqi_sha256(struct aqi_slice bytes, char out[AQI_SHA256_SIZE]);

#endif
