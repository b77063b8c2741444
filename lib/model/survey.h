/*
 * survey.h: what a forest consists of, and which inputs it goes by.
 *
 * A tree that decides for several margins at once counts once.
 */
#ifndef AQI_MODEL_SURVEY_H
#define AQI_MODEL_SURVEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct aqi_forest;

/* Of one input: sums over the splits that ask for it. */
struct aqi_survey_input {
	size_t input;
	size_t n_splits;
	size_t n_terms;		/* of leaves that are linear functions */
	double gain;		/* 0 where the forest has none */
	double cover;
};

struct aqi_survey {
	size_t n_trees, n_nodes, n_leaves, n_splits;
	size_t n_distinct;	/* splits, by view, threshold or set, default
				 * side; sets that are alike count each */
	size_t n_sets;		/* splits that ask for a set of categories */
	size_t n_linear;	/* leaves that are linear functions */
	unsigned depth;		/* of the deepest tree; 0: leaves alone */
	bool has_gains, has_covers;
	double gain, cover;	/* of all inputs */
	size_t n_terms;		/* of all of these */
	struct aqi_survey_input *inputs;	/* (n_inputs,) by gain from
						 * greatest to least, then by
						 * splits, by terms, and in
						 * order */
	size_t n_inputs;
	size_t memory;		/* bytes of the forest's block */
	uint64_t checksum;	/* of what is behind the block's seal */
};

/* Fails without memory only. aqi_survey_free gives it up. */
enum aqi_status aqi_survey_take(const struct aqi_forest *forest,
				struct aqi_survey *survey,
				struct aqi_error *err) AQI_MUST_CHECK;

void aqi_survey_free(struct aqi_survey *survey);

#endif
