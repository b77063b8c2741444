#include "api/records.h"

#include <stdlib.h>

#include "air/base_record.h"
#include "air/synth.h"
#include "record/pipe.h"
#include "record/writer.h"

/*
 * Made-up records come so many at a time. More would save calls, and have a
 * request wait for the making of those behind it.
 */
#define AHEAD 16

struct aqi_records {
	struct aqi_synth *synth;	/* NULL: of lines */
	struct aqi_buffer made;
	size_t ends[AHEAD], at;		/* which of them is next */
	bool is_labelled;
	struct aqi_slice lines, rest;
	bool again;
	struct aqi_buffer loaded;	/* what the lines are of */
};

struct aqi_records *
aqi_records_new(const struct aqi_synth_options *options, struct aqi_error *err)
{
	struct aqi_records *records = calloc(1, sizeof *records);
	struct aqi_synth_options ours = *options;

	if (!records) {
		aqi_error_memory(err);
		return NULL;
	}
	ours.syntax = AQI_SYNTAX_NDJSON;
	ours.label = records->is_labelled = options->invalid > 0;
	records->at = AHEAD;
	records->synth = aqi_synth_new(&ours, err);
	if (!records->synth) {
		free(records);
		return NULL;
	}
	return records;
}

/* Take a line without its end out of a text; false at its end. */
static bool
next_line(struct aqi_slice *text, struct aqi_slice *line)
{
	while (text->size > 0) {
		const char *end = memchr(text->data, '\n', text->size);
		size_t n = end ? (size_t)(end - text->data) : text->size;

		*line = (struct aqi_slice){text->data, n};
		text->data += end ? n + 1 : n;
		text->size -= end ? n + 1 : n;
		if (line->size > 0 && line->data[line->size - 1] == '\r')
			line->size--;
		if (aqi_slice_trim(*line).size > 0)
			return true;
	}
	return false;
}

struct aqi_records *
aqi_records_of_lines(struct aqi_slice text, bool again, struct aqi_error *err)
{
	struct aqi_records *records;
	struct aqi_slice line, rest = text;

	if (!next_line(&rest, &line)) {
		aqi_error_set(err, AQI_E_DATA, "there is no record to send");
		return NULL;
	}
	records = calloc(1, sizeof *records);
	if (!records) {
		aqi_error_memory(err);
		return NULL;
	}
	records->lines = records->rest = text;
	records->again = again;
	return records;
}

/* A step of a run that goes nowhere: it keeps the records as lines of JSON. */
struct keeping {
	struct aqi_buffer text;
	uint64_t n;
	const struct aqi_layout *layout;
	bool is_json;
	bool has_refused;
	struct aqi_error why;
};

static enum aqi_status
keep_bind(void *self, struct aqi_layout *layout, struct aqi_error *err)
{
	struct keeping *keeping = self;

	(void)err;
	keeping->layout = layout;
	return AQI_OK;
}

static enum aqi_status
keep_run(void *self, struct aqi_batch *batch, struct aqi_error *err)
{
	struct keeping *keeping = self;
	struct aqi_writer writer = aqi_writer_new(batch->format,
						  keeping->layout,
						  batch->syntax);
	size_t *ends = aqi_batch_alloc(batch, batch->n_rows, sizeof *ends);

	if (!ends)
		return aqi_error_memory(err);
	keeping->is_json = batch->syntax == AQI_SYNTAX_NDJSON;
	keeping->n += batch->n_rows;
	for (size_t i = 0; keeping->is_json && i < batch->n_rows; i++) {
		aqi_buffer_add_slice(&keeping->text, batch->rows[i]);
		aqi_buffer_add_byte(&keeping->text, '\n');
	}
	if (!keeping->is_json)
		aqi_writer_format(&writer, batch, &keeping->text, ends);
	return keeping->text.failed ? aqi_error_memory(err) : AQI_OK;
}

static void
keep_refused(void *self, const struct aqi_error *why)
{
	struct keeping *keeping = self;

	if (!keeping->has_refused)
		keeping->why = *why;
	keeping->has_refused = true;
}

/*
 * A line of JSON that cannot be read is sent all the same, to see what comes
 * of it; but the first tells the syntax, and is to be whole.
 */
static enum aqi_status
load_lines(struct keeping *keeping, const char *path, struct aqi_error *err)
{
	static const struct aqi_slice missing[] = {{"NA", 2}};
	struct aqi_format format = {
		.out = AQI_SYNTAX_NDJSON,
		.delimiter = ',',
		.decimal_mark = '.',
		.max_record = AQI_MAX_RECORD,
		.missing = missing,
		.n_missing = 1,
	};
	const struct aqi_step step = {
		.self = keeping, .bind = keep_bind, .run = keep_run,
	};
	struct aqi_pipe pipe = {
		.format = &format,
		.steps = &step,
		.n_steps = 1,
		.watcher = {keeping, keep_refused, NULL},
	};
	enum aqi_status status;

	format.numbers = aqi_known_numbers(&format.n_numbers);
	pipe.reader = aqi_reader_new(&path, 1, &format);
	if (!pipe.reader)
		return aqi_error_memory(err);
	status = aqi_pipe_run(&pipe, err);
	aqi_reader_free(pipe.reader);
	if (status == AQI_OK && keeping->has_refused &&
	    (!keeping->is_json || keeping->n < pipe.counts.read)) {
		*err = keeping->why;
		return AQI_FATAL;
	}
	return status;
}

struct aqi_records *
aqi_records_load(const char *path, bool again, struct aqi_error *err)
{
	struct keeping keeping = {0};
	struct aqi_records *records = NULL;

	if (load_lines(&keeping, path, err) == AQI_OK)
		records = aqi_records_of_lines(
			(struct aqi_slice){keeping.text.data,
					   keeping.text.size}, again, err);
	if (records)
		records->loaded = keeping.text;
	else
		aqi_buffer_free(&keeping.text);
	return records;
}

static bool
cut_prefix(struct aqi_slice *text, const char *prefix)
{
	size_t n = strlen(prefix);

	if (text->size < n || memcmp(text->data, prefix, n) != 0)
		return false;
	text->data += n;
	text->size -= n;
	return true;
}

/* Cut off what a label adds: the members `expect` and `fault`. */
static bool
cut_label(struct aqi_slice *record)
{
	bool is_good = cut_prefix(record, "{\"expect\":\"valid\",\"fault\":\"");

	if (!is_good)
		cut_prefix(record, "{\"expect\":\"invalid\",\"fault\":\"");
	while (!cut_prefix(record, "\""))
		record->data++, record->size--;
	cut_prefix(record, ",");
	return is_good;
}

/* One line there is: see aqi_records_of_lines. */
static bool
next_of_lines(struct aqi_records *records, struct aqi_buffer *out)
{
	struct aqi_slice line;

	while (!next_line(&records->rest, &line)) {
		if (!records->again)
			return false;
		records->rest = records->lines;
	}
	aqi_buffer_add_slice(out, line);
	return true;
}

bool
aqi_records_next(struct aqi_records *records, struct aqi_buffer *out,
		 bool *is_good)
{
	struct aqi_slice record;
	size_t begin;

	*is_good = true;
	if (!records->synth)
		return next_of_lines(records, out);
	if (records->at == AHEAD) {
		aqi_buffer_clear(&records->made);
		aqi_synth_next(records->synth, AHEAD, &records->made,
			       records->ends);
		records->at = 0;
		out->failed = out->failed || records->made.failed;
		if (out->failed)
			return true;
	}
	begin = records->at ? records->ends[records->at - 1] : 0;
	record.data = records->made.data + begin;
	record.size = records->ends[records->at++] - begin - 1;
	if (records->is_labelled) {
		*is_good = cut_label(&record);
		aqi_buffer_add_byte(out, '{');
	}
	aqi_buffer_add_slice(out, record);
	return true;
}

/* Where the value that begins at a byte ends. */
static const char *
end_of_value(const char *p, const char *end)
{
	size_t depth = 0;
	bool quoted = false;

	for (; p < end; p++) {
		if (quoted && *p == '\\' && p + 1 < end)
			p++;
		else if (*p == '"')
			quoted = !quoted;
		else if (quoted)
			continue;
		else if (*p == '{' || *p == '[')
			depth++;
		else if (depth == 0 && (*p == ',' || *p == '}'))
			break;
		else if (*p == '}' || *p == ']')
			depth--;
	}
	return p;
}

struct aqi_slice
aqi_records_value(struct aqi_slice record, struct aqi_slice name)
{
	const char *p = record.data, *end = p + record.size, *value;

	while (p < end && *p != '{')
		p++;
	while (p < end && *p != '}') {
		struct aqi_slice key;

		p = memchr(p, '"', (size_t)(end - p));
		if (!p)
			break;
		key.data = ++p;
		while (p < end && *p != '"')
			p += *p == '\\' && p + 1 < end ? 2 : 1;
		key.size = (size_t)(p - key.data);
		while (p < end && *p != ':')
			p++;
		if (p == end)
			break;
		value = p + 1;
		p = end_of_value(value, end);
		if (aqi_slice_equal(key, name))
			return aqi_slice_trim((struct aqi_slice){
				value, (size_t)(p - value)});
	}
	return (struct aqi_slice){NULL, 0};
}

void
aqi_records_free(struct aqi_records *records)
{
	if (!records)
		return;
	aqi_synth_free(records->synth);
	aqi_buffer_free(&records->made);
	aqi_buffer_free(&records->loaded);
	free(records);
}
