#include "record/writer.h"

#include <stdlib.h>

#include "record/csv.h"
#include "record/ndjson.h"
#include "record/number.h"
#include "record/utf8.h"

static bool
passes_all(const struct aqi_layout *layout)
{
	if (layout->n_outputs < layout->n_inputs)
		return false;
	for (size_t i = 0; i < layout->n_inputs; i++)
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
aqi_writer_header(const struct aqi_writer *writer, bool with_reason,
		  struct aqi_buffer *out)
{
	const struct aqi_layout *layout = writer->layout;
	char delimiter = writer->format->delimiter;
	size_t n = with_reason ? layout->n_inputs : layout->n_outputs;

	if (writer->out != AQI_SYNTAX_CSV || writer->format->no_header)
		return;
	for (size_t i = 0; i < n; i++) {
		if (i)
			aqi_buffer_add_byte(out, delimiter);
		aqi_csv_add(out, with_reason ? layout->inputs[i] :
					       layout->outputs[i].name,
			    delimiter);
	}
	if (with_reason) {
		if (n)
			aqi_buffer_add_byte(out, delimiter);
		aqi_buffer_add_text(out, "reason");
	}
	aqi_buffer_add_byte(out, '\n');
}

static struct aqi_field
added_field(const struct aqi_batch *batch, size_t row, size_t index)
{
	return batch->added[index * batch->n_rows + row];
}

/* A number of ours has a point; CSV may want a comma. */
static void
add_number(const struct aqi_writer *writer, struct aqi_slice text,
	   struct aqi_buffer *out)
{
	const char *point = memchr(text.data, '.', text.size);

	if (point && writer->format->decimal_mark != '.') {
		aqi_buffer_add(out, text.data, (size_t)(point - text.data));
		aqi_buffer_add_byte(out, writer->format->decimal_mark);
		text.size -= (size_t)(point + 1 - text.data);
		text.data = point + 1;
	}
	aqi_buffer_add_slice(out, text);
}

static void
add_cell(const struct aqi_writer *writer, struct aqi_field field,
	 bool is_foreign, struct aqi_buffer *out)
{
	struct aqi_slice text = aqi_field_text(field);

	if (field.kind == AQI_MISSING)
		return;
	/* A CSV cell that passes through has its decimal mark already. */
	if (field.kind == AQI_NUMBER &&
	    !(is_foreign && writer->in == AQI_SYNTAX_CSV))
		add_number(writer, text, out);
	else
		aqi_csv_add(out, text, writer->format->delimiter);
}

/* A CSV cell as a JSON number, in JSON's grammar, with its bytes if it can. */
static bool
add_json_number(const struct aqi_writer *writer, struct aqi_slice text,
		struct aqi_buffer *out)
{
	char digits[AQI_NUMBER_SIZE];
	double x;

	text = aqi_slice_trim(text);
	if (aqi_number_to_double(text, writer->format->decimal_mark, &x) !=
	    AQI_NUMBER_OK)
		return false;
	if (aqi_ndjson_is_number(text))
		aqi_buffer_add_slice(out, text);
	else
		aqi_buffer_add(out, digits, aqi_number_shortest(digits, x));
	return true;
}

/* JSON's own grammar, but for the decimal mark of CSV. */
static bool
looks_like_number(const struct aqi_writer *writer, struct aqi_slice text)
{
	char copy[AQI_NUMBER_SIZE], *mark;

	text = aqi_slice_trim(text);
	if (writer->format->decimal_mark == '.')
		return aqi_ndjson_is_number(text);
	if (text.size > sizeof copy || memchr(text.data, '.', text.size))
		return false;
	memcpy(copy, text.data, text.size);
	mark = memchr(copy, writer->format->decimal_mark, text.size);
	if (mark)
		*mark = '.';
	return aqi_ndjson_is_number((struct aqi_slice){copy, text.size});
}

static void
add_json_cell(const struct aqi_writer *writer, const struct aqi_batch *batch,
	      size_t row, size_t input, struct aqi_buffer *out)
{
	struct aqi_field field = aqi_batch_field(batch, row, input);
	struct aqi_slice text = aqi_field_text(field);
	bool is_number = writer->layout->is_number[input];
	bool guessed = field.kind != AQI_MISSING && writer->format->infer &&
		       looks_like_number(writer, text);

	if (field.kind == AQI_MISSING ||
	    ((is_number || writer->format->infer) &&
	     aqi_batch_is_missing(batch, field)))
		aqi_buffer_add_text(out, "null");
	else if ((!is_number && !guessed) ||
		 !add_json_number(writer, text, out))
		aqi_ndjson_add_string(out, text);
}

/* A value that a step has added, or one that came in JSON. */
static void
add_json_value(struct aqi_field field, struct aqi_buffer *out)
{
	if (field.kind == AQI_MISSING)
		aqi_buffer_add_text(out, "null");
	else if (field.kind == AQI_TEXT)
		aqi_ndjson_add_string(out, aqi_field_text(field));
	else
		aqi_buffer_add_slice(out, aqi_field_text(field));
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
		size_t at = output->index;

		if (i)
			aqi_buffer_add_byte(out, writer->format->delimiter);
		if (output->is_added) {
			add_cell(writer, added_field(batch, row, at), false,
				 out);
			continue;
		}
		if (batch->map)
			at = batch->map[at];
		if (at != AQI_NO_COLUMN)
			aqi_buffer_add_slice(out, spans[at]);
	}
}

static void
csv_from_csv(const struct aqi_writer *writer, struct aqi_batch *batch,
	     size_t row, struct aqi_buffer *out)
{
	const struct aqi_layout *layout = writer->layout;
	struct aqi_slice few[64], *spans = few;
	size_t n;

	if (writer->passes_all && !batch->map) {
		aqi_buffer_add_slice(out, batch->rows[row]);
		for (size_t i = layout->n_inputs; i < layout->n_outputs; i++) {
			aqi_buffer_add_byte(out, writer->format->delimiter);
			add_cell(writer, added_field(batch, row,
						layout->outputs[i].index),
				 false, out);
		}
		return;
	}
	n = aqi_csv_spans(batch->rows[row], writer->format->delimiter, spans,
			  64);
	if (n > 64) {
		spans = aqi_batch_alloc(batch, n, sizeof *spans);
		if (!spans)
			return;
		aqi_csv_spans(batch->rows[row], writer->format->delimiter,
			      spans, n);
	}
	csv_from_spans(writer, batch, row, spans, out);
}

static void
csv_from_ndjson(const struct aqi_writer *writer, struct aqi_batch *batch,
		size_t row, struct aqi_buffer *out)
{
	const struct aqi_layout *layout = writer->layout;

	for (size_t i = 0; i < layout->n_outputs; i++) {
		size_t at = layout->outputs[i].index;

		if (i)
			aqi_buffer_add_byte(out, writer->format->delimiter);
		add_cell(writer, layout->outputs[i].is_added ?
					 added_field(batch, row, at) :
					 aqi_batch_field(batch, row, at),
			 !layout->outputs[i].is_added, out);
	}
}

static void
ndjson_from_csv(const struct aqi_writer *writer, struct aqi_batch *batch,
		size_t row, struct aqi_buffer *out)
{
	const struct aqi_layout *layout = writer->layout;

	aqi_buffer_add_byte(out, '{');
	for (size_t i = 0; i < layout->n_outputs; i++) {
		const struct aqi_output *output = &layout->outputs[i];

		if (i)
			aqi_buffer_add_byte(out, ',');
		aqi_ndjson_add_string(out, output->name);
		aqi_buffer_add_byte(out, ':');
		if (output->is_added)
			add_json_value(added_field(batch, row, output->index),
				       out);
		else
			add_json_cell(writer, batch, row, output->index, out);
	}
	aqi_buffer_add_byte(out, '}');
}

static void
add_member(const struct aqi_output *output, const struct aqi_batch *batch,
	   size_t row, bool *first, struct aqi_buffer *out)
{
	if (!*first)
		aqi_buffer_add_byte(out, ',');
	*first = false;
	aqi_ndjson_add_string(out, output->name);
	aqi_buffer_add_byte(out, ':');
	add_json_value(added_field(batch, row, output->index), out);
}

/* The object as it came, without its closing brace and what is behind. */
static struct aqi_slice
open_object(struct aqi_slice line)
{
	while (line.data[line.size - 1] != '}')
		line.size--;
	line.size--;
	while (line.size > 1 && strchr(" \t\r", line.data[line.size - 1]))
		line.size--;
	return line;
}

static const struct aqi_output *
find_added(const struct aqi_layout *layout, struct aqi_slice name)
{
	for (size_t i = 0; i < layout->n_outputs; i++)
		if (layout->outputs[i].is_added &&
		    aqi_slice_equal(layout->outputs[i].name, name))
			return &layout->outputs[i];
	return NULL;
}

/* Under which name a key that came in is passed on; NULL: it is not. */
static const struct aqi_output *
find_passed(const struct aqi_layout *layout, struct aqi_slice key)
{
	size_t input = aqi_layout_find(layout, key);

	for (size_t i = 0; input != AQI_NO_COLUMN && i < layout->n_outputs; i++)
		if (!layout->outputs[i].is_added &&
		    layout->outputs[i].index == input)
			return &layout->outputs[i];
	return NULL;
}

/* Is one of the members replaced by this output? */
static bool
has_place(const struct aqi_layout *layout, struct aqi_members members,
	  const struct aqi_output *output)
{
	for (size_t i = 0; i < members.n; i++)
		if (aqi_slice_equal(members.items[i].key, output->name))
			return !find_passed(layout, members.items[i].key);
	return false;
}

/*
 * NDJSON to NDJSON with members changed: each in its place, what nobody knows
 * among them, the added ones that have no place yet at the end.
 */
static void
splice_members(const struct aqi_writer *writer, const struct aqi_batch *batch,
	       size_t row, struct aqi_buffer *out)
{
	const struct aqi_layout *layout = writer->layout;
	const struct aqi_members members = batch->members[row];
	bool first = true;

	for (size_t i = 0; i < members.n; i++) {
		const struct aqi_member *m = &members.items[i];
		const struct aqi_output *added = find_added(layout, m->key);
		const struct aqi_output *passed = find_passed(layout, m->key);
		bool known = aqi_layout_find(layout, m->key) != AQI_NO_COLUMN;

		if (added && !passed) {
			add_member(added, batch, row, &first, out);
			continue;
		}
		if (!passed && (known || layout->drops_unknown))
			continue;
		if (!first)
			aqi_buffer_add_byte(out, ',');
		first = false;
		if (passed && !aqi_slice_equal(passed->name, m->key))
			aqi_ndjson_add_string(out, passed->name);
		else
			aqi_buffer_add_slice(out, m->raw_key);
		aqi_buffer_add_byte(out, ':');
		aqi_buffer_add_slice(out, m->raw_value);
	}
	for (size_t i = 0; i < layout->n_outputs; i++) {
		const struct aqi_output *output = &layout->outputs[i];

		if (output->is_added && !has_place(layout, members, output))
			add_member(output, batch, row, &first, out);
	}
}

/* Fresh objects in the layout's order, where the columns are chosen. */
static void
build_members(const struct aqi_writer *writer, const struct aqi_batch *batch,
	      size_t row, struct aqi_buffer *out)
{
	const struct aqi_layout *layout = writer->layout;

	for (size_t i = 0; i < layout->n_outputs; i++) {
		const struct aqi_output *output = &layout->outputs[i];

		if (i)
			aqi_buffer_add_byte(out, ',');
		aqi_ndjson_add_string(out, output->name);
		aqi_buffer_add_byte(out, ':');
		add_json_value(output->is_added ?
			added_field(batch, row, output->index) :
			aqi_batch_field(batch, row, output->index), out);
	}
}

/* Can the line go out as it came, with the added members behind? A later
 * record may hold a key that is added here, though the first had none. */
static bool
can_append(const struct aqi_writer *writer, const struct aqi_members *members)
{
	if (!writer->passes_all)
		return false;
	for (size_t i = 0; i < members->n; i++)
		if (find_added(writer->layout, members->items[i].key))
			return false;
	return true;
}

static void
ndjson_from_ndjson(const struct aqi_writer *writer, struct aqi_batch *batch,
		   size_t row, struct aqi_buffer *out)
{
	const struct aqi_layout *layout = writer->layout;
	bool first = batch->members[row].n == 0;

	if (layout->drops_unknown) {
		aqi_buffer_add_byte(out, '{');
		build_members(writer, batch, row, out);
	} else if (can_append(writer, &batch->members[row])) {
		if (layout->n_outputs == layout->n_inputs) {
			aqi_buffer_add_slice(out, batch->rows[row]);
			return;
		}
		aqi_buffer_add_slice(out, open_object(batch->rows[row]));
		for (size_t i = layout->n_inputs; i < layout->n_outputs; i++)
			add_member(&layout->outputs[i], batch, row, &first,
				   out);
	} else {
		aqi_buffer_add_byte(out, '{');
		splice_members(writer, batch, row, out);
	}
	aqi_buffer_add_byte(out, '}');
}

void
aqi_writer_format(const struct aqi_writer *writer, struct aqi_batch *batch)
{
	struct aqi_buffer *out = &batch->text;

	for (size_t i = 0; i < batch->n_rows; i++) {
		if (!batch->refused[i]) {
			if (writer->out == AQI_SYNTAX_CSV)
				(writer->in == AQI_SYNTAX_CSV ?
				 csv_from_csv : csv_from_ndjson)
					(writer, batch, i, out);
			else
				(writer->in == AQI_SYNTAX_CSV ?
				 ndjson_from_csv : ndjson_from_ndjson)
					(writer, batch, i, out);
			aqi_buffer_add_byte(out, '\n');
		}
		batch->ends[i] = out->size;
	}
}

/* All that is said of a row, in one text. */
static void
add_reasons(const struct aqi_batch *batch, const struct aqi_refusal *refusal,
	    struct aqi_buffer *out)
{
	size_t row = refusal->row;
	bool first = true;

	for (; refusal && refusal->row == row; refusal = refusal->next) {
		if (!first)
			aqi_buffer_add_text(out, "; ");
		first = false;
		if (refusal->column != AQI_NO_COLUMN) {
			aqi_buffer_add_slice(out, batch->layout->inputs[
							  refusal->column]);
			aqi_buffer_add_text(out, ": ");
		}
		aqi_buffer_add_text(out, refusal->reason);
	}
}

/* Could the row be taken apart? Then what is wrong is in a field. */
static bool
fits_header(const struct aqi_refusal *refusal)
{
	return refusal->at == AQI_AT_UNKNOWN;
}

static void
reject_csv(const struct aqi_writer *writer, struct aqi_batch *batch,
	   const struct aqi_refusal *refusal, struct aqi_slice reason,
	   struct aqi_buffer *out)
{
	const struct aqi_layout *layout = writer->layout;
	char delimiter = writer->format->delimiter;
	struct aqi_slice raw = batch->rows[refusal->row];
	bool fits = fits_header(refusal);

	if (fits && !batch->map && writer->in == AQI_SYNTAX_CSV) {
		aqi_buffer_add_slice(out, raw);
		aqi_buffer_add_byte(out, delimiter);
	}
	for (size_t i = 0; i < layout->n_inputs; i++) {
		if (fits && !batch->map && writer->in == AQI_SYNTAX_CSV)
			break;
		if (fits)
			add_cell(writer, aqi_batch_field(batch, refusal->row,
							 i), true, out);
		else if (i == 0)
			aqi_csv_add(out, raw, delimiter);
		aqi_buffer_add_byte(out, delimiter);
	}
	aqi_csv_add(out, reason, delimiter);
}

/* JSON strings are UTF-8; what is not becomes U+FFFD here. */
static void
add_any_string(struct aqi_buffer *out, struct aqi_slice text,
	       struct aqi_buffer *scratch)
{
	size_t at;

	aqi_buffer_clear(scratch);
	while ((at = aqi_utf8_check(text)) < text.size) {
		aqi_buffer_add(scratch, text.data, at);
		aqi_buffer_add_text(scratch, "\xef\xbf\xbd");
		text.data += at + 1;
		text.size -= at + 1;
	}
	aqi_buffer_add_slice(scratch, text);
	aqi_ndjson_add_string(out, (struct aqi_slice){scratch->data,
						      scratch->size});
}

static void
reject_ndjson(const struct aqi_writer *writer, struct aqi_batch *batch,
	      const struct aqi_refusal *refusal, struct aqi_slice reason,
	      struct aqi_buffer *out)
{
	const struct aqi_layout *layout = writer->layout;
	struct aqi_buffer scratch = {0};
	size_t row = refusal->row;

	if (!fits_header(refusal)) {
		aqi_buffer_add_text(out, "{\"record\":");
		add_any_string(out, batch->rows[row], &scratch);
		aqi_buffer_add_byte(out, ',');
	} else if (writer->in == AQI_SYNTAX_NDJSON) {
		aqi_buffer_add_slice(out, open_object(batch->rows[row]));
		if (out->data && out->data[out->size - 1] != '{')
			aqi_buffer_add_byte(out, ',');
	} else {
		aqi_buffer_add_byte(out, '{');
		for (size_t i = 0; i < layout->n_inputs; i++) {
			aqi_ndjson_add_string(out, layout->inputs[i]);
			aqi_buffer_add_byte(out, ':');
			add_json_cell(writer, batch, row, i, out);
			aqi_buffer_add_byte(out, ',');
		}
	}
	aqi_buffer_add_text(out, "\"reason\":");
	add_any_string(out, reason, &scratch);
	aqi_buffer_add_byte(out, '}');
	out->failed |= scratch.failed;
	aqi_buffer_free(&scratch);
}

void
aqi_writer_format_rejects(const struct aqi_writer *writer,
			  struct aqi_batch *batch)
{
	const struct aqi_refusal *refusal = batch->refusals;
	struct aqi_buffer *out = &batch->rejects, reasons = {0};

	for (size_t i = 0; i < batch->n_rows; i++) {
		if (refusal && refusal->row == i) {
			aqi_buffer_clear(&reasons);
			add_reasons(batch, refusal, &reasons);
			(writer->out == AQI_SYNTAX_CSV ?
			 reject_csv : reject_ndjson)
				(writer, batch, refusal,
				 (struct aqi_slice){reasons.data, reasons.size},
				 out);
			aqi_buffer_add_byte(out, '\n');
		}
		while (refusal && refusal->row == i)
			refusal = refusal->next;
		batch->reject_ends[i] = out->size;
	}
	out->failed |= reasons.failed;
	aqi_buffer_free(&reasons);
}
