/* A mapping is refused with a reason, or every part of it makes sense. */
#include <math.h>

#include "air/mapping.h"
#include "air/time.h"
#include "fuzz.h"

static void
check_field(const struct aqi_mapping *mapping, enum aqi_target target)
{
	const struct aqi_mapping_field *f = &mapping->fields[target];
	struct aqi_conversion conversion;

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
	if (mapping->time.format.size)
		CHECK(aqi_time_is_pattern(mapping->time.format));
	CHECK(abs(mapping->time.offset) <= 14 * 60);
	CHECK(!isinf(mapping->gas_reference_c));
	for (int i = 0; i < AQI_N_TARGETS; i++)
		check_field(mapping, (enum aqi_target)i);
	aqi_mapping_free(mapping);
	return 0;
}
