/* Memory of any size, where it begins, and that it keeps what is in it. */
#include "base/large.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"

#define MIB ((size_t)1 << 20)

/* Is it where it should be, and can all of it be written to? */
static bool
is_aligned(size_t align, size_t size)
{
	char *data = aqi_large_aligned(align, size);
	bool well = data && (uintptr_t)data % align == 0;

	if (well) {
		memset(data, 7, size);
		well = data[0] == 7 && data[size - 1] == 7;
	}
	free(data);
	return well;
}

static void
test_aligned(void)
{
	static const size_t sizes[] = {1, 63, 64, 65, 4097, MIB / 2 - 1,
				       MIB / 2, MIB + 1, 2 * MIB, 5 * MIB + 3};
	bool well = true;

	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
		for (size_t align = 64; align <= 4 * MIB; align *= 256)
			well &= is_aligned(align, sizes[i]);
	ok(well, "memory of any size begins at a multiple of what is asked "
	   "for, and can be written to");
	ok(!aqi_large_aligned(64, SIZE_MAX) &&
	   !aqi_large_aligned(64, SIZE_MAX - MIB),
	   "of more than there is, there is none");
}

static void
test_grow(void)
{
	static const size_t sizes[] = {10, 1000, AQI_LARGE_SIZE,
				       4 * AQI_LARGE_SIZE};
	size_t size = 0;
	char *data = NULL;
	bool well = true;

	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		char *grown = aqi_large_grow(data, size, sizes[i]);

		if (!grown)
			exit(1);
		data = grown;
		for (size_t k = 0; k < size; k++)
			well &= data[k] == (char)(k * 7);
		size = sizes[i];
		for (size_t k = 0; k < size; k++)
			data[k] = (char)(k * 7);
	}
	ok(well, "what is in an array stays while it grows");
	aqi_large_forget(data, size, 5000, 90000);
	for (size_t k = 0; k < size; k++)
		if (k < 5000 || k >= 90000)
			well &= data[k] == (char)(k * 7);
	ok(well, "and beside what is forgotten of it");
	aqi_large_free(data, size);
}

int
main(void)
{
	test_aligned();
	test_grow();
	return done();
}
