#include "model/locate.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/builtin.h"

/* The folders of bundles, first come first served; NULL where unknown. */
#define N_FOLDERS 3

/* A bundle that is compiled into the program, in its folder there. */
#define BUILTIN "model.aqi"

struct folders {
	const char *paths[N_FOLDERS];
};

AQI_PRINTF(2, 3)
static const char *
print(struct aqi_arena *arena, const char *format, ...)
{
	char text[PATH_MAX + 64];
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof text)
		return NULL;
	return aqi_arena_copy(arena, (struct aqi_slice){text, (size_t)n + 1})
		.data;
}

static const char *
environment(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

/* ../share/aqi/models, seen from the folder of this program. */
static const char *
find_installed(struct aqi_arena *arena)
{
	char path[PATH_MAX], *slash;
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);

	if (n <= 0)
		return NULL;
	path[n] = '\0';
	for (int up = 0; up < 2; up++) {
		slash = strrchr(path, '/');
		if (!slash)
			return NULL;
		*slash = '\0';
	}
	return print(arena, "%s/share/aqi/models", path);
}

/* A relative $XDG_DATA_HOME is to be ignored, its specification says. */
static struct folders
find_folders(struct aqi_arena *arena)
{
	const char *models = environment("AQI_MODELS_DIR");
	const char *data = environment("XDG_DATA_HOME");
	const char *home = environment("HOME");
	struct folders folders = {0};

	if (models)
		folders.paths[0] = print(arena, "%s", models);
	if (data && *data == '/')
		folders.paths[1] = print(arena, "%s/aqi/models", data);
	else if (home && *home == '/')
		folders.paths[1] = print(arena, "%s/.local/share/aqi/models",
					 home);
	folders.paths[2] = find_installed(arena);
	return folders;
}

static bool
is_bundle(struct aqi_arena *arena, const char *folder)
{
	const char *manifest = print(arena, "%s/manifest.json", folder);

	return manifest && access(manifest, F_OK) == 0;
}

struct aqi_slice
aqi_locate_builtin(struct aqi_slice name)
{
	char path[128];
	int n;

	if (name.size >= sizeof path)
		return (struct aqi_slice){0};
	n = snprintf(path, sizeof path, "%.*s/" BUILTIN, (int)name.size,
		     name.data);
	if (n < 0 || (size_t)n >= sizeof path)
		return (struct aqi_slice){0};
	return aqi_builtin_find(path);
}

/* Only such names are looked up: none leads out of a folder. */
static bool
is_name(const char *name)
{
	for (const char *p = name; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("._-+", *p))
			return false;
	return *name && *name != '.';
}

/* The bytes of text from i up to the next such byte, which is there. */
static struct aqi_slice
up_to(const struct aqi_buffer *text, size_t i, char end)
{
	const char *start = text->data + i;
	const char *stop = memchr(start, end, text->size - i);

	return (struct aqi_slice){start, (size_t)(stop - start)};
}

/* A line of a list, unless an earlier one has the name: that one is found. */
static void
add_line(struct aqi_buffer *text, struct aqi_slice name, const char *where)
{
	if (text->failed)
		return;
	for (size_t i = 0; i < text->size; i += up_to(text, i, '\n').size + 1)
		if (aqi_slice_equal(up_to(text, i, '\t'), name))
			return;
	aqi_buffer_add_slice(text, name);
	aqi_buffer_add_byte(text, '\t');
	for (; *where; where++)
		aqi_buffer_add_byte(text, iscntrl((unsigned char)*where) ?
				    '?' : *where);
	aqi_buffer_add_byte(text, '\n');
}

static void
list_folder(struct aqi_arena *arena, const char *folder,
	    struct aqi_buffer *text)
{
	struct dirent **entries;
	int n = scandir(folder, &entries, NULL, alphasort);

	/* A folder that cannot be read for another reason lists nothing. */
	if (n < 0 && errno == ENOMEM)
		text->failed = true;
	for (int i = 0; i < n; i++) {
		const char *name = entries[i]->d_name;
		const char *path = print(arena, "%s/%s", folder, name);

		if (is_name(name) && path && is_bundle(arena, path))
			add_line(text, aqi_slice_of(name), path);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
}

static void
list_builtin(struct aqi_buffer *text)
{
	size_t n;
	const struct aqi_builtin *all = aqi_builtin_all(&n);

	for (size_t i = 0; i < n; i++) {
		const char *slash = strchr(all[i].path, '/');

		if (slash && strcmp(slash + 1, BUILTIN) == 0)
			add_line(text,
				 (struct aqi_slice){all[i].path,
					 (size_t)(slash - all[i].path)},
				 "built in");
	}
}

/* A line for each model, in the order in which the places are searched. */
static void
list(struct aqi_arena *arena, const struct folders *folders,
     struct aqi_buffer *text)
{
	for (int i = 0; i < N_FOLDERS; i++)
		if (folders->paths[i])
			list_folder(arena, folders->paths[i], text);
	list_builtin(text);
}

/* The names of such lines, with a comma between them. */
static void
add_names(struct aqi_buffer *text, const struct aqi_buffer *lines)
{
	size_t i = 0;

	if (lines->size == 0)
		aqi_buffer_add_text(text, "none");
	while (i < lines->size && !lines->failed) {
		if (i > 0)
			aqi_buffer_add_text(text, ", ");
		aqi_buffer_add_slice(text, up_to(lines, i, '\t'));
		i += up_to(lines, i, '\n').size + 1;
	}
}

/* Names of files may hold anything; a message is one line of text. */
static void
make_printable(struct aqi_buffer *text)
{
	for (size_t i = 0; i < text->size; i++)
		if (text->data[i] < 0x20 || text->data[i] > 0x7e)
			text->data[i] = '?';
}

/* The current folder is not searched, but what is in it may be meant. */
static enum aqi_status
not_found(const char *name, struct aqi_arena *arena,
	  const struct folders *folders, struct aqi_error *err)
{
	struct aqi_buffer text = {0}, lines = {0};
	const char *before = "";

	list(arena, folders, &lines);
	aqi_buffer_add_text(&text, "no such model; there are: ");
	add_names(&text, &lines);
	if (access(name, F_OK) == 0)
		aqi_buffer_add_format(&text, "; a path is written ./%s", name);
	aqi_buffer_add_text(&text, "; looked in ");
	for (int i = 0; i < N_FOLDERS; i++) {
		if (!folders->paths[i])
			continue;
		aqi_buffer_add_text(&text, before);
		aqi_buffer_add_text(&text, folders->paths[i]);
		before = ", ";
	}
	if (*before)
		aqi_buffer_add_text(&text, " and ");
	aqi_buffer_add_text(&text, "the program itself");
	make_printable(&text);
	if (lines.failed || text.failed || arena->failed)
		aqi_error_memory(err);
	else
		aqi_error_set(err, AQI_E_MODEL, "%.*s", (int)text.size,
			      text.data);
	aqi_buffer_free(&lines);
	aqi_buffer_free(&text);
	return AQI_FATAL;
}

/* An ending begins with a letter, so that "pm25-v1.2" has none. */
static bool
has_ending(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && dot > name && isalpha((unsigned char)dot[1]);
}

enum aqi_status
aqi_locate_path(const char *path, struct aqi_arena *arena,
		struct aqi_location *location, struct aqi_error *err)
{
	struct stat st;

	if (stat(path, &st) < 0) {
		aqi_error_system(err, errno, "cannot open");
		if (err && err->code == AQI_E_IO)
			err->code = AQI_E_MODEL;
		return AQI_FATAL;
	}
	*location = (struct aqi_location){.place = AQI_PLACE_FILE};
	location->path = print(arena, "%s", path);
	if (!location->path)
		return aqi_error_memory(err);
	if (!S_ISDIR(st.st_mode))
		return AQI_OK;
	location->place = AQI_PLACE_FOLDER;
	if (is_bundle(arena, path))
		return AQI_OK;
	if (arena->failed)
		return aqi_error_memory(err);
	return aqi_error_set(err, AQI_E_MODEL,
			     "this is a folder without a manifest.json: name a "
			     "bundle's folder or a model file");
}

enum aqi_status
aqi_locate(const char *name, struct aqi_arena *arena,
	   struct aqi_location *location, struct aqi_error *err)
{
	struct folders folders;
	const char *path;

	if (strchr(name, '/') || has_ending(name))
		return aqi_locate_path(name, arena, location, err);
	folders = find_folders(arena);
	if (arena->failed)
		return aqi_error_memory(err);
	if (!is_name(name))
		return not_found(name, arena, &folders, err);
	*location = (struct aqi_location){.was_searched = true};
	for (int i = 0; i < N_FOLDERS; i++) {
		if (!folders.paths[i])
			continue;
		path = print(arena, "%s/%s", folders.paths[i], name);
		if (path && is_bundle(arena, path)) {
			location->place = AQI_PLACE_FOLDER;
			location->path = path;
			return AQI_OK;
		}
	}
	/* A folder passed over for want of memory is not one without it. */
	if (arena->failed)
		return aqi_error_memory(err);
	if (!aqi_locate_builtin(aqi_slice_of(name)).data)
		return not_found(name, arena, &folders, err);
	location->place = AQI_PLACE_BUILTIN;
	location->path = print(arena, "%s", name);
	return location->path ? AQI_OK : aqi_error_memory(err);
}

enum aqi_status
aqi_locate_list(struct aqi_buffer *text, struct aqi_error *err)
{
	struct aqi_arena arena = {0};
	const struct folders folders = find_folders(&arena);
	bool failed;

	list(&arena, &folders, text);
	failed = arena.failed || text->failed;
	aqi_arena_free(&arena);
	return failed ? aqi_error_memory(err) : AQI_OK;
}
