#include "record/json.h"

#include <jansson.h>
#include <math.h>

#include "comma.h"
#include "tap.h"

/* A text that is refused, with the byte (from 1) and the reason. */
static const struct {
	const char *text;
	size_t size;	/* 0: to its NUL */
	size_t column;
	enum aqi_code code;
	const char *reason;
} refused[] = {
	{"", 0, 1, AQI_E_SYNTAX, "JSON ends too early"},
	{" ", 0, 2, AQI_E_SYNTAX, "JSON ends too early"},
	{"{", 0, 2, AQI_E_SYNTAX, "JSON ends too early"},
	{"[1", 0, 3, AQI_E_SYNTAX, "JSON ends too early"},
	{"{\"a\":1,}", 0, 8, AQI_E_SYNTAX,
	 "not JSON: string or '}' expected"},
	{"[1,]", 0, 4, AQI_E_SYNTAX, "not JSON: unexpected token"},
	{"1 2", 0, 3, AQI_E_SYNTAX, "something follows the JSON value"},
	{"{\"a\":1,\"a\":2}", 0, 10, AQI_E_SYNTAX,
	 "a key stands twice in the object"},
	{"1e400", 0, 5, AQI_E_SYNTAX, "a number is too large"},
	{"\"\\u0000\"", 0, 8, AQI_E_SYNTAX, "\\u0000 is not allowed in a string"},
	{"{\"\\u0000\":1}", 0, 9, AQI_E_SYNTAX,
	 "\\u0000 is not allowed in a string"},
	{"1\0", 2, 2, AQI_E_ENCODING, "a NUL byte"},
	{"\"\xff\"", 0, 2, AQI_E_ENCODING, "invalid UTF-8"},
	{"\"\xed\xa0\x80\"", 0, 2, AQI_E_ENCODING, "invalid UTF-8"},
	{"\"\\ud800\"", 0, 0, AQI_E_SYNTAX, "not JSON: invalid Unicode '\\uD800'"},
	{"\xef\xbb\xbf""1", 0, 1, AQI_E_SYNTAX, "not JSON: invalid token"},
	{"NaN", 0, 0, AQI_E_SYNTAX, "not JSON: invalid token"},
	{"+1", 0, 0, AQI_E_SYNTAX, "not JSON: invalid token"},
	{"01", 0, 0, AQI_E_SYNTAX, NULL},
	{"'a'", 0, 0, AQI_E_SYNTAX, "not JSON: invalid token"},
	{"\"a\nb\"", 0, 0, AQI_E_SYNTAX, "not JSON: unexpected newline"},
	{"nul", 0, 0, AQI_E_SYNTAX, NULL},
	{"/* */1", 0, 0, AQI_E_SYNTAX, "not JSON: invalid token"},
};

static void
test_refused(void)
{
	size_t n_bad = 0;

	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		struct aqi_error err = {0};
		struct aqi_slice text = aqi_slice_of(refused[i].text);
		json_t *value;

		if (refused[i].size)
			text.size = refused[i].size;
		value = aqi_json_read(text, &err);
		if (!value && err.code == refused[i].code &&
		    (!refused[i].column || (err.column == refused[i].column &&
					    err.line == 1)) &&
		    (!refused[i].reason ||
		     strcmp(err.reason, refused[i].reason) == 0))
			continue;
		note("%s: %llu:%zu %s", refused[i].text,
		     (unsigned long long)err.line, err.column, err.reason);
		json_decref(value);
		n_bad++;
	}
	ok(n_bad == 0, "what is not JSON is refused at its byte");
}

static json_t *
nested(int depth, char open, char close)
{
	char text[2000];
	size_t n = 0;

	for (int i = 0; i < depth; i++) {
		text[n++] = open;
		if (open == '{' && i + 1 < depth) {
			memcpy(text + n, "\"a\":", 4);
			n += 4;
		}
	}
	for (int i = 0; i < depth; i++)
		text[n++] = close;
	return aqi_json_read((struct aqi_slice){text, n}, NULL);
}

static void
test_depth(void)
{
	struct aqi_error err;
	char text[200];
	json_t *value;

	for (int depth = 63; depth <= 65; depth++) {
		value = nested(depth, '[', ']');
		ok(!value == (depth > AQI_JSON_DEPTH), "%d arrays are %s",
		   depth, depth > AQI_JSON_DEPTH ? "too deep" : "read");
		json_decref(value);
		value = nested(depth, '{', '}');
		ok(!value == (depth > AQI_JSON_DEPTH), "%d objects are %s",
		   depth, depth > AQI_JSON_DEPTH ? "too deep" : "read");
		json_decref(value);
	}
	memset(text, '[', sizeof text);
	value = aqi_json_read((struct aqi_slice){text, sizeof text}, &err);
	ok(!value && err.column == 65 &&
	   strcmp(err.reason, "JSON nested more than 64 deep") == 0,
	   "the bracket that is too deep is named");
	memset(text, '"', 1);
	text[199] = '"';
	value = aqi_json_read((struct aqi_slice){text, sizeof text}, &err);
	ok(json_is_string(value), "brackets in a string have no depth");
	json_decref(value);
}

/* Each integer is the double nearest to it. */
static void
test_numbers(const char *where)
{
	static const struct { const char *text; double x; } numbers[] = {
		{"0", 0}, {"-0", -0.0}, {"1.5", 1.5}, {"1E400", 0},
		{"9007199254740993", 9007199254740992.0},
		{"18446744073709551617", 18446744073709551616.0},
		{"123456789012345678901234567890", 123456789012345678901234567890.},
		{"-1.25e-2", -0.0125}, {"1e-400", 0},
	};
	size_t n_bad = 0;

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		json_t *value = aqi_json_read(aqi_slice_of(numbers[i].text),
					      NULL);
		double x = json_number_value(value);

		if (strcmp(numbers[i].text, "1E400") == 0)
			n_bad += value != NULL;
		else if (!json_is_number(value) ||
			 memcmp(&x, &numbers[i].x, sizeof x) != 0) {
			note("%s is %a", numbers[i].text, x);
			n_bad++;
		}
		json_decref(value);
	}
	ok(n_bad == 0, "numbers are the doubles nearest to them%s", where);
}

static void
test_no_numbers(void)
{
	static const char *const texts[] = {
		"\"1\"", "true", "null", "[1]", "{\"a\":1}"
	};
	json_t *integer = json_integer(-7);

	ok(aqi_json_number(integer) == -7, "an integer is a number");
	json_decref(integer);
	ok(isnan(aqi_json_number(NULL)), "no value is no number");
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		json_t *value = aqi_json_read(aqi_slice_of(texts[i]), NULL);

		ok(value && isnan(aqi_json_number(value)), "%s is no number",
		   texts[i]);
		json_decref(value);
	}
}

int
main(void)
{
	struct aqi_error err;

	test_refused();
	test_depth();
	test_numbers("");
	test_no_numbers();
	ok(!aqi_json_read(aqi_slice_of("[1,\n2,\n x]"), &err) &&
	   err.line == 3 && err.column == 2,
	   "the line of an error is counted too");
	if (enter_comma()) {
		test_numbers(" under a decimal comma");
		leave_comma();
	} else {
		skip("numbers are the same under a decimal comma",
		     "no locale de_DE.UTF-8, nor localedef to make it");
	}
	return done();
}
