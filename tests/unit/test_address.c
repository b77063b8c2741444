#undef _FORTIFY_SOURCE	/* whose declarations fault.h could not replace */
#include "net/address.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fault.h"
#include "tap.h"

FAULT(int, socket, (int family, int type, int protocol),
      (family, type, protocol))
FAULT(int, listen, (int fd, int backlog), (fd, backlog))
FAULT(int, getsockname, (int fd, __SOCKADDR_ARG address,
			 socklen_t *restrict size), (fd, address, size))

/* What looking up a name comes to; 0: what it does. */
static int lookup_failure;

/* So many addresses are found, with ports from 1; 0: those that there are. */
static struct addrinfo found_ones[AQI_ADDRESS_MAX + 1];
static struct sockaddr_in found_sockets[AQI_ADDRESS_MAX + 1];
static size_t n_found;

static struct addrinfo *
find_some(void)
{
	for (size_t i = 0; i < n_found; i++) {
		found_sockets[i] = (struct sockaddr_in){
			.sin_family = AF_INET,
			.sin_port = htons((uint16_t)(i + 1))};
		found_ones[i] = (struct addrinfo){
			.ai_addr = (struct sockaddr *)&found_sockets[i],
			.ai_addrlen = sizeof found_sockets[i],
			.ai_next = i + 1 < n_found ? &found_ones[i + 1] : NULL};
	}
	return found_ones;
}

void
freeaddrinfo(struct addrinfo *list)
{
	__typeof__(&freeaddrinfo) real;
	FIND(real, "freeaddrinfo");

	if (list != found_ones)
		real(list);
}

int
getaddrinfo(const char *restrict name, const char *restrict service,
	    const struct addrinfo *restrict hints,
	    struct addrinfo **restrict list)
{
	__typeof__(&getaddrinfo) real;
	FIND(real, "getaddrinfo");

	if (n_found > 0) {
		*list = find_some();
		return 0;
	}
	errno = EMFILE;
	return lookup_failure ? lookup_failure :
				real(name, service, hints, list);
}

/* A text, what it means, and whether only this machine reaches it. */
static const struct {
	const char *text, *means;
	bool is_local;
} good[] = {
	{"127.0.0.1:8000", "127.0.0.1:8000", true},
	{"127.255.255.254:1", "127.255.255.254:1", true},
	{":8000", "127.0.0.1:8000", true},
	{"0.0.0.0:8000", "0.0.0.0:8000", false},
	{"192.0.2.1:65535", "192.0.2.1:65535", false},
	{"128.0.0.1:0", "128.0.0.1:0", false},
	{"[::1]:8000", "[::1]:8000", true},
	{"[::]:0080", "[::]:80", false},
	{"[2001:db8::1]:443", "[2001:db8::1]:443", false},
	{"[::ffff:127.0.0.1]:8000", "[::ffff:127.0.0.1]:8000", true},
	{"[::ffff:192.0.2.1]:8000", "[::ffff:192.0.2.1]:8000", false},
	{"unix:/run/aqi.sock", "unix:/run/aqi.sock", true},
	{"unix:x:8000", "unix:x:8000", true},
};

static const struct {
	const char *text, *reason;
} bad[] = {
#define FORM " is no address; write HOST:PORT, [IPV6]:PORT or unix:PATH"
	{"", "\"\"" FORM},
	{"8000", "\"8000\"" FORM},
	{"127.0.0.1", "\"127.0.0.1\"" FORM},
	{"127.0.0.1:", "\"127.0.0.1:\"" FORM},
	{"127.0.0.1:x", "\"127.0.0.1:x\"" FORM},
	{"127.0.0.1:-1", "\"127.0.0.1:-1\"" FORM},
	{"127.0.0.1:65536", "\"127.0.0.1:65536\"" FORM},
	{"127.0.0.1:123456", "\"127.0.0.1:123456\"" FORM},
	{"127.0.0.1:80 ", "\"127.0.0.1:80 \"" FORM},
	{"::1:8000", "\"::1:8000\"" FORM},
	{"[]:8000", "\"[]:8000\"" FORM},
	{"[::1]", "\"[::1]\"" FORM},
	{"[::1:8000", "\"[::1:8000\"" FORM},
	{"unix:", "a socket's path is empty, or has a NUL; write unix:PATH"},
};

static void
test_texts(void)
{
	struct aqi_address list[AQI_ADDRESS_MAX];
	struct aqi_error err = {0};
	char text[AQI_ADDRESS_TEXT];
	size_t n;

	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		ok(aqi_address_read(aqi_slice_of(good[i].text), list, &n,
				    &err) == AQI_OK && n == 1 &&
		   strcmp(aqi_address_text(&list[0], text),
			  good[i].means) == 0 &&
		   aqi_address_is_local(&list[0]) == good[i].is_local,
		   "%s is read", good[i].text);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		if (!ok(aqi_address_read(aqi_slice_of(bad[i].text), list, &n,
					 &err) == AQI_FATAL && n == 0 &&
			err.code == AQI_E_USAGE &&
			strcmp(err.reason, bad[i].reason) == 0,
			"\"%s\" is refused", bad[i].text))
			note("%s", err.reason);
	}
}

static void
test_names(void)
{
	struct aqi_address list[AQI_ADDRESS_MAX];
	struct aqi_error err = {0};
	char long_name[300], long_path[120], host[AQI_ADDRESS_TEXT];
	struct addrinfo *found;
	bool local = true;
	size_t n = 0;

	if (getaddrinfo("localhost", NULL, NULL, &found) == 0) {
		freeaddrinfo(found);
		ok(aqi_address_find(aqi_slice_of("localhost"), 80, list, &n,
				    &err) == AQI_OK && n > 0,
		   "localhost has an address");
	} else {
		skip("localhost has an address", "this machine names none");
	}
	for (size_t i = 0; i < n; i++)
		local = local && aqi_address_is_local(&list[i]) &&
			aqi_address_port(&list[i]) == 80;
	ok(local, "only this machine reaches it");
	ok(aqi_address_find(aqi_slice_of("no.such.host.invalid"), 80, list, &n,
			    &err) == AQI_FATAL && n == 0 &&
	   err.code == AQI_E_IO &&
	   strncmp(err.reason, "cannot look up \"no.such.host.invalid\": ",
		   39) == 0, "a name that nobody has is refused");
	memset(long_name, 'a', sizeof long_name);
	ok(aqi_address_find((struct aqi_slice){long_name, 256}, 80, list, &n,
			    &err) == AQI_FATAL && err.code == AQI_E_USAGE &&
	   strcmp(err.reason, "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...\" "
		  "is no name of a host") == 0,
	   "a name that is too long is refused");
	memset(long_path, 'a', sizeof long_path);
	ok(aqi_address_of_path((struct aqi_slice){long_path, 107}, list,
			       &err) == AQI_OK,
	   "a path of 107 bytes is the longest");
	ok(aqi_address_of_path((struct aqi_slice){long_path, 108}, list,
			       &err) == AQI_FATAL &&
	   strcmp(err.reason, "the socket's path \"aaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		  "aaaaaaaaaaaa...\" is 108 bytes long; the limit is 107") == 0,
	   "one of 108 is refused");
	ok(aqi_address_of_path(aqi_slice_of("/x"), list, &err) == AQI_OK &&
	   strcmp(aqi_address_host(&list[0], host), "unix") == 0 &&
	   aqi_address_port(&list[0]) == 0, "a path has no host and no port");
}

static struct aqi_address
read_one(const char *text)
{
	struct aqi_address list[AQI_ADDRESS_MAX];
	struct aqi_error err;
	size_t n;

	if (aqi_address_read(aqi_slice_of(text), list, &n, &err) != AQI_OK)
		exit(1);
	return list[0];
}

/* Connect, have it accepted, and send a byte. */
static bool
talk(int listener, const struct aqi_address *address)
{
	struct aqi_error err;
	int client = aqi_address_connect(address, &err), server;
	bool well = false;
	char c;

	server = client < 0 ? -1 : accept(listener, NULL, NULL);
	if (server >= 0)
		well = aqi_address_result(client) == 0 &&
		       write(client, "x", 1) == 1 && read(server, &c, 1) == 1;
	close(client);
	close(server);
	return well;
}

static void
test_tcp(void)
{
	struct aqi_address address = read_one("127.0.0.1:0"), same;
	struct aqi_error err = {0};
	char wanted[128], text[AQI_ADDRESS_TEXT];
	int first = aqi_address_listen(&address, 16, true, &err), second, fd;

	ok(first >= 0 && aqi_address_port(&address) != 0,
	   "port 0 becomes one that is free");
	ok(talk(first, &address), "a connection to it can be made");
	second = aqi_address_listen_beside(&address, 16, &err);
	ok(second >= 0, "another socket shares the port");
	close(second);
	same = address;
	snprintf(wanted, sizeof wanted, "cannot listen on %s: Address already "
		 "in use", aqi_address_text(&address, text));
	ok(aqi_address_listen(&same, 16, true, &err) < 0 &&
	   err.code == AQI_E_IO && strcmp(err.reason, wanted) == 0,
	   "but not one that does not know of it");
	ok(aqi_address_listen(&same, 16, false, &err) < 0 &&
	   strcmp(err.reason, wanted) == 0, "nor one that is to be alone");
	close(first);
	first = aqi_address_listen(&same, 16, true, &err);
	ok(first >= 0, "the port is free at once when it is closed");
	close(first);
	fd = aqi_address_connect(&same, &err);
	ok(fd < 0 || aqi_address_result(fd) == ECONNREFUSED,
	   "nobody answers there then");
	close(fd);
}

static void
test_path(void)
{
	char folder[] = "/tmp/aqi_address.XXXXXX", text[64], wanted[128];
	struct aqi_address address;
	struct aqi_error err = {0};
	struct stat st;
	int fd, other;

	if (!mkdtemp(folder))
		exit(1);
	snprintf(text, sizeof text, "unix:%s/s", folder);
	address = read_one(text);
	ok(aqi_address_connect(&address, &err) < 0 && err.code == AQI_E_IO,
	   "a path that is not there cannot be connected to");
	fd = aqi_address_listen(&address, 16, true, &err);
	ok(fd >= 0 && talk(fd, &address), "a path can be listened on");
	snprintf(wanted, sizeof wanted, "cannot listen on %s: Address already "
		 "in use", text);
	ok(aqi_address_listen(&address, 16, true, &err) < 0 &&
	   strcmp(err.reason, wanted) == 0, "by one at a time");
	close(fd);
	ok(stat(text + 5, &st) == 0, "the path stays");
	other = aqi_address_listen(&address, 16, true, &err);
	ok(other >= 0 && talk(other, &address),
	   "and is taken over where nobody listens on it any more");
	close(other);
	unlink(text + 5);
	fd = open(text + 5, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	ok(aqi_address_listen(&address, 16, true, &err) < 0 &&
	   strcmp(err.reason, wanted) == 0 && stat(text + 5, &st) == 0,
	   "a file that is no socket is left alone");
	close(fd);
	unlink(text + 5);
	rmdir(folder);
}

static void
test_lookups(void)
{
	struct aqi_address list[AQI_ADDRESS_MAX];
	struct aqi_error err = {0};
	size_t n = 7;

	lookup_failure = EAI_MEMORY;
	ok(aqi_address_find(aqi_slice_of("x"), 80, list, &n, &err) ==
	   AQI_FATAL && n == 0 && err.code == AQI_E_MEMORY &&
	   strcmp(err.reason, "memory ran out") == 0,
	   "a look-up without memory says so");
	lookup_failure = EAI_SYSTEM;
	ok(aqi_address_find(aqi_slice_of("x"), 80, list, &n, &err) ==
	   AQI_FATAL && n == 0 && err.code == AQI_E_IO &&
	   strcmp(err.reason, "cannot look up \"x\": Too many open files") ==
	   0, "one that the system fails has the system's reason");
	lookup_failure = 0;
}

static void
test_many(void)
{
	struct aqi_address list[AQI_ADDRESS_MAX + 1] = {0};
	struct aqi_error err;
	bool well = true;
	size_t n = 0;

	for (n_found = AQI_ADDRESS_MAX - 1; n_found <= AQI_ADDRESS_MAX + 1;
	     n_found++)
		well = well && aqi_address_find(aqi_slice_of("x"), 80, list,
						&n, &err) == AQI_OK &&
		       n == (n_found < 16 ? n_found : 16) &&
		       aqi_address_port(&list[n - 1]) == n;
	ok(well && list[AQI_ADDRESS_MAX].size == 0,
	   "of the addresses of a name the first 16 count");
	n_found = 0;
}

/* Does a call that fails so make that of listening or connecting fail so? */
static bool
fails_with(const char *call, int error, bool connects, const char *wanted)
{
	struct aqi_address address = read_one("127.0.0.1:0");
	struct aqi_error err = {0};
	int fd;

	fault.call = call;
	fault.error = error;
	fd = connects ? aqi_address_connect(&address, &err) :
			aqi_address_listen(&address, 16, true, &err);
	close(fd);
	return fd == -1 && !fault.call && err.code == AQI_E_IO &&
	       strcmp(err.reason, wanted) == 0;
}

static void
test_faults(void)
{
	char folder[] = "/tmp/aqi_address.XXXXXX";
	char text[AQI_ADDRESS_TEXT], wanted[256];
	struct aqi_address address = read_one("127.0.0.1:0"), same;
	struct aqi_error err = {0};
	int fd;

	ok(fails_with("socket", EMFILE, false, "cannot listen on "
		      "127.0.0.1:0: Too many open files"),
	   "want of descriptors is said of one who listens");
	ok(fails_with("socket", EMFILE, true, "cannot connect to "
		      "127.0.0.1:0: Too many open files"),
	   "and of one who connects");
	ok(fails_with("listen", EADDRINUSE, false, "cannot listen on "
		      "127.0.0.1:0: Address already in use"),
	   "a port that was taken since is, too");
	ok(fails_with("getsockname", ENOBUFS, false, "cannot listen on "
		      "127.0.0.1:0: No buffer space available"),
	   "and so is a port that is not to be known");
	ok(aqi_address_result(-1) == EBADF,
	   "what is no connection has the system's reason");

	/* The port is free again: only the first socket is missing. */
	fd = aqi_address_listen(&address, 16, true, &err);
	close(fd);
	same = address;
	fault.call = "socket";
	fault.error = EMFILE;
	snprintf(wanted, sizeof wanted, "cannot listen on %s: Too many open "
		 "files", aqi_address_text(&address, text));
	ok(fd >= 0 && aqi_address_listen(&same, 16, true, &err) == -1 &&
	   strcmp(err.reason, wanted) == 0,
	   "without a descriptor nobody knows whether a port is free");

	if (!mkdtemp(folder))
		exit(1);
	snprintf(text, sizeof text, "unix:%s/s", folder);
	address = read_one(text);
	fd = aqi_address_listen(&address, 16, false, &err);
	close(fd);
	fault.call = "socket";
	snprintf(wanted, sizeof wanted, "cannot listen on %s: Address already "
		 "in use", text);
	ok(fd >= 0 && aqi_address_listen(&address, 16, false, &err) == -1 &&
	   !fault.call && strcmp(err.reason, wanted) == 0 &&
	   access(text + 5, F_OK) == 0,
	   "nor whether anybody listens on a path, which stays");
	unlink(text + 5);
	rmdir(folder);
}

static void
test_v6(void)
{
	struct aqi_address address = read_one("[::1]:0"), same;
	struct aqi_error err = {0};
	char wanted[128], text[AQI_ADDRESS_TEXT];
	int first = aqi_address_listen(&address, 16, true, &err), second;

	if (first < 0) {
		skip("a port of IPv6", "no such address is here");
		return;
	}
	same = address;
	snprintf(wanted, sizeof wanted, "cannot listen on %s: Address already "
		 "in use", aqi_address_text(&address, text));
	ok(strncmp(text, "[::1]:", 6) == 0 && talk(first, &address) &&
	   aqi_address_listen(&same, 16, true, &err) == -1 &&
	   strcmp(err.reason, wanted) == 0,
	   "a port of IPv6 is listened on by one at a time");
	close(first);
	second = aqi_address_listen(&same, 16, true, &err);
	ok(second >= 0 && talk(second, &same), "and is free when it is closed");
	close(second);
}

int
main(void)
{
	test_texts();
	test_names();
	test_tcp();
	test_path();
	test_lookups();
	test_many();
	test_faults();
	test_v6();
	return done();
}
