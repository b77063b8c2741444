/* The ends of many lines at once beside a loop over bytes. AQI_INPUTS texts are
 * made up. */
#include "record/lines.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/processor.h"
#include "base/random.h"
#include "tap.h"

/*
 * Byte by byte: how many, at most AQI_LINES_AT_ONCE of them or so many more as
 * stand in the 64 bytes of the last. In CSV, up to the first record in which a
 * bare field has a quote, or quotes an LF.
 */
static size_t
find_slowly(const char *data, size_t size, bool is_csv, uint32_t *ends)
{
	bool in_quotes = false;
	size_t n = 0;

	for (size_t i = 0; i < size; i++) {
		const char before = i == 0 ? '\n' : data[i - 1];

		if (is_csv && data[i] == '"') {
			if (!in_quotes && before != ',' && before != '\n' &&
			    before != '"')
				break;
			in_quotes = !in_quotes;
		} else if (data[i] == '\n') {
			if (in_quotes)
				break;
			ends[n++] = (uint32_t)i;
		}
	}
	return n;
}

/* Mostly fields in quotes or bare, now and then any bytes. */
static size_t
make_field(struct aqi_random *random, bool has_quotes, char *out)
{
	const bool is_quoted = has_quotes && aqi_random_below(random, 2);
	const size_t n = aqi_random_below(random, 70);
	size_t size = 0;

	if (is_quoted)
		out[size++] = '"';
	for (size_t i = 0; i < n; i++)
		out[size++] = (char)('a' + aqi_random_below(random, 26));
	if (has_quotes && aqi_random_below(random, 50) == 0)
		out[aqi_random_below(random, size + 1)] = "\"\n,"[
			aqi_random_below(random, 3)];
	if (is_quoted)
		out[size++] = '"';
	out[size++] = aqi_random_below(random, 3) ? ',' : '\n';
	return size;
}

/* A text in memory of its own: a sanitizer sees what is read behind it. */
static char *
make_text(struct aqi_random *random, size_t size)
{
	const bool is_wild = aqi_random_below(random, 4) == 0;
	const uint64_t rare = 1 + aqi_random_below(random, 100);
	const bool has_quotes = aqi_random_below(random, 2);
	char field[80], *text = malloc(size ? size : 1);
	size_t n;

	for (size_t i = 0; text && i < size; i += n) {
		n = 1;
		field[0] = (char)aqi_random_below(random, 256);
		if (field[0] == '"' && !has_quotes)
			field[0] = '!';
		if (aqi_random_below(random, rare) == 0)
			field[0] = '\n';
		if (!is_wild)
			n = make_field(random, has_quotes, field);
		memcpy(text + i, field, n < size - i ? n : size - i);
	}
	return text;
}

static bool
is_right(struct aqi_random *random, aqi_lines_fn *find, bool is_csv)
{
	static uint32_t wanted[2048], got[AQI_LINES_ROOM];
	const size_t size = aqi_random_below(random, 2048);
	char *text = make_text(random, size);
	const size_t n = find_slowly(text, size, is_csv, wanted);
	const size_t n_got = find(text, size, is_csv ? ',' : '\0', got);

	free(text);
	return (n_got == n || (n_got >= AQI_LINES_AT_ONCE && n_got < n)) &&
	       n_got <= AQI_LINES_ROOM &&
	       memcmp(got, wanted, n_got * sizeof *got) == 0;
}

/* Ends are told in 32 bits. */
static void
test_long(void)
{
	static const char sentence[] =
		"beyond 2 GB no line end is told of, nor looked for";
	static uint32_t ends[AQI_LINES_ROOM];
	const size_t half = (size_t)1 << 31, size = half + (1 << 20);
	char *text = sizeof size < 8 ? MAP_FAILED :
		     mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE |
			  MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (text == MAP_FAILED) {
		skip(sentence, "there is no room for as much");
		return;
	}
	text[half - 2] = text[half - 1] = text[half] = '\n';
	ok(aqi_lines_find(text, size, '\0', ends) == 2 &&
	   ends[0] == half - 2 && ends[1] == half - 1, "%s", sentence);
	munmap(text, size);
}

int
main(void)
{
	static const struct {
		aqi_lines_fn *find;
		bool is_csv;
		enum aqi_level level;
		const char *name;
	} ways[] = {
		{aqi_lines_find, false, AQI_PORTABLE,
		 "the LFs of a text are found, as far as there is room"},
		{aqi_lines_find_portable, true, AQI_PORTABLE,
		 "portable: with CSV, those of records with quotes around "
		 "fields, up to the first that is odd"},
		{aqi_lines_find_avx2, true, AQI_AVX2,
		 "avx2: the same"},
	};
	const char *given = getenv("AQI_SEED"), *inputs = getenv("AQI_INPUTS");
	const uint64_t seed = given ? strtoull(given, NULL, 10) : 754;
	const uint64_t n = inputs ? strtoull(inputs, NULL, 10) : 10000;

	note("AQI_SEED=%llu", (unsigned long long)seed);
	for (size_t k = 0; k < sizeof ways / sizeof *ways; k++) {
		struct aqi_random random = aqi_random_new(seed, 1);
		size_t n_wrong = 0;

		if (aqi_processor_level() < ways[k].level) {
			skip(ways[k].name, "the processor has no such vectors");
			continue;
		}
		for (uint64_t i = 0; i < n; i++)
			n_wrong += !is_right(&random, ways[k].find,
					     ways[k].is_csv);
		ok(n_wrong == 0, "%s", ways[k].name);
	}
	test_long();
	return done();
}
