/* The peer of bench_parsers, as its own examples use it: fields in order. */
#include "parsers_peer.h"

#include <cstdio>
#include <cstdlib>

#include <simdjson.h>

extern const bool aqi_bench_has_simdjson = true;

namespace {

/* More would fall out of the cache. */
const size_t window = 1 << 20;

[[noreturn]] void
fail(simdjson::error_code error)
{
	std::fprintf(stderr, "bench_parsers: simdjson: %s\n",
		     simdjson::error_message(error));
	std::exit(1);
}

} // namespace

double
aqi_bench_simdjson(const char *text, size_t size, size_t room,
		   const char *const *names, size_t n)
{
	simdjson::ondemand::parser parser;
	simdjson::ondemand::document_stream records;
	double sum = 0, x;

	(void)room;
	if (auto error = parser.iterate_many(text, size, window).get(records))
		fail(error);
	for (auto record : records) {
		simdjson::ondemand::object object;

		if (auto error = record.get_object().get(object))
			fail(error);
		for (size_t i = 0; i < n; i++) {
			if (auto error = object.find_field(names[i]).get(x))
				fail(error);
			sum += static_cast<double>(static_cast<float>(x));
		}
	}
	return sum;
}
