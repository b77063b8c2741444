/*
 * Time for the head of one request, beside http-parser (libhttp-parser-dev)
 * where that is installed. Both get the whole head and keep its fields. Prints
 * figures; nothing passes or fails.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "net/http.h"

#if __has_include(<http_parser.h>)
#include <http_parser.h>
#define HAS_PEER 1
#endif

static const char request[] =
	"POST /predict HTTP/1.1\r\n"
	"Host: aqi.example.org:8000\r\n"
	"User-Agent: python-requests/2.31.0\r\n"
	"Accept-Encoding: gzip, deflate\r\n"
	"Accept: */*\r\n"
	"Connection: keep-alive\r\n"
	"Content-Type: application/json\r\n"
	"X-API-Key: 0123456789abcdef0123456789abcdef\r\n"
	"Content-Length: 190\r\n"
	"\r\n";

enum {RUNS = 200000, ROUNDS = 9};

static double
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static size_t
ours(const char *bytes, size_t size)
{
	struct aqi_http_limits limits = AQI_HTTP_LIMITS;
	struct aqi_http_progress progress = {0};
	struct aqi_http_fault fault;
	struct aqi_http_head head;

	return aqi_http_read_request((struct aqi_slice){bytes, size},
				     &progress, &limits, &head, &fault) ==
	       AQI_OK ? head.n_fields : 0;
}

#ifdef HAS_PEER
struct kept {
	struct aqi_slice target;
	struct aqi_http_field fields[AQI_HTTP_FIELDS];
	size_t n_fields;
};

static int
keep_target(http_parser *parser, const char *at, size_t size)
{
	struct kept *kept = parser->data;

	kept->target = (struct aqi_slice){at, size};
	return 0;
}

static int
keep_name(http_parser *parser, const char *at, size_t size)
{
	struct kept *kept = parser->data;

	kept->fields[kept->n_fields].name = (struct aqi_slice){at, size};
	return 0;
}

static int
keep_value(http_parser *parser, const char *at, size_t size)
{
	struct kept *kept = parser->data;

	kept->fields[kept->n_fields++].value = (struct aqi_slice){at, size};
	return 0;
}

static size_t
peer(const char *bytes, size_t size)
{
	static const http_parser_settings settings = {.on_url = keep_target,
		.on_header_field = keep_name, .on_header_value = keep_value};
	http_parser parser;
	struct kept kept;

	kept.n_fields = 0;
	parser.data = &kept;
	http_parser_init(&parser, HTTP_REQUEST);
	return http_parser_execute(&parser, &settings, bytes, size) == size ?
	       kept.n_fields : 0;
}
#endif

/* The best of some rounds: what the machine does besides only adds. */
static double
best_ns(size_t (*read)(const char *, size_t), size_t *n_fields)
{
	double best = 1e99;

	for (int round = 0; round < ROUNDS; round++) {
		double start = now_ns(), took;

		*n_fields = 0;
		for (int i = 0; i < RUNS; i++)
			*n_fields += read(request, sizeof request - 1);
		took = (now_ns() - start) / RUNS;
		best = took < best ? took : best;
	}
	return best;
}

int
main(void)
{
	size_t n_fields;
	double mine = best_ns(ours, &n_fields), theirs = 0;

	printf("head of a request        %8.0f ns, %zu bytes, %zu fields", mine,
	       sizeof request - 1, n_fields / RUNS);
#ifdef HAS_PEER
	theirs = best_ns(peer, &n_fields);
	printf("   http-parser %.0f ns   %.2f x its speed\n", theirs,
	       theirs / mine);
#else
	(void)theirs;
	puts("   (no http-parser to compare with)");
#endif
	return 0;
}
