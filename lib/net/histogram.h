/*
 * histogram.h: how often a span of time was measured, in constant memory.
 *
 * Below 1024 ns each nanosecond has a cell of its own; above, each power of two
 * has 512, so that what is read back is within 1/1024 (below 0.1 %) of what was
 * measured, from nanoseconds to 39 hours. Longer spans count as that long. The
 * least, the greatest and the mean are exact.
 *
 * The idea of cells whose width follows the value is that of G. Tene's
 * HdrHistogram.
 */
#ifndef AQI_NET_HISTOGRAM_H
#define AQI_NET_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

#define AQI_HISTOGRAM_MAX_NS ((UINT64_C(1) << 47) - 1)
#define AQI_HISTOGRAM_CELLS (1024 + 37 * 512)

/* Zero-initialised means empty; some 155 KB. One thread each. */
struct aqi_histogram {
	uint64_t count;
	uint64_t least_ns, most_ns;	/* 0 while empty */
	uint64_t sum_ns;
	uint64_t cells[AQI_HISTOGRAM_CELLS];
};

void aqi_histogram_add(struct aqi_histogram *histogram, uint64_t ns);

/* Add all that another holds. */
void aqi_histogram_merge(struct aqi_histogram *histogram,
			 const struct aqi_histogram *other);

/*
 * What a share of the measurements, 0 to 1, does not exceed: of n in order, the
 * one at place ceil(share * n), and the first for 0. 0 while empty.
 */
double aqi_histogram_at(const struct aqi_histogram *histogram, double share);

/* 0 while empty. */
double aqi_histogram_mean(const struct aqi_histogram *histogram);

void aqi_histogram_clear(struct aqi_histogram *histogram);

#endif
