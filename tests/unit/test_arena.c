#include "base/arena.h"

#include <stdint.h>

#include "base/buffer.h"
#include "base/random.h"
#include "tap.h"

static void
test_arena(void)
{
	struct aqi_arena arena = {0};
	struct aqi_random random = aqi_random_new(1, 0);
	unsigned char *pieces[2000];
	size_t sizes[2000], n_bad = 0;
	struct aqi_slice empty;

	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < 2000; i++) {
			sizes[i] = aqi_random_below(&random, i % 100 ? 300 :
							     600000);
			pieces[i] = aqi_arena_alloc(&arena, sizes[i]);
			n_bad += !pieces[i] || (uintptr_t)pieces[i] % 16;
			memset(pieces[i], (int)(i & 255), sizes[i]);
		}
		for (size_t i = 0; i < 2000; i++)
			for (size_t k = 0; k < sizes[i]; k++)
				n_bad += pieces[i][k] != (i & 255);
		aqi_arena_clear(&arena);
	}
	ok(n_bad == 0, "pieces are aligned and do not overlap, in each round");
	empty = aqi_arena_copy(&arena, (struct aqi_slice){NULL, 0});
	ok(empty.data && empty.size == 0, "a copy of nothing is there");
	ok(!arena.failed, "nothing has failed so far");
	ok(!aqi_arena_array(&arena, SIZE_MAX / 4, 8) && arena.failed,
	   "a product that overflows is no memory");
	aqi_arena_clear(&arena);
	ok(!arena.failed && aqi_arena_alloc(&arena, 0),
	   "after clear the arena is as new");
	ok(!aqi_arena_alloc(&arena, SIZE_MAX) && arena.failed,
	   "a size beyond all memory is no memory");
	aqi_arena_free(&arena);
	aqi_arena_free(&arena);
	ok(!arena.blocks && !arena.spare, "free leaves nothing, and twice");
}

static void
test_buffer(void)
{
	struct aqi_buffer buffer = {0};
	size_t n_bad = 0;

	for (int i = 0; i < 100000; i++)
		aqi_buffer_add_byte(&buffer, (char)i);
	for (size_t i = 0; i < buffer.size; i++)
		n_bad += buffer.data[i] != (char)i;
	ok(buffer.size == 100000 && n_bad == 0 && !buffer.failed,
	   "bytes stand in a buffer as they were added");
	aqi_buffer_add(&buffer, NULL, 0);
	ok(buffer.size == 100000, "nothing adds nothing");
	ok(!aqi_buffer_room(&buffer, SIZE_MAX / 2) && buffer.failed,
	   "no room for more than memory holds");
	aqi_buffer_add_text(&buffer, "x");
	ok(buffer.size == 100000, "a failed buffer takes no more");
	aqi_buffer_clear(&buffer);
	aqi_buffer_add_text(&buffer, "x");
	ok(buffer.size == 1 && !buffer.failed, "clear makes it whole again");
	aqi_buffer_free(&buffer);
	aqi_buffer_free(&buffer);
	ok(!buffer.data && buffer.size == 0, "free leaves nothing, and twice");
}

int
main(void)
{
	test_arena();
	test_buffer();
	return done();
}
