#include "record/chunk.h"

#include <stdlib.h>
#include <string.h>

#define WORD 8

bool
aqi_chunk_make_room(struct aqi_chunk *chunk, size_t n)
{
	size_t capacity = chunk->capacity ? chunk->capacity :
					    AQI_CHUNK_SIZE + AQI_READ_SIZE;
	char *data;

	while (capacity - chunk->size < n)
		capacity *= 2;
	if (capacity == chunk->capacity)
		return true;
	data = realloc(chunk->data, capacity);
	if (!data)
		return false;
	/* Values are looked at by words: of a file that has less than one, the
	 * rest is nothing by chance. */
	if (!chunk->data)
		memset(data, 0, WORD);
	chunk->data = data;
	chunk->capacity = capacity;
	return true;
}

bool
aqi_chunk_make_records(struct aqi_chunk *chunk, size_t n)
{
	size_t capacity = chunk->records_capacity;
	struct aqi_span *records = chunk->records;

	if (capacity - chunk->n_records >= n)
		return true;
	if (capacity == 0)
		capacity = 1024;
	while (capacity - chunk->n_records < n)
		capacity *= 2;
	records = realloc(records, capacity * sizeof *records);
	if (!records)
		return false;
	chunk->records = records;
	chunk->records_capacity = capacity;
	return true;
}

bool
aqi_chunk_split(struct aqi_chunk *chunk, size_t n, struct aqi_chunk *rest)
{
	const size_t start = chunk->records[n].start;

	rest->size = rest->n_records = 0;
	if (!aqi_chunk_make_room(rest, chunk->size - start + 1) ||
	    !aqi_chunk_make_records(rest, chunk->n_records - n))
		return false;
	rest->file = chunk->file;
	rest->opens_file = false;
	rest->is_cut = chunk->is_cut;
	rest->is_decoded = chunk->is_decoded;
	rest->is_open = chunk->is_open;
	rest->offset = chunk->offset + start;
	rest->longest = chunk->longest;
	rest->size = chunk->size - start;
	memcpy(rest->data, chunk->data + start, rest->size);
	for (size_t i = n; i < chunk->n_records; i++) {
		const struct aqi_span *record = &chunk->records[i];

		aqi_chunk_put(rest, record->start - start, record->size,
			      record->line);
	}
	chunk->n_records = n;
	chunk->size = start;
	chunk->is_cut = chunk->is_open = false;
	return true;
}

void
aqi_chunk_free(struct aqi_chunk *chunk)
{
	free(chunk->data);
	free(chunk->records);
	*chunk = (struct aqi_chunk){0};
}
