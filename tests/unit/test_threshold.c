#include "api/threshold.h"

#include <math.h>
#include <stdlib.h>

#include "net/load_result.h"
#include "tap.h"

static const char *const names[] = {"predict", "health", "service"};

/* 90 good, 6 of another status, 4 timed out, in 10 s: 1 to 100 ms. */
static struct aqi_load_result *
make_result(void)
{
	struct aqi_load_result *r = aqi_load_result_new(3);

	r->sending_seconds = 10;
	r->tasks[0].counts.of[AQI_OUTCOME_OK] = 90;
	r->tasks[0].counts.of[AQI_OUTCOME_STATUS] = 6;
	r->tasks[0].counts.of[AQI_OUTCOME_TIMED_OUT] = 4;
	for (uint64_t i = 1; i <= 100; i++) {
		aqi_histogram_add(&r->tasks[0].latency, i * 1000000);
		aqi_histogram_add(&r->tasks[0].service, i * 1000);
	}
	aqi_load_result_sum(r);
	return r;
}

static void
test_verdicts(void)
{
	static const struct {
		const char *text;
		double measured;
		bool is_missed;
		const char *words;
	} cases[] = {
		{"p50>50.1ms", 50e6, false, "50.0 ms"},
		{"p50>49ms", 50e6, true, "50.0 ms"},
		{"p99 > 99.2ms", 99e6, false, "99.0 ms"},
		{"p100>=100ms", 100e6, true, "100 ms"},
		{"p99.9>100ms", 100e6, false, "100 ms"},
		{"max>99ms", 100e6, true, "100 ms"},
		{"min<=1ms", 1e6, true, "1.00 ms"},
		{"min<1ms", 1e6, false, "1.00 ms"},
		{"mean>50ms", 50.5e6, true, "50.5 ms"},
		{"service.p50>51us", 50e3, false, "50.0 us"},
		{"predict.service.max>99us", 100e3, true, "100 us"},
		{"predict.p50>1s", 50e6, false, "50.0 ms"},
		{"errors>9", 10, true, "10"},
		{"errors>10", 10, false, "10"},
		{"errors>=10%", 10, true, "10 %"},
		{"errors>10%", 10, false, "10 %"},
		{"timeouts>3.9%", 4, true, "4 %"},
		{"timeouts>4", 4, false, "4"},
		{"rate<10", 10, false, "10"},
		{"rate<10.5", 10, true, "10"},
		{"sent<100", 100, false, "100"},
		{"health.p50>1s", NAN, true, "nothing"},
		{"health.errors>0", NAN, true, "nothing"},
		{"health.sent<1", 0, true, "0"},
	};
	struct aqi_load_result *r = make_result();
	char out[AQI_MEASURED_SIZE];
	struct aqi_threshold t;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		double x = NAN;
		bool read = aqi_threshold_read(aqi_slice_of(cases[i].text),
					       names, 2, &t, NULL) == AQI_OK;

		if (read)
			x = aqi_threshold_measure(&t, r);
		ok(read && (isnan(cases[i].measured) ? isnan(x) :
			    fabs(x - cases[i].measured) <= x / 1000) &&
		   aqi_threshold_is_missed(&t, r) == cases[i].is_missed &&
		   strcmp(aqi_threshold_measured(out, &t, r),
			  cases[i].words) == 0,
		   "%s is %s", cases[i].text,
		   cases[i].is_missed ? "missed" : "kept");
	}
	aqi_load_result_free(r);
}

static void
test_texts(void)
{
	static const char *const bad[] = {
		"", ">", "p99", "p99>", ">50ms", "p99>50", "p99>50m", "p99>1h",
		"p99=50ms", "p99>-1ms", "p99>>50ms", "p>1s", "p101>1s",
		"p-1>1s", "p0x1>1s", "p 1>1s", "mean>1", "errors>1s",
		"errors>101%", "errors>%", "rate<1%", "service.errors>0",
		"service.service.p50>1s", "none.p50>1s",
		"predict.health.p50>1s", "service.predict.p50>1s", ".p50>1s",
		"errors>nan", "errors>+1", "errors> ",
	};
	struct aqi_threshold t;
	struct aqi_error err;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ok(aqi_threshold_read(aqi_slice_of(bad[i]), names, 2, &t,
				      &err) == AQI_FATAL &&
		   err.code == AQI_E_USAGE, "\"%s\" is no threshold", bad[i]);
}

int
main(void)
{
	test_verdicts();
	test_texts();
	return done();
}
