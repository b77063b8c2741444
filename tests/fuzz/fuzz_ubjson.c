/*
 * Models in UBJSON: whatever loads predicts finite margins, and whatever does
 * not says why. Looking at each value and passing over them all find the same
 * end.
 */
#include "../unit/oracle.h"
#include "../unit/quick.h"
#include "forest.h"
#include "model/trees.h"
#include "model/xgboost.h"

static void
try_passing(struct aqi_slice bytes)
{
	struct aqi_buffer text = {0};
	struct aqi_document all = aqi_document_new(&aqi_spelling_ubjson, bytes,
						   &text);
	struct aqi_document each = all;
	enum aqi_status status = aqi_document_skip(&all, NULL);

	CHECK(oracle_visit(&each) == (status == AQI_OK));
	if (status == AQI_OK)
		CHECK(each.at == all.at && each.depth == 0 && all.depth == 0);
	aqi_buffer_free(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct aqi_arena arena;
	const struct aqi_slice bytes = input_slice(data, size);
	struct aqi_trees trees;
	struct aqi_error err = {0};

	try_passing(bytes);
	if (!aqi_xgboost_is_ubjson(bytes))
		return 0;
	if (aqi_xgboost_read(bytes, NULL, &arena, &trees, &err) == AQI_OK) {
		CHECK(is_quick_same(aqi_xgboost_read, bytes, trees.forest));
		check_forest(trees.forest, data, size, NULL, NULL);
		aqi_forest_free(trees.forest);
	} else {
		CHECK(err.code == AQI_E_MODEL && err.reason[0]);
	}
	aqi_arena_clear(&arena);
	return 0;
}
