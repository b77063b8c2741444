#include "record/shape.h"

#include "base/processor.h"
#include "record/ndjson.h"
#include "record/utf8.h"

/* Behind a colon at most so many blanks: more would not be seen in a word. */
#define MOST_GAP 8

static struct aqi_shape_part
make_part(const char *begin, const char *end)
{
	struct aqi_shape_part part = {.text = begin,
				      .size = (uint32_t)(end - begin)};
	const size_t n = part.size < AQI_SHAPE_START ? part.size :
						       AQI_SHAPE_START;

	memcpy(part.start, begin, n);
	part.mask = n < 32 ? (UINT32_C(1) << n) - 1 : UINT32_MAX;
	return part;
}

/*
 * How far the value is from its colon, of a member and what stands before it.
 * 0: a blank before the comma, too many behind the colon.
 */
static unsigned
gap_of(const struct aqi_member *member, bool is_first,
       const struct aqi_shape_part *part)
{
	const char *key_end = member->raw_key.data + member->raw_key.size;
	const char *value = member->raw_value.data;
	const char *colon = memchr(key_end, ':', (size_t)(value - key_end));
	const size_t gap = (size_t)(value - colon);

	if (gap > MOST_GAP || (!is_first && part->start[0] != ','))
		return 0;
	return (unsigned)gap;
}

static bool
has_marks(struct aqi_slice key)
{
	return memchr(key.data, ',', key.size) ||
	       memchr(key.data, ':', key.size);
}

bool
aqi_shape_learn(struct aqi_shape *shape, struct aqi_slice line,
		const struct aqi_member *members, size_t n,
		struct aqi_arena *arena)
{
	const struct aqi_slice kept = aqi_arena_copy(arena, line);
	struct aqi_shape_part *parts =
		aqi_arena_array(arena, n + 1, sizeof *parts);
	const char *end = kept.data;

	if (!parts || !kept.data || n == 0 || line.size > UINT32_MAX)
		return false;
	*shape = (struct aqi_shape){.parts = parts, .n = n};
	for (size_t i = 0; i < n; i++) {
		const struct aqi_member *m = &members[i];
		const char *value = kept.data + (m->raw_value.data - line.data);
		unsigned gap;

		parts[i] = make_part(end, value);
		end = value + m->raw_value.size;
		gap = gap_of(m, i == 0, &parts[i]);
		shape->gap = i == 0 || gap == shape->gap ? gap : 0;
		shape->has_texts |= m->value.kind == AQI_TEXT ||
				    (m->key.size && has_marks(m->key));
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
