#include "net/access_log.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "net/http.h"
#include "net/server.h"
#include "tap.h"

static char folder[] = "/tmp/aqi_access_log.XXXXXX", path[64];

static struct aqi_http_head head;

static struct aqi_request
request_of(const char *text)
{
	struct aqi_http_progress progress = {0};
	struct aqi_http_fault fault;

	if (aqi_http_read_request(aqi_slice_of(text), &progress,
				  &AQI_HTTP_LIMITS, &head, &fault) != AQI_OK)
		exit(1);
	return (struct aqi_request){
		.head = &head, .peer = aqi_slice_of("192.0.2.1")};
}

static struct aqi_access_log *
open_log(const char *name, unsigned n)
{
	struct aqi_error err;
	struct aqi_access_log *log = aqi_access_log_open(name, n, &err);

	if (!log)
		exit(1);
	return log;
}

static bool
closes(struct aqi_access_log *log)
{
	struct aqi_error err;

	return aqi_access_log_close(log, &err) == AQI_OK;
}

/* The file, but for the time that a line begins with. */
static bool
has_lines(const char *name, const char *wanted)
{
	struct aqi_buffer bytes = {0}, text = {0};
	struct aqi_error err;
	const char *p, *end;
	bool same;

	if (aqi_file_load(name, 1 << 26, AQI_E_IO, &bytes, &err) != AQI_OK)
		return false;
	for (p = bytes.data; p < bytes.data + bytes.size; p = end + 1) {
		end = memchr(p, '\n', (size_t)(bytes.data + bytes.size - p));
		if (!end || end - p < 39 || memcmp(p, "{\"time\":\"20", 11) ||
		    memcmp(p + 35, "Z\",", 3))
			return false;
		aqi_buffer_add(&text, p + 37, (size_t)(end - p) - 36);
	}
	same = text.size == strlen(wanted) &&
	       (text.size == 0 || memcmp(text.data, wanted, text.size) == 0);
	if (!same)
		note("%.*s", (int)text.size, text.data ? text.data : "");
	aqi_buffer_free(&bytes);
	aqi_buffer_free(&text);
	return same;
}

static void
test_lines(void)
{
	struct aqi_access_log *log = open_log(path, 2);
	struct aqi_answer answer = {.status = 200, .key = "lab"};
	struct aqi_request request = request_of(
		"GET /a?b HTTP/1.1\r\nHost: a\r\nUser-Agent: x\"\\\xff\r\n\r\n");

	aqi_access_log_add(log, 0, &request, &answer, 97, 1234567);
	answer = (struct aqi_answer){.status = 400};
	aqi_buffer_add_text(&answer.body, "no \x1b[2J\n");
	request.head = NULL;
	aqi_access_log_add(log, 1, &request, &answer, 8, 999);
	aqi_buffer_free(&answer.body);
	ok(closes(log) && has_lines(path,
		",\"peer\":\"192.0.2.1\",\"method\":\"GET\","
		"\"target\":\"/a?b\",\"status\":200,\"bytes\":97,\"ms\":1.234,"
		"\"key\":\"lab\",\"agent\":\"x\\\\x22\\\\x5c\\\\xff\"}\n"
		",\"peer\":\"192.0.2.1\",\"reason\":\"no \\\\x1b[2J\","
		"\"status\":400,\"bytes\":8,\"ms\":0.000}\n"),
	   "a line is written for each request, whole when it closes");
	unlink(path);
}

static void
test_long(void)
{
	static char text[4096];
	struct aqi_access_log *log = open_log(path, 1);
	struct aqi_answer answer = {.status = 200};
	struct aqi_request request;
	struct aqi_buffer bytes = {0};
	struct aqi_error err;

	memset(text, 'a', 2000);
	memcpy(text, "GET /", 5);
	snprintf(text + 2000, sizeof text - 2000,
		 " HTTP/1.1\r\nHost: a\r\n\r\n");
	request = request_of(text);
	aqi_access_log_add(log, 0, &request, &answer, 0, 0);
	ok(closes(log) && aqi_file_load(path, 1 << 20, AQI_E_IO, &bytes,
					&err) == AQI_OK &&
	   bytes.size < 1250 && memmem(bytes.data, bytes.size, "aaa...\",", 8),
	   "a long text is cut");
	aqi_buffer_free(&bytes);
	unlink(path);
}

/* A file that is renamed and opened anew, while lines come. */
static void *
add_many(void *self)
{
	static const struct aqi_answer answer = {.status = 200};
	const struct aqi_request request = {.peer = {"a", 1}};

	for (int i = 0; i < 20000; i++)
		aqi_access_log_add(self, 0, &request, &answer, 0, 0);
	return NULL;
}

static size_t
count_lines(const char *name, bool *whole)
{
	struct aqi_buffer bytes = {0};
	struct aqi_error err;
	size_t n = 0;

	if (aqi_file_load(name, 1 << 26, AQI_E_IO, &bytes, &err) != AQI_OK)
		return 0;
	for (size_t i = 0; i < bytes.size; i++)
		n += bytes.data[i] == '\n';
	*whole = *whole && (bytes.size == 0 ||
			    (bytes.data[0] == '{' &&
			     bytes.data[bytes.size - 1] == '\n'));
	aqi_buffer_free(&bytes);
	return n;
}

static void
test_reopen(void)
{
	struct aqi_access_log *log = open_log(path, 1);
	struct aqi_error err;
	char name[80];
	pthread_t thread;
	bool whole = true;
	uint64_t n_dropped;
	size_t n = 0;

	if (pthread_create(&thread, NULL, add_many, log) != 0)
		exit(1);
	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof name, "%s.%d", path, i);
		if (rename(path, name) < 0 ||
		    aqi_access_log_reopen(log, &err) != AQI_OK)
			exit(1);
	}
	pthread_join(thread, NULL);
	n_dropped = aqi_access_log_dropped(log);
	ok(closes(log), "the log closes");
	n += count_lines(path, &whole);
	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof name, "%s.%d", path, i);
		n += count_lines(name, &whole);
		unlink(name);
	}
	ok(n + n_dropped == 20000 && whole,
	   "no line is lost, repeated or torn by opening anew");
	unlink(path);
}

/* A pipe that nobody reads takes a while to fill, and then nothing more. */
static void *
count_bytes(void *self)
{
	static char bytes[1 << 16];
	int fd = *(int *)self;
	size_t n = 0;
	ssize_t got;

	while ((got = read(fd, bytes, sizeof bytes)) > 0)
		for (ssize_t i = 0; i < got; i++)
			n += bytes[i] == '\n';
	close(fd);
	return (void *)n;
}

static void
test_stuck(void)
{
	static const struct aqi_answer answer = {.status = 200};
	const struct aqi_request request = {.peer = {"a", 1}};
	struct aqi_access_log *log;
	int ends[2], before = dup(STDOUT_FILENO);
	uint64_t n_dropped = 0, n = 0, started;
	pthread_t thread;
	void *n_read;

	fflush(stdout);
	if (pipe(ends) < 0 || before < 0 || dup2(ends[1], STDOUT_FILENO) < 0)
		exit(1);
	log = open_log("-", 1);
	dup2(before, STDOUT_FILENO);
	close(before);
	close(ends[1]);
	started = aqi_clock_ns();
	for (; n_dropped == 0 && aqi_clock_ns() - started < 20000000000; n++) {
		aqi_access_log_add(log, 0, &request, &answer, 0, 0);
		n_dropped = aqi_access_log_dropped(log);
	}
	ok(n_dropped == 1, "who cannot write drops lines, and keeps nobody");
	if (pthread_create(&thread, NULL, count_bytes, &ends[0]) != 0)
		exit(1);
	ok(closes(log), "when it can again, it goes on");
	pthread_join(thread, &n_read);
	ok((size_t)n_read + n_dropped == n, "%zu lines are written in the end, "
	   "and %llu are not", (size_t)n_read, (unsigned long long)n_dropped);
}

static void
test_never(void)
{
	struct aqi_access_log *log;
	struct aqi_error err = {0};
	int ends[2], before = dup(STDOUT_FILENO);

	fflush(stdout);
	if (pipe(ends) < 0 || before < 0 || dup2(ends[1], STDOUT_FILENO) < 0)
		exit(1);
	log = open_log("-", 1);
	dup2(before, STDOUT_FILENO);
	close(before);
	close(ends[1]);
	add_many(log);
	ok(aqi_access_log_close(log, &err) == AQI_FATAL &&
	   strcmp(err.reason, "cannot write the access log: "
			      "Connection timed out") == 0,
	   "one that nobody ever reads is given up at the end");
	close(ends[0]);
}

static void
test_full(void)
{
	static const struct aqi_answer answer = {.status = 200};
	const struct aqi_request request = {.peer = {"a", 1}};
	struct aqi_access_log *log = open_log("/dev/full", 1);
	struct aqi_error err = {0};

	aqi_access_log_add(log, 0, &request, &answer, 0, 0);
	ok(aqi_access_log_close(log, &err) == AQI_FATAL &&
	   err.code == AQI_E_IO && strcmp(err.file, "/dev/full") == 0 &&
	   strcmp(err.reason, "cannot write the access log: "
			      "No space left on device") == 0,
	   "a full disk is told of at the end");
	ok(!aqi_access_log_open("no/such", 1, &err) &&
	   strcmp(err.reason, "cannot open the access log: "
			      "No such file or directory") == 0,
	   "a file that cannot be opened is told of");
	ok(aqi_access_log_close(NULL, NULL) == AQI_OK, "no log closes");
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);
	if (!mkdtemp(folder))
		exit(1);
	snprintf(path, sizeof path, "%s/log", folder);
	test_lines();
	test_long();
	test_reopen();
	test_stuck();
	test_never();
	test_full();
	rmdir(folder);
	return done();
}
