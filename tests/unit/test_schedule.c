#include "net/schedule.h"

#include <math.h>

#include "tap.h"

static struct aqi_schedule
read_schedule(const char *text)
{
	struct aqi_schedule s;

	if (aqi_schedule_read(&s, aqi_slice_of(text), NULL) != AQI_OK)
		note("cannot read %s", text);
	return s;
}

static void
test_constant(void)
{
	struct aqi_schedule s = read_schedule("3");
	uint64_t due = 0;
	size_t n_bad = 0;

	for (uint64_t k = 0; k < 3000000; k++) {
		n_bad += !aqi_schedule_next(&s, &due);
		n_bad += fabs((double)due - (double)k * 1e9 / 3) > 1;
	}
	ok(n_bad == 0, "the three-millionth request is due when it should be");
	ok(isinf(aqi_schedule_seconds(&s)), "a rate alone has no end");
	s = read_schedule("1000:5s");
	for (n_bad = 0; aqi_schedule_next(&s, &due); n_bad++)
		;
	ok(n_bad == 5000 && due == UINT64_C(4999000000),
	   "1000:5s are 5000 requests, the last due at 4.999 s");
	ok(!aqi_schedule_next(&s, &due), "there is none behind the last");
}

/* By the integral: 10 t + 45 t^2 / 10, and so on. */
static void
test_ramp(void)
{
	struct aqi_schedule s = read_schedule("10..100:10s,0:5s,100..0:4s");
	uint64_t due, last = 0, n_bad = 0, n_first = 0, n = 0;

	ok(aqi_schedule_seconds(&s) == 19, "stages take as long as they say");
	ok(fabs(aqi_schedule_count(&s, 10) - 550) < 1e-9 &&
	   fabs(aqi_schedule_count(&s, 5) - 162.5) < 1e-9 &&
	   fabs(aqi_schedule_count(&s, 15) - 550) < 1e-9 &&
	   fabs(aqi_schedule_count(&s, 99) - 750) < 1e-9,
	   "the count in so many seconds is the integral of the rate");
	for (; aqi_schedule_next(&s, &due); n++) {
		double t = (double)due / 1e9;

		n_bad += due < last;
		n_first += t < 10;
		n_bad += fabs(aqi_schedule_count(&s, t) - (double)n) > 1e-5;
		n_bad += t >= 10 && t < 15 - 1e-9;
		last = due;
	}
	ok(n_bad == 0, "each request is due when the integral reaches it");
	ok(n == 750 && n_first == 550, "a ramp sends what its mean rate says");
}

static void
test_poisson(void)
{
	struct aqi_schedule s = read_schedule("1000:1000s");
	struct aqi_schedule again;
	double sum = 0, squares = 0, mean, n_short = 0;
	uint64_t due, other, last = 0, n = 0, n_bad = 0;

	s.is_random = true;
	s.random = aqi_random_new(5, 0);
	again = s;
	for (; aqi_schedule_next(&s, &due); n++) {
		double gap = (double)(due - last) / 1e6;

		sum += gap;
		squares += gap * gap;
		n_short += gap < 0.1;
		n_bad += due < last;
		last = due;
	}
	mean = sum / (double)n;
	/* A count of mean 10^6 has the deviation 1000: five of them. */
	ok(n_bad == 0 && fabs((double)n - 1e6) < 5000,
	   "random arrivals come to the rate");
	ok(fabs(squares / (double)n - 2 * mean * mean) < 0.02 &&
	   fabs(n_short / (double)n - (1 - exp(-0.1))) < 0.002,
	   "their gaps are exponential");
	for (n_bad = 0; aqi_schedule_next(&again, &other); n--)
		last = other;
	ok(n == 0 && last == other, "a seed gives the same ones again");
}

static void
test_text(void)
{
	static const char *const bad[] = {
		"", "x", "-1", "1e3", "1:", "1:0s", "1:x", ":1s", "1..2",
		"1..:1s", "..2:1s", "1,2", "1:1s,", ",1", "nan", "inf", "0x1",
		"1:1s,0", "1 ", "10000001", "10000000.1",
		"1.2.3", ".", "1..2..3:1s",
	};
	struct aqi_schedule s;
	struct aqi_error err;
	char text[1024] = "";

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ok(aqi_schedule_read(&s, aqi_slice_of(bad[i]), &err) ==
		   AQI_FATAL && err.code == AQI_E_USAGE,
		   "\"%s\" is no schedule", bad[i]);
	ok(aqi_schedule_read(&s, aqi_slice_of("10000000"), &err) == AQI_OK &&
	   s.stages[0].from == 1e7,
	   "ten million requests a second can be asked for");
	ok(aqi_schedule_read(&s, aqi_slice_of("0:1s,0..0:2s"), &err) ==
	   AQI_FATAL && strcmp(err.reason, "rates of 0 alone send nothing") ==
	   0, "a schedule that sends nothing is refused");
	for (int i = 0; i < 64; i++)
		strncat(text, "1:1s,", sizeof text - strlen(text) - 1);
	text[64 * 5 - 1] = '\0';
	ok(aqi_schedule_read(&s, aqi_slice_of(text), &err) == AQI_OK,
	   "there may be 64 stages");
	text[64 * 5 - 1] = ',';
	strncat(text, "1", sizeof text - strlen(text) - 1);
	ok(aqi_schedule_read(&s, aqi_slice_of(text), &err) == AQI_FATAL &&
	   strcmp(err.reason, "there are at most 64 stages") == 0,
	   "and no more");
}

int
main(void)
{
	test_constant();
	test_ramp();
	test_poisson();
	test_text();
	return done();
}
