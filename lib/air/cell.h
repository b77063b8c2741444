/* cell.h: one cell of a source's row, as its mapping has it read. */
#ifndef AQI_AIR_CELL_H
#define AQI_AIR_CELL_H

#include <stdbool.h>
#include <stddef.h>

#include "air/keys.h"
#include "base/error.h"
#include "record/field.h"

struct aqi_batch;

/* What a cell may hold besides a number of the format. */
struct aqi_cell_form {
	struct aqi_names missing;	/* tokens, besides the format's */
	bool has_text_numbers;		/* a JSON string may be a number */
};

/* Is it what the format or the form marks as missing? */
bool aqi_cell_is_missing(const struct aqi_cell_form *form,
			 const struct aqi_batch *batch, struct aqi_field field);

/*
 * The number in a column of a row. AQI_END when it is missing; AQI_REJECT when
 * it is none, and the row is refused then.
 */
enum aqi_status aqi_cell_number(const struct aqi_cell_form *form,
				struct aqi_batch *batch, size_t row,
				size_t input, double *x) AQI_MUST_CHECK;

/*
 * Which of the form's tokens are numbers, such as -999, in x, out, which has
 * (form->missing.n,); returns how many. A value of such a number may be the
 * token: its text tells.
 */
size_t aqi_cell_tokens(const struct aqi_cell_form *form,
		       const struct aqi_batch *batch, double *x);

#endif
