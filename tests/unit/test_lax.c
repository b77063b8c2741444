#include "api/lax.h"

#include <math.h>
#include <stdlib.h>

#include "air/schema.h"
#include "api/coerce.h"
#include "api/scan.h"
#include "api/unicode.h"
#include "base/buffer.h"
#include "base/random.h"
#include "tap.h"

static struct aqi_schema *schema;

/* Why a text is no JSON, as Python 3.13's json module says it. */
static const struct {
	const char *text, *reason;
	size_t at;
} faults[] = {
	{"", "Expecting value", 0},
	{"  \n\t\r", "Expecting value", 5},
	{"{bad", "Expecting property name enclosed in double quotes", 1},
	{"{", "Expecting property name enclosed in double quotes", 1},
	{"{1:2}", "Expecting property name enclosed in double quotes", 1},
	{"{'a':1}", "Expecting property name enclosed in double quotes", 1},
	{"{\"a\":1,", "Expecting property name enclosed in double quotes", 7},
	{"{\"pm25\":35.5", "Expecting ',' delimiter", 12},
	{"{\"pm25\":.5}", "Expecting value", 8},
	{"{\"pm25\":01}", "Expecting ',' delimiter", 9},
	{"{\"pm25\":+1}", "Expecting value", 8},
	{"{\"pm25\":-}", "Expecting value", 8},
	{"{\"pm25\":1.}", "Expecting ',' delimiter", 9},
	{"{\"pm25\":1e}", "Expecting ',' delimiter", 9},
	{"{\"pm25\":1e+}", "Expecting ',' delimiter", 9},
	{"{\"pm25\":}", "Expecting value", 8},
	{"{\"pm25\"}", "Expecting ':' delimiter", 7},
	{"{\"pm25\" 1}", "Expecting ':' delimiter", 8},
	{"{\"a\":1 \"b\":2}", "Expecting ',' delimiter", 7},
	{"{\"a\":1 , }", "Illegal trailing comma before end of object", 7},
	{"[1,]", "Illegal trailing comma before end of array", 2},
	{"[,1]", "Expecting value", 1},
	{"[", "Expecting value", 1},
	{"[1", "Expecting ',' delimiter", 2},
	{"[1}", "Expecting ',' delimiter", 2},
	{"]", "Expecting value", 0},
	{"{}x", "Extra data", 2},
	{"{} {}", "Extra data", 3},
	{"1 2", "Extra data", 2},
	{"nul", "Expecting value", 0},
	{"nulll", "Extra data", 4},
	{"Nan", "Expecting value", 0},
	{"-Infinit", "Expecting value", 0},
	{"[\"a", "Unterminated string starting at", 1},
	{"\"a\\", "Unterminated string starting at", 0},
	{"\"a\nb\"", "Invalid control character at", 2},
	{"\"\x1f\"", "Invalid control character at", 1},
	{"\"\\x\"", "Invalid \\escape", 1},
	{"\"a\\u12\"", "Invalid \\uXXXX escape", 3},
	{"\"\\u12g4\"", "Invalid \\uXXXX escape", 2},
	{"\"\\u1234", "Invalid \\uXXXX escape", 2},
	{"\"\\ud800\\u12\"", "Invalid \\uXXXX escape", 8},
	{"// {}", "Expecting value", 0},
};

static void
test_faults(void)
{
	struct aqi_scan_fault fault;
	size_t n = sizeof faults / sizeof *faults;

	for (size_t i = 0; i < n; i++) {
		struct aqi_slice text = aqi_slice_of(faults[i].text);
		enum aqi_status status = aqi_scan_check(text, &fault);
		bool right = status == AQI_REJECT && fault.reason &&
			     strcmp(fault.reason, faults[i].reason) == 0 &&
			     fault.at == faults[i].at;

		if (!ok(right, "Python's fault in case %zu: %s", i,
			faults[i].reason) && status == AQI_REJECT)
			note("%s at %zu", fault.reason, fault.at);
	}
}

static bool
is_right(const char *text)
{
	struct aqi_scan_fault fault;

	return aqi_scan_check(aqi_slice_of(text), &fault) == AQI_OK;
}

static void
test_more_than_json(void)
{
	static const char *const texts[] = {
		"NaN", "-Infinity", " [Infinity, 1e999, -0] ",
		"{\"a\":1,\"a\":2}", "\"\\ud800\"", "\"\\udc00\\ud800x\"",
		"\"\x7f\"", "[[[]], {}, \"\", \"\\/\"]", "-1.5E+3",
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		ok(is_right(texts[i]), "Python reads %s", texts[i]);
}

/* n times a byte. */
static char *
repeat(char byte, size_t n)
{
	char *text = malloc(n + 1);

	memset(text, byte, n);
	text[n] = '\0';
	return text;
}

/* Two strings, and whether they are the same without their escapes. */
static void
test_escapes(void)
{
	static const struct {
		const char *a, *b;
		bool same;
	} pairs[] = {
		{"\"\\u00E9\"", "\"\\u00e9\"", true},
		{"\"\\uABCD\\uEF01\"", "\"\\uabcd\\uef01\"", true},
		{"\"\\uD83D\\ude00\"", "\"\xf0\x9f\x98\x80\"", true},
		{"\"\\ud83d\\u0041\"", "\"\xed\xa0\xbd" "A\"", true},
		{"\"\\ud83d\\n\"", "\"\xed\xa0\xbd\\u000A\"", true},
		{"\"\\u0041\"", "\"\\u0042\"", false},
	};

	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
		ok(is_right(pairs[i].a) && is_right(pairs[i].b) &&
		   aqi_scan_equal(aqi_slice_of(pairs[i].a),
				  aqi_slice_of(pairs[i].b)) == pairs[i].same,
		   "%s is %s%s", pairs[i].a, pairs[i].same ? "" : "not ",
		   pairs[i].b);
}

static void
test_limits(struct aqi_lax *lax)
{
	struct aqi_lax_result read;
	struct aqi_scan_fault fault = {"", 0};
	char *digits = repeat('7', 4301), *deep = repeat('[', 20002);
	struct aqi_slice text = {digits, 4300};

	ok(aqi_scan_check(text, &fault) == AQI_OK,
	   "4,300 digits are a whole number");
	text.size = 4301;
	ok(aqi_scan_check(text, &fault) == AQI_REJECT && !fault.reason,
	   "4,301 are too many");
	digits[1] = '.';
	ok(aqi_scan_check(text, &fault) == AQI_OK,
	   "but not behind a point");

	memset(deep + 10000, ']', 10002);
	text = (struct aqi_slice){deep, 20000};
	ok(aqi_scan_check(text, &fault) == AQI_OK, "10,000 arrays deep");
	ok(aqi_lax_read(lax, text, true, AQI_LAX_RECORD, &read) ==
	   AQI_REJECT && read.n_errors == 1,
	   "they are read, and are no record");
	memset(deep, '[', 10001);
	text.size = 20002;
	ok(aqi_scan_check(text, &fault) == AQI_REJECT && !fault.reason,
	   "10,001 are too deep");
	ok(aqi_lax_read(lax, text, true, AQI_LAX_RECORD, &read) ==
	   AQI_REJECT && read.n_errors == 0, "and no text of JSON");
	free(digits);
	free(deep);
}

/* What a value is in a float field of 0 to 500, and in an integer field of 0
 * to 23, in pydantic 2 and in pydantic 1: the number, or what is wrong. */
#define MISSING AQI_DETAIL_MISSING
#define BELOW AQI_DETAIL_BELOW
#define ABOVE AQI_DETAIL_ABOVE
#define F_PARSING AQI_DETAIL_FLOAT_PARSING
#define F_TYPE AQI_DETAIL_FLOAT_TYPE
#define I_PARSING AQI_DETAIL_INT_PARSING
#define I_FRACTION AQI_DETAIL_INT_FROM_FLOAT
#define I_SIZE AQI_DETAIL_INT_SIZE
#define I_TYPE AQI_DETAIL_INT_TYPE
#define FINITE AQI_DETAIL_FINITE
#define IS(x) {AQI_DETAIL_NONE, (x)}
#define NOT(code) {(code), 0}

struct outcome {
	enum aqi_detail_code code;
	double x;
};

static const struct {
	const char *text;
	struct outcome as_float, as_int, as_float1, as_int1;
} values[] = {
	{"14", IS(14), IS(14), IS(14), IS(14)},
	{"-0", IS(0), IS(0), IS(0), IS(0)},
	{"14.0", IS(14), IS(14), IS(14), IS(14)},
	{"1.4e1", IS(14), IS(14), IS(14), IS(14)},
	{"14.0000000000000001", IS(14), IS(14), IS(14), IS(14)},
	{"14.5", IS(14.5), NOT(I_FRACTION), IS(14.5), IS(14)},
	{"0.1e-5", IS(1e-6), NOT(I_FRACTION), IS(1e-6), IS(0)},
	{"-1", NOT(BELOW), NOT(BELOW), NOT(BELOW), NOT(BELOW)},
	{"-0.5", NOT(BELOW), NOT(I_FRACTION), NOT(BELOW), IS(0)},
	{"501", NOT(ABOVE), NOT(ABOVE), NOT(ABOVE), NOT(ABOVE)},
	{"500.0000000000001", NOT(ABOVE), NOT(I_FRACTION), NOT(ABOVE),
	 NOT(ABOVE)},
	{"1e19", NOT(ABOVE), NOT(I_SIZE), NOT(ABOVE), NOT(ABOVE)},
	{"-1e19", NOT(BELOW), NOT(I_SIZE), NOT(BELOW), NOT(BELOW)},
	{"9e18", NOT(ABOVE), NOT(ABOVE), NOT(ABOVE), NOT(ABOVE)},
	{"10000000000000000000000", NOT(ABOVE), NOT(ABOVE), NOT(ABOVE),
	 NOT(ABOVE)},
	{"true", IS(1), IS(1), IS(1), IS(1)},
	{"false", IS(0), IS(0), IS(0), IS(0)},
	{"null", NOT(F_TYPE), NOT(I_TYPE), NOT(F_TYPE), NOT(I_TYPE)},
	{"[]", NOT(F_TYPE), NOT(I_TYPE), NOT(F_TYPE), NOT(I_TYPE)},
	{"{\"a\":1}", NOT(F_TYPE), NOT(I_TYPE), NOT(F_TYPE), NOT(I_TYPE)},
	{"NaN", NOT(ABOVE), NOT(FINITE), NOT(BELOW), NOT(FINITE)},
	{"Infinity", NOT(ABOVE), NOT(FINITE), NOT(ABOVE), NOT(FINITE)},
	{"-Infinity", NOT(BELOW), NOT(FINITE), NOT(BELOW), NOT(FINITE)},
	{"1e400", NOT(ABOVE), NOT(FINITE), NOT(ABOVE), NOT(FINITE)},
	{"-1e400", NOT(BELOW), NOT(FINITE), NOT(BELOW), NOT(FINITE)},
	{"\"14\"", IS(14), IS(14), IS(14), IS(14)},
	{"\" 14\\n\"", IS(14), IS(14), IS(14), IS(14)},
	{"\"\\u00a014\\u2003\"", IS(14), IS(14), IS(14), IS(14)},
	{"\"\\u001f14\"", NOT(F_PARSING), NOT(I_PARSING), NOT(F_PARSING),
	 NOT(I_PARSING)},
	{"\"+14\"", IS(14), IS(14), IS(14), IS(14)},
	{"\"-0\"", IS(0), IS(0), IS(0), IS(0)},
	{"\"0014\"", IS(14), IS(14), IS(14), IS(14)},
	{"\"1_4\"", IS(14), IS(14), IS(14), IS(14)},
	{"\"1__4\"", NOT(F_PARSING), NOT(I_PARSING), NOT(F_PARSING),
	 NOT(I_PARSING)},
	{"\"_14\"", NOT(F_PARSING), NOT(I_PARSING), NOT(F_PARSING),
	 NOT(I_PARSING)},
	{"\"14_\"", NOT(F_PARSING), NOT(I_PARSING), NOT(F_PARSING),
	 NOT(I_PARSING)},
	{"\"0__0\"", NOT(F_PARSING), IS(0), NOT(F_PARSING), NOT(I_PARSING)},
	{"\"1_4.0\"", IS(14), IS(14), IS(14), NOT(I_PARSING)},
	{"\"1_4 \"", NOT(F_PARSING), IS(14), IS(14), IS(14)},
	{"\"14.0\"", IS(14), IS(14), IS(14), NOT(I_PARSING)},
	{"\"14.000\"", IS(14), IS(14), IS(14), NOT(I_PARSING)},
	{"\"14.\"", IS(14), NOT(I_PARSING), IS(14), NOT(I_PARSING)},
	{"\".5\"", IS(0.5), NOT(I_PARSING), IS(0.5), NOT(I_PARSING)},
	{"\"1e1\"", IS(10), NOT(I_PARSING), IS(10), NOT(I_PARSING)},
	{"\"14.5\"", IS(14.5), NOT(I_PARSING), IS(14.5), NOT(I_PARSING)},
	{"\"0x10\"", NOT(F_PARSING), NOT(I_PARSING), NOT(F_PARSING),
	 NOT(I_PARSING)},
	{"\"1 4\"", NOT(F_PARSING), NOT(I_PARSING), NOT(F_PARSING),
	 NOT(I_PARSING)},
	{"\"--1\"", NOT(F_PARSING), NOT(I_PARSING), NOT(F_PARSING),
	 NOT(I_PARSING)},
	{"\"+-1\"", NOT(F_PARSING), NOT(I_PARSING), NOT(F_PARSING),
	 NOT(I_PARSING)},
	{"\"\"", NOT(F_PARSING), NOT(I_PARSING), NOT(F_PARSING),
	 NOT(I_PARSING)},
	{"\"abc\"", NOT(F_PARSING), NOT(I_PARSING), NOT(F_PARSING),
	 NOT(I_PARSING)},
	{"\"\\u0661\"", NOT(F_PARSING), NOT(I_PARSING), NOT(F_PARSING),
	 NOT(I_PARSING)},
	{"\"\\ud800\"", NOT(F_PARSING), NOT(I_PARSING), NOT(F_PARSING),
	 NOT(I_PARSING)},
	{"\"14\\u0000\"", NOT(F_PARSING), NOT(I_PARSING), NOT(F_PARSING),
	 NOT(I_PARSING)},
	{"\"NaN\"", NOT(ABOVE), NOT(I_PARSING), NOT(BELOW), NOT(I_PARSING)},
	{"\"inf\"", NOT(ABOVE), NOT(I_PARSING), NOT(ABOVE), NOT(I_PARSING)},
	{"\"-Infinity\"", NOT(BELOW), NOT(I_PARSING), NOT(BELOW),
	 NOT(I_PARSING)},
	{"\"1e400\"", NOT(ABOVE), NOT(I_PARSING), NOT(ABOVE), NOT(I_PARSING)},
	{"\"-5\"", NOT(BELOW), NOT(BELOW), NOT(BELOW), NOT(BELOW)},
};

static bool
comes_to(const char *text, size_t field, enum aqi_dialect dialect,
	 struct outcome wanted)
{
	double x = 77;
	enum aqi_detail_code code = aqi_coerce(aqi_slice_of(text),
					       &schema->fields[field], dialect,
					       &x);

	return code == wanted.code &&
	       x == (code == AQI_DETAIL_NONE ? wanted.x : 77);
}

static void
test_values(void)
{
	const size_t pm25 = 0, hour = 10;

	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		const char *text = values[i].text;

		ok(comes_to(text, pm25, AQI_DIALECT_PYDANTIC2,
			    values[i].as_float) &&
		   comes_to(text, hour, AQI_DIALECT_PYDANTIC2,
			    values[i].as_int),
		   "pydantic 2 makes of %s what it should", text);
		ok(comes_to(text, pm25, AQI_DIALECT_PYDANTIC1,
			    values[i].as_float1) &&
		   comes_to(text, hour, AQI_DIALECT_PYDANTIC1,
			    values[i].as_int1),
		   "and pydantic 1 of %s", text);
	}
}

static void
test_long_strings(void)
{
	char *digits = repeat('9', 4303);
	char *huge = repeat('9', 402);

	digits[0] = digits[4301] = '"';
	digits[4302] = '\0';
	ok(comes_to(digits, 10, AQI_DIALECT_PYDANTIC2,
		    (struct outcome)NOT(ABOVE)),
	   "4,300 digits in a string are too large a number");
	digits[4301] = '9';
	digits[4302] = '"';
	ok(comes_to(digits, 10, AQI_DIALECT_PYDANTIC2,
		    (struct outcome)NOT(I_SIZE)), "4,301 are too many");
	ok(comes_to(huge, 0, AQI_DIALECT_PYDANTIC2,
		    (struct outcome)NOT(F_TYPE)),
	   "a whole number beyond any double is no float");
	free(digits);
	free(huge);
}

static const char record[] =
	"{\"pm25\":35.5,\"pm10\":50.2,\"no2\":25.3,\"so2\":8.1,\"co\":0.6,"
	"\"o3\":45.7,\"temperature\":-22.5,\"humidity\":65.0,"
	"\"wind_speed\":3.2,\"pressure\":1013.25,\"hour\":14,"
	"\"day_of_week\":2,\"month\":6}";

static const double numbers[] = {
	35.5, 50.2, 25.3, 8.1, 0.6, 45.7, -22.5, 65, 3.2, 1013.25,
	14, 2, 6
};

static bool
is_record(const struct aqi_lax_result *read, size_t row)
{
	return row < read->n_rows &&
	       memcmp(read->x + row * 13, numbers, sizeof numbers) == 0;
}

static enum aqi_status
read_body(struct aqi_lax *lax, const char *text, enum aqi_lax_shape shape,
	  struct aqi_lax_result *read)
{
	return aqi_lax_read(lax, aqi_slice_of(text), true, shape, read);
}

static void
test_plain(struct aqi_lax *lax)
{
	struct aqi_lax_result read;
	struct aqi_buffer text = {0};

	ok(read_body(lax, record, AQI_LAX_RECORD, &read) == AQI_OK &&
	   read.n_rows == 1 && is_record(&read, 0), "a record is read");
	aqi_buffer_add_text(&text, " \n{ \"instances\" : [");
	for (int i = 0; i < 100; i++) {
		aqi_buffer_add_text(&text, i ? " , " : "");
		aqi_buffer_add_text(&text, record);
	}
	aqi_buffer_add_text(&text, "] } ");
	ok(aqi_lax_read(lax, (struct aqi_slice){text.data, text.size}, true,
			AQI_LAX_BATCH, &read) == AQI_OK &&
	   read.n_rows == 100 && is_record(&read, 0) && is_record(&read, 99),
	   "so is a batch of them");
	ok(read_body(lax, "{\"instances\":[]}", AQI_LAX_BATCH, &read) ==
	   AQI_OK && read.n_rows == 0, "a batch may be empty");
	aqi_buffer_free(&text);
}

/* The record with a text put before its first member. */
static const char *
with(const char *members)
{
	static char text[1000];

	snprintf(text, sizeof text, "{%s%s", members, record + 1);
	return text;
}

static void
test_members(struct aqi_lax *lax)
{
	struct aqi_lax_result read;
	char text[1000];

	ok(read_body(lax, with("\"pm25\":null,\"hour\":[],"), AQI_LAX_RECORD,
		     &read) == AQI_OK && is_record(&read, 0),
	   "of members of one name the last counts");
	ok(read_body(lax, with("\"x\":NaN,\"\":[{\"pm25\":7}],"),
		     AQI_LAX_RECORD, &read) == AQI_OK && is_record(&read, 0),
	   "members that nobody knows are ignored");
	snprintf(text, sizeof text, "{\"pm\\u00325\":\"35.5\"%s", record + 12);
	ok(read_body(lax, text, AQI_LAX_RECORD, &read) == AQI_OK &&
	   is_record(&read, 0), "a name may be escaped");
	snprintf(text, sizeof text,
		 "{\"instances\":1,\"x\":2,\"instances\":[%s]}", record);
	ok(read_body(lax, text, AQI_LAX_BATCH, &read) == AQI_OK &&
	   read.n_rows == 1 && is_record(&read, 0),
	   "the last of instances counts, too");
}

/* A text in UTF-16 or UTF-32. */
static struct aqi_slice
encode(const char *text, size_t unit, bool is_big, bool is_marked)
{
	static char out[4000];
	size_t n = 0;

	memset(out, 0, sizeof out);
	if (is_marked) {
		out[is_big ? unit - 2 : 1] = (char)0xfe;
		out[is_big ? unit - 1 : 0] = (char)0xff;
		n = unit;
	}
	for (; *text; text++, n += unit)
		out[is_big ? n + unit - 1 : n] = *text;
	return (struct aqi_slice){out, n};
}

static void
test_encodings(struct aqi_lax *lax)
{
	struct aqi_lax_result read;
	char text[1000];

	for (int i = 0; i < 8; i++) {
		size_t unit = i & 1 ? 4 : 2;

		ok(aqi_lax_read(lax, encode(record, unit, i & 2, i & 4), true,
				AQI_LAX_RECORD, &read) == AQI_OK &&
		   is_record(&read, 0), "UTF-%zu, %s first%s", unit * 8,
		   i & 2 ? "high" : "low", i & 4 ? ", with its mark" : "");
	}
	snprintf(text, sizeof text, "\xef\xbb\xbf%s", record);
	ok(read_body(lax, text, AQI_LAX_RECORD, &read) == AQI_OK &&
	   is_record(&read, 0), "UTF-8 with its mark");
	ok(read_body(lax, "{\"\xff\":1}", AQI_LAX_RECORD, &read) ==
	   AQI_REJECT && read.n_errors == 0, "invalid UTF-8 is no text");
	ok(aqi_lax_read(lax, (struct aqi_slice){"\xff\xfe{\0}", 5}, true,
			AQI_LAX_RECORD, &read) == AQI_REJECT &&
	   read.n_errors == 0, "half a unit is none");
	ok(aqi_lax_read(lax, (struct aqi_slice){"\0\0\xfe\xff\0\x11\0\0", 8},
			true, AQI_LAX_RECORD, &read) == AQI_REJECT &&
	   read.n_errors == 0,
	   "nor is a number beyond all characters");
	ok(read_body(lax, "{\"\xc3(\":1}", AQI_LAX_RECORD, &read) ==
	   AQI_REJECT && read.n_errors == 0,
	   "nor is a character that is not finished");
	for (int i = 0; i < 2; i++)
		ok(aqi_lax_read(lax, (struct aqi_slice){
			i ? "1\0" : "\0" "1", 2}, true, AQI_LAX_RECORD,
			&read) == AQI_REJECT && read.n_errors == 1 &&
		   aqi_slice_is(read.details[0].input, "1"),
		   "a single digit of UTF-16, %s first, is a number",
		   i ? "low" : "high");
	ok(aqi_lax_read(lax, (struct aqi_slice){
		"\xff\xfe\"\0\x3d\xd8\0\xde\"\0", 10}, true, AQI_LAX_RECORD,
		&read) == AQI_REJECT && read.n_errors == 1 &&
	   aqi_slice_is(read.details[0].input, "\"\xf0\x9f\x98\x80\""),
	   "two halves of UTF-16 are one character");
	ok(aqi_lax_read(lax, (struct aqi_slice){
		"\xff\xfe\"\0\x3d\xd8\"\0", 8}, true, AQI_LAX_RECORD, &read) ==
	   AQI_REJECT && read.n_errors == 1 &&
	   aqi_slice_is(read.details[0].input, "\"\xed\xa0\xbd\""),
	   "one half alone stays one");
}

static void
test_bounds_of_errors(struct aqi_lax *lax)
{
	struct aqi_buffer text = {0};
	struct aqi_lax_result read;

	aqi_buffer_add_text(&text, "{\"instances\":[{}");
	for (int i = 1; i < 1000; i++)
		aqi_buffer_add_text(&text, ",{}");
	aqi_buffer_add_text(&text, "]}");
	ok(aqi_lax_read(lax, (struct aqi_slice){text.data, text.size}, true,
			AQI_LAX_BATCH, &read) == AQI_REJECT &&
	   read.n_errors == 13000 &&
	   read.n_details == AQI_LAX_MOST_DETAILS && read.n_rows == 0,
	   "13,000 errors are counted, and the first 1,000 told");
	ok(read.details[999].row == 76 &&
	   aqi_slice_is(read.details[999].field->name, "month") == false &&
	   aqi_slice_is(read.details[999].field->name, "day_of_week"),
	   "in the order of the records and the fields");
	aqi_buffer_free(&text);
}

static const char *const words[] = {
	"{", "}", "[", "]", ",", ":", "\"instances\"", "\"pm25\"", "\"hour\"",
	"\"pm2\\u0035\"", "1", "0", "-0", "1.5", "1e1", "1e5", "-1", "900",
	"true", "null", "NaN", "\"7\"", " ", "\n", "0.1000000000000000055",
	"123456789012345678", "600.5", "14.0", "\"x\":{}", "é", "\"", "\\",
};

/* A record or a batch, most of it right, with a word in the place of some. */
static void
scramble(struct aqi_random *random, struct aqi_buffer *out, bool is_batch)
{
	size_t n = is_batch ? aqi_random_below(random, 4) : 1;
	struct aqi_buffer whole = {0};

	aqi_buffer_clear(out);
	if (is_batch)
		aqi_buffer_add_text(&whole, "{\"instances\":[");
	for (size_t i = 0; i < n; i++) {
		aqi_buffer_add_text(&whole, i ? "," : "");
		aqi_buffer_add_text(&whole, record);
	}
	if (is_batch)
		aqi_buffer_add_text(&whole, "]}");
	for (size_t i = 0; i < whole.size; i++) {
		size_t w = aqi_random_below(random, sizeof words /
					    sizeof *words * 40);

		if (w < sizeof words / sizeof *words)
			aqi_buffer_add_text(out, words[w]);
		else if (w % 100 != 99)
			aqi_buffer_add_byte(out, whole.data[i]);
	}
	aqi_buffer_free(&whole);
}

static bool
same(const struct aqi_lax_result *a, const struct aqi_lax_result *b,
     const double *x)
{
	return a->n_rows == b->n_rows && a->n_errors == b->n_errors &&
	       (a->n_rows == 0 ||
		memcmp(a->x, x, a->n_rows * 13 * sizeof *x) == 0);
}

static void
test_ways(struct aqi_lax *lax)
{
	const char *said = getenv("AQI_SEED");
	uint64_t seed = said ? strtoull(said, NULL, 10) : 20251125;
	struct aqi_random random = aqi_random_new(seed, 0);
	struct aqi_lax_result one, other;
	struct aqi_buffer text = {0};
	double x[4 * 13];
	int n_right = 0, n_same = 0;
	const int n = 20000;

	note("AQI_SEED=%llu", (unsigned long long)seed);
	for (int i = 0; i < n; i++) {
		bool is_batch = i % 3 == 0;
		struct aqi_slice body;
		enum aqi_status a, b;

		scramble(&random, &text, is_batch);
		body = (struct aqi_slice){text.data, text.size};
		a = aqi_lax_read(lax, body, true, is_batch, &one);
		if (a == AQI_OK && one.n_rows > 0)
			memcpy(x, one.x, one.n_rows * sizeof numbers);
		n_right += a == AQI_OK;
		b = aqi_lax_read_generally(lax, body, true, is_batch, &other);
		n_same += a == b && (a != AQI_OK || same(&one, &other, x));
	}
	ok(n_same == n && n_right > 100 && n_right < n - 1000,
	   "the short way and the general one agree (%d right of %d)",
	   n_right, n);
	aqi_buffer_free(&text);
}

static bool
is_refused(const char *what, size_t n)
{
	struct aqi_error err = {0};
	struct aqi_schema *copy = aqi_schema_load("api", &err);
	struct aqi_lax *lax;

	switch (n) {
	case 0:
		copy->n_fields = 0;
		break;
	case 1:
		copy->fields[3].type = AQI_TYPE_STRING;
		break;
	case 2:
		copy->fields[3].required = false;
		break;
	case 3:
		copy->fields[3].open_max = true;
		break;
	default:
		copy->fields[3].has_both = false;
	}
	lax = aqi_lax_new(copy, AQI_DIALECT_PYDANTIC2, &err);
	aqi_lax_free(lax);
	aqi_schema_free(copy);
	return !lax && err.code == AQI_E_MODEL &&
	       strcmp(err.reason, what) == 0 &&
	       strcmp(err.field, n == 0 ? "" : "so2") == 0;
}

static void
test_schemas(void)
{
	const char *field = "a field of a request is a required number with "
			    "bounds";

	ok(is_refused("a schema of requests has 1 to 32 fields", 0),
	   "a schema without fields is refused");
	for (size_t i = 1; i <= 4; i++)
		ok(is_refused(field, i), "so is a field that is no required "
		   "number with closed bounds (%zu)", i);
	aqi_lax_free(NULL);
}

int
main(void)
{
	struct aqi_error err;
	struct aqi_lax *lax;

	schema = aqi_schema_load("api", &err);
	lax = aqi_lax_new(schema, AQI_DIALECT_PYDANTIC2, &err);
	test_faults();
	test_more_than_json();
	test_escapes();
	test_limits(lax);
	test_values();
	test_long_strings();
	test_plain(lax);
	test_members(lax);
	test_encodings(lax);
	test_bounds_of_errors(lax);
	test_ways(lax);
	test_schemas();
	aqi_lax_free(lax);
	aqi_schema_free(schema);
	return done();
}
