#include "air/quality.h"

#include <stdlib.h>

#include "air/inputs.h"
#include "air/schema.h"
#include "air/sieve.h"
#include "air/summary.h"
#include "air/verdict.h"
#include "record/batch.h"
#include "record/layout.h"
#include "record/reject.h"

struct aqi_quality {
	const struct aqi_schema *schema;
	struct aqi_quality_options options;
	size_t *columns;	/* (n_fields,) inputs, or AQI_NO_COLUMN */
	size_t valid, reasons;	/* added columns */
	struct aqi_summary *summary;	/* NULL: none is asked for */
};

struct aqi_quality *
aqi_quality_new(const struct aqi_schema *schema,
		const struct aqi_quality_options *options)
{
	struct aqi_quality *quality = calloc(1, sizeof *quality);

	if (!quality)
		return NULL;
	quality->schema = schema;
	if (options)
		quality->options = *options;
	quality->columns = calloc(schema->n_fields, sizeof *quality->columns);
	if (quality->options.sums)
		quality->summary = aqi_summary_new(schema);
	if (!quality->columns ||
	    (quality->options.sums && !quality->summary)) {
		aqi_quality_free(quality);
		return NULL;
	}
	return quality;
}

void
aqi_quality_free(struct aqi_quality *quality)
{
	if (!quality)
		return;
	free(quality->columns);
	aqi_summary_free(quality->summary);
	free(quality);
}

static enum aqi_status
bind(void *self, struct aqi_layout *layout, struct aqi_error *err)
{
	struct aqi_quality *quality = self;
	const struct aqi_schema *schema = quality->schema;

	if (aqi_inputs_bind(layout, schema->names, schema->n_fields,
			    quality->columns, err) != AQI_OK)
		return AQI_FATAL;
	for (size_t i = 0; i < schema->n_fields; i++)
		if (schema->fields[i].type == AQI_TYPE_STRING &&
		    quality->columns[i] != AQI_NO_COLUMN)
			layout->is_number[quality->columns[i]] = false;
	if (!quality->options.flags)
		return AQI_OK;
	if (aqi_layout_add(layout, aqi_slice_of("valid"), &quality->valid,
			   err) != AQI_OK)
		return AQI_FATAL;
	return aqi_layout_add(layout, aqi_slice_of("reasons"),
			      &quality->reasons, err);
}

static struct aqi_field
value_of(const struct aqi_quality *quality, const struct aqi_batch *batch,
	 size_t row, size_t i)
{
	size_t column = quality->columns[i];

	if (column == AQI_NO_COLUMN)
		return (struct aqi_field){.kind = AQI_MISSING};
	return aqi_batch_field(batch, row, column);
}

/* All the faults of a row in one text; empty when there are none. */
static void
find_faults(const struct aqi_quality *quality, const struct aqi_batch *batch,
	    size_t row, struct aqi_buffer *faults)
{
	const struct aqi_schema *schema = quality->schema;
	struct aqi_error err;
	double x;

	aqi_buffer_clear(faults);
	for (size_t i = 0; i < schema->n_fields; i++) {
		if (aqi_verdict_of(batch, &schema->fields[i],
			  value_of(quality, batch, row, i), &x, &err) !=
		    AQI_REJECT)
			continue;
		if (faults->size)
			aqi_buffer_add_text(faults, "; ");
		aqi_buffer_add_slice(faults, schema->names[i]);
		aqi_buffer_add_text(faults, ": ");
		aqi_buffer_add_text(faults, err.reason);
	}
}

static void
set_valid(const struct aqi_quality *quality, struct aqi_batch *batch,
	  size_t row, const char *verdict)
{
	aqi_batch_set(batch, quality->valid, row, (struct aqi_field){
		verdict, (uint32_t)strlen(verdict), AQI_BOOLEAN});
}

/* The faults of a row that has some. */
static bool
set_faults(const struct aqi_quality *quality, struct aqi_batch *batch,
	   size_t row, struct aqi_buffer *faults)
{
	struct aqi_slice text;

	find_faults(quality, batch, row, faults);
	text = aqi_arena_copy(&batch->arena, aqi_buffer_slice(faults));
	if (faults->failed || !text.data)
		return false;
	set_valid(quality, batch, row, "false");
	aqi_batch_set_text(batch, quality->reasons, row, text);
	return true;
}

static enum aqi_status
flag(const struct aqi_quality *quality, struct aqi_batch *batch,
     const bool *at_fault, struct aqi_error *err)
{
	struct aqi_buffer faults = {0};
	enum aqi_status status = AQI_OK;

	for (size_t row = 0; row < batch->n_rows; row++) {
		if (batch->refused[row])
			continue;
		if (!at_fault[row])
			set_valid(quality, batch, row, "true");
		else if (!set_faults(quality, batch, row, &faults))
			status = aqi_error_memory(err);
	}
	aqi_buffer_free(&faults);
	return status;
}

static void
refuse(const struct aqi_quality *quality, struct aqi_batch *batch, size_t row)
{
	const struct aqi_schema *schema = quality->schema;
	struct aqi_error why;
	double x;

	for (size_t i = 0; i < schema->n_fields; i++) {
		struct aqi_field field = value_of(quality, batch, row, i);

		if (aqi_verdict_of(batch, &schema->fields[i], field, &x,
				   &why) != AQI_REJECT)
			continue;
		if (quality->columns[i] == AQI_NO_COLUMN)
			aqi_batch_refuse(batch, row, AQI_NO_COLUMN, why.code,
					 "%.*s: %s",
					 (int)schema->names[i].size,
					 schema->names[i].data, why.reason);
		else
			aqi_batch_refuse(batch, row, quality->columns[i],
					 why.code, "%s", why.reason);
	}
}

static enum aqi_status
run(void *self, struct aqi_batch *batch, struct aqi_error *err)
{
	const struct aqi_quality *quality = self;
	const bool *at_fault = aqi_sieve_rows(quality->schema, quality->columns,
					      batch);

	if (!at_fault)
		return aqi_error_memory(err);
	if (quality->options.flags)
		return flag(quality, batch, at_fault, err);
	for (size_t row = 0; row < batch->n_rows; row++)
		if (at_fault[row])
			refuse(quality, batch, row);
	return AQI_OK;
}

static enum aqi_status
sum_up(void *self, struct aqi_batch *batch, struct aqi_error *err)
{
	struct aqi_quality *quality = self;
	const struct aqi_schema *schema = quality->schema;
	const struct aqi_refusal *refusal = batch->refusals;
	struct aqi_error why;
	double x;

	(void)err;
	for (size_t row = 0; row < batch->n_final; row++) {
		while (refusal && refusal->row < row)
			refusal = refusal->next;
		/* A row that was not taken apart says nothing of its fields. */
		if (refusal && refusal->row == row &&
		    !aqi_reject_is_readable(refusal))
			continue;
		for (size_t i = 0; i < schema->n_fields; i++) {
			struct aqi_field field =
				value_of(quality, batch, row, i);
			enum aqi_status status =
				aqi_verdict_of(batch, &schema->fields[i],
					       field, &x, &why);

			aqi_summary_add(quality->summary, i, status,
					aqi_batch_is_missing(batch, field), x);
		}
	}
	return AQI_OK;
}

struct aqi_step
aqi_quality_step(struct aqi_quality *quality)
{
	return (struct aqi_step){
		.self = quality,
		.bind = bind,
		.run = run,
		.in_order = quality->summary ? sum_up : NULL,
		.has_history = quality->summary,
	};
}

const struct aqi_summary *
aqi_quality_summary(const struct aqi_quality *quality)
{
	return quality->summary;
}
