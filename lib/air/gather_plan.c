#include "air/gather_plan.h"

#include <stdlib.h>

#include "air/cell.h"
#include "air/mapping.h"
#include "record/batch.h"
#include "record/format.h"
#include "record/layout.h"

void
aqi_gather_plan_free(struct aqi_gather_plan *plan)
{
	free(plan->kept_inputs);
	free(plan->kept_added);
	free(plan->parameters);
	free(plan->stations);
}

/* The texts of the parameter, and a place in the record for each field: they
 * are the same for all files. */
static enum aqi_status
list_parameters(struct aqi_gather_plan *plan, struct aqi_error *err)
{
	const struct aqi_mapping_field *fields =
		aqi_gather_plan_mapping(plan)->fields;

	if (plan->parameters)
		return AQI_OK;
	plan->parameters = calloc((size_t)AQI_N_TARGETS * AQI_MAX_SOURCES,
				  sizeof *plan->parameters);
	if (!plan->parameters)
		return aqi_error_memory(err);
	for (size_t i = 0; i < AQI_N_TARGETS; i++) {
		plan->slots[i] = fields[i].columns.n > 0 ?
					 plan->n_values++ : AQI_GATHER_NO_SLOT;
		for (size_t k = 0; k < fields[i].columns.n; k++)
			plan->parameters[plan->n_parameters++] =
				(struct aqi_gather_parameter){
					fields[i].columns.items[k],
					(enum aqi_target)i, (unsigned char)k};
	}
	return AQI_OK;
}

static enum aqi_status
find_input(const struct aqi_gather_plan *plan, struct aqi_layout *layout,
	   struct aqi_slice name, size_t *input, struct aqi_error *err)
{
	*input = aqi_layout_find(layout, name);
	if (*input != AQI_NO_COLUMN)
		return AQI_OK;
	return aqi_features_plan_refuse_absent(&plan->features, layout, NULL,
					       name, err);
}

/* Is a column something else than a station's? */
static bool
is_other(const struct aqi_gather_plan *plan, const struct aqi_layout *layout,
	 size_t input)
{
	const struct aqi_mapping *mapping = aqi_gather_plan_mapping(plan);
	const struct aqi_names *others = &mapping->layout.other_columns;

	if (input == plan->parameter_input ||
	    input == plan->features.offset_input)
		return true;
	for (size_t i = 0; i < mapping->time.n_columns; i++)
		if (input == plan->features.time_inputs[i])
			return true;
	for (size_t i = 0; i < others->n; i++)
		if (aqi_slice_equal(layout->inputs[input], others->items[i]))
			return true;
	return false;
}

static enum aqi_status
list_stations(struct aqi_gather_plan *plan, struct aqi_layout *layout,
	      struct aqi_error *err)
{
	const struct aqi_names *others =
		&aqi_gather_plan_mapping(plan)->layout.other_columns;
	size_t input;

	/* A station that only later records name would be lost. */
	layout->refuses_unknown = !plan->format->columns;
	for (size_t i = 0; i < others->n; i++)
		if (aqi_layout_expect(layout, others->items[i], &input, err) !=
		    AQI_OK)
			return AQI_FATAL;
	free(plan->stations);
	plan->n_stations = 0;
	plan->stations = calloc(layout->n_named + 1, sizeof *plan->stations);
	if (!plan->stations)
		return aqi_error_memory(err);
	for (size_t i = 0; i < layout->n_named; i++) {
		if (is_other(plan, layout, i))
			continue;
		plan->stations[plan->n_stations++] = i;
		layout->is_number[i] = true;
	}
	if (plan->n_stations > 0)
		return AQI_OK;
	return aqi_features_plan_refuse(layout, NULL, "there is no column of a "
					"station", err);
}

/* Even where columns may be absent, the time's may not. */
static enum aqi_status
check_time(const struct aqi_gather_plan *plan, const struct aqi_layout *layout,
	   struct aqi_error *err)
{
	const struct aqi_mapping_time *time =
		&aqi_gather_plan_mapping(plan)->time;
	size_t i = 0;

	if (plan->features.has_time)
		return AQI_OK;
	while (i + 1 < time->n_columns &&
	       plan->features.time_inputs[i] != AQI_NO_COLUMN)
		i++;
	return aqi_features_plan_refuse_absent(
		&plan->features, layout, "time", time->columns[i], err);
}

static enum aqi_status
refuse_keep(const struct aqi_gather_plan *plan, const struct aqi_layout *layout,
	    struct aqi_error *err)
{
	const struct aqi_features_options *features = &plan->features.options;

	if (aqi_gather_plan_has_stations(plan) &&
	    (features->n_keep > 0 || features->keeps_all))
		return aqi_features_plan_refuse(layout, NULL, "--keep is not "
			"for columns of stations, where a row is of many "
			"records", err);
	if (features->keeps_all)
		return aqi_features_plan_refuse(layout, NULL, "--keep all is "
			"for sources with a row for each record; name the "
			"columns that are the same in all rows of one", err);
	return AQI_OK;
}

/* What is kept of the first row of each record. */
static enum aqi_status
keep(struct aqi_gather_plan *plan, struct aqi_layout *layout,
     struct aqi_error *err)
{
	size_t n = plan->features.options.n_keep;

	if (!plan->kept_inputs)
		plan->kept_inputs = calloc(n + 1, sizeof *plan->kept_inputs);
	if (!plan->kept_added)
		plan->kept_added = calloc(n + 1, sizeof *plan->kept_added);
	if (!plan->kept_inputs || !plan->kept_added)
		return aqi_error_memory(err);
	return aqi_features_plan_keep_values(&plan->features, layout,
					     plan->kept_inputs,
					     plan->kept_added, err);
}

enum aqi_status
aqi_gather_plan_bind(struct aqi_gather_plan *plan, struct aqi_layout *layout,
		     struct aqi_error *err)
{
	const struct aqi_mapping_layout *spec =
		&aqi_gather_plan_mapping(plan)->layout;
	const bool has_stations = aqi_gather_plan_has_stations(plan);
	size_t value = AQI_NO_COLUMN;

	if (refuse_keep(plan, layout, err) != AQI_OK ||
	    find_input(plan, layout, spec->parameter, &plan->parameter_input,
		       err) != AQI_OK ||
	    (!has_stations &&
	     find_input(plan, layout, spec->value, &value, err) != AQI_OK) ||
	    aqi_features_plan_bind_values(&plan->features, layout, value,
					  err) != AQI_OK ||
	    check_time(plan, layout, err) != AQI_OK ||
	    keep(plan, layout, err) != AQI_OK ||
	    (has_stations && list_stations(plan, layout, err) != AQI_OK) ||
	    list_parameters(plan, err) != AQI_OK)
		return AQI_FATAL;
	if (value != AQI_NO_COLUMN)
		layout->is_number[value] = true;
	return AQI_OK;
}

enum aqi_status
aqi_gather_plan_find_parameter(const struct aqi_gather_plan *plan,
			       struct aqi_batch *batch, size_t row,
			       const struct aqi_gather_parameter **parameter)
{
	struct aqi_field field =
		aqi_batch_field(batch, row, plan->parameter_input);
	struct aqi_slice text = aqi_slice_trim(aqi_field_text(field));

	*parameter = NULL;
	if (aqi_cell_is_missing(&aqi_gather_plan_mapping(plan)->form, batch,
				field)) {
		aqi_batch_refuse(batch, row, plan->parameter_input,
				 AQI_E_MISSING, "it is not said what the row "
				 "is of");
		return AQI_REJECT;
	}
	for (size_t i = 0; i < plan->n_parameters; i++) {
		if (aqi_slice_equal(plan->parameters[i].text, text)) {
			*parameter = &plan->parameters[i];
			return AQI_OK;
		}
	}
	return AQI_END;
}

size_t
aqi_gather_plan_output(const struct aqi_gather_plan *plan,
		       enum aqi_gather_place place)
{
	const struct aqi_features_column *columns = plan->features.columns;

	switch (place) {
	case AQI_GATHER_STATION:
		return plan->features.station_added;
	case AQI_GATHER_TIME:
		return plan->features.time_added;
	case AQI_GATHER_HOUR:
		return columns[AQI_TARGET_HOUR].added;
	case AQI_GATHER_DAY_OF_WEEK:
		return columns[AQI_TARGET_DAY_OF_WEEK].added;
	default:
		return columns[AQI_TARGET_MONTH].added;
	}
}
