/*
 * forest_parts.h: what a forest builder has gathered. Private: for
 * forest_builder.c, which adds trees, forest_columns.c, which adds those in
 * columns, forest_extras.c, which adds the sets and functions of their nodes,
 * forest_expected.c, which has them where they are to be, forest_halves.c,
 * which has two of them write there, and forest_join.c, which makes a block of
 * them.
 *
 * Numbers of nodes, views, sets, functions and terms are the builder's own,
 * from 0.
 */
#ifndef AQI_MODEL_FOREST_PARTS_H
#define AQI_MODEL_FOREST_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "model/forest.h"
#include "model/forest_block.h"
#include "model/forest_builder.h"

#define AQI_FOREST_RULES (AQI_VIEW_LAST + 1)

/* An array that grows by doubling. */
struct aqi_list {
	void *data;
	size_t n, room;
};

struct aqi_forest_builder {
	struct aqi_forest_shape shape;
	double *bases;			/* (n_margins,) */
	struct aqi_list roots;		/* uint32_t */
	struct aqi_list targets;	/* uint32_t */
	struct aqi_list largest;	/* double: of each tree's leaves */
	struct aqi_list nodes;		/* struct aqi_forest_node */
	struct aqi_list ids;		/* uint32_t: while a tree is added, its
					 * queue */
	struct aqi_list covers, gains;	/* float; empty: it has none */
	struct aqi_list linears;	/* uint32_t: up to the last that is not
					 * 0 */
	struct aqi_list views;		/* struct aqi_forest_view */
	uint32_t *view_of;	/* (n_inputs, rules) number from 1; 0: none */
	struct aqi_list sets;		/* uint32_t: the end of each */
	struct aqi_list members;	/* double */
	struct aqi_list constants;	/* double */
	struct aqi_list firsts;		/* uint32_t: the end of each */
	struct aqi_list terms;		/* struct aqi_forest_term */
	struct aqi_list seen;		/* bool, of the nodes of a tree in the
					 * file */
	struct aqi_list tests;		/* uint32_t, of these */
	struct aqi_forest_expected *expected;	/* NULL: nothing is known */
	size_t most;		/* bytes that all of this may take, */
	size_t adding;		/* of which the tree takes these */
	size_t n_files;		/* trees of the file so far, and now */
	const void *last;	/* nodes of the tree before, or their self */
	bool shares;		/* the tree has the sets of that */
	bool is_half;		/* one of two: see forest_halves.c; */
	bool is_second;		/* the one whose lists of trees and nodes are
				 * the other's */
};

/* Room for n more elements of so many bytes. AQI_E_MEMORY. */
enum aqi_status aqi_list_reserve(struct aqi_list *list, size_t n, size_t size,
				 struct aqi_error *err) AQI_MUST_CHECK;

void aqi_list_free(struct aqi_list *list, size_t size);

enum aqi_status aqi_list_append(struct aqi_list *list, const void *element,
				size_t size, struct aqi_error *err)
	AQI_MUST_CHECK;

/* Room for one more tree of n nodes. AQI_E_MEMORY. */
enum aqi_status aqi_forest_make_room(struct aqi_forest_builder *builder,
				     size_t n, struct aqi_error *err)
	AQI_MUST_CHECK;

/* Is there room in the block of the expected for a tree of n nodes? */
bool aqi_forest_is_expected(const struct aqi_forest_builder *builder, size_t n);

/* Of a builder that has a block: have memory for each list, and none there.
 * AQI_E_MEMORY. */
enum aqi_status aqi_forest_expect_none(struct aqi_forest_builder *builder,
				       struct aqi_error *err) AQI_MUST_CHECK;

/* The block, if what it was made for has come, with its header; or NULL. It is
 * the caller's then, and *view, out, where its arrays are. */
char *aqi_forest_take_expected(struct aqi_forest_builder *builder,
			       const struct aqi_forest_header *counts,
			       struct aqi_forest *view);

void aqi_forest_expected_free(struct aqi_forest_builder *builder);

/* The second half has no more of the first one's lists. */
void aqi_forest_half_return(struct aqi_forest_builder *half);

/* May there be so many bytes more? AQI_E_LIMIT. */
enum aqi_status
aqi_forest_check_size(const struct aqi_forest_builder *builder, size_t more,
		      struct aqi_error *err) AQI_MUST_CHECK;

/* The same of a tree of n nodes, which is added. */
enum aqi_status aqi_forest_check_tree(struct aqi_forest_builder *builder,
				      size_t n, struct aqi_error *err)
	AQI_MUST_CHECK;

/* The number of a view, which is added where it is new. */
enum aqi_status aqi_forest_find_view(struct aqi_forest_builder *builder,
				     size_t input, enum aqi_view_rule rule,
				     uint32_t *view, struct aqi_error *err)
	AQI_MUST_CHECK;

/* A number that the forest's width holds. */
bool aqi_forest_holds(const struct aqi_forest_builder *builder, double x);

/* "tree T node N: reason" */
enum aqi_status aqi_forest_fail_node(const struct aqi_forest_builder *builder,
				     size_t node, const char *reason,
				     struct aqi_error *err);

enum aqi_status aqi_forest_check_input(const struct aqi_forest_builder *builder,
				       size_t node, int64_t input,
				       struct aqi_error *err) AQI_MUST_CHECK;

/* Add the set of node `at` of the file; *number, out: the set's. */
enum aqi_status aqi_forest_add_set(struct aqi_forest_builder *builder,
				   size_t at, const struct aqi_tree_node *node,
				   double *number, struct aqi_error *err)
	AQI_MUST_CHECK;

/* Add the function of node `at` of the file, which gets that place. */
enum aqi_status aqi_forest_add_function(struct aqi_forest_builder *builder,
					size_t at, size_t place,
					const struct aqi_tree_node *node,
					struct aqi_error *err) AQI_MUST_CHECK;

#endif
