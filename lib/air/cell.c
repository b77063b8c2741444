#include "air/cell.h"

#include "air/mapping.h"
#include "record/batch.h"

bool
aqi_cell_is_missing(const struct aqi_mapping *mapping,
		    const struct aqi_batch *batch, struct aqi_field field)
{
	const struct aqi_names *tokens = &mapping->missing;
	struct aqi_slice text;

	if (aqi_batch_is_missing(batch, field))
		return true;
	text = aqi_slice_trim(aqi_field_text(field));
	for (size_t i = 0; i < tokens->n; i++)
		if (aqi_slice_equal(text, tokens->items[i]))
			return true;
	return false;
}

enum aqi_status
aqi_cell_number(const struct aqi_mapping *mapping, struct aqi_batch *batch,
		size_t row, size_t input, double *x)
{
	struct aqi_field field = aqi_batch_field(batch, row, input);
	struct aqi_error err;
	enum aqi_status status;

	if (aqi_cell_is_missing(mapping, batch, field))
		return AQI_END;
	status = aqi_batch_number(batch, field, x, &err);
	if (status == AQI_REJECT)
		aqi_batch_refuse(batch, row, input, err.code, "%s", err.reason);
	return status;
}
