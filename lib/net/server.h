/*
 * server.h: requests over HTTP/1.1, each answered by one function.
 *
 * A server has threads of its own, its workers; each has a loop, a listening
 * socket and its connections, and shares nothing with the others but counts.
 * A request is read whole, handed to the answer function in the worker's
 * thread, and what that wrote is sent before the worker waits again. It must
 * not block: the worker's other connections wait for it.
 *
 * Who has whom, and calls down; what comes back is a result or a callback:
 *
 *	server		the threads; to drain, to settle, to stop them
 *	  worker	one thread: listening sockets, and
 *	    loop	what waits for descriptors and moments
 *	    tally	how many connections an address has, of all workers
 *	    connection	a client's socket, its phase and time limits
 *	      exchange	bytes to a request to an answer: http, http_body and
 *			url read, the answer function answers, http_write writes
 *
 * The other side has load for server, and client for connection.
 *
 * Requests that are not HTTP/1 by net/http.h, are too large or take too long
 * are answered here, in plain text, and their connection is closed.
 */
#ifndef AQI_NET_SERVER_H
#define AQI_NET_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"

struct aqi_address;
struct aqi_http_head;
struct aqi_server;

/* Borrowed until the function returns. */
struct aqi_request {
	const struct aqi_http_head *head;	/* NULL: it could not be read */
	struct aqi_slice path;	/* percent-decoded, without the query */
	struct aqi_slice query;	/* as it came, without the ?; may be empty */
	struct aqi_slice body;
	struct aqi_slice peer;	/* the client's address, without its port */
	uint64_t arrived_ns;	/* its first byte, by aqi_clock_ns */
};

/* Cleared before each request; content-length is added, and so are date and
 * server. */
struct aqi_answer {
	unsigned status;
	const char *type;		/* content-type; NULL: none */
	struct aqi_buffer fields;	/* more of the head: lines with CRLF */
	struct aqi_buffer body;		/* left out where there is none: HEAD */
	const char *route;		/* a constant for logs and metrics, such
					 * as "/predict"; NULL: none fits */
	const char *key;		/* name of the key that let it in, for
					 * the log; NULL: none */
	bool closes;			/* close the connection behind it */
};

/* Answer a request. worker is from 0, below n_workers. A buffer that failed
 * becomes a 503. */
typedef void aqi_answer_fn(void *self, unsigned worker,
			   const struct aqi_request *request,
			   struct aqi_answer *answer);

/* What was answered, behind each request, those that were refused here, too;
 * sent is the number of bytes of the body. */
typedef void aqi_answered_fn(void *self, unsigned worker,
			     const struct aqi_request *request,
			     const struct aqi_answer *answer,
			     uint64_t sent, uint64_t took_ns);

/* All that is 0 is as aqi_server_defaults has it. */
struct aqi_server_options {
	unsigned n_workers;		/* 1 */
	int backlog;			/* 4096 */

	size_t max_line;		/* 8 KiB: request line, else 414 */
	size_t max_head;		/* 32 KiB, else 431 */
	size_t max_fields;		/* 100, else 431 */
	size_t max_body;		/* 8 MiB, else 413 */
	size_t max_connections;		/* 10,000, else 503 and Retry-After */
	size_t max_per_peer;		/* connections, else 503; no limit */

	uint64_t head_ms;		/* 10,000: from its first byte; 408 */
	uint64_t body_ms;		/* 30,000: from the head's end; 408 */
	uint64_t idle_ms;		/* 60,000: between two requests */
	uint64_t write_ms;		/* 30,000: until an answer is taken */

	aqi_answer_fn *answer;
	aqi_answered_fn *answered;	/* may be NULL */
	void *self;			/* of both */
};

/*
 * Listen on these addresses, which become what they are bound to. Nothing is
 * accepted before aqi_server_start. Both are borrowed until aqi_server_free.
 * NULL: AQI_E_IO, AQI_E_MEMORY.
 */
struct aqi_server *aqi_server_new(const struct aqi_server_options *options,
				  struct aqi_address *addresses,
				  size_t n_addresses,
				  struct aqi_error *err) AQI_MUST_CHECK;

/* Start the workers, which have all signals blocked. */
enum aqi_status aqi_server_start(struct aqi_server *server,
				 struct aqi_error *err) AQI_MUST_CHECK;

/*
 * Wait until each worker has ended the call of the answer function that it may
 * be in. Who has swapped a pointer that this function reads can then give up
 * what the old one points to: nobody has it any more.
 */
void aqi_server_settle(struct aqi_server *server);

/*
 * End: accept nothing more, answer what has come, close. Connections that are
 * idle are closed once they have been for a moment, and all that are left
 * after limit_ms. Returns at once; aqi_server_fd tells when it is done.
 */
void aqi_server_drain(struct aqi_server *server, uint64_t limit_ms);

/* End now, whatever is going on; the same otherwise. */
void aqi_server_stop(struct aqi_server *server);

/* A descriptor that is ready for input once all workers have ended. */
int aqi_server_fd(const struct aqi_server *server);

/* What is going on, as of now. */
struct aqi_server_counts {
	uint64_t accepted;	/* connections since the start */
	uint64_t refused;	/* of these, because of a limit */
	uint64_t open;		/* now */
};
struct aqi_server_counts aqi_server_count(const struct aqi_server *server);

/* Stops it, if need be. AQI_FATAL when a worker has failed, and why. */
enum aqi_status aqi_server_free(struct aqi_server *server,
				struct aqi_error *err);

#endif
