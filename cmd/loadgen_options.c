/* The options of aqi-loadgen that are about a server. */
#include <stdio.h>
#include <string.h>

#include "loadgen_target.h"

enum {
	KEY_BATCH_SIZE = 0x300, KEY_BODY, KEY_CONNECTIONS, KEY_CSV,
	KEY_FAIL_IF, KEY_HEADER, KEY_JSON, KEY_JUNIT, KEY_METHOD,
	KEY_NO_KEEP_ALIVE, KEY_POISSON, KEY_RATE, KEY_RECORD, KEY_RECORDS,
	KEY_REPLAY, KEY_SMOKE, KEY_TARGET, KEY_TASK, KEY_TIMEOUT, KEY_USERS,
	KEY_VERIFY, KEY_WAIT
};

static const struct argp_option options[] = {
	{"batch-size", KEY_BATCH_SIZE, "N", 0,
	 "put N records into a batch (10)", 0},
	{"body", KEY_BODY, "TEXT|@FILE", 0,
	 "send this body, with {{record}}, {{records}} and {{NAME}} filled in",
	 0},
	{"connections", KEY_CONNECTIONS, "N", 0,
	 "use N connections for --rate and --replay (50)", 0},
	{"csv", KEY_CSV, "FILE", 0, "write a line a second to FILE", 0},
	{"fail-if", KEY_FAIL_IF, "THRESHOLD", 0,
	 "exit with 1 if, for instance, p99>50ms, errors>1%, rate<100", 0},
	{"header", KEY_HEADER, "NAME: VALUE", 0,
	 "send this header with each request", 0},
	{"json", KEY_JSON, 0, 0, "print the report as a JSON document", 0},
	{"junit", KEY_JUNIT, "FILE", 0,
	 "write thresholds or checks to FILE as JUnit does", 0},
	{"method", KEY_METHOD, "NAME", 0,
	 "send requests of this method (GET, or POST with a body)", 0},
	{"no-keep-alive", KEY_NO_KEEP_ALIVE, 0, 0,
	 "open a connection for each request", 0},
	{"poisson", KEY_POISSON, 0, 0,
	 "have requests of --rate arrive at random moments", 0},
	{"rate", KEY_RATE, "STAGE,...", 0,
	 "send so many requests a second: R, R:TIME or R1..R2:TIME", 0},
	{"record", KEY_RECORD, "FILE", 0,
	 "write the requests and their times to FILE", 0},
	{"records", KEY_RECORDS, "FILE", 0,
	 "send the records of FILE, or of standard input for -", 0},
	{"replay", KEY_REPLAY, "FILE", 0,
	 "send what --record has written, at its times", 0},
	{"smoke", KEY_SMOKE, 0, 0,
	 "try each endpoint of the server's /openapi.json, good and bad", 0},
	{"target", KEY_TARGET, "URL", 0,
	 "send requests to this API instead of writing records", 0},
	{"task", KEY_TASK, "NAME=WEIGHT", 0,
	 "mix these tasks (predict=10, batch=1, health=1)", 0},
	{"time", 't', "DURATION", 0,
	 "go on for so long, such as 30s or 5m (10s)", 0},
	{"timeout", KEY_TIMEOUT, "DURATION", 0,
	 "wait so long for an answer (10s)", 0},
	{"users", KEY_USERS, "N", 0,
	 "be N users who wait for each answer (10)", 0},
	{"verify", KEY_VERIFY, "MODEL", 0,
	 "compare each prediction with that of MODEL", 0},
	{"wait", KEY_WAIT, "DURATION[:DURATION]", 0,
	 "have users wait so long, or between two times, before they go on", 0},
	{0}
};

static const char *
name_of(int key)
{
	static char name[32];

	for (const struct argp_option *option = options; option->name; option++)
		if (option->key == key)
			snprintf(name, sizeof name, "--%s", option->name);
	return name;
}

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	struct loadgen_target *o = state->input;
	const struct aqi_cli *cli = o->cli;

	if ((key == 't' || key >= KEY_BATCH_SIZE) && key <= KEY_WAIT &&
	    key != KEY_TARGET && !o->first)
		o->first = name_of(key);
	switch (key) {
	case KEY_BATCH_SIZE:
		o->batch_size = aqi_cli_count(cli, "--batch-size", arg, 1,
					      100000);
		return 0;
	case KEY_BODY:
		o->body = arg;
		return 0;
	case KEY_CONNECTIONS:
		o->n_connections = aqi_cli_count(cli, "--connections", arg, 1,
						 100000);
		return 0;
	case KEY_CSV:
		o->csv = aqi_cli_name(cli, "--csv", arg);
		return 0;
	case KEY_FAIL_IF:
		loadgen_add_threshold(o, arg);
		return 0;
	case KEY_HEADER:
		loadgen_read_header(o, arg);
		return 0;
	case KEY_JSON:
		o->as_json = true;
		return 0;
	case KEY_JUNIT:
		o->junit = aqi_cli_name(cli, "--junit", arg);
		return 0;
	case KEY_METHOD:
		o->method = arg;
		return 0;
	case KEY_NO_KEEP_ALIVE:
		o->closes = true;
		return 0;
	case KEY_POISSON:
		o->is_random = true;
		return 0;
	case KEY_RATE:
		loadgen_read_rate(o, arg);
		return 0;
	case KEY_RECORD:
		o->record = aqi_cli_name(cli, "--record", arg);
		return 0;
	case KEY_RECORDS:
		o->records = aqi_cli_name(cli, "--records", arg);
		return 0;
	case KEY_REPLAY:
		o->replay = aqi_cli_name(cli, "--replay", arg);
		return 0;
	case KEY_SMOKE:
		o->is_smoke = true;
		return 0;
	case KEY_TARGET:
		loadgen_read_target(o, arg);
		return 0;
	case KEY_TASK:
		loadgen_read_task(o, arg);
		return 0;
	case 't':
		o->duration_ns = loadgen_read_duration(cli, "-t", arg, 1);
		return 0;
	case KEY_TIMEOUT:
		o->timeout_ns = loadgen_read_duration(cli, "--timeout", arg, 1);
		return 0;
	case KEY_USERS:
		o->n_users = aqi_cli_count(cli, "--users", arg, 1, 100000);
		return 0;
	case KEY_VERIFY:
		o->verify = aqi_cli_name(cli, "--verify", arg);
		return 0;
	case KEY_WAIT:
		loadgen_read_wait(o, arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp loadgen_target_argp = {
	.options = options,
	.parser = parse_option,
};
