#include "model/manifest.h"

#include <ctype.h>
#include <jansson.h>
#include <math.h>
#include <stdint.h>

#include "model/bundle.h"
#include "model/names.h"
#include "model/trees.h"
#include "record/format.h"
#include "record/json.h"

static enum aqi_status
fail(struct aqi_error *err, const char *key, const char *reason)
{
	return aqi_error_set(err, AQI_E_MODEL, "%s: %s", key, reason);
}

/* A copy of the string at key; *text stays as it is when there is none. */
static enum aqi_status
get_text(const json_t *object, const char *key, struct aqi_model *model,
	 struct aqi_slice *text, struct aqi_error *err)
{
	const json_t *value = json_object_get(object, key);

	if (!value)
		return AQI_OK;
	if (!json_is_string(value))
		return fail(err, key, "not a string");
	*text = aqi_arena_copy(&model->arena, (struct aqi_slice){
				       json_string_value(value),
				       json_string_length(value)});
	return text->data ? AQI_OK : aqi_error_memory(err);
}

static enum aqi_status
get_count(const json_t *object, const char *key, size_t most, size_t *count,
	  struct aqi_error *err)
{
	const json_t *value = json_object_get(object, key);
	double x = aqi_json_number(value);

	if (!value)
		return AQI_OK;
	if (x != floor(x) || x < 0 || x > (double)most)
		return aqi_error_set(err, AQI_E_MODEL,
				     "%s: not a whole number from 0 to %zu",
				     key, most);
	*count = (size_t)x;
	return AQI_OK;
}

/* One of two words: *second says which. */
static enum aqi_status
get_choice(const json_t *object, const char *key, const char *const words[2],
	   bool *second, struct aqi_error *err)
{
	const json_t *value = json_object_get(object, key);
	const char *text = json_string_value(value);

	if (!value)
		return AQI_OK;
	for (int i = 0; text && i < 2; i++) {
		if (strcmp(text, words[i]) == 0) {
			*second = i == 1;
			return AQI_OK;
		}
	}
	return aqi_error_set(err, AQI_E_MODEL, "%s: neither \"%s\" nor \"%s\"",
			     key, words[0], words[1]);
}

static enum aqi_status
read_input(const json_t *input, size_t i, struct aqi_model *model,
	   struct aqi_error *err)
{
	struct aqi_slice *name = &model->inputs[i];

	model->units[i] = aqi_slice_of("");
	if (get_text(input, "name", model, name, err) != AQI_OK ||
	    get_text(input, "unit", model, &model->units[i], err) != AQI_OK)
		return AQI_FATAL;
	if (name->size == 0)
		return aqi_error_set(err, AQI_E_MODEL,
				     "inputs: number %zu has no name", i + 1);
	return AQI_OK;
}

static enum aqi_status
read_inputs(const json_t *root, struct aqi_model *model, struct aqi_error *err)
{
	const json_t *inputs = json_object_get(root, "inputs");
	const size_t n = json_array_size(inputs);
	struct aqi_slice twice;
	char quoted[AQI_QUOTED_SIZE];

	if (n == 0 || n > AQI_MAX_COLUMNS)
		return aqi_error_set(err, AQI_E_MODEL,
				     "inputs: not an array of 1 to %d inputs",
				     AQI_MAX_COLUMNS);
	model->inputs = aqi_arena_array(&model->arena, n,
					sizeof *model->inputs);
	model->units = aqi_arena_array(&model->arena, n, sizeof *model->units);
	if (!model->inputs || !model->units)
		return aqi_error_memory(err);
	for (size_t i = 0; i < n; i++) {
		model->inputs[i] = (struct aqi_slice){0};
		if (read_input(json_array_get(inputs, i), i, model, err))
			return AQI_FATAL;
	}
	model->n_inputs = n;
	if (aqi_names_find_twice(model->inputs, n, &twice, err) != AQI_OK)
		return AQI_FATAL;
	return !twice.data ? AQI_OK :
	       aqi_error_set(err, AQI_E_MODEL, "inputs: %s twice",
			     aqi_error_quote(quoted, twice));
}

static bool
is_sha256(struct aqi_slice text)
{
	for (size_t i = 0; i < text.size; i++)
		if (!isxdigit((unsigned char)text.data[i]))
			return false;
	return text.size == 64;
}

/* The name of a file in the bundle's folder, and nowhere else. */
static bool
is_plain_name(struct aqi_slice name)
{
	return name.size > 0 && !memchr(name.data, '/', name.size) &&
	       name.data[0] != '.';
}

/* One of the formats that aqi_trees_read reads; NULL: none of them. */
static const char *
find_format(const char *format)
{
	for (size_t i = 0; format && aqi_trees_formats[i]; i++)
		if (strcmp(format, aqi_trees_formats[i]) == 0)
			return aqi_trees_formats[i];
	return NULL;
}

static enum aqi_status
read_trees(const json_t *root, struct aqi_model *model, struct aqi_error *err)
{
	const json_t *trees = json_object_get(root, "trees");

	if (!json_is_object(trees))
		return fail(err, "trees", "not an object");
	if (get_text(trees, "file", model, &model->trees_file, err) ||
	    get_text(trees, "sha256", model, &model->trees_sha256, err))
		return AQI_FATAL;
	if (!is_plain_name(model->trees_file))
		return fail(err, "trees",
			    "file does not name a file beside the manifest");
	model->format = find_format(json_string_value(
		json_object_get(trees, "format")));
	if (!model->format)
		return fail(err, "trees", "format is none of xgboost-json, "
			    "xgboost-ubjson, lightgbm-text and onnx");
	if (model->trees_sha256.size > 0 && !is_sha256(model->trees_sha256))
		return fail(err, "trees", "sha256 is not 64 hex digits");
	return AQI_OK;
}

/* The hours ahead of which a prediction speaks: {"from": 1, "to": 24}. */
static enum aqi_status
read_lead_time(const json_t *root, struct aqi_model *model,
	       struct aqi_error *err)
{
	const json_t *hours = json_object_get(root, "lead_time_hours");

	if (!hours)
		return AQI_OK;
	if (!json_is_object(hours))
		return fail(err, "lead_time_hours",
			    "not an object with from and to");
	if (get_count(hours, "from", 8784, &model->lead_from_hours, err) ||
	    get_count(hours, "to", 8784, &model->lead_to_hours, err))
		return AQI_FATAL;
	if (model->lead_from_hours > model->lead_to_hours)
		return fail(err, "lead_time_hours", "from is after to");
	return AQI_OK;
}

static enum aqi_status
read_rules(const json_t *root, struct aqi_model *model, struct aqi_error *err)
{
	static const char *const transforms[] = {"none", "square"};
	static const char *const missing[] = {"refuse", "allow"};
	bool squares = false;

	if (!json_object_get(root, "missing"))
		return fail(err, "missing", "no such key");
	if (get_choice(root, "output_transform", transforms, &squares, err) ||
	    get_choice(root, "missing", missing, &model->allows_missing,
		       err) ||
	    get_count(root, "min_inputs", model->n_inputs, &model->min_inputs,
		      err) ||
	    read_lead_time(root, model, err))
		return AQI_FATAL;
	model->has_calibration =
		json_is_object(json_object_get(root, "calibration"));
	model->transform = squares ? AQI_TRANSFORM_SQUARE : AQI_TRANSFORM_NONE;
	return AQI_OK;
}

static enum aqi_status
read_texts(const json_t *root, struct aqi_model *model, struct aqi_error *err)
{
	const struct {
		const char *key;
		struct aqi_slice *text;
	} texts[] = {
		{"name", &model->name},
		{"version", &model->version},
		{"description", &model->description},
		{"licence", &model->licence},
		{"standard", &model->standard},
		{"revision", &model->revision},
		{"target", &model->target},
	};

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (get_text(root, texts[i].key, model, texts[i].text, err))
			return AQI_FATAL;
	if (model->name.size == 0)
		return fail(err, "name", "empty, or no such key");
	return AQI_OK;
}

static json_t *
read_json(struct aqi_slice text, struct aqi_error *err)
{
	struct aqi_error why;
	json_t *root = aqi_json_read(text, &why);

	if (root)
		return root;
	if (why.code == AQI_E_MEMORY)
		aqi_error_memory(err);
	else
		aqi_error_set(err, AQI_E_MODEL,
			      "line %llu column %zu: %.250s",
			      (unsigned long long)why.line, why.column,
			      why.reason);
	return NULL;
}

enum aqi_status
aqi_manifest_read(struct aqi_slice text, struct aqi_model *model,
		  struct aqi_error *err)
{
	enum aqi_status status = AQI_FATAL;
	json_t *root = read_json(text, err);

	if (!root)
		return AQI_FATAL;
	model->manifest = aqi_arena_copy(&model->arena, text);
	if (!model->manifest.data)
		aqi_error_memory(err);
	else if (!json_is_object(root))
		aqi_error_set(err, AQI_E_MODEL, "not an object");
	else if (read_texts(root, model, err) == AQI_OK &&
		 read_inputs(root, model, err) == AQI_OK &&
		 read_trees(root, model, err) == AQI_OK &&
		 read_rules(root, model, err) == AQI_OK)
		status = AQI_OK;
	json_decref(root);
	return status;
}
