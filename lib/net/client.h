/*
 * client.h: one connection to a server, one request at a time.
 *
 * A client is part of the struct of whoever uses it. It connects when it has
 * to, sends a request, and tells what came of it; the connection is kept for
 * the next where both sides allow that. Nothing is allocated for a request
 * whose answer comes in one read. One thread each, that of its loop.
 */
#ifndef AQI_NET_CLIENT_H
#define AQI_NET_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "net/address.h"
#include "net/http.h"
#include "net/http_body.h"
#include "net/loop.h"
#include "net/outcome.h"

struct aqi_client;

/* What was answered, borrowed until the callback returns. */
struct aqi_client_answer {
	enum aqi_outcome outcome;	/* OK for any whole answer */
	unsigned status;		/* 0: none came */
	struct aqi_slice body;		/* where one is kept */
};

/* What all clients of a user have in common. */
struct aqi_client_home {
	void *self;
	struct aqi_loop *loop;
	const struct aqi_address *address;
	char *room;		/* (room_size,) to read into, shared by all */
	size_t room_size;
	bool keeps_bodies;	/* hand them out, up to body_limit */
	size_t body_limit;	/* a longer one is FRAMING */
	bool closes;		/* have a new connection each time */
	/* aqi_client_open has come to its end: is_open tells how. */
	void (*opened)(void *self, struct aqi_client *client);
	/* A request has come to its end. The next may be sent at once. */
	void (*answered)(void *self, struct aqi_client *client,
			 const struct aqi_client_answer *answer);
	/* Bytes came that nobody had asked for; the connection is closed. */
	void (*surplus)(void *self, struct aqi_client *client);
};

enum aqi_client_state {
	AQI_CLIENT_CLOSED,
	AQI_CLIENT_CONNECTING,
	AQI_CLIENT_IDLE,
	AQI_CLIENT_BUSY
};

/* Filled by the user: home; the rest zero. */
struct aqi_client {
	struct aqi_client_home *home;
	struct aqi_watch watch;
	enum aqi_client_state state;
	bool has_request;	/* to be sent, or sent and not answered */
	bool is_head;		/* its method is HEAD */
	int error;		/* errno of the last that failed; 0: none */
	struct aqi_buffer request;	/* the bytes, kept until the answer */
	size_t n_sent;
	bool cannot_write;	/* the rest of it */
	struct aqi_buffer in;	/* of a head that came in parts */
	struct aqi_http_progress progress;
	bool has_head;
	unsigned status;
	bool keeps_alive;
	struct aqi_http_body body;
	struct aqi_buffer content;	/* of a body that came in parts */
};

static inline bool
aqi_client_is_open(const struct aqi_client *client)
{
	return client->state >= AQI_CLIENT_IDLE;
}

/* Connect a closed client; `opened` is called, perhaps at once. */
void aqi_client_open(struct aqi_client *client);

/*
 * Send client->request, which the user has filled, and connect before where
 * that is needed. The client is idle or closed. `answered` is called later, or,
 * where it fails, at once.
 */
void aqi_client_send(struct aqi_client *client, bool is_head);

/* Close the connection, with what is under way; nobody is told. */
void aqi_client_close(struct aqi_client *client);

/* The same, and give up the memory. */
void aqi_client_free(struct aqi_client *client);

#endif
