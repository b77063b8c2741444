#include "model/outline.h"

#include <math.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "model/bundle.h"
#include "model/forest.h"
#include "model/forest_block.h"
#include "record/ndjson.h"
#include "record/number.h"
#include "record/utf8.h"

/* Deeper nodes are not moved any farther to the right. */
#define INDENTED 20

/* A node on the way through a tree. */
struct place {
	uint32_t node;
	uint32_t depth;
};

/* What the lines of a tree have in common. */
struct lines {
	const struct aqi_model *model;
	const struct aqi_forest *forest;
	size_t tree;		/* in the file */
	size_t sum;
	bool is_wide;
	bool at_most;		/* thresholds belong to the left side */
	struct aqi_buffer *out;
};

static void
add_number(const struct lines *l, bool is_wide, double x)
{
	char text[AQI_NUMBER_SIZE];
	size_t n = is_wide ? aqi_number_shortest(text, x) :
		   aqi_number_shortest_float(text, (float)x);

	aqi_buffer_add(l->out, text, n);
}

static void
add_id(const struct lines *l, uint32_t node)
{
	aqi_buffer_add_format(l->out, "%s %u",
			      l->forest->nodes[node].left ? "node" : "leaf",
			      l->forest->ids[node]);
}

/* Where a missing value goes, that of a view which knows none included. */
static uint32_t
missing_child(const struct aqi_forest *f, const struct aqi_forest_node *node)
{
	const struct aqi_forest_view *view =
		&f->views[node->test & AQI_FOREST_VIEW];
	const double x = view->rule == AQI_VIEW_MISSING_IS_ZERO ? 0 :
			 (double)NAN;

	return node->left + !aqi_forest_goes_left(f, node, x);
}

static bool
zero_is_missing(const struct aqi_forest *f, const struct aqi_forest_node *node)
{
	return f->views[node->test & AQI_FOREST_VIEW].rule ==
	       AQI_VIEW_ZERO_IS_MISSING;
}

static struct aqi_slice
input_of(const struct lines *l, const struct aqi_forest_node *node)
{
	return l->model->inputs[
		l->forest->views[node->test & AQI_FOREST_VIEW].input];
}

static double
threshold(const struct lines *l, const struct aqi_forest_node *node)
{
	return l->at_most ? nextafter(node->value, -(double)INFINITY) :
			    node->value;
}

static void
add_members(const struct lines *l, const struct aqi_forest_node *node)
{
	const struct aqi_forest *f = l->forest;
	const uint32_t set = (uint32_t)node->value;

	for (uint32_t i = f->sets[set]; i < f->sets[set + 1]; i++) {
		if (i > f->sets[set])
			aqi_buffer_add_byte(l->out, ',');
		add_number(l, true, f->members[i]);
	}
}

static void
add_split_text(const struct lines *l, uint32_t i)
{
	const struct aqi_forest *f = l->forest;
	const struct aqi_forest_node *node = &f->nodes[i];

	aqi_utf8_show(input_of(l, node), l->out);
	if (node->test & AQI_FOREST_HAS_SET) {
		aqi_buffer_add_text(l->out, " in {");
		add_members(l, node);
		aqi_buffer_add_byte(l->out, '}');
	} else {
		aqi_buffer_add_text(l->out, l->at_most ? " <= " : " < ");
		add_number(l, l->is_wide, threshold(l, node));
	}
	aqi_buffer_add_text(l->out, " ? ");
	add_id(l, node->left);
	aqi_buffer_add_text(l->out, " : ");
	add_id(l, node->left + 1);
	aqi_buffer_add_text(l->out, zero_is_missing(f, node) ?
			    ", missing or 0: " : ", missing: ");
	add_id(l, missing_child(f, node));
	if (f->gains) {
		aqi_buffer_add_text(l->out, ", gain ");
		add_number(l, false, (double)f->gains[i]);
	}
}

/* The terms of a leaf that is a function; where there are none, both ends are
 * the same. */
static const struct aqi_forest_term *
terms_of(const struct aqi_forest *f, uint32_t node,
	 const struct aqi_forest_term **end)
{
	const uint32_t number = f->linears ? f->linears[node] : 0;

	if (number == 0)
		return *end = NULL;
	*end = f->terms + f->firsts[number];
	return f->terms + f->firsts[number - 1];
}

static bool
is_function(const struct aqi_forest *f, uint32_t node)
{
	return f->linears && f->linears[node] != 0;
}

static void
add_leaf_text(const struct lines *l, uint32_t i)
{
	const struct aqi_forest *f = l->forest;
	const struct aqi_forest_term *end, *term = terms_of(f, i, &end);

	if (is_function(f, i)) {
		add_number(l, l->is_wide, f->constants[f->linears[i] - 1]);
		for (; term < end; term++) {
			aqi_buffer_add_text(l->out, " + ");
			add_number(l, l->is_wide, term->coefficient);
			aqi_buffer_add_text(l->out, " * ");
			aqi_utf8_show(l->model->inputs[term->input], l->out);
		}
		aqi_buffer_add_text(l->out, ", where one is missing ");
	}
	add_number(l, l->is_wide, f->nodes[i].value);
	if (f->header->n_margins > 1)
		aqi_buffer_add_format(l->out, " to sum %zu", l->sum);
}

static void
add_text(const struct lines *l, struct place p)
{
	const struct aqi_forest *f = l->forest;
	const unsigned indent = p.depth < INDENTED ? p.depth :
				INDENTED;

	aqi_buffer_add_format(l->out, "tree %zu %*s", l->tree,
			      (int)indent * 2, "");
	add_id(l, p.node);
	if (p.depth > INDENTED)
		aqi_buffer_add_format(l->out, " (depth %u)", p.depth);
	aqi_buffer_add_text(l->out, ": ");
	if (f->nodes[p.node].left)
		add_split_text(l, p.node);
	else
		add_leaf_text(l, p.node);
	if (f->covers) {
		aqi_buffer_add_text(l->out, ", cover ");
		add_number(l, false, (double)f->covers[p.node]);
	}
	aqi_buffer_add_byte(l->out, '\n');
}

/* A JSON string of a name, which may hold any bytes. */
static void
add_name(const struct lines *l, struct aqi_slice name)
{
	struct aqi_buffer shown = {0};

	if (aqi_utf8_check(name) == name.size) {
		aqi_ndjson_add_string(l->out, name);
		return;
	}
	aqi_utf8_show(name, &shown);
	aqi_ndjson_add_string(l->out,
			      (struct aqi_slice){shown.data, shown.size});
	l->out->failed |= shown.failed;
	aqi_buffer_free(&shown);
}

static void
add_json_child(const struct lines *l, const char *key, uint32_t node)
{
	aqi_buffer_add_format(l->out, ",\"%s\":\"", key);
	add_id(l, node);
	aqi_buffer_add_byte(l->out, '"');
}

static void
add_split_json(const struct lines *l, uint32_t i)
{
	const struct aqi_forest *f = l->forest;
	const struct aqi_forest_node *node = &f->nodes[i];

	aqi_buffer_add_text(l->out, ",\"input\":");
	add_name(l, input_of(l, node));
	if (node->test & AQI_FOREST_HAS_SET) {
		aqi_buffer_add_text(l->out, ",\"in\":[");
		add_members(l, node);
		aqi_buffer_add_byte(l->out, ']');
	} else {
		aqi_buffer_add_text(l->out, l->at_most ? ",\"at_most\":" :
				    ",\"below\":");
		add_number(l, l->is_wide, threshold(l, node));
	}
	add_json_child(l, "left", node->left);
	add_json_child(l, "right", node->left + 1);
	add_json_child(l, "missing", missing_child(f, node));
	if (zero_is_missing(f, node))
		aqi_buffer_add_text(l->out, ",\"zero_is_missing\":true");
	if (f->gains) {
		aqi_buffer_add_text(l->out, ",\"gain\":");
		add_number(l, false, (double)f->gains[i]);
	}
}

static void
add_leaf_json(const struct lines *l, uint32_t i)
{
	const struct aqi_forest *f = l->forest;
	const struct aqi_forest_term *end, *first = terms_of(f, i, &end);

	aqi_buffer_add_text(l->out, ",\"value\":");
	add_number(l, l->is_wide, f->nodes[i].value);
	if (!is_function(f, i))
		return;
	aqi_buffer_add_text(l->out, ",\"constant\":");
	add_number(l, l->is_wide, f->constants[f->linears[i] - 1]);
	aqi_buffer_add_text(l->out, ",\"terms\":[");
	for (const struct aqi_forest_term *t = first; t < end; t++) {
		aqi_buffer_add_text(l->out, t > first ? ",{\"input\":" :
				    "{\"input\":");
		add_name(l, l->model->inputs[t->input]);
		aqi_buffer_add_text(l->out, ",\"coefficient\":");
		add_number(l, l->is_wide, t->coefficient);
		aqi_buffer_add_byte(l->out, '}');
	}
	aqi_buffer_add_byte(l->out, ']');
}

static void
add_json(const struct lines *l, struct place p)
{
	const struct aqi_forest *f = l->forest;

	aqi_buffer_add_format(l->out, "{\"tree\":%zu,\"sum\":%zu,\"id\":\"",
			      l->tree, l->sum);
	add_id(l, p.node);
	aqi_buffer_add_format(l->out, "\",\"depth\":%u", p.depth);
	if (f->nodes[p.node].left)
		add_split_json(l, p.node);
	else
		add_leaf_json(l, p.node);
	if (f->covers) {
		aqi_buffer_add_text(l->out, ",\"cover\":");
		add_number(l, false, (double)f->covers[p.node]);
	}
	aqi_buffer_add_text(l->out, "}\n");
}

/* Each node waits with its depth until what is left of it is done; no more of
 * them wait at a time than the tree has nodes. */
static enum aqi_status
add_tree(const struct lines *l, size_t tree, bool as_json,
	 struct aqi_error *err)
{
	const struct aqi_forest *f = l->forest;
	const uint32_t root = f->roots[tree], end = f->roots[tree + 1];
	struct place *waiting = calloc(end - root + 1, sizeof *waiting), p;
	size_t n = 0;

	if (!waiting)
		return aqi_error_memory(err);
	waiting[n++] = (struct place){root, 0};
	while (n > 0 && !l->out->failed) {
		p = waiting[--n];
		if (as_json)
			add_json(l, p);
		else
			add_text(l, p);
		if (f->nodes[p.node].left == 0)
			continue;
		waiting[n++] = (struct place){f->nodes[p.node].left + 1,
					      p.depth + 1};
		waiting[n++] = (struct place){f->nodes[p.node].left,
					      p.depth + 1};
	}
	free(waiting);
	return l->out->failed ? aqi_error_memory(err) : AQI_OK;
}

enum aqi_status
aqi_outline_next(struct aqi_outline *outline, struct aqi_buffer *out,
		 struct aqi_error *err)
{
	const struct aqi_model *model = outline->model;
	const struct aqi_forest *f = model->forest;
	const size_t tree = outline->tree;
	struct lines lines = {
		.model = model,
		.forest = f,
		.is_wide = f->header->flags & AQI_FOREST_WIDE,
		.at_most = strcmp(model->format, "lightgbm-text") == 0,
		.out = out,
	};

	if (tree >= f->header->n_trees)
		return AQI_END;
	if (tree > 0 && !aqi_forest_is_repeat(f, tree))
		outline->source_tree++;
	lines.tree = outline->source_tree;
	lines.sum = aqi_forest_target(f, tree);
	outline->tree++;
	return add_tree(&lines, tree, outline->as_json, err);
}
