#include "record/chunk.h"

#include <stdlib.h>

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

void
aqi_chunk_free(struct aqi_chunk *chunk)
{
	free(chunk->data);
	free(chunk->records);
	*chunk = (struct aqi_chunk){0};
}
