/*
 * Each way to read many numbers beside strtod and strtof, bit by bit; that of
 * AVX-512 compiled for any processor, too. AQI_INPUTS values are made up.
 */
#include "record/numbers.h"

#include <stdlib.h>
#include <string.h>

#include "base/processor.h"
#include "base/random.h"
#include "tap.h"

#define AQI_NUMBERS_TWIN
#define aqi_numbers_avx512 read_twin
static aqi_numbers_fn read_twin;
#include "record/numbers_avx512.c"
#undef aqi_numbers_avx512

/* Values side by side in memory of their own, so that a sanitizer sees what is
 * read outside of it. */
#define MOST (AQI_NUMBERS_AT_ONCE * 3)
#define MOST_CHARACTERS 24

struct column {
	char *chunk;
	size_t size;
	struct aqi_extent extents[MOST];
	char texts[MOST][MOST_CHARACTERS + 1];
	size_t columns[8];
	struct aqi_numbers numbers;
	double x[MOST];
};

/* Which of the extents is that of value i? */
static size_t
place_of(const struct column *c, size_t i)
{
	const struct aqi_numbers *numbers = &c->numbers;

	return !numbers->columns ? i :
	       i / numbers->n_columns * numbers->step +
	       numbers->columns[i % numbers->n_columns];
}

static size_t
add_digits(struct aqi_random *random, char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		text[i] = (char)('0' + aqi_random_below(random, 10));
	return n;
}

/* What measurements are, and with luck longer than most. */
static size_t
make_measurement(struct aqi_random *random, char *text, char mark)
{
	const size_t most = aqi_random_below(random, 8) ? 4 : 9;
	size_t n = 0;

	if (aqi_random_below(random, 4) == 0)
		text[n++] = '-';
	n += add_digits(random, text + n, aqi_random_below(random, most + 1));
	if (aqi_random_below(random, 4) == 0)
		return n;
	text[n++] = mark;
	return n + add_digits(random, text + n,
			      aqi_random_below(random, most + 1));
}

/* Whole numbers and halves, that lie halfway between two floats. */
static size_t
make_tie(struct aqi_random *random, char *text, char mark)
{
	const uint64_t x = (UINT64_C(1) << 24) + 1 +
			   2 * aqi_random_below(random, 8000000);

	if (aqi_random_below(random, 2))
		return (size_t)snprintf(text, MOST_CHARACTERS + 1, "%u",
					(unsigned)x);
	return (size_t)snprintf(text, MOST_CHARACTERS + 1, "%u%c5",
				(unsigned)(x / 2), mark);
}

static size_t
make_odd(struct aqi_random *random, char *text)
{
	static const char kinds[] = "00112233445566778899..,,--+eE /:NA\t\"";
	const size_t n = aqi_random_below(random, 12);

	for (size_t i = 0; i < n; i++) {
		text[i] = kinds[aqi_random_below(random, sizeof kinds - 1)];
		if (aqi_random_below(random, 64) == 0)
			text[i] = (char)aqi_random_below(random, 256);
	}
	return n;
}

/* What nearly all are. */
static size_t
make_usual(struct aqi_random *random, char *text, char mark)
{
	size_t n = 0;

	if (aqi_random_below(random, 4) == 0)
		text[n++] = '-';
	n += add_digits(random, text + n, 1 + aqi_random_below(random, 4));
	if (aqi_random_below(random, 3) == 0)
		return n;
	text[n++] = mark;
	return n + add_digits(random, text + n, aqi_random_below(random, 3));
}

static size_t
make_text(struct aqi_random *random, char *text, char mark, bool is_usual)
{
	if (is_usual && aqi_random_below(random, 64))
		return make_usual(random, text, mark);
	switch (aqi_random_below(random, 8)) {
	case 0: return make_odd(random, text);
	case 1: return make_tie(random, text, mark);
	default: return make_measurement(random, text, mark);
	}
}

static void
make_column(struct aqi_random *random, struct column *c)
{
	size_t sizes[MOST], at = 0;

	const size_t n_columns = 1 + aqi_random_below(random, 8);
	const size_t step = n_columns + aqi_random_below(random, 3);
	const size_t most = AQI_NUMBERS_AT_ONCE / n_columns;

	const bool is_flat = aqi_random_below(random, 2);
	const bool is_usual = aqi_random_below(random, 2);

	for (size_t i = 0; i < n_columns; i++)
		c->columns[i] = aqi_random_below(random, step);
	c->numbers = (struct aqi_numbers){
		.extents = c->extents,
		.step = step, .columns = is_flat ? NULL : c->columns,
		.n_columns = n_columns,
		.n = n_columns * (1 + aqi_random_below(random, most)),
		.kind = aqi_random_below(random, 2) ? AQI_TEXT : AQI_NUMBER,
		.mark = aqi_random_below(random, 2) ? ',' : '.',
		.is_narrow = aqi_random_below(random, 2),
		.x = c->x, .stride = 1 + aqi_random_below(random, 3),
	};
	c->size = 0;
	for (size_t i = 0; i < MOST; i++) {
		sizes[i] = make_text(random, c->texts[i], c->numbers.mark,
				     is_usual);
		c->size += sizes[i];
	}
	c->chunk = malloc(c->size < 8 ? 8 : c->size);
	c->numbers.base = c->chunk;
	for (size_t i = 0; i < MOST; i++) {
		const bool is_other = aqi_random_below(random, 32) == 0;

		memcpy(c->chunk + at, c->texts[i], sizes[i]);
		c->texts[i][sizes[i]] = '\0';
		c->extents[i] = aqi_extent_of((uint32_t)at, (uint32_t)sizes[i],
			is_other ? (enum aqi_kind)aqi_random_below(random, 8) :
				   c->numbers.kind);
		at += sizes[i];
	}
}

/* Is it one of those that are to be read here? */
static bool
is_plain(const char *text, size_t size, char mark)
{
	size_t n_digits = 0, n_marks = 0;

	if (size > 0 && *text == '-')
		text++, size--;
	for (size_t i = 0; i < size; i++) {
		n_digits += text[i] >= '0' && text[i] <= '9';
		n_marks += text[i] == mark;
	}
	return size <= 15 && n_digits > 0 && n_marks <= 1 &&
	       n_digits + n_marks == size;
}

static bool
lies_halfway(double x)
{
	uint64_t bits;

	memcpy(&bits, &x, sizeof bits);
	return (bits & 0x1fffffff) == 0x10000000;
}

/* Is value i what the C library makes of it? */
static bool
is_right(const struct column *c, size_t i, bool is_left)
{
	const struct aqi_numbers *numbers = &c->numbers;
	const struct aqi_extent extent = c->extents[place_of(c, i)];
	const char *text = c->texts[place_of(c, i)];
	const double got = c->x[i * numbers->stride];
	char point[MOST_CHARACTERS + 1], *mark;
	double wanted;

	if ((extent.size_kind & 7) != numbers->kind ||
	    !is_plain(text, extent.size_kind >> AQI_EXTENT_BITS,
		      numbers->mark))
		return is_left;
	memcpy(point, text, sizeof point);
	mark = strchr(point, numbers->mark);
	if (mark)
		*mark = '.';
	wanted = strtod(point, NULL);
	if (numbers->is_narrow && lies_halfway(wanted))
		return is_left;
	if (numbers->is_narrow)
		wanted = (double)strtof(point, NULL);
	return !is_left && memcmp(&got, &wanted, sizeof got) == 0;
}

static size_t
count_wrong(struct column *c, aqi_numbers_fn *read)
{
	size_t n_wrong = 0;
	uint64_t left;

	for (size_t i = 0; i < MOST; i++)
		c->x[i] = 12345;
	left = read(&c->numbers);
	for (size_t i = 0; i < c->numbers.n; i++) {
		if (is_right(c, i, left >> i & 1))
			continue;
		note("\"%s\"", c->texts[place_of(c, i)]);
		n_wrong++;
	}
	/* Nothing is written between the values, nor behind them. */
	for (size_t i = 0; i < MOST; i++)
		n_wrong += c->x[i] != 12345 &&
			   (i % c->numbers.stride != 0 ||
			    i / c->numbers.stride >= c->numbers.n);
	return n_wrong;
}

static void
test_random(aqi_numbers_fn *read, const char *name, uint64_t seed, uint64_t n)
{
	struct aqi_random random = aqi_random_new(seed, 1);
	static struct column c;
	size_t n_wrong = 0;

	for (uint64_t done = 0; done < n && n_wrong < 10;
	     done += c.numbers.n) {
		make_column(&random, &c);
		n_wrong += count_wrong(&c, read);
		free(c.chunk);
	}
	ok(n_wrong == 0, "%s: %llu numbers have the bits of strtod and strtof, "
	   "and what is none is left", name, (unsigned long long)n);
}

int
main(void)
{
	static const struct {
		enum aqi_level level;
		const char *name;
		aqi_numbers_fn *read;
	} ways[] = {
		{AQI_PORTABLE, "portable", aqi_numbers_portable},
		{AQI_PORTABLE, "avx512 in plain C", read_twin},
		{AQI_AVX2, "avx2", aqi_numbers_avx2},
		{AQI_AVX512, "avx512", aqi_numbers_avx512},
	};
	const char *given = getenv("AQI_SEED"), *wanted = getenv("AQI_INPUTS");
	const uint64_t seed = given ? strtoull(given, NULL, 10) : 754;
	const uint64_t n = wanted ? strtoull(wanted, NULL, 10) : 300000;

	note("AQI_SEED=%llu", (unsigned long long)seed);
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
		if (aqi_processor_level() >= ways[i].level)
			test_random(ways[i].read, ways[i].name, seed, n);
		else
			skip(ways[i].name, "the processor has no such vectors");
	return done();
}
