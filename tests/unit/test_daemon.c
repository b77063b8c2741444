#include "cli/daemon.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

static void
test_levels(void)
{
	static const struct {
		const char *word;
		enum aqi_log_level level;
	} known[] = {
		{"error", AQI_LEVEL_ERROR}, {"ERROR", AQI_LEVEL_ERROR},
		{"Warning", AQI_LEVEL_WARNING}, {"info", AQI_LEVEL_INFO},
		{"DEBUG", AQI_LEVEL_INFO}, {"CRITICAL", AQI_LEVEL_ERROR},
	};
	enum aqi_log_level level;
	bool well = true;

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		well = well && aqi_daemon_read_level(known[i].word, &level) &&
		       level == known[i].level;
	ok(well, "levels are known by name, in any case");
	ok(!aqi_daemon_read_level("", &level) &&
	   !aqi_daemon_read_level("inf", &level), "others are not");
}

static void
test_events(void)
{
	struct aqi_daemon daemon;
	struct aqi_error err;
	int64_t left_ms = 20;
	int ends[2];

	if (pipe(ends) < 0 || aqi_daemon_open(&daemon, &err) != AQI_OK)
		exit(1);
	ok(aqi_daemon_wait(&daemon, ends[0], &left_ms) == AQI_DAEMON_TIME &&
	   left_ms == 0, "time passes");
	raise(SIGHUP);
	left_ms = 1000000;
	ok(aqi_daemon_wait(&daemon, ends[0], &left_ms) == AQI_DAEMON_RELOAD &&
	   left_ms > 0 && left_ms <= 1000000,
	   "SIGHUP is an event, and leaves the rest of the time");
	raise(SIGTERM);
	left_ms = -1;
	ok(aqi_daemon_wait(&daemon, ends[0], &left_ms) == AQI_DAEMON_STOP &&
	   left_ms == -1 && daemon.last == SIGTERM, "so is SIGTERM");
	raise(SIGINT);
	ok(aqi_daemon_wait(&daemon, ends[0], &left_ms) == AQI_DAEMON_STOP &&
	   daemon.last == SIGINT, "so is SIGINT");
	ok(write(ends[1], "x", 1) == 1 &&
	   aqi_daemon_wait(&daemon, ends[0], &left_ms) == AQI_DAEMON_DONE,
	   "so is a descriptor");
	close(ends[0]);
	close(ends[1]);
	close(daemon.signals);
}

static void
test_die(void)
{
	const struct aqi_daemon daemon = {.signals = -1, .last = SIGTERM};
	int status;
	pid_t child = fork();

	if (child == 0)
		aqi_daemon_die(&daemon);
	ok(child > 0 && waitpid(child, &status, 0) == child &&
	   WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM,
	   "it ends as the signal would have ended it");
}

static void
test_no_descriptors(void)
{
	struct aqi_daemon daemon;
	struct aqi_error err = {0};
	struct rlimit before, none;

	getrlimit(RLIMIT_NOFILE, &before);
	none = before;
	none.rlim_cur = 0;
	ok(setrlimit(RLIMIT_NOFILE, &none) == 0 &&
	   aqi_daemon_open(&daemon, &err) == AQI_FATAL &&
	   err.code == AQI_E_IO &&
	   strcmp(err.reason, "cannot wait for signals: Too many open files") ==
		   0, "want of descriptors is said");
	/* What looks for leaks at the end opens files. */
	setrlimit(RLIMIT_NOFILE, &before);
}

int
main(void)
{
	test_levels();
	test_events();
	test_die();
	test_no_descriptors();
	return done();
}
