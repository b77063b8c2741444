#include "base/sha256.h"

#include <stdlib.h>

#include "base/processor.h"
#include "base/random.h"
#include "base/sha256_blocks.h"
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
	char hash[AQI_SHA256_SIZE];

	aqi_sha256(bytes, hash);
	if (strcmp(hash, wanted) == 0)
		return true;
	note("%s", hash);
	return false;
}

static void
test_goldens(void)
{
	const size_t n = 1000000;
	char *letters = malloc(n);

	for (size_t i = 0; i < sizeof golden / sizeof golden[0]; i++)
		ok(is_hash(aqi_slice_of(golden[i].text), golden[i].hash),
		   "the hash of \"%s\"", golden[i].text);
	memset(letters, 'a', n);
	ok(is_hash((struct aqi_slice){letters, n}, million),
	   "the hash of a million letters");
	for (size_t i = 0; i < sizeof padded / sizeof padded[0]; i++)
		ok(is_hash((struct aqi_slice){letters, padded[i].n},
			   padded[i].hash), "the hash of %zu letters",
		   padded[i].n);
	free(letters);
}

/* The state that the blocks of a golden text leave, by the portable form: what
 * is chosen on this processor may be the other. */
static void
test_portable(void)
{
	static const uint32_t wanted[8] = {
		0xba7816bf, 0x8f01cfea, 0x414140de, 0x5dae2223,
		0xb00361a3, 0x96177a9c, 0xb410ff61, 0xf20015ad,
	};
	uint32_t state[8] = {
		0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
		0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
	};
	unsigned char block[AQI_SHA256_BLOCK] = "abc\x80";

	block[63] = 24;
	aqi_sha256_blocks_portable(state, block, 1);
	ok(memcmp(state, wanted, sizeof state) == 0,
	   "\"abc\" in plain C");
}

#ifdef __x86_64__

static void
test_shani(void)
{
	struct aqi_random random = aqi_random_new(7, 0);
	uint32_t wanted[8], got[8];
	unsigned char blocks[9 * AQI_SHA256_BLOCK + 1];
	size_t n_other = 0;

	if (!aqi_processor_has_sha()) {
		skip("the processor's steps", "it has none");
		return;
	}
	for (size_t i = 0; i < 3000; i++) {
		const size_t n = i % 10;

		for (size_t k = 0; k < 8; k++)
			wanted[k] = got[k] = (uint32_t)aqi_random_next(&random);
		for (size_t k = 0; k < sizeof blocks; k++)
			blocks[k] = (unsigned char)aqi_random_next(&random);
		/* At odd places too. */
		aqi_sha256_blocks_portable(wanted, blocks + i % 2, n);
		aqi_sha256_blocks_shani(got, blocks + i % 2, n);
		n_other += memcmp(wanted, got, sizeof got) != 0;
	}
	ok(n_other == 0, "the processor's steps give what plain C does");
}

#endif

int
main(void)
{
	test_goldens();
	test_portable();
#ifdef __x86_64__
	test_shani();
#endif
	return done();
}
