#include "air/features_field.h"

#include <math.h>

#include "air/base_record.h"
#include "air/mapping.h"
#include "record/batch.h"
#include "record/layout.h"
#include "record/ndjson.h"
#include "record/number.h"

/* In which of the ranges it is; NULL: in none. */
static const struct aqi_mapping_range *
find_range(const struct aqi_mapping_field *field, double x)
{
	for (size_t i = 0; i < field->n_ranges; i++)
		if (x >= field->ranges[i].from && x <= field->ranges[i].to)
			return &field->ranges[i];
	return NULL;
}

static enum aqi_status
refuse_unit(const struct aqi_features_rows *rows, enum aqi_target target,
	    size_t row, struct aqi_slice unit)
{
	char quoted[AQI_QUOTED_SIZE];
	size_t input = rows->plan->columns[target].unit_input;

	if (unit.size > 0)
		aqi_batch_refuse(rows->batch, row, input, AQI_E_UNKNOWN,
				 "%s is not a unit that converts into %s",
				 aqi_error_quote(quoted, unit),
				 aqi_mapping_targets[target].unit);
	else
		aqi_batch_refuse(rows->batch, row, input, AQI_E_MISSING,
				 "the unit of %s is missing",
				 aqi_mapping_targets[target].name);
	return AQI_REJECT;
}

/* The conversion by the unit in the row's own cell. */
static enum aqi_status
find_unit(const struct aqi_features_rows *rows, enum aqi_target target,
	  size_t row, struct aqi_features_unit *memo,
	  const struct aqi_mapping_conversion **conversion)
{
	const struct aqi_mapping *mapping = rows->plan->options.mapping;
	size_t input = rows->plan->columns[target].unit_input;
	struct aqi_field field = {0};
	struct aqi_slice text;

	if (input != AQI_NO_COLUMN)
		field = aqi_batch_field(rows->batch, row, input);
	if (aqi_cell_is_missing(&mapping->form, rows->batch, field)) {
		if (mapping->fields[target].unit.size > 0)
			return AQI_OK;
		return refuse_unit(rows, target, row, (struct aqi_slice){0});
	}
	text = aqi_field_text(field);
	if (!memo->text.data || !aqi_slice_equal(memo->text, text)) {
		memo->text = text;
		memo->converts = aqi_mapping_convert(mapping, target, text,
						     &memo->conversion);
	}
	if (!memo->converts)
		return refuse_unit(rows, target, row, text);
	*conversion = &memo->conversion;
	return AQI_OK;
}

/* Into the record's unit; NaN when there cannot be such a value. */
static enum aqi_status
convert(const struct aqi_features_rows *rows, enum aqi_target target,
	const struct aqi_features_source *source, size_t row,
	struct aqi_features_unit *memo, double *x)
{
	const struct aqi_mapping_field *field =
		&rows->plan->options.mapping->fields[target];
	const struct aqi_mapping_conversion *conversion = &source->conversion;
	const struct aqi_conversion *now;

	if (field->n_ranges > 0) {
		const struct aqi_mapping_range *range = find_range(field, *x);

		if (!range) {
			*x = NAN;
			return AQI_OK;
		}
		conversion = &range->conversion;
	} else if (field->unit_columns.n > 0 &&
		   find_unit(rows, target, row, memo, &conversion) != AQI_OK) {
		return AQI_REJECT;
	}
	now = &conversion->in[rows->periods ? rows->periods[row] : 0];
	if (!now->is_identity)
		*x = aqi_units_apply(*now, *x);
	if (target == AQI_TARGET_HUMIDITY)
		*x = aqi_units_humidity_limit(*x);
	return AQI_OK;
}

/* A number as a step writes it, in the batch's memory; missing without it. */
static struct aqi_field
write_number(struct aqi_batch *batch, double x, int decimals)
{
	char digits[AQI_NUMBER_SIZE];
	size_t n = decimals == AQI_SHORTEST ?
			   aqi_number_shortest(digits, x) :
			   aqi_number_rounded(digits, x, decimals);
	struct aqi_slice text =
		aqi_arena_copy(&batch->arena, (struct aqi_slice){digits, n});

	return (struct aqi_field){text.data, (uint32_t)text.size,
				  text.data ? AQI_NUMBER : AQI_MISSING};
}

/*
 * A number is written by JSON's grammar; a source's text that is of it keeps
 * its bytes, and one such as ".5" or "1,5" is written anew.
 */
static struct aqi_field
keep_number(struct aqi_batch *batch, struct aqi_field field, double x)
{
	struct aqi_slice text = aqi_slice_trim(aqi_field_text(field));

	if (!aqi_ndjson_is_number(text))
		return write_number(batch, x, AQI_SHORTEST);
	return (struct aqi_field){text.data, (uint32_t)text.size, AQI_NUMBER};
}

enum aqi_status
aqi_features_field_settle(const struct aqi_features_rows *rows,
			  enum aqi_target target,
			  const struct aqi_features_source *source, size_t row,
			  struct aqi_features_unit *memo, double x, double *y,
			  struct aqi_field *text)
{
	struct aqi_batch *batch = rows->batch;

	*y = x;
	if (convert(rows, target, source, row, memo, y) != AQI_OK)
		return AQI_REJECT;
	if (target >= AQI_N_BASE)
		return isfinite(*y) ? AQI_OK : AQI_END;
	if (!isfinite(*y)) {
		aqi_batch_blank(batch, row);
		return AQI_END;
	}
	*text = *y == x ? keep_number(batch, aqi_batch_field(batch, row,
							     source->input),
				      x) :
			  write_number(batch, *y, rows->plan->options.decimals);
	return AQI_OK;
}

enum aqi_status
aqi_features_field_read(const struct aqi_features_rows *rows,
			enum aqi_target target,
			const struct aqi_features_source *source, size_t row,
			struct aqi_features_unit *memo, double *y,
			struct aqi_field *text)
{
	double x;
	enum aqi_status status = aqi_cell_number(
		&rows->plan->options.mapping->fields[target].form, rows->batch,
		row, source->input, &x);

	if (status != AQI_OK)
		return status;
	return aqi_features_field_settle(rows, target, source, row, memo, x, y,
					 text);
}

bool
aqi_features_field_is_set(const struct aqi_features_rows *rows,
			  enum aqi_target target, size_t row)
{
	size_t added = rows->plan->columns[target].added;
	const struct aqi_batch *batch = rows->batch;

	return target < AQI_N_BASE &&
	       aqi_batch_added(batch, added)[row].kind != AQI_MISSING;
}

const struct aqi_features_source *
aqi_features_field_find(const struct aqi_features_rows *rows,
			enum aqi_target target, size_t row, double *x)
{
	const struct aqi_features_column *column =
		&rows->plan->columns[target];
	const struct aqi_cell_form *form =
		&rows->plan->options.mapping->fields[target].form;

	for (size_t i = 0; i < column->n_sources; i++) {
		enum aqi_status status =
			aqi_cell_number(form, rows->batch, row,
					column->sources[i].input, x);

		if (status == AQI_OK)
			return &column->sources[i];
		if (status == AQI_REJECT)
			return NULL;
	}
	return NULL;
}
