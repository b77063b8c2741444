/* The two spellings: JSON beside jansson, UBJSON beside the JSON it is of. */
#include "model/document.h"

#include <math.h>
#include <stdlib.h>

#include "base/random.h"
#include "oracle.h"
#include "record/number.h"
#include "tap.h"
#include "ubjson.h"

/* Texts that are JSON or nearly so; what each is, jansson says. */
static const char *const texts[] = {
	"", " ", "{}", "[]", "[[]]", "{\"a\":{}}", " [ ] ", "[1 , 2\t,\n3\r]",
	"0", "-0", "-", "+1", "1.", ".5", "01", "-01", "00", "1e5", "1E+5",
	"1e-5", "1e", "1e+", "1.5.5", "1.5e3.2", "0.5e-400", "1e400", "-1e400",
	"[1e400]", "123456789012345678901234567890", "0.1e1e1", "1-", "1 2",
	"[0,1,-1,1.5,2e2,00]", "[1,,2]", "[,1]", "[1,]", "[1 2]", "[1", "[",
	"]", "{", "}", "{]", "[}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}",
	"{,\"a\":1}", "{\"a\" : 1 , \"b\" : [ 2 ] }", "{a:1}", "{1:1}",
	"{\"a\":1 \"b\":2}", "{\"a\"=1}", "true", "false", "null", "nul",
	"True", "truefalse", "[true,false,null]", "NaN", "[NaN]", "[-NaN]",
	"nan", "Infinity", "[-Infinity,Infinity]", "-Inf", "[+Infinity]",
	"{NaN:1}", "[NaN NaN]", "[NaN,1,NaN]", "{\"NaN\":NaN}",
	"\"\"", "\"a\"", "\"", "\"\\", "\"\\\"", "\"\\\"\"",
	"\"\\n\\t\\b\\f\\r\\/\\\\\"", "\"\\x\"", "\"\\u004\"",
	"\"\\u0041\\u00e9\\u20ac\"",
	"\"\\ud83d\\ude00\"", "\"\\ud83d\"", "\"\\ude00\"", "\"\\ud83dx\"",
	"\"\\ud83d\\u0041\"", "\"\\u0000\"", "\"\\uD83D\\uDE0\"", "\"\t\"",
	"\"\x7f\"", "\"\xc3\xa9\"", "\"\xc3\"", "\"\xff\"", "\"\xed\xa0\x80\"",
	"[\"\xe2\x82\xac\",\"\\u20ac\"]", "'a'", "{\"a\":1,\"a\":2}",
	"[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,x]",
	"[11111111,22222222,33333333,444444444,5555555555,0123,6666666,77777]",
	"[1.5E0,-2.25E1,3E-1,4.125e+2,5.00000000E-3,6.123456789E0,7E123,8.0]",
	"[1.5E0,-2.25E1,3E-1,4.125e+2,5.E1,6.123456789E0,7E123,8.0,9.0,10.0]",
	"[\"a\",[{\"b\":[1,{\"c\":[]}]},\"]}\\\"]\"],{\"d\":\"[[[{\"}]",
	"\xef\xbb\xbf[]", "[1]x", "[1]\n", "/**/1", "1,", "{\"a\":[1,2}]",
};

#define N_TEXTS (sizeof texts / sizeof texts[0])

/* Does jansson agree, and does a reader of memory's edge see nothing wrong? */
static bool
agrees(const char *text, size_t size)
{
	char *copy = malloc(size + 1);
	struct aqi_slice bytes = {copy, size};
	json_t *root;
	bool right;

	if (size > 0)
		memcpy(copy, text, size);
	copy = realloc(copy, size ? size : 1);
	bytes.data = copy;
	root = oracle_read(bytes);
	right = oracle_agrees(bytes, root);
	json_decref(root);
	free(copy);
	return right;
}

static void
test_texts(void)
{
	for (size_t i = 0; i < N_TEXTS; i++)
		ok(agrees(texts[i], strlen(texts[i])),
		   "jansson and we say the same of %s", texts[i]);
	ok(agrees("[1,\0]", 5) && agrees("\"a\0b\"", 5) && agrees("1\0", 2),
	   "and of NULs");
}

/* Bytes changed, taken out, put in and doubled at random places. */
static size_t
mutate(char *text, size_t size, struct aqi_random *random)
{
	static const char bytes[] = "[]{},:\"\\0123456789.eE+-NaIintrufls \n\t";
	const size_t at = aqi_random_below(random, size + 1);
	const char byte = bytes[aqi_random_below(random, sizeof bytes)];

	switch (aqi_random_below(random, 4)) {
	case 0:
		if (at < size)
			text[at] = byte;
		return size;
	case 1:
		if (at == size)
			return size;
		memmove(text + at, text + at + 1, size - at - 1);
		return size - 1;
	case 2:
		memmove(text + at + 1, text + at, size - at);
		text[at] = byte;
		return size + 1;
	default:
		memmove(text + 2 * at, text + at, size - at);
		memcpy(text + at, text, at);
		return size + at;
	}
}

static void
test_mutants(void)
{
	enum { N = 40000 };
	static char text[1 << 14];
	struct aqi_random random = aqi_random_new(7, 1);
	size_t n_right = 0;

	for (int i = 0; i < N; i++) {
		const char *from = texts[aqi_random_below(&random, N_TEXTS)];
		size_t size = strlen(from);
		bool right;

		memcpy(text, from, size);
		for (size_t k = aqi_random_below(&random, 4); k-- > 0; )
			size = mutate(text, size, &random);
		right = agrees(text, size);
		n_right += right;
		if (!right)
			note("%.*s", (int)size, text);
	}
	ok(n_right == N, "and of %d texts made of these", N);
}

/* The same document in UBJSON. */
static void
test_ubjson(void)
{
	struct aqi_buffer bytes = {0}, scratch = {0};

	for (size_t i = 0; i < N_TEXTS; i++) {
		json_t *root = json_loads(texts[i], JSON_DECODE_ANY |
					  JSON_DECODE_INT_AS_REAL, NULL);
		struct aqi_document d, skipped;
		struct aqi_slice whole;

		/* Numbers of arrays are narrowed where they are not whole. */
		if (!root || strpbrk(texts[i], ".eE"))
			goto next;
		aqi_buffer_clear(&bytes);
		ubjson_write(&bytes, root);
		whole = (struct aqi_slice){bytes.data, bytes.size};
		d = skipped = aqi_document_new(&aqi_spelling_ubjson, whole,
					       &scratch);
		ok(oracle_compare(&d, root) &&
		   aqi_document_finish(&d, NULL) == AQI_OK &&
		   aqi_document_skip(&skipped, NULL) == AQI_OK &&
		   aqi_document_finish(&skipped, NULL) == AQI_OK,
		   "in UBJSON it is the same: %s", texts[i]);
	next:
		json_decref(root);
	}
	aqi_buffer_free(&bytes);
	aqi_buffer_free(&scratch);
}

#define BYTES(text) {text, sizeof (text) - 1}

static const struct {
	const char *bytes;
	size_t size;
	const char *reason;
} broken[] = {
#define PART(text) text, sizeof (text) - 1
	{PART(""), "byte 0: UBJSON ends too early"},
	{PART("x"), "byte 0: not UBJSON: a value expected"},
	{PART("N"), "byte 0: not UBJSON: a value expected"},
	{PART("Hi\x01" "1"), "byte 0: not UBJSON: a value expected"},
	{PART("Si\xff"), "byte 1: a length below 0"},
	{PART("SL\xff\xff\xff\xff\xff\xff\xff\xff"),
	 "byte 1: a length below 0"},
	{PART("Si\x05" "abcd"), "byte 1: a length beyond the end of the file"},
	{PART("SL\x7f\xff\xff\xff\xff\xff\xff\xff"),
	 "byte 1: a length beyond the end of the file"},
	{PART("Sd\0\0\0\0"), "byte 1: a length expected"},
	{PART("SI\0"), "byte 3: UBJSON ends too early"},
	{PART("S"), "byte 1: UBJSON ends too early"},
	{PART("Si\x02" "a\0"), "byte 4: a NUL byte"},
	{PART("Si\x02" "a\xff"), "byte 4: invalid UTF-8"},
	{PART("l\0\0\0"), "byte 4: UBJSON ends too early"},
	{PART("D\0\0\0\0\0\0\0"), "byte 8: UBJSON ends too early"},
	{PART("["), "byte 1: UBJSON ends too early"},
	{PART("[i\1"), "byte 3: UBJSON ends too early"},
	{PART("[}"), "byte 1: not UBJSON: a value expected"},
	{PART("{"), "byte 1: UBJSON ends too early"},
	{PART("{]"), "byte 1: a length expected"},
	{PART("{i\1a"), "byte 4: UBJSON ends too early"},
	{PART("[$"), "byte 1: not UBJSON: a value expected"},
	{PART("[$d"), "byte 3: UBJSON ends too early"},
	{PART("[$d]"), "byte 3: not UBJSON: a count behind the type expected"},
	{PART("[$S#i\0"), "byte 2: not UBJSON: the type of numbers of an "
	 "array expected"},
	{PART("[$[#i\0"), "byte 2: not UBJSON: the type of numbers of an "
	 "array expected"},
	{PART("[$Z#L\x7f\xff\xff\xff\xff\xff\xff\xff"),
	 "byte 2: not UBJSON: the type of numbers of an array expected"},
	{PART("{$i#i\0"), "byte 2: not UBJSON: the type of numbers of an "
	 "array expected"},
	{PART("[$d#i\2\0\0\0\0\0\0\0"),
	 "byte 4: a length beyond the end of the file"},
	{PART("[$L#L\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
	 "byte 4: a length beyond the end of the file"},
	{PART("[#i\2Z"), "byte 2: a length beyond the end of the file"},
	{PART("[#U\1"), "byte 2: a length beyond the end of the file"},
	{PART("ZZ"), "byte 1: something follows the UBJSON value"},
	{PART("[]]"), "byte 2: something follows the UBJSON value"},
	{PART("[#i\0]"), "byte 4: something follows the UBJSON value"},
};

static const struct {
	const char *bytes;
	size_t size;
} whole[] = {
	BYTES("Z"), BYTES("T"), BYTES("F"), BYTES("i\xff"), BYTES("U\xff"),
	BYTES("I\xff\xff"), BYTES("l\1\2\3\4"), BYTES("L\0\0\0\0\0\0\0\0"),
	BYTES("d\0\0\0\0"), BYTES("D\0\0\0\0\0\0\0\0"), BYTES("Si\0"),
	BYTES("SU\1a"), BYTES("[]"), BYTES("{}"), BYTES("[#i\0"),
	BYTES("[$d#i\0"), BYTES("[$I#i\2\0\1\0\2"), BYTES("{#i\0"),
	BYTES("{#i\1i\1aZ"), BYTES("[[][]{i\0Z}]"), BYTES("[#i\2[]{}"),
};

static void
test_ubjson_faults(void)
{
	struct aqi_buffer text = {0};

	for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
		struct aqi_slice bytes = {broken[i].bytes, broken[i].size};
		struct aqi_document d = aqi_document_new(&aqi_spelling_ubjson,
							 bytes, &text);
		struct aqi_error err = {0};
		bool fine = aqi_document_skip(&d, &err) == AQI_OK &&
			    aqi_document_finish(&d, &err) == AQI_OK;

		if (!ok(!fine && strcmp(err.reason, broken[i].reason) == 0,
			"UBJSON, %s", broken[i].reason))
			note("%s", err.reason);
		d = aqi_document_new(&aqi_spelling_ubjson, bytes, &text);
		ok(!(oracle_visit(&d) && aqi_document_finish(&d, NULL) ==
		     AQI_OK), "and so when its values are taken");
	}
	for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++) {
		struct aqi_slice bytes = {whole[i].bytes, whole[i].size};
		struct aqi_document d = aqi_document_new(&aqi_spelling_ubjson,
							 bytes, &text);
		struct aqi_document each = d;

		ok(aqi_document_skip(&d, NULL) == AQI_OK &&
		   aqi_document_finish(&d, NULL) == AQI_OK &&
		   oracle_visit(&each) && each.at == d.at,
		   "UBJSON that is right, %zu", i);
	}
	aqi_buffer_free(&text);
}

/* n brackets of a kind, and as many to close them. */
static bool
is_read_nested(const struct aqi_spelling *spelling, size_t n)
{
	char text[256];
	struct aqi_buffer scratch = {0};
	struct aqi_document d;

	memset(text, '[', n);
	memset(text + n, ']', n);
	d = aqi_document_new(spelling, (struct aqi_slice){text, 2 * n},
			     &scratch);
	return aqi_document_skip(&d, NULL) == AQI_OK &&
	       aqi_document_finish(&d, NULL) == AQI_OK;
}

static void
test_depth(void)
{
	ok(is_read_nested(&aqi_spelling_json, AQI_DOCUMENT_DEPTH) &&
	   is_read_nested(&aqi_spelling_ubjson, AQI_DOCUMENT_DEPTH),
	   "arrays 64 deep are read");
	ok(!is_read_nested(&aqi_spelling_json, AQI_DOCUMENT_DEPTH + 1) &&
	   !is_read_nested(&aqi_spelling_ubjson, AQI_DOCUMENT_DEPTH + 1),
	   "and 65 deep they are refused");
}

/* A number as text, in one of the ways there are. */
static int
write_number(char *out, struct aqi_random *random)
{
	uint32_t bits = (uint32_t)aqi_random_next(random);
	double wide;
	float x;

	memcpy(&x, &bits, sizeof x);
	if (!isfinite(x))
		x = 1;
	switch (aqi_random_below(random, 5)) {
	case 0:
		return sprintf(out, "%.8E", (double)x);
	case 1:
		return sprintf(out, "%.9g", (double)x);
	case 2:
		wide = ((double)x + (double)nextafterf(x, 0)) / 2;
		return sprintf(out, "%.17g", wide);
	case 3:
		return sprintf(out, "%.2f", (double)(bits % 100000) / 100);
	default:
		return sprintf(out, "%d", (int)(bits % 200000) - 100000);
	}
}

/* An array of them, and what the C library makes of each. */
static void
test_floats(void)
{
	enum { N = 20000 };
	static char text[N * 32];
	static float want[N];
	struct aqi_random random = aqi_random_new(7, 1);
	struct aqi_buffer scratch = {0};
	struct aqi_floats got = {0};
	struct aqi_document d;
	size_t size = 1, n_right = 0;

	text[0] = '[';
	for (int i = 0; i < N; i++) {
		const int n = write_number(text + size, &random);

		want[i] = strtof(text + size, NULL);
		size += (size_t)n;
		text[size++] = i == N - 1 ? ']' : ',';
	}
	d = aqi_document_new(&aqi_spelling_json,
			     (struct aqi_slice){text, size}, &scratch);
	if (aqi_document_floats(&d, &got, NULL) == AQI_OK && got.n == N)
		for (int i = 0; i < N; i++)
			n_right += memcmp(&got.data[i], &want[i],
					  sizeof *want) == 0;
	ok(n_right == N, "%d numbers are the floats nearest to them", N);
	aqi_floats_free(&got);
}

static enum aqi_status
read_floats(const char *text, struct aqi_floats *got)
{
	struct aqi_buffer scratch = {0};
	struct aqi_document d = aqi_document_new(&aqi_spelling_json,
						 aqi_slice_of(text), &scratch);

	return aqi_document_floats(&d, got, NULL);
}

static enum aqi_status
read_integers(const char *text, struct aqi_integers *got)
{
	struct aqi_buffer scratch = {0};
	struct aqi_document d = aqi_document_new(&aqi_spelling_json,
						 aqi_slice_of(text), &scratch);

	return aqi_document_integers(&d, got, NULL);
}

static void
test_arrays(void)
{
	static const struct {
		const char *text;
		enum aqi_status floats, integers;
		size_t n_floats, n_integers;
	} cases[] = {
		{"[]", AQI_OK, AQI_OK, 0, 0},
		{"[ 1 , 2 ]", AQI_OK, AQI_OK, 2, 2},
		{"[1,2.5]", AQI_OK, AQI_REJECT, 2, 1},
		{"[1,true]", AQI_REJECT, AQI_OK, 1, 2},
		{"[false]", AQI_REJECT, AQI_OK, 0, 1},
		{"[1,\"2\"]", AQI_REJECT, AQI_REJECT, 1, 1},
		{"[1,null]", AQI_REJECT, AQI_REJECT, 1, 1},
		{"[[1]]", AQI_REJECT, AQI_REJECT, 0, 0},
		{"{}", AQI_REJECT, AQI_REJECT, 0, 0},
		{"7", AQI_REJECT, AQI_REJECT, 0, 0},
		{"[1e39,-1e39,NaN,-Infinity]", AQI_OK, AQI_REJECT, 4, 0},
		{"[1e2,1.0,-3]", AQI_OK, AQI_OK, 3, 3},
		{"[2147483647,-2147483648]", AQI_OK, AQI_OK, 2, 2},
		{"[0,2147483647,2147483648]", AQI_OK, AQI_REJECT, 3, 2},
		{"[0,-2147483648,-2147483649]", AQI_OK, AQI_REJECT, 3, 2},
		{"[0,999999999,9999999999]", AQI_OK, AQI_REJECT, 3, 2},
		{"[1,x]", AQI_FATAL, AQI_FATAL, 1, 1},
		{"[1,tru]", AQI_REJECT, AQI_FATAL, 1, 1},
		{"[1,01]", AQI_FATAL, AQI_FATAL, 1, 1},
		{"[1,-]", AQI_FATAL, AQI_FATAL, 1, 1},
		{"[1,2", AQI_FATAL, AQI_FATAL, 2, 2},
		{"[1,", AQI_FATAL, AQI_FATAL, 1, 1},
		{"[1;2]", AQI_FATAL, AQI_FATAL, 1, 1},
		{"", AQI_FATAL, AQI_FATAL, 0, 0},
	};
	struct aqi_floats floats = {0};
	struct aqi_integers integers = {0};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		ok(read_floats(cases[i].text, &floats) == cases[i].floats &&
		   floats.n == cases[i].n_floats &&
		   read_integers(cases[i].text, &integers) ==
			   cases[i].integers &&
		   integers.n == cases[i].n_integers,
		   "as arrays of numbers: %s", cases[i].text);
	read_floats("[1e39,-1e39,NaN,-Infinity]", &floats);
	ok(isinf(floats.data[0]) && isinf(floats.data[1]) &&
	   isnan(floats.data[2]) && floats.data[3] < 0,
	   "what no float holds is infinite, and NaN is NaN");
	aqi_floats_free(&floats);
	aqi_integers_free(&integers);
}

/* The same of UBJSON, where types may be said once or each time. */
static void
test_ubjson_arrays(void)
{
	static const struct {
		const char *bytes;
		size_t size;
		enum aqi_status status;
		int32_t first;
	} cases[] = {
		{PART("[$i#i\2\xff\2"), AQI_OK, -1},
		{PART("[$U#i\2\xff\2"), AQI_OK, 255},
		{PART("[$I#i\1\x80\0"), AQI_OK, -32768},
		{PART("[$l#i\1\xff\xff\xff\xfe"), AQI_OK, -2},
		{PART("[$L#i\1\0\0\0\0\x7f\xff\xff\xff"), AQI_OK, INT32_MAX},
		{PART("[$L#i\1\0\0\0\0\x80\0\0\0"), AQI_REJECT, 0},
		{PART("[$d#i\1\x40\x40\0\0"), AQI_OK, 3},
		{PART("[$D#i\1\x40\x08\0\0\0\0\0\0"), AQI_OK, 3},
		{PART("[$d#i\1\x3f\0\0\0"), AQI_REJECT, 0},
		{PART("[$d#i\1\x7f\x80\0\0"), AQI_REJECT, 0},
		{PART("[$L#i\1\x7f\0\0\0\0\0\0\0"), AQI_REJECT, 0},
		{PART("[i\7T]"), AQI_OK, 7},
		{PART("[#i\2FU\1"), AQI_OK, 0},
		{PART("[i\7Z]"), AQI_REJECT, 0},
		{PART("[Si\0]"), AQI_REJECT, 0},
		{PART("[i"), AQI_FATAL, 0},
		{PART("[i\7"), AQI_FATAL, 0},
		{PART("i\7"), AQI_REJECT, 0},
	};
	struct aqi_integers got = {0};
	struct aqi_buffer text = {0};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct aqi_document d = aqi_document_new(
			&aqi_spelling_ubjson,
			(struct aqi_slice){cases[i].bytes, cases[i].size},
			&text);
		const enum aqi_status status =
			aqi_document_integers(&d, &got, NULL);

		ok(status == cases[i].status &&
		   (status != AQI_OK || (got.data[0] == cases[i].first &&
		    aqi_document_finish(&d, NULL) == AQI_OK)),
		   "whole numbers in UBJSON, case %zu", i);
	}
	aqi_integers_free(&got);
}

static void
test_ubjson_floats(void)
{
	static const struct {
		const char *bytes;
		size_t size;
		enum aqi_status status;
		float last;
	} cases[] = {
		{PART("[$U#i\2\xff\2"), AQI_OK, 2},
		{PART("[$d#i\1\x40\x40\0\0"), AQI_OK, 3},
		{PART("[i\7D\x40\x08\0\0\0\0\0\0]"), AQI_OK, 3},
		{PART("[i\7T]"), AQI_REJECT, 0},
		{PART("[$S#i\1"), AQI_FATAL, 0},
		{PART("[$d#i\2\x40\x40\0\0"), AQI_FATAL, 0},
		{PART("[i\7d\x40\x40"), AQI_FATAL, 0},
	};
	struct aqi_floats got = {0};
	struct aqi_buffer text = {0};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct aqi_document d = aqi_document_new(
			&aqi_spelling_ubjson,
			(struct aqi_slice){cases[i].bytes, cases[i].size},
			&text);
		const enum aqi_status status =
			aqi_document_floats(&d, &got, NULL);

		ok(status == cases[i].status &&
		   (status != AQI_OK || got.data[got.n - 1] == cases[i].last),
		   "numbers in UBJSON, case %zu", i);
	}
	aqi_floats_free(&got);
}

/* A number by itself, of something else, and of nothing. */
static void
test_number(void)
{
	static const struct {
		const char *text;
		enum aqi_status status;
	} cases[] = {{" 7.5", AQI_OK}, {"\"7.5\"", AQI_REJECT},
		     {"", AQI_FATAL}};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct aqi_buffer scratch = {0};
		struct aqi_document d = aqi_document_new(
			&aqi_spelling_json, aqi_slice_of(cases[i].text),
			&scratch);
		double x = 0;

		ok(aqi_document_number(&d, &x, NULL) == cases[i].status &&
		   x == (cases[i].status == AQI_OK ? 7.5 : 0),
		   "as a number: %s", cases[i].text);
	}
}

int
main(void)
{
	test_texts();
	test_mutants();
	test_ubjson();
	test_ubjson_faults();
	test_depth();
	test_floats();
	test_arrays();
	test_ubjson_arrays();
	test_ubjson_floats();
	test_number();
	return done();
}
