/* arena.h: memory for many small things that are forgotten together. */
#ifndef AQI_BASE_ARENA_H
#define AQI_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

struct aqi_arena_block;

/* Zero-initialised means empty. One thread each. */
struct aqi_arena {
	struct aqi_arena_block *blocks;	/* the one in use first */
	struct aqi_arena_block *spare;	/* kept by aqi_arena_clear */
	bool failed;			/* memory ran out at some call */
};

/* size bytes, aligned for any type, borrowed until clear or free; or NULL. */
void *aqi_arena_alloc(struct aqi_arena *arena, size_t size);

/* The same for n elements of size bytes, with a checked product. */
void *aqi_arena_array(struct aqi_arena *arena, size_t n, size_t size);

/* A copy; {NULL, 0} without memory. */
struct aqi_slice aqi_arena_copy(struct aqi_arena *arena, struct aqi_slice s);

/* Forget all, keep the blocks for the next round. */
void aqi_arena_clear(struct aqi_arena *arena);

/* Take over all that another arena holds, to be forgotten together. */
void aqi_arena_absorb(struct aqi_arena *arena, struct aqi_arena *other);

void aqi_arena_free(struct aqi_arena *arena);

#endif
