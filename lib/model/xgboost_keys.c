#include "model/xgboost_keys.h"

#include "base/arena.h"
#include "model/member.h"
#include "model/trees.h"
#include "model/xgboost_names.h"

#define FIELD(name) offsetof(struct aqi_xgboost_model, name)
#define N_OF(members) (sizeof members / sizeof members[0])

/* The members of each object. */

static enum aqi_status
take_names(struct aqi_reading *r, const char *key, void *to)
{
	struct aqi_xgboost_model *m = to;

	return aqi_xgboost_names_read(r, key, m->arena, &m->out->names,
				      &m->out->n_names);
}

/* A text that is kept. */
static enum aqi_status
take_text(struct aqi_reading *r, const char *key, struct aqi_arena *arena,
	  struct aqi_slice *kept)
{
	struct aqi_slice text;

	if (aqi_member_text(r, key, &text) != AQI_OK)
		return AQI_FATAL;
	*kept = aqi_arena_copy(arena, text);
	return kept->data ? AQI_OK : aqi_error_memory(r->err);
}

static enum aqi_status
take_booster_name(struct aqi_reading *r, const char *key, void *to)
{
	struct aqi_xgboost_model *m = to;

	return take_text(r, key, m->arena, &m->booster);
}

static enum aqi_status
take_objective_name(struct aqi_reading *r, const char *key, void *to)
{
	struct aqi_xgboost_model *m = to;

	return take_text(r, key, m->arena, &m->objective);
}

static enum aqi_status
take_base_score(struct aqi_reading *r, const char *key, void *to)
{
	struct aqi_xgboost_model *m = to;

	return take_text(r, key, m->arena, &m->base_score);
}

static enum aqi_status
take_boost_from_average(struct aqi_reading *r, const char *key, void *to)
{
	struct aqi_xgboost_model *m = to;

	return take_text(r, key, m->arena, &m->boosts_from_average);
}

static enum aqi_status
take_trees(struct aqi_reading *r, const char *key, void *to)
{
	struct aqi_xgboost_model *m = to;

	(void)key;
	m->has_trees = true;
	return aqi_xgboost_trees_pass(r, m->n_shares, &m->trees);
}

static enum aqi_status
take_weights(struct aqi_reading *r, const char *key, void *to)
{
	struct aqi_xgboost_model *m = to;

	m->has_weights = true;
	return aqi_member_floats(r, key, &m->weights);
}

static enum aqi_status
take_gbtree_param(struct aqi_reading *r, const char *key, void *to)
{
	static const struct aqi_member members[] = {
		{"num_trees", aqi_member_count, FIELD(n_trees), true},
	};

	return aqi_member_object(r, key, members, N_OF(members), to);
}

static enum aqi_status
take_info(struct aqi_reading *r, const char *key, void *to)
{
	struct aqi_xgboost_model *m = to;

	m->has_tree_info = true;
	return aqi_member_integers(r, key, &m->tree_info);
}

static enum aqi_status
take_model(struct aqi_reading *r, const char *key, void *to)
{
	static const struct aqi_member members[] = {
		{"gbtree_model_param", take_gbtree_param, 0, false},
		{"tree_info", take_info, 0, false},
		{"trees", take_trees, 0, false},
		{"weight_drop", aqi_member_floats, FIELD(tree_weights), false},
		{"weights", take_weights, 0, false},
	};

	return aqi_member_object(r, key, members, N_OF(members), to);
}

/* Dart's trees are those of a gbtree within it; from version 3 on, the weights
 * are in the model of what calls itself gbtree. */
static enum aqi_status
take_nested(struct aqi_reading *r, const char *key, void *to)
{
	static const struct aqi_member members[] = {
		{"model", take_model, 0, true},
	};

	return aqi_member_object(r, key, members, N_OF(members), to);
}

static enum aqi_status
take_booster(struct aqi_reading *r, const char *key, void *to)
{
	static const struct aqi_member members[] = {
		{"gbtree", take_nested, 0, false},
		{"model", take_model, 0, false},
		{"name", take_booster_name, 0, true},
		{"weight_drop", aqi_member_floats, FIELD(tree_weights), false},
	};

	return aqi_member_object(r, key, members, N_OF(members), to);
}

static enum aqi_status
take_param(struct aqi_reading *r, const char *key, void *to)
{
	static const struct aqi_member members[] = {
		{"base_score", take_base_score, 0, true},
		{"boost_from_average", take_boost_from_average, 0, false},
		{"num_class", aqi_member_count, FIELD(n_classes), false},
		{"num_feature", aqi_member_count, FIELD(n_inputs), true},
		{"num_target", aqi_member_count, FIELD(n_targets), false},
	};

	return aqi_member_object(r, key, members, N_OF(members), to);
}

static enum aqi_status
take_objective(struct aqi_reading *r, const char *key, void *to)
{
	static const struct aqi_member members[] = {
		{"name", take_objective_name, 0, true},
	};

	return aqi_member_object(r, key, members, N_OF(members), to);
}

static enum aqi_status
take_learner(struct aqi_reading *r, const char *key, void *to)
{
	static const struct aqi_member members[] = {
		{"feature_names", take_names, 0, false},
		{"gradient_booster", take_booster, 0, true},
		{"learner_model_param", take_param, 0, true},
		{"objective", take_objective, 0, true},
	};
	struct aqi_xgboost_model *m = to;

	m->has_learner = true;
	return aqi_member_object(r, key, members, N_OF(members), to);
}

/* The keys of a file of LightGBM's. */

static enum aqi_status
note_names(struct aqi_reading *r, const char *key, void *to)
{
	struct aqi_xgboost_model *m = to;

	(void)key;
	m->has_names = true;
	return aqi_document_skip(&r->document, r->err);
}

static enum aqi_status
note_info(struct aqi_reading *r, const char *key, void *to)
{
	struct aqi_xgboost_model *m = to;

	(void)key;
	m->has_tree_info = true;
	return aqi_document_skip(&r->document, r->err);
}

/* A list of three numbers here; LightGBM has a text. */
static enum aqi_status
take_version(struct aqi_reading *r, const char *key, void *to)
{
	struct aqi_xgboost_model *m = to;
	enum aqi_value kind;

	if (aqi_document_peek(&r->document, &kind, r->err) != AQI_OK)
		return AQI_FATAL;
	return kind == AQI_VALUE_ARRAY ?
	       aqi_member_integers(r, key, &m->version) :
	       aqi_document_skip(&r->document, r->err);
}

static const struct aqi_member root_members[] = {
	{"learner", take_learner, 0, false},
	{"version", take_version, 0, false},
	{"feature_names", note_names, 0, false},
	{"tree_info", note_info, 0, false},
};

enum aqi_status
aqi_xgboost_keys_read(struct aqi_reading *r, struct aqi_xgboost_model *m)
{
	return aqi_member_object(r, "the file", root_members,
				 N_OF(root_members), m);
}
