/*
 * Compiled models: whatever is adopted predicts, and is compiled to as many
 * bytes again. Sizes and checksums are put right first, for nothing else to be
 * found than what they stand before.
 */
#include <math.h>

#include "base/buffer.h"
#include "fuzz.h"
#include "model/bundle.h"
#include "model/compiled.h"
#include "model/compiled_block.h"
#include "model/forest.h"

/* The parts as they follow: each has its size in its own seal. */
static void
repair(char *file, size_t size)
{
	struct aqi_compiled_header *h = (void *)file;
	struct aqi_compiled_part *parts;
	struct aqi_block_seal *seal;
	size_t at;

	if (size < sizeof *h || h->seal.size < sizeof *h ||
	    h->seal.size > size || h->seal.size % AQI_BLOCK_ALIGN != 0)
		return;
	parts = (void *)(file + sizeof *h);
	at = h->seal.size;
	for (size_t i = 0; i < h->n_parts && size - at >= sizeof *seal &&
	     sizeof *h + (i + 1) * sizeof *parts <= h->seal.size; i++) {
		seal = (void *)(file + at);
		if (i + 1 == h->n_parts)
			seal->size = size - at;
		if (seal->size < sizeof *seal || seal->size > size - at ||
		    seal->size % AQI_BLOCK_ALIGN != 0)
			break;
		aqi_block_finish(file + at);
		parts[i].offset = at;
		parts[i].size = seal->size;
		parts[i].checksum = seal->checksum;
		at += seal->size;
	}
	h->file_size = size;
	aqi_block_finish(file);
}

static void
predict(const struct aqi_model *model)
{
	const struct aqi_forest_shape shape = aqi_forest_shape(model->forest);
	double *x = calloc(shape.n_inputs, sizeof *x);
	double *y = calloc(shape.n_margins, sizeof *y);

	CHECK(x && y);
	aqi_forest_predict(model->forest, x, 1, y);
	for (size_t i = 0; i < shape.n_inputs; i++)
		x[i] = i % 3 == 0 ? NAN : (double)i - 2;
	aqi_forest_predict(model->forest, x, 1, y);
	free(y);
	free(x);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *bytes = aqi_block_alloc(size + 1);
	const struct aqi_slice file = {bytes, size};
	struct aqi_model model = {0};
	struct aqi_buffer again = {0};
	struct aqi_error err = {0};

	CHECK(bytes);
	memcpy(bytes, data, size);
	if (aqi_compiled_is_begun(file))
		repair(bytes, size);
	if (aqi_compiled_adopt(file, &model, &err) == AQI_OK) {
		predict(&model);
		CHECK(aqi_compiled_make(&model, &again, &err) == AQI_OK);
		CHECK(model.n_layouts > 0 || again.size == size);
	} else {
		CHECK(err.code == AQI_E_MODEL && err.reason[0]);
	}
	aqi_buffer_free(&again);
	aqi_forest_free(model.owned);
	aqi_arena_free(&model.arena);
	free(bytes);
	return 0;
}
