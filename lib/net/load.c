#include "net/load.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/duration.h"
#include "base/random.h"

/* More than the answer of any API; what is longer comes in several reads. */
#define ROOM ((size_t)64 * 1024)
#define BODY_LIMIT ((size_t)16 * 1024 * 1024)

/* So many connections are opened at a time, as a queue of a server takes. */
#define OPENING 64

/* A user whom nobody lets in tries again after this time, not at once. */
#define PAUSE_NS (AQI_SECOND_NS / 10)

/* A connection, and what is under way on it. */
struct user {
	struct aqi_client client;	/* first: a client of ours is a user */
	struct aqi_load *load;
	struct aqi_timer wait;		/* the closed plan's */
	struct user *next, *prev;	/* of the list that it is in */
	uint64_t due_ns, sent_ns;	/* by the clock */
	uint64_t number, tag;
	size_t task;
	bool was_good;			/* its last request */
};

struct list {
	struct user *first, *last;
	size_t n;
};

struct aqi_load {
	struct aqi_load_options options;
	struct aqi_loop *loop;
	struct aqi_client_home home;
	struct aqi_load_result *result;
	struct user *users;
	struct list idle;		/* of the open plan: longest so first */
	struct list busy;		/* in the order of their sending */
	struct aqi_random random;
	uint64_t started_ns;		/* 0: connections are being opened */
	double busy_seconds_before;
	size_t address;			/* which one is tried */
	size_t n_tried, n_opening;	/* connections, at the start */
	uint64_t n_requests;		/* begun */
	uint64_t due_ns;		/* of the next, by the clock */
	uint64_t plan_end_ns, last_sent_ns;
	bool has_due;
	bool is_late;			/* it waits for a connection */
	bool is_sending;	/* send_due or open_more is at work */
	bool is_over;			/* nothing new becomes due */
	struct aqi_timer send_timer, timeout_timer, end_timer, second_timer;
	struct aqi_load_second second;
	struct aqi_histogram second_latency;
	atomic_bool is_interrupted;
	struct aqi_error *err;
	enum aqi_status status;
};

static void
append(struct list *list, struct user *user)
{
	user->prev = list->last;
	user->next = NULL;
	if (list->last)
		list->last->next = user;
	else
		list->first = user;
	list->last = user;
	list->n++;
}

static void
take_out(struct list *list, struct user *user)
{
	if (user->prev)
		user->prev->next = user->next;
	else
		list->first = user->next;
	if (user->next)
		user->next->prev = user->prev;
	else
		list->last = user->prev;
	list->n--;
}

static double
thread_seconds(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* What was counted since the last second was told. */
static void
tell_second(struct aqi_load *load, uint64_t now)
{
	struct aqi_load_second *second = &load->second;

	second->number++;
	second->seconds = (double)(now - load->started_ns) / 1e9;
	second->latency = &load->second_latency;
	second->n_busy = load->busy.n;
	for (size_t i = 0; i < AQI_OUTCOMES; i++)
		second->total.of[i] += second->counts.of[i];
	if (load->options.source.second)
		load->options.source.second(load->options.source.self, second);
	second->counts = (struct aqi_load_counts){0};
	aqi_histogram_clear(&load->second_latency);
}

static void
second_is_due(void *self)
{
	struct aqi_load *load = self;

	tell_second(load, aqi_clock_ns());
	aqi_loop_set(load->loop, &load->second_timer,
		     load->started_ns +
			     (load->second.number + 1) * AQI_SECOND_NS);
}

/* The last answer has come. */
static void
stop_clock(struct aqi_load *load)
{
	struct aqi_load_result *result = load->result;
	uint64_t now = aqi_clock_ns(), end = now;

	if (load->options.source.due && !result->is_interrupted)
		end = load->plan_end_ns > load->last_sent_ns ?
		      load->plan_end_ns : load->last_sent_ns;
	if (load->started_ns) {
		result->seconds = (double)(now - load->started_ns) / 1e9;
		result->sending_seconds =
			(double)(end - load->started_ns) / 1e9;
		result->busy_seconds = thread_seconds() -
				       load->busy_seconds_before;
		if (aqi_load_sent(&load->second.counts) > 0 ||
		    load->second.number == 0)
			tell_second(load, now);
	}
	aqi_loop_stop(load->loop);
}

static void
stop_when_done(struct aqi_load *load)
{
	if (load->is_over && load->busy.n == 0)
		stop_clock(load);
}

/* Nothing becomes due any more; what is under way is waited for. */
static void
end_plan(struct aqi_load *load)
{
	load->is_over = true;
	load->has_due = false;
	aqi_loop_unset(load->loop, &load->send_timer);
	for (size_t i = 0; i < load->options.n_connections; i++)
		aqi_loop_unset(load->loop, &load->users[i].wait);
}

/*
 * Ask the plan for the moment of the next request. Where there is none, its end
 * is when that would have been due.
 */
static void
plan_next(struct aqi_load *load)
{
	const struct aqi_load_options *o = &load->options;
	uint64_t due = load->due_ns - load->started_ns;
	bool is_due = o->source.due(o->source.self, &due);

	if (o->duration_ns && (!is_due || due >= o->duration_ns)) {
		due = o->duration_ns;
		is_due = false;
	}
	if (o->n_requests && load->n_requests == o->n_requests)
		is_due = false;
	load->has_due = is_due;
	load->due_ns = load->plan_end_ns = load->started_ns + due;
}

/* False: there are no more. */
static bool
begin_request(struct aqi_load *load, struct user *user, uint64_t due_ns)
{
	struct aqi_load_request request = {
		.bytes = &user->client.request,
		.number = load->n_requests,
		.due_ns = due_ns - load->started_ns,
	};

	aqi_buffer_clear(request.bytes);
	load->status = load->options.source.next(load->options.source.self,
						 &request, load->err);
	if (load->status == AQI_OK && request.bytes->failed)
		load->status = aqi_error_memory(load->err);
	if (load->status != AQI_OK)
		return false;
	load->n_requests++;
	user->number = request.number;
	user->tag = request.tag;
	user->task = request.task;
	user->due_ns = due_ns;
	append(&load->busy, user);
	if (!load->timeout_timer.is_set)
		aqi_loop_set(load->loop, &load->timeout_timer,
			     aqi_loop_now(load->loop) +
				     load->options.timeout_ns);
	load->result->n_reopened +=
		!load->home.closes && !aqi_client_is_open(&user->client);
	user->sent_ns = load->last_sent_ns = aqi_clock_ns();
	aqi_client_send(&user->client, request.is_head);
	return true;
}

/* What the client itself was late by; a request may be over by now. */
static void
count_lateness(struct aqi_load *load, const struct user *user, bool waited)
{
	if (waited)
		load->result->n_waited++;
	else
		aqi_histogram_add(&load->result->lateness,
				  user->sent_ns - user->due_ns);
}

/* The open plan: send all that is due, as far as connections are free. */
static void
send_due(struct aqi_load *load)
{
	struct user *user;

	/* A request that fails at once frees its connection within the loop. */
	if (load->is_sending)
		return;
	load->is_sending = true;
	while (load->has_due) {
		if (load->due_ns > aqi_clock_ns()) {
			load->is_late = false;
			aqi_loop_set(load->loop, &load->send_timer,
				     load->due_ns);
			break;
		}
		user = load->idle.first;
		if (!user) {
			load->is_late = true;
			break;
		}
		take_out(&load->idle, user);
		if (!begin_request(load, user, load->due_ns)) {
			append(&load->idle, user);
			load->has_due = false;
			break;
		}
		count_lateness(load, user, load->is_late);
		plan_next(load);
	}
	load->is_sending = false;
	if (!load->has_due)
		end_plan(load);
	stop_when_done(load);
}

static void
send_is_due(void *self)
{
	send_due(self);
}

/* The closed plan: a user's next request. */
static void
send_next(struct aqi_load *load, struct user *user, uint64_t due_ns)
{
	const struct aqi_load_options *o = &load->options;

	if (load->is_over)
		return;
	if ((o->n_requests && load->n_requests == o->n_requests) ||
	    !begin_request(load, user, due_ns)) {
		end_plan(load);
		stop_when_done(load);
		return;
	}
	count_lateness(load, user, false);
}

static void
wait_is_over(void *self)
{
	struct user *user = self;

	send_next(user->load, user, user->wait.due_ns);
}

static void
wait_for(struct aqi_load *load, struct user *user, uint64_t from_ns,
	 uint64_t ns)
{
	user->wait.due = wait_is_over;
	user->wait.self = user;
	aqi_loop_set(load->loop, &user->wait, from_ns + ns);
}

/* A user's request is over; now is when that was seen. */
static void
go_on(struct aqi_load *load, struct user *user, enum aqi_outcome outcome,
      uint64_t now)
{
	const struct aqi_load_options *o = &load->options;
	uint64_t wait = o->wait_least_ns;

	if (o->source.due) {
		append(&load->idle, user);
		send_due(load);
		return;
	}
	if (load->is_over) {
		stop_when_done(load);
		return;
	}
	if (o->wait_most_ns > o->wait_least_ns)
		wait += aqi_random_below(&load->random, o->wait_most_ns -
					 o->wait_least_ns + 1);
	if (outcome == AQI_OUTCOME_REFUSED && wait < PAUSE_NS)
		wait = PAUSE_NS;
	if (wait)
		wait_for(load, user, now, wait);
	else
		send_next(load, user, now);
}

static void
count_outcome(struct aqi_load *load, struct user *user,
	      enum aqi_outcome outcome, bool is_timed, uint64_t now)
{
	struct aqi_load_task *task = &load->result->tasks[user->task];

	task->counts.of[outcome]++;
	load->second.counts.of[outcome]++;
	user->was_good = outcome == AQI_OUTCOME_OK;
	if (!is_timed)
		return;
	aqi_histogram_add(&task->latency, now - user->due_ns);
	aqi_histogram_add(&task->service, now - user->sent_ns);
	aqi_histogram_add(&load->second_latency, now - user->due_ns);
}

static void
end_request(struct aqi_load *load, struct user *user,
	    const struct aqi_client_answer *answer)
{
	const struct aqi_load_source *source = &load->options.source;
	const struct aqi_load_answer seen = {
		.task = user->task,
		.tag = user->tag,
		.number = user->number,
		.request = {user->client.request.data,
			    user->client.request.size},
		.status = answer->status,
		.body = answer->body,
		.outcome = answer->outcome,
	};
	enum aqi_outcome outcome = answer->outcome;
	uint64_t now = aqi_clock_ns();
	bool is_whole = outcome == AQI_OUTCOME_OK;

	take_out(&load->busy, user);
	if (user->client.error == ENOMEM) {
		load->status = aqi_error_memory(load->err);
		stop_clock(load);
		return;
	}
	if (is_whole && answer->status < AQI_LOAD_STATUSES)
		load->result->statuses[answer->status]++;
	if (outcome == AQI_OUTCOME_REFUSED)
		load->result->error = user->client.error;
	if (source->answered)
		outcome = source->answered(source->self, &seen);
	else if (is_whole && (answer->status < 200 || answer->status > 299))
		outcome = AQI_OUTCOME_STATUS;
	count_outcome(load, user, outcome,
		      is_whole || outcome == AQI_OUTCOME_TIMED_OUT, now);
	go_on(load, user, outcome, now);
}

static void
take_answer(void *self, struct aqi_client *client,
	    const struct aqi_client_answer *answer)
{
	end_request(self, (struct user *)client, answer);
}

/*
 * A second answer, when the first had been counted. It was no good one then,
 * and the connection cannot be trusted: what it answers is not known.
 */
static void
take_surplus(void *self, struct aqi_client *client)
{
	struct aqi_load *load = self;
	struct user *user = (struct user *)client;
	struct aqi_load_counts *counts =
		&load->result->tasks[user->task].counts;

	if (!user->was_good)
		return;
	user->was_good = false;
	counts->of[AQI_OUTCOME_OK]--;
	counts->of[AQI_OUTCOME_FRAMING]++;
	/* The second in which it was counted may have been told. */
	if (load->second.counts.of[AQI_OUTCOME_OK] == 0)
		return;
	load->second.counts.of[AQI_OUTCOME_OK]--;
	load->second.counts.of[AQI_OUTCOME_FRAMING]++;
}

static void
timeout_is_due(void *self)
{
	const struct aqi_client_answer none = {
		.outcome = AQI_OUTCOME_TIMED_OUT,
	};
	struct aqi_load *load = self;
	uint64_t limit = load->options.timeout_ns, now = aqi_clock_ns();
	struct user *user;

	while ((user = load->busy.first) && user->sent_ns + limit <= now) {
		aqi_client_close(&user->client);
		end_request(load, user, &none);
	}
	if (load->busy.first)
		aqi_loop_set(load->loop, &load->timeout_timer,
			     load->busy.first->sent_ns + limit);
}

/* Those under way are given up, and counted as nothing else. */
static void
cut_off(void *self)
{
	struct aqi_load *load = self;
	struct user *user;

	while ((user = load->busy.first)) {
		take_out(&load->busy, user);
		aqi_client_close(&user->client);
		load->result->n_cut_off++;
	}
	stop_clock(load);
}

/* What is due by now and has found no connection will not be sent. */
static void
give_up_due(void *self)
{
	struct aqi_load *load = self;

	for (; load->has_due; plan_next(load)) {
		load->n_requests++;
		load->result->n_unsent++;
	}
	end_plan(load);
	stop_when_done(load);
}

/* Time is over. The open plan ends by itself, when all that is due is sent. */
static void
end_is_due(void *self)
{
	struct aqi_load *load = self;

	if (load->options.source.due) {
		load->end_timer.due = give_up_due;
		aqi_loop_set(load->loop, &load->end_timer,
			     load->end_timer.due_ns +
				     load->options.timeout_ns);
		return;
	}
	end_plan(load);
	stop_when_done(load);
}

static void
take_interrupt(void *self)
{
	struct aqi_load *load = self;

	if (!atomic_load(&load->is_interrupted) || load->result->is_interrupted)
		return;
	load->result->is_interrupted = true;
	if (!load->started_ns) {
		stop_clock(load);
		return;
	}
	end_plan(load);
	load->end_timer.due = cut_off;
	aqi_loop_set(load->loop, &load->end_timer,
		     aqi_clock_ns() + AQI_SECOND_NS);
	stop_when_done(load);
}

/* All connections are open that can be: the clock starts. */
static void
start_clock(struct aqi_load *load)
{
	const struct aqi_load_options *o = &load->options;

	aqi_loop_unset(load->loop, &load->timeout_timer);
	if (load->result->n_opened == 0) {
		stop_clock(load);
		return;
	}
	load->busy_seconds_before = thread_seconds();
	load->started_ns = aqi_loop_look(load->loop);
	aqi_loop_set(load->loop, &load->second_timer,
		     load->started_ns + AQI_SECOND_NS);
	if (o->duration_ns)
		aqi_loop_set(load->loop, &load->end_timer,
			     load->started_ns + o->duration_ns);
	load->timeout_timer.due = timeout_is_due;
	if (o->source.due) {
		for (size_t i = 0; i < o->n_connections; i++)
			append(&load->idle, &load->users[i]);
		load->due_ns = load->started_ns;
		plan_next(load);
		send_due(load);
		return;
	}
	/* Users who wait do not come all at once either. */
	for (size_t i = 0; i < o->n_connections && !load->is_over; i++) {
		uint64_t wait = aqi_random_below(&load->random,
						 o->wait_most_ns + 1);

		if (wait)
			wait_for(load, &load->users[i], load->started_ns,
				 wait);
		else
			send_next(load, &load->users[i], load->started_ns);
	}
}

/* The first goes alone, to find an address that answers. */
static void
open_more(struct aqi_load *load)
{
	size_t n = load->options.n_connections;

	/* One that fails at once comes back here within the loop. */
	if (load->is_sending)
		return;
	load->is_sending = true;
	while (load->n_tried < n &&
	       load->n_opening < (load->result->n_opened ? OPENING : 1)) {
		load->n_opening++;
		aqi_client_open(&load->users[load->n_tried++].client);
	}
	load->is_sending = false;
	if (load->n_opening == 0)
		start_clock(load);
}

/* Where the first fails everywhere, the others are not tried. */
static void
take_refusal(struct aqi_load *load, int error)
{
	load->result->error = error;
	if (load->result->n_opened > 0)
		return;
	load->n_tried = load->options.n_connections;
	if (load->address + 1 == load->options.n_addresses)
		return;
	load->home.address = &load->options.addresses[++load->address];
	load->n_tried = 0;
}

static void
take_opened(void *self, struct aqi_client *client)
{
	struct aqi_load *load = self;

	load->n_opening--;
	if (aqi_client_is_open(client))
		load->result->n_opened++;
	else
		take_refusal(load, client->error);
	open_more(load);
}

/* Those that are not connected by now are not waited for. */
static void
opening_is_over(void *self)
{
	struct aqi_load *load = self;

	for (size_t i = 0; i < load->n_tried; i++)
		if (!aqi_client_is_open(&load->users[i].client))
			aqi_client_close(&load->users[i].client);
	load->n_opening = 0;
	load->n_tried = load->options.n_connections;
	if (load->result->n_opened == 0)
		load->result->error = ETIMEDOUT;
	start_clock(load);
}

static struct aqi_timer
timer_of(struct aqi_load *load, aqi_due_fn *due)
{
	return (struct aqi_timer){.due = due, .self = load};
}

static void
prepare(struct aqi_load *load)
{
	load->home = (struct aqi_client_home){
		.self = load,
		.loop = load->loop,
		.address = load->options.addresses,
		.room = load->home.room,
		.room_size = ROOM,
		.keeps_bodies = load->options.keeps_bodies,
		.body_limit = BODY_LIMIT,
		.closes = load->options.closes,
		.opened = take_opened,
		.answered = take_answer,
		.surplus = take_surplus,
	};
	for (size_t i = 0; i < load->options.n_connections; i++) {
		load->users[i].client.home = &load->home;
		load->users[i].load = load;
	}
	load->send_timer = timer_of(load, send_is_due);
	load->timeout_timer = timer_of(load, opening_is_over);
	load->end_timer = timer_of(load, end_is_due);
	load->second_timer = timer_of(load, second_is_due);
	load->random = aqi_random_new(load->options.seed, 0);
	load->result->n_connections = load->options.n_connections;
	aqi_loop_on_wake(load->loop, take_interrupt, load);
}

struct aqi_load *
aqi_load_new(const struct aqi_load_options *options, struct aqi_error *err)
{
	struct aqi_load *load = calloc(1, sizeof *load);

	if (!load) {
		aqi_error_memory(err);
		return NULL;
	}
	load->options = *options;
	load->users = calloc(options->n_connections, sizeof *load->users);
	load->home.room = malloc(ROOM);
	load->result = aqi_load_result_new(options->n_tasks);
	if (!load->users || !load->home.room || !load->result) {
		aqi_error_memory(err);
	} else if ((load->loop = aqi_loop_new(err))) {
		prepare(load);
		return load;
	}
	aqi_load_free(load);
	return NULL;
}

enum aqi_status
aqi_load_run(struct aqi_load *load, struct aqi_error *err)
{
	enum aqi_status status;

	/* A timer of ours is due when it is due, not up to 50 us later. */
	prctl(PR_SET_TIMERSLACK, 1);
	load->err = err;
	aqi_loop_set(load->loop, &load->timeout_timer,
		     aqi_loop_look(load->loop) + load->options.timeout_ns);
	open_more(load);
	status = aqi_loop_run(load->loop, err);
	aqi_load_result_sum(load->result);
	return load->status == AQI_FATAL ? AQI_FATAL : status;
}

void
aqi_load_interrupt(struct aqi_load *load)
{
	atomic_store(&load->is_interrupted, true);
	aqi_loop_wake(load->loop);
}

const struct aqi_load_result *
aqi_load_result(const struct aqi_load *load)
{
	return load->result;
}

void
aqi_load_free(struct aqi_load *load)
{
	if (!load)
		return;
	if (load->users && load->loop)
		for (size_t i = 0; i < load->options.n_connections; i++)
			aqi_client_free(&load->users[i].client);
	aqi_loop_free(load->loop);
	aqi_load_result_free(load->result);
	free(load->home.room);
	free(load->users);
	free(load);
}
