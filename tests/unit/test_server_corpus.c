/*
 * What others have made to be read in two ways, sent to a server: in one piece,
 * byte by byte, and line by line, with a good request behind each. That one is
 * answered behind what is good, and never behind what is not.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdatomic.h>

#include "client.h"
#include "converse.h"
#include "http_corpus.h"
#include "net/http.h"
#include "net/server.h"

#define GOOD "GET /good HTTP/1.1\r\nHost: a\r\n\r\n"

static struct aqi_address address;
static atomic_size_t n_good;

static void
answer(void *self, unsigned worker, const struct aqi_request *request,
       struct aqi_answer *answer)
{
	(void)self;
	(void)worker;
	answer->status = 200;
	if (aqi_slice_is(request->head->method, "GET") &&
	    aqi_slice_is(request->path, "/good"))
		atomic_fetch_add(&n_good, 1);
}

static struct aqi_server *
start(void)
{
	static const struct aqi_server_options options = {.answer = answer};
	struct aqi_address list[AQI_ADDRESS_MAX];
	struct aqi_server *server = NULL;
	struct aqi_error err = {0};
	size_t n;

	if (aqi_address_read(aqi_slice_of("127.0.0.1:0"), list, &n, &err) ==
	    AQI_OK) {
		address = list[0];
		server = aqi_server_new(&options, &address, 1, &err);
	}
	if (!server || aqi_server_start(server, &err) != AQI_OK) {
		fprintf(stderr, "%s\n", err.reason);
		exit(1);
	}
	return server;
}

struct tally {
	size_t n, n_behind_good, n_refused, n_smuggled, n_bad;
};

/* Send it all, and that there is no more; then read to the end. */
static void
talk(struct client *c, struct aqi_slice bytes, enum way way)
{
	const int on = 1;
	size_t at = 0, end;

	client_open(c, &address);
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	for (; at < bytes.size; at = end) {
		end = piece_end(bytes, at, way);
		/* Who was refused need not be listened to any more. */
		if (!client_send(c, bytes.data + at, end - at))
			break;
	}
	shutdown(c->fd, SHUT_WR);
	while (client_read(c))
		;
	client_close(c);
}

static void
check(struct tally *t, const char *name, struct aqi_slice bytes,
      const struct conversation *read, enum way way)
{
	static struct client c;
	size_t n_wanted = read->n_messages + (read->refused || read->is_cut);
	size_t n_good_wanted = 0, n_good_before = n_good, n;
	const char *p = read->text.data;

	for (; (p = strstr(p, "GET /good?")); p++)
		n_good_wanted++;
	talk(&c, bytes, way);
	n = client_count(&c, "HTTP/1.1 ") -
	    client_count(&c, "HTTP/1.1 100 ");
	t->n++;
	t->n_refused += read->refused || read->is_cut;
	t->n_behind_good += n_good - n_good_before;
	t->n_smuggled += n_good - n_good_before > n_good_wanted ||
			 (read->refused && read->n_messages == 0 &&
			  n_good > n_good_before);
	if (n == n_wanted && n_good - n_good_before == n_good_wanted &&
	    c.has_ended)
		return;
	t->n_bad++;
	note("%s, way %d: %zu of %zu answers, %zu of %zu good: %s\n# read: %s",
	     name, way, n, n_wanted, n_good - n_good_before, n_good_wanted,
	     c.text, read->text.data);
}

/* As it is, and where it has no Host with one. */
static void
check_case(struct tally *t, const char *name, const char *data, size_t size)
{
	struct conversation read = {.limits = AQI_HTTP_LIMITS};

	for (int puts_host = 0; puts_host < 2; puts_host++) {
		struct aqi_buffer bytes = {0};

		if (puts_host)
			bytes = with_host(data, size);
		else
			aqi_buffer_add(&bytes, data, size);
		aqi_buffer_add_text(&bytes, GOOD);
		for (int way = AT_ONCE; way < N_WAYS; way++) {
			struct aqi_slice all = {bytes.data, bytes.size};

			converse(&read, all, AT_ONCE);
			check(t, name, all, &read, (enum way)way);
		}
		aqi_buffer_free(&bytes);
	}
	aqi_buffer_free(&read.text);
}

static void
check_listed(struct tally *t, const char *folder)
{
	struct aqi_buffer list = load(folder, "EXPECTED.tsv");
	char *text = list.data ? list.data : (char *)"", *line;

	next_line(&text);
	while ((line = next_line(&text))) {
		const char *name = strsep(&line, "\t");
		struct aqi_buffer bytes = load(folder, name);

		if (bytes.data)
			check_case(t, name, bytes.data, bytes.size - 1);
		aqi_buffer_free(&bytes);
	}
	aqi_buffer_free(&list);
}

static void
check_llhttp(struct tally *t, const char *file)
{
	struct aqi_buffer list = load("http-llhttp", file);
	char *text = list.data ? list.data : (char *)"", *line, *end;
	char heading[200] = "";

	while ((line = next_line(&text))) {
		struct aqi_buffer bytes;

		if (line[0] == '#')
			snprintf(heading, sizeof heading, "%s", line);
		if (strcmp(line, "```http") != 0)
			continue;
		end = strstr(text, "```");
		bytes = unescape(text, end);
		check_case(t, heading, bytes.data, bytes.size);
		aqi_buffer_free(&bytes);
		text = end;
	}
	aqi_buffer_free(&list);
}

static void
tell(const char *corpus, const struct tally *t)
{
	ok(t->n > 0 && t->n_bad == 0, "%s: in %zu connections, %zu were "
	   "refused or cut and %zu went on to the good request, %zu not as the "
	   "bytes are read", corpus, t->n, t->n_refused, t->n_behind_good,
	   t->n_bad);
	ok(t->n_smuggled == 0, "%s: %zu smuggled", corpus, t->n_smuggled);
}

int
main(void)
{
	struct tally t = {0};
	struct aqi_server *server;
	struct aqi_error err;
	char file[100];

	corpora = getenv("AQI_CORPORA");
	if (!corpora) {
		skip("a server against the corpora of HTTP requests",
		     "AQI_CORPORA is not set");
		return done();
	}
	server = start();
	check_listed(&t, "http-desync");
	tell("http-desync", &t);
	t = (struct tally){0};
	check_listed(&t, "http-requests-gunicorn");
	tell("http-requests-gunicorn", &t);
	t = (struct tally){0};
	for (size_t i = 0; i < N_LLHTTP_REQUESTS; i++) {
		snprintf(file, sizeof file, "request/%s.md",
			 llhttp_requests[i]);
		check_llhttp(&t, file);
	}
	tell("http-llhttp", &t);
	ok(aqi_server_free(server, &err) == AQI_OK, "the server runs on");
	return done();
}
