#include "base/builtin.h"

/* Made from models/ by models/embed.sh while building. */
extern const struct aqi_builtin aqi_builtin_table[];
extern const size_t aqi_builtin_count;

struct aqi_slice
aqi_builtin_find(const char *path)
{
	for (size_t i = 0; i < aqi_builtin_count; i++)
		if (strcmp(aqi_builtin_table[i].path, path) == 0)
			return aqi_builtin_table[i].bytes;
	return (struct aqi_slice){0};
}

const struct aqi_builtin *
aqi_builtin_all(size_t *n)
{
	*n = aqi_builtin_count;
	return aqi_builtin_table;
}
