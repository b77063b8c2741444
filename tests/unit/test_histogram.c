#include "net/histogram.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "tap.h"

#define N 200000

static int
by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The histogram's share beside that of all the sorted measurements. */
static double
worst_error(const struct aqi_histogram *h, const uint64_t *sorted, size_t n)
{
	static const double shares[] = {
		0, 0.0001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999,
		0.9999, 1,
	};
	double worst = 0;

	for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
		size_t place = (size_t)ceil(shares[i] * (double)n);
		double exact = (double)sorted[place ? place - 1 : 0];
		double error = fabs(aqi_histogram_at(h, shares[i]) - exact);

		worst = fmax(worst, exact > 0 ? error / exact : error);
	}
	return worst;
}

/* From 1 ns to 20 hours, each order of magnitude as often as the others. */
static uint64_t
draw(struct aqi_random *random)
{
	return (uint64_t)exp(aqi_random_unit(random) * log(7.2e13));
}

static void
test_error(void)
{
	static uint64_t all[N];
	const char *given = getenv("SEED");
	uint64_t seed = given ? strtoull(given, NULL, 10) : 4, sum = 0;
	struct aqi_random random = aqi_random_new(seed, 0);
	struct aqi_histogram *h = calloc(3, sizeof *h);

	note("SEED=%llu", (unsigned long long)seed);
	for (size_t i = 0; i < N; i++) {
		all[i] = draw(&random);
		aqi_histogram_add(&h[i % 3 == 0], all[i]);
		aqi_histogram_add(&h[2], all[i]);
		sum += all[i];
	}
	aqi_histogram_merge(&h[0], &h[1]);
	ok(memcmp(&h[0], &h[2], sizeof *h) == 0,
	   "two merged are as one that saw all");
	qsort(all, N, sizeof *all, by_size);
	ok(worst_error(&h[2], all, N) <= 0.001,
	   "each quantile is within 0.1 %% of the exact one");
	ok(h[2].count == N && h[2].least_ns == all[0] &&
	   h[2].most_ns == all[N - 1], "count, least and greatest are exact");
	ok(aqi_histogram_mean(&h[2]) == (double)sum / N,
	   "and so is the mean");
	free(h);
}

/* Each value by itself: the bound holds at each edge of each cell. */
static void
test_edges(void)
{
	struct aqi_histogram *h = calloc(1, sizeof *h);
	size_t n_bad = 0;

	for (unsigned bit = 0; bit < 47; bit++) {
		for (uint64_t part = 0; part < 512 * 4; part++) {
			uint64_t x = (UINT64_C(1) << bit) +
				     ((part << bit) >> 11);
			double found;

			aqi_histogram_clear(h);
			aqi_histogram_add(h, x);
			aqi_histogram_add(h, 0);
			aqi_histogram_add(h, AQI_HISTOGRAM_MAX_NS);
			found = aqi_histogram_at(h, 0.5);
			n_bad += !(fabs(found - (double)x) <=
				   (double)x / 1024);
		}
	}
	ok(n_bad == 0, "what is read back is within 1/1024 at each edge");
	aqi_histogram_clear(h);
	ok(aqi_histogram_at(h, 0.5) == 0 && aqi_histogram_mean(h) == 0,
	   "an empty one says 0");
	aqi_histogram_add(h, AQI_HISTOGRAM_MAX_NS - 1);
	ok(h->most_ns == AQI_HISTOGRAM_MAX_NS - 1,
	   "what is nearly the longest counts as it is");
	aqi_histogram_add(h, AQI_HISTOGRAM_MAX_NS + 1);
	ok(h->most_ns == AQI_HISTOGRAM_MAX_NS,
	   "a nanosecond more than the longest counts as the longest");
	aqi_histogram_clear(h);
	aqi_histogram_add(h, UINT64_MAX);
	ok(h->most_ns == AQI_HISTOGRAM_MAX_NS &&
	   aqi_histogram_at(h, 0.5) == (double)AQI_HISTOGRAM_MAX_NS,
	   "what is longer than the longest counts as that");
	free(h);
}

int
main(void)
{
	test_error();
	test_edges();
	return done();
}
