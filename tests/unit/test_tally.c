#include "net/tally.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "tap.h"

static struct in6_addr
address_of(const char *text)
{
	struct in6_addr address;

	if (inet_pton(AF_INET6, text, &address) != 1)
		exit(1);
	return address;
}

static void
test_limit(void)
{
	struct aqi_tally *tally = aqi_tally_new(2, 8);
	struct in6_addr a = address_of("::ffff:192.0.2.1"),
			b = address_of("::ffff:192.0.2.2"),
			c = address_of("2001:db8::1"),
			d = address_of("2001:db8::ffff:1"),
			e = address_of("2001:db8:0:1::1");

	ok(aqi_tally_add(tally, &a) && aqi_tally_add(tally, &a) &&
	   !aqi_tally_add(tally, &a), "an address has up to its limit");
	ok(aqi_tally_add(tally, &b), "another has its own");
	aqi_tally_drop(tally, &a);
	ok(aqi_tally_add(tally, &a) && !aqi_tally_add(tally, &a),
	   "one that goes makes room for one");
	ok(aqi_tally_add(tally, &c) && aqi_tally_add(tally, &d) &&
	   !aqi_tally_add(tally, &c) && !aqi_tally_add(tally, &d),
	   "of IPv6 the first 64 bits are an address");
	ok(aqi_tally_add(tally, &e), "the next 64 bits are another");
	aqi_tally_free(tally);
	aqi_tally_free(NULL);
}

/* Against counts in an array, as connections come and go. */
#define ADDRESSES 300
#define MOST 5

static void
test_random(uint64_t seed)
{
	struct aqi_tally *tally = aqi_tally_new(MOST, ADDRESSES / 2);
	struct aqi_random random = aqi_random_new(seed, 0);
	struct in6_addr address = address_of("::ffff:192.0.2.0");
	unsigned counts[ADDRESSES] = {0}, n_addresses = 0;
	bool well = true, wanted;
	uint64_t i;

	for (size_t step = 0; step < 200000 && well; step++) {
		i = aqi_random_below(&random, ADDRESSES);
		address.s6_addr[14] = (uint8_t)(i >> 8);
		address.s6_addr[15] = (uint8_t)i;
		if (aqi_random_below(&random, 2) && counts[i] > 0) {
			aqi_tally_drop(tally, &address);
			n_addresses -= --counts[i] == 0;
			continue;
		}
		wanted = counts[i] < MOST &&
			 (counts[i] > 0 || n_addresses < ADDRESSES / 2);
		well = aqi_tally_add(tally, &address) == wanted;
		n_addresses += wanted && counts[i] == 0;
		counts[i] += wanted;
	}
	ok(well, "200,000 connections are counted as by an array");
	aqi_tally_free(tally);
}

int
main(void)
{
	const char *given = getenv("AQI_SEED");
	uint64_t seed = given ? strtoull(given, NULL, 10) : 64;

	note("AQI_SEED=%llu", (unsigned long long)seed);
	test_limit();
	test_random(seed);
	return done();
}
