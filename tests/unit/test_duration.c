#include "base/duration.h"

#include <math.h>

#include "tap.h"

static void
test_read(void)
{
	static const struct {
		const char *text;
		uint64_t ns;
	} good[] = {
		{"0", 0}, {"1", AQI_SECOND_NS}, {"30s", 30 * AQI_SECOND_NS},
		{"0.1s", 100000000}, {"250us", 250000}, {"1.5ms", 1500000},
		{"2m", 120 * AQI_SECOND_NS}, {"1.25h", 4500 * AQI_SECOND_NS},
		{".5", 500000000}, {"5.", 5 * AQI_SECOND_NS},
		{"0.0000000019", 1}, {"0.123456789h", 444444440400},
		{"672h", AQI_DURATION_MAX_NS},
		{"2419199.999999999", AQI_DURATION_MAX_NS - 1},
		{"2419200", AQI_DURATION_MAX_NS},
	};
	static const char *const bad[] = {
		"", "s", ".", ".s", "-1", "+1", " 1", "1 s", "1 ", "1e3", "1x",
		"1S", "1d", "1min", "0x1", "1.2.3", "1,5", "nan", "inf",
		"672.1h", "2419201", "2419200.000000001", "99999999999999999999", "1ms2",
	};
	uint64_t ns;

	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		ns = 77;
		ok(aqi_duration_read(aqi_slice_of(good[i].text), &ns) &&
		   ns == good[i].ns, "\"%s\" is %llu ns", good[i].text,
		   (unsigned long long)good[i].ns);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ok(!aqi_duration_read(aqi_slice_of(bad[i]), &ns),
		   "\"%s\" is no span of time", bad[i]);
	ok(!aqi_duration_read((struct aqi_slice){"1\0s", 3}, &ns),
	   "a NUL is no part of one");
}

static void
test_write(void)
{
	static const struct {
		double ns;
		const char *text;
	} cases[] = {
		{0, "0 ns"}, {999, "999 ns"}, {999.6, "1.00 us"},
		{1000, "1.00 us"}, {64321, "64.3 us"}, {99949, "99.9 us"},
		{99951, "100 us"}, {999400, "999 us"}, {999600, "1.00 ms"},
		{950e6, "950 ms"}, {12.34e9, "12.3 s"}, {5000e9, "5000 s"},
	};
	char out[AQI_DURATION_SIZE];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ok(strcmp(aqi_duration_write(out, cases[i].ns),
			  cases[i].text) == 0, "%g ns are written as %s",
		   cases[i].ns, cases[i].text);
}

int
main(void)
{
	test_read();
	test_write();
	return done();
}
