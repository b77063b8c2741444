/*
 * The kernels over models that libraries wrote: all files below the folder
 * that AQI_CORPORA names, as far as they are models.
 */
#include <ftw.h>

#include "planes.h"

#include "base/arena.h"
#include "base/buffer.h"
#include "base/file.h"
#include "model/trees.h"

static size_t n_models, n_without, n_different;

#define MOST_INPUTS 2000	/* of some, samples would take gigabytes */

static void
compare_kernels(const char *path, const struct aqi_forest *forest)
{
	if (aqi_forest_shape(forest).n_inputs > MOST_INPUTS)
		return;
	for (size_t k = 0; k < aqi_planes_n_kernels; k++) {
		const struct aqi_planes_kernel *kernel = &aqi_planes_kernels[k];
		struct aqi_planes *planes;
		size_t n;

		if (!aqi_planes_has_kernel(kernel->name))
			continue;
		planes = make_planes(forest, kernel->name);
		if (!planes) {
			n_without++;
			return;
		}
		n = compare(forest, planes, kernel->many) +
		    compare(forest, planes, kernel->few);
		if (n > 0)
			printf("# %s: %zu by %s\n", path, n, kernel->name);
		n_different += n;
		aqi_planes_free(planes);
	}
	n_models++;
}

static int
look_at(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	struct aqi_arena arena = {0};
	struct aqi_trees trees = {0};
	struct aqi_buffer bytes = {0};
	struct aqi_error err;

	(void)st;
	(void)ftw;
	if (kind != FTW_F)
		return 0;
	if (aqi_file_load(path, 1 << 25, AQI_E_MODEL, &bytes, &err) == AQI_OK &&
	    aqi_trees_read((struct aqi_slice){bytes.data, bytes.size}, NULL, &arena,
			   &trees, &err) == AQI_OK) {
		compare_kernels(path, trees.forest);
		aqi_forest_free(trees.forest);
	}
	aqi_buffer_free(&bytes);
	aqi_arena_free(&arena);
	return 0;
}

int
main(void)
{
	const char *folder = getenv("AQI_CORPORA");

	start_random();
	n_values = 200;
	if (!folder) {
		skip("margins of models of every library are the forest's",
		     "AQI_CORPORA is not set");
		return done();
	}
	if (nftw(folder, look_at, 16, FTW_PHYS) != 0)
		abort();
	printf("# %zu models, %zu without planes\n", n_models, n_without);
	ok(n_models > 0, "there are models below AQI_CORPORA");
	ok(n_different == 0,
	   "margins of models of every library are the forest's");
	return done();
}
