#include "net/server.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/signals.h"
#include "net/address.h"
#include "net/worker.h"

struct hand {
	struct aqi_server *server;
	struct aqi_worker *worker;
	pthread_t thread;
	bool has_thread;
	bool has_ended;			/* under the server's lock */
	uint64_t settled;		/* the same: seen last */
	enum aqi_status status;
	struct aqi_error err;
};

/* A listener that all workers share. */
struct path {
	int fd;
	const char *name;		/* in an address; NULL: removed */
};

struct aqi_server {
	struct aqi_server_state state;
	size_t n_addresses;
	struct path *paths;		/* (n_paths,) */
	size_t n_paths;
	struct hand *hands;		/* (n_hands,) */
	size_t n_hands;
	int done;			/* eventfd: all have ended */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint64_t settle;		/* what is to be seen */
	size_t n_running;
};

#define DEFAULT(name, value) \
	do { \
		if (o.name == 0) \
			o.name = (value); \
	} while (0)

static struct aqi_server_options
complete(struct aqi_server_options o)
{
	DEFAULT(n_workers, 1);
	DEFAULT(backlog, 4096);
	DEFAULT(max_line, AQI_HTTP_LIMITS.line);
	DEFAULT(max_head, AQI_HTTP_LIMITS.head);
	DEFAULT(max_fields, AQI_HTTP_LIMITS.fields);
	DEFAULT(max_body, (size_t)8 << 20);
	DEFAULT(max_connections, 10000);
	DEFAULT(head_ms, 10000);
	DEFAULT(body_ms, 30000);
	DEFAULT(idle_ms, 60000);
	DEFAULT(write_ms, 30000);
	if (o.max_fields > AQI_HTTP_FIELDS)
		o.max_fields = AQI_HTTP_FIELDS;
	return o;
}

/* The sockets of one worker: its own of each address, those of paths shared. */
static enum aqi_status
open_listeners(struct aqi_server *server, struct aqi_address *addresses,
	       bool is_first, int *fds, bool *is_shared, struct aqi_error *err)
{
	const struct aqi_server_options *o = &server->state.options;
	const bool shares = o->n_workers > 1;
	size_t n_paths = 0;

	for (size_t i = 0; i < server->n_addresses; i++) {
		is_shared[i] = aqi_address_is_path(&addresses[i]);
		if (is_shared[i] && !is_first)
			fds[i] = server->paths[n_paths++].fd;
		else if (is_first)
			fds[i] = aqi_address_listen(&addresses[i], o->backlog,
						    shares, err);
		else
			fds[i] = aqi_address_listen_beside(&addresses[i],
							   o->backlog, err);
		if (fds[i] < 0)
			return AQI_FATAL;
		if (is_shared[i] && is_first)
			server->paths[server->n_paths++] = (struct path){
				fds[i], addresses[i].socket.path.sun_path};
	}
	return AQI_OK;
}

static void
close_all(const int *fds, const bool *is_shared, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (fds[i] >= 0 && !is_shared[i])
			close(fds[i]);
}

static void
on_wake(void *self)
{
	struct hand *hand = self;
	struct aqi_server *server = hand->server;

	pthread_mutex_lock(&server->lock);
	hand->settled = server->settle;
	pthread_cond_broadcast(&server->changed);
	pthread_mutex_unlock(&server->lock);
	aqi_worker_look(hand->worker);
}

static enum aqi_status
make_worker(struct aqi_server *server, struct aqi_address *addresses,
	    unsigned number, int *fds, bool *is_shared, struct aqi_error *err)
{
	struct hand *hand = &server->hands[number];

	for (size_t i = 0; i < server->n_addresses; i++)
		fds[i] = -1;
	if (open_listeners(server, addresses, number == 0, fds, is_shared,
			   err) == AQI_OK)
		hand->worker = aqi_worker_new(&server->state, number, fds,
					      is_shared, server->n_addresses,
					      err);
	if (!hand->worker) {
		close_all(fds, is_shared, server->n_addresses);
		return AQI_FATAL;
	}
	hand->server = server;
	server->n_hands++;
	aqi_loop_on_wake(hand->worker->loop, on_wake, hand);
	return AQI_OK;
}

static enum aqi_status
make_workers(struct aqi_server *server, struct aqi_address *addresses,
	     struct aqi_error *err)
{
	const size_t n = server->n_addresses;
	int *fds = calloc(n, sizeof *fds);
	bool *is_shared = calloc(n, sizeof *is_shared);
	enum aqi_status status = AQI_OK;

	if (!fds || !is_shared) {
		free(fds);
		free(is_shared);
		return aqi_error_memory(err);
	}
	for (unsigned i = 0; i < server->state.options.n_workers &&
			     status == AQI_OK; i++)
		status = make_worker(server, addresses, i, fds, is_shared, err);
	free(fds);
	free(is_shared);
	return status;
}

static enum aqi_status
allocate(struct aqi_server *server, struct aqi_error *err)
{
	const struct aqi_server_options *o = &server->state.options;

	server->paths = calloc(server->n_addresses, sizeof *server->paths);
	server->hands = calloc(o->n_workers, sizeof *server->hands);
	if (o->max_per_peer > 0)
		server->state.tally = aqi_tally_new(o->max_per_peer,
						    o->max_connections + 256);
	if (!server->paths || !server->hands ||
	    (o->max_per_peer > 0 && !server->state.tally))
		return aqi_error_memory(err);
	server->done = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (server->done < 0)
		return aqi_error_system(err, errno, "cannot make a server");
	return AQI_OK;
}

struct aqi_server *
aqi_server_new(const struct aqi_server_options *options,
	       struct aqi_address *addresses, size_t n_addresses,
	       struct aqi_error *err)
{
	struct aqi_server *server = calloc(1, sizeof *server);

	if (!server) {
		aqi_error_memory(err);
		return NULL;
	}
	server->state.options = complete(*options);
	server->n_addresses = n_addresses;
	server->done = -1;
	pthread_mutex_init(&server->lock, NULL);
	pthread_cond_init(&server->changed, NULL);
	if (allocate(server, err) == AQI_OK &&
	    make_workers(server, addresses, err) == AQI_OK)
		return server;
	(void)aqi_server_free(server, NULL);
	return NULL;
}

/* Under the lock. A worker that has failed takes the others with it. */
static void
note_end(struct hand *hand)
{
	struct aqi_server *server = hand->server;
	const uint64_t one = 1;

	hand->has_ended = true;
	pthread_cond_broadcast(&server->changed);
	/* Cannot fail: nobody else writes to it. */
	if (--server->n_running == 0 &&
	    write(server->done, &one, sizeof one) < 0)
		return;
	if (hand->status != AQI_OK)
		aqi_server_stop(server);
}

static void *
work(void *self)
{
	struct hand *hand = self;

	hand->status = aqi_worker_run(hand->worker, &hand->err);
	pthread_mutex_lock(&hand->server->lock);
	note_end(hand);
	pthread_mutex_unlock(&hand->server->lock);
	return NULL;
}

enum aqi_status
aqi_server_start(struct aqi_server *server, struct aqi_error *err)
{
	sigset_t before;
	int failure = 0;

	aqi_signals_hold(&before);
	server->n_running = server->n_hands;
	for (size_t i = 0; i < server->n_hands && failure == 0; i++) {
		failure = pthread_create(&server->hands[i].thread, NULL, work,
					 &server->hands[i]);
		server->hands[i].has_thread = failure == 0;
	}
	aqi_signals_release(&before);
	if (failure)
		return aqi_error_system(err, failure, "cannot start a thread");
	return AQI_OK;
}

static void
wake_all(struct aqi_server *server)
{
	for (size_t i = 0; i < server->n_hands; i++)
		aqi_loop_wake(server->hands[i].worker->loop);
}

static bool
is_settled(const struct aqi_server *server)
{
	for (size_t i = 0; i < server->n_hands; i++)
		if (server->hands[i].has_thread &&
		    !server->hands[i].has_ended &&
		    server->hands[i].settled != server->settle)
			return false;
	return true;
}

void
aqi_server_settle(struct aqi_server *server)
{
	pthread_mutex_lock(&server->lock);
	server->settle++;
	wake_all(server);
	while (!is_settled(server))
		pthread_cond_wait(&server->changed, &server->lock);
	pthread_mutex_unlock(&server->lock);
}

/* Once: what has the name later is another server's. */
static void
remove_paths(struct aqi_server *server)
{
	for (size_t i = 0; i < server->n_paths; i++)
		if (server->paths[i].name) {
			unlink(server->paths[i].name);
			server->paths[i].name = NULL;
		}
}

void
aqi_server_drain(struct aqi_server *server, uint64_t limit_ms)
{
	/* Nobody new finds the way; who is on it is waited for. */
	remove_paths(server);
	atomic_store(&server->state.limit_ns,
		     aqi_clock_ns() + limit_ms * 1000000);
	atomic_store(&server->state.is_draining, true);
	wake_all(server);
}

void
aqi_server_stop(struct aqi_server *server)
{
	atomic_store(&server->state.is_stopping, true);
	wake_all(server);
}

int
aqi_server_fd(const struct aqi_server *server)
{
	return server->done;
}

struct aqi_server_counts
aqi_server_count(const struct aqi_server *server)
{
	return (struct aqi_server_counts){
		.accepted = atomic_load(&server->state.n_accepted),
		.refused = atomic_load(&server->state.n_refused),
		.open = atomic_load(&server->state.n_open),
	};
}

/* All of them first: one that fails wakes the others. */
static void
join_all(struct aqi_server *server)
{
	for (size_t i = 0; i < server->n_hands; i++)
		if (server->hands[i].has_thread)
			pthread_join(server->hands[i].thread, NULL);
}

enum aqi_status
aqi_server_free(struct aqi_server *server, struct aqi_error *err)
{
	enum aqi_status status = AQI_OK;
	struct hand *hand;

	if (!server)
		return status;
	aqi_server_stop(server);
	join_all(server);
	for (size_t i = 0; i < server->n_hands; i++) {
		hand = &server->hands[i];
		if (hand->has_thread && hand->status != AQI_OK &&
		    status == AQI_OK) {
			status = hand->status;
			if (err)
				*err = hand->err;
		}
		aqi_worker_free(hand->worker);
	}
	remove_paths(server);
	for (size_t i = 0; i < server->n_paths; i++)
		close(server->paths[i].fd);
	if (server->done >= 0)
		close(server->done);
	pthread_cond_destroy(&server->changed);
	pthread_mutex_destroy(&server->lock);
	aqi_tally_free(server->state.tally);
	free(server->paths);
	free(server->hands);
	free(server);
	return status;
}
