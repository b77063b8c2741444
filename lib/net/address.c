#include "net/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Longer than any name of DNS. */
#define HOST_SIZE 256

static const struct sockaddr_in *
as_v4(const struct aqi_address *address)
{
	return (const struct sockaddr_in *)&address->socket.any;
}

static const struct sockaddr_in6 *
as_v6(const struct aqi_address *address)
{
	return (const struct sockaddr_in6 *)&address->socket.any;
}

enum aqi_status
aqi_address_of_path(struct aqi_slice path, struct aqi_address *address,
		    struct aqi_error *err)
{
	char quoted[AQI_QUOTED_SIZE];

	*address = (struct aqi_address){0};
	if (path.size == 0 || memchr(path.data, '\0', path.size))
		return aqi_error_set(err, AQI_E_USAGE, "a socket's path is "
				     "empty, or has a NUL; write unix:PATH");
	if (path.size >= sizeof address->socket.path.sun_path)
		return aqi_error_set(err, AQI_E_USAGE, "the socket's path %s "
				     "is %zu bytes long; the limit is %zu",
				     aqi_error_quote(quoted, path), path.size,
				     sizeof address->socket.path.sun_path - 1);
	address->socket.path.sun_family = AF_UNIX;
	memcpy(address->socket.path.sun_path, path.data, path.size);
	address->size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
				    path.size + 1);
	return AQI_OK;
}

static enum aqi_status
fail_to_find(struct aqi_slice host, int failure, struct aqi_error *err)
{
	char quoted[AQI_QUOTED_SIZE];

	if (failure == EAI_MEMORY)
		return aqi_error_memory(err);
	aqi_error_quote(quoted, host);
	if (failure == EAI_SYSTEM)
		return aqi_error_system(err, errno, "cannot look up %s",
					quoted);
	return aqi_error_set(err, AQI_E_IO, "cannot look up %s: %s", quoted,
			     gai_strerror(failure));
}

enum aqi_status
aqi_address_find(struct aqi_slice host, uint16_t port,
		 struct aqi_address *list, size_t *n, struct aqi_error *err)
{
	const struct addrinfo hints = {
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG,
	};
	const struct addrinfo numeric = {
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICSERV | AI_NUMERICHOST,
	};
	struct addrinfo *found = NULL;
	char name[HOST_SIZE], service[8], quoted[AQI_QUOTED_SIZE];
	int failure;

	*n = 0;
	if (host.size >= sizeof name || memchr(host.data, '\0', host.size))
		return aqi_error_set(err, AQI_E_USAGE, "%s is no name of a "
				     "host", aqi_error_quote(quoted, host));
	memcpy(name, host.data, host.size);
	name[host.size] = '\0';
	snprintf(service, sizeof service, "%u", (unsigned)port);
	/* A number is one even where no network is configured. */
	failure = getaddrinfo(host.size ? name : "127.0.0.1", service,
			      &numeric, &found);
	if (failure == EAI_NONAME)
		failure = getaddrinfo(name, service, &hints, &found);
	if (failure)
		return fail_to_find(host, failure, err);
	for (struct addrinfo *a = found; a && *n < AQI_ADDRESS_MAX;
	     a = a->ai_next) {
		list[*n] = (struct aqi_address){.size = a->ai_addrlen};
		memcpy(&list[(*n)++].socket, a->ai_addr, a->ai_addrlen);
	}
	freeaddrinfo(found);
	return AQI_OK;
}

/* At most five digits that are at most 65535. */
static bool
read_port(struct aqi_slice text, uint16_t *port)
{
	unsigned value = 0;

	if (text.size == 0 || text.size > 5)
		return false;
	for (size_t i = 0; i < text.size; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
		value = value * 10 + (unsigned)(text.data[i] - '0');
	}
	*port = (uint16_t)value;
	return value <= UINT16_MAX;
}

/* Cut at the last colon; what is in brackets loses them. */
static bool
cut_host(struct aqi_slice text, struct aqi_slice *host, uint16_t *port)
{
	size_t colon = text.size;

	while (colon > 0 && text.data[colon - 1] != ':')
		colon--;
	if (colon == 0 || !read_port((struct aqi_slice){
			text.data + colon, text.size - colon}, port))
		return false;
	*host = (struct aqi_slice){text.data, colon - 1};
	if (host->size >= 2 && host->data[0] == '[' &&
	    host->data[host->size - 1] == ']') {
		host->data++;
		host->size -= 2;
		return host->size > 0;
	}
	return !memchr(host->data, ':', host->size) &&
	       !memchr(host->data, '[', host->size);
}

enum aqi_status
aqi_address_read(struct aqi_slice text, struct aqi_address *list, size_t *n,
		 struct aqi_error *err)
{
	static const char unix_[] = "unix:";
	char quoted[AQI_QUOTED_SIZE];
	struct aqi_slice host;
	uint16_t port;

	*n = 0;
	if (text.size >= strlen(unix_) &&
	    memcmp(text.data, unix_, strlen(unix_)) == 0) {
		text.data += strlen(unix_);
		text.size -= strlen(unix_);
		if (aqi_address_of_path(text, &list[0], err) != AQI_OK)
			return AQI_FATAL;
		*n = 1;
		return AQI_OK;
	}
	if (!cut_host(text, &host, &port))
		return aqi_error_set(err, AQI_E_USAGE, "%s is no address; "
				     "write HOST:PORT, [IPV6]:PORT or "
				     "unix:PATH",
				     aqi_error_quote(quoted, text));
	return aqi_address_find(host, port, list, n, err);
}

bool
aqi_address_is_path(const struct aqi_address *address)
{
	return address->socket.any.sa_family == AF_UNIX;
}

bool
aqi_address_is_local(const struct aqi_address *address)
{
	const struct in6_addr *v6;

	switch (address->socket.any.sa_family) {
	case AF_INET:
		return ntohl(as_v4(address)->sin_addr.s_addr) >> 24 == 127;
	case AF_INET6:
		v6 = &as_v6(address)->sin6_addr;
		return IN6_IS_ADDR_LOOPBACK(v6) ||
		       (IN6_IS_ADDR_V4MAPPED(v6) && v6->s6_addr[12] == 127);
	default:
		return aqi_address_is_path(address);
	}
}

uint16_t
aqi_address_port(const struct aqi_address *address)
{
	switch (address->socket.any.sa_family) {
	case AF_INET:
		return ntohs(as_v4(address)->sin_port);
	case AF_INET6:
		return ntohs(as_v6(address)->sin6_port);
	default:
		return 0;
	}
}

const char *
aqi_address_host(const struct aqi_address *address, char out[AQI_ADDRESS_TEXT])
{
	out[0] = '\0';
	switch (address->socket.any.sa_family) {
	case AF_INET:
		inet_ntop(AF_INET, &as_v4(address)->sin_addr, out,
			  AQI_ADDRESS_TEXT);
		break;
	case AF_INET6:
		inet_ntop(AF_INET6, &as_v6(address)->sin6_addr, out,
			  AQI_ADDRESS_TEXT);
		break;
	default:
		snprintf(out, AQI_ADDRESS_TEXT, "unix");
	}
	return out;
}

const char *
aqi_address_text(const struct aqi_address *address, char out[AQI_ADDRESS_TEXT])
{
	char host[AQI_ADDRESS_TEXT];
	const struct sockaddr_un *path = &address->socket.path;
	bool is_v6 = address->socket.any.sa_family == AF_INET6;

	if (aqi_address_is_path(address))
		snprintf(out, AQI_ADDRESS_TEXT, "unix:%.*s",
			 (int)sizeof path->sun_path, path->sun_path);
	else
		snprintf(out, AQI_ADDRESS_TEXT, "%s%.64s%s:%u",
			 is_v6 ? "[" : "", aqi_address_host(address, host),
			 is_v6 ? "]" : "", aqi_address_port(address));
	return out;
}

static int
open_socket(const struct aqi_address *address)
{
	return socket(address->socket.any.sa_family,
		      SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static int
fail(int fd, const struct aqi_address *address, const char *what,
     struct aqi_error *err)
{
	char text[AQI_ADDRESS_TEXT];
	int error_number = errno;

	if (fd >= 0)
		close(fd);
	aqi_error_system(err, error_number, "cannot %s %s", what,
			 aqi_address_text(address, text));
	return -1;
}

static void
set(int fd, int level, int option)
{
	const int on = 1;

	/* Each is of use where it can be had. */
	(void)setsockopt(fd, level, option, &on, sizeof on);
}

/*
 * A server that was killed leaves its socket's path behind. Nobody answers
 * there then, and that nobody does is what the kernel says.
 */
static void
remove_stale(const struct aqi_address *address)
{
	const char *path = address->socket.path.sun_path;
	struct stat st;
	int fd;

	if (stat(path, &st) < 0 || !S_ISSOCK(st.st_mode))
		return;
	fd = open_socket(address);
	if (fd < 0)
		return;
	if (connect(fd, &address->socket.any, address->size) < 0 &&
	    errno == ECONNREFUSED)
		unlink(path);
	close(fd);
}

/* A port that somebody listens on, were it shared, would be shared with us. */
static bool
is_taken(const struct aqi_address *address)
{
	int fd = open_socket(address), error_number = 0;

	if (fd < 0)
		return true;
	set(fd, SOL_SOCKET, SO_REUSEADDR);
	if (address->socket.any.sa_family == AF_INET6)
		set(fd, IPPROTO_IPV6, IPV6_V6ONLY);
	if (bind(fd, &address->socket.any, address->size) < 0)
		error_number = errno;
	close(fd);
	errno = error_number;
	return error_number != 0;
}

static int
listen_at(struct aqi_address *address, int backlog, bool shares,
	  struct aqi_error *err)
{
	int fd = open_socket(address);

	if (fd < 0)
		return fail(fd, address, "listen on", err);
	if (!aqi_address_is_path(address)) {
		set(fd, SOL_SOCKET, SO_REUSEADDR);
		if (shares)
			set(fd, SOL_SOCKET, SO_REUSEPORT);
		if (address->socket.any.sa_family == AF_INET6)
			set(fd, IPPROTO_IPV6, IPV6_V6ONLY);
		/* What it accepts has this, too, without a call for each. */
		set(fd, IPPROTO_TCP, TCP_NODELAY);
	}
	if (bind(fd, &address->socket.any, address->size) < 0 ||
	    listen(fd, backlog) < 0)
		return fail(fd, address, "listen on", err);
	if (!aqi_address_is_path(address)) {
		address->size = sizeof address->socket;
		if (getsockname(fd, &address->socket.any, &address->size) < 0)
			return fail(fd, address, "listen on", err);
	}
	return fd;
}

int
aqi_address_listen(struct aqi_address *address, int backlog, bool shares,
		   struct aqi_error *err)
{
	if (aqi_address_is_path(address)) {
		remove_stale(address);
		return listen_at(address, backlog, false, err);
	}
	/* A port that the kernel picks is one that nobody has. */
	if (shares && aqi_address_port(address) != 0 && is_taken(address))
		return fail(-1, address, "listen on", err);
	return listen_at(address, backlog, shares, err);
}

int
aqi_address_listen_beside(const struct aqi_address *address, int backlog,
			  struct aqi_error *err)
{
	struct aqi_address same = *address;

	return listen_at(&same, backlog, true, err);
}

int
aqi_address_connect(const struct aqi_address *address, struct aqi_error *err)
{
	int fd = open_socket(address);

	if (fd < 0)
		return fail(fd, address, "connect to", err);
	if (!aqi_address_is_path(address))
		set(fd, IPPROTO_TCP, TCP_NODELAY);
	if (connect(fd, &address->socket.any, address->size) < 0 &&
	    errno != EINPROGRESS)
		return fail(fd, address, "connect to", err);
	return fd;
}

int
aqi_address_result(int fd)
{
	int error_number = 0;
	socklen_t size = sizeof error_number;

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error_number, &size) < 0)
		return errno;
	return error_number;
}
