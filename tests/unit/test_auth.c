#undef _FORTIFY_SOURCE	/* whose declarations fault.h could not replace */
#include "net/auth.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "fault.h"
#include "tap.h"

/* That of libcrypto, whose header is there only where the library is. */
int EVP_Digest(const void *data, size_t size, unsigned char *hash,
	       unsigned *hash_size, const void *type, void *engine);

int
EVP_Digest(const void *data, size_t size, unsigned char *hash,
	   unsigned *hash_size, const void *type, void *engine)
{
	__typeof__(&EVP_Digest) real;
	FIND(real, "EVP_Digest");

	return fails("EVP_Digest") ? 0 :
				     real(data, size, hash, hash_size, type,
					  engine);
}

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

#define DIGITS "0123456789abcdefABCDEF0123456789abcdef" \
	"ABCDEF0123456789abcdefABCD"
#define NAME64 DIGITS
#define NO_NAME " is no name of a key: up to 64 letters, digits, '_', '-' " \
	"and '.'"
#define NO_HASH "the key \"a\" lacks its SHA-256, 64 hex digits and nothing " \
	"behind them"

static void
test_faults(void)
{
	static const struct {
		const char *text;
		uint64_t line;
		const char *reason;
	} cases[] = {
		{"", 0, "no key is in it"},
		{"# none\n\n", 0, "no key is in it"},
		{"a", 1, NO_HASH},
		{"a " DIGITS "0", 1, NO_HASH},
		{"a x" ABC, 1, NO_HASH},
		{"\na g23456789012345678901234567890123456789012345678901234567"
		 "89abcd", 2, NO_HASH},
		{"a 1g3456789012345678901234567890123456789012345678901234567"
		 "89abcde", 1, NO_HASH},
		{"a!b " ABC, 1, "\"a!b\"" NO_NAME},
		{NAME64 "0 " ABC, 1,
		 "\"0123456789abcdefABCDEF0123456789abcdefAB...\"" NO_NAME},
		{"a " ABC "\nb " EMPTY "\na " EMPTY, 3,
		 "the key \"a\" is there twice"},
	};
	struct aqi_error err = {0};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		if (!ok(!load(cases[i].text, &err) &&
			err.code == AQI_E_USAGE && err.line == cases[i].line &&
			strcmp(err.file, path) == 0 &&
			strcmp(err.reason, cases[i].reason) == 0,
			"line %llu: %s", (unsigned long long)cases[i].line,
			cases[i].reason))
			note("%llu: %s", (unsigned long long)err.line,
			     err.reason);
	}
	ok(!aqi_auth_load("/nonexistent/keys", &err) && err.code == AQI_E_IO &&
	   err.line == 0 && strcmp(err.reason,
	   "cannot open it: No such file or directory") == 0,
	   "a file that is not there is an error of the system");
}

static void
test_limits(void)
{
	struct aqi_error err = {0};
	struct aqi_auth *auth = load(NAME64 " " ABC, &err);
	struct aqi_buffer text = {0};
	const size_t most = 1 << 20;

	ok(auth && strcmp(aqi_auth_find(auth, aqi_slice_of("abc")),
			  NAME64) == 0, "a name may have 64 bytes");
	aqi_auth_free(auth);
	aqi_buffer_add_text(&text, "a " ABC "\n#");
	while (text.size < most)
		aqi_buffer_add_byte(&text, '-');
	aqi_buffer_add_byte(&text, '\0');
	auth = load(text.data, &err);
	ok(auth != NULL, "a file may have 1 MiB");
	aqi_auth_free(auth);
	text.data[most] = '-';
	aqi_buffer_add_byte(&text, '\0');
	ok(!load(text.data, &err) && err.code == AQI_E_USAGE &&
	   strcmp(err.reason, "larger than the limit of 1048576 bytes") == 0,
	   "one byte more is too much");
	aqi_buffer_free(&text);
}

/* The hash in capitals, and one that cannot be made. */
static void
test_hashes(void)
{
	struct aqi_error err = {0};
	struct aqi_auth *auth = load("a BA7816BF8F01CFEA414140DE5DAE2223B00361"
		"A396177A9CB410FF61F20015AD", &err);

	ok(auth && aqi_auth_find(auth, aqi_slice_of("abc")),
	   "hex digits may be capitals");
	fault.call = "EVP_Digest";
	ok(auth && !aqi_auth_find(auth, aqi_slice_of("abc")) && !fault.call,
	   "a key that cannot be hashed is nobody's");
	ok(auth && aqi_auth_find(auth, aqi_slice_of("abc")),
	   "until it can be");
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
		test_faults();
		test_limits();
		test_hashes();
	} else {
		skip("keys", "libcrypto is not built in");
	}
	unlink(path);
	return done();
}
