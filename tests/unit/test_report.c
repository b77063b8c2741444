/* Words to standard error, as they are written there. */
#undef _FORTIFY_SOURCE	/* whose declarations fault.h could not replace */
#include "cli/report.h"

#include <fcntl.h>
#include <stdlib.h>

#include "base/clock.h"
#include "fault.h"
#include "record/pipe.h"
#include "tap.h"

static char written[40000];
static int caught;	/* what is standard error meanwhile */

/* What has been written since the last call. */
static const char *
take(void)
{
	ssize_t n = pread(caught, written, sizeof written - 1, 0);

	written[n > 0 ? n : 0] = '\0';
	if (ftruncate(caught, 0) != 0 || lseek(caught, 0, SEEK_SET) != 0)
		exit(1);
	return written;
}

static bool
is(const char *wanted)
{
	if (strcmp(take(), wanted) == 0)
		return true;
	note("%s for %s", written, wanted);
	return false;
}

/* Each way to say where: as text and as JSON. */
static void
test_errors(void)
{
	static const struct {
		struct aqi_error err;
		const char *text, *json;
	} cases[] = {
		{{.code = AQI_E_TYPE, .reason = "why"}, "aqi: why\n",
		 "{\"program\":\"aqi\",\"code\":\"type\",\"reason\":\"why\"}\n"},
		{{.code = AQI_E_IO, .file = "f\n", .reason = "why"},
		 "aqi:f\\x0a: why\n",
		 "{\"program\":\"aqi\",\"file\":\"f\\u000a\",\"code\":\"io\","
		 "\"reason\":\"why\"}\n"},
		{{.code = AQI_E_TYPE, .file = "f", .line = 7, .column = 9,
		  .field = "pm25", .reason = "a\"b\\c"},
		 "aqi:f:7:9: pm25: a\"b\\c\n",
		 "{\"program\":\"aqi\",\"file\":\"f\",\"line\":7,\"column\":9,"
		 "\"field\":\"pm25\",\"code\":\"type\","
		 "\"reason\":\"a\\\"b\\\\c\"}\n"},
		/* A column of no line says nothing. */
		{{.code = AQI_E_TYPE, .file = "f", .column = 9,
		  .reason = "why"}, "aqi:f: why\n",
		 "{\"program\":\"aqi\",\"file\":\"f\",\"code\":\"type\","
		 "\"reason\":\"why\"}\n"},
		{{.code = AQI_E_TYPE, .file = "f", .line = 7,
		  .reason = "\xff"}, "aqi:f:7: \\xff\n",
		 "{\"program\":\"aqi\",\"file\":\"f\",\"line\":7,"
		 "\"code\":\"type\",\"reason\":\"\\\\xff\"}\n"},
	};
	struct aqi_report report = {.program = "aqi"};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		report.as_json = false;
		aqi_report_error(&report, &cases[i].err);
		ok(is(cases[i].text), "error %zu is one line of text", i);
		report.as_json = true;
		aqi_report_error(&report, &cases[i].err);
		ok(is(cases[i].json), "and one of JSON");
	}
	report.as_json = false;
	fault.call = "write";
	fault.error = EINTR;
	aqi_report_error(&report, &cases[0].err);
	ok(!fault.call && is(cases[0].text),
	   "a write that a signal ends is done again");
}

/* What could drive a terminal: the first and last of each range, and those
 * beside them, which stay. */
static void
test_special(void)
{
	static const struct { const char *text, *json; } cases[] = {
		{"\x1f", "\\u001f"}, {" ", " "}, {"~", "~"},
		{"\x7f", "\\u007f"}, {"\xc2\x9f", "\\u009f"},
		{"\xc2\xa0", "\xc2\xa0"}, {"\xd8\x9b", "\xd8\x9b"},
		{"\xd8\x9c", "\\u061c"}, {"\xe2\x80\x8d", "\xe2\x80\x8d"},
		{"\xe2\x80\x8e", "\\u200e"}, {"\xe2\x80\x8f", "\\u200f"},
		{"\xe2\x80\x90", "\xe2\x80\x90"}, {"\xe2\x80\xa8", "\\u2028"},
		{"\xe2\x80\xae", "\\u202e"}, {"\xe2\x80\xaf", "\xe2\x80\xaf"},
		{"\xe2\x81\xa5", "\xe2\x81\xa5"}, {"\xe2\x81\xa6", "\\u2066"},
		{"\xe2\x81\xa9", "\\u2069"}, {"\xe2\x81\xaa", "\xe2\x81\xaa"},
		{"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
	};
	struct aqi_report report = {.program = "aqi", .as_json = true};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct aqi_error err = {.code = AQI_E_TYPE};
		char wanted[200];

		snprintf(err.reason, sizeof err.reason, "%s", cases[i].text);
		snprintf(wanted, sizeof wanted, "{\"program\":\"aqi\",\"code\":"
			 "\"type\",\"reason\":\"%s\"}\n", cases[i].json);
		aqi_report_error(&report, &err);
		ok(is(wanted), "character %zu comes as %s", i, cases[i].json);
	}
}

/* A name of more than any system opens is cut; the line still ends. */
static void
test_long(void)
{
	static char name[5000];
	struct aqi_report report = {.program = "aqi"};
	struct aqi_error err = {.file = name, .reason = "why"};
	size_t n;

	memset(name, '\t', sizeof name - 1);
	aqi_report_error(&report, &err);
	n = strlen(take());
	ok(n == strlen("aqi:") + 4 * (size_t)4096 + strlen(": why\n") &&
	   strcmp(written + n - 10, "\\x09: why\n") == 0,
	   "of a long name 4,096 bytes are shown");
}

/* So long ago that what the test itself takes does not show in the rates. */
#define SECONDS 100000

static void
test_progress(void)
{
	static const struct {
		uint64_t records, bytes, total;
		bool is_terminal;
		const char *start, *end;
	} cases[] = {
		{0, 0, 0, false, "aqi: 0 records, 0 records/s\n", "/s\n"},
		{999, 9, 0, false, "aqi: 999 records, 0 records/s\n", "/s\n"},
		{1234000, 0, 9, false, "aqi: 1.23 M records, 12 records/s\n", "/s\n"},
		{123456789, 1, 4, false,
		 "aqi: 123 M records, 1.23 k records/s, 25 %, 30000", " s left\n"},
		{2500000000, 4, 4, false,
		 "aqi: 2.5 G records, 25 k records/s, 100 %, 0 s left\n", "left\n"},
		{1000, 5, 4, true, "\raqi: 1 k records, 0 records/s, 125 %, 0 s left",
		 " left\033[K"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct aqi_counts counts = {.read = cases[i].records};
		uint64_t then = aqi_clock_ns() - (uint64_t)SECONDS * 1000000000;
		struct aqi_report report = {
			.program = "aqi", .shows_progress = true,
			.is_terminal = cases[i].is_terminal,
			.started_ns = then, .last_progress_ns = then,
		};
		const char *end = cases[i].end;
		size_t n;

		aqi_report_progress(&report, &counts, cases[i].bytes,
				    cases[i].total);
		n = strlen(take());
		ok(strncmp(written, cases[i].start, strlen(cases[i].start)) ==
			   0 && n > strlen(end) &&
		   strcmp(written + n - strlen(end), end) == 0,
		   "%llu records are told", (unsigned long long)cases[i].records);
		aqi_report_clear(&report);
		ok(is(cases[i].is_terminal ? "\r\033[K" : ""),
		   "the line is taken away from a terminal alone");
		aqi_report_clear(&report);
		ok(is(""), "and once");
	}
}

static void
test_no_progress(void)
{
	struct aqi_counts counts = {.read = 5};
	struct aqi_report report = {.program = "aqi"};

	aqi_report_progress(&report, &counts, 0, 0);
	ok(is("") && !report.started_ns, "no progress is told unasked");
	report.shows_progress = true;
	aqi_report_progress(&report, &counts, 0, 0);
	ok(is("") && report.started_ns, "nor before a second has passed");
}

int
main(void)
{
	char path[] = "/tmp/aqi-report.XXXXXX";
	int saved = dup(STDERR_FILENO);

	caught = mkstemp(path);
	if (caught < 0 || saved < 0 || dup2(caught, STDERR_FILENO) < 0)
		return 1;
	unlink(path);
	test_errors();
	test_special();
	test_long();
	test_progress();
	test_no_progress();
	dup2(saved, STDERR_FILENO);
	return done();
}
