#include "net/server.h"

#include <signal.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "client.h"
#include "net/address.h"
#include "net/http.h"
#include "tap.h"

/* What the requests ask for, as the answer function saw it. */
static atomic_size_t n_answers, n_told, n_told_sent;
static char last_seen[512];		/* of the one worker, between waits */

static void
answer(void *self, unsigned worker, const struct aqi_request *request,
       struct aqi_answer *answer)
{
	struct aqi_buffer *body = &answer->body;

	(void)self;
	(void)worker;
	atomic_fetch_add(&n_answers, 1);
	answer->status = 200;
	answer->type = "text/plain";
	if (aqi_slice_is(request->path, "/none")) {
		answer->status = 204;
		answer->type = NULL;
	} else if (aqi_slice_is(request->path, "/bye")) {
		answer->closes = true;
	} else if (aqi_slice_is(request->path, "/large")) {
		for (int i = 0; i < 1 << 17; i++)
			aqi_buffer_add_text(body, "0123456789abcdef"
					    "0123456789abcde\n");
		return;
	} else if (aqi_slice_is(request->path, "/fails")) {
		aqi_buffer_add_text(body, "half");
		body->failed = true;
	} else if (aqi_slice_is(request->path, "/field")) {
		aqi_buffer_add_text(&answer->fields, "x-aqi-model: a\r\n");
	}
	aqi_buffer_add_slice(body, request->head->method);
	aqi_buffer_add_byte(body, ' ');
	aqi_buffer_add_slice(body, request->path);
	aqi_buffer_add_byte(body, '?');
	aqi_buffer_add_slice(body, request->query);
	aqi_buffer_add_format(body, " %zu:", request->body.size);
	aqi_buffer_add_slice(body, request->body);
	aqi_buffer_add_text(body, ";");
}

static void
answered(void *self, unsigned worker, const struct aqi_request *request,
	 const struct aqi_answer *answer, uint64_t sent, uint64_t took_ns)
{
	(void)self;
	(void)worker;
	(void)took_ns;
	snprintf(last_seen, sizeof last_seen, "%s %u %.*s",
		 request->head ? "read" : "not read", answer->status,
		 (int)request->peer.size, request->peer.data);
	atomic_fetch_add(&n_told_sent, sent);
	atomic_fetch_add(&n_told, 1);
}

static const struct aqi_server_options plain = {
	.answer = answer, .answered = answered};
static struct aqi_address address;

static struct aqi_server *
start(const struct aqi_server_options *options, const char *at)
{
	struct aqi_address list[AQI_ADDRESS_MAX];
	struct aqi_server *server = NULL;
	struct aqi_error err = {0};
	size_t n;

	if (aqi_address_read(aqi_slice_of(at), list, &n, &err) == AQI_OK) {
		address = list[0];
		server = aqi_server_new(options, &address, 1, &err);
	}
	if (!server || aqi_server_start(server, &err) != AQI_OK) {
		fprintf(stderr, "%s\n", err.reason);
		exit(1);
	}
	return server;
}

static struct aqi_server *
start_here(const struct aqi_server_options *options)
{
	return start(options, "127.0.0.1:0");
}

/* Has it ended by itself? */
static bool
ends(struct aqi_server *server)
{
	struct pollfd done = {.fd = aqi_server_fd(server), .events = POLLIN};

	return poll(&done, 1, PATIENCE_MS) == 1;
}

/* It was to end already, or ends now, without a failure. */
static bool
stops(struct aqi_server *server)
{
	struct aqi_error err;

	return aqi_server_free(server, &err) == AQI_OK;
}

#define HOST " HTTP/1.1\r\nHost: a\r\n"
#define GET(path) "GET " path HOST "\r\n"

/*
 * Bytes that are sent, what comes of them, and how often a status line does;
 * each ends the connection by a last request, or by what is wrong with it.
 */
static const struct {
	const char *sentence, *bytes, *wanted;
	size_t n_lines;
} talks[] = {
	{"a request is answered", GET("/a") GET("/bye"), "GET /a? 0:;", 2},
	{"path and query are apart", GET("/a?b=c%20") GET("/bye"),
	 "GET /a?b=c%20 0:;", 2},
	{"a path is decoded", GET("/%61%2fb") GET("/bye"), "GET /a/b? 0:;", 2},
	{"a path that leaves the root is refused, and the next request is not",
	 GET("/a/%2e%2e/b") GET("/bye"), "HTTP/1.1 400 Bad Request\r\n", 2},
	{"a target that is a URL is one of its path",
	 "GET http://a/b" HOST "\r\n" GET("/bye"), "GET /b? 0:;", 2},
	{"that of a URL without a path is the root",
	 "GET http://a" HOST "\r\n" GET("/bye"), "GET /? 0:;", 2},
	{"a body of known length is read",
	 "POST /a" HOST "Content-Length: 3\r\n\r\nxyz" GET("/bye"),
	 "POST /a? 3:xyz;", 2},
	{"a body in chunks is read", "POST /a" HOST "Transfer-Encoding: chunked"
	 "\r\n\r\n2\r\nxy\r\n1;a=b\r\nz\r\n0\r\nX: y\r\n\r\n" GET("/bye"),
	 "POST /a? 3:xyz;", 2},
	{"HEAD has the length of a body and none",
	 "HEAD /a" HOST "\r\n" GET("/bye"),
	 "\r\ncontent-length: 12\r\ncontent-type: text/plain\r\n\r\nHTTP", 2},
	{"status 204 has no body and no length", GET("/none") GET("/bye"),
	 "No Content\r\ndate: ", 2},
	{"fields of the answer are sent", GET("/field") GET("/bye"),
	 "\r\nx-aqi-model: a\r\n\r\n", 2},
	{"the last answer says that it is", GET("/bye"),
	 "\r\nconnection: close\r\n", 1},
	{"what the answer had no memory for is 503", GET("/fails") GET("/bye"),
	 "HTTP/1.1 503 Service Unavailable\r\n", 2},
	{"HTTP/1.0 is answered and closed", "GET /a HTTP/1.0\r\n\r\n",
	 "\r\nconnection: close\r\n", 1},
	{"HTTP/1.0 is kept when it asks for that",
	 "GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" GET("/bye"),
	 "\r\nconnection: keep-alive\r\n", 2},
	{"a client that closes is answered",
	 "GET /a" HOST "Connection: close\r\n\r\n" GET("/b"), "GET /a? 0:;", 1},
	{"bytes that are no HTTP are refused", "\x16\x03\x01\x02\r\n",
	 "HTTP/1.1 400 Bad Request\r\n", 1},
	{"nothing behind what is refused is answered",
	 "GET / HTTP/1.1\r\n\r\n" GET("/a"), "HTTP/1.1 400 Bad Request\r\n", 1},
	{"a body that is broken is refused",
	 "POST /a" HOST "Transfer-Encoding: chunked\r\n\r\nx\r\n" GET("/a"),
	 "HTTP/1.1 400 Bad Request\r\n", 1},
	{"both ways to frame are refused",
	 "POST /a" HOST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"
	 "\r\n0\r\n\r\n" GET("/a"), "HTTP/1.1 400 Bad Request\r\n", 1},
	{"an unknown coding is refused",
	 "POST /a" HOST "Transfer-Encoding: x\r\n\r\n" GET("/a"),
	 "HTTP/1.1 501 Not Implemented\r\n", 1},
	{"an expectation comes true", "POST /a" HOST "Content-Length: 3\r\n"
	 "Expect: 100-continue\r\n\r\nxyz" GET("/bye"), "POST /a? 3:xyz;", 2},
};

/* All at once, or a byte at a time, with answers that may come meanwhile. */
static bool
is_talk(size_t i, bool by_bytes, struct client *c)
{
	const char *bytes = talks[i].bytes;
	size_t n = strlen(bytes);
	bool well = true;

	client_open(c, &address);
	if (!by_bytes)
		well = client_send(c, bytes, n);
	/* What is refused may close before the rest is sent. */
	for (size_t k = 0; by_bytes && k < n; k++)
		if (!client_send(c, bytes + k, 1))
			break;
	/* It depends on the pieces whether one is told to go on. */
	well = client_sees_end(c) && well && strstr(c->text, talks[i].wanted) &&
	       client_count(c, "HTTP/1.1 ") ==
		       talks[i].n_lines + client_count(c, "HTTP/1.1 100 ");
	client_close(c);
	return well;
}

static void
test_talks(void)
{
	struct aqi_server *server = start_here(&plain);
	static struct client c;

	for (size_t i = 0; i < sizeof talks / sizeof *talks; i++)
		for (int by_bytes = 0; by_bytes < 2; by_bytes++)
			if (!ok(is_talk(i, by_bytes, &c), "%s%s",
				talks[i].sentence,
				by_bytes ? ", byte by byte" : ""))
				note("%s", c.text);
	ok(stops(server), "the server stops");
	ok(atomic_load(&n_told_sent) > 0 && atomic_load(&n_told) > 0,
	   "each answer was told of");
}

static void
test_continue(void)
{
	struct aqi_server *server = start_here(&plain);
	static struct client c;

	client_open(&c, &address);
	ok(client_say(&c, "POST /a" HOST "Content-Length: 3\r\n"
			  "Expect: 100-continue\r\n\r\n") &&
	   client_sees(&c, "HTTP/1.1 100 Continue\r\n\r\n") &&
	   client_say(&c, "xyz") && client_sees(&c, "POST /a? 3:xyz;"),
	   "who waits for 100 gets it, then the answer");
	c.size = 0;
	c.text[0] = '\0';
	ok(client_say(&c, "POST /a" HOST "Content-Length: 10000000\r\n"
			  "Expect: 100-continue\r\n\r\n") &&
	   client_sees_end(&c) && strstr(c.text, "HTTP/1.1 413 Content Too "
					 "Large\r\n") &&
	   !strstr(c.text, "100 Continue"), "but not for a body too large");
	client_close(&c);
	ok(stops(server), "the server stops");
}

/* Many requests in one write, and all answers in their order. */
static void
test_pipeline(void)
{
	struct aqi_server *server = start_here(&plain);
	static struct client c;
	static char text[64];
	struct aqi_buffer bytes = {0};
	bool in_order = true, sent;
	const char *p = c.text;

	for (int i = 0; i < 300; i++)
		aqi_buffer_add_format(&bytes, "GET /%d" HOST "\r\n", i);
	aqi_buffer_add_text(&bytes, GET("/bye"));
	client_open(&c, &address);
	sent = client_send(&c, bytes.data, bytes.size);
	ok(sent && client_sees_end(&c) &&
	   client_count(&c, "HTTP/1.1 200 OK\r\n") == 301,
	   "301 requests in one write have 301 answers");
	for (int i = 0; i < 300 && in_order; i++) {
		snprintf(text, sizeof text, "GET /%d? 0:;", i);
		p = strstr(p, text);
		in_order = p != NULL;
	}
	ok(in_order, "in the order of the requests");
	client_close(&c);
	aqi_buffer_free(&bytes);
	ok(stops(server), "the server stops");
}

/* A request of exactly these sizes, and the status of its answer. */
static unsigned
status_of(const struct aqi_buffer *bytes)
{
	static struct client c;
	unsigned status = 0;

	client_open(&c, &address);
	/* What is too large may be refused before it is sent. */
	(void)client_send(&c, bytes->data, bytes->size);
	if (client_sees_end(&c) && c.size > 12)
		status = (unsigned)strtoul(c.text + 9, NULL, 10);
	client_close(&c);
	return status;
}

static void
pad(struct aqi_buffer *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		aqi_buffer_add_byte(bytes, 'a');
}

#define LAST " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"

static unsigned
status_of_line(size_t size)
{
	struct aqi_buffer bytes = {0};
	unsigned status;

	aqi_buffer_add_text(&bytes, "GET /");
	pad(&bytes, size - strlen("GET / HTTP/1.1"));
	aqi_buffer_add_text(&bytes, LAST "\r\n");
	status = status_of(&bytes);
	aqi_buffer_free(&bytes);
	return status;
}

static unsigned
status_of_head(size_t size)
{
	struct aqi_buffer bytes = {0};
	unsigned status;

	aqi_buffer_add_text(&bytes, "GET /" LAST "X: ");
	pad(&bytes, size - bytes.size - 4);
	aqi_buffer_add_text(&bytes, "\r\n\r\n");
	status = status_of(&bytes);
	aqi_buffer_free(&bytes);
	return status;
}

static unsigned
status_of_fields(size_t n)
{
	struct aqi_buffer bytes = {0};
	unsigned status;

	aqi_buffer_add_text(&bytes, "GET /" LAST);
	for (size_t i = 2; i < n; i++)
		aqi_buffer_add_text(&bytes, "X: y\r\n");
	aqi_buffer_add_text(&bytes, "\r\n");
	status = status_of(&bytes);
	aqi_buffer_free(&bytes);
	return status;
}

static unsigned
status_of_body(size_t size, bool in_chunks)
{
	struct aqi_buffer bytes = {0};
	unsigned status;

	aqi_buffer_add_text(&bytes, "POST /none" LAST);
	if (in_chunks) {
		aqi_buffer_add_text(&bytes, "Transfer-Encoding: chunked\r\n"
				    "\r\n1\r\na\r\n");
		aqi_buffer_add_format(&bytes, "%zx\r\n", size - 1);
		pad(&bytes, size - 1);
		aqi_buffer_add_text(&bytes, "\r\n0\r\n\r\n");
	} else {
		aqi_buffer_add_format(&bytes, "Content-Length: %zu\r\n\r\n",
				      size);
		pad(&bytes, size);
	}
	status = status_of(&bytes);
	aqi_buffer_free(&bytes);
	return status;
}

static void
test_sizes(void)
{
	struct aqi_server *server = start_here(&plain);
	const size_t body = (size_t)8 << 20;

	ok(status_of_line(8192) == 200 && status_of_line(8193) == 414,
	   "a request line has up to 8192 bytes, else 414");
	ok(status_of_head(32768) == 200 && status_of_head(32769) == 431,
	   "a head has up to 32768 bytes, else 431");
	ok(status_of_fields(100) == 200 && status_of_fields(101) == 431,
	   "a head has up to 100 fields, else 431");
	ok(status_of_body(body, false) == 204 &&
	   status_of_body(body + 1, false) == 413,
	   "a body has up to 8 MiB, else 413");
	ok(status_of_body(body, true) == 204 &&
	   status_of_body(body + 1, true) == 413, "in chunks, too");
	ok(stops(server), "the server stops");
}

/* Let in n, see that one more is not, and that one is for one that goes. */
static void
test_connections(const struct aqi_server_options *options, const char *reason)
{
	struct aqi_server *server = start_here(options);
	static struct client in[3], out;
	bool well = true;

	for (int i = 0; i < 3; i++) {
		client_open(&in[i], &address);
		well = well && client_say(&in[i], GET("/a")) &&
		       client_sees(&in[i], "GET /a? 0:;");
	}
	client_open(&out, &address);
	ok(well && client_sees_end(&out) &&
	   strstr(out.text, "HTTP/1.1 503 Service Unavailable\r\n") &&
	   strstr(out.text, "\r\nretry-after: 1\r\n") &&
	   strstr(out.text, reason), "three are let in, the fourth gets 503: "
	   "%s", reason);
	client_close(&out);
	ok(client_say(&in[0], GET("/bye")) && client_sees_end(&in[0]),
	   "one of them goes");
	client_close(&in[0]);
	/* It is gone for the server once that says so. */
	while (aqi_server_count(server).open > 2)
		;
	client_open(&in[0], &address);
	ok(client_say(&in[0], GET("/b")) && client_sees(&in[0], "GET /b? 0:;"),
	   "and makes room for another");
	for (int i = 0; i < 3; i++)
		client_close(&in[i]);
	ok(aqi_server_count(server).accepted == 5 &&
	   aqi_server_count(server).refused == 1, "all of them are counted");
	ok(stops(server), "the server stops");
}

/* What the client does not do in time. */
static const struct {
	const char *sentence, *bytes, *wanted;
} slow[] = {
	{"who sends nothing is closed", "", ""},
	{"who sends nothing more is closed", GET("/a"), "GET /a? 0:;"},
	{"half a head is 408", "GET / HT", "HTTP/1.1 408 Request Timeout\r\n"},
	{"half a body is 408", "POST /a" HOST "Content-Length: 3\r\n\r\nxy",
	 "HTTP/1.1 408 Request Timeout\r\n"},
	{"half a chunk is 408",
	 "POST /a" HOST "Transfer-Encoding: chunked\r\n\r\n3\r\nxy",
	 "HTTP/1.1 408 Request Timeout\r\n"},
};

static void
test_time_limits(void)
{
	struct aqi_server_options options = plain;
	struct aqi_server *server;
	static struct client c;
	uint64_t started, took;
	bool well;

	options.idle_ms = 60;
	options.head_ms = 20;
	options.body_ms = 40;
	options.write_ms = 500;
	server = start_here(&options);
	for (size_t i = 0; i < sizeof slow / sizeof *slow; i++) {
		started = aqi_clock_ns();
		client_open(&c, &address);
		well = client_say(&c, slow[i].bytes) && client_sees_end(&c);
		took = aqi_clock_ns() - started;
		client_close(&c);
		if (!ok(well && strstr(c.text, slow[i].wanted) &&
			took >= 20000000, "%s", slow[i].sentence))
			note("%s, after %g ms", c.text, (double)took / 1e6);
	}
	client_open(&c, &address);
	ok(client_say(&c, GET("/large") GET("/large")) &&
	   client_sees(&c, "0123") && aqi_server_count(server).open == 1,
	   "a large answer waits for its reader");
	started = aqi_clock_ns();
	while (aqi_server_count(server).open > 0 &&
	       aqi_clock_ns() - started < PATIENCE_MS * UINT64_C(1000000))
		;
	ok(aqi_server_count(server).open == 0, "but not for ever");
	client_close(&c);
	ok(stops(server), "the server stops");
}

/* Who sends no more before a request is whole is told, if he still listens. */
static void
test_cut(void)
{
	static const struct {
		const char *sentence, *bytes, *wanted;
	} rows[] = {
		{"a request cut in its first line is 400", "GET / HTT",
		 "\r\n\r\nthe request is cut\n"},
		{"a request cut behind its first line is 400",
		 "GET / HTTP/1.1\r\n", "\r\n\r\nthe request is cut\n"},
		{"a request cut in its body is 400",
		 "POST /" HOST "Content-Length: 3\r\n\r\nab",
		 "HTTP/1.1 400 Bad Request\r\n"},
		{"empty lines at the end are no request", "\r\n\r\n", ""},
		{"nothing is no request", "", ""},
	};
	struct aqi_server *server = start_here(&plain);
	static struct client c;
	bool well;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		client_open(&c, &address);
		well = client_say(&c, rows[i].bytes) &&
		       shutdown(c.fd, SHUT_WR) == 0 && client_sees_end(&c);
		if (!ok(well && strstr(c.text, rows[i].wanted) &&
			client_count(&c, "HTTP/1.1 ") ==
				(rows[i].wanted[0] != 0),
			"%s", rows[i].sentence))
			note("%s", c.text);
		client_close(&c);
	}
	ok(stops(server), "the server stops");
}

/* Bytes one after the other do not move the time limit of a head. */
static void
test_trickle(void)
{
	struct aqi_server_options options = plain;
	struct pollfd poll_fd = {.events = POLLIN};
	struct aqi_server *server;
	static struct client c;
	bool well;

	options.head_ms = 100;
	server = start_here(&options);
	client_open(&c, &address);
	poll_fd.fd = c.fd;
	well = client_say(&c, "GET / HTTP/1.1\r\nX: ");
	/* The poll is the pause between two of them. */
	for (int i = 0; i < 2000 && well && poll(&poll_fd, 1, 10) == 0; i++)
		well = client_say(&c, "a");
	ok(well && client_sees_end(&c) &&
	   strstr(c.text, "HTTP/1.1 408 Request Timeout\r\n"),
	   "a head that comes byte by byte is 408, too");
	client_close(&c);
	ok(stops(server), "the server stops");
}

/* Large answers reach a reader that stops and goes on, whole and in order. */
static void
test_large(void)
{
	struct aqi_server *server = start_here(&plain);
	static struct client c;
	const size_t size = (size_t)32 << 17;
	size_t n_bytes = 0, n_lines = 0;

	client_open(&c, &address);
	if (!client_say(&c, GET("/large") GET("/large") GET("/large")
			    GET("/bye")))
		exit(1);
	while (client_read(&c)) {
		n_bytes += c.size;
		for (size_t i = 0; i < c.size; i++)
			n_lines += c.text[i] == '\n';
		c.size = 0;
	}
	ok(n_bytes > 3 * size && n_bytes < 3 * size + 2000 &&
	   n_lines == 3 * (1 << 17) + 3 * 6 + 7,
	   "three answers of 4 MiB and a small one are read whole");
	client_close(&c);
	ok(stops(server), "the server stops");
}

static void
test_drain(void)
{
	struct aqi_server *server = start_here(&plain);
	static struct client idle, busy, half, late;
	struct aqi_error err;
	int fd;

	client_open(&idle, &address);
	client_open(&busy, &address);
	client_open(&half, &address);
	ok(client_say(&busy, GET("/a")) && client_sees(&busy, "GET /a? 0:;") &&
	   client_say(&half, "POST /a" HOST "Content-Length: 3\r\n"
		      "Expect: 100-continue\r\n\r\n") &&
	   client_sees(&half, "100 Continue"), "three connections are open");
	/* Accepted or not yet: it was made before. */
	client_open(&late, &address);
	aqi_server_drain(server, PATIENCE_MS);
	ok(client_say(&busy, GET("/b")) && client_sees_end(&busy) &&
	   strstr(busy.text, "\r\nconnection: close\r\n") &&
	   strstr(busy.text, "GET /b? 0:;"),
	   "while draining, a request is answered, and its connection closed");
	ok(client_say(&half, "xyz") && client_sees_end(&half) &&
	   strstr(half.text, "POST /a? 3:xyz;"),
	   "one that was half there is, too");
	ok(client_say(&late, GET("/c")) && client_sees_end(&late) &&
	   strstr(late.text, "GET /c? 0:;"),
	   "so is a connection that had only just been made");
	ok(client_sees_end(&idle) && idle.size == 0,
	   "a connection that is idle is closed");
	client_close(&busy);
	client_close(&half);
	client_close(&late);
	client_close(&idle);
	ok(ends(server), "then the server has ended");
	fd = aqi_address_connect(&address, &err);
	ok(fd < 0 || aqi_address_result(fd) == ECONNREFUSED,
	   "nobody listens there");
	close(fd);
	ok(stops(server), "without a failure");
}

static void
test_drain_limit(void)
{
	struct aqi_server *server = start_here(&plain);
	static struct client c;

	client_open(&c, &address);
	ok(client_say(&c, "POST /a" HOST "Content-Length: 3\r\n"
			  "Expect: 100-continue\r\n\r\n") &&
	   client_sees(&c, "100 Continue"), "half a request is there");
	c.size = 0;
	aqi_server_drain(server, 50);
	ok(ends(server) && aqi_server_count(server).open == 0,
	   "a server that drains ends at its limit");
	ok(stops(server), "without a failure");
	ok(client_sees_end(&c) && c.size == 0, "which cuts it");
	client_close(&c);
}

/* A pointer is swapped again and again while requests read what it is to. */
static int *_Atomic shared;

static void
read_shared(void *self, unsigned worker, const struct aqi_request *request,
	    struct aqi_answer *answer)
{
	int *value = atomic_load(&shared);

	(void)self;
	(void)worker;
	(void)request;
	answer->status = *value == 42 ? 200 : 500;
}

static void
test_settle(void)
{
	const struct aqi_server_options options = {
		.n_workers = 3, .answer = read_shared};
	struct aqi_server *server;
	static struct client c[4];
	int *value, *old;
	bool well = true;

	shared = malloc(sizeof *value);
	*shared = 42;
	server = start_here(&options);
	for (int i = 0; i < 4; i++)
		client_open(&c[i], &address);
	for (int k = 0; k < 300 && well; k++) {
		for (int i = 0; i < 4; i++)
			well = well && client_say(&c[i], GET("/"));
		value = malloc(sizeof *value);
		*value = 42;
		old = atomic_exchange(&shared, value);
		aqi_server_settle(server);
		*old = 0;
		free(old);
		for (int i = 0; i < 4; i++) {
			well = well && client_sees(&c[i], "\r\n\r\n") &&
			       strncmp(c[i].text, "HTTP/1.1 200", 12) == 0;
			c[i].size = 0;
			c[i].text[0] = '\0';
		}
	}
	ok(well, "what was swapped is out of use once the server has settled");
	aqi_server_drain(server, PATIENCE_MS);
	ok(ends(server), "the server ends");
	aqi_server_settle(server);
	for (int i = 0; i < 4; i++)
		client_close(&c[i]);
	ok(stops(server), "and has settled then");
	free(atomic_load(&shared));
}

static void
test_path(void)
{
	char folder[] = "/tmp/aqi_server.XXXXXX", at[64], wanted[160];
	struct aqi_server_options options = plain;
	struct aqi_address same;
	struct aqi_server *server;
	struct aqi_error err = {0};
	static struct client c;
	struct stat st;

	if (!mkdtemp(folder))
		exit(1);
	snprintf(at, sizeof at, "unix:%s/s", folder);
	options.n_workers = 2;
	options.max_per_peer = 1;
	server = start(&options, at);
	for (int i = 0; i < 3; i++) {
		client_open(&c, &address);
		ok(client_say(&c, GET("/a") GET("/bye")) &&
		   client_sees_end(&c) && strstr(c.text, "GET /a? 0:;") &&
		   strcmp(last_seen, "read 200 unix") == 0,
		   "a request over a unix socket is answered");
	}
	same = address;
	snprintf(wanted, sizeof wanted, "cannot listen on %s: Address already "
		 "in use", at);
	ok(!aqi_server_new(&options, &same, 1, &err) &&
	   strcmp(err.reason, wanted) == 0 && stat(at + 5, &st) == 0,
	   "its path cannot be had by another");
	aqi_server_drain(server, PATIENCE_MS);
	ok(stat(at + 5, &st) < 0, "draining takes the path away");
	ok(stops(server), "the server stops");
	client_close(&c);
	rmdir(folder);
}

int
main(void)
{
	struct aqi_server_options few = plain;

	signal(SIGPIPE, SIG_IGN);
	test_talks();
	test_continue();
	test_pipeline();
	test_sizes();
	few.max_connections = 3;
	test_connections(&few, "\r\n\r\ntoo many connections\n");
	few = plain;
	few.max_per_peer = 3;
	test_connections(&few, "\r\n\r\ntoo many connections from one "
			       "address\n");
	test_time_limits();
	test_cut();
	test_trickle();
	test_large();
	test_drain();
	test_drain_limit();
	test_settle();
	test_path();
	return done();
}
