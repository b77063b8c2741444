/*
 * Numbers against strtod and strtof in the C locale. The first byte chooses the
 * decimal mark and the decimals; the rest is a text, and its first bytes are
 * a double and a float to be written.
 */
#include <math.h>

#include "fuzz.h"
#include "base/processor.h"
#include "record/ndjson.h"
#include "record/number.h"
#include "record/numbers.h"

/* That of AVX-512, compiled for any processor. */
#define AQI_NUMBERS_TWIN
#define aqi_numbers_avx512 read_twin
static aqi_numbers_fn read_twin;
#include "record/numbers_avx512.c"
#undef aqi_numbers_avx512

/* More than one vector. */
#define N_ALIKE 9

/* The grammar as a table: state by class of byte, 0 for no way on. */
enum { OTHER, DIGIT, MARK, E, PLUS, MINUS, N_CLASSES };
enum { NONE, START, SIGNED, WHOLE, BARE_MARK, MARKED, FRACTION, AT_E, E_SIGNED,
       EXPONENT, N_STATES };

static const unsigned char ways[N_STATES][N_CLASSES] = {
	[START] = {[DIGIT] = WHOLE, [MARK] = BARE_MARK, [MINUS] = SIGNED},
	[SIGNED] = {[DIGIT] = WHOLE, [MARK] = BARE_MARK},
	[WHOLE] = {[DIGIT] = WHOLE, [MARK] = MARKED, [E] = AT_E},
	[BARE_MARK] = {[DIGIT] = FRACTION},
	[MARKED] = {[DIGIT] = FRACTION, [E] = AT_E},
	[FRACTION] = {[DIGIT] = FRACTION, [E] = AT_E},
	[AT_E] = {[DIGIT] = EXPONENT, [PLUS] = E_SIGNED, [MINUS] = E_SIGNED},
	[E_SIGNED] = {[DIGIT] = EXPONENT},
	[EXPONENT] = {[DIGIT] = EXPONENT},
};

static int
class_of(char c, char mark)
{
	return c >= '0' && c <= '9' ? DIGIT : c == mark ? MARK :
	       c == 'e' || c == 'E' ? E : c == '+' ? PLUS :
	       c == '-' ? MINUS : OTHER;
}

static bool
is_number(const char *text, char mark)
{
	int state = START;

	for (; *text; text++)
		state = ways[state][class_of(*text, mark)];
	return state == WHOLE || state == MARKED || state == FRACTION ||
	       state == EXPONENT;
}

static bool
same_bits(const void *a, const void *b, size_t size)
{
	return memcmp(a, b, size) == 0;
}

/* text is terminated, without blanks around it or a NUL in it. */
static void
check_text(struct aqi_slice whole, char *text, char mark)
{
	double x = 42, wanted;
	float y = 42, wanted32;
	enum aqi_number is64 = aqi_number_to_double(whole, mark, &x);
	enum aqi_number is32 = aqi_number_to_float(whole, mark, &y);
	char *at = strchr(text, mark);

	if (!is_number(text, mark)) {
		CHECK(is64 == AQI_NUMBER_NOT && is32 == AQI_NUMBER_NOT);
		CHECK(x == 42 && y == 42);
		return;
	}
	if (at)
		*at = '.';
	wanted = strtod(text, NULL);
	wanted32 = strtof(text, NULL);
	CHECK(is64 == (isinf(wanted) ? AQI_NUMBER_OVERFLOW : AQI_NUMBER_OK));
	CHECK(is32 == (isinf(wanted32) ? AQI_NUMBER_OVERFLOW : AQI_NUMBER_OK));
	CHECK(is64 != AQI_NUMBER_OK || same_bits(&x, &wanted, sizeof x));
	CHECK(is32 != AQI_NUMBER_OK || same_bits(&y, &wanted32, sizeof y));
}

/* What many numbers are read by says of some that are the same text, behind
 * one another. */
static void
check_way(aqi_numbers_fn *read, struct aqi_slice text, char mark, bool is_plain)
{
	struct aqi_extent extents[N_ALIKE];
	double x[N_ALIKE], wanted = 0;
	float narrow = 0;
	char *chunk = malloc(text.size * N_ALIKE + 8);
	static const size_t columns[] = {0, 1, 2};
	struct aqi_numbers numbers = {
		.base = chunk, .extents = extents, .step = 3,
		.columns = columns, .n_columns = 3, .n = N_ALIKE,
		.kind = AQI_TEXT, .mark = mark, .x = x, .stride = 1,
	};

	CHECK(chunk);
	for (size_t i = 0; i < N_ALIKE; i++) {
		memcpy(chunk + i * text.size, text.data, text.size);
		extents[i] = aqi_extent_of((uint32_t)(i * text.size),
					   (uint32_t)text.size, AQI_TEXT);
	}
	CHECK(read(&numbers) == (is_plain ? 0 : (1 << N_ALIKE) - 1));
	CHECK(!is_plain || aqi_number_to_double(text, mark, &wanted) ==
			   AQI_NUMBER_OK);
	for (size_t i = 0; is_plain && i < N_ALIKE; i++)
		CHECK(same_bits(&x[i], &wanted, sizeof wanted));
	numbers.is_narrow = true;
	is_plain = is_plain && read(&numbers) == 0;
	CHECK(!is_plain || aqi_number_to_float(text, mark, &narrow) ==
			   AQI_NUMBER_OK);
	wanted = (double)narrow;
	for (size_t i = 0; is_plain && i < N_ALIKE; i++)
		CHECK(same_bits(&x[i], &wanted, sizeof wanted));
	free(chunk);
}

/* text is terminated, without blanks around it or a NUL in it. */
static void
check_many(struct aqi_slice whole, const char *text, char mark)
{
	const size_t size = strlen(text);
	const bool is_plain = whole.size == size && is_number(text, mark) &&
			      size - (*text == '-') <= 15 &&
			      !strpbrk(text, "eE");

	check_way(aqi_numbers_portable, whole, mark, is_plain);
	check_way(read_twin, whole, mark, is_plain);
	if (aqi_processor_level() >= AQI_AVX2)
		check_way(aqi_numbers_avx2, whole, mark, is_plain);
	if (aqi_processor_level() >= AQI_AVX512)
		check_way(aqi_numbers_avx512, whole, mark, is_plain);
}

/* The digits of a text, without zeros around them and the exponent; 0 for a
 * whole number, which is as long with zeros in their place. */
static int
n_digits(const char *text)
{
	int n = 0, zeros = 0;

	if (!strpbrk(text, ".e"))
		return 0;
	for (; *text && *text != 'e'; text++) {
		if (*text < '0' || *text > '9' || (n == 0 && *text == '0'))
			continue;
		n++;
		zeros = *text == '0' ? zeros + 1 : 0;
	}
	return n - zeros;
}

static void
check_shortest(double x)
{
	char out[AQI_NUMBER_SIZE], shorter[64];
	size_t n = aqi_number_shortest(out, x);
	double back = strtod(out, NULL);

	CHECK(n == strlen(out) && same_bits(&back, &x, sizeof x));
	CHECK(aqi_ndjson_is_number((struct aqi_slice){out, n}));
	for (int digits = 1; digits < n_digits(out); digits++) {
		snprintf(shorter, sizeof shorter, "%.*e", digits - 1, x);
		CHECK(strtod(shorter, NULL) != x);
	}
}

static void
check_shortest_float(float x)
{
	char out[AQI_NUMBER_SIZE], shorter[64];
	size_t n = aqi_number_shortest_float(out, x);
	float back = strtof(out, NULL);

	CHECK(n == strlen(out) && same_bits(&back, &x, sizeof x));
	CHECK(aqi_ndjson_is_number((struct aqi_slice){out, n}));
	for (int digits = 1; digits < n_digits(out); digits++) {
		snprintf(shorter, sizeof shorter, "%.*e", digits - 1,
			 (double)x);
		CHECK(strtof(shorter, NULL) != x);
	}
}

static void
check_decimals(double x, int decimals)
{
	char out[AQI_NUMBER_SIZE], plain[AQI_NUMBER_SIZE];
	size_t n = aqi_number_fixed(out, x, decimals);
	const char *wanted = plain;

	snprintf(plain, sizeof plain, "%.*f", decimals, x);
	if (*wanted == '-' && !strpbrk(wanted, "123456789"))
		wanted++;
	CHECK(n == strlen(out) && strcmp(out, wanted) == 0);
	n = aqi_number_rounded(out, x, decimals);
	CHECK(n == strlen(out) && n <= strlen(wanted));
	CHECK(strncmp(out, wanted, n) == 0);
	CHECK(strspn(wanted + n, ".0") == strlen(wanted + n));
	CHECK(!strchr(out, '.') || (out[n - 1] != '0' && out[n - 1] != '.'));
}

/* The same digits of a size that measurements have. */
static double
measured(double x)
{
	int exponent;

	x = frexp(x, &exponent);
	return ldexp(x, (exponent & 127) - 60);
}

static void
check_bits(const uint8_t *data, size_t size, int decimals)
{
	double x;
	float y;

	if (size < sizeof x)
		return;
	memcpy(&x, data, sizeof x);
	memcpy(&y, data, sizeof y);
	if (isfinite(x)) {
		check_shortest(x);
		check_decimals(x, decimals);
		check_shortest(measured(x));
		check_decimals(measured(x), decimals);
	}
	if (isfinite(y)) {
		check_shortest_float(y);
		check_shortest_float((float)measured((double)y));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned choice = input_byte(&data, &size);
	char mark = choice & 1 ? ',' : '.';
	struct aqi_slice whole = input_slice(data, size), text;
	char *copy = malloc(size + 1);

	CHECK(copy);
	check_bits(data, size, (int)(choice >> 1) % 18);
	text = aqi_slice_trim(whole);
	if (text.size > 0)
		memcpy(copy, text.data, text.size);
	copy[text.size] = '\0';
	if (strlen(copy) == text.size) {
		check_many(whole, copy, mark);
		check_text(whole, copy, mark);
	} else {
		CHECK(aqi_number_to_double(whole, mark, &(double){0}) ==
		      AQI_NUMBER_NOT);
	}
	free(copy);
	return 0;
}
