#include "model/names.h"

#include <stdlib.h>

static int
compare(const void *a, const void *b)
{
	const struct aqi_slice *x = a, *y = b;
	const size_t n = x->size < y->size ? x->size : y->size;
	const int order = n > 0 ? memcmp(x->data, y->data, n) : 0;

	return order ? order : (x->size > y->size) - (x->size < y->size);
}

enum aqi_status
aqi_names_find_twice(const struct aqi_slice *names, size_t n,
		     struct aqi_slice *twice, struct aqi_error *err)
{
	struct aqi_slice *sorted = calloc(n + 1, sizeof *sorted);

	*twice = (struct aqi_slice){NULL, 0};
	if (!sorted)
		return aqi_error_memory(err);
	for (size_t i = 0; i < n; i++)
		sorted[i] = names[i];
	qsort(sorted, n, sizeof *sorted, compare);
	for (size_t i = 1; i < n && !twice->data; i++)
		if (aqi_slice_equal(sorted[i - 1], sorted[i]))
			*twice = sorted[i];
	free(sorted);
	return AQI_OK;
}
