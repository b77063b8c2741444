/* A mapping is refused with a reason, or every part of it makes sense. */
#include <limits.h>
#include <math.h>

#include "air/mapping.h"
#include "air/time_pattern.h"
#include "fuzz.h"

static void
check_field(const struct aqi_mapping *mapping, enum aqi_target target)
{
	const struct aqi_mapping_field *f = &mapping->fields[target];
	struct aqi_mapping_conversion conversion;

	CHECK(f->columns.n <= AQI_MAX_SOURCES);
	for (size_t i = 0; i < f->columns.n; i++) {
		struct aqi_slice name = f->columns.items[i];

		CHECK(name.size > 0);
		CHECK(aqi_mapping_matches(name, name));
	}
	for (size_t i = 0; i < f->n_ranges; i++) {
		CHECK(f->ranges[i].from <= f->ranges[i].to);
		CHECK(i == 0 || f->ranges[i - 1].from <= f->ranges[i].from);
	}
	if (f->columns.n && f->unit.size && !aqi_slice_is(f->unit, "auto"))
		CHECK(aqi_mapping_convert(mapping, target, f->unit,
					  &conversion));
}

static void
check_time(const struct aqi_mapping_time *time)
{
	size_t n = time->n_columns;

	CHECK(n == 1 || n == 2 || n == AQI_N_PARTS);
	for (size_t i = 0; i < n; i++)
		CHECK(time->columns[i].size > 0);
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < time->formats[k].n; i++)
			CHECK(aqi_time_pattern_parts(
				      time->formats[k].items[i]) ==
			      (n == 2 ? (k ? AQI_TIME_CLOCK : AQI_TIME_DATE) :
			       time->is_daily ? AQI_TIME_DATE :
			       AQI_TIME_DATE + AQI_TIME_CLOCK));
	CHECK(n != 2 || (time->formats[0].n && time->formats[1].n));
	CHECK(n == 2 || !time->has_day_rows);
	CHECK(!(time->is_daily && time->stamps_end));
	CHECK(abs(time->offset) <= 14 * 60);
	CHECK(!(time->has_offset && time->offset_column.size));
}

static void
check_references(const struct aqi_mapping *mapping)
{
	size_t n = mapping->n_references;

	CHECK(n <= AQI_MAX_REFERENCES);
	CHECK(n < 2 || !mapping->time.is_optional);
	for (size_t i = 0; i < n; i++) {
		const struct aqi_mapping_reference *r =
			&mapping->references[i];

		CHECK(isfinite(r->c) && r->c > -273.15);
		CHECK((r->before == INT_MAX) == (i == n - 1));
		CHECK(i == 0 || r[-1].before < r->before);
		CHECK(aqi_mapping_period(mapping, r->before - 1) == i);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct aqi_error err = {0};
	struct aqi_mapping *mapping =
		aqi_mapping_new(input_slice(data, size), "a file", &err);

	if (!mapping) {
		CHECK(err.code == AQI_E_MODEL && err.reason[0]);
		CHECK(err.file && strcmp(err.file, "a file") == 0);
		return 0;
	}
	check_time(&mapping->time);
	check_references(mapping);
	for (int i = 0; i < AQI_N_TARGETS; i++)
		check_field(mapping, (enum aqi_target)i);
	aqi_mapping_free(mapping);
	return 0;
}
