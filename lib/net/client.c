#include "net/client.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void
aqi_client_close(struct aqi_client *client)
{
	if (client->state == AQI_CLIENT_CLOSED)
		return;
	aqi_loop_unwatch(client->home->loop, &client->watch);
	close(client->watch.fd);
	client->state = AQI_CLIENT_CLOSED;
	client->has_request = false;
}

void
aqi_client_free(struct aqi_client *client)
{
	aqi_client_close(client);
	aqi_buffer_free(&client->request);
	aqi_buffer_free(&client->in);
	aqi_buffer_free(&client->content);
}

/* Ready for the answer to the next request. */
static void
forget_answer(struct aqi_client *client)
{
	aqi_buffer_clear(&client->in);
	aqi_buffer_clear(&client->content);
	client->progress = (struct aqi_http_progress){0};
	client->has_head = false;
}

/* The last thing that is done: the user may send the next request. */
static void
tell(struct aqi_client *client, enum aqi_outcome outcome,
     struct aqi_slice body)
{
	const struct aqi_client_answer answer = {
		.outcome = outcome,
		.status = client->has_head ? client->status : 0,
		.body = body,
	};

	client->has_request = false;
	if (client->state == AQI_CLIENT_BUSY)
		client->state = AQI_CLIENT_IDLE;
	client->home->answered(client->home->self, client, &answer);
}

static void
fail(struct aqi_client *client, enum aqi_outcome outcome, int error)
{
	bool had_request = client->has_request;

	client->error = error;
	aqi_client_close(client);
	if (had_request)
		tell(client, outcome, (struct aqi_slice){NULL, 0});
	else
		client->home->opened(client->home->self, client);
}

/* An answer is whole; surplus says that there are bytes behind it. */
static void
finish(struct aqi_client *client, struct aqi_slice body, bool surplus)
{
	if (surplus) {
		fail(client, AQI_OUTCOME_FRAMING, 0);
		return;
	}
	if (!client->keeps_alive || client->home->closes ||
	    client->n_sent < client->request.size)
		aqi_client_close(client);
	tell(client, AQI_OUTCOME_OK, body);
}

/*
 * Keep a piece of a body that has not come whole. What is longer than the
 * limit is no answer of an API.
 */
static bool
keep_content(struct aqi_client *client, struct aqi_slice piece)
{
	if (!client->home->keeps_bodies)
		return true;
	if (piece.size > client->home->body_limit - client->content.size)
		return false;
	aqi_buffer_add_slice(&client->content, piece);
	return !client->content.failed;
}

static void
take_body(struct aqi_client *client, struct aqi_slice bytes)
{
	struct aqi_http_fault fault;
	struct aqi_slice piece, body = {NULL, 0};
	enum aqi_status status;
	size_t used;

	for (;;) {
		status = aqi_http_body_next(&client->body, bytes, &used,
					    &piece, &fault);
		bytes.data += used;
		bytes.size -= used;
		if (status == AQI_REJECT) {
			fail(client, AQI_OUTCOME_FRAMING, 0);
			return;
		}
		if (status == AQI_END)
			break;
		if (piece.size == 0)
			return;
		/* One piece that is all of it needs no copy. */
		if (client->body.framing == AQI_HTTP_LENGTH &&
		    client->body.left == 0 && client->content.size == 0) {
			body = piece;
		} else if (!keep_content(client, piece)) {
			fail(client, AQI_OUTCOME_FRAMING,
			     client->content.failed ? ENOMEM : EMSGSIZE);
			return;
		}
	}
	if (!body.data)
		body = (struct aqi_slice){client->content.data,
					  client->content.size};
	finish(client, body, bytes.size > 0);
}

/* Bytes of a head that is not whole; where some are kept, they are the last of
 * those. */
static bool
keep_head(struct aqi_client *client, struct aqi_slice bytes)
{
	struct aqi_buffer *in = &client->in;

	if (in->size > 0) {
		memmove(in->data, bytes.data, bytes.size);
		in->size = bytes.size;
	} else {
		aqi_buffer_add_slice(in, bytes);
	}
	return !in->failed;
}

/* A head, in bytes from its begin; those behind it are the body's. */
static void
take_head(struct aqi_client *client, struct aqi_slice bytes)
{
	struct aqi_http_limits limits = AQI_HTTP_LIMITS;
	struct aqi_http_fault fault;
	struct aqi_http_head head;

	/* Not for us are 100 and 103, which come before the answer. */
	for (;;) {
		switch (aqi_http_read_response(bytes, client->is_head,
					       &client->progress, &limits,
					       &head, &fault)) {
		case AQI_OK:
			break;
		case AQI_END:
			if (!keep_head(client, bytes))
				fail(client, AQI_OUTCOME_CUT, ENOMEM);
			return;
		default:
			fail(client, AQI_OUTCOME_FRAMING, 0);
			return;
		}
		bytes.data += head.size;
		bytes.size -= head.size;
		if (head.status >= 200 || head.status == 101)
			break;
		client->progress = (struct aqi_http_progress){0};
	}
	client->has_head = true;
	client->status = head.status;
	client->keeps_alive = head.keeps_alive;
	aqi_http_body_begin(&client->body, &head, &limits);
	take_body(client, bytes);
}

static void
take_bytes(struct aqi_client *client, struct aqi_slice bytes)
{
	if (client->has_head) {
		take_body(client, bytes);
		return;
	}
	if (client->in.size > 0) {
		aqi_buffer_add_slice(&client->in, bytes);
		if (client->in.failed) {
			fail(client, AQI_OUTCOME_CUT, ENOMEM);
			return;
		}
		bytes = (struct aqi_slice){client->in.data, client->in.size};
	}
	take_head(client, bytes);
}

static void
take_end(struct aqi_client *client)
{
	const struct aqi_slice body = {client->content.data,
				       client->content.size};

	if (client->has_head && aqi_http_body_ends_by_close(&client->body)) {
		client->keeps_alive = false;
		finish(client, body, false);
	} else {
		fail(client, AQI_OUTCOME_CUT, 0);
	}
}

static void
read_answer(struct aqi_client *client)
{
	struct aqi_client_home *home = client->home;
	ssize_t n = recv(client->watch.fd, home->room, home->room_size, 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (client->has_request && n > 0) {
		take_bytes(client, (struct aqi_slice){home->room, (size_t)n});
	} else if (client->has_request && n == 0) {
		take_end(client);
	} else if (client->has_request) {
		fail(client, errno == ECONNRESET ? AQI_OUTCOME_RESET :
		     AQI_OUTCOME_CUT, errno);
	} else {
		/* Between two requests a server may close, and no more. */
		aqi_client_close(client);
		if (n > 0)
			home->surplus(home->self, client);
	}
}

static bool
has_more_to_send(const struct aqi_client *client)
{
	return client->has_request && !client->cannot_write &&
	       client->n_sent < client->request.size;
}

/* As much as the socket takes; the answer may come before the last byte. */
static void
write_request(struct aqi_client *client)
{
	ssize_t n = send(client->watch.fd,
			 client->request.data + client->n_sent,
			 client->request.size - client->n_sent, MSG_NOSIGNAL);

	/*
	 * Who does not want the rest may have answered already, and said why:
	 * to read will tell.
	 */
	client->cannot_write = n < 0 && errno != EAGAIN && errno != EINTR;
	if (n > 0)
		client->n_sent += (size_t)n;
	aqi_loop_want(client->home->loop, &client->watch,
		      has_more_to_send(client) ?
		      AQI_READY_IN | AQI_READY_OUT : AQI_READY_IN);
}

static void
take_connection(struct aqi_client *client)
{
	int error = aqi_address_result(client->watch.fd);

	if (error != 0) {
		fail(client, AQI_OUTCOME_REFUSED, error);
		return;
	}
	client->error = 0;
	if (client->has_request) {
		client->state = AQI_CLIENT_BUSY;
		write_request(client);
		return;
	}
	client->state = AQI_CLIENT_IDLE;
	aqi_loop_want(client->home->loop, &client->watch, AQI_READY_IN);
	client->home->opened(client->home->self, client);
}

static void
take_ready(void *self, unsigned ready)
{
	struct aqi_client *client = self;

	if (client->state == AQI_CLIENT_CONNECTING)
		take_connection(client);
	else if (ready & AQI_READY_OUT && has_more_to_send(client))
		write_request(client);
	else
		read_answer(client);
}

void
aqi_client_open(struct aqi_client *client)
{
	struct aqi_error err;

	client->watch.ready = take_ready;
	client->watch.self = client;
	client->watch.fd = aqi_address_connect(client->home->address, &err);
	if (client->watch.fd < 0) {
		fail(client, AQI_OUTCOME_REFUSED, errno);
		return;
	}
	client->state = AQI_CLIENT_CONNECTING;
	if (aqi_loop_watch(client->home->loop, &client->watch, AQI_READY_OUT,
			   &err) != AQI_OK)
		fail(client, AQI_OUTCOME_REFUSED, errno);
}

void
aqi_client_send(struct aqi_client *client, bool is_head)
{
	forget_answer(client);
	client->has_request = true;
	client->is_head = is_head;
	client->n_sent = 0;
	if (client->state == AQI_CLIENT_CLOSED) {
		aqi_client_open(client);
		return;
	}
	client->state = AQI_CLIENT_BUSY;
	write_request(client);
}
