/*
 * url.h: where a server is, and what is asked of it.
 *
 *   http://HOST[:PORT][/PATH[?QUERY]]    HOST may be [IPv6]
 *   unix:SOCKET[:/PATH[?QUERY]]          SOCKET, a path, has no colon
 */
#ifndef AQI_NET_URL_H
#define AQI_NET_URL_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"

struct aqi_address;
struct aqi_http_fault;

/* All slices are borrowed from the text that was read, or constants. */
struct aqi_url {
	struct aqi_slice host;		/* without brackets; empty for unix */
	unsigned port;			/* 80 where none is given */
	struct aqi_slice authority;	/* for the field host */
	struct aqi_slice socket;	/* path of a unix socket, or empty */
	struct aqi_slice target;	/* path and query; "/" where none */
};

/*
 * Take a URL apart. AQI_FATAL with code AQI_E_USAGE: it is none of ours, and
 * the reason says what would be one. A path with a control byte, a blank or a
 * `#` is refused.
 */
enum aqi_status aqi_url_read(struct aqi_slice text, struct aqi_url *url,
			     struct aqi_error *err) AQI_MUST_CHECK;

/*
 * Add the target of something below a URL: its path without its query, and
 * without slashes at its end, and then `path`, which begins with one.
 */
void aqi_url_add_below(const struct aqi_url *url, const char *path,
		       struct aqi_buffer *out);

/*
 * Where it is: the addresses of its host, or that of its socket. As
 * aqi_address_find.
 *
 * list  (AQI_ADDRESS_MAX,), out: the first *n of them
 */
enum aqi_status aqi_url_find(const struct aqi_url *url,
			     struct aqi_address *list, size_t *n,
			     struct aqi_error *err) AQI_MUST_CHECK;

/*
 * Take HOST:PORT apart by RFC 3986; HOST may be an IPv6 address in brackets,
 * which *host has without them. With has_default, the port may be absent or
 * empty, and *port stays as it is. False where the text is not well-formed; a
 * port is 0 to 65535.
 */
bool aqi_url_read_authority(struct aqi_slice text, bool has_default,
			    struct aqi_slice *host, unsigned *port);

/*
 * Decode the %HH of a path without its query. *path, out, is raw itself where
 * there is nothing to decode, and else lies in room, which is cleared first.
 *
 * AQI_REJECT: a broken %HH, an encoded NUL, or a segment `..`, encoded or not:
 * a path that leaves the root is never made to fit. AQI_FATAL: memory; fault
 * is filled in both cases.
 */
enum aqi_status aqi_url_decode_path(struct aqi_slice raw,
				    struct aqi_buffer *room,
				    struct aqi_slice *path,
				    struct aqi_http_fault *fault)
	AQI_MUST_CHECK;

#endif
