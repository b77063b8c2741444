#include "record/ndjson.h"

#include <stdint.h>
#include <stdio.h>

#include "record/ndjson_plain.h"
#include "tap.h"

static struct aqi_arena arena;

static const struct {
	const char *line, *members;	/* key, kind, text of each */
} lines[] = {
	{"{}", ""},
	{" { } ", ""},
	{"{\"a\":1}", "a N 1;"},
	{"{\"a\":1,\"b\":\"x\"}", "a N 1;b T x;"},
	{"{ \"a\" : 1 , \"b\" : \"x\" }", "a N 1;b T x;"},
	{"\t{\"a\":-1.50E+2}\t", "a N -1.50E+2;"},
	{"{\"a\":null,\"b\":true,\"c\":false}", "a M null;b B true;c B false;"},
	{"{\"a\":[1, {\"b\":\"]}\"}],\"c\":{\"d\":\"\\\"}\"}}",
	 "a X [1, {\"b\":\"]}\"}];c X {\"d\":\"\\\"}\"};"},
	{"{\"a\\u0062\\n\":\"\\u00e9\\\"\\\\\\/\"}",
	 "ab\n T \xc3\xa9\"\\/;"},
	{"{\"\":1}", " N 1;"},
	{"{\"z\":1,\"y\":2,\"x\":3,\"a\":4}", "z N 1;y N 2;x N 3;a N 4;"},
	{"{\"a\":\"\\ud83d\\ude00\"}", "a T \xf0\x9f\x98\x80;"},
	{"{\"a\":\"\"}", "a T ;"},
	{"{\"a,b\":\"c:d\"}", "a,b T c:d;"},
	{"{\"\\u007f\\u00E9\\u20ac\\uD83D\\uDE00\\b\\f\\r\\t\\/\\\\\\\"\":1}",
	 "\x7f\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\b\f\r\t/\\\" N 1;"},
	/* The last character of each size, and the first of the next. */
	{"{\"\\u007f\\u0080\\u07ff\\u0800\\uffff\\ud800\\udc00"
	 "\\udbff\\udfff\":1}",
	 "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf0\x90\x80\x80"
	 "\xf4\x8f\xbf\xbf N 1;"},
	/* A key is looked for behind those that begin like it. */
	{"{\"\\u0061b\":1,\"\\u0061\":2,\"\\u0061bc\":3}",
	 "ab N 1;a N 2;abc N 3;"},
};

static void
test_members(void)
{
	static const char kinds[] = "MTNBX";
	size_t n_bad = 0;

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct aqi_buffer text = {0};
		struct aqi_member *members;
		struct aqi_error err;
		struct aqi_slice line = aqi_slice_of(lines[i].line);
		size_t n = 0;

		if (aqi_ndjson_parse(line, &arena, &members, &n, &err) !=
		    AQI_OK)
			n_bad++;
		for (size_t k = 0; k < n; k++) {
			aqi_buffer_add_slice(&text, members[k].key);
			aqi_buffer_add_byte(&text, ' ');
			aqi_buffer_add_byte(&text, kinds[members[k].value.kind]);
			aqi_buffer_add_byte(&text, ' ');
			aqi_buffer_add_slice(&text,
				aqi_field_text(members[k].value));
			aqi_buffer_add_byte(&text, ';');
			n_bad += aqi_ndjson_find(line, members[k].key) !=
				 (size_t)(members[k].raw_value.data -
					  line.data);
		}
		if (!aqi_slice_is((struct aqi_slice){text.data, text.size},
				  lines[i].members)) {
			note("%s: %.*s", lines[i].line, (int)text.size,
			     text.data);
			n_bad++;
		}
		aqi_buffer_free(&text);
		aqi_arena_clear(&arena);
	}
	ok(n_bad == 0, "members come in order, decoded and with their bytes");
	ok(aqi_ndjson_find(aqi_slice_of("{\"a\":1}"), aqi_slice_of("b")) ==
	   (size_t)-1,
	   "a key that is not there is found nowhere");
}

static const struct {
	const char *line;
	size_t column;
	const char *reason;
} refused[] = {
	{"[1]", 1, "an array is no record; a line is one JSON object"},
	{"\"x\"", 1, "a string is no record; a line is one JSON object"},
	{"3", 1, "a number is no record; a line is one JSON object"},
	{"0.5", 1, "a number is no record; a line is one JSON object"},
	{"null", 1, "null is no record; a line is one JSON object"},
	{"true", 1, "a boolean is no record; a line is one JSON object"},
	{"{\"a\":1} {\"a\":2}", 9, "something follows the JSON value"},
	{"{\"a\":1}x", 8, "something follows the JSON value"},
	{"{\"a\":\"x", 8, "JSON ends too early"},
	{"{\"a\":1", 7, "JSON ends too early"},
	{"{\"a\":1,\"\\u0061\":2}", 15, "a key stands twice in the object"},
};

static void
test_refused(void)
{
	size_t n_bad = 0, n;
	struct aqi_member *members;
	struct aqi_error err;

	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		err = (struct aqi_error){0};
		if (aqi_ndjson_parse(aqi_slice_of(refused[i].line), &arena,
				     &members, &n, &err) != AQI_REJECT ||
		    err.column != refused[i].column ||
		    strcmp(err.reason, refused[i].reason) != 0) {
			note("%s: %zu %s", refused[i].line, err.column,
			     err.reason);
			n_bad++;
		}
	}
	ok(n_bad == 0, "what is no record is refused at its byte");
}

/* Of a text cut at each byte, only the whole is a record. */
static void
test_cut(void)
{
	static const char text[] = "{\"a\\\"b\":\"\xc3\xa9\\u00e9}\",\"n\":[-1.5e"
				   "+3,{\"x\":null}],\"t\":true}";
	struct aqi_member *members;
	struct aqi_error err;
	size_t n_read = 0, n_bad = 0, n;

	for (size_t i = 0; i < sizeof text; i++) {
		enum aqi_status status = aqi_ndjson_parse(
			(struct aqi_slice){text, i}, &arena, &members, &n,
			&err);

		n_read += status == AQI_OK;
		n_bad += status != AQI_OK && (err.column == 0 ||
					      err.column > i + 1);
	}
	ok(n_read == 1 && n_bad == 0,
	   "a line cut at each byte is refused, at a byte of it");
}

static void
test_strings(void)
{
	struct aqi_buffer out = {0};
	char all[256];
	struct aqi_member *members;
	struct aqi_error err;
	size_t n = 0, size = 0;

	for (int c = 1; c < 128; c++)
		all[size++] = (char)c;
	memcpy(all + size, "\xc3\xa9\xe2\x80\xae\xf0\x9f\x98\x80", 9);
	size += 9;
	aqi_buffer_add_text(&out, "{\"a\":");
	aqi_ndjson_add_string(&out, (struct aqi_slice){all, size});
	aqi_buffer_add_text(&out, "}");
	ok(!memchr(out.data, '\n', out.size) &&
	   aqi_ndjson_parse((struct aqi_slice){out.data, out.size}, &arena,
			    &members, &n, &err) == AQI_OK && n == 1 &&
	   aqi_slice_equal(aqi_field_text(members[0].value),
			   (struct aqi_slice){all, size}),
	   "every character is written so that it reads back, on one line");
	aqi_buffer_free(&out);
}

/* What the fast lane is for, and what it must leave to the other. */
static void
test_fast_lane(void)
{
	static const char *const taken[] = {
		"{\"a\":1}", " { \"a\" : -0.5 , \"b\" : \"x y\" }\t\r",
		"{\"b\":true,\"a\":false,\"c\":null,\"\":\"\"}",
		"{\"\xc3\xa9\":\"\xc3\xa9\",\"z\":123456789012345678901234}",
	};
	static const char *const left[] = {
		"{}", "{\"a\":1e5}", "{\"a\":\"\\n\"}", "{\"a\":[1]}",
		"{\"a\":{}}", "{\"a\":1,\"a\":2}", "{\"b\":1,\"b\":2}",
		"{\"a\":01}", "{\"a\":1.}", "{\"a\":.5}", "{\"a\":-}",
		"{\"a\":+1}", "{\"a\":tru}", "{\"a\":nulls}", "{\"a\"}",
		"{\"a\":1", "{\"a\":1}x", "{\"a\":1,}", "{,}", "{a:1}",
		"[1]", "", "{\"a\":\"\n\"}", "{\"a\":\"", "{\"a",
		"{\"a\":1 \"b\":2}", "{\"a\":}", "{\"a\":1}{", "\"a\"",
	};
	const struct aqi_slice names[] = {{"a", 1}, {"b", 1}};
	struct aqi_member *members, *plain;
	struct aqi_error err;
	size_t n, m, n_bad = 0;

	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
		struct aqi_slice line = aqi_slice_of(taken[i]);

		n_bad += aqi_ndjson_parse(line, &arena, &members, &n, &err) ||
			 !aqi_ndjson_take(line, names, 2, &arena, &plain, &m) ||
			 m != n;
		for (size_t k = 0; n_bad == 0 && k < n; k++)
			n_bad += !aqi_slice_equal(plain[k].key,
						  members[k].key) ||
				 !aqi_slice_equal(plain[k].raw_value,
						  members[k].raw_value) ||
				 plain[k].value.kind != members[k].value.kind;
	}
	ok(n_bad == 0, "the fast lane takes flat objects as jansson does");
	for (size_t i = 0; i < sizeof left / sizeof *left; i++)
		if (aqi_ndjson_take(aqi_slice_of(left[i]), names, 2, &arena,
				    &plain, &m)) {
			note("%s is taken", left[i]);
			n_bad++;
		}
	ok(n_bad == 0, "and leaves all else to it");
	aqi_arena_clear(&arena);
}

/* Keys that were not expected, as many as the fast lane takes, and one more. */
static void
test_keys(void)
{
	struct aqi_slice names[AQI_NDJSON_PLAIN_KEYS];
	static char text[AQI_NDJSON_PLAIN_KEYS][8];
	struct aqi_buffer line = {0};
	struct aqi_member *members;
	bool is_taken[2];
	size_t n;

	for (size_t i = 0; i < AQI_NDJSON_PLAIN_KEYS; i++) {
		snprintf(text[i], sizeof text[i], "k%zu", i);
		names[i] = aqi_slice_of(text[i]);
		aqi_buffer_add_format(&line, "%c\"k%zu\":1", i ? ',' : '{', i);
	}
	aqi_buffer_add_text(&line, "}");
	is_taken[0] = aqi_ndjson_take(aqi_buffer_slice(&line), names,
				      AQI_NDJSON_PLAIN_KEYS, &arena, &members,
				      &n) && n == AQI_NDJSON_PLAIN_KEYS;
	line.size--;
	aqi_buffer_add_text(&line, ",\"more\":1}");
	is_taken[1] = aqi_ndjson_take(aqi_buffer_slice(&line), names,
				      AQI_NDJSON_PLAIN_KEYS, &arena, &members,
				      &n);
	ok(is_taken[0] && !is_taken[1],
	   "the fast lane takes AQI_NDJSON_PLAIN_KEYS keys");
	aqi_buffer_free(&line);
	aqi_arena_clear(&arena);
}

static void
test_is_number(void)
{
	static const char *const yes[] = {"0", "-0", "1", "10", "0.5", "-1.25",
		"1e5", "1E+5", "1e-05", "0e0", "123456789012345678901234567890"};
	static const char *const no[] = {"", "-", "00", "007", "01.5", "+1",
		".5", "5.", "1e", "1e+", "1,5", " 1", "1 ", "0x1", "NaN", "inf",
		"1_0", "--1", "1.2.3", "-01"};
	size_t n_bad = 0;

	for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
		n_bad += !aqi_ndjson_is_number(aqi_slice_of(yes[i]));
	for (size_t i = 0; i < sizeof no / sizeof *no; i++)
		n_bad += aqi_ndjson_is_number(aqi_slice_of(no[i]));
	ok(n_bad == 0, "numbers are told by JSON's own grammar");
}

int
main(void)
{
	test_members();
	test_refused();
	test_cut();
	test_strings();
	test_is_number();
	test_fast_lane();
	test_keys();
	aqi_arena_free(&arena);
	return done();
}
