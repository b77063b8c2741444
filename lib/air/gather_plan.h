/*
 * gather_plan.h: where the parts of a record come from, and go to.
 *
 * Made once, of the header's names and the mapping; the rows are then worked on
 * by it without another look at a name. Private to gather.
 */
#ifndef AQI_AIR_GATHER_PLAN_H
#define AQI_AIR_GATHER_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "air/features_plan.h"
#include "air/gather_table.h"
#include "air/mapping.h"
#include "base/error.h"
#include "base/slice.h"

struct aqi_batch;
struct aqi_format;
struct aqi_layout;

#define AQI_GATHER_NO_SLOT ((size_t)-1)

/* A text that the parameter of a row can be. */
struct aqi_gather_parameter {
	struct aqi_slice text;
	enum aqi_target target;
	unsigned char rank;	/* among its field's: which source */
};

/* The same for all rows: many threads may use it once it is bound. */
struct aqi_gather_plan {
	struct aqi_features_plan features;	/* options: before binding */
	const struct aqi_format *format;	/* of the run; the same */
	struct aqi_gather_parameter *parameters;	/* (n_parameters,) */
	size_t n_parameters;
	size_t parameter_input;
	size_t *kept_inputs, *kept_added;	/* (n_keep of the options,) */
	size_t *stations;		/* (n_stations,) inputs, if columns */
	size_t n_stations;
	size_t slots[AQI_N_TARGETS];	/* of the values in a record, or
					 * AQI_GATHER_NO_SLOT */
	size_t n_values;		/* of a record */
};

static inline const struct aqi_mapping *
aqi_gather_plan_mapping(const struct aqi_gather_plan *plan)
{
	return plan->features.options.mapping;
}

/* Are its columns stations? */
static inline bool
aqi_gather_plan_has_stations(const struct aqi_gather_plan *plan)
{
	return aqi_gather_plan_mapping(plan)->layout.kind ==
	       AQI_LAYOUT_STATIONS;
}

/* Values of a row: one, or one for each station. */
static inline size_t
aqi_gather_plan_width(const struct aqi_gather_plan *plan)
{
	return aqi_gather_plan_has_stations(plan) ? plan->n_stations : 1;
}

/*
 * Find the columns, mark the numbers among them and declare the outputs. Fails
 * with AQI_E_USAGE where aqi_gather_step says, and with AQI_E_MEMORY. It may be
 * bound again, to the layout of a file with other columns.
 */
enum aqi_status aqi_gather_plan_bind(struct aqi_gather_plan *plan,
				     struct aqi_layout *layout,
				     struct aqi_error *err) AQI_MUST_CHECK;

/*
 * What a row is of. AQI_END: of nothing that the mapping names; *parameter is
 * NULL then. AQI_REJECT: it is not said, and the row is refused.
 */
enum aqi_status
aqi_gather_plan_find_parameter(const struct aqi_gather_plan *plan,
			       struct aqi_batch *batch, size_t row,
			       const struct aqi_gather_parameter **parameter);

/* The added column of what is the same in all rows of a record. */
size_t aqi_gather_plan_output(const struct aqi_gather_plan *plan,
			      enum aqi_gather_place place);

void aqi_gather_plan_free(struct aqi_gather_plan *plan);

#endif
