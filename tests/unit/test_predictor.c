#include "model/predictor.h"

#include <math.h>
#include <stdlib.h>

#include "air/inputs.h"
#include "model/bundle.h"
#include "model/engine.h"
#include "model/forest.h"
#include "model/forest_builder.h"
#include "record/batch.h"
#include "record/format.h"
#include "record/layout.h"
#include "rows.h"
#include "tap.h"

/* base + (pm25 < 100 ? 10.125 : 600), over pm25 and o3. */
static const struct aqi_tree_node nodes[] = {
	{.value = 100, .left = 1, .right = 2, .default_left = true},
	{.is_leaf = true, .value = 10.125},
	{.is_leaf = true, .value = 600},
};

static const struct aqi_tree tree = {.nodes = nodes, .n_nodes = 3};

static struct aqi_slice names[] = {{"pm25", 4}, {"o3", 2}};

static struct aqi_forest *
make_forest(double base, enum aqi_link_kind link)
{
	const struct aqi_forest_shape shape = {
		.n_inputs = 2, .n_margins = 1, .bases = &base,
		.link = {.kind = link, .slope = 1, .divisor = 1},
	};
	struct aqi_error err;
	struct aqi_forest_builder *b = aqi_forest_builder_new(&shape, &err);
	struct aqi_forest *forest = NULL;

	if (aqi_forest_builder_add(b, &tree, &err) == AQI_OK)
		forest = aqi_forest_builder_finish(b, &err);
	aqi_forest_builder_free(b);
	return forest;
}

/* A run by hand: a layout with three columns, and a batch of five rows. */

#define N_ROWS 5
#define N_COLUMNS 3

static struct aqi_slice columns[] = {{"o3", 2}, {"station", 7}, {"pm25", 4}};

static const char *const cells[N_ROWS][N_COLUMNS] = {
	{"7", "a", "50"},
	{"7", "b", ""},
	{"", "c", "100"},
	{"7", "d", "x"},
	{"", "e", ""},
};

struct run {
	struct aqi_layout layout;
	struct aqi_batch batch;
	struct aqi_format format;
	struct aqi_field fields[N_ROWS * N_COLUMNS];
	struct aqi_field added[3 * N_ROWS];
	struct aqi_slice rows[N_ROWS];
	uint64_t lines[N_ROWS];
	bool refused[N_ROWS], is_number[N_COLUMNS];
};

static void
start(struct run *r)
{
	*r = (struct run){0};
	r->layout.file = "data.csv";
	r->layout.inputs = columns;
	r->layout.n_inputs = N_COLUMNS;
	r->layout.is_number = r->is_number;
	r->format.in = r->format.out = AQI_SYNTAX_CSV;
	r->format.delimiter = ',';
	r->format.decimal_mark = '.';
	for (int i = 0; i < N_ROWS * N_COLUMNS; i++) {
		const char *cell = cells[i / N_COLUMNS][i % N_COLUMNS];

		r->fields[i] = (struct aqi_field){
			cell, (uint32_t)strlen(cell), AQI_TEXT
		};
	}
	r->batch.format = &r->format;
	r->batch.layout = &r->layout;
	r->batch.syntax = AQI_SYNTAX_CSV;
	r->batch.n_rows = r->batch.n_final = N_ROWS;
	r->batch.n_columns = N_COLUMNS;
	set_fields(&r->batch, r->fields);
	r->batch.rows = r->rows;
	r->batch.lines = r->lines;
	r->batch.refused = r->refused;
	r->batch.added = r->added;
	r->batch.added_step = N_ROWS;
}

static void
end(struct run *r)
{
	aqi_arena_free(&r->layout.arena);
	aqi_arena_free(&r->batch.arena);
}

static bool
is_set(const struct run *r, int added, int row, const char *text)
{
	const struct aqi_field *f = &r->added[added * N_ROWS + row];

	return aqi_slice_is((struct aqi_slice){f->data, f->size}, text) &&
	       f->kind == (added == 1 ? AQI_TEXT : AQI_NUMBER);
}

static bool
is_row(const struct run *r, int row, const char *aqi, const char *category,
       const char *confidence)
{
	return is_set(r, 0, row, aqi) && is_set(r, 1, row, category) &&
	       is_set(r, 2, row, confidence) && !r->refused[row];
}

static bool
is_unpredicted(const struct run *r, int row)
{
	for (int k = 0; k < 3; k++)
		if (r->added[k * N_ROWS + row].kind != AQI_MISSING)
			return false;
	return !r->refused[row];
}

static bool
run_all(struct run *r, const struct aqi_model *model, int decimals)
{
	const struct aqi_predictor_options options = {.decimals = decimals};
	struct aqi_error err;
	struct aqi_predictor *p = aqi_predictor_new(
		model, decimals == 2 ? NULL : &options, &err);
	struct aqi_step step = aqi_predictor_step(p);
	bool fine;

	start(r);
	fine = step.bind(step.self, &r->layout, &err) == AQI_OK &&
	       step.run(step.self, &r->batch, &err) == AQI_OK &&
	       step.in_order(step.self, &r->batch, &err) == AQI_OK;
	aqi_predictor_free(p);
	return fine;
}

static struct aqi_model
make_model(double base, enum aqi_link_kind link)
{
	struct aqi_forest *forest = make_forest(base, link);

	return (struct aqi_model){
		.inputs = names, .n_inputs = 2, .allows_missing = true,
		.min_inputs = 1, .forest = forest, .owned = forest,
		.engine = aqi_engine_new(forest, NULL, NULL),
	};
}

static void
end_model(struct aqi_model *model)
{
	aqi_engine_free(model->engine);
	aqi_forest_free(model->owned);
}

static void
test_rows(void)
{
	struct aqi_model model = make_model(0.0625, AQI_LINK_IDENTITY);
	struct run r;

	ok(run_all(&r, &model, 2) && r.layout.n_outputs == 3 &&
	   aqi_slice_is(r.layout.outputs[0].name, "aqi") &&
	   aqi_slice_is(r.layout.outputs[1].name, "category") &&
	   aqi_slice_is(r.layout.outputs[2].name, "confidence"),
	   "a predictor adds three columns");
	ok(r.is_number[0] && !r.is_number[1] && r.is_number[2],
	   "and knows its inputs as numbers");
	ok(is_row(&r, 0, "10.19", "Good", "0.85"), "a row is predicted");
	ok(is_row(&r, 1, "10.19", "Good", "0.85"),
	   "with a value missing, the model knows where to go");
	ok(is_row(&r, 2, "600.06", "Hazardous", "0.60"),
	   "outside 0 to 500 confidence is less");
	ok(r.refused[3] && r.batch.refusals &&
	   r.batch.refusals->code == AQI_E_TYPE &&
	   r.batch.refusals->column == 2, "what is no number is refused");
	ok(is_unpredicted(&r, 4) && r.batch.n_unpredicted == 1,
	   "a row with too few inputs is kept without a prediction");
	end(&r);
	run_all(&r, &model, AQI_SHORTEST);
	ok(is_set(&r, 0, 0, "10.1875"), "the shortest text");
	end(&r);
	run_all(&r, &model, 0);
	ok(is_set(&r, 0, 0, "10"), "no decimals");
	end(&r);
	model.allows_missing = false;
	run_all(&r, &model, 2);
	ok(!r.refused[0] && r.refused[1] && r.refused[2] && r.refused[4] &&
	   r.batch.n_unpredicted == 0 &&
	   r.batch.refusals->code == AQI_E_MISSING &&
	   r.batch.refusals->column == 2 &&
	   strcmp(r.batch.refusals->reason,
		  "missing; the model needs every input")
		   == 0,
	   "a model may refuse missing inputs");
	end(&r);
	end_model(&model);
}

static void
test_odd_predictions(void)
{
	struct aqi_model model = make_model(-20, AQI_LINK_IDENTITY);
	struct run r;

	run_all(&r, &model, 2);
	ok(is_row(&r, 0, "-9.88", "Good", "0.60"),
	   "below zero is the lowest category, with less confidence");
	end(&r);
	end_model(&model);
	model = make_model((double)0.1f, AQI_LINK_EXP);
	run_all(&r, &model, 2);
	ok(is_unpredicted(&r, 2) && r.batch.n_unpredicted == 2,
	   "what is not finite is not predicted");
	end(&r);
	end_model(&model);
	/* 0.1f + 10.125f = 10.2250003815 as a float, whose text is 10.225. */
	model = make_model((double)0.1f, AQI_LINK_IDENTITY);
	run_all(&r, &model, AQI_SHORTEST);
	ok(is_set(&r, 0, 0, "10.225"), "the shortest text is the float's");
	end(&r);
	end_model(&model);
}

static bool
bind_says(struct run *r, const struct aqi_slice *wanted, size_t n,
	  const char *field, const char *reason)
{
	size_t found[3];
	struct aqi_error err;

	if (aqi_inputs_bind(&r->layout, wanted, n, found, &err) == AQI_OK)
		return false;
	if (strcmp(err.reason, reason) != 0)
		note("%s", err.reason);
	return err.code == AQI_E_USAGE && strcmp(err.field, field) == 0 &&
	       strcmp(err.reason, reason) == 0 &&
	       strcmp(err.file, "data.csv") == 0;
}

static void
test_binding(void)
{
	const struct aqi_slice wanted[] = {{"pm25", 4}, {"no2", 3}, {"o3", 2}};
	const struct aqi_slice near[] = {{"pm25", 4}, {"Station_", 8}};
	struct aqi_slice many[60];
	size_t found[60];
	struct aqi_error err;
	struct run r;

	start(&r);
	ok(bind_says(&r, wanted, 3, "no2", "no such column; needed are "
		     "pm25,no2,o3 (--allow-absent treats it as missing)"),
	   "an absent column is named, and what is needed");
	ok(bind_says(&r, near, 2, "Station_", "no such column, and \"station\" "
		     "looks like it: rename it, or convert the file with "
		     "aqi-features --from SOURCE"), "or what looks like it");
	ok(aqi_inputs_bind(&r.layout, names, 2, found, &err) == AQI_OK &&
	   found[0] == 2 && found[1] == 0, "columns are found by name");
	for (size_t i = 0; i < 60; i++)
		many[i] = aqi_slice_of(i ? "a_long_name" : "zzzzzzz");
	ok(aqi_inputs_bind(&r.layout, many, 60, found, &err) == AQI_FATAL &&
	   strstr(err.reason, ",a_long_name,... (--allow-absent treats it"),
	   "a long list is cut");
	r.layout.arena.failed = true;
	ok(aqi_inputs_bind(&r.layout, wanted, 3, found, &err) == AQI_FATAL &&
	   err.code == AQI_E_MEMORY, "without memory, that is what is told");
	r.layout.arena.failed = false;
	r.layout.allows_absent = true;
	ok(aqi_inputs_bind(&r.layout, wanted, 3, found, &err) == AQI_OK &&
	   found[1] == AQI_NO_COLUMN, "or absent where that is allowed");
	end(&r);
}

/* An input that may be absent is not there for a model that needs each. */
static void
test_absent(void)
{
	struct aqi_model model = make_model(0, AQI_LINK_IDENTITY);
	struct aqi_error err;
	struct aqi_predictor *p;
	struct aqi_step step;
	struct run r;

	model.allows_missing = false;
	p = aqi_predictor_new(&model, NULL, &err);
	step = aqi_predictor_step(p);
	start(&r);
	columns[0] = aqi_slice_of("no2");
	r.layout.allows_absent = true;
	ok(step.bind(step.self, &r.layout, &err) == AQI_OK &&
	   step.run(step.self, &r.batch, &err) == AQI_OK && r.refused[0] &&
	   r.batch.refusals && r.batch.refusals->code == AQI_E_MISSING &&
	   strcmp(r.batch.refusals->reason,
		  "o3: missing; the model needs every input") == 0,
	   "a row is refused for a column that is absent");
	columns[0] = names[1];
	aqi_predictor_free(p);
	end_model(&model);
	end(&r);
}

/* Rows of one column, more than one block holds. */
#define MANY 1000

static void
test_blocks(void)
{
	struct aqi_model model = make_model(0.0625, AQI_LINK_IDENTITY);
	static const char *const texts[] = {"50", "x", "", "100"};
	static struct aqi_field fields[MANY], added[3 * MANY];
	static bool refused[MANY];
	struct aqi_slice column = {"pm25", 4};
	bool is_number = false;
	struct aqi_format format = {.decimal_mark = '.'};
	struct aqi_layout layout = {
		.file = "data.csv", .inputs = &column, .n_inputs = 1,
		.n_named = 1, .is_number = &is_number, .allows_absent = true,
	};
	struct aqi_batch batch = {
		.format = &format, .layout = &layout, .syntax = AQI_SYNTAX_CSV,
		.n_rows = MANY, .n_columns = 1,
		.refused = refused, .added = added, .added_step = MANY,
	};
	struct aqi_error err;
	struct aqi_predictor *p = aqi_predictor_new(&model, NULL, &err);
	struct aqi_step step = aqi_predictor_step(p);
	const struct aqi_refusal *refusal;
	size_t n_bad = 0, row = 1;

	for (size_t i = 0; i < MANY; i++)
		fields[i] = (struct aqi_field){texts[i % 4],
					       (uint32_t)strlen(texts[i % 4]),
					       AQI_TEXT};
	set_fields(&batch, fields);
	ok(step.bind(step.self, &layout, &err) == AQI_OK &&
	   step.run(step.self, &batch, &err) == AQI_OK,
	   "a batch of many rows is predicted");
	for (size_t i = 0; i < MANY; i++) {
		static const char *const wanted[] = {"10.19", "", "", "600.06"};
		struct aqi_field f = added[i];

		n_bad += refused[i] != (i % 4 == 1) ||
			 !aqi_slice_is(aqi_field_text(f), wanted[i % 4]);
	}
	ok(n_bad == 0, "each row of it as if it were alone");
	for (refusal = batch.refusals; refusal; refusal = refusal->next) {
		n_bad += refusal->row != row || refusal->column != 0 ||
			 strcmp(refusal->reason, "\"x\" is not a number") != 0;
		row += 4;
	}
	ok(n_bad == 0 && row == MANY + 1, "and each refusal has its own row");
	aqi_predictor_free(p);
	aqi_arena_free(&layout.arena);
	aqi_batch_free(&batch);
	end_model(&model);
}

int
main(void)
{
	test_rows();
	test_odd_predictions();
	test_binding();
	test_absent();
	test_blocks();
	aqi_predictor_free(NULL);
	return done();
}
