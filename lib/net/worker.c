#include "net/worker.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <stdlib.h>
#include <unistd.h>

/* Connections accepted before those that are there have their turn. */
#define TURN_ACCEPTS 64

/* Out of descriptors or memory, it tries again after so long, or sooner when a
 * connection has gone. */
#define PAUSE_MS 100

/* While draining, so long is left to a connection that is being made. */
#define FAREWELL_MS 20

/* Of those that are refused, so many may be there at a time to be told why. */
#define REFUSALS 64

static uint64_t
later(const struct aqi_worker *worker, uint64_t ms)
{
	return aqi_loop_now(worker->loop) + ms * 1000000;
}

/* What counts as the peer: an address of IPv4 as ::ffff:192.0.2.1 */
static struct in6_addr
key_of(const struct aqi_address *address)
{
	if (address->socket.any.sa_family == AF_INET6)
		return ((const struct sockaddr_in6 *)
				&address->socket.any)->sin6_addr;
	return (struct in6_addr){.s6_addr32 = {
		0, 0, htonl(0xffff), ((const struct sockaddr_in *)
			&address->socket.any)->sin_addr.s_addr}};
}

/* Count a connection as open, and its peer's; else the reason why not. */
static const char *
count_in(struct aqi_server_state *state, const struct in6_addr *key,
	 bool has_peer)
{
	if (atomic_fetch_add(&state->n_open, 1) >=
	    state->options.max_connections) {
		atomic_fetch_sub(&state->n_open, 1);
		return "too many connections";
	}
	if (has_peer && !aqi_tally_add(state->tally, key)) {
		atomic_fetch_sub(&state->n_open, 1);
		return "too many connections from one address";
	}
	return NULL;
}

static void
count_out(struct aqi_server_state *state, const struct in6_addr *key,
	  bool has_peer, bool is_in)
{
	atomic_fetch_sub(is_in ? &state->n_open : &state->n_leaving, 1);
	if (is_in && has_peer)
		aqi_tally_drop(state->tally, key);
}

void
aqi_worker_count_out(struct aqi_worker *worker,
		     const struct aqi_connection *c)
{
	count_out(worker->state, &c->key, c->has_peer, c->is_in);
}

/*
 * Let a connection in, or tell it why not, as long as those who are told that
 * are not too many themselves.
 */
static void
welcome(struct aqi_worker *worker, int fd, const struct aqi_address *address)
{
	struct aqi_server_state *state = worker->state;
	const struct in6_addr key = key_of(address);
	const bool has_peer = state->tally && !aqi_address_is_path(address);
	const char *reason = count_in(state, &key, has_peer);
	struct aqi_connection *c = NULL;
	char text[AQI_ADDRESS_TEXT];

	atomic_fetch_add(&state->n_accepted, 1);
	atomic_fetch_add(&state->n_refused, reason != NULL);
	if (!reason || atomic_fetch_add(&state->n_leaving, 1) < REFUSALS)
		c = aqi_connection_open(worker, fd);
	else
		close(fd);
	if (!c) {
		count_out(state, &key, has_peer, !reason);
		return;
	}
	c->key = key;
	c->has_peer = has_peer;
	c->is_in = !reason;
	aqi_address_host(address, text);
	c->peer_size = (uint8_t)strnlen(text, sizeof c->peer);
	memcpy(c->peer, text, c->peer_size);
	if (reason)
		aqi_connection_refuse(c, 503, reason);
}

/* Stop listening for a while: what waits would wake us again and again. */
static void
pause_accepting(struct aqi_worker *worker)
{
	if (worker->is_paused)
		return;
	worker->is_paused = true;
	for (size_t i = 0; i < worker->n_listeners; i++)
		if (worker->listeners[i].watch.fd >= 0)
			aqi_loop_unwatch(worker->loop,
					 &worker->listeners[i].watch);
	aqi_loop_set(worker->loop, &worker->pause, later(worker, PAUSE_MS));
}

/* Accept what has come; at most so many. */
static void
accept_from(struct aqi_listener *listener, size_t most)
{
	struct aqi_worker *worker = listener->worker;
	struct aqi_address address = {0};
	int fd;

	while (most-- > 0 && listener->watch.fd >= 0) {
		address.size = sizeof address.socket;
		fd = accept4(listener->watch.fd, &address.socket.any,
			     &address.size, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			welcome(worker, fd, &address);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
		    errno == ENOMEM)
			pause_accepting(worker);
		/* Who hung up before he was accepted is no reason to stop. */
		else if (errno == ECONNABORTED || errno == EINTR ||
			 errno == EPROTO || errno == EPERM)
			continue;
		return;
	}
}

static void
on_connection(void *self, unsigned ready)
{
	(void)ready;
	accept_from(self, TURN_ACCEPTS);
}

static enum aqi_status
listen_again(struct aqi_worker *worker, struct aqi_error *err)
{
	struct aqi_listener *l;
	enum aqi_status status = AQI_OK;

	for (size_t i = 0; i < worker->n_listeners && status == AQI_OK; i++) {
		l = &worker->listeners[i];
		if (l->watch.fd < 0)
			continue;
		status = l->is_shared ?
				 aqi_loop_watch_shared(worker->loop, &l->watch,
						       AQI_READY_IN, err) :
				 aqi_loop_watch(worker->loop, &l->watch,
						AQI_READY_IN, err);
	}
	return status;
}

static void
resume_accepting(void *self)
{
	struct aqi_worker *worker = self;

	if (!worker->is_paused)
		return;
	worker->is_paused = false;
	aqi_loop_unset(worker->loop, &worker->pause);
	/* There is room for what was there before; if not, again later. */
	if (listen_again(worker, NULL) != AQI_OK)
		pause_accepting(worker);
}

static void
close_listeners(struct aqi_worker *worker)
{
	struct aqi_listener *l;

	for (size_t i = 0; i < worker->n_listeners; i++) {
		l = &worker->listeners[i];
		if (l->watch.fd < 0)
			continue;
		if (!worker->is_paused)
			aqi_loop_unwatch(worker->loop, &l->watch);
		if (!l->is_shared)
			close(l->watch.fd);
		l->watch.fd = -1;
	}
}

/*
 * Drop the packets that ask for a new connection. To close a listening socket
 * resets the connections that the kernel has made and nobody has accepted yet;
 * without new ones, all that were made can be accepted first.
 */
static void
drop_new(int fd)
{
	/* The filter sees the TCP header; byte 13 has the flags, 2 is SYN. */
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 2, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	};
	const struct sock_fprog program = {
		.len = sizeof code / sizeof *code, .filter = code};

	/* Where it cannot be had, a few microseconds are left to be unlucky. */
	(void)setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
			 sizeof program);
}

static void
end_if_drained(struct aqi_worker *worker)
{
	if (worker->is_deaf && worker->n_connections == 0)
		aqi_loop_stop(worker->loop);
}

static void
accept_all(struct aqi_worker *worker)
{
	for (size_t i = 0; i < worker->n_listeners; i++)
		accept_from(&worker->listeners[i], SIZE_MAX);
}

static void
bid_farewell(void *self)
{
	struct aqi_worker *worker = self;

	accept_all(worker);
	close_listeners(worker);
	aqi_loop_unset(worker->loop, &worker->pause);
	worker->is_deaf = true;
	end_if_drained(worker);
}

static void
stop(void *self)
{
	struct aqi_worker *worker = self;

	aqi_loop_stop(worker->loop);
}

static void
drain(struct aqi_worker *worker)
{
	struct aqi_connection *c, *next;

	worker->is_draining = worker->answerer.is_draining = true;
	for (size_t i = 0; i < worker->n_listeners; i++)
		if (!worker->listeners[i].is_shared)
			drop_new(worker->listeners[i].watch.fd);
	accept_all(worker);
	aqi_loop_set(worker->loop, &worker->farewell,
		     later(worker, FAREWELL_MS));
	aqi_loop_set(worker->loop, &worker->limit,
		     atomic_load(&worker->state->limit_ns));
	for (c = worker->connections; c; c = next) {
		next = c->next;
		aqi_connection_drain(c);
	}
}

void
aqi_worker_look(struct aqi_worker *worker)
{
	if (atomic_load(&worker->state->is_stopping))
		aqi_loop_stop(worker->loop);
	else if (atomic_load(&worker->state->is_draining) &&
		 !worker->is_draining)
		drain(worker);
}

void
aqi_worker_on_close(struct aqi_worker *worker)
{
	if (worker->is_paused)
		resume_accepting(worker);
	end_if_drained(worker);
}

struct aqi_worker *
aqi_worker_new(struct aqi_server_state *state, unsigned number,
	       const int *fds, const bool *is_shared, size_t n_fds,
	       struct aqi_error *err)
{
	struct aqi_worker *worker = calloc(1, sizeof *worker);

	if (worker)
		worker->listeners = calloc(n_fds, sizeof *worker->listeners);
	if (!worker || !worker->listeners) {
		free(worker);
		aqi_error_memory(err);
		return NULL;
	}
	worker->state = state;
	worker->loop = aqi_loop_new(err);
	worker->pause = (struct aqi_timer){
		.due = resume_accepting, .self = worker};
	worker->farewell = (struct aqi_timer){
		.due = bid_farewell, .self = worker};
	worker->limit = (struct aqi_timer){.due = stop, .self = worker};
	aqi_answerer_init(&worker->answerer, &state->options, number);
	for (size_t i = 0; i < n_fds; i++)
		worker->listeners[i] = (struct aqi_listener){
			.worker = worker,
			.watch = {.fd = fds[i], .ready = on_connection,
				  .self = &worker->listeners[i]},
			.is_shared = is_shared[i],
		};
	worker->n_listeners = n_fds;
	if (worker->loop && listen_again(worker, err) == AQI_OK)
		return worker;
	/* The descriptors stay the caller's. */
	worker->n_listeners = 0;
	aqi_worker_free(worker);
	return NULL;
}

enum aqi_status
aqi_worker_run(struct aqi_worker *worker, struct aqi_error *err)
{
	enum aqi_status status = aqi_loop_run(worker->loop, err);

	close_listeners(worker);
	while (worker->connections)
		aqi_connection_close(worker->connections);
	return status;
}

void
aqi_worker_free(struct aqi_worker *worker)
{
	if (!worker)
		return;
	if (worker->loop)
		close_listeners(worker);
	aqi_loop_free(worker->loop);
	aqi_answerer_free(&worker->answerer);
	free(worker->listeners);
	free(worker);
}
