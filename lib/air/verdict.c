#include "air/verdict.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "air/schema.h"
#include "record/batch.h"

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

enum aqi_status
aqi_verdict_of(const struct aqi_batch *batch, const struct aqi_schema_field *f,
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
