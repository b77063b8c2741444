#include "model/xgboost.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>

#include "model/foreign.h"
#include "model/member.h"
#include "model/trees.h"
#include "model/xgboost_forest.h"
#include "model/xgboost_keys.h"
#include "model/xgboost_linear.h"
#include "model/xgboost_objective.h"

/* From what it says to a forest. */

/* Files that a later version writes may mean something else by the same. */
static enum aqi_status
check_version(const struct aqi_xgboost_model *m, struct aqi_error *err)
{
	const struct aqi_integers *version = &m->version;
	char text[64] = "";
	int n = 0;

	for (size_t i = 0; i < version->n && i < 3; i++)
		n += snprintf(text + n, sizeof text - (size_t)n, "%s%d",
			      i > 0 ? "." : "", version->data[i]);
	m->out->writer = aqi_arena_copy(m->arena, aqi_slice_of(text));
	if (!m->out->writer.data)
		return aqi_error_memory(err);
	if (version->n == 0 ||
	    (version->data[0] >= 0 && version->data[0] <= 3))
		return AQI_OK;
	return aqi_error_set(err, AQI_E_MODEL, "written by XGBoost %d; "
			     "versions 1 to 3 can be read", version->data[0]);
}

/*
 * From 3.5 on, the outputs of this objective may not be plain sums: what is
 * added is softplus of the margin in the library's sources behind 3.4.
 */
static enum aqi_status
check_expectile(const struct aqi_xgboost_model *m, size_t n_margins,
		struct aqi_error *err)
{
	const int32_t *version = m->version.data;

	if (n_margins == 1 || m->version.n < 2 || version[0] < 3 ||
	    version[1] <= 4 ||
	    !aqi_slice_is(m->objective, "reg:expectileerror"))
		return AQI_OK;
	return aqi_error_set(err, AQI_E_MODEL, "reg:expectileerror with %zu "
			     "outputs, written by XGBoost %d.%d; it can be "
			     "read up to 3.4", n_margins, version[0],
			     version[1]);
}

static enum aqi_status
count_margins(const struct aqi_xgboost_model *m, size_t *n,
	      struct aqi_error *err)
{
	*n = m->n_classes > m->n_targets ? m->n_classes : m->n_targets;
	if (m->n_classes > 1 && m->n_targets > 1)
		return aqi_error_set(err, AQI_E_MODEL, "num_class: %zu, with "
				     "num_target %zu", m->n_classes,
				     m->n_targets);
	if (*n == 0)
		*n = 1;
	if (*n > AQI_FOREST_MAX_MARGINS)
		return aqi_error_set(err, AQI_E_MODEL, "%zu outputs; 1 to %d "
				     "are supported", *n,
				     AQI_FOREST_MAX_MARGINS);
	return check_expectile(m, *n, err);
}

/* bases  (AQI_FOREST_MAX_MARGINS,) out */
static enum aqi_status
make_shape(struct aqi_xgboost_model *m, struct aqi_forest_shape *shape,
	   double *bases, struct aqi_error *err)
{
	const struct aqi_xgboost_objective *objective;

	if (count_margins(m, &shape->n_margins, err) != AQI_OK ||
	    !(objective = aqi_xgboost_objective_find(m->objective, err)))
		return AQI_FATAL;
	shape->n_inputs = m->n_inputs;
	shape->bases = bases;
	shape->link = aqi_xgboost_objective_link(objective);
	m->is_settled = aqi_xgboost_objective_is_plain(objective);
	return aqi_xgboost_objective_bases(objective, m->base_score,
					   shape->n_margins, bases, err);
}

static enum aqi_status
check_names(const struct aqi_xgboost_model *m, struct aqi_error *err)
{
	const size_t n = m->out->n_names;

	if (n == 0 || n == m->n_inputs)
		return AQI_OK;
	return aqi_error_set(err, AQI_E_MODEL, "feature_names: %zu names for "
			     "%zu features", n, m->n_inputs);
}

/* Gblinear. */

static enum aqi_status
read_linear(const struct aqi_xgboost_model *m, struct aqi_forest_shape *shape,
	    double *bases, struct aqi_error *err)
{
	const struct aqi_xgboost_linear linear = {
		.weights = &m->weights,
		.n_inputs = m->n_inputs,
		.most = m->trees.most,
		.is_settled = m->is_settled ||
			      aqi_slice_is(m->boosts_from_average, "0"),
	};

	m->out->forest = aqi_xgboost_linear_read(&linear, shape, bases, err);
	return m->out->forest ? AQI_OK : AQI_FATAL;
}

/* Trees. */

static enum aqi_status
check_counts(const struct aqi_xgboost_model *m, struct aqi_error *err)
{
	if (m->tree_info.n != m->n_trees)
		return aqi_error_set(err, AQI_E_MODEL, "tree_info: %zu values "
				     "for %zu trees", m->tree_info.n,
				     m->n_trees);
	if (m->tree_weights.n != m->n_trees && m->tree_weights.n != 0)
		return aqi_error_set(err, AQI_E_MODEL, "weight_drop: %zu "
				     "values for %zu trees",
				     m->tree_weights.n, m->n_trees);
	return AQI_OK;
}

static enum aqi_status
read_trees(struct aqi_xgboost_model *m, struct aqi_forest_shape *shape,
	   struct aqi_error *err)
{
	if (check_counts(m, err) != AQI_OK)
		return AQI_FATAL;
	m->trees.n_trees = m->n_trees;
	m->trees.targets = m->tree_info.data;
	m->trees.weights = m->tree_weights.n > 0 ? m->tree_weights.data : NULL;
	m->out->forest = aqi_xgboost_forest_read(&m->trees, shape, err);
	return m->out->forest ? AQI_OK : AQI_FATAL;
}

/* What the booster should have; NULL: it is all there. */
static const char *
find_lack(const struct aqi_xgboost_model *m, bool is_linear)
{
	if (is_linear)
		return m->has_weights ? NULL : "weights";
	return m->n_trees == SIZE_MAX ? "gbtree_model_param" :
	       !m->has_tree_info ? "tree_info" :
	       !m->has_trees ? "trees" : NULL;
}

static enum aqi_status
read_booster(struct aqi_xgboost_model *m, struct aqi_error *err)
{
	const bool is_linear = aqi_slice_is(m->booster, "gblinear");
	double bases[AQI_FOREST_MAX_MARGINS];
	struct aqi_forest_shape shape = {0};
	char quoted[AQI_QUOTED_SIZE];
	const char *lack;

	if (!is_linear && !aqi_slice_is(m->booster, "gbtree") &&
	    !aqi_slice_is(m->booster, "dart"))
		return aqi_error_set(err, AQI_E_MODEL, "booster %s is not "
				     "supported; gbtree, dart and gblinear are",
				     aqi_error_quote(quoted, m->booster));
	lack = find_lack(m, is_linear);
	if (lack)
		return aqi_error_set(err, AQI_E_MODEL, "%s: no such key in "
				     "the model", lack);
	if (make_shape(m, &shape, bases, err) != AQI_OK ||
	    check_names(m, err) != AQI_OK)
		return AQI_FATAL;
	m->out->objective = m->objective;
	return is_linear ? read_linear(m, &shape, bases, err) :
			   read_trees(m, &shape, err);
}

/* The file. */

bool
aqi_xgboost_is_ubjson(struct aqi_slice bytes)
{
	unsigned char third;

	/* The length of the first key, of which the first byte is small, or
	 * very large where it is below 0; JSON has a quote or a blank. */
	if (bytes.size < 3 || bytes.data[0] != '{' ||
	    !memchr("LlIiU#$", bytes.data[1], 7))
		return false;
	third = (unsigned char)bytes.data[2];
	return third < ' ' || third >= 0x80;
}

bool
aqi_xgboost_is_json(struct aqi_slice bytes)
{
	size_t i = 0;

	while (i < bytes.size && isspace((unsigned char)bytes.data[i]))
		i++;
	if (i == bytes.size || (bytes.data[i] != '{' && bytes.data[i] != '['))
		return false;
	/* In UTF-16 a NUL follows. */
	return i + 1 == bytes.size || bytes.data[i + 1] != '\0';
}

/* Is the array that stands here one of XGBoost's text dumps? */
static enum aqi_status
refuse_array(struct aqi_document d, struct aqi_error *err)
{
	struct aqi_slice key;
	bool is_dump = false;

	if (aqi_document_enter(&d, AQI_VALUE_ARRAY, NULL) == AQI_OK &&
	    aqi_document_next(&d, NULL, NULL) == AQI_OK &&
	    aqi_document_enter(&d, AQI_VALUE_OBJECT, NULL) == AQI_OK)
		while (!is_dump &&
		       aqi_document_next(&d, &key, NULL) == AQI_OK) {
			is_dump = aqi_slice_is(key, "nodeid");
			if (aqi_document_skip(&d, NULL) != AQI_OK)
				break;
		}
	return aqi_foreign_json(is_dump ? AQI_FOREIGN_DUMP :
				AQI_FOREIGN_NO_LEARNER, err);
}

static enum aqi_status
read_root(struct aqi_reading *r, struct aqi_xgboost_model *m)
{
	enum aqi_value kind;

	if (aqi_document_peek(&r->document, &kind, r->err) != AQI_OK)
		return AQI_FATAL;
	if (kind == AQI_VALUE_ARRAY)
		return refuse_array(r->document, r->err);
	if (aqi_xgboost_keys_read(r, m) != AQI_OK ||
	    aqi_document_finish(&r->document, r->err) != AQI_OK)
		return AQI_FATAL;
	if (!m->has_learner)
		return aqi_foreign_json(m->has_names && m->has_tree_info ?
					AQI_FOREIGN_LIGHTGBM_DUMP :
					AQI_FOREIGN_NO_LEARNER, r->err);
	if (check_version(m, r->err) != AQI_OK)
		return AQI_FATAL;
	return read_booster(m, r->err);
}

enum aqi_status
aqi_xgboost_read(struct aqi_slice bytes,
		 const struct aqi_trees_options *options,
		 struct aqi_arena *arena, struct aqi_trees *trees,
		 struct aqi_error *err)
{
	struct aqi_buffer text = {0};
	struct aqi_xgboost_model m = {
		.arena = arena, .out = trees, .n_trees = SIZE_MAX,
		.n_shares = aqi_trees_shares(options, bytes.size),
		.trees = {
			.skips_statistics = options &&
					    options->skips_statistics,
			.most = aqi_trees_memory(bytes.size),
		},
	};
	struct aqi_reading r = {
		.err = err, .is_quick = m.trees.skips_statistics
	};
	enum aqi_status status;

	*trees = (struct aqi_trees){0};
	r.document = aqi_document_new(aqi_xgboost_is_ubjson(bytes) ?
				      &aqi_spelling_ubjson :
				      &aqi_spelling_json, bytes, &text);
	status = read_root(&r, &m);
	aqi_integers_free(&m.tree_info);
	aqi_integers_free(&m.version);
	aqi_floats_free(&m.tree_weights);
	aqi_floats_free(&m.weights);
	aqi_buffer_free(&text);
	return status;
}
