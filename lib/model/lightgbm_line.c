#include "model/lightgbm_line.h"

void
aqi_lightgbm_lines_next(struct aqi_lightgbm_lines *lines)
{
	struct aqi_slice *rest = &lines->rest;
	const char *end;
	size_t size;

	if (lines->line.data)
		lines->n_bytes += lines->line.size + 1;
	if (rest->size == 0) {
		lines->line = (struct aqi_slice){NULL, 0};
		return;
	}
	end = memchr(rest->data, '\n', rest->size);
	size = end ? (size_t)(end - rest->data) : rest->size;
	lines->line = (struct aqi_slice){rest->data, size};
	rest->data += size + (end != NULL);
	rest->size -= size + (end != NULL);
	if (size > 0 && lines->line.data[size - 1] == '\r')
		lines->line.size--;
}

void
aqi_lightgbm_lines_open(struct aqi_lightgbm_lines *lines,
			struct aqi_slice bytes)
{
	*lines = (struct aqi_lightgbm_lines){
		.rest = bytes, .start = bytes.data,
	};
	aqi_lightgbm_lines_next(lines);
}

void
aqi_lightgbm_lines_skip(struct aqi_lightgbm_lines *lines)
{
	while (lines->line.data && lines->line.size == 0)
		aqi_lightgbm_lines_next(lines);
}

enum aqi_status
aqi_lightgbm_lines_fail(const struct aqi_lightgbm_lines *lines,
			const char *reason, struct aqi_error *err)
{
	const char *at = lines->line.data ? lines->line.data : lines->rest.data;

	return aqi_error_set(err, AQI_E_MODEL, "byte %zu: %s",
			     (size_t)(at - lines->start), reason);
}

static bool
is_key(const char *key, struct aqi_slice line)
{
	const size_t n = strlen(key);

	return line.size > n && line.data[n] == '=' &&
	       memcmp(line.data, key, n) == 0;
}

const char *
aqi_lightgbm_keys_take(struct aqi_lightgbm_keys *keys, struct aqi_slice line)
{
	for (size_t i = 0; i < keys->n_keys; i++) {
		const size_t k = (keys->next + i) % keys->n_keys;
		const size_t n = strlen(keys->keys[k]) + 1;

		if (!is_key(keys->keys[k], line))
			continue;
		if (keys->texts[k].data)
			return keys->keys[k];
		keys->texts[k] = (struct aqi_slice){line.data + n,
						    line.size - n};
		keys->next = k + 1;
		return NULL;
	}
	return NULL;
}
