#include "record/ndjson_rows.h"

#include "record/layout.h"
#include "record/ndjson.h"
#include "record/ndjson_plain.h"

/* To learn a shape takes as long as some lines by it save. */
#define LEAST_MORE 8

/*
 * So many lines of no shape are tried in vain, and two more for each that has
 * one: to try all shapes takes up to half of what the right one saves. With
 * less, a few odd lines would end it; with more, a batch of many shapes takes
 * longer.
 */
#define CREDIT 16

struct aqi_ndjson_rows
aqi_ndjson_rows_begin(struct aqi_batch *batch, const char *readable)
{
	return (struct aqi_ndjson_rows){
		.batch = batch,
		.take = aqi_shape_best(),
		.readable = readable,
		.credit = CREDIT,
	};
}

/* The values to where they go; all others are missing. */
static void
place(const struct aqi_ndjson_shape *s, struct aqi_extent *extents,
      size_t n_columns)
{
	memset(extents, 0, n_columns * sizeof *extents);
	for (size_t i = 0; i < s->shape.n; i++)
		if (s->columns[i] != AQI_NO_COLUMN)
			extents[s->columns[i]] = s->extents[i];
}

static bool
take(const struct aqi_ndjson_rows *rows, const struct aqi_ndjson_shape *s,
     size_t row)
{
	struct aqi_batch *batch = rows->batch;
	const struct aqi_slice line = batch->rows[row];
	struct aqi_extent *extents = batch->extents + row * batch->n_columns;
	aqi_shape_fn *how = (size_t)(rows->readable - line.data) >=
					    line.size + AQI_SHAPE_BEHIND ?
				    rows->take : aqi_shape_take_portable;

	if (!how(&s->shape, batch->base, line, s->columns ? s->extents :
							     extents))
		return false;
	if (s->columns)
		place(s, extents, batch->n_columns);
	batch->members[row] = (struct aqi_members){NULL, s->shape.n,
						   s->in_order};
	return true;
}

bool
aqi_ndjson_rows_take(struct aqi_ndjson_rows *rows, size_t row)
{
	struct aqi_ndjson_shape *last = &rows->shapes[rows->last];

	if (rows->n_shapes == 0 || rows->credit == 0)
		return false;
	for (size_t i = 0; i < rows->n_shapes; i++) {
		const size_t which = (last->next + i) % rows->n_shapes;

		if (!take(rows, &rows->shapes[which], row))
			continue;
		last->next = rows->last = which;
		if (rows->credit < CREDIT - 1)
			rows->credit += 2;
		return true;
	}
	rows->credit--;
	return false;
}

/* Where a key's value goes. Mostly keys come as in the first record. */
static size_t
find_column(const struct aqi_layout *layout, size_t i, struct aqi_slice key)
{
	return i < layout->n_inputs && aqi_slice_equal(layout->inputs[i], key) ?
		       i : aqi_layout_find(layout, key);
}

/* Learn the shape of a line, whose members go to these columns. */
static void
learn(struct aqi_ndjson_rows *rows, struct aqi_slice line,
      const struct aqi_members *members, const size_t *columns)
{
	struct aqi_batch *batch = rows->batch;
	struct aqi_ndjson_shape *s = &rows->shapes[rows->n_shapes];
	bool is_plain = members->n == batch->n_columns;

	for (size_t i = 0; i < members->n; i++)
		is_plain = is_plain && columns[i] == i;
	*s = (struct aqi_ndjson_shape){
		.columns = is_plain ? NULL : columns,
		.extents = aqi_batch_alloc(batch, members->n,
					   sizeof *s->extents),
		.in_order = members->in_order,
		.next = rows->n_shapes,
	};
	if (s->extents && aqi_shape_learn(&s->shape, line, members->items,
					  members->n, &batch->arena))
		rows->n_shapes++;
}

/* A key that the first record did not have goes nowhere in CSV, nor where each
 * input has a meaning of its own. */
static enum aqi_status
unknown_key(const struct aqi_batch *batch, const struct aqi_member *member,
	    bool is_input, struct aqi_error *err)
{
	const struct aqi_layout *layout = batch->layout;
	char quoted[AQI_QUOTED_SIZE];

	if (layout->refuses_unknown && !is_input) {
		aqi_error_set(err, AQI_E_UNKNOWN, "the key %s is not in the "
			      "first record; choose the keys with --columns",
			      aqi_error_quote(quoted, member->key));
		return AQI_REJECT;
	}
	if (batch->format->out != AQI_SYNTAX_CSV || layout->drops_unknown)
		return AQI_OK;
	aqi_error_set(err, AQI_E_UNKNOWN, "the key %s is not in the first "
		      "record; choose the columns of CSV with --columns",
		      aqi_error_quote(quoted, member->key));
	return AQI_REJECT;
}

/* A member of an object that the record has; a text alone or an array has
 * none. */
static enum aqi_status
reach(struct aqi_batch *batch, struct aqi_field *fields,
      const struct aqi_nested *nested, struct aqi_error *err)
{
	struct aqi_member *members;
	struct aqi_error why;
	size_t n;

	if (fields[nested->parent].kind != AQI_NESTED)
		return AQI_OK;
	if (aqi_ndjson_parse(aqi_field_text(fields[nested->parent]),
			     &batch->arena, &members, &n, &why) != AQI_OK)
		return why.code == AQI_E_MEMORY ? aqi_error_memory(err) :
						  AQI_OK;
	for (size_t i = 0; i < n; i++)
		if (aqi_slice_equal(members[i].key, nested->key))
			fields[nested->input] = members[i].value;
	return AQI_OK;
}

/* The members' values to their columns, which are told in `columns` (n,) where
 * that is not NULL; *in_order, out: as in struct aqi_members. */
static enum aqi_status
set_fields(const struct aqi_batch *batch, size_t row, struct aqi_field *fields,
	   struct aqi_members *members, size_t *columns, struct aqi_error *err)
{
	const struct aqi_layout *layout = batch->layout;
	enum aqi_status status = AQI_OK;

	members->in_order = true;
	for (size_t i = 0; status == AQI_OK && i < members->n; i++) {
		const struct aqi_member *m = &members->items[i];
		const size_t at = find_column(layout, i, m->key);

		if (columns)
			columns[i] = at;
		if (at != AQI_NO_COLUMN)
			fields[at] = m->value;
		members->in_order = members->in_order && at == i &&
				    i < layout->n_named;
		/* One that is expected is read, but may have no column. */
		if (at < layout->n_named ||
		    aqi_layout_has_output(layout, m->key))
			continue;
		status = unknown_key(batch, m, at != AQI_NO_COLUMN, err);
		aqi_error_at(err, NULL, 0, 1 + (size_t)(
			     m->raw_key.data - batch->rows[row].data));
	}
	return status;
}

/* By the plain lane, whose lines have a shape, or else by jansson. */
static enum aqi_status
read_members(struct aqi_batch *batch, size_t row, struct aqi_members *members,
	     bool *has_shape, struct aqi_error *err)
{
	const struct aqi_layout *layout = batch->layout;
	struct aqi_member *items = NULL;
	enum aqi_status status = AQI_OK;

	*has_shape = aqi_ndjson_take(batch->rows[row], layout->inputs,
				     layout->n_inputs, &batch->arena, &items,
				     &members->n);
	if (!*has_shape)
		status = aqi_ndjson_parse(batch->rows[row], &batch->arena,
					  &items, &members->n, err);
	members->items = items;
	if (status == AQI_OK && members->n > AQI_MAX_COLUMNS) {
		aqi_error_set(err, AQI_E_LIMIT, "%zu keys; the limit is %d",
			      members->n, AQI_MAX_COLUMNS);
		aqi_error_at(err, NULL, 0, 1);
		return AQI_REJECT;
	}
	return status;
}

enum aqi_status
aqi_ndjson_rows_parse(struct aqi_ndjson_rows *rows, size_t row, size_t more,
		      struct aqi_error *err)
{
	struct aqi_batch *batch = rows->batch;
	const struct aqi_layout *layout = batch->layout;
	struct aqi_field *fields = aqi_batch_set_apart(batch, row);
	struct aqi_members members = {0};
	size_t *columns = NULL;
	bool has_shape = false;
	enum aqi_status status;

	if (!fields)
		return aqi_error_memory(err);
	status = read_members(batch, row, &members, &has_shape, err);
	if (status != AQI_OK)
		return status;
	if (has_shape && more >= LEAST_MORE &&
	    rows->n_shapes < AQI_NDJSON_SHAPES)
		columns = aqi_batch_alloc(batch, members.n, sizeof *columns);
	status = set_fields(batch, row, fields, &members, columns, err);
	batch->members[row] = members;
	if (status == AQI_OK && columns)
		learn(rows, batch->rows[row], &members, columns);
	for (size_t i = 0; i < layout->n_nested; i++)
		if (reach(batch, fields, &layout->nested[i], err) != AQI_OK)
			return AQI_FATAL;
	return status;
}
