/* locate.h: where a model of some name is. */
#ifndef AQI_MODEL_LOCATE_H
#define AQI_MODEL_LOCATE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

enum aqi_place {
	AQI_PLACE_FOLDER,	/* a bundle's */
	AQI_PLACE_FILE,		/* a tree file by itself */
	AQI_PLACE_BUILTIN
};

struct aqi_location {
	enum aqi_place place;
	const char *path;	/* in arena; of what is built in, its name */
	bool was_searched;	/* path is not what the caller said */
};

/* A path, as it stands: a folder or a file. */
enum aqi_status aqi_locate_path(const char *path, struct aqi_arena *arena,
				struct aqi_location *location,
				struct aqi_error *err) AQI_MUST_CHECK;

/*
 * A path when it looks like one (a slash, or an ending such as .json), else a
 * name, looked up in the folders that bundle.h lists. AQI_E_MODEL with where
 * it was looked for, and what is there.
 */
enum aqi_status aqi_locate(const char *name, struct aqi_arena *arena,
			   struct aqi_location *location,
			   struct aqi_error *err) AQI_MUST_CHECK;

/*
 * Add the models that a name finds, in the order of the places: a line each,
 * with the name, a tab, and the bundle's folder or "built in". AQI_E_MEMORY.
 */
struct aqi_buffer;
enum aqi_status aqi_locate_list(struct aqi_buffer *text,
				struct aqi_error *err) AQI_MUST_CHECK;

/* The compiled model of that name that is built in; {NULL, 0}: none is. */
struct aqi_slice aqi_locate_builtin(struct aqi_slice name);

#endif
