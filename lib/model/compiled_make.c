#include <stdlib.h>

#include "base/buffer.h"
#include "model/bundle.h"
#include "model/compiled.h"
#include "model/compiled_block.h"
#include "model/engine.h"
#include "model/forest.h"

/* A file while it is made. */
struct maker {
	struct aqi_model model;		/* a copy, to be read only */
	struct aqi_compiled_header header;
	struct aqi_slice parts[AQI_COMPILED_PARTS];
};

/* Text i of all; see compiled_block.h. */
static struct aqi_slice
text(struct maker *maker, size_t i)
{
	struct aqi_model *m = &maker->model;
	const size_t n = maker->header.n_names;

	if (i < AQI_COMPILED_TEXTS)
		return *aqi_compiled_text(i, m);
	i -= AQI_COMPILED_TEXTS;
	if (i-- == 0)
		return aqi_slice_of(m->format);
	if (i < n)
		return m->inputs[i];
	if (i < 2 * n)
		return m->units[i - n];
	return m->labels[i - 2 * n];
}

/* Everything of the header but what the seal has. Returns the block's size. */
static uint64_t
fill_header(struct maker *maker)
{
	const struct aqi_model *m = &maker->model;
	struct aqi_compiled_header *h = &maker->header;
	struct aqi_compiled_arrays arrays;
	uint64_t size;

	h->flags = (m->manifest.size > 0 ? AQI_COMPILED_BUNDLE : 0) |
		   (m->allows_missing ? AQI_COMPILED_MISSING : 0) |
		   (m->has_calibration ? AQI_COMPILED_CALIBRATED : 0);
	h->transform = m->transform;
	h->lead_from_hours = m->lead_from_hours;
	h->lead_to_hours = m->lead_to_hours;
	h->n_inputs = m->n_inputs;
	h->min_inputs = m->min_inputs;
	h->n_names = m->has_names ? m->n_inputs : 0;
	h->n_labels = m->n_labels;
	h->n_texts = AQI_COMPILED_TEXTS + 1 + 2 * h->n_names + h->n_labels;
	for (size_t i = 0; i < h->n_texts; i++)
		h->text_size += text(maker, i).size;
	size = aqi_compiled_lay_out(h, NULL, &arrays);
	h->file_size = size;
	for (size_t i = 0; i < h->n_parts; i++)
		h->file_size += maker->parts[i].size;
	return size;
}

static void
fill_parts(const struct maker *maker, uint64_t at,
	   struct aqi_compiled_part *parts)
{
	struct aqi_block_seal seal;

	for (size_t i = 0; i < maker->header.n_parts; i++) {
		memcpy(&seal, maker->parts[i].data, sizeof seal);
		parts[i] = (struct aqi_compiled_part){
			.kind = i == 0 ? AQI_PART_FOREST : AQI_PART_LAYOUT,
			.offset = at, .size = seal.size,
			.checksum = seal.checksum,
		};
		at += seal.size;
	}
}

static void
fill_texts(struct maker *maker, uint32_t *ends, char *bytes)
{
	uint32_t at = 0;

	for (size_t i = 0; i < maker->header.n_texts; i++) {
		const struct aqi_slice s = text(maker, i);

		if (s.size > 0)
			memcpy(bytes + at, s.data, s.size);
		at += (uint32_t)s.size;
		ends[i] = at;
	}
}

/* The first block; NULL without memory. */
static char *
make_first(struct maker *maker, uint64_t size)
{
	char *block = aqi_block_new_with(&aqi_compiled_block_kind, size,
					 &maker->header, sizeof maker->header);
	struct aqi_compiled_arrays a;

	if (!block)
		return NULL;
	aqi_compiled_lay_out(&maker->header, block, &a);
	fill_parts(maker, size, (struct aqi_compiled_part *)a.parts);
	fill_texts(maker, (uint32_t *)a.ends, (char *)a.bytes);
	aqi_block_finish(block);
	return block;
}

enum aqi_status
aqi_compiled_make(const struct aqi_model *model, struct aqi_buffer *file,
		  struct aqi_error *err)
{
	struct maker maker = {.model = *model};
	uint64_t size;
	char *first;

	maker.parts[0] = aqi_forest_bytes(model->forest);
	maker.header.n_parts = 1 + (model->engine ?
		aqi_engine_blocks(model->engine, maker.parts + 1) : 0);
	size = fill_header(&maker);
	if (maker.header.text_size > UINT32_MAX)
		return aqi_error_set(err, AQI_E_LIMIT, "the texts of the "
				     "model are above the limit of 4 GiB");
	first = make_first(&maker, size);
	if (!first)
		return aqi_error_memory(err);
	aqi_buffer_add(file, first, size);
	free(first);
	for (size_t i = 0; i < maker.header.n_parts; i++)
		aqi_buffer_add_slice(file, maker.parts[i]);
	return file->failed ? aqi_error_memory(err) : AQI_OK;
}
