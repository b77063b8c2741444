/* Files read whole, and where links lead, as calls of the system fail. */
#undef _FORTIFY_SOURCE	/* whose declarations fault.h could not replace */
#include "base/file.h"

#include <stdlib.h>

#include "base/buffer.h"
#include "fault.h"
#include "tap.h"

FAULT(ssize_t, read, (int fd, void *data, size_t size), (fd, data, size))
FAULT(ssize_t, readlink, (const char *restrict path, char *restrict out,
			  size_t size), (path, out, size))

static char folder[] = "/tmp/aqi-file.XXXXXX";

static void
set_fault(const char *call, int error, int after)
{
	fault.call = call;
	fault.error = error;
	fault.after = after;
}

/* What comes of ten bytes, where so many are allowed. */
static bool
comes(size_t limit, enum aqi_status wanted, const char *reason)
{
	struct aqi_buffer bytes;
	struct aqi_error err = {0};
	enum aqi_status status = aqi_file_load("ten", limit, AQI_E_MODEL,
					       &bytes, &err);
	bool well = status == wanted && !fault.call;

	if (status == AQI_OK)
		well = well && aqi_slice_is((struct aqi_slice){
			bytes.data, bytes.size}, "0123456789");
	else
		well = well && err.code == AQI_E_MODEL && !bytes.data &&
		       strcmp(err.file, "ten") == 0 &&
		       strcmp(err.reason, reason) == 0;
	aqi_buffer_free(&bytes);
	return well;
}

static void
test_load(void)
{
	FILE *file = fopen("ten", "w");

	if (!file || fputs("0123456789", file) < 0 || fclose(file) != 0)
		exit(1);
	ok(comes(10, AQI_OK, NULL), "a file of the limit is read");
	ok(comes(9, AQI_FATAL, "larger than the limit of 9 bytes"),
	   "a larger one is refused by its size");
	set_fault("fstat", EIO, 0);
	ok(comes(9, AQI_FATAL, "larger than the limit of 9 bytes"),
	   "or by what is read, where its size is not known");
	for (int i = 0; i < 2; i++) {
		set_fault("read", EINTR, i);
		ok(comes(10, AQI_OK, NULL), "read %d, if interrupted, is done "
		   "again", i + 1);
		set_fault("read", EIO, i);
		ok(comes(10, AQI_FATAL, "cannot read: Input/output error"),
		   "read %d, if it fails, is told", i + 1);
	}
	unlink("ten");
}

static void
test_target(void)
{
	char wanted[64], *target;

	snprintf(wanted, sizeof wanted, "%s/new", folder);
	if (symlink("new", "relative") != 0 || symlink(wanted, "whole") != 0)
		exit(1);
	target = aqi_file_target("relative");
	ok(target && strcmp(target, wanted) == 0,
	   "a link to what is not there yet is followed");
	free(target);
	target = aqi_file_target("whole");
	ok(target && strcmp(target, wanted) == 0, "by its whole path too");
	free(target);
	/* Its path is resolved before, by other calls. */
	set_fault("readlink", EACCES, 0);
	target = aqi_file_target("relative");
	ok(!target && !fault.call && errno == EACCES,
	   "one that cannot be read leads nowhere");
	ok(!aqi_file_target("new/") && errno == EISDIR,
	   "a slash at the end means a folder");
	unlink("relative");
	unlink("whole");
}

int
main(void)
{
	if (!mkdtemp(folder) || chdir(folder) != 0)
		exit(1);
	test_load();
	test_target();
	if (chdir("/") != 0 || rmdir(folder) != 0)
		exit(1);
	return done();
}
