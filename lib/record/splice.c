#include "record/splice.h"

#include "record/ndjson.h"
#include "record/value.h"

/* One object being written. */
struct splice {
	struct aqi_buffer *out;
	const struct aqi_layout *layout;
	const struct aqi_batch *batch;
	size_t row;
	struct aqi_members members;
	bool has_members;	/* some are written */
};

static struct aqi_field
value_of(const struct splice *s, const struct aqi_output *output)
{
	if (output->is_added)
		return aqi_batch_added(s->batch, output->index)[s->row];
	return aqi_batch_field(s->batch, s->row, output->index);
}

static void
add_comma(struct splice *s)
{
	if (s->has_members)
		aqi_buffer_add_byte(s->out, ',');
	s->has_members = true;
}

static void
add_output(struct splice *s, const struct aqi_output *output)
{
	add_comma(s);
	aqi_ndjson_add_string(s->out, output->name);
	aqi_buffer_add_byte(s->out, ':');
	aqi_value_add_json(s->out, value_of(s, output));
}

/* The object as it came, without its closing brace and what is behind. */
static struct aqi_slice
open_object(struct aqi_slice line)
{
	while (line.size > 1 && line.data[line.size - 1] != '}')
		line.size--;
	line.size--;
	while (line.size > 1 && strchr(" \t\r", line.data[line.size - 1]))
		line.size--;
	return line;
}

static const struct aqi_output *
find_added(const struct aqi_layout *layout, struct aqi_slice name)
{
	for (size_t i = 0; i < layout->n_outputs; i++)
		if (layout->outputs[i].is_added &&
		    aqi_slice_equal(layout->outputs[i].name, name))
			return &layout->outputs[i];
	return NULL;
}

/* Under which name a key that came in is passed on; NULL: it is not. */
static const struct aqi_output *
find_passed(const struct aqi_layout *layout, struct aqi_slice key)
{
	size_t input = aqi_layout_find(layout, key);

	for (size_t i = 0; input != AQI_NO_COLUMN && i < layout->n_outputs; i++)
		if (!layout->outputs[i].is_added &&
		    layout->outputs[i].index == input)
			return &layout->outputs[i];
	return NULL;
}

static bool
is_member(struct aqi_members members, struct aqi_slice name)
{
	for (size_t i = 0; i < members.n; i++)
		if (aqi_slice_equal(members.items[i].key, name))
			return true;
	return false;
}

/* Write a member under another name: NAME_in, or NAME_in_in where that is
 * taken by a member or an output. */
static void
add_renamed(struct splice *s, const struct aqi_member *member)
{
	struct aqi_buffer name = {0};
	struct aqi_slice text;

	aqi_buffer_add_slice(&name, member->key);
	do {
		aqi_buffer_add_text(&name, "_in");
		text = (struct aqi_slice){name.data, name.size};
	} while (!name.failed && (aqi_layout_has_output(s->layout, text) ||
				  is_member(s->members, text)));
	add_comma(s);
	aqi_ndjson_add_string(s->out, text);
	aqi_buffer_add_byte(s->out, ':');
	aqi_buffer_add_slice(s->out, member->raw_value);
	s->out->failed |= name.failed;
	aqi_buffer_free(&name);
}

static void
add_raw(struct splice *s, const struct aqi_output *passed,
	const struct aqi_member *member)
{
	add_comma(s);
	if (passed && !aqi_slice_equal(passed->name, member->key))
		aqi_ndjson_add_string(s->out, passed->name);
	else
		aqi_buffer_add_slice(s->out, member->raw_key);
	aqi_buffer_add_byte(s->out, ':');
	aqi_buffer_add_slice(s->out, member->raw_value);
}

/* Is this member replaced where it stands? */
static bool
is_replaced(const struct aqi_layout *layout, struct aqi_slice key)
{
	return !layout->keeps_old && find_added(layout, key) &&
	       !find_passed(layout, key);
}

static void
add_member(struct splice *s, const struct aqi_member *member)
{
	const struct aqi_layout *layout = s->layout;
	const struct aqi_output *added = find_added(layout, member->key);
	const struct aqi_output *passed = find_passed(layout, member->key);
	bool is_known = aqi_layout_find(layout, member->key) < layout->n_named;

	if (is_replaced(layout, member->key))
		add_output(s, added);
	else if (passed)
		add_raw(s, passed, member);
	else if (added || (!is_known &&
			   aqi_layout_has_output(layout, member->key)))
		add_renamed(s, member);
	else if (!is_known && !layout->drops_unknown)
		add_raw(s, NULL, member);
}

static void
add_members(struct splice *s)
{
	for (size_t i = 0; i < s->members.n; i++)
		add_member(s, &s->members.items[i]);
	for (size_t i = 0; i < s->layout->n_outputs; i++) {
		const struct aqi_output *output = &s->layout->outputs[i];

		if (output->is_added &&
		    !(is_member(s->members, output->name) &&
		      is_replaced(s->layout, output->name)))
			add_output(s, output);
	}
}

/* Can the line go out as it came, with the added members behind? A later
 * record may hold a key that is added here, though the first had none. */
static bool
can_append(const struct splice *s)
{
	const struct aqi_layout *layout = s->layout;

	/* Mostly a key is where it was in the first record. */
	for (size_t i = 0; i < s->members.n; i++)
		if (!(i < layout->n_named &&
		      aqi_slice_equal(s->members.items[i].key,
				      layout->inputs[i])) &&
		    find_added(layout, s->members.items[i].key))
			return false;
	return true;
}

static void
append(struct splice *s)
{
	const struct aqi_layout *layout = s->layout;

	aqi_buffer_add_slice(s->out, open_object(s->batch->rows[s->row]));
	s->has_members = s->members.n > 0;
	for (size_t i = layout->n_named; i < layout->n_outputs; i++)
		add_output(s, &layout->outputs[i]);
}

/* Mostly the keys are those of the first record, and nobody need list them. */
static void
splice(struct splice *s, struct aqi_batch *batch, bool passes_all)
{
	if (passes_all && s->members.in_order) {
		append(s);
		return;
	}
	s->members = aqi_batch_members(batch, s->row);
	if (passes_all && can_append(s)) {
		append(s);
		return;
	}
	aqi_buffer_add_byte(s->out, '{');
	add_members(s);
}

void
aqi_splice(struct aqi_buffer *out, const struct aqi_layout *layout,
	   struct aqi_batch *batch, size_t row, bool passes_all)
{
	struct splice s = {out, layout, batch, row, batch->members[row], false};

	if (passes_all && !layout->drops_unknown &&
	    layout->n_outputs == layout->n_named) {
		aqi_buffer_add_slice(out, batch->rows[row]);
		return;
	}
	if (layout->drops_unknown) {
		/* The columns are chosen: the layout's order is theirs. */
		aqi_buffer_add_byte(out, '{');
		for (size_t i = 0; i < layout->n_outputs; i++)
			add_output(&s, &layout->outputs[i]);
	} else {
		splice(&s, batch, passes_all);
	}
	aqi_buffer_add_byte(out, '}');
}
