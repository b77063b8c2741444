/* Lines by the shape of others: what is taken, what is left, what is learnt. */
#include "shape.h"

#include "base/processor.h"

static void
test_learn(void)
{
	static const char *const lines[] = {"{\"a\":1}", "{\"a\": 1, \"b\": 2}",
		"{\"a\" : 1,\"b\" : 2}", "{\"a\":1,\"b\": 2}",
		"{\"a\":1 ,\"b\":2}", "{\"a\":         1}"};
	static const bool have_commas[] = {true, true, true, true, false, true};
	struct aqi_shape shape;
	size_t n_bad = 0;

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		n_bad += !learn(&shape, aqi_slice_of(lines[i])) ||
			 shape.has_commas != have_commas[i];
	ok(n_bad == 0, "it is learnt whether values end at their commas");
	ok(learn(&shape, aqi_slice_of("{\"a\":1,\"b,\":2}")) &&
	   shape.has_texts &&
	   learn(&shape, aqi_slice_of("{\"a:\":1}")) && !shape.has_texts &&
	   learn(&shape, aqi_slice_of("{\"a\":\"\"}")) && shape.has_texts &&
	   learn(&shape, aqi_slice_of("{\"\":1,\"b\":true}")) &&
	   !shape.has_texts,
	   "strings are looked for where there were some, or keys have commas");
	ok(!aqi_shape_learn(&shape, aqi_slice_of("{}"), NULL, 0, &arena),
	   "an object of nothing has no shape");
	aqi_arena_clear(&arena);
}

int
main(void)
{
	test_learn();
	check_way("portable", aqi_shape_take_portable, 100000);
	if (aqi_processor_level() >= AQI_AVX2)
		check_way("avx2", aqi_shape_take_avx2, 100000);
	else
		skip("avx2: as the plain lane", "the processor has none");
	if (aqi_processor_level() >= AQI_AVX512)
		check_way("avx512", aqi_shape_take_avx512, 100000);
	else
		skip("avx512: as the plain lane", "the processor has none");
	return done();
}
