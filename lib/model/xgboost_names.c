#include "model/xgboost_names.h"

#include "model/forest.h"
#include "model/member.h"
#include "model/names.h"

static enum aqi_status
check_twice(struct aqi_reading *r, const char *key,
	    const struct aqi_slice *names, size_t n)
{
	struct aqi_slice twice;
	char quoted[AQI_QUOTED_SIZE];

	if (aqi_names_find_twice(names, n, &twice, r->err) != AQI_OK)
		return AQI_FATAL;
	return !twice.data ? AQI_OK :
	       aqi_error_set(r->err, AQI_E_MODEL, "%s: %s twice", key,
			     aqi_error_quote(quoted, twice));
}

static enum aqi_status
take_name(struct aqi_reading *r, const char *key, struct aqi_arena *arena,
	  struct aqi_slice *name)
{
	enum aqi_status status = aqi_document_text(&r->document, name, r->err);

	if (status == AQI_REJECT || (status == AQI_OK && name->size == 0))
		return aqi_member_fail(r, key,
				       "a name is empty, or not a string");
	if (status != AQI_OK)
		return AQI_FATAL;
	*name = aqi_arena_copy(arena, *name);
	return name->data ? AQI_OK : aqi_error_memory(r->err);
}

/* names  (*n_room,) grown by doubling */
static enum aqi_status
take_names(struct aqi_reading *r, const char *key, struct aqi_arena *arena,
	   struct aqi_buffer *names, size_t *n)
{
	enum aqi_status status = aqi_document_enter(&r->document,
						    AQI_VALUE_ARRAY, r->err);
	struct aqi_slice name;

	if (status == AQI_REJECT)
		return aqi_member_fail(r, key, "not an array");
	while (status == AQI_OK &&
	       (status = aqi_document_next(&r->document, NULL, r->err)) ==
		       AQI_OK) {
		if (*n == AQI_FOREST_MAX_INPUTS)
			return aqi_error_set(r->err, AQI_E_MODEL, "%s: more "
					     "than %d names", key,
					     AQI_FOREST_MAX_INPUTS);
		status = take_name(r, key, arena, &name);
		if (status != AQI_OK)
			return status;
		aqi_buffer_add(names, &name, sizeof name);
		++*n;
		if (names->failed)
			return aqi_error_memory(r->err);
	}
	return status == AQI_END ? AQI_OK : AQI_FATAL;
}

enum aqi_status
aqi_xgboost_names_read(struct aqi_reading *r, const char *key,
		       struct aqi_arena *arena, struct aqi_slice **names,
		       size_t *n_names)
{
	struct aqi_buffer list = {0};
	enum aqi_status status;
	size_t n = 0;

	status = take_names(r, key, arena, &list, &n);
	if (status == AQI_OK && n > 0) {
		*names = aqi_arena_array(arena, n, sizeof **names);
		if (*names) {
			memcpy(*names, list.data, n * sizeof **names);
			*n_names = n;
			status = check_twice(r, key, *names, n);
		} else {
			status = aqi_error_memory(r->err);
		}
	}
	aqi_buffer_free(&list);
	return status;
}
