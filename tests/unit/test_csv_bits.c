/* What stands where in 64 bytes, against a loop over them. */
#include <stdlib.h>

#include "base/random.h"
#include "record/csv_bits.h"
#include "tap.h"

static uint64_t
equal(const char *p, int n, char byte)
{
	uint64_t bits = 0;

	for (int i = 0; i < n; i++)
		bits |= (uint64_t)(p[i] == byte) << i;
	return bits;
}

static uint64_t
special(const char *p)
{
	uint64_t bits = 0;

	for (int i = 0; i < 64; i++)
		bits |= (uint64_t)((unsigned char)p[i] < ' ' ||
				   (unsigned char)p[i] > 0x7f) << i;
	return bits;
}

static uint64_t
high(const char *p)
{
	uint64_t bits = 0;

	for (int i = 0; i < 64; i++)
		bits |= (uint64_t)((unsigned char)p[i] > 0x7f) << i;
	return bits;
}

/* What is found of lanes joined, and with the bytes themselves. */
static uint64_t
joined(const char *p, char byte)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < 64; i += sizeof(aqi_csv_lanes)) {
		const aqi_csv_lanes x = aqi_csv_lanes_load(p + i);

		bits |= aqi_csv_lanes_flags(aqi_csv_lanes_equal(x, byte) |
					    aqi_csv_lanes_equal(x, '\0') | x)
			<< i;
	}
	return bits;
}

static uint64_t
within(uint64_t quotes)
{
	uint64_t bits = 0, is_within = 0;

	for (int i = 0; i < 64; i++) {
		is_within ^= quotes >> i & 1;
		bits |= is_within << i;
	}
	return bits;
}

int
main(void)
{
	const char *given = getenv("AQI_SEED");
	uint64_t seed = given ? strtoull(given, NULL, 10) : 64;
	struct aqi_random random = aqi_random_new(seed, 1);
	size_t n_equal = 0, n_special = 0, n_joined = 0, n_within = 0;
	char text[64];

	note("AQI_SEED=%llu", (unsigned long long)seed);
	for (int round = 0; round < 20000; round++) {
		const size_t most = round % 2 ? 256 : 3;
		const size_t from = aqi_random_below(&random, 256);
		const char byte = (char)((from + 1) & 0x7f);

		for (int i = 0; i < 64; i++)
			text[i] = (char)(unsigned char)(
				from + aqi_random_below(&random, most));
		n_equal += aqi_csv_bits_equal(text, byte) !=
				   equal(text, 64, byte) ||
			   aqi_csv_bits_equal_32(text, byte) !=
				   equal(text, 32, byte);
		n_special += aqi_csv_bits_special(text) != special(text);
		n_joined += joined(text, byte) !=
			    (equal(text, 64, byte) | equal(text, 64, '\0') |
			     high(text));
		n_within += aqi_csv_bits_within(equal(text, 64, byte)) !=
			    within(equal(text, 64, byte));
	}
	ok(n_equal == 0, "each byte that is the one wanted is found");
	ok(n_special == 0, "so are controls and bytes above 0x7f");
	ok(n_joined == 0, "several may be looked for at once");
	ok(n_within == 0, "and what stands behind an odd number of quotes");
	return done();
}
