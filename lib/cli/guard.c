#include "cli/guard.h"

#include <signal.h>
#include <unistd.h>

#include "cli/cli.h"

/*
 * What a signal handler has to go by: globals, these being the process's as
 * the handler is. The temporary files are to be removed when a signal ends the
 * run; one that comes during a write waits for the end of a record.
 */
static const char *volatile temporary[2];
static volatile sig_atomic_t is_writing, stop;

static void
remove_and_die(int number)
{
	for (size_t i = 0; i < 2; i++)
		if (temporary[i])
			unlink(temporary[i]);
	/* SA_RESETHAND has restored the default: die of the same signal. */
	raise(number);
}

/* A second signal of the kind finds the default action, and ends a write that
 * waits for a reader who does not come. */
static void
handle(int number)
{
	if (is_writing)
		stop = number;
	else
		remove_and_die(number);
}

static void
enter_write(void)
{
	is_writing = 1;
}

static void
leave_write(void)
{
	is_writing = 0;
	if (stop)
		remove_and_die(stop);
}

static void
note_temporary(const char *path)
{
	temporary[temporary[0] ? 1 : 0] = path;
}

static void
forget_temporary(const char *path)
{
	for (size_t i = 0; i < 2; i++)
		if (temporary[i] == path)
			temporary[i] = NULL;
}

const struct aqi_sink_guard aqi_guard = {
	.enter = enter_write,
	.leave = leave_write,
	.made = note_temporary,
	.gone = forget_temporary,
	.stop = &stop,
};

/* SIGPIPE and SIGQUIT are met outside of writes too, or end a write at once;
 * a closed pipe has no record's end to wait for. */
void
aqi_cli_watch_signals(void)
{
	static const struct {
		int number;
		void (*handler)(int number);
	} signals[] = {
		{SIGHUP, handle}, {SIGINT, handle}, {SIGTERM, handle},
		{SIGXCPU, handle},
		{SIGPIPE, remove_and_die}, {SIGQUIT, remove_and_die},
	};
	struct sigaction act = {.sa_flags = (int)SA_RESETHAND}, old;

	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
		act.sa_handler = signals[i].handler;
		if (sigaction(signals[i].number, NULL, &old) == 0 &&
		    old.sa_handler == SIG_DFL)
			sigaction(signals[i].number, &act, NULL);
	}
}

struct aqi_sink *
aqi_cli_open(const char *path, struct aqi_error *err)
{
	aqi_cli_watch_signals();
	return aqi_sink_open(path, &aqi_guard, err);
}

enum aqi_status
aqi_cli_close(struct aqi_sink *sink, bool commit, struct aqi_error *err)
{
	if (sink && commit)
		return aqi_sink_close(sink, err);
	aqi_sink_discard(sink);
	return AQI_OK;
}
