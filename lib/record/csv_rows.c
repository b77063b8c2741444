#include "record/csv_rows.h"

#include "record/layout.h"
#include "record/utf8.h"

struct aqi_csv_rows
aqi_csv_rows_begin(struct aqi_batch *batch, size_t size, size_t n_fields,
		   struct aqi_csv *csv)
{
	struct aqi_csv_rows rows = {
		.batch = batch, .csv = csv, .n_fields = n_fields,
		.cut_quoted = aqi_csv_quoted_cutter(),
		.plain = {
			.base = batch->base, .size = size,
			.delimiter = aqi_format_in_delimiter(batch->format),
			.n_fields = n_fields,
		},
	};
	const bool is_moved = batch->map || n_fields != batch->n_columns;

	if (is_moved)
		rows.cells = aqi_arena_array(&batch->arena, n_fields,
					     sizeof *rows.cells);
	if (size <= UINT32_MAX && (rows.cells || !is_moved))
		rows.cut = aqi_csv_cutter();
	return rows;
}

/* The values to where they go; where there is no column, they are missing. */
static void
place(const struct aqi_csv_rows *rows, struct aqi_extent *extents)
{
	const struct aqi_extent missing = {0};
	const struct aqi_batch *batch = rows->batch;

	for (size_t k = 0; k < batch->n_columns; k++) {
		const size_t at = batch->map ? batch->map[k] : k;

		extents[k] = at == AQI_NO_COLUMN ? missing : rows->cells[at];
	}
}

/* Where a record has quotes, mostly those behind it have some too: so many of
 * them are not asked. */
#define MANY_QUOTED 32

/* The lane of quotes takes most of what the other does, only slower. */
static enum aqi_csv_cut
cut_record(struct aqi_csv_rows *rows, size_t start, size_t size,
	   struct aqi_extent *cells)
{
	const struct aqi_csv_plain *plain = &rows->plain;
	enum aqi_csv_cut cut = AQI_CUT_NOT;

	if (rows->n_quoted == 0)
		cut = rows->cut(plain, start, size, cells);
	if (cut != AQI_CUT_NOT)
		return cut;
	cut = rows->cut_quoted(plain, start, size, cells);
	if (cut == AQI_CUT_NOT && rows->n_quoted > 0)
		cut = rows->cut(plain, start, size, cells);
	if (rows->n_quoted > 0)
		rows->n_quoted--;
	else if (memchr(plain->base + start, '"', size))
		rows->n_quoted = MANY_QUOTED;
	return cut;
}

bool
aqi_csv_rows_take(struct aqi_csv_rows *rows, size_t row)
{
	struct aqi_batch *batch = rows->batch;
	const struct aqi_slice text = batch->rows[row];
	const size_t start = (size_t)(text.data - batch->base);
	struct aqi_extent *extents = batch->extents + row * batch->n_columns;
	struct aqi_extent *cells = rows->cells ? rows->cells : extents;
	enum aqi_csv_cut cut;

	if (!rows->cut || text.size == 0 || text.size >= AQI_EXTENT_SIZE_LIMIT)
		return false;
	cut = cut_record(rows, start, text.size, cells);
	if (cut == AQI_CUT_NOT ||
	    (cut == AQI_CUT_BYTES && aqi_utf8_check(text) < text.size))
		return false;
	if (rows->cells)
		place(rows, extents);
	return true;
}

/* At the first field too many, or where one is lacking. */
static enum aqi_status
refuse_width(const struct aqi_csv_rows *rows, struct aqi_slice record,
	     size_t n, struct aqi_error *err)
{
	const size_t at = n < rows->n_fields ? record.size :
			  aqi_csv_find(record, rows->plain.delimiter,
				       rows->n_fields);

	aqi_error_set(err, AQI_E_WIDTH, "%zu field%s where the header has %zu",
		      n, n == 1 ? "" : "s", rows->n_fields);
	aqi_error_at(err, NULL, 0, 1 + at);
	return AQI_REJECT;
}

enum aqi_status
aqi_csv_rows_parse(struct aqi_csv_rows *rows, size_t row,
		   struct aqi_error *err)
{
	struct aqi_batch *batch = rows->batch;
	const struct aqi_slice *cells;
	struct aqi_field *fields;
	size_t n;
	enum aqi_status status = aqi_csv_parse(rows->csv, batch->rows[row],
					       &batch->arena, &cells, &n, err);

	if (status != AQI_OK)
		return status;
	if (n != rows->n_fields)
		return refuse_width(rows, batch->rows[row], n, err);
	fields = aqi_batch_set_apart(batch, row);
	if (!fields)
		return aqi_error_memory(err);
	for (size_t i = 0; i < batch->n_columns; i++) {
		const size_t at = batch->map ? batch->map[i] : i;

		if (at != AQI_NO_COLUMN)
			fields[i] = (struct aqi_field){cells[at].data,
				(uint32_t)cells[at].size, AQI_TEXT};
	}
	return AQI_OK;
}
