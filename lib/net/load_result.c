#include "net/load_result.h"

#include <stdlib.h>
#include <string.h>

uint64_t
aqi_load_sent(const struct aqi_load_counts *counts)
{
	uint64_t n = 0;

	for (size_t i = 0; i < AQI_OUTCOMES; i++)
		n += counts->of[i];
	return n;
}

uint64_t
aqi_load_failed(const struct aqi_load_counts *counts)
{
	return aqi_load_sent(counts) - counts->of[AQI_OUTCOME_OK] -
	       counts->of[AQI_OUTCOME_TIMED_OUT];
}

struct aqi_load_result *
aqi_load_result_new(size_t n_tasks)
{
	struct aqi_load_result *result = calloc(1, sizeof *result);

	if (!result)
		return NULL;
	result->n_tasks = n_tasks;
	result->tasks = calloc(n_tasks, sizeof *result->tasks);
	if (!result->tasks) {
		free(result);
		return NULL;
	}
	return result;
}

void
aqi_load_result_sum(struct aqi_load_result *result)
{
	memset(&result->all, 0, sizeof result->all);
	for (size_t i = 0; i < result->n_tasks; i++) {
		const struct aqi_load_task *task = &result->tasks[i];

		for (size_t k = 0; k < AQI_OUTCOMES; k++)
			result->all.counts.of[k] += task->counts.of[k];
		aqi_histogram_merge(&result->all.latency, &task->latency);
		aqi_histogram_merge(&result->all.service, &task->service);
	}
}

void
aqi_load_result_free(struct aqi_load_result *result)
{
	if (!result)
		return;
	free(result->tasks);
	free(result);
}
