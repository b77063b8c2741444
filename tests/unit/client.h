/* client.h: a plain HTTP client for the tests of a server, on loopback. */
#ifndef AQI_TESTS_CLIENT_H
#define AQI_TESTS_CLIENT_H

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/address.h"

/* No answer within so long is a failure, not a wait. */
#define PATIENCE_MS 20000

/* A connection, and what has been read of it. */
struct client {
	int fd;
	bool has_ended;		/* the other end has closed, */
	bool was_reset;		/* or thrown it away */
	size_t size;
	char text[1 << 16];
};

__attribute__((unused))
static void
client_open(struct client *c, const struct aqi_address *address)
{
	struct aqi_error err;
	struct pollfd poll_fd = {.events = POLLOUT};

	*c = (struct client){0};
	c->fd = poll_fd.fd = aqi_address_connect(address, &err);
	if (c->fd < 0 || poll(&poll_fd, 1, PATIENCE_MS) != 1 ||
	    aqi_address_result(c->fd) != 0) {
		fprintf(stderr, "cannot connect: %s\n",
			c->fd < 0 ? err.reason : "");
		exit(1);
	}
}

/* Give all of it; false when it is not taken. */
__attribute__((unused))
static bool
client_send(struct client *c, const char *data, size_t n)
{
	struct pollfd poll_fd = {.fd = c->fd, .events = POLLOUT};
	ssize_t sent;

	while (n > 0) {
		if (poll(&poll_fd, 1, PATIENCE_MS) != 1)
			return false;
		sent = send(c->fd, data, n, MSG_NOSIGNAL);
		if (sent < 0)
			return false;
		data += sent;
		n -= (size_t)sent;
	}
	return true;
}

__attribute__((unused))
static bool
client_say(struct client *c, const char *text)
{
	return client_send(c, text, strlen(text));
}

/* One more read, of what is there or comes; false at the end. */
__attribute__((unused))
static bool
client_read(struct client *c)
{
	struct pollfd poll_fd = {.fd = c->fd, .events = POLLIN};
	ssize_t n;

	if (c->has_ended || c->size + 1 >= sizeof c->text)
		return false;
	if (poll(&poll_fd, 1, PATIENCE_MS) != 1) {
		fprintf(stderr, "no answer\n");
		return false;
	}
	n = recv(c->fd, c->text + c->size, sizeof c->text - 1 - c->size, 0);
	c->has_ended = n <= 0;
	c->was_reset = n < 0;
	if (n > 0)
		c->size += (size_t)n;
	c->text[c->size] = '\0';
	return n > 0;
}

/* Read until a text has come. */
__attribute__((unused))
static bool
client_sees(struct client *c, const char *text)
{
	while (!strstr(c->text, text))
		if (!client_read(c))
			return false;
	return true;
}

/* Read until the other end has closed, in order. */
__attribute__((unused))
static bool
client_sees_end(struct client *c)
{
	while (client_read(c))
		;
	return c->has_ended && !c->was_reset;
}

__attribute__((unused))
static size_t
client_count(const struct client *c, const char *text)
{
	size_t n = 0;

	for (const char *p = c->text; (p = strstr(p, text)); p++)
		n++;
	return n;
}

__attribute__((unused))
static void
client_close(struct client *c)
{
	close(c->fd);
}

#endif
