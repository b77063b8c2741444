#include "base/sha256.h"

#include <stdlib.h>

#include "tap.h"

/* Source: NIST, "Examples with Intermediate Values", SHA256.pdf, and the test
 * vectors of FIPS 180-2, appendix B: one block, two, and a million letters. */
static const struct {
	const char *text, *hash;
} golden[] = {
	{"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	{"abc",
	 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	 "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
};

static const char million[] =
	"cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";

/* Of so many letters a, where the padding just fits and just does not; made
 * with coreutils 9.1, `head -c N /dev/zero | tr '\0' a | sha256sum`. */
static const struct {
	size_t n;
	const char *hash;
} padded[] = {
	{55,
	 "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"},
	{56,
	 "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"},
	{63,
	 "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34"},
	{64,
	 "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"},
	{119,
	 "31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb"},
	{120,
	 "2f3d335432c70b580af0e8e1b3674a7c020d683aa5f73aaaedfdc55af904c21c"},
};

static bool
is_hash(struct aqi_slice bytes, const char *wanted)
{
	char hash[AQI_SHA256_SIZE] = "";

	if (aqi_sha256(bytes, hash) && strcmp(hash, wanted) == 0)
		return true;
	note("%s", hash);
	return false;
}

int
main(void)
{
	const size_t n = 1000000;
	char *letters, hash[AQI_SHA256_SIZE];

	if (!aqi_sha256(aqi_slice_of(""), hash)) {
		skip("hashes", "built without libcrypto");
		return done();
	}
	for (size_t i = 0; i < sizeof golden / sizeof golden[0]; i++)
		ok(is_hash(aqi_slice_of(golden[i].text), golden[i].hash),
		   "the hash of \"%s\"", golden[i].text);
	letters = malloc(n);
	memset(letters, 'a', n);
	ok(is_hash((struct aqi_slice){letters, n}, million),
	   "the hash of a million letters");
	for (size_t i = 0; i < sizeof padded / sizeof padded[0]; i++)
		ok(is_hash((struct aqi_slice){letters, padded[i].n},
			   padded[i].hash), "the hash of %zu letters",
		   padded[i].n);
	free(letters);
	return done();
}
