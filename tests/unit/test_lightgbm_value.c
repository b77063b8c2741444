/* The numbers of a LightGBM text model, beside strtod. */
#include "model/lightgbm_value.h"

#include <stdio.h>
#include <stdlib.h>

#include "draw.h"
#include "tap.h"

/* Digits, a point and digits, about as many as can be or one more. */
static void
draw_text(char *text)
{
	size_t n = 0;

	if (draw(0, 1))
		text[n++] = '-';
	n += draw_digits(text + n, draw(1, 9));
	if (draw(0, 7)) {
		text[n++] = '.';
		n += draw_digits(text + n, draw(1, 26));
	}
	if (draw(0, 7) == 0)
		n += (size_t)sprintf(text + n, "e%d", draw(-30, 30));
	text[n] = '\0';
}

/* What LightGBM writes. */
static void
draw_usual(char *text)
{
	double x = aqi_random_normal(&random_state);

	for (int i = draw(0, 9); i > 0; i--)
		x *= draw(0, 3) ? 10 : 0.1;
	sprintf(text, "%.17g", x);
}

/* The same bits as strtod, and where it ends, with n bytes behind it. */
static bool
is_right(const char *text, size_t n_behind)
{
	const size_t n = strlen(text);
	char line[200];
	double x = 0, y = strtod(text, NULL);
	const char *behind;

	memset(line, ' ', sizeof line);
	memcpy(line, text, n);
	line[n + 1] = '7';
	behind = aqi_lightgbm_number(line, line + n + n_behind, &x);
	if (behind == line + n && memcmp(&x, &y, sizeof x) == 0)
		return true;
	note("%s: %.17g", text, x);
	return false;
}

static void
test_numbers(const char *what, void (*draw_one)(char *text))
{
	enum { N = 300000 };
	char text[100];
	size_t n_right = 0;

	for (int i = 0; i < N; i++) {
		draw_one(text);
		n_right += is_right(text, (size_t)draw(0, 60));
	}
	ok(n_right == N, "%d numbers %s are strtod's to the bit", N, what);
}

/* What a number is not, whatever stands behind it. */
static void
test_others(void)
{
	static const char *const texts[] = {
		"1.", ".5", "-", "1.5x", "1..5", "1.5.5", "+1.5", "1,5", "x",
		"--1.5", "1.5e", "1 .5x"
	};
	char line[200];
	double x;

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		const char *behind;
		size_t n = strlen(texts[i]);

		memset(line, ' ', sizeof line);
		memcpy(line, texts[i], n);
		behind = aqi_lightgbm_number(line, line + 100, &x);
		ok(behind == aqi_lightgbm_number(line, line + n, &x),
		   "%s: the same with room behind it", texts[i]);
	}
}

/* Vectors of them are counted by bytes, 255 of which are a byte's most. */
static void
test_count(void)
{
	enum { MOST = 5000 };
	char *text = malloc(2 * MOST);
	size_t n_right = 0;

	if (!text)
		abort();
	for (size_t i = 0; i < 2 * MOST; i++)
		text[i] = " 1"[i % 2];
	for (size_t n = 0; n < MOST; n++)
		n_right += aqi_lightgbm_count((struct aqi_slice){
			text + 1, n > 0 ? 2 * n - 1 : 0}) == n;
	ok(n_right == MOST, "values are counted, up to %d of them", MOST);
	free(text);
}

int
main(void)
{
	random_state = aqi_random_new(1, 0);
	test_numbers("that LightGBM writes", draw_usual);
	test_numbers("of any digits", draw_text);
	test_others();
	test_count();
	return done();
}
