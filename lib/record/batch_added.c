/* The values that steps add to a batch. */
#include "record/batch.h"

#include "record/digits.h"
#include "record/number.h"

static void
set_digits(struct aqi_batch *batch, size_t added, size_t row,
	   const char *digits, size_t n)
{
	struct aqi_slice text =
		aqi_arena_copy(&batch->arena, (struct aqi_slice){digits, n});

	if (text.data)
		aqi_batch_set(batch, added, row,
			      (struct aqi_field){text.data, (uint32_t)n,
						 AQI_NUMBER});
}

void
aqi_batch_set_number(struct aqi_batch *batch, size_t added, size_t row,
		     double x, int decimals)
{
	char digits[AQI_NUMBER_SIZE];
	size_t n = decimals == AQI_SHORTEST ?
			   aqi_number_shortest(digits, x) :
			   aqi_number_fixed(digits, x, decimals);

	set_digits(batch, added, row, digits, n);
}

void
aqi_batch_set_numbers(struct aqi_batch *batch, size_t added, const size_t *rows,
		      size_t n, const double *x, int decimals)
{
	struct aqi_field *values = aqi_batch_added(batch, added);
	char *text = NULL;
	size_t size;

	if (decimals != AQI_SHORTEST)
		text = aqi_batch_alloc(batch, n, AQI_DIGITS_ROOM);
	for (size_t i = 0; i < n; i++) {
		size = text ? aqi_digits_fixed(text, x[i], decimals) : 0;
		if (size == 0) {
			aqi_batch_set_number(batch, added, rows[i], x[i],
					     decimals);
			continue;
		}
		values[rows[i]] = (struct aqi_field){text, (uint32_t)size,
						     AQI_NUMBER};
		text += size;
	}
}

/* The last digits of a number with decimals, some of them, are often zeros. */
static size_t
strip_zeros(const char *text, size_t size)
{
	while (text[size - 1] == '0')
		size--;
	return size - (text[size - 1] == '.');
}

void
aqi_batch_set_all_rounded(struct aqi_batch *batch, size_t added,
			  const size_t *rows, size_t n, const double *x,
			  int decimals)
{
	struct aqi_field *values = aqi_batch_added(batch, added);
	char *text = NULL;
	size_t size;

	if (decimals > 0)
		text = aqi_batch_alloc(batch, n, AQI_DIGITS_ROOM);
	for (size_t i = 0; i < n; i++) {
		size = text ? aqi_digits_fixed(text, x[i], decimals) : 0;
		if (size == 0) {
			aqi_batch_set_rounded(batch, added, rows[i], x[i],
					      decimals);
			continue;
		}
		size = strip_zeros(text, size);
		values[rows[i]] = (struct aqi_field){text, (uint32_t)size,
						     AQI_NUMBER};
		text += size;
	}
}

void
aqi_batch_set_float(struct aqi_batch *batch, size_t added, size_t row, float x)
{
	char digits[AQI_NUMBER_SIZE];

	set_digits(batch, added, row, digits,
		   aqi_number_shortest_float(digits, x));
}

void
aqi_batch_set_rounded(struct aqi_batch *batch, size_t added, size_t row,
		      double x, int decimals)
{
	char digits[AQI_NUMBER_SIZE];
	size_t n = decimals == AQI_SHORTEST ?
			   aqi_number_shortest(digits, x) :
			   aqi_number_rounded(digits, x, decimals);

	set_digits(batch, added, row, digits, n);
}
