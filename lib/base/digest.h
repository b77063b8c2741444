/* digest.h: SHA-256, where libcrypto is built in. */
#ifndef AQI_BASE_DIGEST_H
#define AQI_BASE_DIGEST_H

#include "base/error.h"
#include "base/slice.h"

#define AQI_DIGEST_SIZE (64 + 1)

/* The version of libcrypto; NULL: built without. */
const char *aqi_digest_libcrypto(void);

/*
 * 64 hexadecimal digits, in small letters. AQI_END: built without libcrypto;
 * fails without memory only.
 */
enum aqi_status aqi_digest_sha256(struct aqi_slice bytes,
				  char out[AQI_DIGEST_SIZE],
				  struct aqi_error *err) AQI_MUST_CHECK;

#endif
