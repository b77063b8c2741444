/*
 * bench_parsers: records to numbers, ours and others', in one process.
 *
 *   bench_parsers CSV NDJSON [ROUNDS [NAME]]
 *
 * Two files of the same records: a header line or keys, and numbers alone. Ours
 * reads them as aqi-predict does, through aqi_reader_next, aqi_reader_parse and
 * aqi_batch_rows_of_floats, on each level of vectors that the processor has; and
 * once without the last two, which shows what of it is the system's copy and
 * the search for ends of lines. Others get a file whole in memory, which takes
 * no time that counts: libcsv with empty callbacks, and with strtod for each field; jansson, loading each
 * line and getting each number; simdjson On-Demand, where it was installed when
 * this was built. All sum the numbers up, and must come to the same.
 *
 * They take turns, and printed is the median of ROUNDS rounds of the CPU time
 * of a record, and how often ours goes into it. Nothing passes or fails but the
 * sums: the machine and its load decide as well. NAME: of those alone whose
 * name has it.
 */
#include <csv.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buffer.h"
#include "base/processor.h"
#include "parsers_peer.h"
#include "record/reader.h"

enum { MOST_ROUNDS = 99, MOST_WAYS = 16, MOST_COLUMNS = 64 };

/* The level that the library is told, by the linker's --wrap. */
static enum aqi_level level;

enum aqi_level __wrap_aqi_processor_level(void);
enum aqi_level __real_aqi_processor_level(void);

enum aqi_level
__wrap_aqi_processor_level(void)
{
	return level;
}

static _Noreturn void
fail(const char *what)
{
	fprintf(stderr, "bench_parsers: %s\n", what);
	exit(1);
}

/* Ours. */

/* In eight parts: one sum would wait for itself, and be measured too. */
static double
sum_values(const double *x, size_t n)
{
	double sums[8] = {0};

	for (size_t i = 0; i + 8 <= n; i += 8)
		for (size_t k = 0; k < 8; k++)
			sums[k] += x[i + k];
	for (size_t i = n / 8 * 8; i < n; i++)
		sums[0] += x[i];
	return sums[0] + sums[1] + sums[2] + sums[3] + sums[4] + sums[5] +
	       sums[6] + sums[7];
}

/* All columns at once, as aqi-predict reads them. */
static double
sum_batch(struct aqi_batch *batch)
{
	static double x[1 << 20];
	size_t columns[MOST_COLUMNS];
	const size_t n = batch->n_columns;

	if (n > MOST_COLUMNS || n * batch->n_rows > sizeof x / sizeof *x ||
	    batch->refusals)
		fail("a record is refused");
	for (size_t i = 0; i < n; i++)
		columns[i] = i;
	aqi_batch_rows_of_floats(batch, columns, n, 0, batch->n_rows, x);
	return sum_values(x, n * batch->n_rows);
}

static double
sum_file(const char *file, enum aqi_syntax syntax, bool parses)
{
	const struct aqi_format format = {
		.in = syntax, .delimiter = ',', .decimal_mark = '.',
		.max_record = AQI_MAX_RECORD};
	struct aqi_reader *reader = aqi_reader_new(&file, 1, &format);
	struct aqi_reading reading = {0};
	struct aqi_parsing parsing = {0};
	struct aqi_batch batch = {0};
	struct aqi_error err = {0};
	double sum = 0;

	while (reader &&
	       aqi_reader_next(reader, &reading, &err) == AQI_OK) {
		if (!parses)
			continue;
		if (aqi_reader_parse(reader, &reading, reading.first_record,
				     reading.chunk.n_records, &parsing, &batch,
				     &err) != AQI_OK)
			fail(err.reason);
		sum += sum_batch(&batch);
	}
	aqi_batch_free(&batch);
	aqi_parsing_free(&parsing);
	aqi_reading_free(&reading);
	aqi_reader_free(reader);
	return sum;
}

/* The peers, of texts in memory. */

static size_t n_fields;

static void
count_field(void *field, size_t size, void *sum)
{
	(void)field;
	(void)size;
	(void)sum;
	n_fields++;
}

static void
add_field(void *field, size_t size, void *sum)
{
	(void)size;
	*(double *)sum += (double)strtof(field, NULL);
}

static void
end_row(int byte, void *sum)
{
	(void)byte;
	(void)sum;
}

static double
sum_libcsv(struct aqi_slice text, void (*field)(void *, size_t, void *))
{
	struct csv_parser parser;
	double sum = 0;

	if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL))
		fail("libcsv has no parser");
	if (csv_parse(&parser, text.data, text.size, field, end_row, &sum) !=
		    text.size ||
	    csv_fini(&parser, field, end_row, &sum))
		fail("libcsv cannot read the records");
	csv_free(&parser);
	return sum;
}

static double
sum_jansson(struct aqi_slice text, const char *const *names, size_t n)
{
	const char *p = text.data, *end = p + text.size, *lf;
	double sum = 0;

	for (; p < end; p = lf + 1) {
		json_t *object;

		lf = memchr(p, '\n', (size_t)(end - p));
		object = json_loadb(p, (size_t)(lf - p), 0, NULL);
		if (!object)
			fail("jansson cannot read a record");
		for (size_t i = 0; i < n; i++)
			sum += (double)(float)json_number_value(
				json_object_get(object, names[i]));
		json_decref(object);
	}
	return sum;
}

/* What is measured. */

enum kind {READING, OURS, LIBCSV, LIBCSV_STRTOD, JANSSON, SIMDJSON};

struct way {
	char name[48];
	enum kind kind;
	enum aqi_level level;
	bool is_json;
	double ns[MOST_ROUNDS];
	double sum;
};

struct bench {
	struct way ways[MOST_WAYS];
	size_t n_ways, n_rounds, n_rows;
	const char *files[2];
	struct aqi_buffer texts[2];
	const char *names[AQI_BENCH_NAMES];
	size_t n_names;
	const char *wanted;
};

static double
run_way(const struct bench *b, const struct way *way)
{
	const struct aqi_slice text = aqi_buffer_slice(&b->texts[way->is_json]);
	const char *header_end = memchr(text.data, '\n', text.size);
	const struct aqi_slice records = {
		header_end + 1,
		(size_t)(text.data + text.size - header_end - 1)};

	switch (way->kind) {
	case LIBCSV: return sum_libcsv(records, count_field);
	case LIBCSV_STRTOD: return sum_libcsv(records, add_field);
	case JANSSON: return sum_jansson(text, b->names, b->n_names);
	case SIMDJSON: return aqi_bench_simdjson(text.data, text.size,
				text.size + AQI_BENCH_PADDING, b->names,
				b->n_names);
	default:
		level = way->level;
		return sum_file(b->files[way->is_json],
				way->is_json ? AQI_SYNTAX_NDJSON :
					       AQI_SYNTAX_CSV,
				way->kind == OURS);
	}
}

static double
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void
run_all(struct bench *b)
{
	for (size_t round = 0; round < b->n_rounds; round++)
		for (size_t i = 0; i < b->n_ways; i++) {
			struct way *way = &b->ways[i];
			const double start = now_ns();

			way->sum = run_way(b, way);
			way->ns[round] = (now_ns() - start) /
					 (double)b->n_rows;
		}
}

static int
compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(struct way *way, size_t n)
{
	qsort(way->ns, n, sizeof *way->ns, compare);
	return way->ns[n / 2];
}

/* The last of ours has the most vectors. */
static double
find_ours(struct bench *b, bool is_json)
{
	double ns = NAN;

	for (size_t i = 0; i < b->n_ways; i++)
		if (b->ways[i].kind == OURS && b->ways[i].is_json == is_json)
			ns = median(&b->ways[i], b->n_rounds);
	return ns;
}

/* The ways of one form, each beside ours. */
static void
print_form(struct bench *b, bool is_json)
{
	const double best = find_ours(b, is_json);
	double first = NAN, ns;

	printf("%s, ns a record of CPU time (median of %zu):\n",
	       is_json ? "NDJSON" : "CSV", b->n_rounds);
	for (size_t i = 0; i < b->n_ways; i++) {
		struct way *way = &b->ways[i];

		if (way->is_json != is_json)
			continue;
		ns = median(way, b->n_rounds);
		printf("  %-32s %8.1f   %6.1f MB/s   %5.2f x\n", way->name, ns,
		       (double)b->texts[is_json].size / (double)b->n_rows /
			       ns * 1e3, ns / best);
		if (way->kind == LIBCSV || way->kind == READING)
			continue;
		if (isnan(first))
			first = way->sum;
		if (fabs(way->sum - first) > 1e-9 * fabs(first))
			fail("the sums differ");
	}
}

static void
add_way(struct bench *b, const char *name, enum kind kind, bool is_json)
{
	struct way *way = &b->ways[b->n_ways++];

	way->kind = kind;
	way->is_json = is_json;
	way->level = level;
	if (kind == OURS)
		snprintf(way->name, sizeof way->name, "ours, %s",
			 aqi_level_name(level));
	else
		snprintf(way->name, sizeof way->name, "%s", name);
	if (b->wanted && !strstr(way->name, b->wanted))
		b->n_ways--;
}

static void
add_ours(struct bench *b, bool is_json)
{
	const enum aqi_level most = __real_aqi_processor_level();

	level = most;
	add_way(b, "of ours, reading alone", READING, is_json);
	for (level = AQI_PORTABLE; level <= most; level++)
		add_way(b, NULL, OURS, is_json);
}

static void
read_file(const char *file, struct aqi_buffer *text)
{
	FILE *in = fopen(file, "rb");
	static char some[1 << 16];
	size_t n;

	while (in && (n = fread(some, 1, sizeof some, in)) > 0)
		aqi_buffer_add(text, some, n);
	if (!in || fclose(in) || text->size == 0 ||
	    text->data[text->size - 1] != '\n' ||
	    !aqi_buffer_room(text, AQI_BENCH_PADDING))
		fail("a file cannot be read, or has no last newline");
	memset(text->data + text->size, 0, AQI_BENCH_PADDING);
}

/* The header line's names; and how many lines follow. */
static void
read_names(struct bench *b)
{
	const struct aqi_slice text = aqi_buffer_slice(&b->texts[0]);
	const size_t size = strcspn(text.data, "\n");
	char *header = strndup(text.data, size), *rest = header;

	while (header && b->n_names < AQI_BENCH_NAMES &&
	       (b->names[b->n_names] = strsep(&rest, ",")))
		b->n_names++;
	for (size_t i = size + 1; i < text.size; i++)
		b->n_rows += text.data[i] == '\n';
}

int
main(int argc, char **argv)
{
	static struct bench b;

	if (argc < 3)
		fail("usage: bench_parsers CSV NDJSON [ROUNDS [NAME]]");
	b.n_rounds = argc > 3 ? strtoul(argv[3], NULL, 10) : 7;
	b.wanted = argc > 4 ? argv[4] : NULL;
	if (b.n_rounds < 1 || b.n_rounds > MOST_ROUNDS)
		fail("1 to 99 rounds");
	for (int i = 0; i < 2; i++) {
		b.files[i] = argv[1 + i];
		read_file(b.files[i], &b.texts[i]);
	}
	read_names(&b);
	add_ours(&b, false);
	add_way(&b, "libcsv, empty callbacks", LIBCSV, false);
	add_way(&b, "libcsv and strtof", LIBCSV_STRTOD, false);
	add_ours(&b, true);
	add_way(&b, "jansson, loadb and gets", JANSSON, true);
	if (aqi_bench_has_simdjson)
		add_way(&b, "simdjson On-Demand", SIMDJSON, true);
	run_all(&b);
	printf("%zu records of %zu numbers\n", b.n_rows, b.n_names);
	print_form(&b, false);
	print_form(&b, true);
	if (!aqi_bench_has_simdjson)
		puts("simdjson was not there when this was built");
	return 0;
}
