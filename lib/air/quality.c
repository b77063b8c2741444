#include "air/quality.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "air/inputs.h"
#include "air/schema.h"
#include "air/summary.h"
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

static enum aqi_status
reject(struct aqi_error *err, enum aqi_code code, const char *format, ...)
	AQI_PRINTF(3, 4);

static enum aqi_status
reject(struct aqi_error *err, enum aqi_code code, const char *format, ...)
{
	va_list ap;

	*err = (struct aqi_error){.code = code};
	va_start(ap, format);
	vsnprintf(err->reason, sizeof err->reason, format, ap);
	va_end(ap);
	return AQI_REJECT;
}

static enum aqi_status
missing(const struct aqi_schema_field *f, struct aqi_error *err)
{
	static const char *const names[] = {
		[AQI_TYPE_NUMBER] = "a number",
		[AQI_TYPE_INTEGER] = "a whole number",
		[AQI_TYPE_STRING] = "a text",
	};
	bool has_range = f->type != AQI_TYPE_STRING &&
			 (isfinite(f->min) || isfinite(f->max));

	if (!f->required)
		return AQI_END;
	return reject(err, AQI_E_MISSING, "missing; it must be %s%s%s",
		      names[f->type],
		      !has_range ? "" : f->has_both ? " in " : ", ",
		      has_range ? f->range : "");
}

static enum aqi_status
check_text(const struct aqi_batch *batch, const struct aqi_schema_field *f,
	   struct aqi_field field, struct aqi_error *err)
{
	char quoted[AQI_QUOTED_SIZE];

	if (aqi_batch_is_missing(batch, field))
		return missing(f, err);
	if (field.kind != AQI_TEXT)
		return reject(err, AQI_E_TYPE, "%s is not a text",
			      aqi_error_quote(quoted, aqi_field_text(field)));
	for (size_t i = 0; i < f->n_values; i++)
		if (aqi_slice_equal(f->values[i], aqi_field_text(field)))
			return AQI_OK;
	if (!f->values)
		return AQI_OK;
	return reject(err, AQI_E_RANGE, "%s is none of the %zu allowed values",
		      aqi_error_quote(quoted, aqi_field_text(field)),
		      f->n_values);
}

/* AQI_OK with the value in *x, AQI_END for missing and allowed, AQI_REJECT. */
static enum aqi_status
check(const struct aqi_batch *batch, const struct aqi_schema_field *f,
      struct aqi_field field, double *x, struct aqi_error *err)
{
	char quoted[AQI_QUOTED_SIZE];
	enum aqi_status status;

	*x = NAN;
	if (f->type == AQI_TYPE_STRING)
		return check_text(batch, f, field, err);
	status = aqi_batch_number(batch, field, x, err);
	if (status == AQI_END)
		return missing(f, err);
	if (status != AQI_OK)
		return status;
	if (f->type == AQI_TYPE_INTEGER && *x != trunc(*x))
		return reject(err, AQI_E_TYPE, "%s is not a whole number",
			      aqi_error_quote(quoted, aqi_field_text(field)));
	if (*x < f->min || *x > f->max || (f->open_min && *x == f->min) ||
	    (f->open_max && *x == f->max))
		return reject(err, AQI_E_RANGE, "%s is %s %s",
			      aqi_error_quote(quoted, aqi_field_text(field)),
			      f->has_both ? "outside" : "not", f->range);
	return AQI_OK;
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
		if (check(batch, &schema->fields[i],
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

static enum aqi_status
flag(const struct aqi_quality *quality, struct aqi_batch *batch,
     struct aqi_error *err)
{
	struct aqi_buffer faults = {0};
	enum aqi_status status = AQI_OK;

	for (size_t row = 0; row < batch->n_rows; row++) {
		struct aqi_slice text;
		const char *verdict;

		if (batch->refused[row])
			continue;
		find_faults(quality, batch, row, &faults);
		verdict = faults.size ? "false" : "true";
		aqi_batch_set(batch, quality->valid, row, (struct aqi_field){
			verdict, (uint32_t)strlen(verdict), AQI_BOOLEAN});
		text = aqi_arena_copy(&batch->arena, (struct aqi_slice){
			faults.data, faults.size});
		if (faults.failed || !text.data)
			status = aqi_error_memory(err);
		else if (faults.size)
			aqi_batch_set_text(batch, quality->reasons, row, text);
	}
	aqi_buffer_free(&faults);
	return status;
}

static enum aqi_status
run(void *self, struct aqi_batch *batch, struct aqi_error *err)
{
	const struct aqi_quality *quality = self;
	const struct aqi_schema *schema = quality->schema;
	double x;

	if (quality->options.flags)
		return flag(quality, batch, err);
	for (size_t row = 0; row < batch->n_rows; row++) {
		if (batch->refused[row])
			continue;
		for (size_t i = 0; i < schema->n_fields; i++) {
			struct aqi_error why;
			struct aqi_field field =
				value_of(quality, batch, row, i);

			if (check(batch, &schema->fields[i], field, &x, &why) !=
			    AQI_REJECT)
				continue;
			if (quality->columns[i] == AQI_NO_COLUMN)
				aqi_batch_refuse(batch, row, AQI_NO_COLUMN,
						 why.code, "%.*s: %s",
						 (int)schema->names[i].size,
						 schema->names[i].data,
						 why.reason);
			else
				aqi_batch_refuse(batch, row,
						 quality->columns[i], why.code,
						 "%s", why.reason);
		}
	}
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
				check(batch, &schema->fields[i], field, &x,
				      &why);

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
