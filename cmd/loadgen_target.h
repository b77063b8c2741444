/*
 * loadgen_target.h: the other half of aqi-loadgen, which asks a server.
 *
 * Its options are a child of the program's own.
 */
#ifndef AQI_CMD_LOADGEN_TARGET_H
#define AQI_CMD_LOADGEN_TARGET_H

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>

#include "air/synth.h"
#include "api/task.h"
#include "base/buffer.h"
#include "cli/cli.h"
#include "net/schedule.h"
#include "net/url.h"

#define LOADGEN_THRESHOLDS 64

/* Plain data, filled by the options. */
struct loadgen_target {
	struct aqi_cli *cli;
	const struct aqi_synth_options *synth;
	const char *target;		/* NULL: write records */
	struct aqi_url url;
	const char *first;		/* an option that is for --target */

	uint64_t n_requests, duration_ns;	/* 0: no limit */
	uint64_t timeout_ns;
	uint64_t n_users, n_connections;	/* 0: not said */
	uint64_t wait_least_ns, wait_most_ns;
	const char *wait;		/* as it was given */
	const char *rate;
	struct aqi_schedule schedule;
	bool is_random;

	struct aqi_task_weight weights[AQI_TASKS];	/* (n_weights,) */
	size_t n_weights;
	uint64_t batch_size;
	const char *method, *body;
	struct aqi_buffer fields;	/* of --header */
	bool has_type, closes;
	const char *records, *replay, *record;

	const char *thresholds[LOADGEN_THRESHOLDS];	/* (n_thresholds,) */
	size_t n_thresholds;
	const char *verify;
	bool is_smoke, as_json;
	const char *csv, *junit;
};

extern const struct argp loadgen_target_argp;

/* Requests are due when a plan says, not when users get to them. */
static inline bool
loadgen_is_open(const struct loadgen_target *o)
{
	return o->rate || o->replay;
}

/* The values of options; each ends the program with a clause when it is none. */
uint64_t loadgen_read_duration(const struct aqi_cli *cli, const char *option,
			       const char *text, uint64_t least);
void loadgen_read_wait(struct loadgen_target *o, char *text);
void loadgen_read_task(struct loadgen_target *o, char *text);
void loadgen_read_header(struct loadgen_target *o, char *text);
void loadgen_read_rate(struct loadgen_target *o, const char *text);
void loadgen_read_target(struct loadgen_target *o, const char *text);
void loadgen_add_threshold(struct loadgen_target *o, const char *text);

/* What the options say together. */
void loadgen_target_check(struct loadgen_target *o);

/* Ask, and report; the exit status. */
int loadgen_target_run(struct loadgen_target *o);

/* Write the file of --junit. */
enum aqi_status loadgen_write_junit(const struct loadgen_target *o,
				    const struct aqi_buffer *junit,
				    struct aqi_error *err) AQI_MUST_CHECK;

/* Write it if there is one, and the report; the exit status of that. */
int loadgen_write(struct loadgen_target *o, const struct aqi_buffer *text,
		  const struct aqi_buffer *junit);

#endif
