#include "air/cell.h"

#include <math.h>

#include "record/batch.h"
#include "record/number.h"

bool
aqi_cell_is_missing(const struct aqi_cell_form *form,
		    const struct aqi_batch *batch, struct aqi_field field)
{
	const struct aqi_names *tokens = &form->missing;
	struct aqi_slice text;

	if (aqi_batch_is_missing(batch, field))
		return true;
	text = aqi_slice_trim(aqi_field_text(field));
	for (size_t i = 0; i < tokens->n; i++)
		if (aqi_slice_equal(text, tokens->items[i]))
			return true;
	return false;
}

/*
 * A JSON string as the number that stands in it; CSV has nothing but texts,
 * and its own decimal mark.
 */
static struct aqi_field
as_number(const struct aqi_batch *batch, struct aqi_field field)
{
	struct aqi_slice text = aqi_slice_trim(aqi_field_text(field));

	if (batch->syntax == AQI_SYNTAX_CSV)
		return field;
	return (struct aqi_field){text.data, (uint32_t)text.size, AQI_NUMBER};
}

enum aqi_status
aqi_cell_number(const struct aqi_cell_form *form, struct aqi_batch *batch,
		size_t row, size_t input, double *x)
{
	struct aqi_field field = aqi_batch_field(batch, row, input);
	struct aqi_error err;
	enum aqi_status status;

	if (aqi_cell_is_missing(form, batch, field))
		return AQI_END;
	if (form->has_text_numbers && field.kind == AQI_TEXT)
		field = as_number(batch, field);
	status = aqi_batch_number(batch, field, x, &err);
	if (status == AQI_REJECT)
		aqi_batch_refuse(batch, row, input, err.code, "%s", err.reason);
	return status;
}

size_t
aqi_cell_tokens(const struct aqi_cell_form *form, const struct aqi_batch *batch,
		double *x)
{
	const char mark = batch->syntax == AQI_SYNTAX_CSV ?
			  aqi_format_in_decimal_mark(batch->format) : '.';
	size_t n = 0;

	for (size_t k = 0; k < form->missing.n; k++)
		n += aqi_number_to_double(form->missing.items[k], mark,
					  &x[n]) == AQI_NUMBER_OK;
	return n;
}
