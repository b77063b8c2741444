#include "net/exchange.h"

#include <time.h>

#include "base/clock.h"
#include "net/url.h"

void
aqi_answerer_init(struct aqi_answerer *answerer,
		  const struct aqi_server_options *options, unsigned worker)
{
	*answerer = (struct aqi_answerer){
		.options = options,
		.limits = {options->max_line, options->max_head,
			   options->max_fields},
		.worker = worker,
	};
}

void
aqi_answerer_free(struct aqi_answerer *answerer)
{
	aqi_buffer_free(&answerer->out);
	aqi_buffer_free(&answerer->path);
	aqi_buffer_free(&answerer->content);
	aqi_buffer_free(&answerer->answer.fields);
	aqi_buffer_free(&answerer->answer.body);
}

/* Another request begins; what the last one took is given back. */
static void
begin(struct aqi_exchange *exchange)
{
	aqi_buffer_free(&exchange->head);
	aqi_buffer_free(&exchange->content);
	exchange->has_head = false;
	exchange->begun_ns = 0;
	exchange->progress = (struct aqi_http_progress){0};
}

void
aqi_exchange_free(struct aqi_exchange *exchange)
{
	begin(exchange);
}

static void
clear_answer(struct aqi_answer *answer)
{
	struct aqi_buffer fields = answer->fields, body = answer->body;

	aqi_buffer_clear(&fields);
	aqi_buffer_clear(&body);
	*answer = (struct aqi_answer){.fields = fields, .body = body};
}

/* A clause for people, who see it in curl or in a proxy's log. */
static void
answer_fault(struct aqi_answer *answer, unsigned status, const char *reason)
{
	clear_answer(answer);
	answer->status = status;
	answer->type = "text/plain; charset=utf-8";
	aqi_buffer_add_text(&answer->body, reason);
	aqi_buffer_add_byte(&answer->body, '\n');
	/* What a moment later may be different; the client need not guess. */
	if (status == 503)
		aqi_buffer_add_text(&answer->fields, "retry-after: 1\r\n");
}

static bool
has_content(unsigned status)
{
	return status >= 200 && status != 204 && status != 304;
}

static void
add_head(struct aqi_answerer *answerer, const struct aqi_answer *answer,
	 bool closes, bool is_old)
{
	struct aqi_buffer *out = &answerer->out;

	aqi_http_add_status(out, answer->status);
	aqi_http_add_date(out, &answerer->date, time(NULL));
	aqi_buffer_add_text(out, "server: aqi-serve\r\n");
	if (has_content(answer->status))
		aqi_http_add_length(out, answer->body.size);
	if (answer->type) {
		aqi_buffer_add_text(out, "content-type: ");
		aqi_buffer_add_text(out, answer->type);
		aqi_buffer_add(out, "\r\n", 2);
	}
	if (closes)
		aqi_buffer_add_text(out, "connection: close\r\n");
	else if (is_old)
		aqi_buffer_add_text(out, "connection: keep-alive\r\n");
	aqi_buffer_add(out, answer->fields.data, answer->fields.size);
	aqi_http_add_end(out);
}

/*
 * Put the answer behind those that are there. Without memory it is taken out
 * again, and all that the client sees is that the connection ends.
 */
static bool
write_answer(struct aqi_answerer *answerer, const struct aqi_request *request,
	     bool closes, uint64_t *sent)
{
	struct aqi_answer *answer = &answerer->answer;
	struct aqi_buffer *out = &answerer->out;
	const struct aqi_http_head *head = request->head;
	size_t before = out->size;

	if (answer->body.failed || answer->fields.failed)
		answer_fault(answer, 503, "memory ran out");
	add_head(answerer, answer, closes, head && head->minor == 0);
	*sent = 0;
	if (has_content(answer->status) &&
	    !(head && aqi_slice_is(head->method, "HEAD"))) {
		aqi_buffer_add(out, answer->body.data, answer->body.size);
		*sent = answer->body.size;
	}
	if (!out->failed)
		return true;
	out->failed = false;
	out->size = before;
	return false;
}

static void
tell(const struct aqi_answerer *answerer, const struct aqi_request *request,
     uint64_t sent)
{
	const struct aqi_server_options *options = answerer->options;

	if (options->answered)
		options->answered(options->self, answerer->worker, request,
				  &answerer->answer, sent,
				  aqi_clock_ns() - request->arrived_ns);
}

/* head NULL: it could not be read. */
static enum aqi_exchange_result
refuse(struct aqi_exchange *exchange, struct aqi_answerer *answerer,
       const struct aqi_http_head *head, struct aqi_slice peer,
       const struct aqi_http_fault *fault)
{
	const struct aqi_request request = {
		.head = head,
		.peer = peer,
		.arrived_ns = exchange->begun_ns,
	};
	uint64_t sent;

	answer_fault(&answerer->answer, fault->status, fault->reason);
	if (write_answer(answerer, &request, true, &sent))
		tell(answerer, &request, sent);
	begin(exchange);
	return AQI_EXCHANGE_ENDS;
}

void
aqi_exchange_refuse(struct aqi_exchange *exchange,
		    struct aqi_answerer *answerer, struct aqi_slice peer,
		    uint64_t now, unsigned status, const char *reason)
{
	const struct aqi_http_fault fault = {status, reason};

	if (exchange->begun_ns == 0)
		exchange->begun_ns = now;
	refuse(exchange, answerer, NULL, peer, &fault);
}

static enum aqi_exchange_result
respond(struct aqi_exchange *exchange, struct aqi_answerer *answerer,
	struct aqi_slice body, struct aqi_slice peer)
{
	const struct aqi_server_options *options = answerer->options;
	const struct aqi_http_head *head = &answerer->head;
	struct aqi_answer *answer = &answerer->answer;
	struct aqi_request request = {
		.head = head,
		.query = head->query,
		.body = body,
		.peer = peer,
		.arrived_ns = exchange->begun_ns,
	};
	struct aqi_http_fault fault;
	uint64_t sent;
	bool closes;

	clear_answer(answer);
	/* http://host means the same as http://host/ */
	if (aqi_url_decode_path(head->path.size > 0 ? head->path :
				aqi_slice_of("/"), &answerer->path,
				&request.path, &fault) == AQI_OK)
		options->answer(options->self, answerer->worker, &request,
				answer);
	else
		answer_fault(answer, fault.status, fault.reason);
	closes = !head->keeps_alive || answer->closes || answerer->is_draining;
	if (!write_answer(answerer, &request, closes, &sent)) {
		begin(exchange);
		return AQI_EXCHANGE_ENDS;
	}
	tell(answerer, &request, sent);
	begin(exchange);
	if (!closes)
		return AQI_EXCHANGE_DONE;
	return head->keeps_alive ? AQI_EXCHANGE_ENDS : AQI_EXCHANGE_LAST;
}

/* Content out of bytes, as far as they go; AQI_OK: more is needed. */
static enum aqi_status
take(const struct aqi_answerer *answerer, struct aqi_http_body *body,
     struct aqi_buffer *content, struct aqi_slice bytes, size_t *used,
     struct aqi_http_fault *fault)
{
	enum aqi_status status;
	struct aqi_slice piece;
	size_t n;

	for (*used = 0; ; *used += n) {
		status = aqi_http_body_next(body, (struct aqi_slice){
			bytes.data + *used, bytes.size - *used}, &n, &piece,
			fault);
		if (status != AQI_OK || piece.size == 0)
			break;
		if (piece.size > answerer->options->max_body - content->size) {
			*fault = (struct aqi_http_fault){
				413, "the body is too large"};
			return AQI_REJECT;
		}
		aqi_buffer_add_slice(content, piece);
		if (content->failed) {
			*fault = (struct aqi_http_fault){503, "memory ran out"};
			return AQI_REJECT;
		}
	}
	*used += n;
	return status;
}

/* The other answers in `out` are not to suffer where this one finds no room;
 * who is not told to go on does so after a while, by RFC 9110, 10.1.1. */
static void
ask_for_content(struct aqi_buffer *out)
{
	size_t before = out->size;

	aqi_http_add_status(out, 100);
	aqi_http_add_end(out);
	if (out->failed)
		out->size = before;
	out->failed = false;
}

/* The request waits for the rest of its content, its head and the first of it
 * kept. */
static enum aqi_exchange_result
wait_for_content(struct aqi_exchange *exchange, struct aqi_answerer *answerer,
		 const char *head, bool has_begun, struct aqi_slice peer)
{
	const struct aqi_http_fault fault = {503, "memory ran out"};

	aqi_buffer_add(&exchange->head, head, answerer->head.size);
	if (exchange->head.failed)
		return refuse(exchange, answerer, &answerer->head, peer,
			      &fault);
	exchange->has_head = true;
	if (answerer->content.size > 0) {
		exchange->content = answerer->content;
		answerer->content = (struct aqi_buffer){0};
	}
	/* Who sends it anyway does not wait to be told. */
	if (answerer->head.expects_continue && !has_begun)
		ask_for_content(&answerer->out);
	return AQI_EXCHANGE_MORE;
}

/* A head is whole, and behind it follow the bytes of rest. */
static enum aqi_exchange_result
begin_content(struct aqi_exchange *exchange, struct aqi_answerer *answerer,
	      struct aqi_slice bytes, struct aqi_slice peer, size_t *used)
{
	const struct aqi_http_head *head = &answerer->head;
	struct aqi_http_fault fault = {413, "the body is too large"};
	struct aqi_slice rest = {
		bytes.data + head->size, bytes.size - head->size};
	enum aqi_status status;

	if (head->framing == AQI_HTTP_LENGTH &&
	    head->length > answerer->options->max_body)
		return refuse(exchange, answerer, head, peer, &fault);
	if (head->framing != AQI_HTTP_CHUNKED && head->length <= rest.size) {
		rest.size = head->framing == AQI_HTTP_LENGTH ?
				    (size_t)head->length : 0;
		*used = head->size + rest.size;
		return respond(exchange, answerer, rest, peer);
	}
	aqi_http_body_begin(&exchange->body, head, &answerer->limits);
	aqi_buffer_clear(&answerer->content);
	status = take(answerer, &exchange->body, &answerer->content, rest, used,
		      &fault);
	*used += head->size;
	if (status == AQI_REJECT)
		return refuse(exchange, answerer, head, peer, &fault);
	if (status == AQI_OK)
		return wait_for_content(exchange, answerer, bytes.data,
					rest.size > 0, peer);
	return respond(exchange, answerer, (struct aqi_slice){
		answerer->content.data, answerer->content.size}, peer);
}

/* The head was read before: the same bytes give the same. */
static bool
read_again(const struct aqi_exchange *exchange, struct aqi_answerer *answerer)
{
	const struct aqi_slice bytes = {
		exchange->head.data, exchange->head.size};
	struct aqi_http_progress progress = {0};
	struct aqi_http_fault fault;

	return aqi_http_read_request(bytes, &progress, &answerer->limits,
				     &answerer->head, &fault) == AQI_OK;
}

static enum aqi_exchange_result
read_content(struct aqi_exchange *exchange, struct aqi_answerer *answerer,
	     struct aqi_slice bytes, struct aqi_slice peer, size_t *used)
{
	struct aqi_http_fault fault = {500, "a head was read in two ways"};
	enum aqi_status status = take(answerer, &exchange->body,
				      &exchange->content, bytes, used, &fault);

	if (status == AQI_OK)
		return AQI_EXCHANGE_MORE;
	if (!read_again(exchange, answerer))
		return refuse(exchange, answerer, NULL, peer, &fault);
	if (status == AQI_REJECT)
		return refuse(exchange, answerer, &answerer->head, peer,
			      &fault);
	return respond(exchange, answerer, (struct aqi_slice){
		exchange->content.data, exchange->content.size}, peer);
}

enum aqi_exchange_result
aqi_exchange_next(struct aqi_exchange *exchange, struct aqi_answerer *answerer,
		  struct aqi_slice bytes, struct aqi_slice peer, uint64_t now,
		  size_t *used)
{
	struct aqi_http_fault fault;

	*used = 0;
	if (exchange->has_head)
		return read_content(exchange, answerer, bytes, peer, used);
	if (exchange->begun_ns == 0)
		exchange->begun_ns = now;
	switch (aqi_http_read_request(bytes, &exchange->progress,
				      &answerer->limits, &answerer->head,
				      &fault)) {
	case AQI_OK:
		return begin_content(exchange, answerer, bytes, peer, used);
	case AQI_END:
		return AQI_EXCHANGE_MORE;
	default:
		return refuse(exchange, answerer, NULL, peer, &fault);
	}
}
