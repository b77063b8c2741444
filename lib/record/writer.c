#include "record/writer.h"

#include "record/append.h"
#include "record/csv.h"
#include "record/ndjson.h"
#include "record/reject.h"
#include "record/splice.h"
#include "record/value.h"

static bool
passes_all(const struct aqi_layout *layout)
{
	if (layout->n_outputs < layout->n_named)
		return false;
	for (size_t i = 0; i < layout->n_named; i++)
		if (layout->outputs[i].is_added ||
		    layout->outputs[i].index != i ||
		    !aqi_slice_equal(layout->outputs[i].name,
				     layout->inputs[i]))
			return false;
	return true;
}

struct aqi_writer
aqi_writer_new(const struct aqi_format *format, const struct aqi_layout *layout,
	       enum aqi_syntax in)
{
	return (struct aqi_writer){
		.format = format,
		.layout = layout,
		.in = in,
		.out = format->out == AQI_SYNTAX_AUTO ? in : format->out,
		.passes_all = passes_all(layout),
	};
}

void
aqi_writer_header(const struct aqi_writer *writer, struct aqi_buffer *out)
{
	const struct aqi_layout *layout = writer->layout;
	char delimiter = writer->format->delimiter;

	if (writer->out != AQI_SYNTAX_CSV || writer->format->no_header ||
	    writer->format->hides_header)
		return;
	for (size_t i = 0; i < layout->n_outputs; i++) {
		if (i)
			aqi_buffer_add_byte(out, delimiter);
		aqi_value_add_csv_text(out, layout->outputs[i].name,
				       writer->format);
	}
	aqi_buffer_add_byte(out, '\n');
}

static struct aqi_field
added_field(const struct aqi_batch *batch, size_t row, size_t index)
{
	return aqi_batch_added(batch, index)[row];
}

/*
 * CSV to CSV with columns changed or moved: the bytes of each field that is
 * passed through, as they stand, quotes and all.
 */
static void
csv_from_spans(const struct aqi_writer *writer, struct aqi_batch *batch,
	       size_t row, struct aqi_slice *spans, struct aqi_buffer *out)
{
	const struct aqi_layout *layout = writer->layout;

	for (size_t i = 0; i < layout->n_outputs; i++) {
		const struct aqi_output *output = &layout->outputs[i];
		size_t at = output->index, start;

		if (i)
			aqi_buffer_add_byte(out, writer->format->delimiter);
		if (output->is_added) {
			aqi_value_add_csv(out, added_field(batch, row, at),
					  writer->format);
			continue;
		}
		if (batch->map)
			at = batch->map[at];
		if (at == AQI_NO_COLUMN)
			continue;
		start = out->size;
		aqi_buffer_add_slice(out, spans[at]);
		aqi_value_guard(out, start, writer->format);
	}
}

/* From NDJSON, or from CSV that is written in another way. */
static void
csv_from_fields(const struct aqi_writer *writer, struct aqi_batch *batch,
		size_t row, struct aqi_buffer *out)
{
	const struct aqi_layout *layout = writer->layout;

	for (size_t i = 0; i < layout->n_outputs; i++) {
		size_t at = layout->outputs[i].index;

		if (i)
			aqi_buffer_add_byte(out, writer->format->delimiter);
		if (layout->outputs[i].is_added)
			aqi_value_add_csv(out, added_field(batch, row, at),
					  writer->format);
		else
			aqi_value_add_csv_cell(out, batch, row, at);
	}
}

static void
csv_from_csv(const struct aqi_writer *writer, struct aqi_batch *batch,
	     size_t row, struct aqi_buffer *out)
{
	const struct aqi_layout *layout = writer->layout;
	const char delimiter = writer->format->delimiter;
	struct aqi_slice few[64], *spans = few;
	size_t n;

	if (writer->passes_all && !batch->map && !writer->format->safe_csv) {
		aqi_buffer_add_slice(out, batch->rows[row]);
		for (size_t i = layout->n_named; i < layout->n_outputs; i++) {
			aqi_buffer_add_byte(out, delimiter);
			aqi_value_add_csv(out, added_field(batch, row,
						layout->outputs[i].index),
					  writer->format);
		}
		return;
	}
	n = aqi_csv_spans(batch->rows[row], delimiter, spans, 64);
	if (n > 64) {
		spans = aqi_batch_alloc(batch, n, sizeof *spans);
		if (!spans)
			return;
		aqi_csv_spans(batch->rows[row], delimiter, spans, n);
	}
	csv_from_spans(writer, batch, row, spans, out);
}

/* What stands before a value: brace or comma, key, colon. */
static void
add_key(const struct aqi_layout *layout, size_t i, struct aqi_buffer *out)
{
	aqi_buffer_add_byte(out, i ? ',' : '{');
	aqi_ndjson_add_string(out, layout->outputs[i].name);
	aqi_buffer_add_byte(out, ':');
}

/* The same of all outputs, made once for a batch, where its text will be. NULL
 * without memory, which the run then reports. */
static const struct aqi_slice *
make_keys(const struct aqi_layout *layout, struct aqi_batch *batch,
	  struct aqi_buffer *out)
{
	struct aqi_slice *keys =
		aqi_batch_alloc(batch, layout->n_outputs, sizeof *keys);
	const size_t start = out->size;

	for (size_t i = 0; keys && i < layout->n_outputs; i++) {
		add_key(layout, i, out);
		if (out->failed)
			return NULL;
		keys[i] = aqi_arena_copy(&batch->arena, (struct aqi_slice){
				out->data + start, out->size - start});
		out->size = start;
	}
	return batch->arena.failed ? NULL : keys;
}

static void
ndjson_from_csv(const struct aqi_writer *writer, struct aqi_batch *batch,
		size_t row, struct aqi_buffer *out)
{
	const struct aqi_layout *layout = writer->layout;

	if (layout->n_outputs == 0)
		aqi_buffer_add_byte(out, '{');
	for (size_t i = 0; i < layout->n_outputs; i++) {
		const struct aqi_output *output = &layout->outputs[i];

		if (writer->keys)
			aqi_buffer_add_slice(out, writer->keys[i]);
		else
			add_key(layout, i, out);
		if (output->is_added)
			aqi_value_add_json(out, added_field(batch, row,
							    output->index));
		else
			aqi_value_add_json_cell(out, batch, row,
						output->index);
	}
	aqi_buffer_add_byte(out, '}');
}

static void
ndjson_from_ndjson(const struct aqi_writer *writer, struct aqi_batch *batch,
		   size_t row, struct aqi_buffer *out)
{
	aqi_splice(out, writer->layout, batch, row, writer->passes_all);
}

typedef void row_fn(const struct aqi_writer *writer, struct aqi_batch *batch,
		    size_t row, struct aqi_buffer *out);

/* Is CSV written as it is read? */
static bool
keeps_form(const struct aqi_writer *writer)
{
	const struct aqi_format *format = writer->format;

	return aqi_format_in_delimiter(format) == format->delimiter &&
	       aqi_format_in_decimal_mark(format) == format->decimal_mark;
}

static row_fn *
row_writer(const struct aqi_writer *writer)
{
	if (writer->out == AQI_SYNTAX_CSV)
		return writer->in == AQI_SYNTAX_CSV && keeps_form(writer) ?
			       csv_from_csv : csv_from_fields;
	return writer->in == AQI_SYNTAX_CSV ? ndjson_from_csv :
					      ndjson_from_ndjson;
}

void
aqi_writer_format(const struct aqi_writer *writer, struct aqi_batch *batch,
		  struct aqi_buffer *out, size_t *ends)
{
	row_fn *write_row = row_writer(writer);
	const struct aqi_refusal *refusal = batch->refusals;
	struct aqi_append *append = aqi_append_new(writer, batch, out);
	struct aqi_writer with_keys = *writer;
	size_t i;

	if (write_row == ndjson_from_csv && !append && batch->n_rows > 1)
		with_keys.keys = make_keys(writer->layout, batch, out);

	i = append ? aqi_append_rows(append, 0, out, ends) : 0;
	while (i < batch->n_rows) {
		while (refusal && refusal->row < i)
			refusal = refusal->next;
		if (batch->refused[i] == writer->of_refused) {
			if (writer->of_refused && refusal &&
			    !aqi_reject_is_readable(refusal))
				aqi_reject_add_unreadable(out, writer, batch,
							  refusal);
			else
				write_row(&with_keys, batch, i, out);
			aqi_buffer_add_byte(out, '\n');
		}
		ends[i++] = out->size;
		if (append)
			i = aqi_append_rows(append, i, out, ends);
	}
}
