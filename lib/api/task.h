/*
 * task.h: what users of a prediction API ask for, and how often.
 *
 *   predict  POST /predict        a record
 *   batch    POST /predict/batch  {"instances": [records]}
 *   health   GET  /health
 *   ready    GET  /ready
 *   info     GET  /model/info
 *   metrics  GET  /metrics
 *
 * A mix of these has a weight for each; which one comes next is drawn at
 * random, as a seed repeats it.
 */
#ifndef AQI_API_TASK_H
#define AQI_API_TASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"

#define AQI_TASKS 16

struct aqi_load_answer;
struct aqi_load_request;
struct aqi_records;
struct aqi_tasks;		/* one thread each */
struct aqi_url;

struct aqi_task_weight {
	const char *name;
	uint64_t weight;
};

/* The task of that name; NULL for an unknown. The names are valid for ever. */
const char *aqi_task_find(struct aqi_slice name);

/* All of them, with commas between, for a message. */
const char *aqi_task_names(void);

struct aqi_task_options {
	const struct aqi_url *url;	/* of the API; tasks lie below it */
	/* (n_weights,) of the mix; 0: one task, `request`, of what follows. */
	const struct aqi_task_weight *weights;
	size_t n_weights;
	const char *method;		/* NULL: GET, or POST with a body */
	struct aqi_slice body;		/* api/template.h; NULL data: none */
	struct aqi_slice fields;	/* for all: header lines with CRLF */
	bool has_type;			/* with a content-type among them */
	bool closes;
	size_t batch_size;
	uint64_t seed;
};

/* Fails as aqi_template_new; NULL then. records is borrowed, and may be NULL
 * where no task takes them. */
struct aqi_tasks *aqi_tasks_new(const struct aqi_task_options *options,
				struct aqi_records *records,
				struct aqi_error *err) AQI_MUST_CHECK;

size_t aqi_tasks_size(const struct aqi_tasks *tasks);
const char *aqi_tasks_name(const struct aqi_tasks *tasks, size_t task);
bool aqi_tasks_take_records(const struct aqi_tasks *tasks);

/*
 * The next request, as struct aqi_load_source asks for it. Its tag says whether
 * its records are good.
 */
enum aqi_status aqi_tasks_next(struct aqi_tasks *tasks,
			       struct aqi_load_request *request);

/* What a request must be answered with: its records may be bad on purpose. */
bool aqi_tasks_is_wanted(uint64_t tag, unsigned status);

void aqi_tasks_free(struct aqi_tasks *tasks);

#endif
