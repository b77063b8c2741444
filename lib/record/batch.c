#include "record/batch.h"

#include "record/layout.h"
#include "record/ndjson.h"

static void *
zeros(struct aqi_batch *batch, size_t n, size_t size)
{
	void *bytes = aqi_arena_array(&batch->arena, n, size);

	return bytes ? memset(bytes, 0, n * size) : NULL;
}

/*
 * Whole records are read across columns. Where these lie a multiple of 4096
 * bytes apart, as those of 512 records would, a level of the cache has one
 * place for the values of a record in all columns, and holds half of them. An
 * odd number of its lines of 64 bytes apart, each column has places of its own.
 */
#define VALUES_A_LINE (64 / sizeof(struct aqi_field))

void
aqi_batch_make_added(struct aqi_batch *batch)
{
	const size_t lines = batch->n_rows / VALUES_A_LINE + 1;

	batch->added_step = (lines | 1) * VALUES_A_LINE;
	batch->added = zeros(batch, batch->added_step *
				    batch->layout->n_added,
			     sizeof *batch->added);
}

enum aqi_status
aqi_batch_begin(struct aqi_batch *batch, const struct aqi_format *format,
		const struct aqi_layout *layout, size_t n_rows,
		struct aqi_error *err)
{
	struct aqi_arena arena = batch->arena;
	struct aqi_buffer text = batch->text, rejects = batch->rejects;

	aqi_arena_clear(&arena);
	aqi_buffer_clear(&text);
	aqi_buffer_clear(&rejects);
	*batch = (struct aqi_batch){
		.format = format, .syntax = AQI_SYNTAX_CSV, .layout = layout,
		.n_rows = n_rows, .arena = arena, .text = text,
		.rejects = rejects,
	};
	batch->rows = zeros(batch, n_rows, sizeof *batch->rows);
	batch->lines = zeros(batch, n_rows, sizeof *batch->lines);
	batch->refused = zeros(batch, n_rows, sizeof *batch->refused);
	batch->ends = zeros(batch, n_rows, sizeof *batch->ends);
	batch->reject_ends = zeros(batch, n_rows, sizeof *batch->reject_ends);
	aqi_batch_make_added(batch);
	return batch->arena.failed ? aqi_error_memory(err) : AQI_OK;
}

void *
aqi_batch_alloc(struct aqi_batch *batch, size_t n, size_t size)
{
	return aqi_arena_array(&batch->arena, n, size);
}

struct aqi_field *
aqi_batch_set_apart(struct aqi_batch *batch, size_t row)
{
	const size_t n = batch->n_columns;
	struct aqi_extent *extents = batch->extents + row * n;
	struct aqi_field *fields = zeros(batch, n, sizeof *fields);

	if (!fields)
		return NULL;
	for (size_t i = 0; i < n; i++)
		extents[i] = (struct aqi_extent){0, AQI_EXTENT_APART};
	batch->apart[row] = fields;
	return fields;
}

struct aqi_members
aqi_batch_members(struct aqi_batch *batch, size_t row)
{
	const struct aqi_layout *layout = batch->layout;
	struct aqi_members *members = &batch->members[row];
	struct aqi_member *items = NULL;
	struct aqi_error err;

	if (members->items || members->n == 0)
		return *members;
	if (aqi_ndjson_read(batch->rows[row], layout->inputs, layout->n_inputs,
			    &batch->arena, &items, &members->n, &err) !=
	    AQI_OK) {
		batch->arena.failed = true;
		*members = (struct aqi_members){0};
	}
	members->items = items;
	return *members;
}

void
aqi_batch_blank(struct aqi_batch *batch, size_t row)
{
	if (!batch->blanked) {
		batch->blanked = aqi_batch_alloc(batch, batch->n_rows,
						 sizeof *batch->blanked);
		if (!batch->blanked)
			return;
		memset(batch->blanked, 0,
		       batch->n_rows * sizeof *batch->blanked);
	}
	batch->blanked[row]++;
}

void
aqi_batch_free(struct aqi_batch *batch)
{
	aqi_buffer_free(&batch->text);
	aqi_buffer_free(&batch->rejects);
	aqi_arena_free(&batch->arena);
	*batch = (struct aqi_batch){0};
}
