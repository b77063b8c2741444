/* address.h: where to listen or to connect: TCP over IPv4 and IPv6, unix. */
#ifndef AQI_NET_ADDRESS_H
#define AQI_NET_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/error.h"

/* Plain data. */
struct aqi_address {
	union {
		struct sockaddr any;
		struct sockaddr_storage storage;
		struct sockaddr_un path;
	} socket;
	socklen_t size;
};

/* A name may stand for several addresses; more than these are left out. */
#define AQI_ADDRESS_MAX 16

/*
 * What a text means: HOST:PORT, [HOST]:PORT for IPv6, or unix:PATH. HOST is a
 * number or a name, and may be empty for one that connects to or listens on
 * this machine alone.
 *
 * list  (AQI_ADDRESS_MAX,), out: the first *n of them
 *
 * Fails with AQI_E_USAGE for what is no such text, AQI_E_IO for a name that
 * nobody knows. Looks names up, and may wait for that.
 */
enum aqi_status aqi_address_read(struct aqi_slice text,
				 struct aqi_address *list, size_t *n,
				 struct aqi_error *err) AQI_MUST_CHECK;

/* The same of the parts. host is without brackets. */
enum aqi_status aqi_address_find(struct aqi_slice host, uint16_t port,
				 struct aqi_address *list, size_t *n,
				 struct aqi_error *err) AQI_MUST_CHECK;
enum aqi_status aqi_address_of_path(struct aqi_slice path,
				    struct aqi_address *address,
				    struct aqi_error *err) AQI_MUST_CHECK;

/* Can only this machine reach it: a loopback address, or a path? */
bool aqi_address_is_local(const struct aqi_address *address);

bool aqi_address_is_path(const struct aqi_address *address);

/* The port; 0 for a path. */
uint16_t aqi_address_port(const struct aqi_address *address);

/*
 * As text, as aqi_address_read takes it; without the port where that does not
 * matter. out  (AQI_ADDRESS_TEXT,)
 */
#define AQI_ADDRESS_TEXT 128
const char *aqi_address_text(const struct aqi_address *address,
			     char out[AQI_ADDRESS_TEXT]);
const char *aqi_address_host(const struct aqi_address *address,
			     char out[AQI_ADDRESS_TEXT]);

/*
 * A listening descriptor that does not block, or -1. The address becomes what
 * it is bound to, which matters for port 0. One that others listen on already
 * is refused; `shares` lets several of this process do so, to each of which
 * the kernel gives its part of the connections. What is left of a socket's
 * path that nobody listens on is removed. AQI_E_IO.
 */
int aqi_address_listen(struct aqi_address *address, int backlog, bool shares,
		       struct aqi_error *err) AQI_MUST_CHECK;

/* One more that shares, beside one that aqi_address_listen has made. */
int aqi_address_listen_beside(const struct aqi_address *address, int backlog,
			      struct aqi_error *err) AQI_MUST_CHECK;

/*
 * A descriptor that does not block and is connecting, or is connected: it is
 * ready for output once that is known, and aqi_address_result tells. -1:
 * AQI_E_IO, such as for a path that is not there.
 */
int aqi_address_connect(const struct aqi_address *address,
			struct aqi_error *err) AQI_MUST_CHECK;

/* 0 when it is connected, else the error number. */
int aqi_address_result(int fd);

#endif
