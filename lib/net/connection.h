/* connection.h: one client's socket and its time limits. Private to net. */
#ifndef AQI_NET_CONNECTION_H
#define AQI_NET_CONNECTION_H

#include <netinet/in.h>

#include "net/exchange.h"
#include "net/loop.h"

struct aqi_worker;

/* What the connection waits for, each with a time limit of its own. */
enum aqi_connection_phase {
	AQI_CONNECTION_IDLE,	/* a request */
	AQI_CONNECTION_HEAD,	/* the rest of its head */
	AQI_CONNECTION_BODY,	/* the rest of its body */
	AQI_CONNECTION_TURN,	/* others, before it goes on */
	AQI_CONNECTION_WRITE,	/* the client to take its answers */
	AQI_CONNECTION_LINGER	/* the client to close */
};

/*
 * Small while nothing goes on: what a request needs is in the worker until it
 * turns out that the client is slow. One thread each.
 */
struct aqi_connection {
	struct aqi_worker *worker;
	struct aqi_connection *next, *prev;	/* of the worker's */
	struct aqi_watch watch;
	struct aqi_timer timer;		/* at or before the deadline */
	uint64_t deadline_ns;
	enum aqi_connection_phase phase;
	bool is_last, lingers;		/* it ends when `out` is sent; how */
	bool is_in;			/* within the limits, */
	bool has_peer;			/* one of them that of its address */
	struct aqi_exchange exchange;
	struct aqi_buffer in;		/* requests not answered yet */
	struct aqi_buffer out;		/* answers not taken yet, */
	size_t sent;			/* but for so many bytes */
	struct in6_addr key;		/* of the peer, for the limit */
	uint8_t peer_size;
	char peer[INET6_ADDRSTRLEN];
};

/* Begin with a descriptor that was accepted. NULL: it is closed, for want of
 * memory. */
struct aqi_connection *aqi_connection_open(struct aqi_worker *worker, int fd);

/* Answer with this fault whatever comes, and end. */
void aqi_connection_refuse(struct aqi_connection *connection, unsigned status,
			   const char *reason);

/* No request is to come any more, but for one that is on its way. */
void aqi_connection_drain(struct aqi_connection *connection);

/* Forget it, whatever goes on. */
void aqi_connection_close(struct aqi_connection *connection);

#endif
