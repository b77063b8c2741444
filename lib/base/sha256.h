/*
 * sha256.h: the checksum of files that a manifest names.
 *
 * Source: NIST, FIPS PUB 180-4, "Secure Hash Standard", 2015, sections 4.1.2,
 * 4.2.2, 5.1.1, 5.3.3 and 6.2. Not for secrets: nobody has looked at its
 * timing. The keys of a server are hashed elsewhere (net/auth.h).
 */
#ifndef AQI_BASE_SHA256_H
#define AQI_BASE_SHA256_H

#include "base/slice.h"

#define AQI_SHA256_SIZE (64 + 1)

/* 64 hexadecimal digits, in small letters, and a NUL. */
void aqi_sha256(struct aqi_slice bytes, char out[AQI_SHA256_SIZE]);

#endif
