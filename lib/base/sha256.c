#include "base/sha256.h"

#ifdef HAVE_CRYPTO

/* The calls of OpenSSL before 3.0: the newer ones read a configuration and
 * allocate, and lose what they have when they cannot. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

bool
aqi_sha256(struct aqi_slice bytes, char out[AQI_SHA256_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char hash[SHA256_DIGEST_LENGTH];
	SHA256_CTX state;

	SHA256_Init(&state);
	SHA256_Update(&state, bytes.data, bytes.size);
	SHA256_Final(hash, &state);
	for (size_t i = 0; i < sizeof hash; i++) {
		*out++ = digits[hash[i] >> 4];
		*out++ = digits[hash[i] & 15];
	}
	*out = '\0';
	return true;
}

#else

bool
aqi_sha256(struct aqi_slice bytes, char out[AQI_SHA256_SIZE])
{
	(void)bytes;
	(void)out;
	return false;
}

#endif
