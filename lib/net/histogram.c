#include "net/histogram.h"

#include <math.h>
#include <string.h>

/*
 * One bit more halves the error and doubles the memory: at 9, what all tasks of
 * a load test need stays within the cache of a core.
 */
#define BITS 9

static size_t
cell_of(uint64_t ns)
{
	unsigned shift;

	if (ns < UINT64_C(2) << BITS)
		return (size_t)ns;
	shift = 63u - (unsigned)__builtin_clzll(ns) - BITS;
	return ((size_t)shift << BITS) + (size_t)(ns >> shift);
}

/* The middle of what a cell counts. */
static double
middle_of(size_t cell)
{
	size_t shift;
	double low, width;

	if (cell < (size_t)2 << BITS)
		return (double)cell;
	shift = (cell >> BITS) - 1;
	low = (double)((uint64_t)(cell - (shift << BITS)) << shift);
	width = (double)(UINT64_C(1) << shift);
	return low + (width - 1) / 2;
}

void
aqi_histogram_add(struct aqi_histogram *h, uint64_t ns)
{
	if (ns > AQI_HISTOGRAM_MAX_NS)
		ns = AQI_HISTOGRAM_MAX_NS;
	if (ns > h->most_ns)
		h->most_ns = ns;
	if (ns < h->least_ns || h->count == 0)
		h->least_ns = ns;
	h->count++;
	h->sum_ns += ns;
	h->cells[cell_of(ns)]++;
}

void
aqi_histogram_merge(struct aqi_histogram *h, const struct aqi_histogram *other)
{
	if (other->count == 0)
		return;
	if (other->most_ns > h->most_ns)
		h->most_ns = other->most_ns;
	if (other->least_ns < h->least_ns || h->count == 0)
		h->least_ns = other->least_ns;
	h->count += other->count;
	h->sum_ns += other->sum_ns;
	for (size_t i = 0; i < AQI_HISTOGRAM_CELLS; i++)
		h->cells[i] += other->cells[i];
}

double
aqi_histogram_at(const struct aqi_histogram *h, double share)
{
	double wanted = ceil(share * (double)h->count);
	uint64_t place = wanted < 1 ? 1 : (uint64_t)wanted, below = 0;
	size_t cell = 0;

	if (h->count == 0)
		return 0;
	if (place >= h->count)
		return (double)h->most_ns;
	while ((below += h->cells[cell]) < place)
		cell++;
	return fmin(fmax(middle_of(cell), (double)h->least_ns),
		    (double)h->most_ns);
}

double
aqi_histogram_mean(const struct aqi_histogram *h)
{
	return h->count ? (double)h->sum_ns / (double)h->count : 0;
}

void
aqi_histogram_clear(struct aqi_histogram *h)
{
	memset(h, 0, sizeof *h);
}
