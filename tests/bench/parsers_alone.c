/* In the place of parsers_simdjson.cc, where simdjson is not installed. */
#include "parsers_peer.h"

const bool aqi_bench_has_simdjson = false;

double
aqi_bench_simdjson(const char *text, size_t size, size_t room,
		   const char *const *names, size_t n)
{
	(void)text;
	(void)size;
	(void)room;
	(void)names;
	(void)n;
	return 0;
}
