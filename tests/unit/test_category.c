#include "air/category.h"

#include <math.h>
#include <string.h>

#include "record/batch.h"
#include "record/layout.h"
#include "rows.h"
#include "tap.h"

/* Names, bounds: 40 CFR Part 58, Appendix G, table 2. Colours: US EPA,
 * EPA-454/B-24-002, May 2024. */
static void
test_table(void)
{
	static const struct {
		const char *name, *color, *rgb;
		double above, upto;
	} expected[] = {
		{"Good", "Green", "#00E400", -INFINITY, 50},
		{"Moderate", "Yellow", "#FFFF00", 50, 100},
		{"Unhealthy for Sensitive Groups", "Orange", "#FF7E00", 100,
		 150},
		{"Unhealthy", "Red", "#FF0000", 150, 200},
		{"Very Unhealthy", "Purple", "#8F3F97", 200, 300},
		{"Hazardous", "Maroon", "#7E0023", 300, INFINITY},
	};

	for (size_t i = 0; i < AQI_N_CATEGORIES; i++) {
		const char *name = expected[i].name;
		const struct aqi_category *c =
			aqi_category_of(expected[i].upto);

		ok(c == aqi_category_all() + i && aqi_slice_is(c->name, name) &&
		   aqi_slice_is(c->color, expected[i].color) &&
		   aqi_slice_is(c->rgb, expected[i].rgb),
		   "%g is %s, %s", expected[i].upto, name, expected[i].color);
		ok(aqi_slice_is(aqi_category_name(
			   nextafter(expected[i].above, INFINITY)), name),
		   "the number next above %g is %s", expected[i].above, name);
		ok(aqi_category_find(aqi_slice_of(name)) == c,
		   "%s is found by its name", name);
		ok(c->advice.size > 10 &&
		   !memchr(c->advice.data, ',', c->advice.size),
		   "%s has advice, and no comma in it", name);
		ok(memmem(c->painted.data, c->painted.size, name,
			  strlen(name)) &&
		   memmem(c->painted.data, c->painted.size, "\033[0m", 4),
		   "%s is painted, and the colour ends with it", name);
	}
}

static void
test_edges(void)
{
	static const struct {
		double index;
		const char *name;
	} cases[] = {
		{50.0000001, "Moderate"}, {100.0000001,
		 "Unhealthy for Sensitive Groups"},
		{150.0000001, "Unhealthy"}, {200.0000001, "Very Unhealthy"},
		{300.0000001, "Hazardous"}, {49.999, "Good"}, {0, "Good"},
		{-0.0, "Good"}, {-20, "Good"}, {501, "Hazardous"},
		{1e308, "Hazardous"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ok(aqi_slice_is(aqi_category_name(cases[i].index),
				cases[i].name),
		   "%.10g is %s", cases[i].index, cases[i].name);
	ok(!aqi_category_of(NAN) && !aqi_category_name(NAN).data &&
	   aqi_category_name(NAN).size == 0, "no index, no category");
	ok(!aqi_category_find(aqi_slice_of("good")) &&
	   !aqi_category_find((struct aqi_slice){NULL, 0}),
	   "a name is found only as it is written");
}

/* The step, on a batch of three columns made by hand. */

#define N_ROWS 6

struct bench {
	struct aqi_slice inputs[3];
	struct aqi_output outputs[3];
	bool is_number[3];
	struct aqi_layout layout;
	struct aqi_format format;
	struct aqi_field fields[N_ROWS * 3];
	struct aqi_field added[N_ROWS * 4];
	bool refused[N_ROWS];
	struct aqi_batch batch;
};

static struct aqi_field
cell(const char *text)
{
	return (struct aqi_field){text, (uint32_t)strlen(text), AQI_TEXT};
}

static void
set_up(struct bench *b, const char *last_column)
{
	static const char *const rows[N_ROWS][3] = {
		{"A", "50.001", "Good"},	/* printed from 50.0006, say */
		{"B", "", "Moderate"},
		{"C", "151", ""},
		{"D", "251", "Awful"},
		{"E", "1,5", "Good"},
		{"F", "7", "Good"},		/* refused before */
	};
	const char *names[3] = {"station", "aqi", last_column};

	*b = (struct bench){.format = {.delimiter = ',', .decimal_mark = '.',
				       .in = AQI_SYNTAX_CSV}};
	for (size_t i = 0; i < 3; i++) {
		b->inputs[i] = aqi_slice_of(names[i]);
		b->outputs[i] = (struct aqi_output){b->inputs[i], false, i};
	}
	for (size_t row = 0; row < N_ROWS; row++)
		for (size_t i = 0; i < 3; i++)
			b->fields[row * 3 + i] = cell(rows[row][i]);
	b->refused[5] = true;
	b->layout = (struct aqi_layout){
		.file = "-", .inputs = b->inputs, .n_inputs = 3,
		.outputs = b->outputs, .n_outputs = 3,
		.is_number = b->is_number,
	};
	b->batch = (struct aqi_batch){
		.format = &b->format, .syntax = AQI_SYNTAX_CSV,
		.layout = &b->layout, .file = "-", .n_rows = N_ROWS,
		.n_columns = 3, .refused = b->refused,
		.added = b->added, .added_step = N_ROWS,
	};
	set_fields(&b->batch, b->fields);
}

static bool
run(struct bench *b, struct aqi_category_step *category)
{
	struct aqi_step step = aqi_category_step(category);
	struct aqi_error err;

	return step.bind(step.self, &b->layout, &err) == AQI_OK &&
	       step.run(step.self, &b->batch, &err) == AQI_OK;
}

static void
tear_down(struct bench *b)
{
	aqi_arena_free(&b->layout.arena);
	aqi_batch_free(&b->batch);
}

/* Is that what an added column holds? NULL is a missing value. */
static bool
holds(const struct bench *b, const char *name, const char *const *texts)
{
	for (size_t i = 0; i < b->layout.n_outputs; i++) {
		const struct aqi_output *o = &b->layout.outputs[i];

		if (!o->is_added || !aqi_slice_is(o->name, name))
			continue;
		for (size_t row = 0; row < N_ROWS; row++) {
			struct aqi_field f = b->added[o->index * N_ROWS + row];

			if (texts[row] ? f.kind != AQI_TEXT ||
			    !aqi_slice_is(aqi_field_text(f), texts[row]) :
			    f.kind != AQI_MISSING) {
				note("%s, row %zu: %.*s", name, row,
				     (int)f.size, f.size ? f.data : "");
				return false;
			}
		}
		return true;
	}
	return false;
}

static void
test_step_adds(void)
{
	struct aqi_category_step category = {.color = true, .advice = true};
	struct bench b;

	set_up(&b, "note");
	ok(run(&b, &category), "the step runs");
	ok(b.layout.n_outputs == 7 &&
	   aqi_slice_is(b.layout.outputs[3].name, "category") &&
	   aqi_slice_is(b.layout.outputs[4].name, "color") &&
	   aqi_slice_is(b.layout.outputs[5].name, "rgb") &&
	   aqi_slice_is(b.layout.outputs[6].name, "advice"),
	   "category, color, rgb and advice are appended in this order");
	ok(holds(&b, "category", (const char *[]){"Moderate", NULL,
		 "Unhealthy", "Very Unhealthy", NULL, NULL}),
	   "the category follows the index, and is missing where that is");
	ok(holds(&b, "rgb", (const char *[]){"#FFFF00", NULL, "#FF0000",
		 "#8F3F97", NULL, NULL}), "so does the colour");
	ok(b.refused[4] && b.batch.refusals &&
	   b.batch.refusals->column == 1 &&
	   b.batch.refusals->code == AQI_E_TYPE && !b.batch.refusals->next,
	   "an index that is no number is refused, and nothing else is");
	ok(b.is_number[1], "the index is known as a number");
	tear_down(&b);
}

static void
test_step_keeps(void)
{
	struct aqi_category_step category = {.color = true};
	struct bench b;

	set_up(&b, "category");
	run(&b, &category);
	ok(b.layout.n_outputs == 5 && holds(&b, "category", (const char *[]){
		 "Good", "Moderate", "Unhealthy", "Awful", NULL, NULL}),
	   "a category that stands already is kept, a missing one is made");
	ok(holds(&b, "color", (const char *[]){"Green", NULL, "Red", "Purple",
		 NULL, NULL}),
	   "the colour is of the category kept, or else of the index");
	tear_down(&b);
}

static void
test_step_recomputes(void)
{
	struct aqi_category_step category = {.recompute = true};
	struct bench b;

	set_up(&b, "category");
	run(&b, &category);
	ok(b.layout.n_outputs == 3 && b.layout.outputs[2].is_added &&
	   holds(&b, "category", (const char *[]){"Moderate", NULL,
		 "Unhealthy", "Very Unhealthy", NULL, NULL}),
	   "recompute puts new categories in the place of the old ones");
	tear_down(&b);
}

static void
test_step_paints(void)
{
	const struct aqi_category *all = aqi_category_all();
	struct aqi_category_step category = {0};
	struct bench b;

	set_up(&b, "category");
	b.layout.keeps_old = true;
	category.paint = &b.format;
	run(&b, &category);
	ok(b.layout.n_outputs == 3 && holds(&b, "category", (const char *[]){
		 all[0].painted.data, all[1].painted.data,
		 all[3].painted.data, "Awful", NULL, NULL}),
	   "a category kept is painted in its place, an unknown one left bare");
	tear_down(&b);

	set_up(&b, "note");
	b.format.out = AQI_SYNTAX_NDJSON;
	run(&b, &category);
	ok(aqi_slice_is(aqi_field_text(b.added[0]), "Moderate"),
	   "NDJSON is never painted");
	tear_down(&b);
}

static void
test_step_misses(void)
{
	struct aqi_category_step category = {.column = {"api", 3}};
	struct aqi_step step = aqi_category_step(&category);
	struct aqi_error err;
	struct bench b;

	set_up(&b, "note");
	ok(step.bind(step.self, &b.layout, &err) == AQI_FATAL &&
	   err.code == AQI_E_USAGE &&
	   strcmp(err.reason, "no column \"api\"; is it \"aqi\"?") == 0,
	   "a column that is not there is told, with a near one");
	category.column = aqi_slice_of("ozone");
	ok(step.bind(step.self, &b.layout, &err) == AQI_FATAL &&
	   strcmp(err.reason, "no column \"ozone\"; --column names that of the "
		  "index") == 0, "without one, the option is told");
	b.layout.allows_absent = true;
	ok(run(&b, &category) && holds(&b, "category", (const char *[]){NULL,
		 NULL, NULL, NULL, NULL, NULL}),
	   "a column that may be absent is missing in every record");
	tear_down(&b);
}

int
main(void)
{
	test_table();
	test_edges();
	test_step_adds();
	test_step_keeps();
	test_step_recomputes();
	test_step_paints();
	test_step_misses();
	return done();
}
