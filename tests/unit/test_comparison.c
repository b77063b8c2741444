/* Two models side by side, over records of a file. */
#include "model/comparison.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/bundle.h"
#include "record/pipe.h"
#include "tap.h"

/* exp(x < 1 ? low : x < 2 ? 0 : high), of pm25. */
#define MODEL(low, high)						\
	"{\"learner\":{\"feature_names\":[\"pm25\"],"			\
	"\"gradient_booster\":{\"model\":{\"gbtree_model_param\":"	\
	"{\"num_trees\":\"1\"},\"tree_info\":[0],\"trees\":["		\
	"{\"default_left\":[0,0,0,0,0],\"left_children\":[1,-1,3,-1,-1],"\
	"\"right_children\":[2,-1,4,-1,-1],"				\
	"\"split_conditions\":[1," low ",2,0," high "],"		\
	"\"split_indices\":[0,0,0,0,0],"				\
	"\"tree_param\":{\"num_nodes\":\"5\"}}]},\"name\":\"gbtree\"},"	\
	"\"learner_model_param\":{\"base_score\":\"1\","		\
	"\"num_feature\":\"1\"},\"objective\":{\"name\":"		\
	"\"count:poisson\"}},\"version\":[1,7,4]}"

static const char first[] = "comparison-first.json";
static const char second[] = "comparison-second.json";
static const char records[] = "comparison.csv";

static void
put(const char *path, const char *text)
{
	FILE *out = fopen(path, "w");

	if (!out || fputs(text, out) < 0 || fclose(out) != 0) {
		perror(path);
		exit(1);
	}
}

static struct aqi_model *
load(const char *path)
{
	struct aqi_error err;
	struct aqi_model *model = aqi_model_load(
		&(struct aqi_model_options){.name = path, .is_path = true},
		&err);

	if (!model) {
		printf("Bail out! %s\n", err.reason);
		exit(1);
	}
	return model;
}

/* How far apart they are over the records. */
static struct aqi_distance
compare(const struct aqi_model *a, const struct aqi_model *b)
{
	static const struct aqi_format format = {
		.delimiter = ',', .decimal_mark = '.',
		.max_record = AQI_MAX_RECORD,
	};
	const char *const files[] = {records};
	struct aqi_error err = {0};
	struct aqi_comparison *comparison = aqi_comparison_new(a, b, &err);
	struct aqi_step step = aqi_comparison_step(comparison);
	struct aqi_pipe pipe = {
		.format = &format,
		.reader = aqi_reader_new(files, 1, &format),
		.steps = &step, .n_steps = 1,
	};
	struct aqi_distance distance;

	if (aqi_pipe_run(&pipe, &err) != AQI_OK)
		note("%s", err.reason);
	distance = aqi_comparison_distance(comparison);
	aqi_reader_free(pipe.reader);
	aqi_comparison_free(comparison);
	return distance;
}

int
main(void)
{
	char folder[] = "/tmp/aqi-comparison-XXXXXX";
	struct aqi_model *a, *b;
	struct aqi_distance d;

	if (!mkdtemp(folder) || chdir(folder) != 0) {
		perror(folder);
		return 1;
	}
	put(first, MODEL("0", "200"));
	put(second, MODEL("5", "3"));
	put(records, "pm25\n0\n1\n0.5\n");
	a = load(first);
	b = load(second);
	d = compare(a, b);
	ok(d.n_rows == 3 && d.n_moved == 2 && d.largest > 147 &&
	   d.largest < 148 && d.sum > 2 * d.largest - 1e-9 &&
	   d.sum < 2 * d.largest + 1e-9,
	   "outputs that differ are summed up, and categories counted");
	d = compare(a, a);
	ok(d.n_rows == 3 && d.n_moved == 0 && d.sum <= 0 && d.largest <= 0,
	   "a model does not differ from itself");
	put(records, "pm25\n0\n3\n0.5\n");
	d = compare(a, b);
	ok(d.n_rows == 2 && d.largest > 147 && d.largest < 148,
	   "a row of which one model says something infinite does not count");
	aqi_comparison_free(NULL);
	aqi_model_free(a);
	aqi_model_free(b);
	unlink(first);
	unlink(second);
	unlink(records);
	rmdir(folder);
	return done();
}
