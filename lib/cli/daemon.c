#include "cli/daemon.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"

bool
aqi_daemon_read_level(const char *word, enum aqi_log_level *level)
{
	static const struct {
		const char *word;
		enum aqi_log_level level;
	} levels[] = {
		{"error", AQI_LEVEL_ERROR}, {"warning", AQI_LEVEL_WARNING},
		{"info", AQI_LEVEL_INFO}, {"debug", AQI_LEVEL_INFO},
		{"critical", AQI_LEVEL_ERROR},
	};

	for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
		if (strcasecmp(word, levels[i].word) == 0) {
			*level = levels[i].level;
			return true;
		}
	}
	return false;
}

enum aqi_status
aqi_daemon_open(struct aqi_daemon *daemon, struct aqi_error *err)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	*daemon = (struct aqi_daemon){
		.signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)};
	if (daemon->signals < 0)
		return aqi_error_system(err, errno, "cannot wait for signals");
	return AQI_OK;
}

/* true: there was a signal. */
static bool
read_signal(struct aqi_daemon *daemon, enum aqi_daemon_event *event)
{
	struct signalfd_siginfo info;
	const uint64_t now = aqi_clock_ns();

	if (read(daemon->signals, &info, sizeof info) != sizeof info)
		return false;
	if ((int)info.ssi_signo == daemon->last &&
	    now - daemon->last_ns < AQI_DAEMON_ECHO_NS)
		return false;
	*event = info.ssi_signo == SIGHUP ? AQI_DAEMON_RELOAD :
					    AQI_DAEMON_STOP;
	if (*event == AQI_DAEMON_STOP) {
		daemon->last = (int)info.ssi_signo;
		daemon->last_ns = now;
	}
	return true;
}

enum aqi_daemon_event
aqi_daemon_wait(struct aqi_daemon *daemon, int done_fd, int64_t *left_ms)
{
	struct pollfd fds[2] = {
		{.fd = daemon->signals, .events = POLLIN},
		{.fd = done_fd, .events = POLLIN},
	};
	const uint64_t started = aqi_clock_ns();
	const int64_t ms = *left_ms;
	enum aqi_daemon_event event;
	int n;

	for (;;) {
		n = poll(fds, 2, *left_ms > INT_MAX ? INT_MAX : (int)*left_ms);
		if (ms >= 0) {
			*left_ms = ms - (int64_t)((aqi_clock_ns() - started) /
						  1000000);
			if (*left_ms < 0)
				*left_ms = 0;
		}
		if (n > 0 && fds[0].revents && read_signal(daemon, &event))
			return event;
		if (n > 0 && fds[1].revents)
			return AQI_DAEMON_DONE;
		if (*left_ms == 0)
			return AQI_DAEMON_TIME;
	}
}

void
aqi_daemon_die(const struct aqi_daemon *daemon)
{
	sigset_t set;

	signal(daemon->last, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, daemon->last);
	raise(daemon->last);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	_exit(128 + daemon->last);
}

enum aqi_status
aqi_daemon_become(const char *user, struct aqi_error *err)
{
	char quoted[AQI_QUOTED_SIZE];
	const struct passwd *entry;

	aqi_error_quote(quoted, aqi_slice_of(user));
	errno = 0;
	entry = getpwnam(user);
	if (!entry && errno != 0 && errno != ENOENT)
		return aqi_error_system(err, errno, "cannot look up the user "
					"%s", quoted);
	if (!entry)
		return aqi_error_set(err, AQI_E_USAGE, "there is no user %s",
				     quoted);
	/* Not even a program with the set-user-ID bit gives anything back. */
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (geteuid() == entry->pw_uid && getuid() == entry->pw_uid)
		return AQI_OK;
	if (initgroups(entry->pw_name, entry->pw_gid) < 0 ||
	    setgid(entry->pw_gid) < 0 || setuid(entry->pw_uid) < 0)
		return aqi_error_system(err, errno, "cannot become the user "
					"%s", quoted);
	if (entry->pw_uid != 0 && setuid(0) == 0)
		return aqi_error_set(err, AQI_E_IO, "the user %s can become "
				     "root again", quoted);
	return AQI_OK;
}

void
aqi_daemon_keep_secrets(void)
{
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}
