/*
 * A checkpoint that is read comes out again byte for byte, so that whatever
 * was changed in one is either refused or says something else. Inputs are
 * read as they are, and with the sum that they should have.
 */
#include <inttypes.h>

#include "base/sum.h"
#include "fuzz.h"
#include "record/checkpoint.h"

static void
check(struct aqi_slice text)
{
	struct aqi_checkpoint checkpoint = {0};
	struct aqi_buffer again = {0};
	struct aqi_error err = {0};

	if (aqi_checkpoint_parse(&checkpoint, text, &err) == AQI_OK) {
		aqi_checkpoint_format(&checkpoint, &again);
		CHECK(!again.failed && again.size == text.size);
		CHECK(memcmp(again.data, text.data, text.size) == 0);
	} else {
		CHECK(err.code == AQI_E_MODEL && err.reason[0]);
	}
	aqi_buffer_free(&again);
	aqi_arena_free(&checkpoint.arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct aqi_slice text = input_slice(data, size);
	struct aqi_buffer summed = {0};

	check(text);
	aqi_buffer_add_slice(&summed, text);
	aqi_buffer_add_format(&summed, "sum %016" PRIx64 "\n",
			      aqi_sum(AQI_SUM_START, text));
	check((struct aqi_slice){summed.data, summed.size});
	aqi_buffer_free(&summed);
	return 0;
}
