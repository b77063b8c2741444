/* Why rows of a batch are refused. */
#include "record/batch.h"

#include <stdarg.h>
#include <stdio.h>

#include "record/csv.h"
#include "record/layout.h"
#include "record/ndjson.h"

/*
 * Keep the list in order of rows. They come in that order from a reader, and
 * again for each column that a step looks at: the search begins at the last
 * one put in.
 */
static void
insert(struct aqi_batch *batch, struct aqi_refusal *refusal)
{
	struct aqi_refusal **link = &batch->refusals;

	if (batch->last_refusal && batch->last_refusal->row <= refusal->row)
		link = &batch->last_refusal->next;
	else if (batch->new_refusal && batch->new_refusal->row <= refusal->row)
		link = &batch->new_refusal->next;
	while (*link && (*link)->row <= refusal->row)
		link = &(*link)->next;
	refusal->next = *link;
	*link = refusal;
	batch->new_refusal = refusal;
	if (!refusal->next)
		batch->last_refusal = refusal;
}

static void
refuse(struct aqi_batch *batch, struct aqi_refusal place, const char *reason)
{
	struct aqi_refusal *refusal =
		aqi_arena_alloc(&batch->arena, sizeof *refusal);

	batch->refused[place.row] = true;
	if (!refusal)
		return;
	/* The text is copied with its terminator. */
	place.reason = aqi_arena_copy(&batch->arena, (struct aqi_slice){
					      reason, strlen(reason) + 1}).data;
	*refusal = place;
	if (refusal->reason)
		insert(batch, refusal);
}

void
aqi_batch_refuse(struct aqi_batch *batch, size_t row, size_t column,
		 enum aqi_code code, const char *format, ...)
{
	char reason[sizeof ((struct aqi_error *)0)->reason];
	va_list ap;

	va_start(ap, format);
	vsnprintf(reason, sizeof reason, format, ap);
	va_end(ap);
	refuse(batch, (struct aqi_refusal){.row = row, .column = column,
					   .at = AQI_AT_UNKNOWN, .code = code},
	       reason);
}

void
aqi_batch_refuse_at(struct aqi_batch *batch, size_t row, size_t at,
		    enum aqi_code code, const char *reason)
{
	refuse(batch, (struct aqi_refusal){.row = row, .column = AQI_NO_COLUMN,
					   .at = at, .code = code}, reason);
}

/* Where an input column's value begins in the row's bytes; AQI_AT_UNKNOWN
 * where the row has none. */
static size_t
find_value(const struct aqi_batch *batch, size_t row, size_t column)
{
	const struct aqi_slice text = batch->rows[row];
	size_t at = batch->map ? batch->map[column] : column;

	if (batch->syntax == AQI_SYNTAX_CSV)
		return at == AQI_NO_COLUMN ? AQI_AT_UNKNOWN : aqi_csv_find(
			text, aqi_format_in_delimiter(batch->format), at);
	return aqi_ndjson_find(text, batch->layout->inputs[column]);
}

void
aqi_batch_explain(const struct aqi_batch *batch,
		  const struct aqi_refusal *refusal, struct aqi_error *err)
{
	struct aqi_slice text = batch->rows[refusal->row];
	size_t at = refusal->at, start = 0;
	uint64_t line = batch->lines[refusal->row];

	aqi_error_set(err, refusal->code, "%s", refusal->reason);
	if (refusal->column != AQI_NO_COLUMN) {
		aqi_error_name(err, batch->layout->inputs[refusal->column]);
		at = find_value(batch, refusal->row, refusal->column);
	}
	if (at == AQI_AT_UNKNOWN) {
		aqi_error_at(err, batch->file, line, 0);
		return;
	}
	for (size_t i = 0; i < at && i < text.size; i++) {
		if (text.data[i] == '\n') {
			line++;
			start = i + 1;
		}
	}
	aqi_error_at(err, batch->file, line, at - start + 1);
}
