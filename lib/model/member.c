#include "model/member.h"

#include <jansson.h>

enum aqi_status
aqi_member_fail(struct aqi_error *err, const char *key, const char *reason)
{
	return aqi_error_set(err, AQI_E_MODEL, "%s: %s", key, reason);
}

struct aqi_slice
aqi_member_text(const json_t *value)
{
	if (!json_is_string(value))
		return (struct aqi_slice){"", 0};
	return (struct aqi_slice){json_string_value(value),
				  json_string_length(value)};
}

const json_t *
aqi_member_object(const json_t *object, const char *key, struct aqi_error *err)
{
	const json_t *value = json_object_get(object, key);

	if (json_is_object(value))
		return value;
	aqi_member_fail(err, key, value ? "not an object" :
			"no such key in the model");
	return NULL;
}

const json_t *
aqi_member_array(const json_t *object, const char *key, struct aqi_error *err)
{
	const json_t *value = json_object_get(object, key);

	if (json_is_array(value))
		return value;
	aqi_member_fail(err, key, value ? "not an array" :
			"no such key in the model");
	return NULL;
}

enum aqi_status
aqi_member_count(const json_t *object, const char *key, size_t *count,
	  struct aqi_error *err)
{
	const json_t *value = json_object_get(object, key);
	struct aqi_slice text = aqi_member_text(value);
	char quoted[AQI_QUOTED_SIZE];

	if (!value)
		return aqi_member_fail(err, key, "no such key in the model");
	*count = 0;
	for (size_t i = 0; i < text.size; i++) {
		unsigned digit = (unsigned char)text.data[i] - (unsigned)'0';

		if (digit > 9 || text.size > 15)
			text.size = 0;
		else
			*count = *count * 10 + digit;
	}
	if (text.size > 0)
		return AQI_OK;
	return aqi_error_set(err, AQI_E_MODEL, "%s: %s is not a count", key,
			     aqi_error_quote(quoted, aqi_member_text(value)));
}

enum aqi_status
aqi_member_later_count(const json_t *object, const char *key, size_t *count,
		struct aqi_error *err)
{
	*count = 0;
	if (!json_object_get(object, key))
		return AQI_OK;
	return aqi_member_count(object, key, count, err);
}

enum aqi_status
aqi_member_single(const json_t *object, const char *key, struct aqi_error *err)
{
	size_t n;

	if (aqi_member_later_count(object, key, &n, err) != AQI_OK)
		return AQI_FATAL;
	if (n <= 1)
		return AQI_OK;
	return aqi_error_set(err, AQI_E_MODEL,
			     "%s: a model with %zu outputs; only those with "
			     "one are supported", key, n);
}
