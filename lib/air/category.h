/*
 * category.h: the category of an index, with its colour and its advice.
 *
 * The categories are those of the US EPA's Air Quality Index. Names and bounds:
 * 40 CFR Part 58, Appendix G, table 2. Names of the colours and their RGB
 * values: US EPA, Technical Assistance Document for the Reporting of Daily Air
 * Quality, EPA-454/B-24-002, May 2024. The advice says in our own words what
 * that document asks for.
 *
 * The published table is of whole numbers and has 50 in one category and 51 in
 * the next. Here a category ends with its upper bound itself, so that an index
 * of 50 is Good and 50.001 is Moderate, whatever its printed form says.
 *
 * The table is constant: every function here may be called from many threads.
 */
#ifndef AQI_AIR_CATEGORY_H
#define AQI_AIR_CATEGORY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"
#include "record/step.h"

struct aqi_format;

struct aqi_category {
	struct aqi_slice name;		/* "Very Unhealthy" */
	double upto;			/* its largest index; or infinite */
	struct aqi_slice color;		/* "Orange" */
	struct aqi_slice rgb;		/* "#FF7E00" */
	struct aqi_slice advice;	/* a sentence or two, without comma */
	struct aqi_slice painted;	/* the name, in colour on a terminal */
};

#define AQI_N_CATEGORIES 6

/* (AQI_N_CATEGORIES,) from the cleanest air to the worst. */
const struct aqi_category *aqi_category_all(void);

/*
 * The category of an index, which is not rounded first; below 0 it is the
 * first, of infinity the last. NULL when the index is NaN.
 */
const struct aqi_category *aqi_category_of(double index);

/* The category of that very name, or NULL. */
const struct aqi_category *aqi_category_find(struct aqi_slice name);

/* The name of the category of an index; {NULL, 0} when it is NaN. */
struct aqi_slice aqi_category_name(double index);

/*
 * A step that adds the category of an index that stands in a column.
 *
 * An input column `category` is kept as it is, since who wrote it knew the
 * index before it was printed; where it is missing in a record it is made, and
 * `recompute` makes it always. Colour and advice are those of the category
 * kept, or of the index where that is no name of ours. Where the index is
 * missing, every value added is missing too; where it is no number, the row is
 * refused. Binding fails with AQI_E_USAGE when the column is not there, unless
 * the layout allows that. The caller fills the first part and leaves the second
 * zero.
 */
struct aqi_category_step {
	struct aqi_slice column;	/* of the index; {NULL, 0}: "aqi" */
	bool recompute;
	bool color;			/* add `color` and `rgb` */
	bool advice;			/* add `advice` */
	const struct aqi_format *paint;	/* of a run whose output is read on a
					 * terminal: as CSV, in colour; NULL */

	size_t index, kept;		/* inputs, or AQI_NO_COLUMN */
	size_t added[4];		/* by what is added, the same */
	bool paints;
};

/* The step; it borrows category for the run. */
struct aqi_step aqi_category_step(struct aqi_category_step *category);

#endif
