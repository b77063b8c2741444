#include "net/loop.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/random.h"
#include "tap.h"

static struct aqi_loop *
new_loop(void)
{
	struct aqi_error err;
	struct aqi_loop *loop = aqi_loop_new(&err);

	if (!loop)
		exit(1);
	return loop;
}

static bool
runs(struct aqi_loop *loop)
{
	struct aqi_error err;

	return aqi_loop_run(loop, &err) == AQI_OK;
}

/* Random timers, set, moved and unset, come in the order of their times. */
#define TIMERS 500

static struct {
	struct aqi_timer timer;
	bool came;
} timers[TIMERS];

static struct aqi_loop *timer_loop;
static size_t n_came;
static uint64_t last_due;
static bool in_order = true, in_time = true;

static void
come(void *self)
{
	struct aqi_timer *timer = self;
	size_t i = (size_t)((char *)self - (char *)timers) / sizeof *timers;

	in_order = in_order && timer->due_ns >= last_due && !timers[i].came;
	in_time = in_time && aqi_loop_now(timer_loop) >= timer->due_ns;
	last_due = timer->due_ns;
	timers[i].came = true;
	n_came++;
}

static void
stop(void *self)
{
	aqi_loop_stop(self);
}

static void
test_timers(uint64_t seed)
{
	struct aqi_random random = aqi_random_new(seed, 0);
	struct aqi_timer last = {.due = stop};
	uint64_t now;
	size_t n_set = 0, i;

	last.self = timer_loop = new_loop();
	now = aqi_loop_now(timer_loop);
	for (size_t k = 0; k < TIMERS; k++)
		timers[k].timer = (struct aqi_timer){
			.due = come, .self = &timers[k].timer};
	for (size_t k = 0; k < 20 * TIMERS; k++) {
		i = aqi_random_below(&random, TIMERS);
		if (aqi_random_below(&random, 4) == 0)
			aqi_loop_unset(timer_loop, &timers[i].timer);
		else
			aqi_loop_set(timer_loop, &timers[i].timer, now +
				     aqi_random_below(&random, 20000000));
	}
	for (size_t k = 0; k < TIMERS; k++)
		n_set += timers[k].timer.is_set;
	aqi_loop_set(timer_loop, &last, now + 21000000);
	ok(runs(timer_loop) && n_came == n_set && n_set > 0,
	   "%zu timers that stayed set came once each", n_set);
	ok(in_order && in_time, "in the order of their times, none before it");
	aqi_loop_free(timer_loop);
}

/* One that sets itself for now, and a descriptor that wants to be seen. */
struct busy {
	struct aqi_loop *loop;
	struct aqi_timer timer;
	struct aqi_watch watch;
	unsigned n_due;
};

static void
again(void *self)
{
	struct busy *b = self;

	b->n_due++;
	aqi_loop_set(b->loop, &b->timer, 0);
}

static void
seen(void *self, unsigned ready)
{
	struct busy *b = self;

	(void)ready;
	if (b->n_due >= 3)
		aqi_loop_stop(b->loop);
}

static void
test_busy_timer(void)
{
	struct busy b = {.loop = new_loop()};
	struct aqi_error err;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
		exit(1);
	b.timer = (struct aqi_timer){.due = again, .self = &b};
	b.watch = (struct aqi_watch){.fd = ends[0], .ready = seen, .self = &b};
	ok(aqi_loop_watch(b.loop, &b.watch, AQI_READY_OUT, &err) == AQI_OK,
	   "a socket can be watched");
	aqi_loop_set(b.loop, &b.timer, 0);
	ok(runs(b.loop), "a timer that is always due lets descriptors be seen");
	aqi_loop_free(b.loop);
	close(ends[0]);
	close(ends[1]);
}

/* Whichever of two is told first forgets and closes the other. */
struct pair {
	struct aqi_loop *loop;
	struct aqi_watch watch[2];
	struct aqi_timer end;	/* a turn later */
	unsigned n_told;
};

static void
close_both(void *self, unsigned ready)
{
	struct pair *p = self;

	(void)ready;
	p->n_told++;
	for (int i = 0; i < 2; i++) {
		aqi_loop_unwatch(p->loop, &p->watch[i]);
		close(p->watch[i].fd);
	}
	aqi_loop_set(p->loop, &p->end, 0);
}

static void
test_unwatch(void)
{
	struct pair p = {.loop = new_loop()};
	struct aqi_error err;
	bool watched = true;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
		exit(1);
	p.end = (struct aqi_timer){.due = stop, .self = p.loop};
	for (int i = 0; i < 2; i++) {
		p.watch[i] = (struct aqi_watch){
			.fd = ends[i], .ready = close_both, .self = &p};
		watched = watched && aqi_loop_watch(p.loop, &p.watch[i],
			AQI_READY_OUT, &err) == AQI_OK;
	}
	ok(watched && runs(p.loop) && p.n_told == 1,
	   "a watch that is forgotten is not told any more, in this turn too");
	aqi_loop_free(p.loop);
}

/* Two timers and two descriptors, each of which would end the loop. */
struct enders {
	struct aqi_loop *loop;
	struct aqi_timer timers[2];
	struct aqi_watch watches[2];
	unsigned n_told;
};

static void
end_by_timer(void *self)
{
	struct enders *e = self;

	e->n_told++;
	aqi_loop_stop(e->loop);
}

static void
end_by_watch(void *self, unsigned ready)
{
	(void)ready;
	end_by_timer(self);
}

static void
test_stop(bool by_timer)
{
	struct enders e = {.loop = new_loop()};
	struct aqi_error err;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
		exit(1);
	for (int i = 0; i < 2; i++) {
		e.timers[i] = (struct aqi_timer){
			.due = end_by_timer, .self = &e};
		e.watches[i] = (struct aqi_watch){
			.fd = ends[i], .ready = end_by_watch, .self = &e};
		if (by_timer)
			aqi_loop_set(e.loop, &e.timers[i], 0);
		else if (aqi_loop_watch(e.loop, &e.watches[i], AQI_READY_OUT,
					&err) != AQI_OK)
			exit(1);
	}
	ok(runs(e.loop) && e.n_told == 1, "behind the %s that stops the loop "
	   "nothing is told", by_timer ? "timer" : "watch");
	aqi_loop_free(e.loop);
	close(ends[0]);
	close(ends[1]);
}

/* What a socket is ready for as its other end writes, and goes. */
struct talk {
	struct aqi_loop *loop;
	struct aqi_watch watch;
	int other;
	unsigned step;
	bool as_wanted;
};

static void
listen_to(void *self, unsigned ready)
{
	struct talk *t = self;
	char c;

	switch (t->step++) {
	case 0:
		t->as_wanted = ready == AQI_READY_OUT;
		aqi_loop_want(t->loop, &t->watch, AQI_READY_IN);
		t->as_wanted = t->as_wanted && write(t->other, "x", 1) == 1;
		break;
	case 1:	/* told as long as there is something to read */
		t->as_wanted = t->as_wanted && ready == AQI_READY_IN;
		break;
	case 2:
		t->as_wanted = t->as_wanted && ready == AQI_READY_IN &&
			       read(t->watch.fd, &c, 1) == 1 && c == 'x';
		close(t->other);
		break;
	default:
		t->as_wanted = t->as_wanted &&
			       ready == (AQI_READY_IN | AQI_READY_OUT) &&
			       read(t->watch.fd, &c, 1) == 0;
		aqi_loop_stop(t->loop);
	}
}

static void
test_ready(void)
{
	struct talk t = {.loop = new_loop()};
	struct aqi_error err;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
		exit(1);
	t.other = ends[1];
	t.watch = (struct aqi_watch){
		.fd = ends[0], .ready = listen_to, .self = &t};
	ok(aqi_loop_watch(t.loop, &t.watch, AQI_READY_OUT, &err) == AQI_OK &&
	   runs(t.loop) && t.as_wanted,
	   "a socket is ready to write, to read, and for both at its end");
	aqi_loop_free(t.loop);
	close(ends[0]);
}

static void
test_no_watch(void)
{
	struct aqi_loop *loop = new_loop();
	struct aqi_watch watch = {.fd = -1};
	struct aqi_error err;

	ok(aqi_loop_watch(loop, &watch, AQI_READY_IN, &err) == AQI_FATAL &&
	   err.code == AQI_E_IO && strcmp(err.reason, "cannot wait for a "
			"descriptor: Bad file descriptor") == 0,
	   "a descriptor that is closed cannot be watched");
	aqi_loop_free(loop);
}

/* Calls of other threads. */
static unsigned n_woken;

static void
woken(void *self)
{
	n_woken++;
	if (n_woken == 1)
		aqi_loop_wake(self);
	else
		aqi_loop_stop(self);
}

static void *
wake(void *self)
{
	aqi_loop_wake(self);
	return NULL;
}

static void
test_wake(void)
{
	struct aqi_loop *loop = new_loop();
	pthread_t thread;

	aqi_loop_on_wake(loop, woken, loop);
	if (pthread_create(&thread, NULL, wake, loop) != 0)
		exit(1);
	ok(runs(loop) && n_woken == 2, "a loop is woken by another thread");
	pthread_join(thread, NULL);
	aqi_loop_free(loop);
	aqi_loop_free(NULL);
}

int
main(void)
{
	const char *given = getenv("AQI_SEED");
	uint64_t seed = given ? strtoull(given, NULL, 10) : 7500;

	note("AQI_SEED=%llu", (unsigned long long)seed);
	test_timers(seed);
	test_busy_timer();
	test_unwatch();
	test_stop(true);
	test_stop(false);
	test_ready();
	test_no_watch();
	test_wake();
	return done();
}
