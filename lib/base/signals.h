/*
 * signals.h: a few steps that no signal comes between.
 *
 * Signals that come meanwhile wait. A thread that is started meanwhile has all
 * of them blocked, so that they come to the others.
 */
#ifndef AQI_BASE_SIGNALS_H
#define AQI_BASE_SIGNALS_H

#include <pthread.h>
#include <signal.h>

/* Block all for this thread; *before, out, is what was blocked. */
static inline void
aqi_signals_hold(sigset_t *before)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, before);
}

static inline void
aqi_signals_release(const sigset_t *before)
{
	pthread_sigmask(SIG_SETMASK, before, NULL);
}

#endif
