/*
 * A whole run in memory, given the same bytes twice: all at once, and in
 * pieces with pauses between them. Both must write the same, refuse the same
 * and count the same; what is written can be read again.
 *
 * The first two bytes choose the formats, the third the pieces. System calls
 * on the descriptors of a run are our own. One run reads with the vectors of
 * this processor, the other in plain C; in both, a step holds the batches that
 * it gets against libcsv, and many numbers at once against one at a time.
 */
#undef _FORTIFY_SOURCE
#include "world.h"

#include <inttypes.h>

#include "fuzz.h"
#include "base/processor.h"
#include "record/csv.h"
#include "record/pipe.h"

/* What is written. */
static struct {
	struct aqi_buffer out, rejects;
} written;

ssize_t
write(int fd, const void *data, size_t size)
{
	if (!world.is_on || fd == STDERR_FILENO)
		return syscall(SYS_write, fd, data, size);
	aqi_buffer_add(fd == STDOUT_FILENO ? &written.out : &written.rejects, data,
		       size);
	return (ssize_t)size;
}

/* The level of all kernels: the Makefile has the linker call this one. */
static bool is_portable;

enum aqi_level __real_aqi_processor_level(void);
enum aqi_level __wrap_aqi_processor_level(void);

enum aqi_level
__wrap_aqi_processor_level(void)
{
	return is_portable ? AQI_PORTABLE : __real_aqi_processor_level();
}

/* The values of a row of CSV are those that libcsv finds. */
static void
check_cells(const struct aqi_batch *batch, size_t row, struct aqi_csv *csv,
	    struct aqi_arena *arena)
{
	const struct aqi_slice *cells;
	size_t n;

	CHECK(aqi_csv_parse(csv, batch->rows[row], arena, &cells, &n, NULL) ==
	      AQI_OK);
	for (size_t i = 0; i < batch->n_columns; i++) {
		const size_t at = batch->map ? batch->map[i] : i;
		const struct aqi_field field = aqi_batch_field(batch, row, i);

		CHECK(at == AQI_NO_COLUMN ? field.kind == AQI_MISSING :
		      at < n && field.kind == AQI_TEXT &&
		      aqi_slice_equal(aqi_field_text(field), cells[at]));
	}
}

static void
check_batch(const struct aqi_batch *batch)
{
	struct aqi_csv *csv =
		aqi_csv_new(aqi_format_in_delimiter(batch->format));
	struct aqi_arena arena = {0};

	CHECK(csv);
	for (size_t i = 0; i < batch->n_rows; i++)
		if (batch->syntax == AQI_SYNTAX_CSV && !batch->refused[i])
			check_cells(batch, i, csv, &arena);
	aqi_arena_free(&arena);
	aqi_csv_free(csv);
}

/* The numbers of a column, each by itself: what is wrong is NaN here, too. */
static double *
read_singly(struct aqi_batch *batch, size_t column)
{
	double *x = aqi_batch_alloc(batch, batch->n_rows, sizeof *x);
	struct aqi_error err;

	for (size_t i = 0; x && i < batch->n_rows; i++) {
		x[i] = 0.0 / 0.0;
		if (column == AQI_NO_COLUMN || batch->refused[i] ||
		    aqi_batch_number(batch, aqi_batch_field(batch, i, column),
				     &x[i], &err) == AQI_OK)
			continue;
		x[i] = 0.0 / 0.0;
	}
	return x;
}

static void
check_numbers(const double *x, const double *wanted, size_t n)
{
	for (size_t i = 0; i < n; i++)
		CHECK(wanted[i] == wanted[i] ?
		      memcmp(&x[i], &wanted[i], sizeof *x) == 0 :
		      x[i] != x[i]);
}

/* A step that adds a column: the half of the first one's number. */
struct half {
	struct aqi_slice name;
	size_t added;
	uint64_t n_in_order;
};

static enum aqi_status
bind_half(void *self, struct aqi_layout *layout, struct aqi_error *err)
{
	struct half *half = self;

	return aqi_layout_add(layout, half->name, &half->added, err);
}

static enum aqi_status
run_half(void *self, struct aqi_batch *batch, struct aqi_error *err)
{
	const struct half *half = self;
	size_t column = batch->n_columns ? 0 : AQI_NO_COLUMN;
	double *x = aqi_batch_alloc(batch, batch->n_rows, sizeof *x);
	double *wanted = read_singly(batch, column);

	if (!x || !wanted)
		return aqi_error_memory(err);
	check_batch(batch);
	aqi_batch_doubles(batch, column, 0, batch->n_rows, x, 1);
	check_numbers(x, wanted, batch->n_rows);
	for (size_t i = 0; i < batch->n_rows; i++)
		if (!batch->refused[i] && x[i] == x[i])
			aqi_batch_set_number(batch, half->added, i, x[i] / 2,
					     AQI_SHORTEST);
	return AQI_OK;
}

static enum aqi_status
count_half(void *self, struct aqi_batch *batch, struct aqi_error *err)
{
	struct half *half = self;

	(void)err;
	half->n_in_order += batch->n_final;
	return AQI_OK;
}

struct result {
	enum aqi_status status;
	struct aqi_buffer out, rejects, messages;
	struct aqi_counts counts;
	bool is_stopped;
};

static void
add_message(void *self, const struct aqi_error *why)
{
	struct aqi_buffer *out = self;

	aqi_buffer_add_format(out, "%d:%" PRIu64 ":%zu:%s:%s\n", why->code,
			      why->line, why->column, why->field, why->reason);
}

/* All that a run is, from the first two bytes. */
struct plan {
	struct aqi_format format;
	struct half half;
	uint64_t max_refused;
	bool has_rejects;
};

/* CSV with all that may stand around its records. */
static void
make_foreign(struct aqi_format *format, unsigned b)
{
	format->skip_lines = b & 1;
	format->header_start = aqi_slice_of(b & 8 ? "a" : "");
	format->unit_lines = b >> 6 & 1;
	format->trailer = aqi_slice_of("b\"");
	format->allow_repeated_names = true;
	format->drop_blank_rows = true;
}

static struct plan
make_plan(unsigned a, unsigned b)
{
	static const struct aqi_slice columns[] = {{"a", 1}, {"b", 1}};
	static const struct aqi_slice missing[] = {{"NA", 2}, {"-9", 2}};
	struct plan plan = {
		.format = {
			.in = (enum aqi_syntax)((a & 3) % 3),
			.out = (enum aqi_syntax)((a >> 2 & 3) % 3),
			.delimiter = a & 16 ? ';' : ',',
			.decimal_mark = a & 16 ? ',' : '.',
			.keep_old = a & 32,
			.no_header = (a & 64) && (b & 4),
			.infer = a & 128,
			.max_record = b & 2 ? 32 : AQI_MAX_RECORD,
			.columns = b & 4 ? columns : NULL,
			.n_columns = b & 4 ? 2 : 0,
			.allow_absent = b & 8,
			.numbers = columns,
			.n_numbers = b & 64 ? 2 : 0,
			.missing = missing,
			.n_missing = b & 128 ? 2 : 0,
		},
		.half = {.name = aqi_slice_of(b & 32 ? "a" : "z")},
		.max_refused = b & 16 ? 3 : 0,
		.has_rejects = b & 1,
	};

	if ((a & 3) == 3)
		make_foreign(&plan.format, b);
	if ((a >> 2 & 3) == 3) {
		plan.format.in_delimiter = ';';
		plan.format.in_decimal_mark = ',';
	}
	return plan;
}

static void
run(struct plan plan, struct aqi_slice input, uint32_t pieces,
    struct result *result)
{
	struct aqi_error err = {0};
	struct aqi_step step = {.self = &plan.half, .bind = bind_half,
				.run = run_half, .in_order = count_half};
	struct aqi_pipe pipe = {
		.reader = aqi_reader_new(NULL, 0, &plan.format),
		.format = &plan.format,
		.steps = &step,
		.n_steps = plan.half.name.data != NULL,
		.out = aqi_sink_open(NULL, NULL, &err),
		.rejects = !plan.has_rejects ? NULL :
			   aqi_sink_open("/dev/null", NULL, &err),
		.watcher = {.self = &result->messages, .refused = add_message},
		.max_refused = plan.max_refused,
	};

	written.out = written.rejects = (struct aqi_buffer){0};
	world_begin(input, pieces);
	result->status = aqi_pipe_run(&pipe, &err);
	world_end();
	result->out = written.out;
	result->rejects = written.rejects;
	result->counts = pipe.counts;
	result->is_stopped = pipe.is_stopped;
	if (result->status != AQI_OK) {
		CHECK(err.code != AQI_E_NONE && err.reason[0]);
		add_message(&result->messages, &err);
	}
	CHECK(pipe.counts.read == pipe.counts.written + pipe.counts.refused);
	aqi_sink_discard(pipe.out);
	aqi_sink_discard(pipe.rejects);
	aqi_reader_free(pipe.reader);
}

static void
check_same(const struct aqi_buffer *a, const struct aqi_buffer *b,
	   const char *what)
{
	if (a->size == b->size && (a->size == 0 ||
				   memcmp(a->data, b->data, a->size) == 0))
		return;
	fprintf(stderr, "%s differ:\n%.*s\n-- and in pieces:\n%.*s\n", what,
		(int)a->size, a->data ? a->data : "", (int)b->size,
		b->data ? b->data : "");
	abort();
}

static void
free_result(struct result *result)
{
	aqi_buffer_free(&result->out);
	aqi_buffer_free(&result->rejects);
	aqi_buffer_free(&result->messages);
}

/* Is a text a stream of n good records? */
static void
check_again(const struct plan *plan, enum aqi_syntax syntax,
	    const struct aqi_buffer *text, uint64_t n)
{
	struct plan again = {.format = {
		.in = syntax, .delimiter = plan->format.delimiter,
		.decimal_mark = plan->format.decimal_mark,
		.max_record = AQI_MAX_RECORD}};
	struct result result = {0};

	run(again, (struct aqi_slice){text->data, text->size}, 0, &result);
	if (result.status != AQI_OK || result.counts.refused ||
	    result.counts.written != n) {
		fprintf(stderr, "not read again: %.*s\n-- as it says:\n%.*s\n",
			(int)text->size, text->data,
			(int)result.messages.size,
			result.messages.data ? result.messages.data : "");
		abort();
	}
	free_result(&result);
}

static void
check_output(const struct plan *plan, const struct result *result,
	     struct aqi_slice input)
{
	enum aqi_syntax out = plan->format.out ? plan->format.out :
			      plan->format.in;
	size_t mark = input.size >= 3 &&
		      memcmp(input.data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

	if (out == AQI_SYNTAX_AUTO)
		out = input.size > mark && input.data[mark] == '{' ?
			      AQI_SYNTAX_NDJSON : AQI_SYNTAX_CSV;
	if (result->status != AQI_OK || plan->format.no_header)
		return;
	if (result->out.size)
		check_again(plan, out, &result->out, result->counts.written);
	if (result->rejects.size && out == AQI_SYNTAX_NDJSON)
		check_again(plan, out, &result->rejects,
			    result->counts.refused);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned a = input_byte(&data, &size), b = input_byte(&data, &size);
	uint32_t pieces = input_byte(&data, &size) + 1;
	struct plan plan = make_plan(a, b);
	struct aqi_slice input = input_slice(data, size);
	struct result whole = {0}, cut = {0};

	is_portable = false;
	run(plan, input, 0, &whole);
	is_portable = true;
	run(plan, input, pieces, &cut);
	check_same(&whole.messages, &cut.messages, "messages");
	check_same(&whole.out, &cut.out, "outputs");
	check_same(&whole.rejects, &cut.rejects, "refused records");
	CHECK(whole.status == cut.status);
	CHECK(whole.is_stopped == cut.is_stopped);
	CHECK(memcmp(&whole.counts, &cut.counts, sizeof cut.counts) == 0);
	check_output(&plan, &whole, input);
	free_result(&whole);
	free_result(&cut);
	return 0;
}
