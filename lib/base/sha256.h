/*
 * sha256.h: SHA-256, by OpenSSL's libcrypto where that was there at build time.
 */
#ifndef AQI_BASE_SHA256_H
#define AQI_BASE_SHA256_H

#include <stdbool.h>

#include "base/slice.h"

#define AQI_SHA256_SIZE (64 + 1)

/*
 * 64 hexadecimal digits, in small letters, and a NUL. false: built without
 * libcrypto.
 */
bool aqi_sha256(struct aqi_slice bytes, char out[AQI_SHA256_SIZE]);

#endif
