#include "base/digest.h"

#include "tap.h"

/* Source: FIPS 180-4 examples, NIST "SHA256.pdf": "abc" and the empty text. */
static const struct {
	const char *text, *hash;
} golden[] = {
	{"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	{"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
};

int
main(void)
{
	char hash[AQI_DIGEST_SIZE];
	struct aqi_error err;

	if (!aqi_digest_libcrypto()) {
		ok(aqi_digest_sha256(aqi_slice_of("abc"), hash, &err) ==
			   AQI_END && hash[0] == '\0',
		   "without libcrypto there is no digest");
		return done();
	}
	for (size_t i = 0; i < sizeof golden / sizeof golden[0]; i++)
		ok(aqi_digest_sha256(aqi_slice_of(golden[i].text), hash,
				     &err) == AQI_OK &&
			   strcmp(hash, golden[i].hash) == 0,
		   "the SHA-256 of \"%s\"", golden[i].text);
	return done();
}
