/* The corpora of HTTP messages that others have made, named by AQI_CORPORA. */
#include "converse.h"
#include "http_corpus.h"

/* What we take or refuse otherwise than a corpus says, and by which rule. */
struct choice {
	const char *name;
	const char *rule;
};

static const char *
choice_of(const struct choice *choices, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(choices[i].name, name) == 0)
			return choices[i].rule;
	return NULL;
}

static struct conversation
read_it(struct aqi_slice bytes, struct aqi_http_limits limits, size_t *n_unlike)
{
	struct conversation c = {.limits = limits};

	*n_unlike += !converse_alike(&c, bytes);
	return c;
}

struct tally {
	size_t n, n_refused, n_read, n_chosen, n_bad, n_unlike;
};

/* Count a case: wanted or not, or the other way by a rule of ours. */
static void
count(struct tally *t, const char *name, bool is_refused, bool is_right,
      const char *rule, const struct conversation *c)
{
	t->n++;
	t->n_refused += is_refused;
	t->n_read += !is_refused;
	t->n_chosen += rule != NULL;
	if (is_right == (rule == NULL))
		return;
	t->n_bad++;
	note("%s: %s", name, c->text.data);
}

/* Rows of http-desync that are read with a Host in them, and why. */
static const struct choice desync[] = {
	{"ambiguous/08.raw", "a name is what it spells"},
	{"ambiguous/09.raw", "a name is what it spells"},
	{"ambiguous/31.raw", "a name is what it spells"},
	{"ambiguous/32.raw", "a name is what it spells"},
	{"ambiguous/13.raw", "any method may have a body"},
	{"ambiguous/14.raw", "any method may have a body"},
	{"ambiguous/15.raw", "any method may have a body"},
	{"ambiguous/16.raw", "any method may have a body"},
	{"real-life-test-cases/01.raw", "any method may have a body"},
	{"real-life-test-cases/02.raw", "any method may have a body"},
	/* And those refused. */
	{"more-compliant-tests/10.raw", "a coding has no parameters"},
	{"rfc-compliant/11.raw", "a coding has no parameters"},
	{"rfc-compliant/12.raw", "a target has no fragment"},
	{"rfc-compliant/14.raw", "a target is not empty"},
};

/* Acceptable: those read, with a Host; the others are refused. */
static const struct choice acceptable[] = {
	{"acceptable/05.raw", "a length of 0 is one"},
	{"acceptable/06.raw", "a length of 0 is one"},
	{"acceptable/09.raw", "HTTP/1.2 is read as HTTP/1.1"},
};

static void
test_desync(bool puts_host)
{
	struct aqi_buffer list = load("http-desync", "EXPECTED.tsv");
	char *text = list.data, *line;
	struct tally t = {0};

	if (text)
		next_line(&text);
	while (text && (line = next_line(&text))) {
		const char *name = strsep(&line, "\t"), *rule = NULL;
		bool is_refused, is_wanted;
		struct aqi_buffer bytes = load("http-desync", name), whole;
		struct conversation c;
		const char *tier;

		strsep(&line, "\t");
		tier = strsep(&line, "\t");
		whole = puts_host ? with_host(bytes.data, bytes.size - 1)
				  : (struct aqi_buffer){0};
		c = read_it(puts_host ?
			(struct aqi_slice){whole.data, whole.size} :
			(struct aqi_slice){bytes.data, bytes.size - 1},
			AQI_HTTP_LIMITS, &t.n_unlike);
		is_refused = c.refused && c.n_heads == 0;
		/* None but a few have a Host, and then nothing is read. */
		is_wanted = strcmp(tier, "Compliant") == 0;
		if (!puts_host)
			is_wanted = false;
		else if (strcmp(tier, "Acceptable") == 0)
			is_wanted = choice_of(acceptable, 3, name);
		else
			rule = choice_of(desync, 14, name);
		count(&t, name, is_refused, is_refused != is_wanted, rule, &c);
		t.n_bad += is_refused && c.refused != 400 && c.refused != 501;
		aqi_buffer_free(&c.text);
		aqi_buffer_free(&whole);
		aqi_buffer_free(&bytes);
	}
	aqi_buffer_free(&list);
	ok(t.n == 158 && t.n_bad == 0, "http-desync%s: %zu refused with 400 or "
	   "501, %zu read, %zu of 158 by our rules, %zu not as they should",
	   puts_host ? " with Host" : "", t.n_refused, t.n_read, t.n_chosen,
	   t.n_bad);
	ok(t.n == 158 && t.n_unlike == 0, "http-desync%s: the same in one "
	   "piece, by byte and by line", puts_host ? " with Host" : "");
}

/* Rows of http-requests-gunicorn that we take otherwise, and why. */
static const struct choice gunicorn[] = {
	{"invalid/006.raw", "our limit is larger"},
	{"invalid/007.raw", "our limit is larger"},
	{"invalid/008.raw", "our limit is larger"},
	{"invalid/011.raw", "our limit is larger"},
	{"invalid/012.raw", "our limit is larger"},
	{"invalid/limit_header_default_01.raw", "our limit is larger"},
	{"invalid/040.raw", "a name is what it spells, as in valid/040"},
	{"valid/028.raw", "no blank before a colon"},
	{"valid/031compat.raw", "a method has capital letters"},
	{"valid/031compat2.raw", "a method has capital letters"},
	{"valid/compat_obs_fold.raw", "no folded field"},
	{"valid/compat_obs_fold_huge.raw", "no folded field"},
	{"valid/pp_01.raw", "PROXY is no request"},
	{"valid/pp_02.raw", "PROXY is no request"},
	{"valid/pp_04.raw", "PROXY is no request"},
	{"valid/pp_05.raw", "PROXY is no request"},
};

/* Further ones as they are, and when Host is put in where it lacks. */
static const struct choice gunicorn_bare[] = {
	{"valid/022.raw", "its second request has no Host"},
};

static const struct choice gunicorn_host[] = {
	{"invalid/010.raw", "our limit is larger"},
	{"invalid/017.raw", "our limit is larger"},
	{"invalid/019.raw", "X-Forwarded is not looked at"},
	{"invalid/chunked_07.raw", "a name is what it spells"},
	{"valid/005.raw", "a target has no fragment"},
	{"valid/009.raw", "no Content-Length beside Transfer-Encoding"},
};

static bool
is_as_gunicorn_says(const struct conversation *c, const char *name,
		    const char *verdict, bool is_stricter)
{
	if (strncmp(name, "invalid/", 8) == 0 || is_stricter)
		return c->n_messages == 0 && (c->refused || c->is_cut);
	return !c->refused && c->n_heads == strtoul(verdict, NULL, 10);
}

static void
test_gunicorn(bool puts_host)
{
	static const char folder[] = "http-requests-gunicorn";
	struct aqi_buffer list = load(folder, "EXPECTED.tsv");
	char *text = list.data, *line;
	struct tally t = {0};

	if (text)
		next_line(&text);
	while (text && (line = next_line(&text))) {
		const char *name = strsep(&line, "\t"), *rule, *verdict;
		struct aqi_buffer bytes = load(folder, name), whole;
		bool is_stricter, is_right;
		struct conversation c;

		strsep(&line, "\t");
		verdict = strsep(&line, "\t");
		strsep(&line, "\t");
		is_stricter = strcmp(line, "-") != 0 && !puts_host;
		whole = puts_host ? with_host(bytes.data, bytes.size - 1)
				  : (struct aqi_buffer){0};
		c = read_it(puts_host ?
			(struct aqi_slice){whole.data, whole.size} :
			(struct aqi_slice){bytes.data, bytes.size - 1},
			AQI_HTTP_LIMITS, &t.n_unlike);
		is_right = is_as_gunicorn_says(&c, name, verdict, is_stricter);
		rule = choice_of(gunicorn, 16, name);
		if (!rule)
			rule = puts_host ? choice_of(gunicorn_host, 6, name) :
				choice_of(gunicorn_bare, 1, name);
		if (is_stricter)
			rule = NULL;
		count(&t, name, c.n_messages == 0, is_right, rule, &c);
		aqi_buffer_free(&c.text);
		aqi_buffer_free(&whole);
		aqi_buffer_free(&bytes);
	}
	aqi_buffer_free(&list);
	ok(t.n == 137 && t.n_bad == 0, "http-requests-gunicorn%s: %zu refused "
	   "or cut, %zu read, %zu of 137 by our rules, %zu not as they should",
	   puts_host ? " with Host" : "", t.n_refused, t.n_read, t.n_chosen,
	   t.n_bad);
	ok(t.n == 137 && t.n_unlike == 0, "http-requests-gunicorn%s: the same "
	   "in one piece, by byte and by line",
	   puts_host ? " with Host" : "");
}

/* What is larger than the limits of gunicorn is refused by such limits. */
static void
test_limits(void)
{
	static const char *const names[] = {"006", "007", "008",
		"limit_header_default_01"};
	size_t n_refused = 0, n_unlike = 0;

	for (size_t i = 0; i < 4; i++) {
		char name[100];
		struct aqi_buffer bytes;
		struct conversation c;

		snprintf(name, sizeof name, "invalid/%s.raw", names[i]);
		bytes = load("http-requests-gunicorn", name);
		c = read_it((struct aqi_slice){bytes.data, bytes.size - 1},
			    (struct aqi_http_limits){4094, 8190, 100},
			    &n_unlike);
		n_refused += c.refused == (i == 0 ? 414 : 431);
		aqi_buffer_free(&c.text);
		aqi_buffer_free(&bytes);
	}
	ok(n_refused == 4 && n_unlike == 0, "http-requests-gunicorn: with "
	   "smaller limits, too long a line is 414 and too long a head 431");
}

static size_t
count_of(const char *text, const char *end, const char *what)
{
	size_t n = 0;

	while ((text = strstr(text, what)) && text < end)
		n++, text++;
	return n;
}

/* Cases of http-llhttp that we take otherwise, by file and heading. */
static const struct choice llhttp[] = {
	{"request/sample.md: No HTTP version", "no request of HTTP/0.9"},
	{"request/content-length.md: Content-Length reset when no body is "
	 "received", "a body is never skipped"},
	{"request/transfer-encoding.md: POST with `chunked` as last "
	 "transfer-encoding", "a target has no fragment"},
	{"request/transfer-encoding.md: POST with `chunked` as last "
	 "transfer-encoding (multiple headers)", "a target has no fragment"},
	{"request/uri.md: Fragment in URI", "a target has no fragment"},
	{"request/method.md: M-SEARCH request", "* is for OPTIONS"},
	{"request/method.md: SOURCE request with ICE", "ICE is not HTTP"},
	{"request/method.md: OPTIONS request with RTSP", "RTSP is not HTTP"},
	{"request/method.md: ANNOUNCE request with RTSP", "RTSP is not HTTP"},
	{"request/uri.md: Host terminated by a query string",
	 "the Host that was put in is another"},
	{"request/uri.md: `host:port` terminated by a query string",
	 "the Host that was put in is another"},
	{"request/uri.md: `host:port` terminated by a space",
	 "the Host that was put in is another"},
	{"request/uri.md: `host:port` and basic auth",
	 "the Host that was put in is another"},
	{"request/invalid.md: HTTP protocol and ANNOUNCE method",
	 "a method of any name is read"},
	{"request/invalid.md: Invalid method", "a method of any name is read"},
	{"response/sample.md: RTSP response", "RTSP is not HTTP"},
	{"response/sample.md: ICE response", "ICE is not HTTP"},
	{"response/sample.md: HTTP version 0.9", "no response of HTTP/0.9"},
};

static bool
is_as_llhttp_says(const struct conversation *c, const char *type,
		  const char *log, const char *log_end, bool skips_body)
{
	size_t n_whole = count_of(log, log_end, "message complete");
	size_t n_heads = count_of(log, log_end, "headers complete");
	const char *error = strstr(log, "error code=");

	/* 22 and 23 are pauses, 5 is data behind a last message. */
	if (strstr(type, "lenient"))
		return c->refused || c->is_closed || c->n_messages < n_whole;
	if (error && error < log_end && !strstr(error, "code=22") &&
	    !strstr(error, "code=5 "))
		return (c->refused || c->is_cut) && c->n_messages <= n_whole;
	if (error && error < log_end)
		return c->n_heads >= 1 &&
		       (c->is_closed || !strstr(error, "code=5 "));
	return !c->refused && c->n_heads == n_heads &&
	       (skips_body || c->n_messages == n_whole ||
		(c->is_response && c->n_messages == n_whole + 1));
}

static void
test_llhttp(const char *file, bool is_response, struct tally *t)
{
	struct aqi_buffer list = load("http-llhttp", file);
	char *text = list.data ? list.data : (char *)"", *line, name[400],
	     type[200] = "", heading[200] = "";

	while ((line = next_line(&text))) {
		char *end, *log, *log_end;
		struct aqi_buffer raw, bytes;
		struct conversation c = {.limits = AQI_HTTP_LIMITS};
		bool skips_body;

		if (strncmp(line, "#", 1) == 0)
			snprintf(heading, sizeof heading, "%s",
				 line + strspn(line, "# "));
		if (strncmp(line, "<!-- meta=", 10) == 0)
			snprintf(type, sizeof type, "%s", line);
		if (strcmp(line, "```http") != 0)
			continue;
		end = strstr(text, "```");
		log = strstr(end, "```log");
		log_end = strstr(log + 6, "```");
		raw = unescape(text, end);
		bytes = is_response ? raw : with_host(raw.data, raw.size);
		skips_body = strstr(type, "skipBody");
		c.is_response = is_response;
		c.to_head = skips_body;
		t->n_unlike += !converse_alike(&c, (struct aqi_slice){
					       bytes.data, bytes.size});
		snprintf(name, sizeof name, "%s: %s", file, heading);
		*log_end = '\0';
		count(t, name, c.refused, is_as_llhttp_says(&c, type, log,
		      log_end, skips_body), choice_of(llhttp, sizeof llhttp /
		      sizeof *llhttp, name), &c);
		if (bytes.data != raw.data)
			aqi_buffer_free(&raw);
		aqi_buffer_free(&bytes);
		aqi_buffer_free(&c.text);
		text = log_end + 1;
	}
	aqi_buffer_free(&list);
}

int
main(void)
{
	static const char *const responses[] = {"sample", "content-length",
		"transfer-encoding", "connection", "invalid", "finish",
		"pausing", "pipelining", "lenient-version"};
	struct tally t = {0};
	char file[100];

	corpora = getenv("AQI_CORPORA");
	if (!corpora) {
		skip("the corpora of HTTP messages", "AQI_CORPORA is not set");
		return done();
	}
	test_desync(false);
	test_desync(true);
	test_gunicorn(false);
	test_gunicorn(true);
	test_limits();
	for (size_t i = 0; i < N_LLHTTP_REQUESTS; i++) {
		snprintf(file, sizeof file, "request/%s.md",
			 llhttp_requests[i]);
		test_llhttp(file, false, &t);
	}
	ok(t.n == 166 && t.n_bad + t.n_unlike == 0, "http-llhttp: of %zu "
	   "requests %zu refused, %zu read, %zu by our rules, %zu not as "
	   "they should, each the same in one piece, by byte and by line",
	   t.n, t.n_refused, t.n_read, t.n_chosen, t.n_bad);
	t = (struct tally){0};
	for (size_t i = 0; i < sizeof responses / sizeof *responses; i++) {
		snprintf(file, sizeof file, "response/%s.md", responses[i]);
		test_llhttp(file, true, &t);
	}
	ok(t.n == 85 && t.n_bad + t.n_unlike == 0, "http-llhttp: of %zu "
	   "responses %zu refused, %zu read, %zu by our rules, %zu not as "
	   "they should, each the same in one piece, by byte and by line",
	   t.n, t.n_refused, t.n_read, t.n_chosen, t.n_bad);
	return done();
}
