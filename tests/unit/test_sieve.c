#include "air/sieve.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "air/schema.h"
#include "air/verdict.h"
#include "base/random.h"
#include "record/layout.h"
#include "rows.h"
#include "tap.h"

/* More than a block, and not a whole number of them. */
enum { N_ROWS = 600 };

static const char *const values[] = {
	"0", "1", "-1", "5", "12", "12.0", "12.5", "23", "23.5", "24", "31",
	"50.5", "100", "100.0000001", "500", "501", "1013.25", "1e3", "-0",
	"4503599627370497", "9007199254740993", "1e300", "1e999", "x", "1 2",
	"NA", " ", "", " 7 ", "-999", "2024-01-01T00:00:00Z", "US",
};

static struct aqi_field
any_value(struct aqi_random *random)
{
	const size_t n = sizeof values / sizeof *values;
	/* Mostly one that may be right. */
	const char *text = values[aqi_random_below(random, 60) ?
				  3 + aqi_random_below(random, 3) :
				  aqi_random_below(random, n)];

	if (aqi_random_below(random, 40) == 0)
		return (struct aqi_field){0};
	return (struct aqi_field){text, (uint32_t)strlen(text), AQI_TEXT};
}

static bool
is_at_fault(const struct aqi_schema *schema, const size_t *columns,
	    const struct aqi_batch *batch, size_t row)
{
	bool is_one = false;

	for (size_t i = 0; i < schema->n_fields; i++) {
		struct aqi_field field = {0};
		struct aqi_error err;
		double x;

		if (columns[i] != AQI_NO_COLUMN)
			field = aqi_batch_field(batch, row, columns[i]);
		is_one |= aqi_verdict_of(batch, &schema->fields[i], field, &x,
					 &err) == AQI_REJECT;
	}
	return is_one && !batch->refused[row];
}

static size_t
count_wrong(const struct aqi_schema *schema, struct aqi_random *random,
	    size_t *n_at_fault)
{
	static const struct aqi_slice na = {"NA", 2}, none = {"-999", 4};
	const struct aqi_slice missing[] = {na, none};
	const struct aqi_format format = {
		.delimiter = ',', .decimal_mark = '.', .missing = missing,
		.n_missing = 2,
	};
	const size_t n = schema->n_fields;
	struct aqi_layout layout = {.n_inputs = n, .n_named = n};
	static bool refused[N_ROWS];
	struct aqi_batch batch = {
		.format = &format, .syntax = AQI_SYNTAX_CSV, .layout = &layout,
		.n_rows = N_ROWS, .n_columns = n, .refused = refused,
	};
	struct aqi_field *fields = malloc(N_ROWS * n * sizeof *fields);
	size_t *columns = malloc(n * sizeof *columns);
	size_t n_wrong = 0;
	const bool *found;

	if (!fields || !columns)
		abort();
	for (size_t i = 0; i < N_ROWS * n; i++)
		fields[i] = any_value(random);
	for (size_t i = 0; i < n; i++)
		columns[i] = aqi_random_below(random, 200) ? i : AQI_NO_COLUMN;
	for (size_t i = 0; i < N_ROWS; i++)
		refused[i] = aqi_random_below(random, 10) == 0;
	set_fields(&batch, fields);
	found = aqi_sieve_rows(schema, columns, &batch);
	for (size_t i = 0; found && i < N_ROWS; i++) {
		const bool is_one = is_at_fault(schema, columns, &batch, i);

		n_wrong += found[i] != is_one;
		*n_at_fault += is_one;
	}
	n_wrong += !found || batch.refusals;
	aqi_arena_free(&batch.arena);
	free(columns);
	free(fields);
	return n_wrong;
}

static void
test(const char *name, struct aqi_random *random)
{
	struct aqi_error err;
	struct aqi_schema *schema = aqi_schema_load(name, &err);
	size_t n_wrong = 0, n_at_fault = 0;

	for (int i = 0; schema && i < 100; i++)
		n_wrong += count_wrong(schema, random, &n_at_fault);
	note("%zu of %d rows of %s are at fault", n_at_fault, 100 * N_ROWS,
	     name);
	ok(schema && n_wrong == 0 && n_at_fault > 0 &&
	   n_at_fault < 100 * N_ROWS,
	   "%s: the rows in the sieve are those with a value at fault", name);
	aqi_schema_free(schema);
}

int
main(void)
{
	const char *given = getenv("AQI_SEED");
	const uint64_t seed = given ? strtoull(given, NULL, 10) : 20240101;
	struct aqi_random random = aqi_random_new(seed, 0);

	note("AQI_SEED=%" PRIu64, seed);
	test("api", &random);
	test("observed", &random);
	return done();
}
