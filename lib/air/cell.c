#include "air/cell.h"

#include "record/batch.h"

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
