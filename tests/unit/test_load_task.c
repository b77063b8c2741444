/* Records, templates and tasks: what a load test sends. */
#include "api/task.h"

#include <stdlib.h>

#include "air/synth.h"
#include "api/records.h"
#include "api/template.h"
#include "net/load.h"
#include "net/url.h"
#include "tap.h"

static struct aqi_records *
lines(const char *text, bool again)
{
	return aqi_records_of_lines(aqi_slice_of(text), again, NULL);
}

static void
test_values(void)
{
	static const struct {
		const char *record, *name, *value;
	} cases[] = {
		{"{\"a\":1,\"b\":2.50}", "b", "2.50"},
		{"{ \"a\" : 1 , \"b\" : \"x,}\" }", "b", "\"x,}\""},
		{"{\"a\":{\"b\":3},\"b\":[1,{\"c\":2}]}", "b", "[1,{\"c\":2}]"},
		{"{\"a\":\"\\\"b\\\":9\",\"b\":4}", "b", "4"},
		{"{\"a\":1}", "b", NULL},
		{"{}", "b", NULL}, {"", "b", NULL}, {"{\"b", "b", NULL},
		{"{\"b\"", "b", NULL}, {"{\"b\":", "b", ""},
		{"{\"b\":\"x", "b", "\"x"}, {"{\"a\":1,\"b\":", "b", ""},
		{"{\"x\\", "b", NULL}, {"[1,2]", "b", NULL},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct aqi_slice value = aqi_records_value(
			aqi_slice_of(cases[i].record),
			aqi_slice_of(cases[i].name));

		ok(cases[i].value ? value.data &&
		   aqi_slice_is(value, cases[i].value) : !value.data,
		   "the member b of %s", cases[i].record);
	}
}

static void
test_records(void)
{
	const struct aqi_synth_options options = {.seed = 3, .invalid = 0.5};
	struct aqi_records *r = lines("{1}\r\n\n  \n{2}", false);
	struct aqi_buffer out = {0};
	bool good, first;
	size_t n_good = 0, n_bad = 0;

	ok(aqi_records_next(r, &out, &good) &&
	   aqi_records_next(r, &out, &good) &&
	   !aqi_records_next(r, &out, &good) &&
	   aqi_slice_is((struct aqi_slice){out.data, out.size}, "{1}{2}"),
	   "empty lines are no records, and the last needs no end");
	aqi_records_free(r);
	r = lines("{1}\n", true);
	for (int i = 0; i < 5; i++)
		n_bad += !aqi_records_next(r, &out, &good);
	ok(n_bad == 0 && out.size == 6 + 15, "lines may begin again");
	aqi_records_free(r);
	ok(!lines(" \n\n", true), "no line is no records");
	r = aqi_records_new(&options, NULL);
	for (int i = 0; i < 1000; i++) {
		aqi_buffer_clear(&out);
		aqi_records_next(r, &out, &good);
		first = i == 0 ? good : first;
		n_good += good;
		n_bad += out.size < 1 || out.data[0] != '{' ||
			 memmem(out.data, out.size, "expect", 6) ||
			 memmem(out.data, out.size, "fault", 5);
	}
	ok(n_bad == 0 && first, "labels are cut off, the first record is good");
	ok(n_good > 700 && n_good < 800, "a quarter of a half is bad");
	aqi_records_free(r);
	aqi_buffer_free(&out);
}

static void
test_template(void)
{
	static const struct {
		const char *body, *sent;
	} cases[] = {
		{"{{record}}", "{\"a\":1}"},
		{"[{{records}}]", "[{\"a\":1},{\"a\":2}]"},
		{"{\"x\":{{a}},\"y\":{{a}},\"z\":{{no}}}",
		 "{\"x\":1,\"y\":1,\"z\":null}"},
		{"{{{a}}}", "{1}"},
		{"{{a}}{{record}}{{a}}{{record}}{{a}}",
		 "1{\"a\":1}1{\"a\":2}2"},
		{"{\"a\":{\"b\":1}}", "{\"a\":{\"b\":1}}"},
		{"{{\"a\":1}}", "{{\"a\":1}}"},
		{"{{a", "{{a"}, {"", ""},
	};
	struct aqi_template_options options = {
		.method = "POST", .target = aqi_slice_of("/x"),
		.host = aqi_slice_of("h"), .batch_size = 2,
	};
	struct aqi_buffer out = {0};
	bool good;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct aqi_records *r = lines("{\"a\":1}\n{\"a\":2}\n", false);
		struct aqi_template *t;
		char wanted[512];

		options.body = aqi_slice_of(cases[i].body);
		t = aqi_template_new(&options, NULL);
		aqi_buffer_clear(&out);
		snprintf(wanted, sizeof wanted, "POST /x HTTP/1.1\r\nhost: h\r\n"
			 "content-type: application/json\r\n"
			 "content-length: %zu\r\n\r\n%s",
			 strlen(cases[i].sent), cases[i].sent);
		ok(t && aqi_template_write(t, r, &out, &good) && good &&
		   aqi_slice_is((struct aqi_slice){out.data, out.size},
				wanted), "%s is sent as %s", cases[i].body,
		   cases[i].sent);
		aqi_template_free(t);
		aqi_records_free(r);
	}
	aqi_buffer_free(&out);
}

static void
test_mix(void)
{
	const struct aqi_task_weight weights[] = {
		{aqi_task_find(aqi_slice_of("predict")), 3},
		{aqi_task_find(aqi_slice_of("health")), 1},
	};
	static const char *const heads[] = {
		"POST /base/predict HTTP/1.1\r\nhost: h:1\r\n",
		"GET /base/health HTTP/1.1\r\nhost: h:1\r\n",
	};
	const struct aqi_synth_options synth = {.seed = 1};
	struct aqi_url url;
	struct aqi_task_options options = {
		.url = &url, .weights = weights, .n_weights = 2,
		.batch_size = 1, .seed = 7,
	};
	struct aqi_records *records = aqi_records_new(&synth, NULL);
	struct aqi_tasks *tasks;
	struct aqi_buffer bytes = {0};
	size_t n[2] = {0}, n_bad = 0;

	if (aqi_url_read(aqi_slice_of("http://h:1/base/"), &url, NULL) !=
	    AQI_OK)
		note("no URL");
	tasks = aqi_tasks_new(&options, records, NULL);
	for (int i = 0; i < 4000; i++) {
		struct aqi_load_request request = {.bytes = &bytes};

		aqi_buffer_clear(&bytes);
		n_bad += aqi_tasks_next(tasks, &request) != AQI_OK;
		n[request.task]++;
		n_bad += strncmp(bytes.data, heads[request.task],
				 strlen(heads[request.task])) != 0;
	}
	ok(n_bad == 0, "tasks lie below the path of the URL");
	/* Of 4000 draws, the deviation is 27. */
	ok(n[0] > 2860 && n[0] < 3140, "a mix is as its weights say");
	ok(strcmp(aqi_tasks_name(tasks, 1), "health") == 0 &&
	   aqi_tasks_size(tasks) == 2 && aqi_tasks_take_records(tasks) &&
	   !aqi_task_find(aqi_slice_of("heal")), "tasks have names");
	aqi_tasks_free(tasks);
	aqi_records_free(records);
	aqi_buffer_free(&bytes);
}

static void
test_gaps(void)
{
	static const char *const names[] = {"", "a\\b", "{a{b", "a{b"};
	struct aqi_template_options options = {
		.method = "POST", .target = aqi_slice_of("/x"),
		.host = aqi_slice_of("h"), .batch_size = 2,
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char body[32], quoted[AQI_QUOTED_SIZE], wanted[128];
		struct aqi_error err = {0};

		snprintf(body, sizeof body, "x{{%s}}", names[i]);
		snprintf(wanted, sizeof wanted, "a gap is {{record}}, "
			 "{{records}} or {{NAME}}, not {{%s}}",
			 aqi_error_quote(quoted, aqi_slice_of(
				names[i] + (names[i][0] == '{'))));
		options.body = aqi_slice_of(body);
		if (!ok(!aqi_template_new(&options, &err) &&
			err.code == AQI_E_USAGE &&
			strcmp(err.reason, wanted) == 0, "%s is refused",
			body))
			note("%s", err.reason);
	}
}

int
main(void)
{
	test_values();
	test_records();
	test_template();
	test_gaps();
	test_mix();
	return done();
}
