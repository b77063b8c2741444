#include "model/compiled.h"

#include "model/bundle.h"
#include "model/compiled_block.h"
#include "model/forest.h"
#include "model/names.h"
#include "model/trees.h"
#include "record/utf8.h"

const struct aqi_block_kind aqi_compiled_block_kind = {
	.magic = {'A', 'Q', 'I', 'M', 'O', 'D', 'E', 'L'},
	.version = 1,
	.name = "a compiled model",
};

bool
aqi_compiled_is_begun(struct aqi_slice bytes)
{
	return aqi_block_is_begun(&aqi_compiled_block_kind, bytes);
}

uint64_t
aqi_compiled_lay_out(const struct aqi_compiled_header *h, const char *block,
		     struct aqi_compiled_arrays *a)
{
	char *const start = (char *)(uintptr_t)block;
	uint64_t at = sizeof *h;

	a->parts = aqi_block_take(start, &at, h->n_parts, sizeof *a->parts);
	a->ends = aqi_block_take(start, &at, h->n_texts, sizeof *a->ends);
	a->bytes = aqi_block_take(start, &at, h->text_size, 1);
	return at;
}

struct aqi_slice *
aqi_compiled_text(size_t i, struct aqi_model *model)
{
	struct aqi_slice *const texts[AQI_COMPILED_TEXTS] = {
		&model->name, &model->version, &model->description,
		&model->licence, &model->standard, &model->revision,
		&model->target, &model->manifest, &model->trees_file,
		&model->trees_sha256, &model->objective, &model->writer,
	};

	return texts[i];
}

/* A file while it is read. */
struct file {
	struct aqi_slice bytes;
	const struct aqi_compiled_header *header;
	struct aqi_compiled_arrays arrays;
};

static const char *
check_header(const struct aqi_compiled_header *h, size_t file_size)
{
	static const char zeros[sizeof h->reserved];
	struct aqi_compiled_arrays arrays;

	if (h->file_size != file_size)
		return "is cut short, or has bytes behind it";
	if (h->n_parts < 1 || h->n_parts > AQI_COMPILED_PARTS ||
	    h->n_texts > AQI_COMPILED_MOST_TEXTS || h->text_size > UINT32_MAX ||
	    h->n_inputs < 1 || h->n_inputs > AQI_FOREST_MAX_INPUTS ||
	    h->n_labels > AQI_FOREST_MAX_MARGINS)
		return "is damaged: a count is out of range";
	if (h->n_texts != AQI_COMPILED_TEXTS + 1 + 2 * h->n_names + h->n_labels)
		return "is damaged: there are more texts, or fewer";
	if (aqi_compiled_lay_out(h, NULL, &arrays) != h->seal.size)
		return "is damaged: its parts do not fill it";
	if (h->flags > (AQI_COMPILED_BUNDLE | AQI_COMPILED_MISSING |
			AQI_COMPILED_CALIBRATED) ||
	    h->transform > AQI_TRANSFORM_LAST ||
	    h->lead_from_hours > h->lead_to_hours ||
	    h->min_inputs > h->n_inputs ||
	    (h->n_names != h->n_inputs &&
	     (h->n_names != 0 || h->flags & AQI_COMPILED_BUNDLE)) ||
	    memcmp(h->reserved, zeros, sizeof zeros) != 0)
		return "is damaged: the header";
	return NULL;
}

/* The parts fill what is behind the first block, each once and in order. */
static bool
check_parts(const struct file *f)
{
	const struct aqi_compiled_header *h = f->header;
	uint64_t at = h->seal.size;
	struct aqi_block_seal seal;

	for (uint64_t i = 0; i < h->n_parts; i++) {
		const struct aqi_compiled_part *part = &f->arrays.parts[i];

		if (part->kind != (i == 0 ? AQI_PART_FOREST :
					    AQI_PART_LAYOUT) ||
		    part->reserved != 0 || part->offset != at ||
		    part->size < sizeof seal ||
		    part->size % AQI_BLOCK_ALIGN != 0 ||
		    part->size > f->bytes.size - at)
			return false;
		memcpy(&seal, f->bytes.data + at, sizeof seal);
		if (seal.checksum != part->checksum)
			return false;
		at += part->size;
	}
	return at == f->bytes.size;
}

static struct aqi_slice
text(const struct file *f, size_t i)
{
	const uint32_t start = i > 0 ? f->arrays.ends[i - 1] : 0;

	return (struct aqi_slice){f->arrays.bytes + start,
				  f->arrays.ends[i] - start};
}

static bool
check_texts(const struct file *f)
{
	const struct aqi_compiled_header *h = f->header;

	for (uint64_t i = 0; i < h->n_texts; i++) {
		if (f->arrays.ends[i] < (i > 0 ? f->arrays.ends[i - 1] : 0) ||
		    f->arrays.ends[i] > h->text_size)
			return false;
		if (aqi_utf8_check(text(f, i)) != text(f, i).size)
			return false;
	}
	return f->arrays.ends[h->n_texts - 1] == h->text_size;
}

/* Is the first block whole, and are the others where it says? */
static const char *
check_file(struct file *f)
{
	struct aqi_slice first = f->bytes;
	struct aqi_block_seal seal;
	const char *fault;

	if (first.size >= sizeof seal) {
		memcpy(&seal, first.data, sizeof seal);
		if (seal.size < first.size)
			first.size = seal.size;
	}
	fault = aqi_block_check(&aqi_compiled_block_kind, first);
	if (!fault && first.size < sizeof *f->header)
		fault = "is cut short";
	if (fault)
		return fault;
	f->header = (const void *)first.data;
	fault = check_header(f->header, f->bytes.size);
	if (fault)
		return fault;
	aqi_compiled_lay_out(f->header, first.data, &f->arrays);
	if (!check_parts(f))
		return "is damaged: a part is not where it should be";
	return check_texts(f) ? NULL : "is damaged: a text is not one";
}

static enum aqi_status
read_list(const struct file *f, size_t first, size_t n, struct aqi_model *model,
	  struct aqi_slice **list, struct aqi_error *err)
{
	*list = aqi_arena_array(&model->arena, n, sizeof **list);
	if (!*list)
		return aqi_error_memory(err);
	for (size_t i = 0; i < n; i++)
		(*list)[i] = text(f, first + i);
	return AQI_OK;
}

static enum aqi_status
read_lists(const struct file *f, struct aqi_model *model, struct aqi_error *err)
{
	const size_t n = f->header->n_inputs, n_names = f->header->n_names;
	size_t at = AQI_COMPILED_TEXTS + 1;

	model->n_inputs = n;
	model->n_labels = f->header->n_labels;
	model->has_names = n_names > 0;
	if (model->has_names) {
		if (read_list(f, at, n, model, &model->inputs, err) ||
		    read_list(f, at + n, n, model, &model->units, err))
			return AQI_FATAL;
		at += 2 * n;
	}
	return read_list(f, at, model->n_labels, model, &model->labels, err);
}

/* One of the formats that aqi_trees_read reads; "": not told. */
static const char *
find_format(struct aqi_slice name)
{
	for (size_t i = 0; aqi_trees_formats[i]; i++)
		if (aqi_slice_is(name, aqi_trees_formats[i]))
			return aqi_trees_formats[i];
	return name.size == 0 ? "" : NULL;
}

static enum aqi_status
damaged(struct aqi_error *err, const char *what)
{
	return aqi_error_set(err, AQI_E_MODEL,
			     "the compiled model is damaged: %s", what);
}

/* Names of a bundle are what its columns are called: none empty, or twice. */
static enum aqi_status
check_names(const struct aqi_slice *names, size_t n, struct aqi_error *err)
{
	struct aqi_slice twice;

	for (size_t i = 0; i < n; i++)
		if (names[i].size == 0)
			return damaged(err, "a name is not one");
	if (aqi_names_find_twice(names, n, &twice, err) != AQI_OK)
		return AQI_FATAL;
	return twice.data ? damaged(err, "a name is not one") : AQI_OK;
}

static enum aqi_status
read_texts(const struct file *f, struct aqi_model *model, struct aqi_error *err)
{
	const bool is_bundle = f->header->flags & AQI_COMPILED_BUNDLE;

	for (size_t i = 0; i < AQI_COMPILED_TEXTS; i++)
		*aqi_compiled_text(i, model) = text(f, i);
	model->format = find_format(text(f, AQI_COMPILED_TEXTS));
	if (!model->format)
		return damaged(err, "no such format of trees");
	if (read_lists(f, model, err) != AQI_OK)
		return AQI_FATAL;
	if (model->name.size == 0 || is_bundle != (model->manifest.size > 0))
		return damaged(err, "a name is not one");
	return is_bundle ? check_names(model->inputs, model->n_inputs, err) :
			   AQI_OK;
}

static void
read_numbers(const struct aqi_compiled_header *h, struct aqi_model *model)
{
	model->lead_from_hours = h->lead_from_hours;
	model->lead_to_hours = h->lead_to_hours;
	model->min_inputs = h->min_inputs;
	model->allows_missing = h->flags & AQI_COMPILED_MISSING;
	model->has_calibration = h->flags & AQI_COMPILED_CALIBRATED;
	model->transform = (enum aqi_transform)h->transform;
}

static struct aqi_slice
part(const struct file *f, size_t i)
{
	return (struct aqi_slice){f->bytes.data + f->arrays.parts[i].offset,
				  f->arrays.parts[i].size};
}

static enum aqi_status
read_forest(const struct file *f, struct aqi_model *model,
	    struct aqi_error *err)
{
	struct aqi_forest_shape shape;

	model->forest = model->owned = aqi_forest_adopt(part(f, 0), err);
	if (!model->forest)
		return AQI_FATAL;
	shape = aqi_forest_shape(model->forest);
	if (shape.n_inputs != model->n_inputs ||
	    (model->n_labels > 0 &&
	     model->n_labels != aqi_link_outputs(&shape.link,
						 shape.n_margins)))
		return damaged(err, "its forest is of another shape");
	return AQI_OK;
}

/* A file that was damaged is to be refused now, not when a layout is used. */
static enum aqi_status
read_layouts(const struct file *f, struct aqi_model *model,
	     struct aqi_error *err)
{
	for (size_t i = 1; i < f->header->n_parts; i++) {
		const char *fault = aqi_block_check_seal(part(f, i));

		if (fault)
			return aqi_error_set(err, AQI_E_MODEL, "a layout of "
					     "the compiled model %s", fault);
		model->layouts[model->n_layouts++] = part(f, i);
	}
	return AQI_OK;
}

enum aqi_status
aqi_compiled_adopt(struct aqi_slice file, struct aqi_model *model,
		   struct aqi_error *err)
{
	struct file f = {.bytes = file};
	const char *fault = check_file(&f);

	if (fault)
		return aqi_error_set(err, AQI_E_MODEL,
				     "the compiled model %s", fault);
	if (read_texts(&f, model, err) != AQI_OK)
		return AQI_FATAL;
	read_numbers(f.header, model);
	if (read_forest(&f, model, err) != AQI_OK)
		return AQI_FATAL;
	return read_layouts(&f, model, err);
}
