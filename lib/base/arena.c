#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>

/* Larger blocks waste memory on a slow stream, smaller ones call malloc more
 * often on a fast one; a chunk of 128 KiB fills two or three of these. */
#define BLOCK_SIZE ((size_t)256 * 1024)

struct aqi_arena_block {
	struct aqi_arena_block *next;
	size_t size;
	size_t used;
	alignas(max_align_t) char data[];
};

/* Sizes are powers of two, so that a block fits again when the next round
 * needs a little more. */
static struct aqi_arena_block *
block_new(size_t size)
{
	struct aqi_arena_block *block;
	size_t room = BLOCK_SIZE;

	while (room < size)
		room *= 2;
	block = malloc(sizeof *block + room);
	if (block)
		*block = (struct aqi_arena_block){.size = room};
	return block;
}

/* A spare block that holds size bytes, or a new one. */
static struct aqi_arena_block *
block_find(struct aqi_arena *arena, size_t size)
{
	struct aqi_arena_block **link = &arena->spare, *block;

	for (; (block = *link); link = &block->next) {
		if (block->size >= size) {
			*link = block->next;
			return block;
		}
	}
	return block_new(size);
}

/* size bytes at a multiple of align, which is a power of two. */
static void *
take(struct aqi_arena *arena, size_t size, size_t align)
{
	struct aqi_arena_block *block = arena->blocks;
	size_t start = block ? (block->used + align - 1) & ~(align - 1) : 0;

	if (size > SIZE_MAX / 2) {
		arena->failed = true;
		return NULL;
	}
	if (!block || start > block->size || block->size - start < size) {
		block = block_find(arena, size);
		if (!block) {
			arena->failed = true;
			return NULL;
		}
		start = 0;
		block->next = arena->blocks;
		arena->blocks = block;
	}
	block->used = start + size;
	return block->data + start;
}

void *
aqi_arena_alloc(struct aqi_arena *arena, size_t size)
{
	return take(arena, size, alignof(max_align_t));
}

void *
aqi_arena_array(struct aqi_arena *arena, size_t n, size_t size)
{
	if (size && n > SIZE_MAX / 2 / size) {
		arena->failed = true;
		return NULL;
	}
	return aqi_arena_alloc(arena, n * size);
}

struct aqi_slice
aqi_arena_copy(struct aqi_arena *arena, struct aqi_slice s)
{
	char *data = take(arena, s.size, 1);

	if (!data)
		return (struct aqi_slice){0};
	if (s.size)
		memcpy(data, s.data, s.size);
	return (struct aqi_slice){data, s.size};
}

void
aqi_arena_clear(struct aqi_arena *arena)
{
	struct aqi_arena_block *block;

	while ((block = arena->blocks)) {
		arena->blocks = block->next;
		block->next = arena->spare;
		arena->spare = block;
	}
	arena->failed = false;
}

void
aqi_arena_absorb(struct aqi_arena *arena, struct aqi_arena *other)
{
	struct aqi_arena_block **end = &other->blocks;

	/* The other's may be many, but are walked once in their life. */
	while (*end)
		end = &(*end)->next;
	*end = arena->blocks;
	arena->blocks = other->blocks;
	other->blocks = NULL;
}

void
aqi_arena_free(struct aqi_arena *arena)
{
	struct aqi_arena_block *block;

	aqi_arena_clear(arena);
	while ((block = arena->spare)) {
		arena->spare = block->next;
		free(block);
	}
}
