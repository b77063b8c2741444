/*
 * What a client of ours makes of answers, in one piece, by byte and by line:
 * a broken one is never taken for a whole one, and nobody waits for ever.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include "converse.h"
#include "http_corpus.h"
#include "net/client.h"

static int listener;
static struct aqi_address address;

/* What the server sends, and then closes. In three pieces: the first head is
 * whole with the second, in which most of the last head comes, too. */
#define IN_THREE N_WAYS
struct script {
	struct aqi_slice bytes;
	enum way way;
};

static size_t
next_end(const struct script *script, size_t at)
{
	size_t size = script->bytes.size;

	if (script->way != IN_THREE)
		return piece_end(script->bytes, at, script->way);
	return at < 10 ? 10 : at < size - 20 ? size - 20 : size;
}

static void *
serve(void *self)
{
	const struct script *script = self;
	const int on = 1;
	struct pollfd poll_fd = {.fd = listener, .events = POLLIN};
	char request[1000];
	int fd;

	if (poll(&poll_fd, 1, 20000) != 1)
		return NULL;
	fd = accept(listener, NULL, NULL);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (read(fd, request, sizeof request) > 0)
		for (size_t at = 0, end; at < script->bytes.size; at = end) {
			end = next_end(script, at);
			if (send(fd, script->bytes.data + at, end - at,
				 MSG_NOSIGNAL) < 0)
				break;
		}
	/* So that the rest of it is read, and not thrown away. */
	shutdown(fd, SHUT_WR);
	while (read(fd, request, sizeof request) > 0)
		;
	close(fd);
	return NULL;
}

struct seen {
	struct aqi_loop *loop;
	struct aqi_client_answer answer;
	struct aqi_buffer body;
};

static void
answered(void *self, struct aqi_client *client,
	 const struct aqi_client_answer *answer)
{
	struct seen *seen = self;

	seen->answer = *answer;
	aqi_buffer_clear(&seen->body);
	aqi_buffer_add_slice(&seen->body, answer->body);
	aqi_client_close(client);
	aqi_loop_stop(seen->loop);
}

static void
other(void *self, struct aqi_client *client)
{
	(void)self;
	(void)client;
}

static void
ask(struct seen *seen, struct aqi_slice bytes, enum way way, bool is_head)
{
	static char room[65536];
	struct aqi_client_home home = {.self = seen,
		.address = &address, .room = room, .room_size = sizeof room,
		.keeps_bodies = true, .body_limit = 100000,
		.opened = other, .answered = answered, .surplus = other};
	struct aqi_client client = {.home = &home};
	struct script script = {bytes, way};
	struct aqi_error err;
	pthread_t thread;

	/* A loop that was stopped has come to its end. */
	home.loop = seen->loop = aqi_loop_new(&err);
	if (!home.loop)
		exit(1);
	pthread_create(&thread, NULL, serve, &script);
	aqi_buffer_add_text(&client.request, "GET / HTTP/1.1\r\n\r\n");
	aqi_client_send(&client, is_head);
	if (aqi_loop_run(seen->loop, &err) != AQI_OK)
		note("%s", err.reason);
	pthread_join(thread, NULL);
	aqi_client_free(&client);
	aqi_loop_free(seen->loop);
}

/* The first answer that is one, as the reader itself has it. */
static bool
is_whole(struct aqi_slice bytes, bool to_head)
{
	struct conversation c = {.is_response = true, .to_head = to_head,
				 .limits = AQI_HTTP_LIMITS};
	const char *p;
	size_t n_interim = 0;

	converse(&c, bytes, AT_ONCE);
	for (p = c.text.data; p[0] == '1' && p[1] == '0' && p[2] != '1';
	     p = strchr(p, '\n') + 1) {
		n_interim++;
		if (!strchr(p, '\n'))
			break;
	}
	aqi_buffer_free(&c.text);
	return c.n_messages > n_interim;
}

static size_t n, n_ok, n_bad;

static void
check(struct seen *seen, const char *name, struct aqi_slice bytes, bool to_head)
{
	bool whole = is_whole(bytes, to_head);

	for (int way = AT_ONCE; way < N_WAYS; way++) {
		bool is_ok;

		ask(seen, bytes, (enum way)way, to_head);
		is_ok = seen->answer.outcome == AQI_OUTCOME_OK;
		n++;
		n_ok += is_ok;
		/* One with bytes behind it may be refused for these. */
		if (is_ok && !whole) {
			n_bad++;
			note("%s, way %d: status %u", name, way,
			     seen->answer.status);
		}
	}
}

static void
check_llhttp(struct seen *seen, const char *file)
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
		for (int to_head = 0; to_head < 2; to_head++)
			check(seen, heading, (struct aqi_slice){bytes.data,
			      bytes.size}, to_head);
		aqi_buffer_free(&bytes);
		text = end;
	}
	aqi_buffer_free(&list);
}

/* What comes before an answer, in whatever pieces. */
static void
test_interim(struct seen *seen)
{
	static const char text[] =
		"HTTP/1.1 100 Continue\r\nX: y\r\n\r\n"
		"HTTP/1.1 103 Early Hints\r\n\r\n"
		"HTTP/1.1 200 OK\r\nX-Long: 0123456789012345678901234567890123"
		"456789012345678901234567890\r\nContent-Length: 2\r\n\r\nok";
	struct aqi_slice bytes = {text, sizeof text - 1};
	size_t n_right = 0;

	for (int way = AT_ONCE; way <= IN_THREE; way++) {
		ask(seen, bytes, (enum way)way, false);
		n_right += seen->answer.outcome == AQI_OUTCOME_OK &&
			   seen->answer.status == 200 &&
			   aqi_slice_is((struct aqi_slice){seen->body.data,
					seen->body.size}, "ok");
	}
	ok(n_right == N_WAYS + 1, "an answer behind 100 and 103 is read, in "
	   "one piece, by byte, by line and in three");
}

int
main(void)
{
	static const char *const files[] = {"sample", "content-length",
		"transfer-encoding", "connection", "invalid", "finish",
		"pausing", "pipelining", "lenient-version"};
	struct aqi_address list[AQI_ADDRESS_MAX];
	struct aqi_error err = {0};
	struct seen seen = {0};
	char file[100];
	size_t n_list;

	if (aqi_address_read(aqi_slice_of("127.0.0.1:0"), list, &n_list,
			     &err) != AQI_OK)
		return 1;
	address = list[0];
	listener = aqi_address_listen(&address, 10, false, &err);
	if (listener < 0)
		return 1;
	test_interim(&seen);
	corpora = getenv("AQI_CORPORA");
	if (!corpora)
		skip("a client against the corpora of HTTP responses",
		     "AQI_CORPORA is not set");
	for (size_t i = 0; corpora && i < 9; i++) {
		snprintf(file, sizeof file, "response/%s.md", files[i]);
		check_llhttp(&seen, file);
	}
	if (corpora)
		ok(n == 510 && n_ok > 0 && n_bad == 0, "http-llhttp: of %zu "
		   "answers %zu are taken, %zu of them broken or cut", n, n_ok,
		   n_bad);
	aqi_buffer_free(&seen.body);
	close(listener);
	return done();
}
