#include "api/media.h"

#include <strings.h>

static bool
ends_with(struct aqi_slice text, const char *end)
{
	size_t n = strlen(end);

	return text.size >= n &&
	       strncasecmp(text.data + text.size - n, end, n) == 0;
}

bool
aqi_media_is_json(struct aqi_slice type)
{
	static const char main_type[] = "application/";
	const size_t n = sizeof main_type - 1;
	const char *semicolon;

	if (type.size == 0)
		return true;
	semicolon = memchr(type.data, ';', type.size);
	if (semicolon)
		type.size = (size_t)(semicolon - type.data);
	type = aqi_slice_trim(type);
	if (type.size < n || strncasecmp(type.data, main_type, n) != 0 ||
	    memchr(type.data + n, '/', type.size - n))
		return false;
	return ends_with(type, "+json") ||
	       (type.size == n + 4 && ends_with(type, "json"));
}
