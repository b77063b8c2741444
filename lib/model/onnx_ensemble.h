/*
 * onnx_ensemble.h: the trees of an ONNX operator, made into a forest.
 *
 * Whatever operator the trees come from, they are added here in order, each
 * with the weights of its leaves. A tree that has weights for several targets
 * is there once for each. What is done with the sums is settled before the
 * first tree and checked behind the last.
 *
 * The sums are those of ONNX Runtime in one thread: the leaves in the order of
 * the trees, then the base value, in 32 bits or in the 64 of the input. Where
 * it and the standard disagree, and where it lets the outcome depend on which
 * leaves have a weight at all, the model is refused. One thing is as in the
 * standard, not as there: a number is a member of a set where it equals one;
 * ONNX Runtime drops its fraction first, for some sets.
 *
 * Source: ONNX Runtime 1.30 and 1.32, core/providers/cpu/ml/tree_ensemble_*.h,
 * and what they answer.
 */
#ifndef AQI_MODEL_ONNX_ENSEMBLE_H
#define AQI_MODEL_ONNX_ENSEMBLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"

struct aqi_forest;
struct aqi_forest_builder;
struct aqi_tree_node;

enum aqi_onnx_aggregate {
	AQI_ONNX_AVERAGE,
	AQI_ONNX_SUM,
	AQI_ONNX_MIN,
	AQI_ONNX_MAX
};

enum aqi_onnx_post {
	AQI_ONNX_NONE,
	AQI_ONNX_SOFTMAX,
	AQI_ONNX_LOGISTIC,
	AQI_ONNX_SOFTMAX_ZERO,
	AQI_ONNX_PROBIT
};

/* "SUM", "LOGISTIC", ...: whether there is one of this name. */
bool aqi_onnx_aggregate_find(struct aqi_slice name,
			     enum aqi_onnx_aggregate *aggregate);
bool aqi_onnx_post_find(struct aqi_slice name, enum aqi_onnx_post *post);

/* What a leaf says for a target. */
struct aqi_onnx_weight {
	uint32_t tree, node;	/* as the file numbers them */
	uint32_t target;
	double value;
};

/* Filled in by whoever reads the operator. */
struct aqi_onnx_ensemble {
	bool is_wide;
	bool is_classifier;
	bool keeps_width;	/* a wide sum is not cut to 32 bits */
	size_t n_inputs;
	size_t n_targets;	/* or classes, as many as margins may be */
	size_t n_trees;		/* that will be added */
	size_t most;		/* bytes that may be taken in all, and */
	enum aqi_onnx_aggregate aggregate;
	enum aqi_onnx_post post;
	const double *bases;	/* (n_bases,) */
	size_t n_bases;

	/* Of the weights of a classifier for two classes. */
	bool has_class[2];	/* there are some for it */
	bool is_positive;	/* none is below 0 */

	/* Its own. */
	struct aqi_forest_builder *builder;
	size_t n_margins;
	bool *is_certain;	/* (n_margins,) has a weight for each sample */
};

/*
 * Settle what becomes of the sums. AQI_E_MODEL where that is not supported;
 * AQI_E_MEMORY.
 */
enum aqi_status aqi_onnx_ensemble_begin(struct aqi_onnx_ensemble *ensemble,
					struct aqi_error *err) AQI_MUST_CHECK;

/* So many bytes are held now, or will be: AQI_E_LIMIT where these are too
 * many. Behind begin. */
enum aqi_status aqi_onnx_ensemble_hold(struct aqi_onnx_ensemble *ensemble,
				       size_t held, struct aqi_error *err)
	AQI_MUST_CHECK;

/*
 * Add a tree, its root first.
 *
 * t        its number, for messages
 * nodes    (n_nodes,) the values of leaves are filled in here
 * ids      (n_nodes,) what the file calls them
 * weights  (n_weights,) whose `node` is a place in nodes; put in order here
 *
 * AQI_E_MODEL, "tree T node N: reason"; AQI_E_LIMIT; AQI_E_MEMORY.
 */
enum aqi_status aqi_onnx_ensemble_add(struct aqi_onnx_ensemble *ensemble,
				      size_t t, struct aqi_tree_node *nodes,
				      const uint32_t *ids, size_t n_nodes,
				      struct aqi_onnx_weight *weights,
				      size_t n_weights,
				      struct aqi_error *err) AQI_MUST_CHECK;

/* The forest of all; NULL on error. */
struct aqi_forest *
aqi_onnx_ensemble_finish(struct aqi_onnx_ensemble *ensemble,
			 struct aqi_error *err) AQI_MUST_CHECK;

/* What begin has taken, whether it failed or not. */
void aqi_onnx_ensemble_free(struct aqi_onnx_ensemble *ensemble);

#endif
