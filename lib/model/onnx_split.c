#include "model/onnx_split.h"

#include <math.h>

#include "model/forest_builder.h"
#include "model/onnx_steps.h"

static const char *const names[] = {
	[AQI_ONNX_LEQ] = "BRANCH_LEQ",
	[AQI_ONNX_LT] = "BRANCH_LT",
	[AQI_ONNX_GTE] = "BRANCH_GTE",
	[AQI_ONNX_GT] = "BRANCH_GT",
	[AQI_ONNX_EQ] = "BRANCH_EQ",
	[AQI_ONNX_NEQ] = "BRANCH_NEQ",
	[AQI_ONNX_MEMBER] = "BRANCH_MEMBER",
	[AQI_ONNX_LEAF] = "LEAF",
};

bool
aqi_onnx_mode_find(struct aqi_slice name, enum aqi_onnx_mode *mode)
{
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (aqi_slice_is(name, names[i])) {
			*mode = (enum aqi_onnx_mode)i;
			return true;
		}
	return false;
}

/* A point of the number line in the forest's width, as a key that grows with
 * it, so that halfway between two keys there is a number. */
static uint64_t
to_key(bool is_wide, double x)
{
	const float narrow = (float)x;
	uint32_t half;
	uint64_t bits;

	if (is_wide) {
		memcpy(&bits, &x, sizeof bits);
		return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
	}
	memcpy(&half, &narrow, sizeof half);
	return half >> 31 ? (uint32_t)~half : half | UINT32_C(1) << 31;
}

static double
from_key(bool is_wide, uint64_t key)
{
	const uint32_t half = (uint32_t)key, low = half >> 31 ?
		half & 0x7fffffff : ~half;
	double x;
	float narrow;

	if (is_wide) {
		key = key >> 63 ? key & ~(UINT64_C(1) << 63) : ~key;
		memcpy(&x, &key, sizeof x);
		return x;
	}
	memcpy(&narrow, &low, sizeof narrow);
	return (double)narrow;
}

static bool
is_member(const struct aqi_onnx_split *split, double y)
{
	for (size_t i = 0; i < split->n_members; i++)
		if (split->members[i] == y)
			return true;
	return false;
}

/* The answer to what the tree sees. */
static bool
answer(const struct aqi_onnx_split *split, double y)
{
	bool is_yes = false;

	switch (split->mode) {
	case AQI_ONNX_LEQ:
		is_yes = y <= split->threshold;
		break;
	case AQI_ONNX_LT:
		is_yes = y < split->threshold;
		break;
	case AQI_ONNX_GTE:
		is_yes = y >= split->threshold;
		break;
	case AQI_ONNX_GT:
		is_yes = y > split->threshold;
		break;
	case AQI_ONNX_EQ:
		is_yes = y == split->threshold;
		break;
	case AQI_ONNX_NEQ:
		is_yes = y != split->threshold;
		break;
	case AQI_ONNX_MEMBER:
	case AQI_ONNX_LEAF:	/* which is not asked */
		is_yes = is_member(split, y);
		break;
	}
	return is_yes || (isnan(y) && split->tracks_true);
}

/* The answer to an input. */
static bool
answer_input(const struct aqi_onnx_split *split,
	     const struct aqi_onnx_steps *steps, double x)
{
	return answer(split, aqi_onnx_steps_apply(steps, (size_t)split->input,
						  x));
}

/*
 * The first number whose answer is not that of the least, which is known to
 * differ from that of the greatest.
 */
static double
find_turn(const struct aqi_onnx_split *split,
	  const struct aqi_onnx_steps *steps, bool first)
{
	const bool is_wide = steps->is_wide;
	uint64_t low = to_key(is_wide, -HUGE_VAL);
	uint64_t high = to_key(is_wide, HUGE_VAL);

	while (high - low > 1) {
		const uint64_t middle = low + (high - low) / 2;

		if (answer_input(split, steps, from_key(is_wide, middle)) ==
		    first)
			low = middle;
		else
			high = middle;
	}
	return from_key(is_wide, high);
}

static void
set_children(const struct aqi_onnx_split *split, bool yes_is_left,
	     bool missing_is_yes, struct aqi_tree_node *node)
{
	node->left = yes_is_left ? split->yes : split->no;
	node->right = yes_is_left ? split->no : split->yes;
	node->default_left = yes_is_left == missing_is_yes;
}

static const char *
lay_order(const struct aqi_onnx_split *split,
	  const struct aqi_onnx_steps *steps, bool missing_is_yes,
	  struct aqi_tree_node *node)
{
	const bool first = answer_input(split, steps, -HUGE_VAL);
	const bool last = answer_input(split, steps, HUGE_VAL);

	if (first == last) {
		/* One answer for all: nothing is in an empty set. */
		node->has_set = true;
		node->value = 0;
		set_children(split, !first, missing_is_yes, node);
		return NULL;
	}
	node->value = find_turn(split, steps, first);
	set_children(split, first, missing_is_yes, node);
	return isfinite(node->value) ? NULL :
	       "a threshold that only infinity passes";
}

static const char *
lay_set(const struct aqi_onnx_split *split, const struct aqi_onnx_steps *steps,
	bool missing_is_yes, struct aqi_tree_node *node)
{
	if (!aqi_onnx_steps_keep(steps, (size_t)split->input))
		return "a comparison for equality, behind an operator that "
		       "changes its input";
	node->has_set = true;
	node->value = split->mode == AQI_ONNX_MEMBER ? 0 : split->threshold;
	node->set = &split->threshold;
	node->n_set = 1;
	if (split->mode == AQI_ONNX_MEMBER) {
		node->set = split->members;
		node->n_set = split->n_members;
	} else if (isinf(split->threshold)) {
		return "a comparison for equality with infinity";
	}
	set_children(split, split->mode != AQI_ONNX_NEQ, missing_is_yes, node);
	return NULL;
}

/* Without steps, the turn of a threshold is known. */
static bool
lay_plain(const struct aqi_onnx_split *split,
	  const struct aqi_onnx_steps *steps, struct aqi_tree_node *node)
{
	const double t = split->threshold;
	const bool is_above = split->mode == AQI_ONNX_LEQ ||
			      split->mode == AQI_ONNX_GT;

	if (steps->n > 0 || steps->sources[split->input].is_rounded)
		return false;
	node->value = !is_above ? t : steps->is_wide ? nextafter(t, HUGE_VAL) :
		      (double)nextafterf((float)t, HUGE_VALF);
	set_children(split, split->mode <= AQI_ONNX_LT, split->tracks_true,
		     node);
	return isfinite(t) && isfinite(node->value);
}

const char *
aqi_onnx_split_lay(const struct aqi_onnx_split *split,
		   const struct aqi_onnx_steps *steps,
		   struct aqi_tree_node *node)
{
	bool missing_is_yes;

	*node = (struct aqi_tree_node){.input = split->input};
	if (split->mode != AQI_ONNX_MEMBER && isnan(split->threshold))
		return "the threshold is not a number";
	node->rule = aqi_onnx_steps_rule(steps, (size_t)split->input);
	if (split->mode <= AQI_ONNX_GT && lay_plain(split, steps, node))
		return NULL;
	missing_is_yes = answer_input(split, steps, (double)NAN);
	return split->mode <= AQI_ONNX_GT ?
	       lay_order(split, steps, missing_is_yes, node) :
	       lay_set(split, steps, missing_is_yes, node);
}
