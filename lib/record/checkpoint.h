/*
 * checkpoint.h: how far a run has come, in a file, for another run to go on.
 *
 * The file is text, a line for each thing, in a fixed order, with a sum of all
 * of it in the last line. There is one way to write a checkpoint down: what is
 * read comes out again byte for byte, so that a file that was cut or changed
 * anywhere is refused.
 */
#ifndef AQI_RECORD_CHECKPOINT_H
#define AQI_RECORD_CHECKPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "record/pipe.h"
#include "record/reader.h"
#include "record/sink.h"

/* An input as it was: both numbers are 0 where it is no regular file. */
struct aqi_checkpoint_input {
	struct aqi_slice name;
	uint64_t size, mtime_ns;
};

/* What else a run depends on, such as a model, by the sum of its bytes. */
struct aqi_checkpoint_part {
	struct aqi_slice name;
	uint64_t sum;
};

/* Plain data; the texts and arrays are borrowed, or the arena's. */
struct aqi_checkpoint {
	struct aqi_slice program;	/* name and version */
	const struct aqi_slice *options;	/* (n_options,) words */
	size_t n_options;
	const struct aqi_checkpoint_part *parts;	/* (n_parts,) */
	size_t n_parts;
	const struct aqi_checkpoint_input *inputs;	/* (n_inputs,) */
	size_t n_inputs;
	bool is_complete;	/* the outputs only lack their names */
	struct aqi_reader_position at;
	struct aqi_counts counts;
	uint64_t messages[AQI_E_MEMORY + 1];	/* so far, by kind */
	struct aqi_mark out, rejects;
	struct aqi_arena arena;
};

/* Write down; out->failed without memory. */
void aqi_checkpoint_format(const struct aqi_checkpoint *checkpoint,
			   struct aqi_buffer *out);

/*
 * Take a checkpoint from its text, into one that is zero-initialised and that
 * aqi_arena_free of its arena gives up in any case. Fails with AQI_E_MODEL
 * where it is none, one of another version, or damaged; and without memory.
 */
enum aqi_status aqi_checkpoint_parse(struct aqi_checkpoint *checkpoint,
				     struct aqi_slice text,
				     struct aqi_error *err) AQI_MUST_CHECK;

/*
 * Read a file. AQI_END: there is none. Else as above; AQI_E_MODEL too where it
 * cannot be read. path is borrowed by err.
 */
enum aqi_status aqi_checkpoint_load(struct aqi_checkpoint *checkpoint,
				    const char *path, struct aqi_error *err)
	AQI_MUST_CHECK;

/*
 * Replace a file, or make it: after a crash it is the old one or the new one,
 * whole. Fails with AQI_E_IO.
 */
enum aqi_status aqi_checkpoint_save(const struct aqi_checkpoint *checkpoint,
				    const char *path, struct aqi_error *err)
	AQI_MUST_CHECK;

#endif
