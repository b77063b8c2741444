#include "record/writer.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "record/layout.h"
#include "record/ndjson.h"
#include "record/value.h"
#include "tap.h"

/*
 * Batches of random rows and values, AQI_INPUTS rows in all, written by the
 * writer and, value by value and byte by byte, by what its slow way is made of.
 */
enum { N_ROWS = 40, MOST_ADDED = 6 };

static const char *const texts[] = {
	"", "Good", "Moderate", "Unhealthy for Sensitive Groups", "a,b", "a;b",
	"say \"no\"", "line\nend", "\x01", "=1+1", "@x", "-5", "5", "\\",
	"thirty letters and one more: 31.", "thirty letters and two more: 32..",
	"a text that is longer than what is copied at once, by far",
	"\xc3\xa9t\xc3\xa9", "\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"",
};

static const char *const numbers[] = {
	"0", "12", "0.5", "123.45", "-1.25", "99999.99", "1e-300",
	"0.12345678901234567", "-123456789012345.125",
	"123456789012345678901234567890123456789.25",
};

static const char *const nested[] = {"true", "false", "[1,2]", "{\"a\": 1}"};

struct world {
	struct aqi_random random;
	struct aqi_format format;
	struct aqi_layout layout;
	struct aqi_batch batch;
	struct aqi_slice inputs[2];
	struct aqi_output outputs[2 + MOST_ADDED];
	struct aqi_member items[2];
	struct aqi_members members[N_ROWS];
	struct aqi_slice rows[N_ROWS];
	struct aqi_field added[MOST_ADDED * N_ROWS];
	bool refused[N_ROWS];
	size_t ends[N_ROWS];
	char text[N_ROWS][200];
	bool drops_row;		/* only added values go out */
};

static size_t
below(struct world *w, size_t n)
{
	return (size_t)aqi_random_below(&w->random, n);
}

static struct aqi_field
field_of(const char *text, enum aqi_kind kind)
{
	return (struct aqi_field){text, (uint32_t)strlen(text),
				  (unsigned char)kind};
}

static struct aqi_field
any_field(struct world *w)
{
	switch (below(w, 8)) {
	case 0:
		return (struct aqi_field){0};
	case 1:
		return field_of(nested[below(w, 2)], AQI_BOOLEAN);
	case 2:
		return field_of(nested[2 + below(w, 2)], AQI_NESTED);
	case 3:
	case 4:
		return field_of(numbers[below(w, sizeof numbers /
						 sizeof *numbers)], AQI_NUMBER);
	default:
		return field_of(texts[below(w, sizeof texts / sizeof *texts)],
				AQI_TEXT);
	}
}

/* The pair is what both forms have in common. */
static void
make_row(struct world *w, size_t i, bool is_json)
{
	static const char *const ends[] = {"}", " }", "} ", "}\t", "} \r"};
	char *text = w->text[i];
	const int n = (int)below(w, 120);
	char filler[128];

	memset(filler, '7', sizeof filler);
	if (is_json)
		snprintf(text, sizeof w->text[i], "{\"a\":1,\"b\":\"%.*s\"%s", n,
			 filler, ends[below(w, 3) ? 0 : below(w, 5)]);
	else
		snprintf(text, sizeof w->text[i], "1,%.*s", n, filler);
	w->rows[i] = aqi_slice_of(text);
	w->members[i] = (struct aqi_members){w->items, 2, true};
	w->refused[i] = below(w, 8) == 0;
}

static void
make(struct world *w, enum aqi_syntax syntax)
{
	static char names[MOST_ADDED][40];
	const size_t n_added = 1 + below(w, MOST_ADDED);
	struct aqi_layout *layout = &w->layout;

	w->format.delimiter = below(w, 3) ? ',' : ';';
	w->format.decimal_mark = below(w, 3) ? '.' : ',';
	w->format.safe_csv = w->drops_row && below(w, 3) == 0;
	w->inputs[0] = aqi_slice_of("a");
	w->inputs[1] = aqi_slice_of("b");
	w->items[0].key = w->inputs[0];
	w->items[1].key = w->inputs[1];
	*layout = (struct aqi_layout){
		.inputs = w->inputs, .n_inputs = 2, .n_named = 2,
		.outputs = w->outputs, .n_added = n_added,
		.drops_unknown = w->drops_row,
	};
	for (size_t i = 0; i < 2 && !w->drops_row; i++)
		w->outputs[layout->n_outputs++] =
			(struct aqi_output){w->inputs[i], false, i};
	for (size_t i = 0; i < n_added; i++) {
		snprintf(names[i], sizeof names[i], "c%zu%s", i,
			 below(w, 9) ? "" : "\" a long name");
		w->outputs[layout->n_outputs++] = (struct aqi_output){
			aqi_slice_of(names[i]), true, i};
	}
	for (size_t i = 0; i < n_added * N_ROWS; i++)
		w->added[i] = any_field(w);
	for (size_t i = 0; i < N_ROWS; i++)
		make_row(w, i, syntax == AQI_SYNTAX_NDJSON);
	w->batch.format = &w->format;
	w->batch.layout = layout;
	w->batch.syntax = syntax;
	w->batch.n_rows = N_ROWS;
	w->batch.n_columns = 2;
	w->batch.rows = w->rows;
	w->batch.members = syntax == AQI_SYNTAX_NDJSON ? w->members : NULL;
	w->batch.refused = w->refused;
	w->batch.added = w->added;
	w->batch.added_step = N_ROWS;
}

static void
add_expected(const struct world *w, bool is_json, size_t row,
	     struct aqi_buffer *out)
{
	const char *end = strrchr(w->text[row], '}');

	if (is_json && w->drops_row)
		aqi_buffer_add_byte(out, '{');
	else if (is_json)
		for (const char *p = w->text[row];
		     p < end && (*p != ' ' || strchr(p, '"')); p++)
			aqi_buffer_add_byte(out, *p);
	else if (!w->drops_row)
		aqi_buffer_add_slice(out, w->rows[row]);
	for (size_t i = 0; i < w->layout.n_added; i++) {
		if (i || !w->drops_row)
			aqi_buffer_add_byte(out, is_json ? ',' :
						 w->format.delimiter);
		if (is_json) {
			aqi_ndjson_add_string(out, w->layout.outputs[
				w->layout.n_outputs - w->layout.n_added +
				i].name);
			aqi_buffer_add_byte(out, ':');
			aqi_value_add_json(out, w->added[i * N_ROWS + row]);
		} else {
			aqi_value_add_csv(out, w->added[i * N_ROWS + row],
					  &w->format);
		}
	}
	aqi_buffer_add_text(out, is_json ? "}\n" : "\n");
}

static bool
is_same(struct world *w, enum aqi_syntax syntax)
{
	struct aqi_buffer got = {0}, wanted = {0};
	struct aqi_writer writer;
	bool same = true;

	make(w, syntax);
	memset(w->ends, 0xff, sizeof w->ends);
	writer = aqi_writer_new(&w->format, &w->layout, syntax);
	aqi_writer_format(&writer, &w->batch, &got, w->ends);
	for (size_t i = 0; i < N_ROWS; i++) {
		if (!w->refused[i])
			add_expected(w, syntax == AQI_SYNTAX_NDJSON, i,
				     &wanted);
		same = same && w->ends[i] == wanted.size;
	}
	same = same && !got.failed && got.size == wanted.size &&
	       memcmp(got.data, wanted.data, got.size) == 0;
	if (!same)
		note("%.*s is not %.*s", (int)got.size, got.data,
		     (int)wanted.size, wanted.data);
	aqi_buffer_free(&got);
	aqi_buffer_free(&wanted);
	aqi_arena_clear(&w->batch.arena);
	return same;
}

static void
test(struct world *w, enum aqi_syntax syntax, bool drops_row, const char *what)
{
	const char *given = getenv("AQI_INPUTS");
	const uint64_t n = given ? strtoull(given, NULL, 10) : 80000;
	size_t n_bad = 0;

	w->drops_row = drops_row;
	for (uint64_t i = 0; i < n; i += N_ROWS)
		n_bad += !is_same(w, syntax);
	ok(n_bad == 0, "%s are as they are when written one by one", what);
}

/* Rows of which no column is to go out. */
static void
test_nothing(struct world *w)
{
	const struct aqi_format format = {
		.delimiter = ',', .decimal_mark = '.',
		.out = AQI_SYNTAX_NDJSON,
	};
	const struct aqi_layout layout = {
		.inputs = w->inputs, .n_inputs = 2, .n_named = 2,
		.outputs = w->outputs, .drops_unknown = true,
	};
	struct aqi_buffer got = {0};
	struct aqi_writer writer;

	make(w, AQI_SYNTAX_CSV);
	memset(w->refused, 0, sizeof w->refused);
	w->refused[1] = true;
	w->batch.format = &format;
	w->batch.layout = &layout;
	w->batch.n_rows = 3;
	writer = aqi_writer_new(&format, &layout, AQI_SYNTAX_CSV);
	aqi_writer_format(&writer, &w->batch, &got, w->ends);
	ok(aqi_slice_is(aqi_buffer_slice(&got), "{}\n{}\n") &&
	   w->ends[0] == 3 && w->ends[1] == 3 && w->ends[2] == 6,
	   "rows of CSV without a column are objects without a member");
	aqi_buffer_free(&got);
}

/* What there was no memory for before. */
static void
test_failed(struct world *w)
{
	struct aqi_buffer got = {.failed = true};
	struct aqi_writer writer;

	w->drops_row = false;
	make(w, AQI_SYNTAX_CSV);
	writer = aqi_writer_new(&w->format, &w->layout, AQI_SYNTAX_CSV);
	aqi_writer_format(&writer, &w->batch, &got, w->ends);
	ok(got.failed && got.size == 0 && !got.data,
	   "nothing is added to a text that has failed");
}

int
main(void)
{
	const char *given = getenv("AQI_SEED");
	uint64_t seed = given ? strtoull(given, NULL, 10) : 20240101;
	static struct world w;

	note("AQI_SEED=%" PRIu64, seed);
	w.random = aqi_random_new(seed, 0);
	test(&w, AQI_SYNTAX_CSV, false, "values behind a row of CSV");
	test(&w, AQI_SYNTAX_NDJSON, false, "members behind those of an object");
	test(&w, AQI_SYNTAX_CSV, true, "values alone, in CSV,");
	test(&w, AQI_SYNTAX_NDJSON, true, "members alone");
	test_nothing(&w);
	test_failed(&w);
	aqi_arena_free(&w.batch.arena);
	return done();
}
