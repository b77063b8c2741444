#include "air/category.h"

#include <math.h>

#include "air/inputs.h"
#include "record/batch.h"
#include "record/format.h"
#include "record/layout.h"

#define TEXT(text) {text, sizeof(text) - 1}

/*
 * A painted name has its colour behind it, not in it: yellow letters cannot be
 * read on white, nor maroon ones on black. Colours are the nearest of the 256
 * that terminals have had since xterm; 24 bits would come out as nonsense on
 * those that do not know them.
 */
#define PAINTED(ink, paper, name) \
	TEXT("\033[38;5;" ink ";48;5;" paper "m" name "\033[0m")
#define BLACK "16"
#define WHITE "231"

static const struct aqi_category categories[AQI_N_CATEGORIES] = {
	{
		TEXT("Good"), 50, TEXT("Green"), TEXT("#00E400"),
		TEXT("Enjoy being outdoors."),
		PAINTED(BLACK, "40", "Good"),
	}, {
		TEXT("Moderate"), 100, TEXT("Yellow"), TEXT("#FFFF00"),
		TEXT("People who react to slight pollution: slow down outdoors "
		     "when symptoms begin. Others: nothing to change."),
		PAINTED(BLACK, "226", "Moderate"),
	}, {
		TEXT("Unhealthy for Sensitive Groups"), 150,
		TEXT("Orange"), TEXT("#FF7E00"),
		TEXT("Children and older people and those with heart or lung "
		     "disease: make exercise outdoors lighter and take breaks. "
		     "Others: nothing to change."),
		PAINTED(BLACK, "208", "Unhealthy for Sensitive Groups"),
	}, {
		TEXT("Unhealthy"), 200, TEXT("Red"), TEXT("#FF0000"),
		TEXT("Sensitive groups: exercise indoors or wait for cleaner "
		     "air. Others: make exercise outdoors lighter."),
		PAINTED(BLACK, "196", "Unhealthy"),
	}, {
		TEXT("Very Unhealthy"), 300, TEXT("Purple"), TEXT("#8F3F97"),
		TEXT("Sensitive groups: do not exert yourself outdoors at all. "
		     "Others: exercise indoors or wait for cleaner air."),
		PAINTED(WHITE, "90", "Very Unhealthy"),
	}, {
		TEXT("Hazardous"), INFINITY, TEXT("Maroon"), TEXT("#7E0023"),
		TEXT("Everyone: do not exert yourself outdoors at all. "
		     "Sensitive groups: keep to rooms with clean air and move "
		     "little."),
		PAINTED(WHITE, "88", "Hazardous"),
	},
};

const struct aqi_category *
aqi_category_all(void)
{
	return categories;
}

const struct aqi_category *
aqi_category_of(double index)
{
	size_t n_below = 0;

	if (isnan(index))
		return NULL;
	/* One index tells little of the next: no branch could learn them. */
	for (size_t i = 0; i < AQI_N_CATEGORIES - 1; i++)
		n_below += index > categories[i].upto;
	return &categories[n_below];
}

const struct aqi_category *
aqi_category_find(struct aqi_slice name)
{
	for (size_t i = 0; i < AQI_N_CATEGORIES; i++)
		if (aqi_slice_equal(categories[i].name, name))
			return &categories[i];
	return NULL;
}

struct aqi_slice
aqi_category_name(double index)
{
	const struct aqi_category *category = aqi_category_of(index);

	return category ? category->name : (struct aqi_slice){NULL, 0};
}

/* What the step can add, in the order in which it does. */
enum { CATEGORY, COLOR, RGB, ADVICE };

static const char *const added_names[] = {
	[CATEGORY] = "category",
	[COLOR] = "color",
	[RGB] = "rgb",
	[ADVICE] = "advice",
};

static enum aqi_status
no_such_column(const struct aqi_layout *layout, struct aqi_slice column,
	       struct aqi_error *err)
{
	char name[AQI_QUOTED_SIZE], other[AQI_QUOTED_SIZE];
	const struct aqi_slice *near;

	aqi_error_quote(name, column);
	near = aqi_layout_near(layout->inputs, layout->n_inputs, column);
	if (aqi_inputs_suspect(layout, err))
		aqi_error_name(err, column);
	else if (near)
		aqi_error_set(err, AQI_E_USAGE,
			      "no column %s; is it %s?", name,
			      aqi_error_quote(other, *near));
	else
		aqi_error_set(err, AQI_E_USAGE,
			      "no column %s; --column names that of the index",
			      name);
	return aqi_error_at(err, layout->file, layout->line, 0);
}

static enum aqi_status
add(struct aqi_category_step *category, struct aqi_layout *layout, int what,
    struct aqi_error *err)
{
	return aqi_layout_add(layout, aqi_slice_of(added_names[what]),
			      &category->added[what], err);
}

/*
 * A kept category is written by us, in its place, since some records may have
 * one and others not. That is not a new value, so keeps_old does not apply.
 */
static enum aqi_status
add_category(struct aqi_category_step *category, struct aqi_layout *layout,
	     struct aqi_error *err)
{
	bool keeps_old = layout->keeps_old;
	enum aqi_status status;

	if (category->kept != AQI_NO_COLUMN)
		layout->keeps_old = false;
	status = add(category, layout, CATEGORY, err);
	layout->keeps_old = keeps_old;
	return status;
}

/* Is it CSV that will be written? */
static bool
writes_csv(const struct aqi_format *format, const struct aqi_layout *layout)
{
	return format->out == AQI_SYNTAX_CSV ||
	       (format->out == AQI_SYNTAX_AUTO && !layout->is_json);
}

static enum aqi_status
bind_category(void *self, struct aqi_layout *layout, struct aqi_error *err)
{
	struct aqi_category_step *category = self;
	struct aqi_slice column = category->column;

	if (!column.data)
		column = aqi_slice_of("aqi");
	category->index = aqi_layout_find(layout, column);
	if (category->index == AQI_NO_COLUMN && !layout->allows_absent)
		return no_such_column(layout, column, err);
	if (category->index == AQI_NO_COLUMN &&
	    aqi_inputs_expect(layout, column, &category->index, err) != AQI_OK)
		return AQI_FATAL;
	if (category->index != AQI_NO_COLUMN)
		layout->is_number[category->index] = true;

	category->kept = AQI_NO_COLUMN;
	if (!category->recompute &&
	    aqi_layout_expect(layout, aqi_slice_of("category"),
			      &category->kept, err) != AQI_OK)
		return AQI_FATAL;
	category->paints = category->paint &&
			   writes_csv(category->paint, layout);
	for (size_t i = 0; i < 4; i++)
		category->added[i] = AQI_NO_COLUMN;

	if (add_category(category, layout, err) != AQI_OK)
		return AQI_FATAL;
	if (category->color && (add(category, layout, COLOR, err) != AQI_OK ||
				add(category, layout, RGB, err) != AQI_OK))
		return AQI_FATAL;
	if (category->advice && add(category, layout, ADVICE, err) != AQI_OK)
		return AQI_FATAL;
	return AQI_OK;
}

static void
set(const struct aqi_category_step *category, struct aqi_batch *batch,
    size_t row, int what, struct aqi_slice text)
{
	if (category->added[what] != AQI_NO_COLUMN)
		aqi_batch_set_text(batch, category->added[what], row, text);
}

/* A category that stands already, if it is one of ours. */
static const struct aqi_category *
kept_category(const struct aqi_category_step *category,
	      const struct aqi_batch *batch, size_t row)
{
	struct aqi_field field;

	if (category->kept == AQI_NO_COLUMN)
		return NULL;
	field = aqi_batch_field(batch, row, category->kept);
	return aqi_category_find(aqi_slice_trim(aqi_field_text(field)));
}

/* Is there a category, whatever it says? */
static bool
stands(const struct aqi_category_step *category, const struct aqi_batch *batch,
       size_t row)
{
	return category->kept != AQI_NO_COLUMN &&
	       !aqi_batch_is_missing(batch, aqi_batch_field(batch, row,
							    category->kept));
}

/* What stands is painted if it is one of ours, and else left as it is. */
static void
keep_category(const struct aqi_category_step *category,
	      struct aqi_batch *batch, size_t row,
	      const struct aqi_category *kept)
{
	/* What is missing has its bytes in CSV, and is null in NDJSON. */
	if (category->kept == AQI_NO_COLUMN ||
	    (!stands(category, batch, row) &&
	     !writes_csv(batch->format, batch->layout)))
		return;
	if (kept && category->paints)
		set(category, batch, row, CATEGORY, kept->painted);
	else
		aqi_batch_set(batch, category->added[CATEGORY], row,
			      aqi_batch_field(batch, row, category->kept));
}

static void
categorise(const struct aqi_category_step *category, struct aqi_batch *batch,
	   size_t row, double index)
{
	const struct aqi_category *of_index = aqi_category_of(index);
	const struct aqi_category *kept = kept_category(category, batch, row);
	const struct aqi_category *c = kept ? kept : of_index;

	if (of_index && !stands(category, batch, row))
		set(category, batch, row, CATEGORY,
		    category->paints ? of_index->painted : of_index->name);
	else
		keep_category(category, batch, row, kept);
	if (!of_index)
		return;
	set(category, batch, row, COLOR, c->color);
	set(category, batch, row, RGB, c->rgb);
	set(category, batch, row, ADVICE, c->advice);
}

static enum aqi_status
run_category(void *self, struct aqi_batch *batch, struct aqi_error *err)
{
	const struct aqi_category_step *category = self;
	double *index = aqi_batch_alloc(batch, batch->n_rows, sizeof *index);

	if (!index)
		return aqi_error_memory(err);
	aqi_batch_doubles(batch, category->index, 0, batch->n_rows, index, 1);
	for (size_t row = 0; row < batch->n_rows; row++)
		if (!batch->refused[row])
			categorise(category, batch, row, index[row]);
	return AQI_OK;
}

struct aqi_step
aqi_category_step(struct aqi_category_step *category)
{
	return (struct aqi_step){
		.self = category,
		.bind = bind_category,
		.run = run_category,
	};
}
