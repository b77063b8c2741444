/* loadgen_test.h: a load test of aqi-loadgen, from its options. */
#ifndef AQI_CMD_LOADGEN_TEST_H
#define AQI_CMD_LOADGEN_TEST_H

#include <stdbool.h>
#include <stddef.h>

#include "api/task.h"
#include "api/threshold.h"
#include "loadgen_target.h"
#include "net/address.h"

/* What a test has, in the order in which it is made. */
struct loadgen_test {
	struct loadgen_target *o;
	struct aqi_records *records;
	struct aqi_buffer body;
	struct aqi_tasks *tasks;
	struct aqi_recording *recording;
	struct aqi_model *model;
	const char *names[AQI_TASKS];	/* (n_names,) of its tasks */
	size_t n_names;
	struct aqi_threshold thresholds[LOADGEN_THRESHOLDS];
	bool has_errors;	/* one of them is of errors */
	struct aqi_address addresses[AQI_ADDRESS_MAX];
	size_t n_addresses;
	struct aqi_sink *csv, *record;
	struct aqi_buffer line;
	bool has_failed;	/* to write a file: err tells */
	struct aqi_error err;
	struct aqi_load *load;
};

/* Make all that it needs, up to the load itself; err of the test tells. */
enum aqi_status loadgen_test_prepare(struct loadgen_test *test) AQI_MUST_CHECK;

/* Make its files final, come what may to either. */
enum aqi_status loadgen_test_close(struct loadgen_test *test) AQI_MUST_CHECK;

void loadgen_test_free(struct loadgen_test *test);

#endif
