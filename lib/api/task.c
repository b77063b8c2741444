#include "api/task.h"

#include <assert.h>
#include <stdlib.h>

#include "api/records.h"
#include "api/template.h"
#include "base/random.h"
#include "net/load.h"
#include "net/url.h"

static const struct kind {
	const char *name, *method, *path, *body;
} kinds[] = {
	{"predict", "POST", "/predict", "{{record}}"},
	{"batch", "POST", "/predict/batch", "{\"instances\":[{{records}}]}"},
	{"health", "GET", "/health", NULL},
	{"ready", "GET", "/ready", NULL},
	{"info", "GET", "/model/info", NULL},
	{"metrics", "GET", "/metrics", NULL},
};

#define KINDS (sizeof kinds / sizeof *kinds)

struct task {
	const char *name;
	uint64_t weight;
	bool is_head;
	struct aqi_template *template;
};

struct aqi_tasks {
	struct task tasks[AQI_TASKS];
	size_t n;
	uint64_t all;		/* of the weights */
	struct aqi_records *records;
	struct aqi_random random;
};

static const struct kind *
find_kind(struct aqi_slice name)
{
	for (size_t i = 0; i < KINDS; i++)
		if (aqi_slice_is(name, kinds[i].name))
			return &kinds[i];
	return NULL;
}

const char *
aqi_task_find(struct aqi_slice name)
{
	const struct kind *kind = find_kind(name);

	return kind ? kind->name : NULL;
}

const char *
aqi_task_names(void)
{
	return "predict, batch, health, ready, info, metrics";
}

static enum aqi_status
add_task(struct aqi_tasks *tasks, const char *name, uint64_t weight,
	 const struct aqi_template_options *options, struct aqi_error *err)
{
	struct task *task = &tasks->tasks[tasks->n];

	task->template = aqi_template_new(options, err);
	if (!task->template)
		return AQI_FATAL;
	task->name = name;
	task->weight = weight;
	task->is_head = strcmp(options->method, "HEAD") == 0;
	tasks->all += weight;
	tasks->n++;
	return AQI_OK;
}

/* The tasks of an API lie below the path of its URL, which has no query. */
static enum aqi_status
add_mix(struct aqi_tasks *tasks, const struct aqi_task_options *o,
	struct aqi_template_options *options, struct aqi_error *err)
{
	struct aqi_buffer target = {0};
	enum aqi_status status = AQI_OK;

	for (size_t i = 0; i < o->n_weights && status == AQI_OK; i++) {
		const struct kind *kind =
			find_kind(aqi_slice_of(o->weights[i].name));

		assert(kind);
		aqi_buffer_clear(&target);
		aqi_url_add_below(o->url, kind->path, &target);
		if (target.failed) {
			status = aqi_error_memory(err);
			break;
		}
		options->method = kind->method;
		options->target = (struct aqi_slice){target.data, target.size};
		options->body = kind->body ? aqi_slice_of(kind->body) :
				(struct aqi_slice){NULL, 0};
		status = add_task(tasks, kind->name, o->weights[i].weight,
				  options, err);
	}
	aqi_buffer_free(&target);
	return status;
}

struct aqi_tasks *
aqi_tasks_new(const struct aqi_task_options *o, struct aqi_records *records,
	      struct aqi_error *err)
{
	struct aqi_tasks *tasks = calloc(1, sizeof *tasks);
	struct aqi_template_options options = {
		.method = o->method ? o->method : o->body.data ? "POST" : "GET",
		.target = o->url->target,
		.host = o->url->authority,
		.fields = o->fields,
		.body = o->body,
		.has_type = o->has_type,
		.closes = o->closes,
		.batch_size = o->batch_size,
	};
	enum aqi_status status;

	if (!tasks) {
		aqi_error_memory(err);
		return NULL;
	}
	tasks->records = records;
	tasks->random = aqi_random_new(o->seed, UINT64_C(0x7461736b));
	status = o->n_weights ? add_mix(tasks, o, &options, err) :
		 add_task(tasks, "request", 1, &options, err);
	if (status == AQI_OK)
		return tasks;
	aqi_tasks_free(tasks);
	return NULL;
}

size_t
aqi_tasks_size(const struct aqi_tasks *tasks)
{
	return tasks->n;
}

const char *
aqi_tasks_name(const struct aqi_tasks *tasks, size_t task)
{
	return tasks->tasks[task].name;
}

bool
aqi_tasks_take_records(const struct aqi_tasks *tasks)
{
	for (size_t i = 0; i < tasks->n; i++)
		if (aqi_template_takes_records(tasks->tasks[i].template))
			return true;
	return false;
}

enum aqi_status
aqi_tasks_next(struct aqi_tasks *tasks, struct aqi_load_request *request)
{
	uint64_t at = tasks->n > 1 ? aqi_random_below(&tasks->random,
						      tasks->all) : 0;
	bool is_good;
	size_t i = 0;

	while (at >= tasks->tasks[i].weight)
		at -= tasks->tasks[i++].weight;
	request->task = i;
	request->is_head = tasks->tasks[i].is_head;
	if (!aqi_template_write(tasks->tasks[i].template, tasks->records,
				request->bytes, &is_good))
		return AQI_END;
	request->tag = is_good;
	return AQI_OK;
}

/* What may be wrong with a record is not wrong for every API: that it is
 * answered at all, with no fault of the server's, is what counts. */
bool
aqi_tasks_is_wanted(uint64_t tag, unsigned status)
{
	return (status >= 200 && status <= 299) ||
	       (!tag && (status == 400 || status == 413 || status == 422));
}

void
aqi_tasks_free(struct aqi_tasks *tasks)
{
	if (!tasks)
		return;
	for (size_t i = 0; i < AQI_TASKS; i++)
		aqi_template_free(tasks->tasks[i].template);
	free(tasks);
}
