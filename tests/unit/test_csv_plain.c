/*
 * The fast lane of CSV, in each way, beside libcsv: over whole chunks, field by
 * field; that of AVX-512 and VBMI compiled for any processor, too. AQI_INPUTS
 * fields are made up.
 */
#include "record/csv_plain.h"

#include <stdlib.h>
#include <string.h>

#include "base/processor.h"
#include "base/random.h"
#include "record/csv.h"
#include "tap.h"

#define AQI_CSV_PLAIN_TWIN
#define aqi_csv_cut_avx512_vbmi cut_twin
static aqi_csv_cut_fn cut_twin;
#include "record/csv_plain_avx512_vbmi.c"
#undef aqi_csv_cut_avx512_vbmi

static struct aqi_arena arena;

/* A chunk without line ends, which ends with its memory: a sanitizer sees what
 * is read too far. */
struct chunk {
	char *data;
	size_t size;
	size_t starts[65], sizes[65], n_records;
};

static size_t
random_field(struct aqi_random *random, char *text)
{
	static const char plain[] = "0123456789.-abcdefghij ;x";
	static const char odd[] = "\"\r\0\xc3\xa9\xff\"\"";
	const size_t n = aqi_random_below(random, 16) ?
		aqi_random_below(random, 8) : aqi_random_below(random, 90);

	for (size_t i = 0; i < n; i++) {
		text[i] = plain[aqi_random_below(random, sizeof plain - 1)];
		if (aqi_random_below(random, 400) == 0)
			text[i] = odd[aqi_random_below(random,
						       sizeof odd - 1)];
	}
	return n;
}

static void
make_chunk(struct aqi_random *random, struct chunk *c, char delimiter,
	   size_t n_fields)
{
	static char text[65 * 20 * 100];
	size_t size = 0;

	c->n_records = 1 + aqi_random_below(random, 64);
	for (size_t i = 0; i < c->n_records; i++) {
		const size_t n = n_fields + (aqi_random_below(random, 20) ? 0 :
				 aqi_random_below(random, 3) - 1);

		c->starts[i] = size;
		for (size_t k = 0; k < n; k++) {
			if (k)
				text[size++] = delimiter;
			size += random_field(random, text + size);
		}
		c->sizes[i] = size - c->starts[i];
	}
	c->size = size;
	c->data = malloc(size ? size : 1);
	memcpy(c->data, text, size);
}

static bool
is_as_libcsv(struct aqi_slice record, struct aqi_csv *csv,
	     const struct aqi_csv_plain *plain, const struct aqi_extent *got)
{
	const struct aqi_slice *fields;
	struct aqi_field field;
	size_t n;
	bool right = aqi_csv_parse(csv, record, &arena, &fields, &n, NULL) ==
			     AQI_OK && n == plain->n_fields;

	for (size_t i = 0; right && i < n; i++) {
		field = aqi_extent_field(got[i], plain->base);
		right = field.kind == AQI_TEXT &&
			aqi_slice_equal(aqi_field_text(field), fields[i]);
	}
	aqi_arena_clear(&arena);
	return right;
}

/* Is it one of those that are to be cut here? */
static enum aqi_csv_cut
expect(struct aqi_slice record, const struct aqi_csv_plain *plain)
{
	enum aqi_csv_cut cut = AQI_CUT_ASCII;
	size_t n = 1;

	for (size_t i = 0; i < record.size; i++) {
		const char c = record.data[i];

		if (c == '"' || c == '\r' || c == '\0')
			return AQI_CUT_NOT;
		if ((unsigned char)c >= 0x80)
			cut = AQI_CUT_BYTES;
		n += c == plain->delimiter;
	}
	return n == plain->n_fields ? cut : AQI_CUT_NOT;
}

static size_t
count_wrong(const struct chunk *c, struct aqi_csv *csv,
	    const struct aqi_csv_plain *plain, aqi_csv_cut_fn *cut_record)
{
	const struct aqi_extent canary = {12345, 67890};
	struct aqi_extent extents[22];
	size_t n_wrong = 0;

	for (size_t i = 0; i < c->n_records; i++) {
		const struct aqi_slice record = {
			c->data + c->starts[i], c->sizes[i]};
		const enum aqi_csv_cut wanted = expect(record, plain);

		extents[plain->n_fields] = canary;
		n_wrong += cut_record(plain, c->starts[i], c->sizes[i],
				      extents) != wanted;
		n_wrong += wanted != AQI_CUT_NOT &&
			   !is_as_libcsv(record, csv, plain, extents);
		n_wrong += extents[plain->n_fields].begin != canary.begin;
	}
	return n_wrong;
}

static void
test_random(aqi_csv_cut_fn *cut_record, const char *name, uint64_t seed,
	    uint64_t n)
{
	static const char delimiters[] = ",;\t|.:\x01";
	struct aqi_random random = aqi_random_new(seed, 2);
	size_t n_wrong = 0;

	for (uint64_t done = 0; done < n && n_wrong == 0; ) {
		const char delimiter = delimiters[aqi_random_below(
			&random, sizeof delimiters - 1)];
		struct aqi_csv *csv = aqi_csv_new(delimiter);
		struct aqi_csv_plain plain = {
			.delimiter = delimiter,
			.n_fields = 1 + aqi_random_below(&random, 20),
		};
		struct chunk c;

		make_chunk(&random, &c, delimiter, plain.n_fields);
		plain.base = c.data;
		plain.size = c.size;
		n_wrong += count_wrong(&c, csv, &plain, cut_record);
		done += c.n_records * plain.n_fields;
		free(c.data);
		aqi_csv_free(csv);
	}
	ok(n_wrong == 0, "%s: %llu fields are cut as libcsv does, and records "
	   "that are not plain are left", name, (unsigned long long)n);
}

int
main(void)
{
	static const struct {
		enum aqi_level level;
		const char *name;
		aqi_csv_cut_fn *cut;
	} ways[] = {
		{AQI_PORTABLE, "portable", aqi_csv_cut_portable},
		{AQI_PORTABLE, "avx512-vbmi in plain C", cut_twin},
		{AQI_AVX2, "avx2", aqi_csv_cut_avx2},
		{AQI_AVX512, "avx512", aqi_csv_cut_avx512},
		{AQI_AVX512_VBMI, "avx512-vbmi", aqi_csv_cut_avx512_vbmi},
	};
	const char *given = getenv("AQI_SEED"), *wanted = getenv("AQI_INPUTS");
	const uint64_t seed = given ? strtoull(given, NULL, 10) : 4180;
	const uint64_t n = wanted ? strtoull(wanted, NULL, 10) : 300000;

	note("AQI_SEED=%llu", (unsigned long long)seed);
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
		if (aqi_processor_level() >= ways[i].level)
			test_random(ways[i].cut, ways[i].name, seed, n);
		else
			skip(ways[i].name, "the processor has no such vectors");
	aqi_arena_free(&arena);
	return done();
}
