#include "air/mapping_layout.h"

#include <string.h>

#include <jansson.h>

#include "air/mapping.h"

static enum aqi_status
read_kind(struct aqi_keys *keys, json_t *value, void *into)
{
	enum aqi_layout_kind *kind = into;
	const char *word = json_string_value(value);

	if (word && strcmp(word, "long") == 0)
		*kind = AQI_LAYOUT_LONG;
	else if (word && strcmp(word, "stations") == 0)
		*kind = AQI_LAYOUT_STATIONS;
	else
		return aqi_keys_refuse(keys, "\"long\" or \"stations\" is "
				       "wanted here");
	return AQI_OK;
}

static enum aqi_status
read_order(struct aqi_keys *keys, json_t *value, void *into)
{
	bool *is_ordered = into;
	const char *word = json_string_value(value);

	*is_ordered = word && strcmp(word, "time") == 0;
	if (!*is_ordered && !(word && strcmp(word, "any") == 0))
		return aqi_keys_refuse(keys,
				       "\"time\" or \"any\" is wanted here");
	return AQI_OK;
}

static enum aqi_status
read_repeated(struct aqi_keys *keys, json_t *value, void *into)
{
	bool *first_stands = into;
	const char *word = json_string_value(value);

	*first_stands = word && strcmp(word, "first") == 0;
	if (!*first_stands && !(word && strcmp(word, "refuse") == 0))
		return aqi_keys_refuse(keys,
				       "\"refuse\" or \"first\" is wanted "
				       "here");
	return AQI_OK;
}

enum aqi_status
aqi_mapping_layout_read(struct aqi_keys *keys, json_t *value, void *into)
{
#define AT(member) offsetof(struct aqi_mapping_layout, member)
	static const struct aqi_key table[] = {
		{"kind", read_kind, AT(kind), true},
		{"parameter", aqi_keys_text, AT(parameter), true},
		{"value", aqi_keys_text, AT(value), false},
		{"other_columns", aqi_keys_names, AT(other_columns), false},
		{"order", read_order, AT(is_ordered), false},
		{"repeated", read_repeated, AT(first_stands), false},
		{"note", aqi_keys_note, 0, false},
	};
#undef AT
	struct aqi_mapping_layout *layout = into;
	bool has_stations;

	if (AQI_KEYS_OBJECT(keys, value, table, layout) != AQI_OK)
		return AQI_FATAL;
	has_stations = layout->kind == AQI_LAYOUT_STATIONS;
	if (has_stations == (layout->value.size > 0))
		return aqi_keys_refuse(keys, has_stations ?
				       "\"value\" goes with a long layout" :
				       "a long layout needs the key \"value\"");
	if (!has_stations && layout->other_columns.n > 0)
		return aqi_keys_refuse(keys, "\"other_columns\" goes with "
				       "columns of stations");
	return AQI_OK;
}

/* A text of the parameter is of one field, and stands for itself. */
static enum aqi_status
check_field(struct aqi_keys *keys, const struct aqi_mapping *mapping,
	    enum aqi_target target)
{
	const struct aqi_names *names = &mapping->fields[target].columns;
	char quoted[AQI_QUOTED_SIZE];
	enum aqi_target other;

	for (size_t i = 0; i < names->n; i++) {
		struct aqi_slice name = names->items[i];

		if (!aqi_mapping_targets[target].unit)
			return aqi_keys_refuse(keys, "a part of time comes "
					       "from the time in this layout");
		if (aqi_mapping_is_pattern(name))
			return aqi_keys_refuse(keys, "%s is a pattern, which "
					       "the parameter of a row cannot "
					       "be", aqi_error_quote(quoted,
								     name));
		for (other = 0; other < target; other++)
			for (size_t k = 0;
			     k < mapping->fields[other].columns.n; k++)
				if (aqi_slice_equal(
					    mapping->fields[other].columns
						    .items[k], name))
					return aqi_keys_refuse(keys, "%s is of "
						"%s already", aqi_error_quote(
							quoted, name),
						aqi_mapping_targets[other]
							.name);
	}
	return AQI_OK;
}

enum aqi_status
aqi_mapping_layout_check(struct aqi_keys *keys,
			 const struct aqi_mapping *mapping)
{
	size_t fields, mark;

	if (mapping->layout.kind == AQI_LAYOUT_WIDE)
		return AQI_OK;
	if (mapping->time.is_optional) {
		aqi_keys_enter(keys, "time");
		aqi_keys_enter(keys, "optional");
		return aqi_keys_refuse(keys, "rows that make a record together "
				       "need their time");
	}
	if (mapping->layout.kind == AQI_LAYOUT_STATIONS &&
	    mapping->station.size > 0) {
		aqi_keys_enter(keys, "station");
		return aqi_keys_refuse(keys, "each column has a station of its "
				       "own in this layout");
	}
	fields = aqi_keys_enter(keys, "fields");
	for (size_t i = 0; i < AQI_N_TARGETS; i++) {
		mark = aqi_keys_enter(keys, aqi_mapping_targets[i].name);
		if (check_field(keys, mapping, (enum aqi_target)i) != AQI_OK)
			return AQI_FATAL;
		aqi_keys_leave(keys, mark);
	}
	aqi_keys_leave(keys, fields);
	return AQI_OK;
}
