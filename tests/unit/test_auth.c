#include "net/auth.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

/* SHA-256 of "abc" and of the empty text: FIPS 180-4, and NIST's examples. */
#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define EMPTY \
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static char path[] = "/tmp/aqi_auth.XXXXXX";

static struct aqi_auth *
load(const char *text, struct aqi_error *err)
{
	FILE *file = fopen(path, "w");

	if (!file || fputs(text, file) < 0 || fclose(file) != 0)
		exit(1);
	return aqi_auth_load(path, err);
}

static void
test_find(void)
{
	struct aqi_error err = {0};
	struct aqi_auth *auth = load("# keys\n\nfirst " ABC "\n"
				     "  second\t " EMPTY "  \r\n", &err);
	const char *name;

	if (!ok(auth != NULL, "keys are loaded"))
		exit(1);
	name = aqi_auth_find(auth, aqi_slice_of("abc"));
	ok(name && strcmp(name, "first") == 0, "a key has the name of its hash");
	name = aqi_auth_find(auth, (struct aqi_slice){"", 0});
	ok(name && strcmp(name, "second") == 0, "and so has another");
	ok(!aqi_auth_find(auth, aqi_slice_of("abd")) &&
	   !aqi_auth_find(auth, aqi_slice_of("ab")) &&
	   !aqi_auth_find(auth, aqi_slice_of("abcd")) &&
	   !aqi_auth_find(auth, (struct aqi_slice){"abc\0", 4}) &&
	   !aqi_auth_find(auth, aqi_slice_of(ABC)),
	   "what is nearly a key, or its hash, has none");
	aqi_auth_free(auth);
	aqi_auth_free(NULL);
}

/* A hash that is wrong may be a key that was put there: nothing to print. */
static void
test_secrets(void)
{
	struct aqi_error err = {0};

	ok(!load("name topsecret\n", &err) && err.code == AQI_E_USAGE &&
	   err.line == 1 && !strstr(err.reason, "topsecret"),
	   "a key in the place of its hash is not shown");
}

static void
test_modes(void)
{
	struct aqi_error err = {0};
	struct aqi_auth *auth;
	bool well = true;

	for (mode_t mode = 1; mode < 8; mode++)
		well = well && chmod(path, 0600 | mode) == 0 &&
		       !load("a " ABC, &err) && err.code == AQI_E_USAGE;
	ok(well, "a file that others may use in any way is refused");
	auth = chmod(path, 0640) == 0 ? load("a " ABC, &err) : NULL;
	ok(auth != NULL, "one of the group is not");
	aqi_auth_free(auth);
}

int
main(void)
{
	int fd = mkstemp(path);

	if (fd < 0)
		exit(1);
	close(fd);
	if (aqi_auth_libcrypto()) {
		test_find();
		test_secrets();
		test_modes();
	} else {
		skip("keys", "libcrypto is not built in");
	}
	unlink(path);
	return done();
}
