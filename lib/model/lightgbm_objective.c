#include "model/lightgbm_objective.h"

#include <stdio.h>

#include "model/lightgbm_value.h"
#include "record/number.h"

#define MANY 1	/* for several classes; else for one */
#define SLOPE 2	/* has one, "sigmoid" */
#define ROOT 4	/* may have learnt roots, "sqrt" */

static const struct objective {
	const char *name;
	enum aqi_link_kind link;
	unsigned flags;
} objectives[] = {
	{"regression", AQI_LINK_IDENTITY, ROOT},
	{"regression_l1", AQI_LINK_IDENTITY, ROOT},
	{"huber", AQI_LINK_IDENTITY, 0},
	{"fair", AQI_LINK_IDENTITY, ROOT},
	{"quantile", AQI_LINK_IDENTITY, ROOT},
	{"mape", AQI_LINK_IDENTITY, ROOT},
	{"poisson", AQI_LINK_EXP, 0},
	{"gamma", AQI_LINK_EXP, 0},
	{"tweedie", AQI_LINK_EXP, 0},
	{"binary", AQI_LINK_LOGISTIC, SLOPE},
	{"multiclass", AQI_LINK_SOFTMAX, MANY},
	{"multiclassova", AQI_LINK_LOGISTIC, MANY | SLOPE},
	{"cross_entropy", AQI_LINK_LOGISTIC, 0},
	{"cross_entropy_lambda", AQI_LINK_LOG1P_EXP, 0},
	{"lambdarank", AQI_LINK_IDENTITY, 0},
	{"rank_xendcg", AQI_LINK_IDENTITY, 0},
	/* What versions before 2.3 call them. */
	{"xentropy", AQI_LINK_LOGISTIC, 0},
	{"xentlambda", AQI_LINK_LOG1P_EXP, 0},
};

#define N_OBJECTIVES (sizeof objectives / sizeof objectives[0])

static enum aqi_status
refuse(struct aqi_slice name, struct aqi_error *err)
{
	char quoted[AQI_QUOTED_SIZE], known[256] = "", *end = known;

	/* The older names aside. */
	for (size_t i = 0; i + 2 < N_OBJECTIVES; i++) {
		*end++ = ' ';
		end = stpcpy(end, objectives[i].name);
	}
	return aqi_error_set(err, AQI_E_MODEL,
			     "objective %s is not supported; these are:%s",
			     aqi_error_quote(quoted, name), known);
}

static const struct objective *
find(struct aqi_slice name)
{
	for (size_t i = 0; i < N_OBJECTIVES; i++)
		if (aqi_slice_is(name, objectives[i].name))
			return &objectives[i];
	return NULL;
}

/* The value of "name:value", or {NULL, 0}. */
static struct aqi_slice
find_parameter(struct aqi_slice text, const char *name)
{
	const size_t n = strlen(name);
	struct aqi_slice value;

	while (aqi_lightgbm_value(&text, &value))
		if (value.size > n && value.data[n] == ':' &&
		    memcmp(value.data, name, n) == 0)
			return (struct aqi_slice){value.data + n + 1,
						  value.size - n - 1};
	return (struct aqi_slice){NULL, 0};
}

static bool
has_word(struct aqi_slice text, const char *word)
{
	struct aqi_slice value;

	while (aqi_lightgbm_value(&text, &value))
		if (aqi_slice_is(value, word))
			return true;
	return false;
}

static enum aqi_status
read_slope(struct aqi_slice text, double *slope, struct aqi_error *err)
{
	const struct aqi_slice value = find_parameter(text, "sigmoid");
	char quoted[AQI_QUOTED_SIZE];

	if (!value.data)
		return aqi_error_set(err, AQI_E_MODEL, "objective: no sigmoid");
	if (aqi_number_to_double(value, '.', slope) == AQI_NUMBER_OK &&
	    *slope > 0)
		return AQI_OK;
	return aqi_error_set(err, AQI_E_MODEL,
			     "objective: sigmoid %s is not a number above 0",
			     aqi_error_quote(quoted, value));
}

static enum aqi_status
check_classes(const struct objective *objective, struct aqi_slice text,
	      size_t n_margins, struct aqi_error *err)
{
	const struct aqi_slice value = find_parameter(text, "num_class");
	char quoted[AQI_QUOTED_SIZE];
	int64_t n;

	if ((n_margins > 1) != (objective->flags & MANY))
		return aqi_error_set(err, AQI_E_MODEL,
				     "objective %s: num_class is %zu",
				     objective->name, n_margins);
	if (!value.data || (aqi_lightgbm_whole(value, &n) && n >= 0 &&
			    (uint64_t)n == n_margins))
		return AQI_OK;
	return aqi_error_set(err, AQI_E_MODEL,
			     "objective: num_class %s, but num_class is %zu",
			     aqi_error_quote(quoted, value), n_margins);
}

enum aqi_status
aqi_lightgbm_objective_read(struct aqi_slice text, size_t n_margins,
			    struct aqi_link *link, struct aqi_error *err)
{
	const struct objective *objective;
	struct aqi_slice name, rest = text;

	*link = AQI_LINK_PLAIN;
	link->is_wide = true;
	aqi_lightgbm_value(&rest, &name);
	if (name.size == 0 || aqi_slice_is(name, "custom") ||
	    aqi_slice_is(name, "none"))
		return AQI_OK;
	objective = find(name);
	if (!objective)
		return refuse(name, err);
	if (check_classes(objective, rest, n_margins, err) != AQI_OK ||
	    ((objective->flags & SLOPE) && read_slope(rest, &link->slope, err)))
		return AQI_FATAL;
	link->kind = (objective->flags & ROOT) && has_word(rest, "sqrt") ?
		     AQI_LINK_SQUARE : objective->link;
	return AQI_OK;
}
