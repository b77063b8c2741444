#include "record/layout.h"

#include <stdio.h>

#include "tap.h"

static struct aqi_layout
layout_of(struct aqi_slice *names, size_t n)
{
	static bool is_number[8192];
	struct aqi_layout layout = {.inputs = names, .n_inputs = n,
				    .is_number = is_number};

	for (size_t i = 0; i < n; i++)
		if (aqi_layout_keep(&layout, i, NULL) != AQI_OK)
			note("memory ran out");
	return layout;
}

/* The outputs with | between them; an added one with its index. */
static bool
is(const struct aqi_layout *layout, const char *wanted)
{
	char text[500];
	size_t n = 0;

	for (size_t i = 0; i < layout->n_outputs; i++) {
		const struct aqi_output *o = &layout->outputs[i];

		n += (size_t)snprintf(text + n, sizeof text - n, "%s%.*s%s%zu",
				      i ? "|" : "", (int)o->name.size,
				      o->name.data, o->is_added ? "+" : "=",
				      o->index);
	}
	if (strcmp(text, wanted) == 0)
		return true;
	note("%s for %s", text, wanted);
	return false;
}

static void
test_add(void)
{
	struct aqi_slice names[] = {aqi_slice_of("a"), aqi_slice_of("aqi"),
		aqi_slice_of("aqi_in"), aqi_slice_of("b")};
	struct aqi_layout layout = layout_of(names, 4);
	size_t added;

	ok(is(&layout, "a=0|aqi=1|aqi_in=2|b=3"),
	   "a new layout passes every input through");
	ok(aqi_layout_add(&layout, aqi_slice_of("new"), &added, NULL) ==
		   AQI_OK && added == 0 &&
	   is(&layout, "a=0|aqi=1|aqi_in=2|b=3|new+0"),
	   "a new column is appended");
	ok(aqi_layout_add(&layout, aqi_slice_of("aqi"), &added, NULL) ==
		   AQI_OK && added == 1 &&
	   is(&layout, "a=0|aqi+1|aqi_in=2|b=3|new+0"),
	   "a column that stands is replaced in its place");
	aqi_arena_free(&layout.arena);

	layout = layout_of(names, 4);
	layout.keeps_old = true;
	ok(aqi_layout_add(&layout, aqi_slice_of("aqi"), &added, NULL) ==
		   AQI_OK &&
	   is(&layout, "a=0|aqi_in_in=1|aqi_in=2|b=3|aqi+0"),
	   "the old one is kept under a name that nobody has");
	aqi_layout_drop_all(&layout);
	ok(aqi_layout_keep(&layout, 3, NULL) == AQI_OK &&
	   aqi_layout_keep(&layout, 0, NULL) == AQI_OK &&
	   is(&layout, "b=3|a=0"), "inputs are dropped and taken up again");
	ok(aqi_layout_find(&layout, aqi_slice_of("b")) == 3 &&
	   aqi_layout_find(&layout, aqi_slice_of("B")) == AQI_NO_COLUMN &&
	   aqi_layout_find(&layout, aqi_slice_of("")) == AQI_NO_COLUMN,
	   "a column is found by its exact name");
	aqi_arena_free(&layout.arena);
}

/* Columns that only later records may have, of NDJSON alone. */
static void
test_expect(void)
{
	static const struct {
		bool reaches;
		const char *name;
		size_t input, n_nested;
	} cases[] = {
		{false, "a", 0, 0}, {false, "x", 2, 0}, {false, "x", 2, 0},
		{true, "b", 1, 0}, {true, "nosuch", AQI_NO_COLUMN, 0},
		{true, "nosuch.c", AQI_NO_COLUMN, 0}, {true, "a.c.d", 3, 1},
		{true, "a.c.d", 3, 1}, {true, "b.", 4, 2},
	};
	struct aqi_slice names[] = {aqi_slice_of("a"), aqi_slice_of("b")};
	struct aqi_layout layout = layout_of(names, 2);
	size_t input, n_bad = 0;

	ok(aqi_layout_expect(&layout, aqi_slice_of("x"), &input, NULL) ==
		   AQI_OK && input == AQI_NO_COLUMN &&
	   aqi_layout_reach(&layout, aqi_slice_of("a.c"), &input, NULL) ==
		   AQI_OK && input == AQI_NO_COLUMN && layout.n_inputs == 2,
	   "a header names all columns there are");
	layout.is_json = true;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct aqi_slice name = aqi_slice_of(cases[i].name);
		enum aqi_status status = cases[i].reaches ?
			aqi_layout_reach(&layout, name, &input, NULL) :
			aqi_layout_expect(&layout, name, &input, NULL);

		n_bad += status != AQI_OK || input != cases[i].input ||
			 layout.n_nested != cases[i].n_nested;
	}
	ok(n_bad == 0 && layout.n_inputs == 5,
	   "an NDJSON record names those that it has");
	ok(layout.nested[0].parent == 0 && layout.nested[0].input == 3 &&
	   aqi_slice_is(layout.nested[0].key, "c.d") &&
	   layout.nested[1].parent == 1 && layout.nested[1].input == 4 &&
	   aqi_slice_is(layout.nested[1].key, ""),
	   "one within another is found by the key behind the first point");
	aqi_arena_free(&layout.arena);
}

/* Memory of a layout with as many columns as there may be. */
static void
test_many(void)
{
	static struct aqi_slice names[4096];
	static char text[4096][8];
	struct aqi_layout layout;
	struct aqi_arena *arena = &layout.arena;
	size_t at = 0;

	for (size_t i = 0; i < 4096; i++) {
		snprintf(text[i], sizeof text[i], "c%zu", i);
		names[i] = aqi_slice_of(text[i]);
	}
	layout = layout_of(names, 4096);
	while (at < layout.n_outputs && !layout.outputs[at].is_added &&
	       layout.outputs[at].index == at)
		at++;
	ok(at == 4096, "4,096 columns pass through in order");
	/* All that was taken fits into what a few arrays of that size need. */
	ok(!arena->failed && aqi_arena_alloc(arena, 1), "none of them fails");
	aqi_arena_free(arena);
}

static void
test_near(void)
{
	static const struct { const char *name, *near; } cases[] = {
		{"PM25", "pm25"}, {"pm2.5", "pm25"}, {"PM 2.5", "pm25"},
		{"temprature", "temperature"}, {"windspeed", "wind_speed"},
		{"o3_", "o3"}, {"x", NULL}, {"", NULL}, {"co2", "co"},
		{"pressure_hpa_mean", NULL}, {"hunidty", "humidity"},
	};
	struct aqi_slice names[] = {aqi_slice_of("pm25"), aqi_slice_of("o3"),
		aqi_slice_of("co"), aqi_slice_of("temperature"),
		aqi_slice_of("wind_speed"), aqi_slice_of("humidity")};
	char big[5000];
	size_t n_bad = 0;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct aqi_slice *near = aqi_layout_near(names, 6,
			aqi_slice_of(cases[i].name));

		if (!near != !cases[i].near ||
		    (near && !aqi_slice_is(*near, cases[i].near))) {
			note("%s is near %.*s", cases[i].name,
			     near ? (int)near->size : 4,
			     near ? near->data : "none");
			n_bad++;
		}
	}
	ok(n_bad == 0, "the name most like one is found, or none");
	names[0] = aqi_slice_of("_");
	ok(!aqi_layout_near(names, 1, aqi_slice_of("x")),
	   "a name without a letter is near none");
	memset(big, 'p', sizeof big);
	ok(!aqi_layout_near(names, 6, (struct aqi_slice){big, sizeof big}),
	   "a name of any length can be asked for");
}

int
main(void)
{
	test_add();
	test_expect();
	test_many();
	test_near();
	return done();
}
