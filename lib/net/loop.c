#include "net/loop.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"

/*
 * So many events are taken at once. More save calls when all connections are
 * busy; fewer let timers and the first of them go on sooner.
 */
#define EVENTS 128

struct aqi_loop {
	int epoll;
	struct aqi_watch alarm;		/* an eventfd: aqi_loop_wake */
	aqi_due_fn *woken;
	void *woken_self;
	atomic_bool is_stopped;
	bool has_fine_wait;		/* epoll_pwait2(2) works here */
	uint64_t now;
	struct aqi_timer *first;	/* the root of the heap */
	struct epoll_event events[EVENTS];
	int n_events, at;
};

/*
 * The timers are a pairing heap: a tree whose root is the earliest, the
 * children of one in a list whose first has its parent as prev. To set one is
 * a comparison, and there is no array that could fail to grow.
 *
 * Source: M. L. Fredman, R. Sedgewick, D. D. Sleator, R. E. Tarjan, "The
 * pairing heap: a new form of self-adjusting heap", Algorithmica 1 (1986).
 */
static struct aqi_timer *
meld(struct aqi_timer *a, struct aqi_timer *b)
{
	struct aqi_timer *later;

	if (!a || !b)
		return a ? a : b;
	if (b->due_ns < a->due_ns) {
		later = a;
		a = b;
	} else {
		later = b;
	}
	later->prev = a;
	later->next = a->child;
	if (a->child)
		a->child->prev = later;
	a->child = later;
	return a;
}

/* Make one heap of a list of them: pairs from the left, then all of these. */
static struct aqi_timer *
merge_pairs(struct aqi_timer *list)
{
	struct aqi_timer *pairs = NULL, *whole = NULL, *a, *b, *pair;

	while (list) {
		a = list;
		b = a->next;
		list = b ? b->next : NULL;
		a->next = a->prev = NULL;
		if (b)
			b->next = b->prev = NULL;
		pair = meld(a, b);
		pair->next = pairs;
		pairs = pair;
	}
	while (pairs) {
		pair = pairs;
		pairs = pair->next;
		pair->next = NULL;
		whole = meld(whole, pair);
	}
	return whole;
}

void
aqi_loop_unset(struct aqi_loop *loop, struct aqi_timer *timer)
{
	struct aqi_timer *children;

	if (!timer->is_set)
		return;
	timer->is_set = false;
	children = merge_pairs(timer->child);
	timer->child = NULL;
	if (loop->first == timer) {
		loop->first = children;
		return;
	}
	if (timer->prev->child == timer)
		timer->prev->child = timer->next;
	else
		timer->prev->next = timer->next;
	if (timer->next)
		timer->next->prev = timer->prev;
	timer->next = timer->prev = NULL;
	loop->first = meld(loop->first, children);
}

void
aqi_loop_set(struct aqi_loop *loop, struct aqi_timer *timer, uint64_t due_ns)
{
	aqi_loop_unset(loop, timer);
	/*
	 * Not before the next turn, so that a timer set for now again and again
	 * does not keep the descriptors from being looked at.
	 */
	timer->due_ns = due_ns > loop->now ? due_ns : loop->now + 1;
	timer->is_set = true;
	loop->first = meld(loop->first, timer);
}

uint64_t
aqi_loop_now(const struct aqi_loop *loop)
{
	return loop->now;
}

uint64_t
aqi_loop_look(struct aqi_loop *loop)
{
	return loop->now = aqi_clock_ns();
}

static uint32_t
events_of(unsigned wanted)
{
	return (wanted & AQI_READY_IN ? (uint32_t)EPOLLIN : 0) |
	       (wanted & AQI_READY_OUT ? (uint32_t)EPOLLOUT : 0);
}

static enum aqi_status
add(struct aqi_loop *loop, struct aqi_watch *watch, unsigned wanted,
    uint32_t flags, struct aqi_error *err)
{
	struct epoll_event event = {
		.events = events_of(wanted) | flags,
		.data.ptr = watch,
	};

	watch->wanted = wanted;
	if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, watch->fd, &event) < 0)
		return aqi_error_system(err, errno, "cannot wait for a "
					"descriptor");
	return AQI_OK;
}

enum aqi_status
aqi_loop_watch(struct aqi_loop *loop, struct aqi_watch *watch, unsigned wanted,
	       struct aqi_error *err)
{
	return add(loop, watch, wanted, 0, err);
}

enum aqi_status
aqi_loop_watch_shared(struct aqi_loop *loop, struct aqi_watch *watch,
		      unsigned wanted, struct aqi_error *err)
{
	return add(loop, watch, wanted, EPOLLEXCLUSIVE, err);
}

void
aqi_loop_want(struct aqi_loop *loop, struct aqi_watch *watch, unsigned wanted)
{
	struct epoll_event event = {
		.events = events_of(wanted),
		.data.ptr = watch,
	};

	if (watch->wanted == wanted)
		return;
	watch->wanted = wanted;
	/* Cannot fail for a descriptor that is watched. */
	epoll_ctl(loop->epoll, EPOLL_CTL_MOD, watch->fd, &event);
}

void
aqi_loop_unwatch(struct aqi_loop *loop, struct aqi_watch *watch)
{
	epoll_ctl(loop->epoll, EPOLL_CTL_DEL, watch->fd, NULL);
	/* What it was found ready for in this turn is not told any more. */
	for (int i = loop->at; i < loop->n_events; i++)
		if (loop->events[i].data.ptr == watch)
			loop->events[i].data.ptr = NULL;
}

static void
read_alarm(void *self, unsigned ready)
{
	struct aqi_loop *loop = self;
	uint64_t n;

	(void)ready;
	if (read(loop->alarm.fd, &n, sizeof n) == sizeof n && loop->woken)
		loop->woken(loop->woken_self);
}

void
aqi_loop_on_wake(struct aqi_loop *loop, aqi_due_fn *woken, void *self)
{
	loop->woken = woken;
	loop->woken_self = self;
}

void
aqi_loop_wake(struct aqi_loop *loop)
{
	const uint64_t one = 1;
	int saved = errno;

	/* Full means that it has rung already. */
	if (write(loop->alarm.fd, &one, sizeof one) < 0)
		errno = saved;
}

void
aqi_loop_stop(struct aqi_loop *loop)
{
	atomic_store(&loop->is_stopped, true);
	aqi_loop_wake(loop);
}

struct aqi_loop *
aqi_loop_new(struct aqi_error *err)
{
	struct aqi_loop *loop = calloc(1, sizeof *loop);

	if (!loop) {
		aqi_error_memory(err);
		return NULL;
	}
	loop->has_fine_wait = true;
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	loop->alarm = (struct aqi_watch){
		.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
		.ready = read_alarm,
		.self = loop,
	};
	if (loop->epoll < 0 || loop->alarm.fd < 0)
		aqi_error_system(err, errno, "cannot make an event loop");
	else if (add(loop, &loop->alarm, AQI_READY_IN, 0, err) == AQI_OK) {
		aqi_loop_look(loop);
		return loop;
	}
	aqi_loop_free(loop);
	return NULL;
}

void
aqi_loop_free(struct aqi_loop *loop)
{
	if (!loop)
		return;
	if (loop->alarm.fd >= 0)
		close(loop->alarm.fd);
	if (loop->epoll >= 0)
		close(loop->epoll);
	free(loop);
}

/* Milliseconds are too coarse for a sender that keeps a rate. */
static int
wait_fine(struct aqi_loop *loop, uint64_t ns)
{
	struct timespec t = {
		.tv_sec = (time_t)(ns / 1000000000),
		.tv_nsec = (long)(ns % 1000000000),
	};

	return epoll_pwait2(loop->epoll, loop->events, EVENTS, &t, NULL);
}

static int
wait_coarse(struct aqi_loop *loop, uint64_t ns)
{
	uint64_t ms = ns / 1000000 + (ns % 1000000 != 0);

	return epoll_wait(loop->epoll, loop->events, EVENTS,
			  ms > 1000000 ? 1000000 : (int)ms);
}

static int
wait_for_events(struct aqi_loop *loop)
{
	uint64_t due;
	int n;

	if (!loop->first)
		return epoll_wait(loop->epoll, loop->events, EVENTS, -1);
	due = loop->first->due_ns;
	aqi_loop_look(loop);
	if (due <= loop->now)
		return epoll_wait(loop->epoll, loop->events, EVENTS, 0);
	if (!loop->has_fine_wait)
		return wait_coarse(loop, due - loop->now);
	n = wait_fine(loop, due - loop->now);
	if (n >= 0 || errno != ENOSYS)
		return n;
	loop->has_fine_wait = false;
	return wait_coarse(loop, due - loop->now);
}

static bool
is_stopped(const struct aqi_loop *loop)
{
	return atomic_load(&loop->is_stopped);
}

static void
tell_ready(struct aqi_loop *loop)
{
	struct aqi_watch *watch;
	uint32_t events;
	unsigned ready;

	for (loop->at = 0; loop->at < loop->n_events && !is_stopped(loop); ) {
		events = loop->events[loop->at].events;
		watch = loop->events[loop->at++].data.ptr;
		if (!watch)
			continue;
		ready = (events & EPOLLIN ? AQI_READY_IN : 0u) |
			(events & EPOLLOUT ? AQI_READY_OUT : 0u);
		if (events & (EPOLLERR | EPOLLHUP))
			ready = AQI_READY_IN | AQI_READY_OUT;
		watch->ready(watch->self, ready);
	}
	loop->at = loop->n_events = 0;
}

/* What is set meanwhile is for later than now: see aqi_loop_set. */
static void
tell_due(struct aqi_loop *loop)
{
	const uint64_t now = loop->now;
	struct aqi_timer *timer;

	while ((timer = loop->first) && timer->due_ns <= now &&
	       !is_stopped(loop)) {
		aqi_loop_unset(loop, timer);
		timer->due(timer->self);
	}
}

enum aqi_status
aqi_loop_run(struct aqi_loop *loop, struct aqi_error *err)
{
	while (!is_stopped(loop)) {
		loop->n_events = wait_for_events(loop);
		if (loop->n_events < 0) {
			loop->n_events = 0;
			if (errno == EINTR)
				continue;
			return aqi_error_system(err, errno,
						"cannot wait for events");
		}
		aqi_loop_look(loop);
		tell_ready(loop);
		tell_due(loop);
	}
	return AQI_OK;
}
