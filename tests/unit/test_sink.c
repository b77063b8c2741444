#include "record/sink.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "tap.h"

static char folder[] = "/tmp/aqi-sink.XXXXXX";
static char path[100], other[100];

static bool
write_text(struct aqi_sink *sink, const char *text)
{
	return aqi_sink_write(sink, text, strlen(text), NULL, 0, NULL, NULL) ==
	       AQI_OK;
}

static bool
holds(const char *file, const char *text)
{
	struct aqi_buffer bytes;
	bool same;

	if (aqi_file_load(file, 1000, AQI_E_IO, &bytes, NULL) != AQI_OK)
		return text == NULL;
	same = text && aqi_slice_is((struct aqi_slice){bytes.data, bytes.size},
				    text);
	aqi_buffer_free(&bytes);
	return same;
}

static mode_t
mode_of(const char *file)
{
	struct stat st;

	return stat(file, &st) == 0 ? st.st_mode & 07777 : 0;
}

static void
test_all_or_nothing(void)
{
	struct aqi_error err;
	struct aqi_sink *sink = aqi_sink_open(path, NULL, &err);
	char temporary[200] = "";

	snprintf(temporary, sizeof temporary, "%s", aqi_sink_temporary(sink));
	ok(write_text(sink, "one\n") && holds(path, NULL) &&
	   holds(temporary, "one\n"), "before the end the file is not there");
	ok(aqi_sink_close(sink, &err) == AQI_OK && holds(path, "one\n") &&
	   holds(temporary, NULL), "then it is, and nothing else");
	ok(mode_of(path) == 0644, "a new file has the mode of umask");

	chmod(path, 0600);
	sink = aqi_sink_open(path, NULL, &err);
	ok(write_text(sink, "two\n") && holds(path, "one\n"),
	   "an old file stands until the end");
	snprintf(temporary, sizeof temporary, "%s", aqi_sink_temporary(sink));
	aqi_sink_discard(sink);
	ok(holds(path, "one\n") && holds(temporary, NULL),
	   "what is given up leaves the old one");
	sink = aqi_sink_open(path, NULL, &err);
	ok(write_text(sink, "three\n") &&
	   aqi_sink_close(sink, &err) == AQI_OK && holds(path, "three\n") &&
	   mode_of(path) == 0600, "the new one has the old one's mode");
	aqi_sink_discard(NULL);
}

static void
test_links(void)
{
	struct aqi_error err;
	struct aqi_sink *sink;
	struct stat st;

	if (symlink(path, other) != 0)
		note("no symbolic link");
	sink = aqi_sink_open(other, NULL, &err);
	ok(write_text(sink, "four\n") &&
	   aqi_sink_close(sink, &err) == AQI_OK && holds(path, "four\n") &&
	   lstat(other, &st) == 0 && S_ISLNK(st.st_mode),
	   "a symbolic link stays, and what it names is replaced");
	unlink(other);
}

static void
test_direct(void)
{
	struct aqi_error err;
	struct aqi_sink *sink = aqi_sink_open("/dev/null", NULL, &err);

	ok(sink && !aqi_sink_temporary(sink) && write_text(sink, "x") &&
	   aqi_sink_close(sink, &err) == AQI_OK, "a device is written to");
	sink = aqi_sink_open("/nonexistent/x", NULL, &err);
	ok(!sink && err.code == AQI_E_IO &&
	   strcmp(err.file, "/nonexistent/x") == 0 &&
	   strcmp(err.reason, "cannot open for writing: No such file or "
		  "directory") == 0, "a folder that is not there is named");
	sink = aqi_sink_open("/dev/fd/77", NULL, &err);
	ok(!sink && strcmp(err.reason, "cannot open for writing: Bad file "
			   "descriptor") == 0,
	   "a descriptor that is not open is none");
	sink = aqi_sink_open(folder, NULL, &err);
	ok(!sink && strcmp(err.reason, "cannot open for writing: Is a "
			   "directory") == 0, "a folder is no file");
}

/* To a descriptor with a limit: what is written whole, stays. */
static void
test_cut_back(void)
{
	static const size_t ends[] = {4, 8, 8, 12, 16};
	struct aqi_error err = {0};
	char name[32];
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	struct aqi_sink *sink;
	size_t n = 99;

	snprintf(name, sizeof name, "/dev/fd/%d", fd);
	sink = aqi_sink_open(name, NULL, &err);
	ok(sink && aqi_sink_write(sink, "one\ntwo\nsix\nten\n", 16, ends, 5, &n,
				  &err) == AQI_OK && n == 5,
	   "the records that are written are counted");
	ok(aqi_sink_close(sink, &err) == AQI_OK &&
	   holds(path, "one\ntwo\nsix\nten\n"), "and stand in the file");
	close(fd);
	sink = aqi_sink_open("/dev/full", NULL, &err);
	ok(sink && aqi_sink_write(sink, "one\n", 4, ends, 1, &n, &err) ==
		   AQI_FATAL && n == 0 && err.code == AQI_E_IO &&
	   strcmp(err.reason, "cannot write: No space left on device") == 0 &&
	   strcmp(err.file, "/dev/full") == 0, "a full device is an error");
	aqi_sink_discard(sink);
}

int
main(void)
{
	umask(022);
	if (!mkdtemp(folder))
		return 1;
	snprintf(path, sizeof path, "%s/file", folder);
	snprintf(other, sizeof other, "%s/link", folder);
	test_all_or_nothing();
	test_links();
	test_direct();
	test_cut_back();
	unlink(path);
	rmdir(folder);
	return done();
}
