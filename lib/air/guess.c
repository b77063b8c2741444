#include "air/guess.h"

#include <stdio.h>

#include "air/mapping.h"
#include "record/layout.h"

/* Fewer columns in common say nothing: many a table has a PM10. */
#define LEAST 3

#define MOST_SOURCES 64

static bool
has_one_of(const struct aqi_layout *layout, const struct aqi_names *names)
{
	for (size_t i = 0; i < names->n; i++)
		for (size_t k = 0; k < layout->n_inputs; k++)
			if (aqi_mapping_matches(names->items[i],
						layout->inputs[k]))
				return true;
	return false;
}

static size_t
count_fields(const struct aqi_layout *layout,
	     const struct aqi_mapping *mapping)
{
	size_t n = 0;

	for (size_t i = 0; i < AQI_N_TARGETS; i++)
		n += has_one_of(layout, &mapping->fields[i].columns);
	return n;
}

struct aqi_slice
aqi_guess_source(const struct aqi_layout *layout)
{
	struct aqi_slice names[MOST_SOURCES], best = {0};
	struct aqi_mapping *mapping;
	char name[64];
	size_t n, most = LEAST - 1;

	aqi_mapping_names(names, MOST_SOURCES, &n);
	for (size_t i = 0; i < n; i++) {
		size_t n_fields = 0;

		snprintf(name, sizeof name, "%.*s", (int)names[i].size,
			 names[i].data);
		mapping = aqi_mapping_load(name, NULL);
		if (mapping)
			n_fields = count_fields(layout, mapping);
		aqi_mapping_free(mapping);
		if (n_fields > most && !aqi_slice_is(names[i], "base")) {
			most = n_fields;
			best = names[i];
		}
	}
	return best;
}
