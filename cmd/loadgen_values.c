/* What the options of aqi-loadgen mean, alone and together. */
#include <string.h>

#include "base/duration.h"
#include "loadgen_target.h"
#include "net/http.h"
#include "net/http_write.h"

uint64_t
loadgen_read_duration(const struct aqi_cli *cli, const char *option,
		      const char *text, uint64_t least)
{
	char quoted[AQI_QUOTED_SIZE];
	uint64_t ns;

	if (!aqi_duration_read(aqi_slice_of(text), &ns) || ns < least)
		aqi_cli_usage(cli, "%s takes a time such as 500ms, 30s or 5m, "
			      "not %s", option,
			      aqi_error_quote(quoted, aqi_slice_of(text)));
	return ns;
}

void
loadgen_read_wait(struct loadgen_target *o, char *text)
{
	char *colon = strchr(text, ':');

	if (colon)
		*colon = '\0';
	o->wait_least_ns = loadgen_read_duration(o->cli, "--wait", text, 0);
	o->wait_most_ns = colon ?
		loadgen_read_duration(o->cli, "--wait", colon + 1, 0) :
		o->wait_least_ns;
	if (o->wait_most_ns < o->wait_least_ns)
		aqi_cli_usage(o->cli, "--wait takes the shorter time first");
	o->wait = "--wait";
}

void
loadgen_read_task(struct loadgen_target *o, char *text)
{
	char quoted[AQI_QUOTED_SIZE], *equal = strchr(text, '=');
	struct aqi_task_weight *weight = &o->weights[o->n_weights];
	struct aqi_slice name = {text, equal ? (size_t)(equal - text) :
				       strlen(text)};

	weight->name = aqi_task_find(name);
	if (!weight->name)
		aqi_cli_usage(o->cli, "--task takes NAME=WEIGHT, of %s, not %s",
			      aqi_task_names(), aqi_error_quote(quoted, name));
	for (size_t i = 0; i < o->n_weights; i++)
		if (o->weights[i].name == weight->name)
			aqi_cli_usage(o->cli, "--task has %s twice",
				      weight->name);
	weight->weight = equal ? aqi_cli_count(o->cli, "--task WEIGHT",
					       equal + 1, 1, 1000000) : 1;
	o->n_weights++;
}

void
loadgen_read_header(struct loadgen_target *o, char *text)
{
	char quoted[AQI_QUOTED_SIZE], *colon = strchr(text, ':');
	struct aqi_slice whole = aqi_slice_of(text);
	struct aqi_slice value = aqi_slice_of(colon ? colon + 1 : "");
	size_t before = o->fields.size;

	aqi_error_quote(quoted, whole);
	if (colon) {
		struct aqi_slice name = {text, (size_t)(colon - text)};

		*colon = '\0';
		if (aqi_http_is(name, "content-length") ||
		    aqi_http_is(name, "transfer-encoding") ||
		    aqi_http_is(name, "host") ||
		    aqi_http_is(name, "connection"))
			aqi_cli_usage(o->cli, "--header cannot set %s, which "
				      "is made for each request", text);
		o->has_type = o->has_type || aqi_http_is(name, "content-type");
	}
	if (!colon || !aqi_http_add_field(&o->fields, text,
					  aqi_slice_trim(value)) ||
	    o->fields.size == before)
		aqi_cli_usage(o->cli, "--header takes NAME: VALUE, not %s",
			      quoted);
}

void
loadgen_read_rate(struct loadgen_target *o, const char *text)
{
	struct aqi_error err;

	if (aqi_schedule_read(&o->schedule, aqi_slice_of(text), &err) != AQI_OK)
		aqi_cli_usage(o->cli, "--rate: %s", err.reason);
	o->rate = text;
}

void
loadgen_read_target(struct loadgen_target *o, const char *text)
{
	struct aqi_error err;

	if (aqi_url_read(aqi_slice_of(text), &o->url, &err) != AQI_OK)
		aqi_cli_usage(o->cli, "--target: %s", err.reason);
	o->target = text;
}

void
loadgen_add_threshold(struct loadgen_target *o, const char *text)
{
	if (o->n_thresholds == LOADGEN_THRESHOLDS)
		aqi_cli_usage(o->cli, "there are at most %d --fail-if",
			      LOADGEN_THRESHOLDS);
	o->thresholds[o->n_thresholds++] = text;
}

/* Two options that say different things. */
static void
exclude(const struct loadgen_target *o, bool a, const char *a_name, bool b,
	const char *b_name)
{
	if (a && b)
		aqi_cli_usage(o->cli, "%s does not go with %s", a_name,
			      b_name);
}

static void
need(const struct loadgen_target *o, bool a, const char *a_name, bool b,
     const char *b_name)
{
	if (a && !b)
		aqi_cli_usage(o->cli, "%s is for %s", a_name, b_name);
}

/* One request of one's own, or a mix of the API's. */
static void
check_tasks(struct loadgen_target *o)
{
	static const struct aqi_task_weight usual[] = {
		{"predict", 10}, {"batch", 1}, {"health", 1}
	};
	bool is_own = o->method || o->body;

	exclude(o, is_own, o->method ? "--method" : "--body", o->n_weights,
		"--task");
	if (is_own || o->n_weights || o->url.target.size > 1)
		return;
	memcpy(o->weights, usual, sizeof usual);
	o->n_weights = sizeof usual / sizeof *usual;
	for (size_t i = 0; i < o->n_weights; i++)
		o->weights[i].name = aqi_task_find(
			aqi_slice_of(o->weights[i].name));
}

/* Are there answers that --verify looks at? */
static bool
asks_predictions(const struct loadgen_target *o)
{
	for (size_t i = 0; i < o->n_weights; i++)
		if (strcmp(o->weights[i].name, "predict") == 0 ||
		    strcmp(o->weights[i].name, "batch") == 0)
			return true;
	return o->replay || (o->n_weights == 0 && (o->method ?
		strcmp(o->method, "POST") == 0 : o->body != NULL));
}

static void
check_smoke(const struct loadgen_target *o)
{
	exclude(o, o->is_smoke, "--smoke", o->rate || o->n_users || o->wait,
		"--rate, --users or --wait");
	exclude(o, o->is_smoke, "--smoke", o->n_requests || o->duration_ns,
		"-n or -t");
	exclude(o, o->is_smoke, "--smoke", o->n_weights || o->method ||
		o->body || o->records, "--task, --method, --body or --records");
	exclude(o, o->is_smoke, "--smoke", o->replay || o->record,
		"--replay or --record");
	exclude(o, o->is_smoke, "--smoke", o->verify || o->n_thresholds ||
		o->csv, "--verify, --fail-if or --csv");
}

/* There is one standard output. */
static void
check_outputs(const struct loadgen_target *o)
{
	const char *const names[] = {
		o->cli->output ? o->cli->output : "-", o->csv, o->junit,
		o->record
	};
	size_t n = 0;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		n += names[i] && strcmp(names[i], "-") == 0;
	if (n > 1)
		aqi_cli_usage(o->cli, "standard output is for one of the "
			      "report, --csv, --junit and --record; -o FILE "
			      "takes the report elsewhere");
}

void
loadgen_target_check(struct loadgen_target *o)
{
	if (o->first)
		need(o, true, o->first, o->target, "--target URL");
	if (!o->target)
		return;
	check_smoke(o);
	exclude(o, o->rate, "--rate", o->n_users || o->wait,
		"--users or --wait");
	exclude(o, o->replay, "--replay", o->rate || o->n_users || o->wait,
		"--rate, --users or --wait");
	exclude(o, o->replay, "--replay", o->n_weights || o->method ||
		o->body || o->records || o->fields.size || o->record,
		"--task, --method, --body, --records, --header or --record");
	need(o, o->is_random, "--poisson", o->rate, "--rate");
	need(o, o->n_connections, "--connections", o->rate || o->replay,
	     "--rate and --replay; each of --users has one");
	check_outputs(o);
	check_tasks(o);
	/* What compares nothing would find nothing wrong. */
	need(o, o->verify, "--verify", asks_predictions(o),
	     "requests that ask for predictions");
}
