/* Requests written down and read again, and what is no recording. */
#include "api/recording.h"

#include <stdlib.h>
#include <unistd.h>

#include "net/load.h"
#include "tap.h"

static char path[] = "/tmp/aqi-recording.XXXXXX";

static struct aqi_recording *
load(struct aqi_slice text, bool closes, struct aqi_error *err)
{
	FILE *file = fopen(path, "w");

	if (!file || fwrite(text.data, 1, text.size, file) != text.size ||
	    fclose(file) != 0)
		exit(1);
	*err = (struct aqi_error){0};
	return aqi_recording_load(path, aqi_slice_of("h:1"), closes, err);
}

static void
test_round(void)
{
	static const char head[] = "HEAD / HTTP/1.1\r\nhost: other\r\n"
		"x-a: b\r\nconnection: close\r\nx-c: d\r\n\r\n";
	static const char post[] = "POST /p?q HTTP/1.1\r\nhost: other\r\n"
		"content-length: 3\r\n\r\na\nb";
	struct aqi_buffer out = {0}, bytes = {0};
	struct aqi_load_request request = {.bytes = &bytes};
	struct aqi_error err = {0};
	struct aqi_recording *r;
	const char *const *tasks;
	uint64_t due = 0;
	size_t n = 0;

	ok(aqi_recording_write(&out, "health", 0, aqi_slice_of(head), &err) ==
		   AQI_OK &&
	   aqi_recording_write(&out, "predict", 12500000, (struct aqi_slice){
			post, sizeof post - 1}, &err) == AQI_OK &&
	   aqi_slice_is((struct aqi_slice){out.data, out.size},
		"{\"at\":0.000000000,\"task\":\"health\",\"method\":\"HEAD\","
		"\"target\":\"/\",\"fields\":{\"x-a\":\"b\",\"x-c\":\"d\"}}\n"
		"{\"at\":0.012500000,\"task\":\"predict\",\"method\":\"POST\","
		"\"target\":\"/p?q\",\"fields\":{},"
		"\"body\":\"a\\u000ab\"}\n"), "requests are written down");
	r = load((struct aqi_slice){out.data, out.size}, false, &err);
	if (!ok(r != NULL, "and read"))
		exit(1);
	tasks = aqi_recording_tasks(r, &n);
	ok(aqi_recording_size(r) == 2 && n == 2 &&
	   strcmp(tasks[0], "health") == 0 && strcmp(tasks[1], "predict") == 0,
	   "with their tasks");
	ok(aqi_recording_due(r, &due) && due == 0 &&
	   aqi_recording_due(r, &due) && due == 12500000 &&
	   !aqi_recording_due(r, &due), "they are due when they were");
	ok(aqi_recording_next(r, &request) == AQI_OK && request.task == 0 &&
	   request.is_head && aqi_slice_is((struct aqi_slice){
			bytes.data, bytes.size},
		"HEAD / HTTP/1.1\r\nhost: h:1\r\nx-a: b\r\nx-c: d\r\n"
		"\r\n"),
	   "what frames the first is made anew");
	aqi_buffer_clear(&bytes);
	ok(aqi_recording_next(r, &request) == AQI_OK && request.task == 1 &&
	   !request.is_head && bytes.size > 3 &&
	   memcmp(bytes.data + bytes.size - 3, "a\nb", 3) == 0,
	   "the second has its body");
	ok(aqi_recording_next(r, &request) == AQI_END, "there are no more");
	aqi_recording_free(r);
	aqi_recording_free(NULL);
	aqi_buffer_free(&out);
	aqi_buffer_free(&bytes);
}

static void
test_unwritten(void)
{
#define POST "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\n\r\n"
#define TEXT(literal) {literal, sizeof (literal) - 1}
	static const char body[] = "a body that is no UTF-8, or has a NUL, "
				   "cannot be recorded";
	static const struct {
		struct aqi_slice request;
		enum aqi_code code;
		const char *reason;
	} cases[] = {
		{TEXT("GET / HTTP/1.1\r\nhost: a\r\n"), AQI_E_USAGE,
		 "this request cannot be recorded: its head is too long"},
		{TEXT(POST "\xff"), AQI_E_ENCODING, body},
		{TEXT(POST "\0"), AQI_E_ENCODING, body},
		{TEXT("GET / HTTP/1.1\r\nhost: a\r\nx: \xe9\r\n\r\n"),
		 AQI_E_ENCODING, "a head that is no UTF-8, or has a NUL, "
		 "cannot be recorded"},
	};
	struct aqi_buffer out = {0};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct aqi_error err = {0};

		if (!ok(aqi_recording_write(&out, "t", 0,
				cases[i].request, &err) == AQI_FATAL && out.size == 0 &&
			err.code == cases[i].code &&
			strcmp(err.reason, cases[i].reason) == 0, "%s",
			cases[i].reason))
			note("%s", err.reason);
	}
	aqi_buffer_free(&out);
}

#define GOOD "{\"at\":1,\"method\":\"GET\",\"target\":\"/\"}\n"
#define REST "\"method\":\"GET\",\"target\":\"/\"}"

static void
test_refused(void)
{
	static const struct {
		const char *text;
		uint64_t line;
		const char *field, *reason;
	} cases[] = {
		{"", 0, "", "there is no request to send"},
		{"\n \n", 0, "", "there is no request to send"},
		{GOOD "\n[]", 3, "", "a line of a recording is a JSON object"},
		{GOOD "{\"at\":0.9," REST, 2, "at", "it is a number of "
		 "seconds, and not before that of the line above"},
		{"{" REST, 1, "at", "it is a number of seconds, and not "
		 "before that of the line above"},
		{"{\"at\":10000000.1," REST, 1, "at", "it is a number of "
		 "seconds, and not before that of the line above"},
		{"{\"at\":1,\"body\":1," REST, 1, "body", "it is a text"},
		{"{\"at\":1,\"fields\":[]," REST, 1, "fields",
		 "it is an object of texts"},
		{"{\"at\":1,\"fields\":{\"a\":1}," REST, 1, "fields",
		 "a name or a value can be no line of a head"},
		{"{\"at\":1,\"fields\":{\"a b\":\"c\"}," REST, 1, "fields",
		 "a name or a value can be no line of a head"},
		{"{\"at\":1,\"target\":\"/\"}", 1, "target",
		 "no request can be made of it and the method"},
		{"{\"at\":1,\"method\":\"GET\"}", 1, "target",
		 "no request can be made of it and the method"},
		{"{\"at\":1,\"method\":\"GET\",\"target\":\"x y\"}", 1,
		 "target", "no request can be made of it and the method"},
	};
	struct aqi_error err;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct aqi_recording *r = load(aqi_slice_of(cases[i].text),
					       false, &err);

		if (!ok(!r && err.code == AQI_E_DATA &&
			strcmp(err.file, path) == 0 &&
			err.line == cases[i].line &&
			strcmp(err.field, cases[i].field) == 0 &&
			strcmp(err.reason, cases[i].reason) == 0,
			"case %zu: %s", i, cases[i].reason))
			note("%llu: %s: %s", (unsigned long long)err.line,
			     err.field, err.reason);
		aqi_recording_free(r);
	}
	ok(!load(aqi_slice_of(GOOD "{\"at\":"), false, &err) &&
	   err.code == AQI_E_SYNTAX && err.line == 2 && err.column == 7,
	   "what is no JSON is where it stands");
	ok(!aqi_recording_load("/nonexistent/r", aqi_slice_of("a"), false,
			       &err) && err.code == AQI_E_IO &&
	   strcmp(err.reason, "cannot open: No such file or directory") == 0,
	   "a file that is not there is an error of the system");
}

/* Tasks beyond AQI_RECORDING_TASKS, seconds beyond ten million, fields that
 * are made anew. */
static void
test_limits(void)
{
	struct aqi_buffer text = {0}, bytes = {0};
	struct aqi_load_request request = {.bytes = &bytes};
	struct aqi_recording *r;
	struct aqi_error err;

	for (int i = 1; i <= AQI_RECORDING_TASKS; i++)
		aqi_buffer_add_format(&text, "{\"at\":10000000,\"task\":\"t%d\","
				      REST "\n", i);
	r = load((struct aqi_slice){text.data, text.size}, true, &err);
	ok(r && aqi_recording_size(r) == 16, "16 tasks may be named");
	aqi_recording_free(r);
	aqi_buffer_add_text(&text, "{\"at\":10000000," REST "\n");
	ok(!load((struct aqi_slice){text.data, text.size}, true, &err) &&
	   err.code == AQI_E_DATA && err.line == 17 &&
	   strcmp(err.field, "task") == 0 &&
	   strcmp(err.reason, "a recording has at most 16 tasks") == 0,
	   "what names none is the seventeenth");
	r = load(aqi_slice_of("{\"at\":1,\"fields\":{\"Host\":\"x\",\"a\":"
			      "\"b\"}," REST), true, &err);
	ok(r && aqi_recording_next(r, &request) == AQI_OK &&
	   aqi_slice_is((struct aqi_slice){bytes.data, bytes.size},
		"GET / HTTP/1.1\r\nhost: h:1\r\na: b\r\nconnection: close\r\n"
		"\r\n"), "the host is ours, and the end may be asked for");
	aqi_recording_free(r);
	aqi_buffer_free(&text);
	aqi_buffer_free(&bytes);
}

/* One byte more than 1 GiB is refused before any of it is read. */
static void
test_size(void)
{
	struct aqi_error err = {0};

	ok(truncate(path, 1073741825) == 0 &&
	   !aqi_recording_load(path, aqi_slice_of("a"), false, &err) &&
	   err.code == AQI_E_IO && strcmp(err.reason,
		"larger than the limit of 1073741824 bytes") == 0,
	   "a recording above 1 GiB is refused");
}

int
main(void)
{
	if (mkstemp(path) < 0)
		exit(1);
	test_round();
	test_unwritten();
	test_refused();
	test_limits();
	test_size();
	unlink(path);
	return done();
}
