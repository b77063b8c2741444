/*
 * Lines of many shapes in turns, as a reader gives them, each against what
 * jansson alone finds in it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record/layout.h"
#include "record/ndjson.h"
#include "record/reader.h"
#include "tap.h"

#define N_LINES 12000

static uint64_t random_state = 3;

static size_t
draw(size_t n)
{
	random_state = random_state * UINT64_C(6364136223846793005) + 1;
	return (size_t)(random_state >> 33) % n;
}

static const char *
draw_value(void)
{
	static const char *const values[] = {"1", "-0.5", "1026.2", "0", "7.25",
		"12.125", "99", "1e3", "null", "\"x, y: {\"", "\"\\u00e9\"",
		"\"\xc3\xa9\"", "true", "[1]"};
	const size_t n = sizeof values / sizeof *values;

	return values[draw(10) ? draw(6) : draw(n)];
}

/* Of the first keys, or some in another order, or more. */
static void
add_line(FILE *out, size_t shape)
{
	static const char *const keys[] = {"a,b,c", "a,b,c", "a,b", "c,b,a",
		"a,b,c,d", "b,z", "a,b,c,z", "a,b,c,y", "y,z"};
	const char *gap = shape % 3 == 2 ? ": " : ":";
	bool is_first = true;

	fputc('{', out);
	for (const char *k = keys[shape]; *k; k++) {
		if (*k == ',')
			continue;
		fprintf(out, "%s\"%c\"%s%s", is_first ? "" : ",", *k, gap,
			draw_value());
		is_first = false;
	}
	fputs(shape == 8 ? "} \n" : "}\n", out);
}

static void
make_file(char *name)
{
	const int fd = mkstemp(name);
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");

	if (!out)
		exit(1);
	add_line(out, 0);
	/* First lines of one kind, then two in turns, then all; and those that
	 * lack the last column, where other chunks have left it. */
	for (size_t i = 1; i < N_LINES; i++)
		add_line(out, i < N_LINES / 6 ? 1 :
			      i < N_LINES / 3 ? 1 + i % 2 * 3 :
			      i < N_LINES / 2 ? draw(9) : 2);
	fclose(out);
}

static bool
same(struct aqi_field a, struct aqi_field b)
{
	return a.kind == b.kind &&
	       aqi_slice_equal(aqi_field_text(a), aqi_field_text(b));
}

/* What jansson finds of a key, or nothing. */
static struct aqi_field
find(const struct aqi_member *members, size_t n, struct aqi_slice key)
{
	for (size_t i = 0; i < n; i++)
		if (aqi_slice_equal(members[i].key, key))
			return members[i].value;
	return (struct aqi_field){0};
}

static bool
has_members(struct aqi_members found, const struct aqi_layout *layout,
	    const struct aqi_member *members, size_t n)
{
	bool in_order = n <= layout->n_named;

	if (found.n != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!aqi_slice_equal(found.items[i].key, members[i].key) ||
		    !same(found.items[i].value, members[i].value) ||
		    found.items[i].raw_value.data != members[i].raw_value.data)
			return false;
		in_order = in_order && aqi_slice_equal(members[i].key,
						       layout->inputs[i]);
	}
	return found.in_order == in_order;
}

static bool
is_right(struct aqi_batch *batch, size_t row)
{
	static struct aqi_arena arena;
	const struct aqi_layout *layout = batch->layout;
	struct aqi_member *members;
	struct aqi_error err;
	size_t n;
	bool right = aqi_ndjson_parse(batch->rows[row], &arena, &members, &n,
				      &err) == AQI_OK;

	for (size_t i = 0; right && i < batch->n_columns; i++) {
		const struct aqi_field value =
			find(members, n, layout->inputs[i]);
		const struct aqi_field field = aqi_batch_field(batch, row, i);

		right = value.kind == AQI_MISSING ?
				field.kind == AQI_MISSING : same(field, value);
	}
	right = right && has_members(aqi_batch_members(batch, row), layout,
				     members, n);
	aqi_arena_clear(&arena);
	return right;
}

int
main(void)
{
	char name[] = "/tmp/aqi-ndjson-rows-XXXXXX";
	const char *file = name;
	const struct aqi_format format = {
		.in = AQI_SYNTAX_NDJSON, .delimiter = ',', .decimal_mark = '.',
		.max_record = AQI_MAX_RECORD};
	struct aqi_reader *reader = aqi_reader_new(&file, 1, &format);
	struct aqi_reading reading = {0};
	struct aqi_parsing parsing = {0};
	struct aqi_batch batch = {0};
	struct aqi_error err;
	size_t n = 0, n_wrong = 0, n_unlisted = 0;

	make_file(name);
	while (reader && aqi_reader_next(reader, &reading, &err) == AQI_OK) {
		if (aqi_reader_parse(reader, &reading, 0,
				     reading.chunk.n_records, &parsing, &batch,
				     &err) != AQI_OK)
			break;
		for (size_t i = 0; i < batch.n_rows; i++) {
			n_unlisted += !batch.members[i].items;
			n_wrong += !is_right(&batch, i);
		}
		n += batch.n_rows;
	}
	ok(n == N_LINES && n_wrong == 0,
	   "lines of many shapes have the values and members of each alone");
	ok(n_unlisted > N_LINES / 3, "and mostly nobody has listed these");
	aqi_batch_free(&batch);
	aqi_parsing_free(&parsing);
	aqi_reading_free(&reading);
	aqi_reader_free(reader);
	unlink(name);
	return done();
}
