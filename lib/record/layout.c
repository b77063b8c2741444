#include "record/layout.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/ascii.h"

size_t
aqi_layout_find(const struct aqi_layout *layout, struct aqi_slice name)
{
	for (size_t i = 0; i < layout->n_inputs; i++)
		if (aqi_slice_equal(layout->inputs[i], name))
			return i;
	return AQI_NO_COLUMN;
}

bool
aqi_layout_has_output(const struct aqi_layout *layout, struct aqi_slice name)
{
	for (size_t i = 0; i < layout->n_outputs; i++)
		if (aqi_slice_equal(layout->outputs[i].name, name))
			return true;
	return false;
}

static struct aqi_output *
find_passed(struct aqi_layout *layout, struct aqi_slice name)
{
	for (size_t i = 0; i < layout->n_outputs; i++)
		if (!layout->outputs[i].is_added &&
		    aqi_slice_equal(layout->outputs[i].name, name))
			return &layout->outputs[i];
	return NULL;
}

/* Outputs are added while binding only, but there may be thousands. */
static enum aqi_status
append(struct aqi_layout *layout, struct aqi_output output,
       struct aqi_error *err)
{
	size_t n = layout->n_outputs;
	struct aqi_output *outputs = layout->outputs;

	if (n >= layout->outputs_room) {
		layout->outputs_room = 2 * n + 16;
		outputs = aqi_arena_array(&layout->arena, layout->outputs_room,
					  sizeof *outputs);
		if (outputs && n)
			memcpy(outputs, layout->outputs, n * sizeof *outputs);
	}
	if (!outputs || !output.name.data)
		return aqi_error_memory(err);
	outputs[n] = output;
	layout->outputs = outputs;
	layout->n_outputs = n + 1;
	return AQI_OK;
}

/* NAME_in, and NAME_in_in where that stands too. */
static struct aqi_slice
old_name(struct aqi_layout *layout, struct aqi_slice name)
{
	char *text;

	do {
		text = aqi_arena_alloc(&layout->arena, name.size + 3);
		if (!text)
			return (struct aqi_slice){0};
		memcpy(text, name.data, name.size);
		memcpy(text + name.size, "_in", 3);
		name = (struct aqi_slice){text, name.size + 3};
	} while (find_passed(layout, name));
	return name;
}

enum aqi_status
aqi_layout_add(struct aqi_layout *layout, struct aqi_slice name, size_t *added,
	       struct aqi_error *err)
{
	struct aqi_output *old = find_passed(layout, name);

	*added = layout->n_added++;
	if (old && !layout->keeps_old) {
		old->is_added = true;
		old->index = *added;
		return AQI_OK;
	}
	if (old) {
		old->name = old_name(layout, name);
		if (!old->name.data)
			return aqi_error_memory(err);
	}
	name = aqi_arena_copy(&layout->arena, name);
	return append(layout, (struct aqi_output){name, true, *added}, err);
}

/* A copy of an array of n elements, with room for one more; NULL without
 * memory. */
static void *
grown(struct aqi_layout *layout, const void *items, size_t n, size_t size)
{
	void *copy = aqi_arena_array(&layout->arena, n + 1, size);

	if (copy && n)
		memcpy(copy, items, n * size);
	return copy;
}

enum aqi_status
aqi_layout_expect(struct aqi_layout *layout, struct aqi_slice name,
		  size_t *input, struct aqi_error *err)
{
	size_t n = layout->n_inputs;
	struct aqi_slice *inputs;
	bool *is_number;

	*input = aqi_layout_find(layout, name);
	if (*input != AQI_NO_COLUMN || !layout->is_json)
		return AQI_OK;
	inputs = grown(layout, layout->inputs, n, sizeof *inputs);
	is_number = grown(layout, layout->is_number, n, sizeof *is_number);
	name = aqi_arena_copy(&layout->arena, name);
	if (!inputs || !is_number || !name.data)
		return aqi_error_memory(err);
	inputs[n] = name;
	is_number[n] = false;
	layout->inputs = inputs;
	layout->is_number = is_number;
	layout->n_inputs = n + 1;
	*input = n;
	return AQI_OK;
}

enum aqi_status
aqi_layout_reach(struct aqi_layout *layout, struct aqi_slice name,
		 size_t *input, struct aqi_error *err)
{
	const char *dot = memchr(name.data, '.', name.size);
	struct aqi_nested *nested, new;

	*input = aqi_layout_find(layout, name);
	if (*input != AQI_NO_COLUMN || !dot || !layout->is_json)
		return AQI_OK;
	new.parent = aqi_layout_find(layout, (struct aqi_slice){
				name.data, (size_t)(dot - name.data)});
	if (new.parent == AQI_NO_COLUMN)
		return AQI_OK;
	new.key = aqi_arena_copy(&layout->arena, (struct aqi_slice){
			dot + 1, (size_t)(name.data + name.size - dot - 1)});
	nested = grown(layout, layout->nested, layout->n_nested,
		       sizeof *nested);
	if (!new.key.data || !nested)
		return aqi_error_memory(err);
	if (aqi_layout_expect(layout, name, input, err) != AQI_OK)
		return AQI_FATAL;
	new.input = *input;
	nested[layout->n_nested++] = new;
	layout->nested = nested;
	return AQI_OK;
}

void
aqi_layout_drop_all(struct aqi_layout *layout)
{
	layout->n_outputs = 0;
	layout->drops_unknown = true;
}

enum aqi_status
aqi_layout_keep(struct aqi_layout *layout, size_t input, struct aqi_error *err)
{
	return append(layout,
		      (struct aqi_output){layout->inputs[input], false, input},
		      err);
}

/* Letters and digits in lower case, at most size - 1 of them. */
static size_t
skeleton(char *out, size_t size, struct aqi_slice name)
{
	size_t n = 0;

	for (size_t i = 0; i < name.size && n + 1 < size; i++)
		if (aqi_ascii_is_alnum(name.data[i]))
			out[n++] = aqi_ascii_lower(name.data[i]);
	out[n] = '\0';
	return n;
}

/* How many letters to put in, leave out or change (Levenshtein, 1966). */
static size_t
distance(const char *a, size_t n, const char *b, size_t m)
{
	size_t row[65], diagonal, above, best;

	for (size_t j = 0; j <= m; j++)
		row[j] = j;
	for (size_t i = 1; i <= n; i++) {
		diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= m; j++) {
			above = row[j];
			best = diagonal + (a[i - 1] != b[j - 1]);
			if (above + 1 < best)
				best = above + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			diagonal = above;
			row[j] = best;
		}
	}
	return row[m];
}

const struct aqi_slice *
aqi_layout_near(const struct aqi_slice *names, size_t n, struct aqi_slice name)
{
	const struct aqi_slice *near = NULL;
	char wanted[64], have[64];
	size_t wanted_size = skeleton(wanted, sizeof wanted, name);
	/* In a short name, two other letters make another word. */
	size_t least = wanted_size >= 6 ? 3 : wanted_size >= 3 ? 2 : 1;

	for (size_t i = 0; i < n; i++) {
		size_t size = skeleton(have, sizeof have, names[i]);
		size_t d = distance(wanted, wanted_size, have, size);

		if (d < least && size > 0) {
			least = d;
			near = &names[i];
		}
	}
	return near;
}
