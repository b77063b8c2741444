/* URLs, HOST:PORT, and paths with %HH. */
#include "net/url.h"
#include "net/http.h"
#include "tap.h"

/* Parts of a URL, or in host why it is refused. */
static const struct {
	const char *sentence, *text, *host;
	unsigned port;
	const char *authority, *socket, *target;
} urls[] = {
	{"a URL has a host, a port and a path", "http://a.b:81/c/d?e", "a.b",
	 81, "a.b:81", "", "/c/d?e"},
	{"without a port it is 80, without a path /", "http://a", "a", 80, "a",
	 "", "/"},
	{"the scheme is in any case", "HTTP://A/", "A", 80, "A", "", "/"},
	{"a host may be an address of IPv6", "http://[::1]:1/", "::1", 1,
	 "[::1]:1", "", "/"},
	{"a port may be empty", "http://a:/", "a", 80, "a:", "", "/"},
	{"a unix socket has a path of its own", "unix:/run/a.sock:/b?c", "",
	 80, "localhost", "/run/a.sock", "/b?c"},
	{"of which / is the default", "unix:/run/a", "", 80, "localhost",
	 "/run/a", "/"},
	{"", "unix:/run/a:", "", 80, "localhost", "/run/a", "/"},
	{"which may be relative", "unix:a.sock:/b", "", 80, "localhost",
	 "a.sock", "/b"},
	{"a socket may be any path", "unix:/", "", 80, "localhost", "/", "/"},
	{"https is named", "https://a/", "\"https://a/\" asks for TLS, which "
	 "is not built in; use http://", 0, NULL, NULL, NULL},
	{"another scheme is none", "ftp://a/", "\"ftp://a/\" is no URL: it "
	 "begins with neither http:// nor unix:", 0, NULL, NULL, NULL},
	{"a host alone is no URL", "a:80", "\"a:80\" is no URL: it begins with "
	 "neither http:// nor unix:", 0, NULL, NULL, NULL},
	{"nor is nothing", "", "\"\" is no URL: it begins with neither http:// "
	 "nor unix:", 0, NULL, NULL, NULL},
	{"a host is needed", "http:///a", "\"http:///a\" has no HOST or "
	 "HOST:PORT behind http://", 0, NULL, NULL, NULL},
	{"a scheme alone is none", "http://", "\"http://\" has no HOST or "
	 "HOST:PORT behind http://", 0, NULL, NULL, NULL},
	{"a user is refused", "http://a@b/", "\"http://a@b/\" has no HOST or "
	 "HOST:PORT behind http://", 0, NULL, NULL, NULL},
	{"a port is a number", "http://a:b/", "\"http://a:b/\" has no HOST or "
	 "HOST:PORT behind http://", 0, NULL, NULL, NULL},
	{"a path begins with /", "http://a?b", "\"http://a?b\" has a path that "
	 "does not begin with /, or holds a blank, a control byte or #", 0,
	 NULL, NULL, NULL},
	{"a blank in a path is refused", "http://a/b c", "\"http://a/b c\" has "
	 "a path that does not begin with /, or holds a blank, a control byte "
	 "or #", 0, NULL, NULL, NULL},
	{"a line end in a path is refused", "http://a/\r\nX: y", "\"http://a/"
	 "\\x0d\\x0aX: y\" has a path that does not begin with /, or holds a "
	 "blank, a control byte or #", 0, NULL, NULL, NULL},
	{"a fragment is refused", "http://a/#b", "\"http://a/#b\" has a path "
	 "that does not begin with /, or holds a blank, a control byte or #",
	 0, NULL, NULL, NULL},
	{"what is asked of a socket begins with /", "unix:/a:b", "\"unix:/a:b"
	 "\" is not unix:SOCKET or unix:SOCKET:/PATH", 0, NULL, NULL, NULL},
	{"a socket needs a path", "unix:", "\"unix:\" is not unix:SOCKET or "
	 "unix:SOCKET:/PATH", 0, NULL, NULL, NULL},
};

static void
test_urls(void)
{
	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
		struct aqi_url url;
		struct aqi_error err = {0};
		bool is_right;

		if (aqi_url_read(aqi_slice_of(urls[i].text), &url, &err) ==
		    AQI_OK)
			is_right = urls[i].authority &&
				aqi_slice_is(url.host, urls[i].host) &&
				url.port == urls[i].port &&
				aqi_slice_is(url.authority,
					     urls[i].authority) &&
				aqi_slice_is(url.socket, urls[i].socket) &&
				aqi_slice_is(url.target, urls[i].target);
		else
			is_right = !urls[i].authority &&
				err.code == AQI_E_USAGE &&
				strcmp(err.reason, urls[i].host) == 0;
		if (!ok(is_right, "%s (%s)", urls[i].sentence,
			urls[i].authority ? urls[i].text : "refused"))
			note("%s", err.reason);
	}
}

static const struct {
	const char *text, *host;	/* NULL: not well-formed */
	unsigned port;			/* 7: as it was */
	bool has_default;
} authorities[] = {
	{"a:0", "a", 0, false}, {"a:65535", "a", 65535, false},
	{"127.0.0.1:80", "127.0.0.1", 80, false}, {"a", "a", 7, true},
	{"a:", "a", 7, true}, {"[::1]", "::1", 7, true},
	{"[1:2::1.2.3.4]:5", "1:2::1.2.3.4", 5, false},
	{"a:00080", "a", 80, false}, {"a", NULL, 0, false},
	{"a:", NULL, 0, false}, {"", NULL, 0, true}, {":80", NULL, 0, true},
	{"a:65536", NULL, 0, true}, {"a:99999999999999999999", NULL, 0, true},
	{"a:8x", NULL, 0, true}, {"a:-1", NULL, 0, true},
	{"a: 1", NULL, 0, true}, {"a b", NULL, 0, true},
	{"a/b", NULL, 0, true}, {"a:1:2", NULL, 0, true},
	{"::1", NULL, 0, true}, {"[::1", NULL, 0, true}, {"[]", NULL, 0, true},
	{"[::1]a", NULL, 0, true}, {"[a]", NULL, 0, true},
	{"[::1]]", NULL, 0, true}, {"[fe80::1%25eth0]", NULL, 0, true},
	{"[127.0.0.1]", NULL, 0, true},
	{"[1:2:3:4:5:6:7:8:9:10:11:12:13:14:15:16:17:18]", NULL, 0, true},
	{"a\xc3\xa0:1", NULL, 0, true},
};

static void
test_authorities(void)
{
	size_t n_bad = 0;

	for (size_t i = 0; i < sizeof authorities / sizeof *authorities; i++) {
		struct aqi_slice host;
		unsigned port = 7;
		bool is_read = aqi_url_read_authority(
			aqi_slice_of(authorities[i].text),
			authorities[i].has_default, &host, &port);
		const char *wanted = authorities[i].host;

		if (is_read == (wanted != NULL) && (!is_read ||
		    (aqi_slice_is(host, wanted) &&
		     port == authorities[i].port)))
			continue;
		note("%s", authorities[i].text);
		n_bad++;
	}
	ok(n_bad == 0, "HOST:PORT is taken apart, or refused");
	{
		struct aqi_slice host, text = {"[::\0]:1", 7};
		unsigned port;

		ok(!aqi_url_read_authority(text, true, &host, &port),
		   "an address with a NUL is none");
	}
}

/* Decoded, or why it is refused. */
static const struct {
	const char *raw, *path, *reason;
} paths[] = {
	{"/", "/", NULL}, {"", "", NULL},
	{"/a.b/..c/...", "/a.b/..c/...", NULL},
	{"/%68ealth", "/health", NULL}, {"/a%2Fb%2fc", "/a/b/c", NULL},
	{"/%", NULL, "the path has a % without two digits"},
	{"/%4", NULL, "the path has a % without two digits"},
	{"/%zz", NULL, "the path has a % without two digits"},
	{"/%4z", NULL, "the path has a % without two digits"},
	{"/a%00", NULL, "the path has an encoded NUL"},
	{"/../a", NULL, "the path has a segment .."},
	{"/a/..", NULL, "the path has a segment .."},
	{"..", NULL, "the path has a segment .."},
	{"/%2e%2E/a", NULL, "the path has a segment .."},
	{"/a/.%2e", NULL, "the path has a segment .."},
	{"/a%2f..%2fb", NULL, "the path has a segment .."},
	{"/%252e%252e", "/%2e%2e", NULL}, {"/.", "/.", NULL},
	{"//a", "//a", NULL}, {"/a\\..\\b", "/a\\..\\b", NULL},
	{"/%0d%0a%ff", "/\r\n\xff", NULL},
};

static void
test_paths(void)
{
	struct aqi_buffer room = {0};

	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		struct aqi_http_fault fault = {0};
		struct aqi_slice raw = aqi_slice_of(paths[i].raw), path;
		enum aqi_status status = aqi_url_decode_path(raw, &room, &path,
							     &fault);
		bool is_right = paths[i].path ?
			status == AQI_OK && aqi_slice_is(path, paths[i].path) &&
			(strchr(raw.data, '%') || path.data == raw.data) :
			status == AQI_REJECT && fault.status == 400 &&
			strcmp(fault.reason, paths[i].reason) == 0;

		ok(is_right, "the path %s is %s", paths[i].raw,
		   paths[i].path ? "decoded" : "refused");
	}
	aqi_buffer_free(&room);
}

static const struct {
	const char *url, *below;
} folders[] = {
	{"http://a", "/predict"}, {"http://a/", "/predict"},
	{"http://a/api", "/api/predict"}, {"http://a/api//", "/api/predict"},
	{"http://a/api?key=1", "/api/predict"}, {"http://a/?b=/", "/predict"},
	{"unix:/s:/api/?c", "/api/predict"}, {"unix:/s", "/predict"},
};

static void
test_below(void)
{
	struct aqi_buffer target = {0};

	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		struct aqi_url url;
		struct aqi_error err;
		bool is_read = aqi_url_read(aqi_slice_of(folders[i].url), &url,
					    &err) == AQI_OK;

		aqi_buffer_clear(&target);
		if (is_read)
			aqi_url_add_below(&url, "/predict", &target);
		ok(is_read && aqi_slice_is(
			(struct aqi_slice){target.data, target.size},
			folders[i].below), "below %s lies %s", folders[i].url,
		   folders[i].below);
	}
	aqi_buffer_free(&target);
}

int
main(void)
{
	test_urls();
	test_below();
	test_authorities();
	test_paths();
	return done();
}
