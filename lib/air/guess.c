#include "air/guess.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "air/features.h"
#include "air/gather.h"
#include "air/mapping.h"
#include "record/format.h"
#include "record/layout.h"
#include "record/pipe.h"
#include "record/reader.h"

/* Fewer columns in common say nothing: many a table has a PM10. */
#define LEAST 3

/* Is it in the file, and not only expected of later records of NDJSON? */
static bool
is_there(const struct aqi_layout *layout, size_t input)
{
	if (input < layout->n_named)
		return true;
	for (size_t i = 0; i < layout->n_nested; i++)
		if (layout->nested[i].input == input)
			return true;
	return false;
}

static bool
has_one_of(const struct aqi_layout *layout, const struct aqi_names *names)
{
	for (size_t i = 0; i < names->n; i++)
		for (size_t k = 0; k < layout->n_inputs; k++)
			if (is_there(layout, k) &&
			    aqi_mapping_matches(names->items[i],
						layout->inputs[k]))
				return true;
	return false;
}

static size_t
count_fields(const struct aqi_layout *layout,
	     const struct aqi_mapping *mapping)
{
	size_t n = 0;

	/* A layout has its names in the rows. */
	if (mapping->layout.kind != AQI_LAYOUT_WIDE)
		return 0;
	for (size_t i = 0; i < AQI_N_TARGETS; i++)
		n += has_one_of(layout, &mapping->fields[i].columns);
	return n;
}

/* A mapping built in by its name; NULL without memory. */
static struct aqi_mapping *
load(struct aqi_slice slice)
{
	char name[64];

	snprintf(name, sizeof name, "%.*s", (int)slice.size, slice.data);
	return aqi_mapping_load(name, NULL);
}

static size_t
count_fields_of(const struct aqi_layout *layout, struct aqi_slice name)
{
	struct aqi_mapping *mapping = load(name);
	size_t n = mapping ? count_fields(layout, mapping) : 0;

	aqi_mapping_free(mapping);
	return n;
}

struct aqi_slice
aqi_guess_source(const struct aqi_layout *layout)
{
	struct aqi_slice names[AQI_GUESSES_MAX], best = {0};
	size_t most = count_fields_of(layout, aqi_slice_of("base"));
	size_t n;

	if (most < LEAST - 1)
		most = LEAST - 1;
	aqi_mapping_names(names, AQI_GUESSES_MAX, &n);
	for (size_t i = 0; i < n; i++) {
		size_t n_fields = count_fields_of(layout, names[i]);

		if (n_fields > most) {
			most = n_fields;
			best = names[i];
		}
	}
	return best;
}

/* A column that the mapping names, unless it names none there. */
static void
count_column(struct aqi_guess *guess, const struct aqi_layout *layout,
	     struct aqi_slice name)
{
	if (name.size == 0)
		return;
	guess->n_known++;
	guess->n_found += is_there(layout, aqi_layout_find(layout, name));
}

static void
count_names(struct aqi_guess *guess, const struct aqi_layout *layout,
	    const struct aqi_names *names)
{
	if (names->n == 0)
		return;
	guess->n_known++;
	guess->n_found += has_one_of(layout, names);
}

static void
count_columns(struct aqi_guess *guess, const struct aqi_layout *layout,
	      const struct aqi_mapping *mapping)
{
	const struct aqi_mapping_time *time = &mapping->time;

	count_column(guess, layout, mapping->station);
	count_column(guess, layout, time->offset_column);
	count_names(guess, layout, &time->names);
	for (size_t i = 0; time->n_columns > 1 && i < time->n_columns; i++)
		count_column(guess, layout, time->columns[i]);
	count_column(guess, layout, mapping->layout.parameter);
	count_column(guess, layout, mapping->layout.value);
	if (mapping->layout.kind != AQI_LAYOUT_WIDE)
		return;
	for (size_t i = 0; i < AQI_N_TARGETS; i++)
		count_names(guess, layout, &mapping->fields[i].columns);
}

/* The step before the mapping's: it ends the run behind the first batch. */
struct probe {
	size_t n_batches;
};

static enum aqi_status
probe_bind(void *self, struct aqi_layout *layout, struct aqi_error *err)
{
	(void)self;
	(void)layout;
	(void)err;
	return AQI_OK;
}

static enum aqi_status
probe_run(void *self, struct aqi_batch *batch, struct aqi_error *err)
{
	struct probe *probe = self;

	(void)batch;
	if (probe->n_batches++ == 0)
		return AQI_OK;
	return aqi_error_set(err, AQI_E_NONE, "enough is read");
}

/* What a try says of the file, besides the counts. */
static void
describe(struct aqi_guess *guess, const struct aqi_layout *layout,
	 const struct aqi_mapping *mapping, const struct aqi_format *format)
{
	count_columns(guess, layout, mapping);
	if (aqi_format_has_header_line(format) && !layout->is_json)
		guess->header_line = layout->line;
	if (format->encoding)
		snprintf(guess->encoding, sizeof guess->encoding, "%s",
			 format->encoding);
	if (!layout->is_json)
		guess->delimiter = aqi_format_in_delimiter(format);
}

/*
 * Run the start of a file through a mapping. AQI_OK: it may be its source;
 * AQI_END: it is not. The run is over behind the first batch, with what that
 * probe says, or where the file does not fit.
 */
static enum aqi_status
try(const char *file, struct aqi_format format,
    const struct aqi_mapping *mapping, struct aqi_guess *guess,
    struct aqi_error *err)
{
	const struct aqi_gather_options options = {
		.features = {.mapping = mapping},
		.format = &format,
		.max_held = UINT64_MAX,		/* of one batch */
	};
	bool gathers = mapping->layout.kind != AQI_LAYOUT_WIDE;
	struct probe probe = {0};
	struct aqi_features *features = aqi_features_new(&options.features);
	struct aqi_gather *gather = aqi_gather_new(&options);
	struct aqi_step steps[2] = {
		{.self = &probe, .bind = probe_bind, .run = probe_run},
	};
	struct aqi_pipe pipe = {.format = &format, .steps = steps,
				.n_steps = 2};
	const struct aqi_layout *layout;
	enum aqi_status status = AQI_END;

	aqi_mapping_set_format(mapping, &format);
	pipe.reader = aqi_reader_new(&file, 1, &format);
	if (!features || !gather || !pipe.reader) {
		status = aqi_error_memory(err);
		goto free;
	}
	steps[1] = gathers ? aqi_gather_step(gather) :
			     aqi_features_step(features);
	err->code = AQI_E_NONE;
	if (aqi_pipe_run(&pipe, err) != AQI_OK && err->code != AQI_E_NONE) {
		if (err->code == AQI_E_IO || err->code == AQI_E_MEMORY)
			status = AQI_FATAL;
		goto free;
	}
	layout = aqi_reader_layout(pipe.reader);
	guess->n_read = pipe.counts.read;
	guess->n_refused = pipe.counts.refused;
	guess->is_empty = pipe.counts.written == 0;
	/* Names of the mapping's own say nothing where no record is read. */
	if (layout && (guess->n_read > 0 || !format.header) &&
	    guess->n_refused * 2 <= guess->n_read) {
		describe(guess, layout, mapping, &format);
		status = AQI_OK;
	}
free:
	aqi_reader_free(pipe.reader);
	aqi_gather_free(gather);
	aqi_features_free(features);
	return status;
}

static int
by_likelihood(const void *left, const void *right)
{
	const struct aqi_guess *a = left, *b = right;
	double refused_a = a->n_read ? (double)a->n_refused /
				       (double)a->n_read : 0;
	double refused_b = b->n_read ? (double)b->n_refused /
				       (double)b->n_read : 0;

	if (a->n_found != b->n_found)
		return a->n_found < b->n_found ? 1 : -1;
	if (refused_a < refused_b || refused_a > refused_b)
		return refused_a > refused_b ? 1 : -1;
	/* As they are listed: qsort is not stable. */
	return a->name.data < b->name.data ? -1 : a->name.data > b->name.data;
}

/* Each try reads from the start, which a stream has only once. */
static enum aqi_status
check_file(const char *file, struct aqi_error *err)
{
	struct stat st;

	if (strcmp(file, "-") != 0 &&
	    (stat(file, &st) != 0 || !S_ISFIFO(st.st_mode)))
		return AQI_OK;
	aqi_error_set(err, AQI_E_USAGE, "a guess reads its file several times, "
		      "and this is a stream; save it as a file");
	return aqi_error_at(err, file, 0, 0);
}

enum aqi_status
aqi_guess_file(const char *file, const struct aqi_format *format,
	       struct aqi_guess *guesses, size_t *n, struct aqi_error *err)
{
	struct aqi_slice names[AQI_GUESSES_MAX];
	size_t n_names;

	*n = 0;
	if (check_file(file, err) != AQI_OK)
		return AQI_FATAL;
	aqi_mapping_names(names, AQI_GUESSES_MAX, &n_names);
	for (size_t i = 0; i < n_names; i++) {
		struct aqi_mapping *mapping = load(names[i]);
		struct aqi_guess guess = {.name = names[i]};
		enum aqi_status status;

		if (!mapping)
			return aqi_error_memory(err);
		status = try(file, *format, mapping, &guess, err);
		aqi_mapping_free(mapping);
		if (status == AQI_FATAL)
			return status;
		if (status == AQI_OK)
			guesses[(*n)++] = guess;
	}
	qsort(guesses, *n, sizeof *guesses, by_likelihood);
	return AQI_OK;
}

static void
add_why(struct aqi_buffer *out, const struct aqi_guess *guess)
{
	aqi_buffer_add_format(out, "%zu of %zu columns", guess->n_found,
			      guess->n_known);
	if (guess->n_read > 0)
		aqi_buffer_add_format(out, ", %" PRIu64 " of the first %" PRIu64
				      " records",
				      guess->n_read - guess->n_refused,
				      guess->n_read);
	else
		aqi_buffer_add_format(out, ", no record");
	if (guess->n_read > guess->n_refused && guess->is_empty)
		aqi_buffer_add_text(out, ", none of a parameter it knows");
	if (guess->delimiter == '\t')
		aqi_buffer_add_format(out, "; delimiter tab");
	else if (guess->delimiter)
		aqi_buffer_add_format(out, "; delimiter %c", guess->delimiter);
	else
		aqi_buffer_add_format(out, "; NDJSON");
	if (guess->encoding[0])
		aqi_buffer_add_format(out, "; %s", guess->encoding);
	if (guess->delimiter && guess->header_line != 1)
		aqi_buffer_add_format(out, guess->header_line ?
				      "; header in line %" PRIu64 :
				      "; no header",
				      guess->header_line);
}

void
aqi_guess_add_line(struct aqi_buffer *out, const char *file,
		   const struct aqi_guess *guesses, size_t n)
{
	/* A line is one file, whatever its name holds. */
	for (const char *p = file; *p; p++)
		aqi_buffer_add_byte(out, (unsigned char)*p < 0x20 ? '?' : *p);
	if (n == 0) {
		aqi_buffer_add_format(out, "\t-\tno source reads it\n");
		return;
	}
	aqi_buffer_add_byte(out, '\t');
	aqi_buffer_add_slice(out, guesses[0].name);
	aqi_buffer_add_byte(out, '\t');
	add_why(out, &guesses[0]);
	for (size_t i = 1; i < n && guesses[i].n_found + 1 >=
				    guesses[0].n_found; i++)
		aqi_buffer_add_format(out, "; or %.*s (%zu columns)",
				      (int)guesses[i].name.size,
				      guesses[i].name.data,
				      guesses[i].n_found);
	aqi_buffer_add_byte(out, '\n');
}
