#include "air/keys.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include <jansson.h>

#include "base/arena.h"
#include "record/json.h"

enum aqi_status
aqi_keys_refuse(struct aqi_keys *keys, const char *format, ...)
{
	char reason[sizeof keys->err->reason];
	va_list ap;

	va_start(ap, format);
	vsnprintf(reason, sizeof reason, format, ap);
	va_end(ap);
	aqi_error_set(keys->err, AQI_E_MODEL, "%s", reason);
	aqi_error_at(keys->err, keys->file, 0, 0);
	aqi_error_name(keys->err, aqi_slice_of(keys->path));
	return AQI_FATAL;
}

size_t
aqi_keys_enter(struct aqi_keys *keys, const char *key)
{
	size_t n = strlen(keys->path);

	snprintf(keys->path + n, sizeof keys->path - n, "%s%s",
		 n ? "." : "", key);
	return n;
}

void
aqi_keys_leave(struct aqi_keys *keys, size_t n)
{
	keys->path[n] = '\0';
}

static const struct aqi_key *
find_key(const struct aqi_key *table, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	return NULL;
}

const char *
aqi_keys_list(char *out, size_t size, const struct aqi_slice *names, size_t n)
{
	size_t used = 0;

	*out = '\0';
	for (size_t i = 0; i < n && used + names[i].size + 3 < size; i++)
		used += (size_t)snprintf(out + used, size - used, "%s%.*s",
					 i ? ", " : "", (int)names[i].size,
					 names[i].data);
	return out;
}

static enum aqi_status
refuse_key(struct aqi_keys *keys, const struct aqi_key *table, size_t n,
	   const char *name)
{
	struct aqi_slice names[AQI_KEYS_MAX];
	char quoted[AQI_QUOTED_SIZE], known[200];

	for (size_t i = 0; i < n; i++)
		names[i] = aqi_slice_of(table[i].name);
	return aqi_keys_refuse(keys, "%s is not a key here; there are %s",
			       aqi_error_quote(quoted, aqi_slice_of(name)),
			       aqi_keys_list(known, sizeof known, names, n));
}

enum aqi_status
aqi_keys_object(struct aqi_keys *keys, json_t *object,
		const struct aqi_key *table, size_t n, void *into)
{
	enum aqi_status status = AQI_OK;
	const char *name;
	json_t *value;

	if (!json_is_object(object))
		return aqi_keys_refuse(keys, "an object is wanted here");
	json_object_foreach(object, name, value) {
		const struct aqi_key *key = find_key(table, n, name);
		size_t mark;

		if (!key)
			return refuse_key(keys, table, n, name);
		mark = aqi_keys_enter(keys, name);
		status = key->read(keys, value, (char *)into + key->at);
		if (status != AQI_OK)
			return status;
		aqi_keys_leave(keys, mark);
	}
	for (size_t i = 0; i < n; i++)
		if (table[i].is_needed &&
		    !json_object_get(object, table[i].name))
			return aqi_keys_refuse(keys,
					       "the key \"%s\" is missing",
					       table[i].name);
	return AQI_OK;
}

enum aqi_status
aqi_keys_note(struct aqi_keys *keys, json_t *value, void *into)
{
	(void)into;
	if (!json_is_string(value))
		return aqi_keys_refuse(keys, "a text is wanted here");
	return AQI_OK;
}

enum aqi_status
aqi_keys_text(struct aqi_keys *keys, json_t *value, void *into)
{
	struct aqi_slice *text = into;

	if (!json_is_string(value) || json_string_length(value) == 0)
		return aqi_keys_refuse(keys, "a text is wanted here");
	*text = aqi_arena_copy(keys->arena,
			       (struct aqi_slice){json_string_value(value),
						  json_string_length(value)});
	return text->data ? AQI_OK : aqi_error_memory(keys->err);
}

enum aqi_status
aqi_keys_flag(struct aqi_keys *keys, json_t *value, void *into)
{
	bool *flag = into;

	if (!json_is_boolean(value))
		return aqi_keys_refuse(keys, "true or false is wanted here");
	*flag = json_is_true(value);
	return AQI_OK;
}

enum aqi_status
aqi_keys_number(struct aqi_keys *keys, json_t *value, void *into)
{
	double *x = into;

	*x = aqi_json_number(value);
	if (isnan(*x))
		return aqi_keys_refuse(keys, "a number is wanted here");
	return AQI_OK;
}

enum aqi_status
aqi_keys_names(struct aqi_keys *keys, json_t *value, void *into)
{
	struct aqi_names *names = into;
	bool is_array = json_is_array(value);

	names->n = is_array ? json_array_size(value) : 1;
	if (names->n == 0)
		return aqi_keys_refuse(keys, "the array is empty");
	names->items = aqi_arena_array(keys->arena, names->n,
				       sizeof *names->items);
	if (!names->items)
		return aqi_error_memory(keys->err);
	for (size_t i = 0; i < names->n; i++) {
		json_t *item = is_array ? json_array_get(value, i) : value;

		if (aqi_keys_text(keys, item, &names->items[i]) != AQI_OK)
			return AQI_FATAL;
	}
	return AQI_OK;
}
