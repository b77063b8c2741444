/* tap.h: results of a unit test in the Test Anything Protocol. */
#ifndef AQI_TESTS_TAP_H
#define AQI_TESTS_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

static int tap_count, tap_failures;

/* One test, named by the sentence that it proves. Returns passed. */
__attribute__((format(printf, 2, 3), unused))
static bool
ok(bool passed, const char *sentence, ...)
{
	va_list ap;

	tap_failures += !passed;
	printf("%sok %d - ", passed ? "" : "not ", ++tap_count);
	va_start(ap, sentence);
	vprintf(sentence, ap);
	va_end(ap);
	putchar('\n');
	return passed;
}

/* A line for the reader of a failure. */
__attribute__((format(printf, 1, 2), unused))
static void
note(const char *format, ...)
{
	va_list ap;

	fputs("# ", stdout);
	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	putchar('\n');
}

/* What a test cannot show here, and why. */
__attribute__((unused))
static void
skip(const char *sentence, const char *why)
{
	printf("ok %d - %s # SKIP %s\n", ++tap_count, sentence, why);
}

/* The plan, at the end; main returns it. */
__attribute__((unused))
static int
done(void)
{
	printf("1..%d\n", tap_count);
	return tap_failures != 0;
}

#endif
