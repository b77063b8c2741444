#include "net/connection.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/worker.h"

/*
 * Pipelined requests answered before the worker's other connections have
 * their turn, and the answers that wait for one call to send them. Larger ones
 * save calls; they let the others wait, and keep more for a slow reader.
 */
#define TURN_REQUESTS 100
#define TURN_BYTES (8 * 1024)

/* How long who is told of the end may take to close, too. */
#define LINGER_MS 2000

/*
 * While draining, an idle connection is closed after so long: a client that is
 * busy sends its next request within that time, and is answered.
 */
#define DRAIN_IDLE_MS 250

static uint64_t
time_limit_ms(const struct aqi_connection *c)
{
	const struct aqi_server_options *o = &c->worker->state->options;

	switch (c->phase) {
	case AQI_CONNECTION_IDLE:
		return c->worker->is_draining && o->idle_ms > DRAIN_IDLE_MS ?
			       DRAIN_IDLE_MS : o->idle_ms;
	case AQI_CONNECTION_HEAD:
		return o->head_ms;
	case AQI_CONNECTION_BODY:
		return o->body_ms;
	case AQI_CONNECTION_TURN:
		return 0;
	case AQI_CONNECTION_WRITE:
		return o->write_ms;
	default:
		return LINGER_MS;
	}
}

/*
 * The timer is moved only to come sooner. Mostly the deadline has moved on
 * when it comes, and it is set anew then: a request costs no work on timers.
 */
static void
enter(struct aqi_connection *c, enum aqi_connection_phase phase)
{
	struct aqi_loop *loop = c->worker->loop;

	c->phase = phase;
	c->deadline_ns = aqi_loop_now(loop) + time_limit_ms(c) * 1000000;
	if (!c->timer.is_set || c->timer.due_ns > c->deadline_ns)
		aqi_loop_set(loop, &c->timer, c->deadline_ns);
	aqi_loop_want(loop, &c->watch,
		      phase == AQI_CONNECTION_WRITE ? AQI_READY_OUT :
		      phase == AQI_CONNECTION_TURN ? AQI_READY_NOT :
		      AQI_READY_IN);
}

void
aqi_connection_close(struct aqi_connection *c)
{
	struct aqi_worker *worker = c->worker;

	aqi_loop_unwatch(worker->loop, &c->watch);
	aqi_loop_unset(worker->loop, &c->timer);
	/* Who sees it closed finds that there is room. */
	aqi_worker_count_out(worker, c);
	close(c->watch.fd);
	if (c->prev)
		c->prev->next = c->next;
	else
		worker->connections = c->next;
	if (c->next)
		c->next->prev = c->prev;
	worker->n_connections--;
	aqi_exchange_free(&c->exchange);
	aqi_buffer_free(&c->in);
	aqi_buffer_free(&c->out);
	free(c);
	aqi_worker_on_close(worker);
}

/*
 * Close in a way that the other end has read all before it may find that we
 * are gone: what it goes on sending would be answered by a reset, which makes
 * it forget what it has not read yet.
 */
static void
end(struct aqi_connection *c)
{
	aqi_buffer_free(&c->in);
	aqi_buffer_free(&c->out);
	if (c->lingers && shutdown(c->watch.fd, SHUT_WR) == 0)
		enter(c, AQI_CONNECTION_LINGER);
	else
		aqi_connection_close(c);
}

/* What a slow reader has not taken is not worth the kernel's memory. */
static void
cut(struct aqi_connection *c)
{
	const struct linger now = {.l_onoff = 1};

	(void)setsockopt(c->watch.fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	aqi_connection_close(c);
}

static bool
may_come_later(int error_number)
{
	return error_number == EAGAIN || error_number == EWOULDBLOCK ||
	       error_number == EINTR;
}

/*
 * Send what the worker has for this connection; what it does not take is kept
 * with it. False: it is gone, and is to be closed.
 */
static bool
flush(struct aqi_connection *c)
{
	struct aqi_buffer *out = &c->worker->answerer.out;
	ssize_t n;

	if (out->size == 0)
		return true;
	n = send(c->watch.fd, out->data, out->size, MSG_NOSIGNAL);
	if (n < 0 && !may_come_later(errno)) {
		aqi_buffer_clear(out);
		return false;
	}
	if (n < 0)
		n = 0;
	if ((size_t)n < out->size)
		aqi_buffer_add(&c->out, out->data + n, out->size - (size_t)n);
	aqi_buffer_clear(out);
	return !c->out.failed;
}

/* Keep what is not used of bytes, which may be those that are kept. */
static bool
keep(struct aqi_connection *c, struct aqi_slice rest)
{
	if (rest.size == 0) {
		aqi_buffer_free(&c->in);
		return true;
	}
	if (rest.data == c->in.data && rest.size == c->in.size)
		return true;
	if (c->in.size > 0) {
		memmove(c->in.data, rest.data, rest.size);
		c->in.size = rest.size;
		return true;
	}
	aqi_buffer_add_slice(&c->in, rest);
	return !c->in.failed;
}

/* What the connection waits for, now that it can do no more. */
static void
wait(struct aqi_connection *c, bool has_answered, bool needs_more)
{
	enum aqi_connection_phase phase = AQI_CONNECTION_TURN;

	if (c->out.size > 0)
		phase = AQI_CONNECTION_WRITE;
	else if (c->exchange.has_head)
		phase = AQI_CONNECTION_BODY;
	else if (c->in.size == 0)
		phase = AQI_CONNECTION_IDLE;
	else if (needs_more)
		phase = AQI_CONNECTION_HEAD;
	/* Who sends one byte more does not get more time. */
	if (has_answered || c->phase != phase)
		enter(c, phase);
}

/* Answer the requests in bytes, and keep the rest of them. */
static void
serve(struct aqi_connection *c, struct aqi_slice bytes)
{
	struct aqi_worker *worker = c->worker;
	const struct aqi_slice peer = {c->peer, c->peer_size};
	enum aqi_exchange_result result = AQI_EXCHANGE_DONE;
	bool is_there = true;
	size_t used, n = 0;

	while (bytes.size > 0 && result == AQI_EXCHANGE_DONE && is_there &&
	       n < TURN_REQUESTS && c->out.size == 0) {
		result = aqi_exchange_next(&c->exchange, &worker->answerer,
					   bytes, peer,
					   aqi_loop_now(worker->loop), &used);
		bytes.data += used;
		bytes.size -= used;
		n += result != AQI_EXCHANGE_MORE;
		if (worker->answerer.out.size >= TURN_BYTES)
			is_there = flush(c);
	}
	if (!is_there || !flush(c)) {
		aqi_connection_close(c);
		return;
	}
	c->is_last = result == AQI_EXCHANGE_LAST ||
		     result == AQI_EXCHANGE_ENDS;
	c->lingers = result == AQI_EXCHANGE_ENDS || bytes.size > 0;
	if (c->is_last && c->out.size == 0)
		end(c);
	else if (c->is_last)
		enter(c, AQI_CONNECTION_WRITE);
	else if (keep(c, bytes))
		wait(c, n > 0, result == AQI_EXCHANGE_MORE);
	else
		aqi_connection_close(c);
}

static void
receive(struct aqi_connection *c)
{
	char *read = c->worker->read;
	ssize_t n = recv(c->watch.fd, read, c->exchange.has_head ?
			 AQI_WORKER_READ : AQI_WORKER_READ_HEAD, 0);

	if (n < 0 && may_come_later(errno))
		return;
	/* Who sends no more may still read why this is no request. */
	if (n == 0 && (c->phase == AQI_CONNECTION_BODY ||
		       (c->phase == AQI_CONNECTION_HEAD &&
			aqi_http_has_begun(&c->exchange.progress)))) {
		aqi_connection_refuse(c, 400, "the request is cut");
		return;
	}
	if (n <= 0) {
		aqi_connection_close(c);
		return;
	}
	if (c->phase == AQI_CONNECTION_LINGER)
		return;
	if (c->in.size == 0) {
		serve(c, (struct aqi_slice){read, (size_t)n});
		return;
	}
	aqi_buffer_add(&c->in, read, (size_t)n);
	if (c->in.failed)
		aqi_connection_close(c);
	else
		serve(c, (struct aqi_slice){c->in.data, c->in.size});
}

static void
send_more(struct aqi_connection *c)
{
	ssize_t n = send(c->watch.fd, c->out.data + c->sent,
			 c->out.size - c->sent, MSG_NOSIGNAL);

	if (n < 0 && may_come_later(errno))
		return;
	if (n < 0) {
		aqi_connection_close(c);
		return;
	}
	c->sent += (size_t)n;
	if (c->sent < c->out.size)
		return;
	aqi_buffer_free(&c->out);
	c->sent = 0;
	if (c->is_last)
		end(c);
	else if (c->in.size > 0)
		serve(c, (struct aqi_slice){c->in.data, c->in.size});
	else
		wait(c, true, false);
}

static void
on_ready(void *self, unsigned ready)
{
	struct aqi_connection *c = self;

	if (c->phase == AQI_CONNECTION_WRITE)
		send_more(c);
	else if (c->phase != AQI_CONNECTION_TURN)
		receive(c);
	else if (ready == (AQI_READY_IN | AQI_READY_OUT))
		aqi_connection_close(c);
}

static void
on_due(void *self)
{
	struct aqi_connection *c = self;
	struct aqi_loop *loop = c->worker->loop;

	if (c->deadline_ns > aqi_loop_now(loop)) {
		aqi_loop_set(loop, &c->timer, c->deadline_ns);
		return;
	}
	switch (c->phase) {
	case AQI_CONNECTION_TURN:
		serve(c, (struct aqi_slice){c->in.data, c->in.size});
		break;
	case AQI_CONNECTION_HEAD:
		aqi_connection_refuse(c, 408, "the head took too long");
		break;
	case AQI_CONNECTION_BODY:
		aqi_connection_refuse(c, 408, "the body took too long");
		break;
	case AQI_CONNECTION_WRITE:
		cut(c);
		break;
	default:
		aqi_connection_close(c);
	}
}

void
aqi_connection_refuse(struct aqi_connection *c, unsigned status,
		      const char *reason)
{
	struct aqi_worker *worker = c->worker;

	aqi_exchange_refuse(&c->exchange, &worker->answerer,
			    (struct aqi_slice){c->peer, c->peer_size},
			    aqi_loop_now(worker->loop), status, reason);
	c->is_last = c->lingers = true;
	if (!flush(c))
		aqi_connection_close(c);
	else if (c->out.size > 0)
		enter(c, AQI_CONNECTION_WRITE);
	else
		end(c);
}

void
aqi_connection_drain(struct aqi_connection *c)
{
	if (c->phase == AQI_CONNECTION_IDLE)
		enter(c, AQI_CONNECTION_IDLE);
}

struct aqi_connection *
aqi_connection_open(struct aqi_worker *worker, int fd)
{
	struct aqi_connection *c = calloc(1, sizeof *c);

	if (!c) {
		close(fd);
		return NULL;
	}
	c->worker = worker;
	c->watch = (struct aqi_watch){
		.fd = fd, .ready = on_ready, .self = c};
	c->timer = (struct aqi_timer){.due = on_due, .self = c};
	if (aqi_loop_watch(worker->loop, &c->watch, AQI_READY_IN, NULL) !=
	    AQI_OK) {
		close(fd);
		free(c);
		return NULL;
	}
	c->next = worker->connections;
	if (c->next)
		c->next->prev = c;
	worker->connections = c;
	worker->n_connections++;
	enter(c, AQI_CONNECTION_IDLE);
	return c;
}
