/* daemon.h: what a program needs that runs until it is told to end. */
#ifndef AQI_CLI_DAEMON_H
#define AQI_CLI_DAEMON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* What is said: this much, and what is worse. */
enum aqi_log_level {
	AQI_LEVEL_NONE,		/* not told yet */
	AQI_LEVEL_ERROR,
	AQI_LEVEL_WARNING,
	AQI_LEVEL_INFO
};

/* A level by its name in any case; those of Python's logging are known. */
bool aqi_daemon_read_level(const char *word, enum aqi_log_level *level);

enum aqi_daemon_event {
	AQI_DAEMON_DONE,	/* the descriptor is ready for input */
	AQI_DAEMON_STOP,	/* SIGTERM or SIGINT */
	AQI_DAEMON_RELOAD,	/* SIGHUP */
	AQI_DAEMON_TIME		/* the time is over */
};

/*
 * timeout(1), and a terminal with a parent that hands on what it gets, send a
 * signal twice at once. The same one again so soon says nothing new; a person
 * who means it is slower.
 */
#define AQI_DAEMON_ECHO_NS 100000000u

struct aqi_daemon {
	int signals;		/* a descriptor */
	int last;		/* the signal of the last AQI_DAEMON_STOP, */
	uint64_t last_ns;	/* and when it was */
};

/*
 * From now on these signals are events, in all threads that are started later;
 * a pipe that closes is an error of write(2). AQI_E_IO.
 */
enum aqi_status aqi_daemon_open(struct aqi_daemon *daemon,
				struct aqi_error *err) AQI_MUST_CHECK;

/*
 * Wait for the first of them, at most *left_ms, which becomes what is left of
 * it; -1: for ever, and stays.
 */
enum aqi_daemon_event aqi_daemon_wait(struct aqi_daemon *daemon, int done_fd,
				      int64_t *left_ms);

/* End as the last signal would have ended it; does not return. */
void aqi_daemon_die(const struct aqi_daemon *daemon)
	__attribute__((noreturn));

/*
 * Go on as another user, with his groups and no way back; call it before there
 * are threads. To be him already is all right. AQI_E_USAGE for a name that
 * nobody has, AQI_E_IO for one that we may not become.
 */
enum aqi_status aqi_daemon_become(const char *user,
				  struct aqi_error *err) AQI_MUST_CHECK;

/* Leave no memory on the disk, whatever happens: there are secrets in it. */
void aqi_daemon_keep_secrets(void);

#endif
