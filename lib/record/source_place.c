#include "base/sum.h"
#include "record/source_parts.h"

bool
aqi_source_tell(const struct aqi_source *source, const struct aqi_chunk *chunk,
		struct aqi_position *place)
{
	uint64_t held = source->offset - chunk->offset;
	size_t n = held < AQI_TAIL_SIZE ? (size_t)held : AQI_TAIL_SIZE;

	*place = (struct aqi_position){.file = source->next_file, .line = 1};
	if (!source->is_open)
		return true;
	/* A try that gave no chunk may have passed the rest of a record that
	 * is too long, and the chunk's bytes are not those before it. */
	if (held > chunk->size)
		return false;
	if (source->skipping || held == 0 || source->in_preamble ||
	    source->lacks_header || source->units_left || source->in_trailer)
		return false;
	place->file--;
	place->offset = source->offset;
	place->line = source->line;
	place->tail_size = n;
	place->tail_sum = aqi_sum(AQI_SUM_START, (struct aqi_slice){
		chunk->data + held - n, n});
	return true;
}

void
aqi_source_resume(struct aqi_source *source, const struct aqi_position *place,
		  enum aqi_syntax syntax)
{
	source->next_file = place->file;
	source->place = *place;
	source->syntax = syntax;
}

/* Pass over bytes, up to those that are looked at; they begin the chunk. */
static enum aqi_status
pass_bytes(struct aqi_source *source, struct aqi_chunk *chunk,
	   struct aqi_error *err)
{
	const struct aqi_position *place = &source->place;
	uint64_t left = place->offset - place->tail_size;
	size_t n;

	chunk->size = chunk->n_records = 0;
	while (left > 0 || chunk->size < place->tail_size) {
		if (aqi_source_read(source, chunk, err) == AQI_FATAL)
			return AQI_FATAL;
		if (source->at_end && chunk->size < left + place->tail_size) {
			aqi_error_set(err, AQI_E_MODEL, "shorter than when the "
				      "checkpoint was written");
			return aqi_error_at(err, source->file, 0, 0);
		}
		n = left < chunk->size ? (size_t)left : chunk->size;
		memmove(chunk->data, chunk->data + n, chunk->size - n);
		chunk->size -= n;
		left -= n;
		if (left > 0 && aqi_input_pass(source->input, left))
			left = 0;
	}
	return AQI_OK;
}

enum aqi_status
aqi_source_enter(struct aqi_source *source, struct aqi_chunk *chunk,
		 struct aqi_error *err)
{
	const struct aqi_position place = source->place;
	size_t n = (size_t)place.tail_size;

	if (pass_bytes(source, chunk, err) != AQI_OK)
		return AQI_FATAL;
	if (aqi_sum(AQI_SUM_START, (struct aqi_slice){chunk->data, n}) !=
	    place.tail_sum) {
		aqi_error_set(err, AQI_E_MODEL, "not what it was when the "
			      "checkpoint was written");
		return aqi_error_at(err, source->file, place.line, 0);
	}
	aqi_buffer_add(&source->tail, chunk->data + n, chunk->size - n);
	if (source->tail.failed)
		return aqi_error_memory(err);
	source->unscanned = source->tail.size;
	source->offset = place.offset;
	source->line = source->scan_line = place.line;
	source->at_start = source->opens_file = false;
	source->place.offset = 0;
	return AQI_OK;
}
