#include "base/digest.h"

#include <stdio.h>

#ifdef HAVE_CRYPTO
#include <openssl/crypto.h>
#include <openssl/evp.h>

const char *
aqi_digest_libcrypto(void)
{
	return OpenSSL_version(OPENSSL_VERSION_STRING);
}

enum aqi_status
aqi_digest_sha256(struct aqi_slice bytes, char out[AQI_DIGEST_SIZE],
		  struct aqi_error *err)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	if (!EVP_Digest(bytes.data, bytes.size, hash, &n, EVP_sha256(), NULL))
		return aqi_error_memory(err);
	for (unsigned i = 0; i < n && i < AQI_DIGEST_SIZE / 2; i++)
		snprintf(out + 2 * i, 3, "%02x", hash[i]);
	return AQI_OK;
}

#else

const char *
aqi_digest_libcrypto(void)
{
	return NULL;
}

enum aqi_status
aqi_digest_sha256(struct aqi_slice bytes, char out[AQI_DIGEST_SIZE],
		  struct aqi_error *err)
{
	(void)bytes;
	(void)err;
	out[0] = '\0';
	return AQI_END;
}

#endif
