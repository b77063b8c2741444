/*
 * A fuzz target without a fuzzer: it runs over the files that are named and
 * those of the folders, each a test in the Test Anything Protocol.
 */
#include <dirent.h>
#include <signal.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "fuzz.h"

static const char *current;
static int count;

/* The input is named even where it is the end of the program. */
static void
name_it(int signal_number)
{
	static const char fails[] = "not ok - ";

	if (write(STDOUT_FILENO, fails, sizeof fails - 1) > 0 &&
	    write(STDOUT_FILENO, current, strlen(current)) > 0 &&
	    write(STDOUT_FILENO, "\n", 1) > 0)
		signal(signal_number, SIG_DFL);
	raise(signal_number);
}

static void
replay_file(const char *path)
{
	struct aqi_buffer bytes;
	struct aqi_error err;
	uint8_t *exact;

	current = path;
	if (aqi_file_load(path, (size_t)1 << 30, AQI_E_IO, &bytes, &err) !=
	    AQI_OK) {
		printf("not ok %d - %s: %s\n", ++count, path, err.reason);
		return;
	}
	/* Of its exact size, so that a sanitizer sees each byte too many. */
	exact = malloc(bytes.size);
	if (exact || bytes.size == 0) {
		if (bytes.size > 0)
			memcpy(exact, bytes.data, bytes.size);
		LLVMFuzzerTestOneInput(exact, bytes.size);
		printf("ok %d - %s\n", ++count, path);
	}
	fflush(stdout);
	free(exact);
	aqi_buffer_free(&bytes);
}

static void
replay(const char *path)
{
	struct dirent **names;
	int n = scandir(path, &names, NULL, alphasort);
	char inner[4096];

	if (n < 0) {
		replay_file(path);
		return;
	}
	for (int i = 0; i < n; i++) {
		snprintf(inner, sizeof inner, "%s/%s", path, names[i]->d_name);
		if (names[i]->d_name[0] != '.')
			replay(inner);
		free(names[i]);
	}
	free(names);
}

int
main(int argc, char **argv)
{
	signal(SIGABRT, name_it);
	signal(SIGSEGV, name_it);
	signal(SIGFPE, name_it);
	for (int i = 1; i < argc; i++)
		replay(argv[i]);
	printf("1..%d\n", count);
	return count == 0;
}
