/*
 * exchange.h: requests out of a connection's bytes, answers into a buffer.
 * Private to net: connection.h has the sockets, server.h the whole.
 */
#ifndef AQI_NET_EXCHANGE_H
#define AQI_NET_EXCHANGE_H

#include "net/http.h"
#include "net/http_body.h"
#include "net/http_write.h"
#include "net/server.h"

/* What a worker answers with. One thread each. */
struct aqi_answerer {
	const struct aqi_server_options *options;
	struct aqi_http_limits limits;
	unsigned worker;
	bool is_draining;		/* no connection goes on */
	struct aqi_buffer out;		/* answers that are to be sent */

	/* Of the request in hand, kept for their memory. */
	struct aqi_http_head head;
	struct aqi_buffer path, content;
	struct aqi_answer answer;
	struct aqi_http_date date;
};

void aqi_answerer_init(struct aqi_answerer *answerer,
		       const struct aqi_server_options *options,
		       unsigned worker);

void aqi_answerer_free(struct aqi_answerer *answerer);

/*
 * Of a connection: the request that it is in. Zero-initialised means none. As
 * long as a head is not whole it stays with the caller; then it is kept here,
 * with the content, until that is whole, too.
 */
struct aqi_exchange {
	bool has_head;
	uint64_t begun_ns;		/* its first byte; 0: none yet */
	struct aqi_http_progress progress;
	struct aqi_http_body body;
	struct aqi_buffer head, content;
};

enum aqi_exchange_result {
	AQI_EXCHANGE_MORE,	/* more bytes are needed */
	AQI_EXCHANGE_DONE,	/* answered; the next request may follow */
	AQI_EXCHANGE_LAST,	/* answered; the client wants no more */
	AQI_EXCHANGE_ENDS	/* answered; we do not, and it may send more */
};

/*
 * Read on, and answer a request that is whole. *used, out, is how many of the
 * bytes are not to be given again. peer is its address, now the time.
 *
 * What cannot be read is answered with its fault, and so is what no memory is
 * there for. An answer is in answerer->out whole or not at all.
 */
enum aqi_exchange_result
aqi_exchange_next(struct aqi_exchange *exchange, struct aqi_answerer *answerer,
		  struct aqi_slice bytes, struct aqi_slice peer, uint64_t now,
		  size_t *used);

/* Answer with a fault, whatever the connection is in. */
void aqi_exchange_refuse(struct aqi_exchange *exchange,
			 struct aqi_answerer *answerer, struct aqi_slice peer,
			 uint64_t now, unsigned status, const char *reason);

void aqi_exchange_free(struct aqi_exchange *exchange);

#endif
