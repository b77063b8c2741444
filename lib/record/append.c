/*
 * A row and what is added to it are written into room that is asked for once,
 * and mostly there is enough for the next ones, too.
 * Short texts are copied in moves of a fixed size that overlap, or go too far
 * where there is room: a call for each of them, and a branch for each length,
 * cost more than the rest of it.
 */
#include "record/append.h"

#include <stdint.h>

#include "record/csv_bits.h"
#include "record/layout.h"
#include "record/ndjson.h"
#include "record/value.h"

/* The bytes that are copied of a short text, whatever its length: two vectors,
 * which is as many as are looked at. */
#define SHORT 32

/* A text with what stands around it in the output. A step that adds texts adds
 * mostly the same few: what was made of one is kept, by where it lies. */
struct known {
	const char *data;
	uint32_t size, made_size;
	char made[SHORT];
};

/* More would find more texts that differ, and take longer to make empty. */
#define N_KNOWN 64

struct column {
	const struct aqi_field *values;	/* (n_rows,) */
	char before[SHORT];	/* of the value: delimiter; comma, key, colon */
	size_t n_before;
};

struct aqi_append {
	const struct aqi_format *format;
	const struct aqi_batch *batch;
	bool is_json;
	bool keeps_numbers;	/* they go out as they are */
	bool has_row;		/* the row stands before the added values */
	size_t n_columns;
	struct known known[N_KNOWN];
	struct column columns[];	/* (n_columns,) */
};

/* n bytes, at most SHORT, from where no more may be read. */
static inline void
copy_short(char *to, const char *from, size_t n)
{
	if (n >= 16) {
		memcpy(to, from, 16);
		memcpy(to + n - 16, from + n - 16, 16);
	} else if (n >= 8) {
		memcpy(to, from, 8);
		memcpy(to + n - 8, from + n - 8, 8);
	} else if (n >= 4) {
		memcpy(to, from, 4);
		memcpy(to + n - 4, from + n - 4, 4);
	} else if (n > 0) {
		to[0] = from[0];
		to[n / 2] = from[n / 2];
		to[n - 1] = from[n - 1];
	}
}

/* Most rows are of two moves or three: no branch asks which. */
static inline char *
copy_row(char *to, struct aqi_slice row)
{
	size_t at = 0;

	if (row.size < SHORT) {
		copy_short(to, row.data, row.size);
		return to + row.size;
	}
	if (row.size <= 3 * SHORT) {
		at = row.size - SHORT < SHORT ? row.size - SHORT : SHORT;
		memcpy(to, row.data, SHORT);
		memcpy(to + at, row.data + at, SHORT);
	} else {
		for (; at + SHORT < row.size; at += SHORT)
			memcpy(to + at, row.data + at, SHORT);
	}
	memcpy(to + row.size - SHORT, row.data + row.size - SHORT, SHORT);
	return to + row.size;
}

/* Are all outputs, or all behind the inputs, added ones? */
static bool
all_added(const struct aqi_layout *layout, size_t from)
{
	for (size_t i = from; i < layout->n_outputs; i++)
		if (!layout->outputs[i].is_added)
			return false;
	return true;
}

/* Can rows go out as they came, in front of what is added? */
static bool
keeps_rows(const struct aqi_writer *writer, const struct aqi_batch *batch)
{
	const struct aqi_format *format = writer->format;
	const struct aqi_layout *layout = writer->layout;

	if (!writer->passes_all || writer->in != writer->out ||
	    layout->n_named == 0 || layout->n_outputs == layout->n_named ||
	    !all_added(layout, layout->n_named))
		return false;
	if (writer->out == AQI_SYNTAX_NDJSON)
		return batch->members && !layout->drops_unknown;
	return !batch->map && !format->safe_csv &&
	       aqi_format_in_delimiter(format) == format->delimiter &&
	       aqi_format_in_decimal_mark(format) == format->decimal_mark;
}

/* Or are there no rows to be passed on at all? */
static bool
drops_rows(const struct aqi_writer *writer)
{
	const struct aqi_layout *layout = writer->layout;

	return layout->n_outputs > 0 && all_added(layout, 0) &&
	       (writer->in == AQI_SYNTAX_CSV || layout->drops_unknown ||
		writer->out == AQI_SYNTAX_CSV);
}

/* What stands before the values of a column, made where the text will be;
 * false: it is too long. */
static bool
set_before(const struct aqi_append *append, struct column *column, size_t i,
	   struct aqi_slice name, struct aqi_buffer *out)
{
	const bool is_first = i == 0 && !append->has_row;
	const size_t start = out->size;

	if (append->is_json) {
		aqi_buffer_add_byte(out, is_first ? '{' : ',');
		aqi_ndjson_add_string(out, name);
		aqi_buffer_add_byte(out, ':');
	} else if (!is_first) {
		aqi_buffer_add_byte(out, append->format->delimiter);
	}
	column->n_before = out->size - start;
	out->size = start;
	if (out->failed || column->n_before > SHORT)
		return false;
	if (column->n_before > 0)
		memcpy(column->before, out->data + start, column->n_before);
	return true;
}

static bool
set_columns(struct aqi_append *append, const struct aqi_layout *layout,
	    size_t from, struct aqi_buffer *out)
{
	const struct aqi_batch *batch = append->batch;

	for (size_t i = 0; i < append->n_columns; i++) {
		const struct aqi_output *output = &layout->outputs[from + i];

		append->columns[i].values =
			aqi_batch_added(batch, output->index);
		if (!set_before(append, &append->columns[i], i, output->name,
				out))
			return false;
	}
	return true;
}

struct aqi_append *
aqi_append_new(const struct aqi_writer *writer, struct aqi_batch *batch,
	       struct aqi_buffer *out)
{
	const struct aqi_layout *layout = writer->layout;
	const bool has_row = keeps_rows(writer, batch);
	const size_t from = has_row ? layout->n_named : 0;
	const size_t n = layout->n_outputs - from;
	struct aqi_append *append;

	if (writer->of_refused || batch->n_rows == 0 ||
	    (!has_row && !drops_rows(writer)))
		return NULL;
	append = aqi_batch_alloc(batch, 1, sizeof *append +
					   n * sizeof append->columns[0]);
	if (!append)
		return NULL;
	memset(append, 0, sizeof *append);
	append->format = writer->format;
	append->batch = batch;
	append->is_json = writer->out == AQI_SYNTAX_NDJSON;
	append->keeps_numbers = append->is_json ||
				append->format->decimal_mark == '.';
	append->has_row = has_row;
	append->n_columns = n;
	return set_columns(append, layout, from, out) ? append : NULL;
}

static void
add_value(const struct aqi_append *append, struct aqi_field field,
	  struct aqi_buffer *out)
{
	if (append->is_json)
		aqi_value_add_json(out, field);
	else
		aqi_value_add_csv(out, field, append->format);
}

/* What the columns from i on take at the most if their values are short, and
 * the end of a row. */
static inline size_t
most_behind(const struct aqi_append *append, size_t i)
{
	return 2 * SHORT * (append->n_columns - i) + SHORT;
}

/* A value that is long, or a text that is new; NULL without memory. */
static __attribute__((noinline)) char *
put_other(struct aqi_append *append, struct aqi_field field,
	  struct known *known, size_t i, struct aqi_buffer *out, char *p)
{
	size_t start, n;

	out->size = start = (size_t)(p - out->data);
	add_value(append, field, out);
	n = out->size - start;
	if (out->failed)
		return NULL;
	if (known && n <= SHORT) {
		known->data = field.data;
		known->size = field.size;
		known->made_size = (uint32_t)n;
		memcpy(known->made, out->data + start, n);
	}
	return aqi_buffer_room(out, most_behind(append, i));
}

/* Does one of 16 bytes have a meaning in CSV? */
static inline uint64_t
special_16(const char *p, char delimiter)
{
	return aqi_csv_bits_equal_16(p, delimiter) |
	       aqi_csv_bits_equal_16(p, '"') |
	       aqi_csv_bits_equal_16(p, '\n') |
	       aqi_csv_bits_equal_16(p, '\r');
}

/*
 * A short text that is none of the known, such as a time, as it is. It is
 * looked at where it stands, since to read what was just written in two parts
 * waits for both; less than a vector, where it was copied to. False: it needs
 * quotes, or more.
 */
static inline bool
copy_bare(const struct aqi_append *append, struct aqi_field field,
	  struct known *known, char *p)
{
	const struct aqi_format *format = append->format;
	uint64_t special;

	if (append->is_json || format->safe_csv || field.size > SHORT)
		return false;
	copy_short(p, field.data, field.size);
	if (field.size >= 16)
		special = special_16(field.data, format->delimiter) |
			  special_16(field.data + field.size - 16,
				     format->delimiter);
	else
		special = special_16(p, format->delimiter) &
			  ((UINT64_C(1) << field.size) - 1);
	if (special)
		return false;
	known->data = field.data;
	known->size = known->made_size = field.size;
	copy_short(known->made, field.data, field.size);
	return true;
}

static inline struct known *
find_known(struct aqi_append *append, struct aqi_field field)
{
	const uintptr_t place = (uintptr_t)field.data;

	return &append->known[(place ^ place >> 6) % N_KNOWN];
}

static inline char *
put_value(struct aqi_append *append, struct aqi_field field, size_t i,
	  struct aqi_buffer *out, char *p)
{
	struct known *known = NULL;

	if (field.kind == AQI_MISSING && !append->is_json)
		return p;

	if (field.kind == AQI_NUMBER && field.size <= SHORT &&
	    append->keeps_numbers) {
		copy_short(p, field.data, field.size);
		return p + field.size;
	}
	if (field.kind == AQI_TEXT) {
		known = find_known(append, field);
		if (known->data && known->data == field.data &&
		    known->size == field.size) {
			memcpy(p, known->made, SHORT);
			return p + known->made_size;
		}
		if (copy_bare(append, field, known, p))
			return p + field.size;
	}
	return put_other(append, field, known, i + 1, out, p);
}

/* All values of a row, and what stands before them: in CSV one byte, or none
 * before the first of a row. */
static inline char *
put_values(struct aqi_append *append, size_t row, struct aqi_buffer *out,
	   char *p, bool is_json)
{
	for (size_t i = 0; i < append->n_columns && p; i++) {
		const struct column *column = &append->columns[i];

		if (is_json)
			memcpy(p, column->before, SHORT);
		else
			*p = column->before[0];
		p = put_value(append, column->values[row], i, out,
			      p + column->n_before);
	}
	return p;
}

/* The object as it came, without its brace at the end. false: the row is not
 * for this. */
static inline bool
open_object(const struct aqi_members *members, struct aqi_slice *row)
{
	const char *end;

	if (!members->in_order || members->n == 0 || row->size < 3)
		return false;
	end = row->data + row->size;
	if (end[-1] != '}' || (unsigned char)end[-2] <= ' ')
		return false;
	row->size--;
	return true;
}

/* The room for a row from p on; NULL without memory. */
static inline char *
reserve(const struct aqi_append *append, struct aqi_buffer *out, char *p,
	size_t size)
{
	out->size = (size_t)(p - out->data);
	if (out->capacity - out->size >= size + most_behind(append, 0))
		return p;
	return aqi_buffer_room(out, size + most_behind(append, 0));
}

/* A row, from p on. Returns where the next one goes; NULL without memory. */
static inline char *
append_row(struct aqi_append *append, size_t row, struct aqi_slice text,
	   struct aqi_buffer *out, char *p, bool is_json)
{
	p = reserve(append, out, p, text.size);
	if (p)
		p = put_values(append, row, out, copy_row(p, text), is_json);
	if (p && is_json)
		*p++ = '}';
	if (p)
		*p++ = '\n';
	return p;
}

static inline size_t
append_rows(struct aqi_append *append, size_t row, struct aqi_buffer *out,
	    size_t *ends, bool is_json)
{
	const struct aqi_batch *batch = append->batch;
	struct aqi_slice text = {0};
	char *p = aqi_buffer_room(out, most_behind(append, 0));

	if (!p)
		return batch->n_rows;
	for (; row < batch->n_rows; row++) {
		if (!batch->refused[row]) {
			if (append->has_row)
				text = batch->rows[row];
			if (is_json && append->has_row &&
			    !open_object(&batch->members[row], &text))
				break;
			p = append_row(append, row, text, out, p, is_json);
			if (!p)
				return batch->n_rows;
		}
		ends[row] = (size_t)(p - out->data);
	}
	out->size = (size_t)(p - out->data);
	return row;
}

size_t
aqi_append_rows(struct aqi_append *append, size_t row, struct aqi_buffer *out,
		size_t *ends)
{
	return append->is_json ? append_rows(append, row, out, ends, true) :
				 append_rows(append, row, out, ends, false);
}
