#include "record/shape.h"

#include "base/processor.h"
#include "record/ndjson.h"
#include "record/utf8.h"

static struct aqi_shape_part
make_part(const char *begin, const char *end)
{
	struct aqi_shape_part part = {.text = begin,
				      .size = (uint32_t)(end - begin)};
	const size_t n = part.size < AQI_SHAPE_START ? part.size :
						       AQI_SHAPE_START;

	memcpy(part.start, begin, n);
	memset(part.mask, 0xff, n);
	return part;
}

bool
aqi_shape_learn(struct aqi_shape *shape, struct aqi_slice line,
		const struct aqi_member *members, size_t n,
		struct aqi_arena *arena)
{
	const struct aqi_slice kept = aqi_arena_copy(arena, line);
	struct aqi_shape_part *parts =
		aqi_arena_array(arena, n + 1, sizeof *parts);
	uint32_t *sizes = aqi_arena_array(arena, n, sizeof *sizes);
	const char *end = kept.data;

	if (!parts || !sizes || !kept.data || n == 0 || line.size > UINT32_MAX)
		return false;
	*shape = (struct aqi_shape){.parts = parts, .sizes = sizes, .n = n,
				    .has_commas = true};
	for (size_t i = 0; i < n; i++) {
		const struct aqi_member *m = &members[i];
		const char *value = kept.data + (m->raw_value.data - line.data);

		parts[i] = make_part(end, value);
		sizes[i] = parts[i].size;
		end = value + m->raw_value.size;
		shape->has_commas &= i == 0 || parts[i].start[0] == ',';
		shape->has_texts |= m->value.kind == AQI_TEXT ||
				    (m->key.size &&
				     memchr(m->key.data, ',', m->key.size));
	}
	parts[n] = make_part(end, kept.data + kept.size);
	for (size_t i = 0; i <= n; i++) {
		shape->size += parts[i].size;
		shape->has_long |= parts[i].size > AQI_SHAPE_START;
	}
	return true;
}

/* A value that ends where it does by itself, wherever that is. */
static bool
take_value(const char **p, const char *end, const char *base,
	   struct aqi_extent *extent)
{
	struct aqi_field value;
	const char *begin = *p;

	if (!aqi_ndjson_take_value(p, end, &value))
		return false;
	*extent = aqi_extent_of((uint32_t)(value.data - base), value.size,
				(enum aqi_kind)value.kind);
	return value.kind != AQI_TEXT ||
	       aqi_utf8_check((struct aqi_slice){
		       begin, (size_t)(*p - begin)}) == (size_t)(*p - begin);
}

bool
aqi_shape_take_portable(const struct aqi_shape *shape, const char *base,
			struct aqi_slice line, struct aqi_extent *extents)
{
	const char *p = line.data, *end = line.data + line.size;

	if (line.size < shape->size ||
	    line.size + (size_t)(line.data - base) >= AQI_EXTENT_SIZE_LIMIT)
		return false;
	for (size_t i = 0; i <= shape->n; i++) {
		const struct aqi_shape_part *part = &shape->parts[i];

		if ((size_t)(end - p) < part->size ||
		    memcmp(p, part->text, part->size) != 0)
			return false;
		p += part->size;
		if (i < shape->n && !take_value(&p, end, base, &extents[i]))
			return false;
	}
	return p == end;
}

aqi_shape_fn *
aqi_shape_best(void)
{
	const enum aqi_level level = aqi_processor_level();

	return level >= AQI_AVX512 ? aqi_shape_take_avx512 :
	       level >= AQI_AVX2   ? aqi_shape_take_avx2 :
				     aqi_shape_take_portable;
}
