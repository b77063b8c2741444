/*
 * Signals at any moment of a run: which bytes are written then, and what is
 * left. Each in a process of its own, whose death by raise(3) is only noted,
 * so that what has become of the files can be looked at.
 */
#include "cli/cli.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "record/sink.h"
#include "tap.h"

static int raised;		/* the signal that the process died of */
static int signal_at;		/* the n-th write is interrupted, from 1 */

/* These stand before those of the C library. */
int
raise(int number)
{
	raised = number;
	return 0;
}

/* Two bytes at most. */
ssize_t
write(int fd, const void *data, size_t size)
{
	char bytes[2];
	size_t n = size < sizeof bytes ? size : sizeof bytes;

	if (signal_at > 0 && --signal_at == 0)
		kill(getpid(), SIGTERM);
	memcpy(bytes, data, n);
	return writev(fd, &(struct iovec){bytes, n}, 1);
}

static char folder[] = "/tmp/aqi-run.XXXXXX";
static char path[64], second[64];

static bool
holds(const char *wanted)
{
	struct aqi_buffer bytes;
	bool same;

	if (aqi_file_load(path, 1000, AQI_E_IO, &bytes, NULL) != AQI_OK)
		return false;
	same = aqi_slice_is((struct aqi_slice){bytes.data, bytes.size},
			    wanted);
	aqi_buffer_free(&bytes);
	return same;
}

/* Does a test hold in a process of its own? */
static bool
in_child(bool (*test)(int), int argument)
{
	int status;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0)
		exit(test(argument) ? 0 : 1);
	return child > 0 && waitpid(child, &status, 0) == child &&
	       WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Between two writes: the temporary files go, and the process at once. */
static bool
ends_at_once(int number)
{
	struct aqi_error err;
	struct aqi_sink *a = aqi_cli_open(path, &err);
	struct aqi_sink *b = aqi_cli_open(second, &err);
	const char *names[] = {aqi_sink_temporary(a), aqi_sink_temporary(b)};
	bool were = access(names[0], F_OK) == 0 && access(names[1], F_OK) == 0;
	bool are;

	kill(getpid(), number);
	are = access(names[0], F_OK) == 0 || access(names[1], F_OK) == 0;
	aqi_sink_discard(a);
	aqi_sink_discard(b);
	return were && !are && raised == number;
}

static bool
stays_ignored(int number)
{
	struct aqi_error err;
	struct aqi_sink *sink;
	bool stays;

	signal(number, SIG_IGN);
	sink = aqi_cli_open(path, &err);
	kill(getpid(), number);
	stays = raised == 0 && access(aqi_sink_temporary(sink), F_OK) == 0;
	aqi_sink_discard(sink);
	return stays;
}

/* A file that has its name already is no more the signal's. */
static bool
leaves_the_named(int number)
{
	struct aqi_error err;
	struct aqi_sink *sink = aqi_cli_open(path, &err);

	if (aqi_sink_write(sink, "done\n", 5, NULL, 0, NULL, &err) != AQI_OK ||
	    aqi_cli_close(sink, true, &err) != AQI_OK)
		return false;
	kill(getpid(), number);
	return raised == number && holds("done\n");
}

/* The n-th write, of two bytes each, is interrupted: `left` stands then. */
static const struct {
	int at;
	const size_t *ends;
	size_t n_ends, n_written;
	const char *left;
} writes[] = {
	{0, (const size_t[]){4, 8}, 2, 2, "one\ntwo\n"},
	{1, (const size_t[]){4, 8}, 2, 1, "one\n"},
	{2, (const size_t[]){4, 8}, 2, 1, "one\n"},
	{3, (const size_t[]){4, 8}, 2, 2, "one\ntwo\n"},
	{3, (const size_t[]){4}, 1, 1, "one\ntwo\n"},
	{1, NULL, 0, 0, "one\ntwo\n"},
};

static bool
ends_whole(int i)
{
	struct aqi_error err;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	char name[32];
	struct aqi_sink *sink;
	enum aqi_status status;
	size_t n = 99;

	snprintf(name, sizeof name, "/dev/fd/%d", fd);
	sink = aqi_cli_open(name, &err);
	signal_at = writes[i].at;
	status = aqi_sink_write(sink, "one\ntwo\n", 8, writes[i].ends,
				writes[i].n_ends, &n, &err);
	aqi_sink_discard(sink);
	close(fd);
	return status == AQI_OK && n == writes[i].n_written && holds(writes[i].left) &&
	       raised == (writes[i].at ? SIGTERM : 0);
}

int
main(void)
{
	static const int numbers[] = {SIGHUP, SIGINT, SIGTERM, SIGPIPE,
				      SIGQUIT};

	if (!mkdtemp(folder))
		return 1;
	snprintf(path, sizeof path, "%s/file", folder);
	snprintf(second, sizeof second, "%s/second", folder);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		int number = numbers[i];

		signal(number, SIG_DFL);
		ok(in_child(ends_at_once, number),
		   "signal %d removes both temporary files", number);
		ok(in_child(stays_ignored, number),
		   "signal %d that was ignored stays so", number);
		ok(in_child(leaves_the_named, number),
		   "signal %d leaves a file that has its name", number);
	}
	for (size_t i = 0; i < sizeof writes / sizeof *writes; i++)
		ok(in_child(ends_whole, (int)i),
		   "write %d interrupted: whole records stand, %zu",
		   writes[i].at, i);
	unlink(path);
	ok(rmdir(folder) == 0, "nothing else is left");
	return done();
}
