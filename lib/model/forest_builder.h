/*
 * forest_builder.h: a forest made tree by tree, for readers of model files.
 *
 * Trees are added in order, each checked then: a forest that is finished needs
 * no door.
 */
#ifndef AQI_MODEL_FOREST_BUILDER_H
#define AQI_MODEL_FOREST_BUILDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "model/forest.h"

/* A part of a leaf's linear function: coefficient times input. */
struct aqi_tree_term {
	double coefficient;
	int64_t input;
};

/*
 * A node as a model file has it. Zeros are what a library that lacks something
 * means by its absence.
 */
struct aqi_tree_node {
	bool is_leaf;
	bool is_linear;		/* a leaf that has a linear function */
	bool default_left;	/* where missing values go */
	bool has_set;		/* left are the members of a set */
	enum aqi_view_rule rule;
	double value;		/* the leaf's, or the threshold */
	int64_t left, right;	/* nodes of the same tree; 0 is the root */
	float cover;		/* of samples in training; 0: not told */
	float gain;		/* of a split in training; 0: not told */
	union {
		struct {	/* a split's */
			int64_t input;
			const double *set;	/* (n_set,) in any order */
			size_t n_set;
		};
		struct {	/* a leaf's function */
			double constant;
			const struct aqi_tree_term *terms; /* (n_terms,) */
			size_t n_terms;
		};
	};
};

/* Node i of a tree; *node is zeros. What it points to stays until the next. */
typedef void aqi_tree_node_fn(const void *self, size_t i,
			      struct aqi_tree_node *node);

struct aqi_tree {
	const struct aqi_tree_node *nodes;	/* (n_nodes,), copied; or */
	aqi_tree_node_fn *node;	/* says what each of them is, and is asked once
				 * for each that is reached */
	const void *self;	/* for node */
	size_t n_nodes;
	size_t n_unused;	/* nodes that hang on no other: passed over */
	size_t target;		/* the margin it adds to */
	bool repeats;		/* decides as the tree before it: the same
				 * nodes but for the leaves; of the same array,
				 * or self, its sets are that tree's */
	const uint32_t *ids;	/* (n_nodes,) what the file calls each node;
				 * NULL: its place in nodes */
};

struct aqi_forest_builder;	/* one thread each */

/* NULL without memory, or when the shape is out of its limits: AQI_E_MODEL. */
struct aqi_forest_builder *
aqi_forest_builder_new(const struct aqi_forest_shape *shape,
		       struct aqi_error *err) AQI_MUST_CHECK;

/*
 * Have it take no more than that many bytes, the forest in the end among them,
 * with the `held` that its caller has of them. AQI_E_LIMIT: it does already; or
 * it would with a tree that is added then. To be called again when `held` is
 * another.
 */
enum aqi_status aqi_forest_builder_bound(struct aqi_forest_builder *builder,
					 size_t most, size_t held,
					 struct aqi_error *err) AQI_MUST_CHECK;

/*
 * Add a tree.
 *
 * Fails with "tree T node N: reason" and AQI_E_MODEL when a child or an input
 * is out of range, a node is a child twice, a number is not finite, or more
 * or fewer nodes than n_unused are not reached.
 */
enum aqi_status aqi_forest_builder_add(struct aqi_forest_builder *builder,
				       const struct aqi_tree *tree,
				       struct aqi_error *err) AQI_MUST_CHECK;

/*
 * A tree of splits by thresholds, in columns: its nodes are the splits and,
 * behind them, the leaves, by which numbers the file calls each.
 */
struct aqi_tree_columns {
	size_t n_splits;	/* from 1; and one leaf more */
	size_t target;
	const double *values;	/* (n_nodes,) thresholds, then leaves */
	const uint32_t *inputs;	/* (n_splits,) */
	const uint32_t *rules;	/* (n_splits,) enum aqi_view_rule, and
				 * AQI_TREE_DEFAULT_LEFT */
	const uint32_t *children;	/* (n_splits, 2) nodes, the left and the
					 * right; there are n_nodes pairs, but
					 * what leaves have is of no account */
};

#define AQI_TREE_DEFAULT_SHIFT 31
#define AQI_TREE_DEFAULT_LEFT (UINT32_C(1) << AQI_TREE_DEFAULT_SHIFT)

/*
 * Add a tree of a forest in 64 bits that has neither covers nor gains, as
 * aqi_forest_builder_add does, in a third of its time. false: it is not added,
 * and the other tells why, or adds it.
 */
bool aqi_forest_builder_add_columns(struct aqi_forest_builder *builder,
				    const struct aqi_tree_columns *tree);

/*
 * Before the first tree: so many will come, with at most so many nodes in all.
 * If so, they are written to where they are in the forest, once. What else
 * comes is added all the same; so it is where there is no memory, or the forest
 * has covers or gains.
 */
void aqi_forest_builder_expect(struct aqi_forest_builder *builder,
			       size_t n_trees, size_t n_nodes);

/*
 * The same by two threads. Behind aqi_forest_builder_expect, so many of the
 * trees that will come, with exactly so many nodes, are for this builder, and
 * those behind them for another, which is returned. Each takes trees in columns
 * only (aqi_forest_builder_add fails, and tells nothing), and no more than are
 * expected of it: both together two nodes less than of one. NULL: no memory, or
 * nothing is expected; the builder is as it was.
 */
struct aqi_forest_builder *
aqi_forest_builder_halve(struct aqi_forest_builder *builder, size_t n_trees,
			 size_t n_nodes);

/* All trees are with the first builder now, as if it had taken them all. false:
 * the first builder has not got just those that were to be its own, or there is
 * no memory; both are of no further use then. */
bool aqi_forest_builder_unite(struct aqi_forest_builder *builder,
			      struct aqi_forest_builder *half);

/*
 * The forest of the trees so far; the builder stays the caller's and is of no
 * further use. Fails when the leaves are so large that a sum might overflow,
 * or a tree that repeats does not.
 */
struct aqi_forest *
aqi_forest_builder_finish(struct aqi_forest_builder *builder,
			  struct aqi_error *err) AQI_MUST_CHECK;

/*
 * The same of several builders of the same shape, the trees of the first in
 * front: what one builder had made of all of them, to the byte. Fails with
 * AQI_E_LIMIT, too, where they are too many together.
 *
 * builders  (n,) at least one
 */
struct aqi_forest *
aqi_forest_builder_join(struct aqi_forest_builder *const *builders, size_t n,
			struct aqi_error *err) AQI_MUST_CHECK;

void aqi_forest_builder_free(struct aqi_forest_builder *builder);

#endif
