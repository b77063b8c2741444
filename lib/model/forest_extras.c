#include "model/forest_parts.h"

#include <math.h>
#include <stdlib.h>

/* Sets. */

static int
compare_members(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static bool
are_ascending(const double *members, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (!(members[i - 1] < members[i]))
			return false;
	return true;
}

/* The set's members in order, each once. */
enum aqi_status
aqi_forest_add_set(struct aqi_forest_builder *b, size_t at,
		   const struct aqi_tree_node *node, double *number,
		   struct aqi_error *err)
{
	const size_t first = b->members.n;
	uint32_t end;
	double *members;
	size_t n = 0;

	if (b->sets.n >= AQI_FOREST_MAX_NODES ||
	    node->n_set > AQI_FOREST_MAX_NODES - b->members.n)
		return aqi_forest_fail_node(b, at, "too many categories", err);
	/* One more, so that there are some even for an empty set. */
	if (aqi_forest_check_size(b, node->n_set * sizeof *members, err) ||
	    aqi_list_reserve(&b->members, node->n_set + 1, sizeof *members,
			     err) != AQI_OK)
		return AQI_FATAL;
	members = (double *)b->members.data + first;
	for (size_t i = 0; i < node->n_set; i++) {
		if (!aqi_forest_holds(b, node->set[i]))
			return aqi_forest_fail_node(b, at, "a category is not "
						    "finite", err);
		members[i] = node->set[i];
	}
	if (!are_ascending(members, node->n_set))
		qsort(members, node->n_set, sizeof *members, compare_members);
	for (size_t i = 0; i < node->n_set; i++)
		if (n == 0 || members[n - 1] < members[i])
			members[n++] = members[i];
	b->members.n += n;
	*number = (double)b->sets.n;
	end = (uint32_t)b->members.n;
	return aqi_list_append(&b->sets, &end, sizeof end, err);
}

/* Linear functions. */

/* The node at a place has the function that comes next; those before it, as
 * far as nothing was said of them, have none. */
static enum aqi_status
number_function(struct aqi_forest_builder *b, size_t place,
		struct aqi_error *err)
{
	const size_t n = place + 1 - b->linears.n;
	uint32_t *linears;

	if (aqi_list_reserve(&b->linears, n, sizeof *linears, err) != AQI_OK)
		return AQI_FATAL;
	linears = b->linears.data;
	memset(linears + b->linears.n, 0, n * sizeof *linears);
	linears[place] = (uint32_t)b->constants.n + 1;
	b->linears.n = place + 1;
	return AQI_OK;
}

static enum aqi_status
add_term(struct aqi_forest_builder *b, size_t at,
	 const struct aqi_tree_term *term, struct aqi_error *err)
{
	const struct aqi_forest_term kept = {
		.coefficient = term->coefficient,
		.input = (uint64_t)term->input,
	};

	if (!isfinite(term->coefficient))
		return aqi_forest_fail_node(b, at, "a coefficient is not "
					    "finite", err);
	if (aqi_forest_check_input(b, at, term->input, err) != AQI_OK)
		return AQI_FATAL;
	return aqi_list_append(&b->terms, &kept, sizeof kept, err);
}

enum aqi_status
aqi_forest_add_function(struct aqi_forest_builder *b, size_t at, size_t place,
			const struct aqi_tree_node *node, struct aqi_error *err)
{
	uint32_t end;

	if (node->n_terms > AQI_FOREST_MAX_NODES - b->terms.n)
		return aqi_forest_fail_node(b, at, "too many coefficients",
					    err);
	if (!isfinite(node->constant))
		return aqi_forest_fail_node(b, at, "the constant is not "
					    "finite", err);
	if (aqi_forest_check_size(b, node->n_terms *
				  sizeof(struct aqi_forest_term), err))
		return AQI_FATAL;
	for (size_t i = 0; i < node->n_terms; i++)
		if (add_term(b, at, &node->terms[i], err) != AQI_OK)
			return AQI_FATAL;
	end = (uint32_t)b->terms.n;
	if (number_function(b, place, err) != AQI_OK ||
	    aqi_list_append(&b->constants, &node->constant,
			    sizeof node->constant, err) != AQI_OK)
		return AQI_FATAL;
	return aqi_list_append(&b->firsts, &end, sizeof end, err);
}
