/*
 * chunk.h: some records of a file, one behind the other, as they were read.
 *
 * Of an input that comes fast, a chunk is full; of a slow one, it may be one
 * record, or none that is whole. It depends on no other chunk (record/source.h
 * makes them).
 */
#ifndef AQI_RECORD_CHUNK_H
#define AQI_RECORD_CHUNK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

/* Larger chunks save system calls and keep less of the work in the cache:
 * 128 KiB of rows, their fields and their text stay within a second-level
 * cache of 1 MiB. */
#define AQI_CHUNK_SIZE ((size_t)128 * 1024)

/* A read has room for as much at least, behind a chunk that is nearly full too:
 * one that comes in pieces from a pipe does not grow to twice its size. */
#define AQI_READ_SIZE (AQI_CHUNK_SIZE / 8)

/* The bytes of one record in its chunk, without the line end. */
struct aqi_span {
	size_t start, size;
	uint64_t line;		/* of the file, from 1 */
};

struct aqi_chunk {
	const char *file;	/* as named to the source; "-" is stdin */
	bool opens_file;	/* its first record is the file's first */
	bool is_cut;		/* of its last record, only the start is here:
				 * it is longer than the limit */
	bool is_decoded;	/* the text is not what the file's bytes are */
	bool is_open;		/* its last record has no newline: the file
				 * ends there */
	uint64_t offset;	/* of data[0] in the text */
	char *data;
	size_t size, capacity;
	struct aqi_span *records;	/* (n_records,) */
	size_t n_records, records_capacity;
	size_t longest;		/* no record has more bytes */
};

/* A record's bytes. */
static inline struct aqi_slice
aqi_chunk_record(const struct aqi_chunk *chunk, size_t i)
{
	return (struct aqi_slice){chunk->data + chunk->records[i].start,
				  chunk->records[i].size};
}

/* Does a chunk hold as much as one does of an input that comes fast? */
static inline bool
aqi_chunk_is_full(const struct aqi_chunk *chunk)
{
	return chunk->size >= AQI_CHUNK_SIZE;
}

/* Have room for n more bytes, of a new chunk for as many as a full one has;
 * false without memory. A long record doubles it: its bytes are copied twice at
 * most. */
bool aqi_chunk_make_room(struct aqi_chunk *chunk, size_t n);

/* Have room for n more records; false without memory. */
bool aqi_chunk_make_records(struct aqi_chunk *chunk, size_t n);

/* Add a record, for which there is room. */
static inline void
aqi_chunk_put(struct aqi_chunk *chunk, size_t start, size_t size, uint64_t line)
{
	chunk->records[chunk->n_records++] =
		(struct aqi_span){start, size, line};
	if (size > chunk->longest)
		chunk->longest = size;
}

/* Copy the records from the n-th on, and the bytes behind them, to another
 * chunk, which may have been used before; the chunk keeps those before it.
 * false without memory, nothing changed. */
bool aqi_chunk_split(struct aqi_chunk *chunk, size_t n, struct aqi_chunk *rest);

void aqi_chunk_free(struct aqi_chunk *chunk);

#endif
