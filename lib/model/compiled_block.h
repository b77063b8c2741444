/*
 * compiled_block.h: the layout of a compiled model's first block. Private: for
 * compiled.c and compiled_make.c.
 *
 * The block is the header, then these arrays in this order:
 *
 *   parts  (n_parts,)    part    of the file, behind this block, in order
 *   ends   (n_texts,)    uint32  where each text ends among the bytes
 *   bytes  (text_size,)  char    of all texts, one behind the other
 *
 * The texts are those of aqi_compiled_texts, the name of the trees' format, the
 * names of the inputs (n_names), their units (n_names), and the labels
 * (n_labels).
 */
#ifndef AQI_MODEL_COMPILED_BLOCK_H
#define AQI_MODEL_COMPILED_BLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "model/block.h"
#include "model/engine.h"

struct aqi_model;

extern const struct aqi_block_kind aqi_compiled_block_kind;

struct aqi_compiled_header {
	struct aqi_block_seal seal;
	uint64_t file_size;		/* of all blocks */
	uint32_t flags, transform;
	uint64_t lead_from_hours, lead_to_hours;
	uint64_t n_inputs, min_inputs;
	uint64_t n_names, n_labels;	/* n_inputs or 0; outputs or 0 */
	uint64_t n_parts, n_texts, text_size;
	char reserved[72];		/* zeros */
};

#define AQI_COMPILED_BUNDLE 1u
#define AQI_COMPILED_MISSING 2u		/* missing inputs are allowed */
#define AQI_COMPILED_CALIBRATED 4u	/* its manifest has a table */

/* The forest is the first part; the others are layouts (model/engine.h). */
enum aqi_compiled_part_kind {
	AQI_PART_FOREST,
	AQI_PART_LAYOUT
};

#define AQI_COMPILED_PARTS (1 + AQI_ENGINE_LAYOUTS)

struct aqi_compiled_part {
	uint32_t kind, reserved;
	uint64_t offset, size;		/* in the file */
	uint64_t checksum;		/* as its seal has it */
};

_Static_assert(sizeof(struct aqi_compiled_header) == 192,
	       "the header is three lines");

/* A limit of the format: more texts than any model has. */
#define AQI_COMPILED_MOST_TEXTS ((uint64_t)1 << 20)

struct aqi_compiled_arrays {
	const struct aqi_compiled_part *parts;
	const uint32_t *ends;
	const char *bytes;
};

/* Where the arrays of a block are. Returns its size. block may be NULL. */
uint64_t aqi_compiled_lay_out(const struct aqi_compiled_header *counts,
			      const char *block,
			      struct aqi_compiled_arrays *arrays);

/* The texts that every model has. */
#define AQI_COMPILED_TEXTS 12

/* Where a model keeps text i of them. */
struct aqi_slice *aqi_compiled_text(size_t i, struct aqi_model *model);

#endif
