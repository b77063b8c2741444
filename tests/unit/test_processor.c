/* What a processor has is one level, and all below it. */
#include "base/processor.h"

#include <stdio.h>
#include <string.h>

#include "tap.h"

/* The words behind "flags" for the first processor, as the kernel lists them. */
static bool
read_flags(char *line, int size)
{
	FILE *f = fopen("/proc/cpuinfo", "r");
	bool found = false;

	while (f && !found && fgets(line, size, f))
		found = strncmp(line, "flags", 5) == 0;
	if (f)
		fclose(f);
	return found;
}

static bool
is_among(const char *word, const char *line)
{
	char spaced[32];

	snprintf(spaced, sizeof spaced, " %s ", word);
	return strstr(line, spaced) != NULL;
}

static void
test_against_kernel(void)
{
	static char line[16384];
	char *end;

#ifndef __x86_64__
	skip("the kernel lists what a level needs",
	     "this build has the code of no level");
	return;
#endif
	if (!read_flags(line, sizeof line)) {
		skip("the kernel lists what a level needs",
		     "it lists no flags here");
		return;
	}
	end = strchr(line, '\n');
	if (end)
		*end = ' ';
	ok(aqi_processor_has("avx2") ==
		   (is_among("avx2", line) && is_among("bmi2", line) &&
		    is_among("bmi1", line) && is_among("fma", line) &&
		    is_among("abm", line) && is_among("popcnt", line)),
	   "AVX2 is there where the kernel lists it and what goes with it");
	ok(!aqi_processor_has("avx512") || is_among("avx512bw", line),
	   "AVX-512 is not there where the kernel does not list it");
	ok(!aqi_processor_has("avx512-vbmi") || is_among("avx512vbmi", line),
	   "VBMI is not there where the kernel does not list it");
}

static void
test_levels(void)
{
	const enum aqi_level best = aqi_processor_level();
	bool is_right = true;

	for (int i = AQI_PORTABLE; i <= AQI_AVX512_VBMI; i++)
		is_right &= aqi_processor_has(aqi_level_name(
				    (enum aqi_level)i)) ==
			    (i <= (int)best);
	ok(is_right, "a processor has its level and all below, by name");
	ok(!aqi_processor_has("sse9"), "it has none of another name");
}

int
main(void)
{
	note("level: %s", aqi_level_name(aqi_processor_level()));
	test_levels();
	test_against_kernel();
	return done();
}
