/* Where models are looked for, as seen from programs in odd places. */
#undef _FORTIFY_SOURCE	/* whose declarations we could not replace */
#include "model/locate.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "tap.h"

/* Where this program is, as far as the library can tell; NULL: nowhere. */
static const char *program = "/opt/aqi/bin/aqi-predict";

ssize_t
readlink(const char *restrict path, char *restrict out, size_t size)
{
	size_t n = program ? strlen(program) : 0;

	if (strcmp(path, "/proc/self/exe") != 0 || !program) {
		errno = ENOENT;
		return -1;
	}
	if (n > size)
		n = size;
	memcpy(out, program, n);
	return (ssize_t)n;
}

/* Is no model found, and said to have been looked for just there? */
static bool
looks_in(const char *places)
{
	struct aqi_arena arena = {0};
	struct aqi_location location;
	struct aqi_error err = {0};
	enum aqi_status status = aqi_locate("none", &arena, &location, &err);
	const char *said = strstr(err.reason, "; looked in ");
	bool well = status == AQI_FATAL && err.code == AQI_E_MODEL &&
		    strncmp(err.reason, "no such model; there are: ", 26) ==
			    0 && said && strcmp(said + 12, places) == 0;

	if (!well)
		note("%s", err.reason);
	aqi_arena_free(&arena);
	return well;
}

static void
test_programs(void)
{
	ok(looks_in("/opt/aqi/share/aqi/models and the program itself"),
	   "models are looked for beside the program's folder");
	program = "/bin/aqi-predict";
	ok(looks_in("/share/aqi/models and the program itself"),
	   "which may be right below the root");
	program = "/aqi-predict";
	ok(looks_in("the program itself"), "unless it is the root");
	program = "aqi-predict";
	ok(looks_in("the program itself"), "or is not known");
	program = NULL;
	ok(looks_in("the program itself"), "as it is without /proc");
}

/* The longest path that is kept is far longer than one that can be opened. */
static void
test_long_paths(void)
{
	static char path[PATH_MAX + 65];

	memset(path, 'x', sizeof path - 1);
	setenv("AQI_MODELS_DIR", path, 1);
	ok(looks_in("the program itself"),
	   "a folder whose path is too long for any file is none");
	setenv("AQI_MODELS_DIR", "/nonexistent", 1);
	setenv("XDG_DATA_HOME", path, 1);
	ok(looks_in("/nonexistent and the program itself"),
	   "nor is a relative one of data");
	path[0] = '/';
	setenv("XDG_DATA_HOME", path, 1);
	ok(looks_in("/nonexistent and the program itself"),
	   "nor one that is too long");
	unsetenv("XDG_DATA_HOME");
	setenv("HOME", "/h", 1);
	ok(looks_in("/nonexistent, /h/.local/share/aqi/models and the program "
		    "itself"), "without it the home folder's counts");
	unsetenv("HOME");
}

static void
make(const char *path)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	if (fd < 0 || close(fd) != 0)
		exit(1);
}

/* The first of a name stands in the list, and is found. */
static void
test_list(void)
{
	char folder[] = "/tmp/aqi-locate.XXXXXX", path[128], wanted[128];
	static const char *const folders[] = {"", "/aqi", "/aqi/models"};
	static const char *const bundles[] = {"/one", "/aqi/models/one",
					      "/aqi/models/two"};
	struct aqi_buffer text = {0};
	struct aqi_error err;

	if (!mkdtemp(folder))
		exit(1);
	setenv("AQI_MODELS_DIR", folder, 1);
	setenv("XDG_DATA_HOME", folder, 1);
	for (int i = 1; i < 3; i++) {
		snprintf(path, sizeof path, "%s%s", folder, folders[i]);
		mkdir(path, 0700);
	}
	for (int i = 0; i < 3; i++) {
		snprintf(path, sizeof path, "%s%s", folder, bundles[i]);
		mkdir(path, 0700);
		strncat(path, "/manifest.json", sizeof path - strlen(path) - 1);
		make(path);
	}
	snprintf(wanted, sizeof wanted, "one\t%s/one\ntwo\t%s/aqi/models/two\n",
		 folder, folder);
	ok(aqi_locate_list(&text, &err) == AQI_OK &&
	   text.size >= strlen(wanted) &&
	   memcmp(text.data, wanted, strlen(wanted)) == 0,
	   "of models of one name the first is listed");
	aqi_buffer_free(&text);
	for (int i = 2; i >= 0; i--) {
		snprintf(path, sizeof path, "%s%s/manifest.json", folder,
			 bundles[i]);
		unlink(path);
		*strrchr(path, '/') = '\0';
		rmdir(path);
	}
	for (int i = 2; i >= 0; i--) {
		snprintf(path, sizeof path, "%s%s", folder, folders[i]);
		rmdir(path);
	}
}

int
main(void)
{
	unsetenv("AQI_MODELS_DIR");
	unsetenv("XDG_DATA_HOME");
	unsetenv("HOME");
	test_programs();
	program = NULL;
	test_long_paths();
	test_list();
	return done();
}
