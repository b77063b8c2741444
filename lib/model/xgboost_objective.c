#include "model/xgboost_objective.h"

#include <math.h>
#include <string.h>

#include "record/number.h"

/* How a base score is made a margin. */
enum scale {
	MARGIN,		/* it is one */
	POSITIVE,	/* its logarithm */
	PROBABILITY,	/* its log odds */
	DIFFERENCE	/* what it has more than the one before it */
};

struct aqi_xgboost_objective {
	const char *name;
	enum aqi_link_kind link;
	enum scale scale;
};

static const struct aqi_xgboost_objective objectives[] = {
	{"reg:squarederror", AQI_LINK_IDENTITY, MARGIN},
	{"reg:linear", AQI_LINK_IDENTITY, MARGIN},
	{"reg:squaredlogerror", AQI_LINK_IDENTITY, MARGIN},
	{"reg:pseudohubererror", AQI_LINK_IDENTITY, MARGIN},
	{"reg:absoluteerror", AQI_LINK_IDENTITY, MARGIN},
	{"reg:quantileerror", AQI_LINK_IDENTITY, MARGIN},
	{"reg:expectileerror", AQI_LINK_CUMULATE, DIFFERENCE},
	{"reg:gamma", AQI_LINK_EXP, POSITIVE},
	{"reg:tweedie", AQI_LINK_EXP, POSITIVE},
	{"reg:logistic", AQI_LINK_LOGISTIC, PROBABILITY},
	{"count:poisson", AQI_LINK_EXP, POSITIVE},
	{"binary:logistic", AQI_LINK_LOGISTIC, PROBABILITY},
	{"binary:logitraw", AQI_LINK_IDENTITY, MARGIN},
	{"binary:hinge", AQI_LINK_HINGE, MARGIN},
	{"multi:softprob", AQI_LINK_SOFTMAX, MARGIN},
	{"multi:softmax", AQI_LINK_ARGMAX, MARGIN},
	{"rank:pairwise", AQI_LINK_IDENTITY, MARGIN},
	{"rank:ndcg", AQI_LINK_IDENTITY, MARGIN},
	{"rank:map", AQI_LINK_IDENTITY, MARGIN},
	{"survival:cox", AQI_LINK_EXP, POSITIVE},
	{"survival:aft", AQI_LINK_EXP, POSITIVE},
};

#define N_OBJECTIVES (sizeof objectives / sizeof objectives[0])

const struct aqi_xgboost_objective *
aqi_xgboost_objective_find(struct aqi_slice name, struct aqi_error *err)
{
	char quoted[AQI_QUOTED_SIZE];

	for (size_t i = 0; i < N_OBJECTIVES; i++)
		if (aqi_slice_is(name, objectives[i].name))
			return &objectives[i];
	aqi_error_set(err, AQI_E_MODEL, "objective %s is not supported; "
		      "aqi-model(5) has a list of those that are",
		      aqi_error_quote(quoted, name));
	return NULL;
}

struct aqi_link
aqi_xgboost_objective_link(const struct aqi_xgboost_objective *objective)
{
	struct aqi_link link = AQI_LINK_PLAIN;

	link.kind = objective->link;
	return link;
}

bool
aqi_xgboost_objective_is_plain(const struct aqi_xgboost_objective *objective)
{
	return objective->scale == MARGIN;
}

/* XGBoost's own formulas, in its 32 bits. */
static float
to_margin(enum scale scale, float score)
{
	switch (scale) {
	case POSITIVE:
		return logf(score);
	case PROBABILITY:
		return -logf(1.0f / score - 1.0f);
	case MARGIN:
	case DIFFERENCE:
		break;
	}
	return score;
}

static enum aqi_status
take_score(enum scale scale, struct aqi_slice text, float *score,
	   struct aqi_error *err)
{
	char quoted[AQI_QUOTED_SIZE];

	aqi_error_quote(quoted, text);
	if (aqi_number_to_float(text, '.', score) != AQI_NUMBER_OK)
		return aqi_error_set(err, AQI_E_MODEL, "base_score: %s is not "
				     "a 32-bit number", quoted);
	if ((scale == POSITIVE || scale == PROBABILITY) && *score <= 0)
		return aqi_error_set(err, AQI_E_MODEL,
				     "base_score: %s is not above 0, as the "
				     "objective needs it", quoted);
	if (scale == PROBABILITY && *score >= 1)
		return aqi_error_set(err, AQI_E_MODEL,
				     "base_score: %s is not below 1, as the "
				     "objective needs it", quoted);
	return AQI_OK;
}

/* The part of a list up to the comma, which is taken off it. */
static struct aqi_slice
cut(struct aqi_slice *list)
{
	const char *comma = list->size > 0 ?
		memchr(list->data, ',', list->size) : NULL;
	struct aqi_slice part = *list;

	if (!comma) {
		*list = (struct aqi_slice){NULL, 0};
		return part;
	}
	part.size = (size_t)(comma - list->data);
	list->data = comma + 1;
	list->size -= part.size + 1;
	return part;
}

static enum aqi_status
fail_count(struct aqi_slice text, size_t n_margins, struct aqi_error *err)
{
	char quoted[AQI_QUOTED_SIZE];

	return aqi_error_set(err, AQI_E_MODEL, "base_score: %s is not one "
			     "number, or one for each of %zu outputs",
			     aqi_error_quote(quoted, text), n_margins);
}

/* One for all in versions 1 and 2, a list in version 3. */
static enum aqi_status
take_scores(enum scale scale, struct aqi_slice text, size_t n_margins,
	    double *scores, struct aqi_error *err)
{
	struct aqi_slice list = text;
	float score = 0;
	size_t n = 0;

	if (text.size >= 2 && text.data[0] == '[' &&
	    text.data[text.size - 1] == ']')
		list = (struct aqi_slice){text.data + 1, text.size - 2};
	while (list.data) {
		if (n == n_margins)
			return fail_count(text, n_margins, err);
		if (take_score(scale, cut(&list), &score, err) != AQI_OK)
			return AQI_FATAL;
		scores[n++] = (double)score;
	}
	if (n != 1 && n != n_margins)
		return fail_count(text, n_margins, err);
	while (n < n_margins)
		scores[n++] = (double)score;
	return AQI_OK;
}

enum aqi_status
aqi_xgboost_objective_bases(const struct aqi_xgboost_objective *objective,
			    struct aqi_slice text, size_t n_margins,
			    double *bases, struct aqi_error *err)
{
	const enum scale scale = objective->scale;

	if (take_scores(scale, text, n_margins, bases, err) != AQI_OK)
		return AQI_FATAL;
	for (size_t k = n_margins; k-- > 0; ) {
		bases[k] = (double)to_margin(scale, (float)bases[k]);
		if (scale == DIFFERENCE && k > 0)
			bases[k] = (double)((float)bases[k] -
					    (float)bases[k - 1]);
	}
	return AQI_OK;
}
