/* Names that must all differ. */
#include "model/names.h"

#include <stdio.h>
#include <stdlib.h>

#include "model/forest.h"
#include "tap.h"

/* Is the name that is there twice, of those up to NULL, the one wanted? */
static bool
finds(const char *const *words, const char *wanted)
{
	struct aqi_slice names[8], twice;
	size_t n = 0;

	for (; words[n]; n++)
		names[n] = aqi_slice_of(words[n]);
	if (aqi_names_find_twice(names, n, &twice, NULL) != AQI_OK)
		abort();
	return wanted ? aqi_slice_is(twice, wanted) : !twice.data;
}

#define FINDS(wanted, ...)                                                    \
	finds((const char *const[]){__VA_ARGS__, NULL}, wanted)

static void
test_few(void)
{
	ok(finds((const char *const[]){NULL}, NULL), "no names all differ");
	ok(FINDS(NULL, "pm25") && FINDS(NULL, "pm25", "pm10", "o3"),
	   "so do different ones");
	ok(FINDS(NULL, "pm", "pm2", "pm25", "", "Pm"),
	   "the beginning of another is another");
	ok(FINDS("o3", "o3", "o3") && FINDS("o3", "pm25", "o3", "no2", "o3"),
	   "one that is there twice is found");
}

static void
test_many(void)
{
	const size_t n = AQI_FOREST_MAX_INPUTS;
	struct aqi_slice *names = calloc(n, sizeof *names), twice;
	char (*texts)[16] = calloc(n, sizeof *texts);
	bool differ, same;

	for (size_t i = 0; i < n; i++) {
		snprintf(texts[i], sizeof texts[i], "f%zu", i * 7919 % n);
		names[i] = aqi_slice_of(texts[i]);
	}
	differ = aqi_names_find_twice(names, n, &twice, NULL) == AQI_OK &&
		 !twice.data;
	names[n / 2] = names[n - 1];
	same = aqi_names_find_twice(names, n, &twice, NULL) == AQI_OK &&
	       aqi_slice_equal(twice, names[n - 1]);
	ok(differ && same, "among as many as a model may have, too");
	free(names);
	free(texts);
}

int
main(void)
{
	test_few();
	test_many();
	return done();
}
