/* builtin.h: the files of models/ that are compiled into the library. */
#ifndef AQI_BASE_BUILTIN_H
#define AQI_BASE_BUILTIN_H

#include <stddef.h>

#include "base/slice.h"

struct aqi_builtin {
	const char *path;		/* below models/: "schemas/api.json" */
	struct aqi_slice bytes;		/* aligned to 64, valid for ever */
};

/* The bytes of a file, or {NULL, 0} when there is none of that path. */
struct aqi_slice aqi_builtin_find(const char *path);

/* All of them, in order of their paths; *n, out, is their count. */
const struct aqi_builtin *aqi_builtin_all(size_t *n);

#endif
