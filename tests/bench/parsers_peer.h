/* parsers_peer.h: simdjson, from C; for bench_parsers alone. */
#ifndef AQI_BENCH_PARSERS_PEER_H
#define AQI_BENCH_PARSERS_PEER_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define AQI_BENCH_NAMES 32

/* Bytes behind a text that may be read, as simdjson wants. */
#define AQI_BENCH_PADDING 64

extern const bool aqi_bench_has_simdjson;

/*
 * The sum of the numbers of these names (n,), as floats, in all records of a
 * text (size,) in memory of `room` bytes. Ends the program where one is not
 * there.
 */
double aqi_bench_simdjson(const char *text, size_t size, size_t room,
			  const char *const *names, size_t n);

#ifdef __cplusplus
}
#endif

#endif
