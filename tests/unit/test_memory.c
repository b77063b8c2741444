/* What loads and parses, as each of its allocations fails in turn. */
#undef _FORTIFY_SOURCE	/* whose declarations memory.h could not replace */
#include "memory.h"

#include <fcntl.h>
#include <math.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "air/base_record.h"
#include "air/category.h"
#include "air/features.h"
#include "air/gather.h"
#include "air/gather_table.h"
#include "air/guess.h"
#include "air/mapping.h"
#include "air/quality.h"
#include "air/schema.h"
#include "air/synth.h"
#include "base/builtin.h"
#include "base/sum.h"
#include "model/bundle.h"
#include "model/comparison.h"
#include "model/compiled.h"
#include "model/engine.h"
#include "model/explain.h"
#include "model/document.h"
#include "model/forest.h"
#include "model/forest_builder.h"
#include "model/lightgbm.h"
#include "model/locate.h"
#include "model/nodes.h"
#include "model/outline.h"
#include "model/planes.h"
#include "model/predictor.h"
#include "model/shrink.h"
#include "model/survey.h"
#include "model/trees.h"
#include "model/xgboost.h"
#include "record/checkpoint.h"
#include "onnx_models.h"
#include "record/decoder.h"
#include "record/encoding.h"
#include "record/number.h"
#include "record/pipe.h"

#define ALL SIZE_MAX
#define TEXT(literal) {literal, sizeof (literal) - 1}

/* Has the library been built with nothing compiled in? */
static bool hides_builtin;

WRAP(struct aqi_slice, aqi_builtin_find, (const char *path))
{
	return hides_builtin ? (struct aqi_slice){0} :
			       __real_aqi_builtin_find(path);
}

static char folder[] = "/tmp/aqi-memory.XXXXXX";

static void
store(const char *name, struct aqi_slice text)
{
	FILE *file = fopen(name, "w");

	if (!file || fwrite(text.data, 1, text.size, file) != text.size ||
	    fclose(file) != 0)
		abort();
}

/* Records in the file "in", and what comes out of them. */
struct run {
	struct aqi_format format;
	struct aqi_slice text, wanted;
	struct aqi_slice more;	/* in a file behind it; {NULL, 0}: none */
	enum aqi_code code;	/* with which it fails; AQI_E_NONE: not */
	uint64_t n_refused;
	size_t n_files;		/* "in" so often; 0: once */
	size_t most;		/* failures that are tried; 0: all */
	const struct aqi_reader_position *place;
	struct aqi_step (*make)(void);	/* its self NULL without memory;
					 * NULL: no step */
	void (*unmake)(void *self);
};

/* What stands in a pipe is what is wanted. */
static bool
came(int fd, struct aqi_slice wanted)
{
	static char data[65536];
	ssize_t n = read(fd, data, sizeof data);

	/* Nothing at all is no end, as we hold the other end. */
	if (n < 0 && errno == EAGAIN)
		n = 0;
	return n >= 0 && aqi_slice_equal((struct aqi_slice){data, (size_t)n},
					 wanted);
}

static enum aqi_status
run_pipe(const struct run *run, struct aqi_pipe *pipe, struct aqi_error *err)
{
	if (!pipe->reader || (run->make && !pipe->steps->self))
		return aqi_error_memory(err);
	if (!pipe->out || !pipe->rejects)
		return AQI_FATAL;
	if (run->place &&
	    aqi_reader_resume(pipe->reader, run->place, err) != AQI_OK)
		return AQI_FATAL;
	return aqi_pipe_run(pipe, err);
}

/* The two pipes hold all that is written. */
static enum aqi_status
try_run(const void *what, struct aqi_error *err)
{
	static const char *const twice[] = {"in", "in"};
	static const char *const both[] = {"in", "more"};
	const struct run *run = what;
	size_t n_files = run->more.data ? 2 : run->n_files ? run->n_files : 1;
	struct aqi_step step = {0};
	struct aqi_pipe pipe = {
		.format = &run->format,
		.reader = aqi_reader_new(run->more.data ? both : twice, n_files,
					 &run->format),
		.steps = run->make ? &step : NULL, .n_steps = run->make != NULL,
	};
	enum aqi_status status;
	char path[32];
	int out[2];

	if (pipe2(out, O_CLOEXEC | O_NONBLOCK) != 0)
		abort();
	snprintf(path, sizeof path, "/dev/fd/%d", out[1]);
	pipe.out = aqi_sink_open(path, NULL, err);
	pipe.rejects = pipe.out ? aqi_sink_open("/dev/null", NULL, err) : NULL;
	if (run->make)
		step = run->make();
	status = run_pipe(run, &pipe, err);
	if (status == AQI_OK && (pipe.counts.refused != run->n_refused ||
				 !came(out[0], run->wanted)))
		status = AQI_REJECT;
	if (run->code && status != AQI_FATAL)
		status = AQI_REJECT;
	else if (run->code && err->code == run->code)
		status = AQI_OK;
	if (run->unmake)
		run->unmake(step.self);
	aqi_sink_discard(pipe.rejects);
	aqi_sink_discard(pipe.out);
	aqi_reader_free(pipe.reader);
	close(out[0]);
	close(out[1]);
	return status;
}

static void
runs(const char *sentence, struct run run)
{
	struct aqi_format *format = &run.format;

	format->delimiter = ',';
	format->decimal_mark = '.';
	if (!format->max_record)
		format->max_record = AQI_MAX_RECORD;
	store("in", run.text);
	if (run.more.data)
		store("more", run.more);
	survives(sentence, try_run, &run, run.most ? run.most : ALL);
}

static const struct aqi_slice a_and_b[] = {TEXT("a"), TEXT("b")};
static const struct aqi_slice only_b[] = {TEXT("b")};

#define FORTY "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20," \
	"21,22,23,24,25,26,27,28,29,30,31,32,33,34,35,36,37,38,39,40"

#define QUOTED "a,b\n\"1, \"\"2\"\"\",2\n3\n\"4\n\",\"5\"\n6,7"

static void
test_csv(void)
{
	static const struct aqi_slice numbers[] = {TEXT("b")};

	runs("CSV, with quotes and a row that is refused", (struct run){
		.text = TEXT(QUOTED), .n_refused = 1,
		.wanted = TEXT("a,b\n\"1, \"\"2\"\"\",2\n"
			       "\"4\n\",\"5\"\n6,7\n")});
	runs("CSV of many columns", (struct run){
		.text = TEXT(FORTY "\n" FORTY "\n"),
		.wanted = TEXT(FORTY "\n" FORTY "\n")});
	runs("a cell that is longer than most", (struct run){
		.text = TEXT("a,b\n\"" FORTY FORTY FORTY FORTY "\",2\n"),
		.wanted = TEXT("a,b\n\"" FORTY FORTY FORTY FORTY "\",2\n")});
	runs("columns that are chosen of two files", (struct run){
		.format = {.columns = only_b, .n_columns = 1}, .n_files = 2,
		.text = TEXT("a,b\n1,2\n"), .wanted = TEXT("b\n2\n2\n")});
	runs("columns that are named, of which one name is there twice",
	     (struct run){
		.format = {.header = a_and_b, .n_header = 2,
			   .allow_repeated_names = true},
		.text = TEXT("1,2\n"), .wanted = TEXT("a,b\n1,2\n")});
	runs("a record that is too long", (struct run){
		.format = {.max_record = 100}, .n_refused = 1,
		.text = TEXT("a,b\n1,2\n" FORTY FORTY FORTY "\n"),
		.wanted = TEXT("a,b\n1,2\n")});
	runs("a row of many columns, some of them formulas", (struct run){
		.format = {.safe_csv = true, .columns = only_b,
			   .n_columns = 1, .allow_repeated_names = true},
		.text = TEXT("b," FORTY "," FORTY "\n=x," FORTY "," FORTY "\n"),
		.wanted = TEXT("b\n'=x\n")});
	runs("a header alone, without a line end", (struct run){
		.text = TEXT("a,b"), .wanted = TEXT("a,b\n")});
	runs("CSV as NDJSON", (struct run){
		.format = {.out = AQI_SYNTAX_NDJSON, .numbers = numbers,
			   .n_numbers = 1},
		.text = TEXT("a,b\n1,2\n\"\1\",\n"),
		.wanted = TEXT("{\"a\":\"1\",\"b\":2}\n"
			       "{\"a\":\"\\u0001\",\"b\":null}\n")});
}

static void
test_ndjson(void)
{
	runs("NDJSON, with escapes and records that are refused",
	     (struct run){
		.format = {.in = AQI_SYNTAX_NDJSON},
		.text = TEXT("[1]\n{\"a\":1,\"b\\u0041\":\"x\\n\"}\n"
			     "{\"a\":{\"c\":[]}}\n{\"a\":1,\"a\":2}\n{\n"),
		.wanted = TEXT("{\"a\":1,\"b\\u0041\":\"x\\n\"}\n"
			       "{\"a\":{\"c\":[]}}\n"), .n_refused = 3});
	runs("NDJSON as CSV", (struct run){
		.format = {.out = AQI_SYNTAX_CSV},
		.text = TEXT("{\"a\":1,\"b\":\"x\\ny\"}\n{\"c\":1}\n"),
		.wanted = TEXT("a,b\n1,\"x\ny\"\n"), .n_refused = 1});
	runs("one record, which is too long", (struct run){
		.format = {.max_record = 10}, .n_refused = 1,
		.text = TEXT("{\"a\":\"" FORTY)});
	runs("keys that are chosen", (struct run){
		.format = {.columns = only_b, .n_columns = 1},
		.text = TEXT("{\"a\":1,\"b\":\"2\"}\n"),
		.wanted = TEXT("{\"b\":\"2\"}\n")});
}

/* "a,b\n1,2\n" and some of it once more, as gzip, xz and zstd write it. */
#define GZIP "\x1f\x8b\x08\0\0\0\0\0\0\x03\x4b\xd4\x49\xe2\x32\xd4\x31\xe2"   \
	     "\x02\0\x7b\x07\x97\x0a\x08\0\0\0"
#define XZ "\xfd\x37\x7a\x58\x5a\0\0\x01\x69\x22\xde\x36\x02\0\x21\x01\x16\0" \
	   "\0\0\x74\x2f\xe5\xa3\x01\0\x07\x61\x2c\x62\x0a\x31\x2c\x32\x0a\0" \
	   "\x7b\x07\x97\x0a\0\x01\x1c\x08\x44\x60\x2a\xc8\x90\x42\x99\x0d"   \
	   "\x01\0\0\0\0\x01\x59\x5a"
#define ZSTD "\x28\xb5\x2f\xfd\x24\x08\x41\0\0\x61\x2c\x62\x0a\x31\x2c\x32"  \
	     "\x0a\x35\xe7\xca\xce"

static void
test_packed(void)
{
	static const struct {
		const char *sentence, *needed;
		struct aqi_slice text;
	} packed[] = {
		{"what gzip has packed", "zlib", TEXT(GZIP GZIP)},
		{"what xz has packed", "liblzma", TEXT(XZ XZ)},
		{"what zstd has packed", "libzstd", TEXT(ZSTD ZSTD)},
	};

	for (size_t i = 0; i < sizeof packed / sizeof *packed; i++) {
		if (strstr(aqi_decoder_libraries(), packed[i].needed))
			runs(packed[i].sentence, (struct run){
				.text = packed[i].text,
				.wanted = TEXT("a,b\n1,2\na,b\n1,2\n")});
		else
			skip(packed[i].sentence, packed[i].needed);
	}
}

static enum aqi_status
try_name(const void *name, struct aqi_error *err)
{
	struct aqi_encoding *encoding;

	if (!aqi_encoding_is_known(name))
		return aqi_error_set(err, AQI_E_USAGE, "not known");
	encoding = aqi_encoding_new(name);
	aqi_encoding_free(encoding);
	return encoding ? AQI_OK : aqi_error_memory(err);
}

static void
test_encodings(void)
{
	survives("an encoding's name is not unknown for it", try_name,
		 "latin1", ALL);
	runs("another encoding", (struct run){
		.format = {.encoding = "latin1", .has_encoding = true},
		.text = TEXT("a,b\n\xe9,2\n"),
		.wanted = TEXT("a,b\n\xc3\xa9,2\n")});
}

/* Beyond 19 digits, strtod is asked, in a locale that must be had once. */
static void
test_locale(void)
{
	const struct aqi_slice text = TEXT("0.12345678901234567890123");
	double x = 1;
	int status;
	pid_t pid;

	/* In a process of its own: the locale is not asked for again. */
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		memory.first = 1;
		memory.last = SIZE_MAX;
		memory.counts = true;
		status = aqi_number_to_double(text, '.', &x) != AQI_NUMBER_NOT;
		memory.counts = false;
		exit(status || !memory.failed);
	}
	ok(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0 &&
	   aqi_number_to_double(text, '.', &x) == AQI_NUMBER_OK &&
	   x == 0.12345678901234567890123,
	   "without a locale a long number is none, rather than a wrong one");
}

/* The second and third record of "in" are for another run. */
static void
test_resume(void)
{
	static const char head[] = "b,a\n1,2\n";
	static const size_t map[] = {1, 0};
	struct aqi_reader_position place = {
		.source = {.offset = 8, .line = 3, .tail_size = 8,
			   .tail_sum = aqi_sum(AQI_SUM_START,
					(struct aqi_slice){head, 8})},
		.syntax = AQI_SYNTAX_CSV, .is_open = true,
		.names = a_and_b, .n_names = 2, .n_columns = 2, .map = map,
	};

	runs("a run that goes on where another has ended", (struct run){
		.text = TEXT("b,a\n1,2\n3,4\n5,6"), .place = &place,
		.wanted = TEXT("a,b\n4,3\n6,5\n")});
	place.own_names = a_and_b;
	place.n_own_names = 2;
	runs("one within a file that is bound by itself", (struct run){
		.format = {.binds_files = true},
		.text = TEXT("b,a\n1,2\n3,4\n"), .place = &place,
		.wanted = TEXT("a,b\n4,3\n")});
}

static const struct aqi_checkpoint_part parts[] = {{TEXT("model"), 7}};
static const struct aqi_checkpoint_input inputs[] = {{TEXT("in"), 9, 9}};

static enum aqi_status
try_checkpoint(const void *what, struct aqi_error *err)
{
	static const size_t map[] = {1, AQI_NO_COLUMN};
	const struct aqi_checkpoint made = {
		.program = TEXT("aqi-predict 1"), .options = a_and_b,
		.n_options = 2, .parts = parts, .n_parts = 1,
		.inputs = inputs, .n_inputs = 1,
		.at = {.source = {.offset = 8, .line = 2},
		       .syntax = AQI_SYNTAX_CSV, .is_open = true,
		       .names = a_and_b, .n_names = 2, .n_columns = 2,
		       .map = map},
	};
	struct aqi_checkpoint got = {0};
	enum aqi_status status = aqi_checkpoint_save(&made, what, err);

	if (status == AQI_OK)
		status = aqi_checkpoint_load(&got, what, err);
	if (status == AQI_OK &&
	    (!aqi_slice_equal(got.program, made.program) ||
	     !aqi_slice_equal(got.at.names[1], a_and_b[1]) ||
	     !aqi_slice_equal(got.inputs[0].name, inputs[0].name) ||
	     got.at.map[1] != AQI_NO_COLUMN))
		status = AQI_REJECT;
	aqi_arena_free(&got.arena);
	return status;
}

static enum aqi_status
try_sink(const void *path, struct aqi_error *err)
{
	struct aqi_sink *sink = aqi_sink_open(path, NULL, err);
	enum aqi_status status;

	if (!sink)
		return AQI_FATAL;
	status = aqi_sink_write(sink, "a\n", 2, NULL, 0, NULL, err);
	if (status != AQI_OK) {
		aqi_sink_discard(sink);
		return status;
	}
	return aqi_sink_close(sink, err);
}

static enum aqi_status
try_partial(const void *path, struct aqi_error *err)
{
	struct aqi_sink *sink = aqi_sink_open_partial(path, NULL, NULL, err);

	aqi_sink_discard(sink);
	return sink ? AQI_OK : AQI_FATAL;
}

static enum aqi_status
try_schema(const void *name, struct aqi_error *err)
{
	struct aqi_schema *schema = aqi_schema_load(name, err);
	enum aqi_status status = AQI_FATAL;

	if (schema)
		status = schema->n_fields > 1 && schema->fields[1].unit.size ?
				 AQI_OK : AQI_REJECT;
	aqi_schema_free(schema);
	return status;
}

static void
test_files(void)
{
	survives("a checkpoint", try_checkpoint, "checkpoint", ALL);
	if (symlink("aim", "link") != 0)
		abort();
	survives("an output", try_sink, "link", ALL);
	survives("a partial output", try_partial, "link", ALL);
	store("s.json", aqi_slice_of(
		"{\"type\":\"object\",\"properties\":{"
		"\"a\":{\"type\":\"string\",\"enum\":[\"x\",\"y\"]},"
		"\"b\":{\"type\":[\"number\",\"null\"],\"unit\":\"K\","
		"\"minimum\":0}},\"required\":[\"a\"]}"));
	survives("a schema", try_schema, "./s.json", ALL);
	survives("a schema that is built in", try_schema, "api", ALL);
}

static enum aqi_status
try_mapping(const void *text, struct aqi_error *err)
{
	struct aqi_mapping *mapping =
		aqi_mapping_new(aqi_slice_of(text), "m.json", err);
	enum aqi_status status = AQI_FATAL;

	if (mapping)
		status = aqi_slice_is(mapping->name, "m") ? AQI_OK :
							    AQI_REJECT;
	aqi_mapping_free(mapping);
	return status;
}

static enum aqi_status
try_mapping_named(const void *name, struct aqi_error *err)
{
	struct aqi_mapping *mapping = aqi_mapping_load(name, err);

	aqi_mapping_free(mapping);
	return mapping ? AQI_OK : AQI_FATAL;
}

static enum aqi_status
try_list(const void *what, struct aqi_error *err)
{
	struct aqi_buffer text = {0};
	enum aqi_status (*list)(struct aqi_buffer *, struct aqi_error *) =
		*(enum aqi_status (*const *)(struct aqi_buffer *,
					     struct aqi_error *))what;
	enum aqi_status status = list(&text, err);

	if (status == AQI_OK && !memchr(text.data, '\n', text.size))
		status = AQI_REJECT;
	aqi_buffer_free(&text);
	return status;
}

static const char mapping[] =
	"{\"name\":\"m\",\"title\":\"M\",\"source\":\"-\",\"licence\":\"-\","
	"\"time\":{\"columns\":{\"date\":\"d\",\"time\":\"t\"},"
	"\"date_format\":[\"YYYY-MM-DD\"],\"time_format\":\"hh:mm\","
	"\"stamp\":\"begin\"},"
	"\"station\":{\"column\":\"s\"},\"missing\":[\"-\",\"NA\"],"
	"\"gas_reference_c\":[{\"before\":\"2018-08-31\",\"c\":0},{\"c\":25}],"
	"\"fields\":{\"pm25\":{\"columns\":[\"p\",\"q\"],\"unit\":\"ug/m3\","
	"\"missing\":\"x\"},\"o3\":{\"columns\":\"o\","
	"\"units_by_range\":[{\"from\":0,\"to\":1,\"unit\":\"ppm\"},"
	"{\"from\":2,\"to\":9,\"unit\":\"ppb\"}]},"
	"\"no2\":{\"columns\":\"n\",\"unit_column\":[\"v\"]}}}";

static void
test_mappings(void)
{
	struct aqi_slice names[64];
	enum aqi_status (*list)(struct aqi_buffer *, struct aqi_error *) =
		aqi_mapping_list;
	char name[64];
	size_t n;

	survives("a mapping", try_mapping, mapping, ALL);
	aqi_mapping_names(names, sizeof names / sizeof *names, &n);
	for (size_t i = 0; i < n; i++) {
		snprintf(name, sizeof name, "%.*s", (int)names[i].size,
			 names[i].data);
		survives(name, try_mapping_named, name, ALL);
	}
	survives("the list of mappings", try_list, &list, 50);
}

/* A tree of three nodes over "pm25", with a bare NaN where it does not
 * matter. */
static const char trees[] =
	"{\"learner\":{\"attributes\":{},\"feature_names\":[\"pm25\"],"
	"\"feature_types\":[],\"gradient_booster\":{\"model\":"
	"{\"gbtree_model_param\":{\"num_parallel_tree\":\"1\","
	"\"num_trees\":\"1\",\"size_leaf_vector\":\"0\"},\"tree_info\":[0],"
	"\"trees\":[{\"default_left\":[1,0,0],\"id\":0,"
	"\"left_children\":[1,-1,-1],\"loss_changes\":[NaN,0,0],"
	"\"right_children\":[2,-1,-1],\"split_conditions\":[30.5,25.25,75.5],"
	"\"sum_hessian\":[4,3,1],"
	"\"split_indices\":[0,0,0],\"split_type\":[0,0,0],\"tree_param\":"
	"{\"num_deleted\":\"0\",\"num_feature\":\"1\",\"num_nodes\":\"3\","
	"\"size_leaf_vector\":\"0\"}}]},\"name\":\"gbtree\"},"
	"\"learner_model_param\":{\"base_score\":\"0\","
	"\"boost_from_average\":\"1\",\"num_class\":\"0\","
	"\"num_feature\":\"1\",\"num_target\":\"1\"},\"objective\":"
	"{\"name\":\"reg:squarederror\",\"reg_loss_param\":"
	"{\"scale_pos_weight\":\"1\"}}},\"version\":[1,7,4]}";

static enum aqi_status
try_trees(const void *text, struct aqi_error *err)
{
	struct aqi_arena arena = {0};
	struct aqi_trees got = {0};
	const double x = 31;
	double y = 0;
	enum aqi_status status =
		aqi_xgboost_read(aqi_slice_of(text), NULL, &arena, &got, err);

	if (status == AQI_OK) {
		aqi_forest_predict(got.forest, &x, 1, &y);
		if (y != 75.5 || got.n_names != 1)
			status = AQI_REJECT;
		aqi_forest_free(got.forest);
	}
	aqi_arena_free(&arena);
	return status;
}

/* Other kinds of XGBoost's, and the first margin of 31. */
struct kind {
	const char *bytes;
	size_t size;
	double wanted;
};

#define KIND(bytes, wanted) (&(struct kind){bytes, sizeof (bytes) - 1, wanted})

/* A name with an escape, weights of trees, categories, two values a leaf. */
#define VECTORS "{\"learner\":{\"feature_names\":[\"pm\\u0032\"]," \
	"\"gradient_booster\":{\"gbtree\":{\"model\":" \
	"{\"gbtree_model_param\":{\"num_trees\":\"1\"},\"tree_info\":[0]," \
	"\"trees\":[{\"base_weights\":[0,0,1,2,4,8],\"categories\":[31]," \
	"\"categories_nodes\":[0],\"categories_segments\":[0]," \
	"\"categories_sizes\":[1],\"default_left\":[1,0,0]," \
	"\"left_children\":[1,-1,-1],\"right_children\":[2,-1,-1]," \
	"\"split_conditions\":[0,0,0],\"split_indices\":[0,0,0]," \
	"\"split_type\":[1,0,0],\"tree_param\":{\"num_nodes\":\"3\"," \
	"\"size_leaf_vector\":\"2\"}}]}},\"name\":\"dart\"," \
	"\"weight_drop\":[0.5]},\"learner_model_param\":{\"base_score\":" \
	"\"0\",\"num_feature\":\"1\",\"num_target\":\"2\"}," \
	"\"objective\":{\"name\":\"reg:squarederror\"}},\"version\":[1,7,4]}"

/* A linear function, in UBJSON. */
#define LINEAR "{U\7learner{U\20gradient_booster{U\5model{U\7weights[$d#U\2" \
	"\x40\0\0\0\x3f\0\0\0}U\4nameSU\10gblinear}U\23learner_model_param" \
	"{U\12base_scoreSU\1" "0U\13num_featureSU\1" "1}U\11objective{U\4name" \
	"SU\20reg:squarederror}}}"

static enum aqi_status
try_kind(const void *of, struct aqi_error *err)
{
	const struct kind *kind = of;
	struct aqi_arena arena = {0};
	struct aqi_trees got = {0};
	const double x = 31;
	double y[2] = {0};
	enum aqi_status status =
		aqi_trees_read((struct aqi_slice){kind->bytes, kind->size},
			       NULL, &arena, &got, err);

	if (status == AQI_OK) {
		aqi_forest_predict(got.forest, &x, 1, y);
		if (y[0] != kind->wanted)
			status = AQI_REJECT;
		aqi_forest_free(got.forest);
	}
	aqi_arena_free(&arena);
	return status;
}

/* A set of categories, and leaves that are functions. */
static const char text_trees[] =
	"tree\nversion=v4\nnum_class=1\nmax_feature_idx=0\n"
	"objective=regression\nfeature_names=pm25\ntree_sizes=211 232\n\n"
	"Tree=0\nnum_leaves=2\nnum_cat=1\nsplit_feature=0\nsplit_gain=1\n"
	"threshold=0\ndecision_type=1\nleft_child=-1\nright_child=-2\n"
	"leaf_value=70.5 0\nleaf_count=1 2\ninternal_count=3\n"
	"cat_boundaries=0 1\ncat_threshold=2147483648\n\n"
	"Tree=1\nnum_leaves=2\nsplit_feature=0\nsplit_gain=1\n"
	"threshold=31\ndecision_type=2\nleft_child=-1\nright_child=-2\n"
	"leaf_value=0 1\nleaf_count=1 2\ninternal_count=3\nis_linear=1\n"
	"leaf_const=-26 0\nnum_features=1 0\nleaf_features=0 \n"
	"leaf_coeff=1 \n\n"
	"end of trees\n";

static enum aqi_status
try_text_trees(const void *text, struct aqi_error *err)
{
	struct aqi_arena arena = {0};
	struct aqi_trees got = {0};
	const double x = 31;
	double y = 0;
	enum aqi_status status =
		aqi_lightgbm_read(aqi_slice_of(text), NULL, &arena, &got, err);

	if (status == AQI_OK) {
		aqi_forest_predict(got.forest, &x, 1, &y);
		if (y != 75.5 || got.n_names != 1)
			status = AQI_REJECT;
		aqi_forest_free(got.forest);
	}
	aqi_arena_free(&arena);
	return status;
}

/* Trees that are read at once where nobody asks for statistics. */
#define PLAIN_TREE(number) \
	"Tree=" number "\nnum_leaves=3\nnum_cat=0\nsplit_feature=0 0\n"	\
	"threshold=31 1.5\ndecision_type=2 8\nleft_child=1 -2\n"	\
	"right_child=-1 -3\nleaf_value=70.5 0.5 0.25\n"		\
	"is_linear=0\nshrinkage=1\n\n\n"

static const char plain_trees[] =
	"tree\nversion=v4\nnum_class=1\nmax_feature_idx=0\n"
	"objective=regression\nfeature_names=pm25\n"
	"tree_sizes=168 168\n\n"
	PLAIN_TREE("0") PLAIN_TREE("1") "end of trees\n\n"
	"feature_importances:\npm25=2\n\nparameters:\n[boosting: gbdt]\n"
	"[objective: regression]\nend of parameters\n";

static enum aqi_status
try_plain_trees(const void *text, struct aqi_error *err)
{
	const struct aqi_trees_options quick = {.skips_statistics = true};
	struct aqi_arena arena = {0};
	struct aqi_trees got = {0};
	const double x = 32;
	double y = 0;
	enum aqi_status status = aqi_lightgbm_read(aqi_slice_of(text), &quick,
						   &arena, &got, err);

	if (status == AQI_OK) {
		aqi_forest_predict(got.forest, &x, 1, &y);
		if (y != 141)
			status = AQI_REJECT;
		aqi_forest_free(got.forest);
	}
	aqi_arena_free(&arena);
	return status;
}

/* Both operators, in any order of the weights; with names and labels. */
static enum aqi_status
try_onnx(const void *bytes, struct aqi_error *err)
{
	const struct aqi_buffer *model = bytes;
	struct aqi_arena arena = {0};
	struct aqi_trees got = {0};
	enum aqi_status status =
		aqi_onnx_read((struct aqi_slice){model->data, model->size},
			      &arena, &got, err);

	if (status == AQI_OK && got.n_names + got.n_labels != 2)
		status = AQI_REJECT;
	if (status == AQI_OK)
		aqi_forest_free(got.forest);
	aqi_arena_free(&arena);
	return status;
}

/* Numbers up to n in an attribute, each a multiple of a step behind a first. */
static void
add_steps(struct aqi_buffer *out, const char *name, int first, int step, int n)
{
	aqi_buffer_add_text(out, name);
	for (int i = 0; i < n; i++)
		aqi_buffer_add_format(out, " %d", first + i * step);
	aqi_buffer_add_byte(out, '\n');
}

/* Branches each of which has a leaf, and the next one. */
static struct aqi_buffer
make_chain(void)
{
	enum { N = 20 };
	struct aqi_buffer text = {0}, model;

	aqi_buffer_add_text(&text, "ir 10\nopset - 18\nopset ai.onnx.ml 5\n"
			    "input a 1 1\ninput b 1 1\noutput y\n"
			    "node - Concat a,b X\nint axis 1\n"
			    "node ai.onnx.ml TreeEnsemble X y\n"
			    "ints tree_roots 0\nint n_targets 1\n");
	add_steps(&text, "ints nodes_featureids", 0, 0, N);
	add_steps(&text, "attribute nodes_modes 2 20", 0, 0, N);
	add_steps(&text, "attribute nodes_splits 1 20", 0, 1, N);
	add_steps(&text, "ints nodes_truenodeids", 0, 1, N);
	add_steps(&text, "ints nodes_trueleafs", 1, 0, N);
	add_steps(&text, "ints nodes_falsenodeids", 1, 1, N);
	add_steps(&text, "ints nodes_falseleafs 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 "
		  "0 0 0 0", 1, 0, 1);
	add_steps(&text, "ints leaf_targetids", 0, 0, N + 1);
	add_steps(&text, "attribute leaf_weights 1 21", 0, 1, N + 1);
	aqi_buffer_add_byte(&text, '\0');
	model = onnx_from_text(text.data);
	aqi_buffer_free(&text);
	return model;
}

static void
test_onnx(void)
{
	char *named = edit(onnx_branches, "input X 1 2\noutput y\n",
			   "input a 1 1\ninput b 1 1\noutput y\n"
			   "node - Concat a,b X\nint axis 1\n");
	char *all = edit(named, "opset", "opset - 18\nopset");
	char *falling = edit(onnx_binary, "class_nodeids 1 2",
			     "class_nodeids 2 1");
	struct aqi_buffer branches = onnx_from_text(all);
	struct aqi_buffer binary = onnx_from_text(falling);
	struct aqi_buffer surrounded = onnx_from_text(onnx_surrounded);
	struct aqi_buffer chain = make_chain();

	survives("branches of ONNX", try_onnx, &branches, ALL);
	survives("many branches, for which room is made anew", try_onnx,
		 &chain, ALL);
	survives("a classifier of ONNX", try_onnx, &binary, ALL);
	survives("a graph of ONNX with all that may stand around trees",
		 try_onnx, &surrounded, ALL);
	aqi_buffer_free(&chain);
	aqi_buffer_free(&surrounded);
	aqi_buffer_free(&binary);
	aqi_buffer_free(&branches);
	free(falling);
	free(all);
	free(named);
}

/* Numbers of UBJSON, of one type or of one each; as floats, too. */
static const struct aqi_slice arrays[] = {
	TEXT("[$l#U\3\0\0\0\1\0\0\0\2\0\0\0\3"), TEXT("[U\1U\2U\3]"),
};

static enum aqi_status
try_arrays(const void *text, struct aqi_error *err)
{
	const struct aqi_slice *bytes = text;
	struct aqi_buffer scratch = {0};
	struct aqi_document d = aqi_document_new(&aqi_spelling_ubjson, *bytes,
						 &scratch);
	struct aqi_document again = d;
	struct aqi_integers integers = {0};
	struct aqi_floats floats = {0};
	enum aqi_status status = aqi_document_integers(&d, &integers, err);

	if (status == AQI_OK)
		status = aqi_document_floats(&again, &floats, err);
	if (status == AQI_OK && (integers.n != 3 || integers.data[2] != 3 ||
				 floats.n != 3 || floats.data[2] != 3))
		status = AQI_REJECT;
	aqi_integers_free(&integers);
	aqi_floats_free(&floats);
	return status;
}

/* Builders of forests. */

static const struct aqi_forest_shape wide_shape = {
	.is_wide = true, .n_inputs = 3, .n_margins = 1,
	.link = {.kind = AQI_LINK_IDENTITY, .slope = 1, .divisor = 1},
};

/* Add a stump of an input. */
static bool
add_stump(struct aqi_forest_builder *b, uint32_t input)
{
	return aqi_forest_builder_add_columns(b, &(struct aqi_tree_columns){
		.n_splits = 1, .values = (const double[]){7, 1, 2},
		.inputs = &input, .rules = (const uint32_t[]){0},
		.children = (const uint32_t[]){1, 2, 0, 0, 0, 0}});
}

static enum aqi_status
check_stumps(struct aqi_forest *f, size_t n, struct aqi_error *err)
{
	const double x[] = {8, 8, 8};
	double y = 0;

	if (!f)
		return aqi_error_memory(err);
	aqi_forest_predict(f, x, 1, &y);
	aqi_forest_free(f);
	return y == 2 * (double)n ? AQI_OK : AQI_REJECT;
}

/* One that expects so many trees, and gets six. */
static enum aqi_status
try_expected(const void *what, struct aqi_error *err)
{
	const size_t *n = what;
	struct aqi_forest_builder *b = aqi_forest_builder_new(&wide_shape, err);
	struct aqi_forest *f = NULL;
	bool is_added = b != NULL;

	if (b)
		aqi_forest_builder_expect(b, *n, 3 * *n);
	for (uint32_t i = 0; i < 6 && is_added; i++)
		is_added = add_stump(b, i % 2);
	if (is_added)
		f = aqi_forest_builder_finish(b, err);
	aqi_forest_builder_free(b);
	return check_stumps(f, 6, err);
}

/* Two of one block. Where they cannot be, nothing is told. */
static enum aqi_status
try_halves(const void *what, struct aqi_error *err)
{
	struct aqi_forest_builder *b = aqi_forest_builder_new(&wide_shape, err);
	struct aqi_forest_builder *other = NULL;
	struct aqi_forest *f = NULL;

	(void)what;
	if (b)
		aqi_forest_builder_expect(b, 2, 8);
	if (b)
		other = aqi_forest_builder_halve(b, 1, 3);
	if (other && add_stump(b, 0) && add_stump(other, 1) &&
	    aqi_forest_builder_unite(b, other))
		f = aqi_forest_builder_finish(b, err);
	aqi_forest_builder_free(other);
	aqi_forest_builder_free(b);
	return check_stumps(f, 2, err);
}

/* Several of a block each, of which the later ones know other views. */
static enum aqi_status
try_join(const void *what, struct aqi_error *err)
{
	struct aqi_forest_builder *builders[3];
	struct aqi_forest *f = NULL;
	bool is_added = true;

	(void)what;
	for (uint32_t i = 0; i < 3; i++) {
		builders[i] = aqi_forest_builder_new(&wide_shape, err);
		is_added = is_added && builders[i] &&
			   add_stump(builders[i], i);
	}
	if (is_added)
		f = aqi_forest_builder_join(builders, 3, err);
	for (size_t i = 0; i < 3; i++)
		aqi_forest_builder_free(builders[i]);
	return check_stumps(f, 3, err);
}

static void
test_builders(void)
{
	static const size_t as_many = 6, fewer = 2;

	survives("trees that were expected", try_expected, &as_many, ALL);
	survives("more trees than were", try_expected, &fewer, ALL);
	survives("trees of two halves", try_halves, NULL, ALL);
	survives("trees of several builders", try_join, NULL, ALL);
}

/* What is asked for, and what comes of it. */
struct wanted {
	struct aqi_model_options options;
	const char *name;
};

static enum aqi_status
try_model(const void *what, struct aqi_error *err)
{
	const struct wanted *wanted = what;
	struct aqi_model *model = aqi_model_load(&wanted->options, err);
	enum aqi_status status = AQI_FATAL;

	if (model)
		status = aqi_slice_is(model->name, wanted->name) ? AQI_OK :
								   AQI_REJECT;
	aqi_model_free(model);
	return status;
}

static enum aqi_status
try_compile(const void *path, struct aqi_error *err)
{
	struct aqi_model *model = aqi_model_load(
		&(struct aqi_model_options){.name = path}, err);
	struct aqi_buffer file = {0};
	enum aqi_status status = AQI_FATAL;

	if (model)
		status = aqi_compiled_make(model, &file, err);
	aqi_buffer_free(&file);
	aqi_model_free(model);
	return status;
}

/* A compiled model that comes through a pipe, so that its bytes are not where a
 * block can be. */
static enum aqi_status
try_piped(const void *what, struct aqi_error *err)
{
	const struct aqi_buffer *file = what;
	struct aqi_model *model;
	char path[32];
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0 ||
	    write(ends[1], file->data, file->size) != (ssize_t)file->size)
		abort();
	close(ends[1]);
	snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
	model = aqi_model_load(&(struct aqi_model_options){.name = path}, err);
	aqi_model_free(model);
	close(ends[0]);
	return model ? AQI_OK : AQI_FATAL;
}

static void
test_piped(void)
{
	struct aqi_model *model = aqi_model_load(
		&(struct aqi_model_options){.name = "./bare.json"}, NULL);
	struct aqi_buffer file = {0};

	if (!model || aqi_compiled_make(model, &file, NULL) != AQI_OK)
		abort();
	survives("a compiled model of a pipe", try_piped, &file, ALL);
	aqi_buffer_free(&file);
	aqi_model_free(model);
}

/* The trees of a bundle are refused by themselves. */
static enum aqi_status
try_parts(const void *path, struct aqi_error *err)
{
	struct aqi_model *model = aqi_model_load(
		&(struct aqi_model_options){.name = path}, err);
	bool is_refused = !model && err->code == AQI_E_MODEL;

	aqi_model_free(model);
	return is_refused ? AQI_OK : model ? AQI_REJECT : AQI_FATAL;
}

/* A name that no model has is said so, with what there is. */
static enum aqi_status
try_nobody(const void *name, struct aqi_error *err)
{
	static const char start[] = "no such model; there are: small, "
				    "production; looked in models, ";
	struct aqi_arena arena = {0};
	struct aqi_location location;
	bool is_found = aqi_locate(name, &arena, &location, err) == AQI_OK;

	aqi_arena_free(&arena);
	if (is_found)
		return AQI_REJECT;
	return err->code == AQI_E_MODEL &&
	       strncmp(err->reason, start, strlen(start)) == 0 ? AQI_OK :
								 AQI_FATAL;
}

static enum aqi_status
try_planes(const void *what, struct aqi_error *err)
{
	const struct aqi_model *of = what;
	struct aqi_planes *planes = NULL;
	enum aqi_status status = aqi_planes_new(of->forest, NULL,
						&planes, err);

	if (status == AQI_OK && !planes)
		status = AQI_REJECT;
	aqi_planes_free(planes);
	return status;
}

/* The production model of 13 inputs, explained. */
static enum aqi_status
try_explain(const void *what, struct aqi_error *err)
{
	const struct aqi_model *of = what;
	struct aqi_explain *explain = aqi_explain_new(of->forest, err);

	aqi_explain_free(explain);
	return explain ? AQI_OK : AQI_FATAL;
}

/* The same as nodes, for each kernel that there is. */
static enum aqi_status
try_nodes(const void *what, struct aqi_error *err)
{
	const struct aqi_model *of = what;
	struct aqi_nodes *nodes = NULL;
	enum aqi_status status = aqi_nodes_new(of->forest, "portable", &nodes,
					       err);

	if (status == AQI_OK && !nodes)
		status = AQI_REJECT;
	aqi_nodes_free(nodes);
	return status;
}

/* A forest of more distinct splits than a set of them begins with room for. */
static struct aqi_forest *
make_many_splits(void)
{
	enum { N_TREES = 5000 };
	struct aqi_forest_builder *b = aqi_forest_builder_new(&wide_shape,
							      NULL);
	struct aqi_forest *f;
	bool is_added = true;

	for (int i = 0; i < N_TREES; i++)
		is_added = is_added && aqi_forest_builder_add_columns(
			b, &(struct aqi_tree_columns){
			.n_splits = 1, .values = (const double[]){i, 1, 2},
			.inputs = (const uint32_t[]){0},
			.rules = (const uint32_t[]){0},
			.children = (const uint32_t[]){1, 2, 0, 0, 0, 0}});
	f = is_added ? aqi_forest_builder_finish(b, NULL) : NULL;
	if (!f)
		abort();
	aqi_forest_builder_free(b);
	return f;
}

static enum aqi_status
try_survey(const void *forest, struct aqi_error *err)
{
	struct aqi_survey survey = {0};
	enum aqi_status status = aqi_survey_take(forest, &survey, err);

	if (status == AQI_OK && survey.n_distinct != 5000)
		status = AQI_REJECT;
	if (status == AQI_OK)
		aqi_survey_free(&survey);
	return status;
}

/* All trees in lines, and as JSON. */
static enum aqi_status
try_outline(const void *what, struct aqi_error *err)
{
	struct aqi_buffer out = {0};
	enum aqi_status status = AQI_OK;

	for (int as_json = 0; as_json < 2 && status == AQI_OK; as_json++) {
		struct aqi_outline outline = {.model = what,
					      .as_json = as_json};

		while ((status = aqi_outline_next(&outline, &out, err)) ==
		       AQI_OK)
			;
		if (status == AQI_END)
			status = AQI_OK;
	}
	aqi_buffer_free(&out);
	return status;
}

/* A copy of a forest, and layouts upon blocks that were made before. */
static enum aqi_status
try_copy(const void *forest, struct aqi_error *err)
{
	struct aqi_forest *copy =
		aqi_forest_copy(aqi_forest_bytes(forest), err);

	aqi_forest_free(copy);
	return copy ? AQI_OK : AQI_FATAL;
}

static const struct aqi_model *layouts_of;

static enum aqi_status
try_adopted(const void *planes, struct aqi_error *err)
{
	struct aqi_planes *adopted = aqi_planes_adopt(
		aqi_planes_bytes(planes), layouts_of->forest, NULL, err);

	aqi_planes_free(adopted);
	return adopted ? AQI_OK : AQI_FATAL;
}

/* A forest with a set and a function, made smaller. */
static enum aqi_status
try_shrink(const void *forest, struct aqi_error *err)
{
	struct aqi_forest *made = aqi_shrink(
		forest, &(struct aqi_shrink_options){.n_cuts = 1}, err);

	aqi_forest_free(made);
	return made ? AQI_OK : AQI_FATAL;
}

static void
test_copies(const struct aqi_model *of)
{
	struct aqi_arena arena = {0};
	struct aqi_planes *planes = NULL;
	struct aqi_trees text = {0};

	if (aqi_planes_new(of->forest, NULL, &planes, NULL) != AQI_OK ||
	    !planes || aqi_lightgbm_read(aqi_slice_of(text_trees), NULL,
					 &arena, &text, NULL) != AQI_OK)
		abort();
	layouts_of = of;
	survives("a copy of a forest", try_copy, of->forest, ALL);
	survives("planes upon a block", try_adopted, planes, ALL);
	survives("a smaller forest", try_shrink, text.forest, ALL);
	aqi_planes_free(planes);
	aqi_forest_free(text.forest);
	aqi_arena_free(&arena);
}

static void
test_looks(void)
{
	struct aqi_forest *forest = make_many_splits();
	struct aqi_error err;
	struct aqi_model *small = aqi_model_load(&(struct aqi_model_options){
		.name = "./bare.json"}, &err);

	survives("a survey of many splits", try_survey, forest, ALL);
	survives("an outline of trees", try_outline, small, ALL);
	aqi_model_free(small);
	aqi_forest_free(forest);
}

static void
store_models(void)
{
	if (mkdir("models", 0777) != 0 || mkdir("models/small", 0777) != 0)
		abort();
	store("bare.json", aqi_slice_of(trees));
	store("models/small/model.json", aqi_slice_of(trees));
	store("models/small/manifest.json", aqi_slice_of(
		"{\"name\":\"small\",\"version\":\"1\",\"standard\":\"us-epa\","
		"\"revision\":\"2024\",\"target\":\"aqi\",\"trees\":{"
		"\"file\":\"model.json\",\"format\":\"xgboost-json\"},"
		"\"output_transform\":\"none\",\"inputs\":[{\"name\":\"pm25\","
		"\"unit\":\"ug/m3\"}],\"missing\":\"allow\","
		"\"min_inputs\":1}"));
}

static void
test_models(void)
{
	static const struct aqi_slice one[] = {TEXT("x")};
	enum aqi_status (*list)(struct aqi_buffer *, struct aqi_error *) =
		aqi_locate_list;
	struct aqi_model *model;
	struct aqi_error err;

	char *nameless = edit(trees, "\"pm25\"", "");

	store_models();
	setenv("AQI_MODELS_DIR", "models", 1);
	survives("trees", try_trees, trees, ALL);
	survives("trees of vectors and categories", try_kind,
		 KIND(VECTORS, 2), ALL);
	survives("a linear function in UBJSON", try_kind,
		 KIND(LINEAR, 62.5), ALL);
	survives("trees in text", try_text_trees, text_trees, ALL);
	survives("plain trees in text", try_plain_trees, plain_trees, ALL);
	test_onnx();
	survives("numbers of one type in UBJSON", try_arrays, &arrays[0], ALL);
	survives("numbers of a type each", try_arrays, &arrays[1], ALL);
	test_builders();
	survives("a model by itself", try_model, &(struct wanted){
		.options = {.name = "./bare.json"}, .name = "bare"}, ALL);
	store("nameless.json", aqi_slice_of(nameless));
	survives("one whose inputs nobody names", try_model, &(struct wanted){
		.options = {.name = "./nameless.json", .takes_any = true},
		.name = "nameless"}, ALL);
	survives("one whose inputs are named", try_model, &(struct wanted){
		.options = {.name = "bare.json", .inputs = one, .n_inputs = 1},
		.name = "bare"}, ALL);
	survives("a bundle by its path", try_model, &(struct wanted){
		.options = {.name = "models/small", .is_path = true},
		.name = "small"}, ALL);
	survives("a bundle by its name", try_model, &(struct wanted){
		.options = {.name = "small"}, .name = "small"}, ALL);
	survives("the model that is built in", try_model, &(struct wanted){
		.name = "production"}, ALL);
	survives("the trees of a bundle", try_parts, "models/small/model.json",
		 ALL);
	store("whole.aqi", aqi_locate_builtin(aqi_slice_of("production")));
	survives("a compiled bundle", try_model, &(struct wanted){
		.options = {.name = "./whole.aqi"}, .name = "production"}, ALL);
	survives("the making of a compiled model", try_compile, "./bare.json",
		 ALL);
	test_piped();
	model = aqi_model_load(NULL, &err);
	survives("the planes of a forest", try_planes, model, ALL);
	survives("the nodes of a forest", try_nodes, model, ALL);
	test_copies(model);
	test_looks();
	survives("contributions of a forest", try_explain, model, ALL);
	aqi_model_free(model);
	survives("a model that is not there", try_nobody, "nobody", ALL);
	survives("the list of models", try_list, &list, ALL);
	free(nameless);
	unsetenv("AQI_MODELS_DIR");
	hides_builtin = true;
	model = aqi_model_load(NULL, &err);
	hides_builtin = false;
	ok(!model && err.code == AQI_E_MODEL &&
	   strcmp(err.file, "production") == 0 &&
	   strcmp(err.reason, "not compiled into this program") == 0,
	   "a program may have no model");
}

/* What the steps work by; loaded with all the memory there is. */
static struct aqi_schema *schema;
static struct aqi_mapping *hourly, *long_form, *nested, *by_station, *by_zone;
static struct aqi_model *model;
static struct aqi_format plain = {.delimiter = ',', .decimal_mark = '.',
				  .max_record = AQI_MAX_RECORD};

static struct aqi_step
make_quality(void)
{
	static const struct aqi_quality_options options = {
		.flags = true, .sums = true
	};

	struct aqi_quality *self = aqi_quality_new(schema, &options);

	return self ? aqi_quality_step(self) : (struct aqi_step){0};
}

static void
unmake_quality(void *self)
{
	aqi_quality_free(self);
}

static struct aqi_step
make_category(void)
{
	static struct aqi_category_step category;

	category = (struct aqi_category_step){.color = true, .advice = true};
	return aqi_category_step(&category);
}

static struct aqi_step
make_features(void)
{
	static const struct aqi_slice keep[] = {TEXT("q")};
	const struct aqi_features_options options = {
		.mapping = hourly, .keep = keep, .n_keep = 1, .decimals = 3
	};

	struct aqi_features *self = aqi_features_new(&options);

	return self ? aqi_features_step(self) : (struct aqi_step){0};
}

static void
unmake_features(void *self)
{
	aqi_features_free(self);
}

static struct aqi_step
make_gather_of(const struct aqi_mapping *of)
{
	const struct aqi_gather_options options = {
		.features = {.mapping = of, .decimals = 3},
		.format = &plain, .max_held = 100
	};
	struct aqi_gather *self = aqi_gather_new(&options);

	return self ? aqi_gather_step(self) : (struct aqi_step){0};
}

static struct aqi_step
make_gather(void)
{
	return make_gather_of(long_form);
}

static struct aqi_step
make_nested(void)
{
	return make_gather_of(nested);
}

static struct aqi_step
make_by_station(void)
{
	return make_gather_of(by_station);
}

static struct aqi_step
make_by_zone(void)
{
	return make_gather_of(by_zone);
}

static void
unmake_gather(void *self)
{
	aqi_gather_free(self);
}

/* The model with an engine of its own, which makes its layouts when the first
 * rows come. */
static struct aqi_model anew;

static struct aqi_step
make_predictor(void)
{
	static const struct aqi_predictor_options options = {
		.decimals = AQI_SHORTEST, .n_explained = 1
	};
	struct aqi_predictor *self;

	anew = *model;
	anew.engine = aqi_engine_new(model->forest, NULL, NULL);
	self = anew.engine ? aqi_predictor_new(&anew, &options, NULL) : NULL;
	return self ? aqi_predictor_step(self) : (struct aqi_step){0};
}

static void
unmake_predictor(void *self)
{
	aqi_predictor_free(self);
	aqi_engine_free(anew.engine);
}

static struct aqi_step
make_comparison(void)
{
	struct aqi_comparison *self = aqi_comparison_new(model, model, NULL);

	return self ? aqi_comparison_step(self) : (struct aqi_step){0};
}

static void
unmake_comparison(void *self)
{
	aqi_comparison_free(self);
}

/* Gathering that keeps a column, too. */
static struct aqi_step
make_keeper(void)
{
	static const struct aqi_slice keep[] = {TEXT("q")};
	const struct aqi_gather_options options = {
		.features = {.mapping = long_form, .keep = keep, .n_keep = 1,
			     .decimals = 3},
		.format = &plain, .max_held = 10000
	};
	struct aqi_gather *self = aqi_gather_new(&options);

	return self ? aqi_gather_step(self) : (struct aqi_step){0};
}

/* So many records of a table that it has to grow. */
static enum aqi_status
try_table(const void *what, struct aqi_error *err)
{
	enum { N = 600 };
	struct aqi_gather_table *table = aqi_gather_table_new(what);
	const struct aqi_field station = {"A", 1, AQI_TEXT};
	struct aqi_gather_record *record;
	enum aqi_status status = table ? AQI_OK : aqi_error_memory(err);
	bool is_new = true;
	size_t n = 0;

	for (int64_t i = 0; i < N && status == AQI_OK && is_new; i++)
		status = aqi_gather_table_find(table, station, i, &record,
					       &is_new, err);
	for (int64_t i = 0; i < N && status == AQI_OK; i++) {
		status = aqi_gather_table_find(table, station, i, &record,
					       &is_new, err);
		n += status == AQI_OK && !is_new && record->seconds == i;
	}
	if (status == AQI_OK && n != N)
		status = AQI_REJECT;
	aqi_gather_table_free(table);
	return status;
}

#define BASE "station,time,pm25,pm10,no2,so2,co,o3,temperature,humidity," \
	"wind_speed,pressure,hour,day_of_week,month"

#define DOZEN(row) row row row row row row row row row row row row

static void
test_steps(void)
{
	runs("checks", (struct run){
		.format = {.allow_absent = true}, .make = make_quality,
		.unmake = unmake_quality,
		.text = TEXT("a,b\nx,1\ny,-1\n,2\n"),
		.wanted = TEXT("a,b,valid,reasons\nx,1,true,\n"
			       "y,-1,false,\"b: \"\"-1\"\" is not 0 or more "
			       "K\"\n,2,false,a: missing; it must be a "
			       "text\n")});
	runs("checks of NDJSON", (struct run){
		.format = {.allow_absent = true}, .make = make_quality,
		.unmake = unmake_quality,
		.text = TEXT("{\"a\":\"x\"}\n{\"a\":\"x\",\"b\":\"n\"}\n"),
		.wanted = TEXT("{\"a\":\"x\",\"valid\":true,"
			       "\"reasons\":null}\n{\"a\":\"x\","
			       "\"b\":\"n\",\"valid\":false,\"reasons\":"
			       "\"b: \\\"n\\\" is not a number\"}\n")});
	runs("categories", (struct run){
		.make = make_category, .text = TEXT("aqi\n12\n"),
		.wanted = TEXT("aqi,category,color,rgb,advice\n12,Good,"
			       "Green,#00E400,Enjoy being outdoors.\n")});
	runs("categories of NDJSON", (struct run){
		.format = {.keep_old = true, .allow_absent = true},
		.make = make_category,
		.text = TEXT("{\"category\":\"Good\",\"color\":1}\n"),
		.wanted = TEXT("{\"category_in\":\"Good\",\"color_in\":1,"
			       "\"category\":\"Good\",\"color\":null,"
			       "\"rgb\":null,\"advice\":null}\n")});
	runs("categories of many lines of NDJSON, read by their shape",
	     (struct run){
		.format = {.keep_old = true}, .make = make_category,
		.text = TEXT(DOZEN("{\"aqi\":12,\"category\":\"a\"}\n")),
		.wanted = TEXT(DOZEN("{\"aqi\":12,\"category_in\":\"a\","
				     "\"category\":\"a\","
				     "\"color\":\"Green\","
				     "\"rgb\":\"#00E400\",\"advice\":"
				     "\"Enjoy being outdoors.\"}\n"))});
	runs("categories of NDJSON that has none yet", (struct run){
		.make = make_category, .text = TEXT("{\"aqi\":12}\n"),
		.wanted = TEXT("{\"aqi\":12,\"category\":\"Good\","
			       "\"color\":\"Green\",\"rgb\":\"#00E400\","
			       "\"advice\":\"Enjoy being outdoors.\"}\n")});
	runs("a column that is not there, but one like it", (struct run){
		.make = make_quality, .unmake = unmake_quality,
		.text = TEXT("a,B\nx,1\n"), .code = AQI_E_USAGE,
		.most = 100});
	runs("features", (struct run){
		.make = make_features, .unmake = unmake_features,
		.text = TEXT("d,t,s,p,o,n,v,q\n"
			     "2020-01-01,10:00,S,1,2,3,ppb,4\n"),
		.wanted = TEXT(BASE ",q\nS,2020-01-01T10:00,1,,3,,,2,,"
			       ",,,10,2,1,4\n")});
	runs("features of which a value is blanked", (struct run){
		.make = make_features, .unmake = unmake_features,
		.text = TEXT("d,t,s,p,o,n,v,q\n"
			     "2020-01-01,10:00,S,1,1.5,3,ppb,4\n"),
		.wanted = TEXT(BASE ",q\nS,2020-01-01T10:00,1,,3,,,,,"
			       ",,,10,2,1,4\n")});
	runs("features of files that are bound by themselves", (struct run){
		.format = {.binds_files = true},
		.make = make_features, .unmake = unmake_features,
		.text = TEXT("d,t,s,p,o,n,v,q\n"
			     "2020-01-01,10:00,S,1,2,3,ppb,4\n"),
		.more = TEXT("q,t,d,s,o,n,v\n"
			     "5,11:00,2020-01-01,S,3,2,ppm\n"),
		.wanted = TEXT(BASE ",q\nS,2020-01-01T10:00,1,,3,,,2,,"
			       ",,,10,2,1,4\nS,2020-01-01T11:00,5,,2000,,,3,"
			       ",,,,11,2,1,5\n")});
	runs("features of NDJSON", (struct run){
		.format = {.allow_absent = true},
		.make = make_features, .unmake = unmake_features,
		.text = TEXT("{\"d\":\"2020-01-01\",\"t\":\"10:00\","
			     "\"q\":4}\n"),
		.wanted = TEXT("{\"station\":\"in\","
			       "\"time\":\"2020-01-01T10:00\","
			       "\"pm25\":4,\"pm10\":null,\"no2\":null,"
			       "\"so2\":null,\"co\":null,\"o3\":null,"
			       "\"temperature\":null,\"humidity\":null,"
			       "\"wind_speed\":null,\"pressure\":null,"
			       "\"hour\":10,\"day_of_week\":2,\"month\":1,"
			       "\"q\":4}\n")});
	runs("features of NDJSON, of which the first record lacks a time",
	     (struct run){
		.format = {.allow_absent = true}, .n_refused = 1,
		.make = make_features, .unmake = unmake_features,
		.text = TEXT("{\"d\":\"2020-01-01\",\"q\":3}\n"
			     "{\"d\":\"2020-01-01\",\"t\":\"10:00\","
			     "\"q\":4}\n"),
		.wanted = TEXT("{\"station\":\"in\","
			       "\"time\":\"2020-01-01T10:00\","
			       "\"pm25\":4,\"pm10\":null,\"no2\":null,"
			       "\"so2\":null,\"co\":null,\"o3\":null,"
			       "\"temperature\":null,\"humidity\":null,"
			       "\"wind_speed\":null,\"pressure\":null,"
			       "\"hour\":10,\"day_of_week\":2,\"month\":1,"
			       "\"q\":4}\n")});
	runs("features that are gathered", (struct run){
		.make = make_gather, .unmake = unmake_gather,
		.text = TEXT("s,t,what,value\n"
			     "A,2020-01-01T10:00,pm,1\nA,2020-01-01T10:00,o,2\n"
			     "B,2020-01-01T10:00,pm,3\n"),
		.wanted = TEXT(BASE "\nA,2020-01-01T10:00,1,,,,,2,,,,,10,2,1\n"
			       "B,2020-01-01T10:00,3,,,,,,,,,,10,2,1\n")});
	runs("features that are gathered, with a column that is kept",
	     (struct run){
		.make = make_keeper, .unmake = unmake_gather,
		.text = TEXT("s,t,what,value,q\n"
			     "A,2020-01-01T10:00,pm,1,x\n"
			     "A,2020-01-01T10:00,o,2,y\n"),
		.wanted = TEXT(BASE ",q\nA,2020-01-01T10:00,1,,,,,2,,,,,10,2,"
			       "1,x\n")});
	survives("many records that are gathered", try_table,
		 &(struct aqi_gather_table_options){
			.n_values = 2, .max_held = 1000}, ALL);
	runs("members of objects", (struct run){
		.make = make_nested, .unmake = unmake_gather,
		.text = TEXT("{\"location\":\"A\",\"parameter\":\"pm25\","
			     "\"value\":1,\"unit\":\"ug/m3\",\"date\":"
			     "{\"local\":\"2024-01-01T10:00:00+01:00\"}}\n"),
		.wanted = TEXT("{\"station\":\"A\",\"time\":"
			       "\"2024-01-01T10:00+01:00\",\"pm25\":1,"
			       "\"pm10\":null,\"no2\":null,\"so2\":null,"
			       "\"co\":null,\"o3\":null,\"temperature\":null,"
			       "\"humidity\":null,\"wind_speed\":null,"
			       "\"pressure\":null,\"hour\":10,"
			       "\"day_of_week\":0,\"month\":1}\n")});
	runs("stations that have columns", (struct run){
		.make = make_by_station, .unmake = unmake_gather,
		.text = TEXT("date,hour,type,1001A,1002A\n"
			     "20240101,0,PM2.5,1,2\n"),
		.wanted = TEXT(BASE "\n1001A,2023-12-31T23:00+08:00,1,,,,,,,,,,"
			       "23,6,12\n1002A,2023-12-31T23:00+08:00,2,,,,,,,"
			       ",,,23,6,12\n")});
	runs("stations of NDJSON, and a column that may come to be none",
	     (struct run){
		.make = make_by_zone, .unmake = unmake_gather,
		.text = TEXT("{\"t\":\"2020-01-01T10:00\",\"what\":\"pm\","
			     "\"A\":1}\n"
			     "{\"t\":\"2020-01-01T10:00\",\"what\":\"o\","
			     "\"A\":2,\"zone\":\"x\"}\n"),
		.wanted = TEXT("{\"station\":\"A\","
			       "\"time\":\"2020-01-01T10:00\",\"pm25\":1,"
			       "\"pm10\":null,\"no2\":null,\"so2\":null,"
			       "\"co\":null,\"o3\":2,\"temperature\":null,"
			       "\"humidity\":null,\"wind_speed\":null,"
			       "\"pressure\":null,\"hour\":10,"
			       "\"day_of_week\":2,\"month\":1}\n")});
	runs("a model beside itself", (struct run){
		.make = make_comparison, .unmake = unmake_comparison,
		.text = TEXT("pm25\n1\n31\n"),
		.wanted = TEXT("pm25\n1\n31\n")});
	runs("predictions", (struct run){
		.make = make_predictor, .unmake = unmake_predictor,
		.text = TEXT("pm25\n1\n31\n"),
		.wanted = TEXT("pm25,aqi,category,confidence,explain_base,"
			       "explain_1,explain_1_value,explain_rest\n"
			       "1,25.25,Good,0.85,37.8125,pm25,-12.5625,0\n"
			       "31,75.5,Moderate,0.85,37.8125,pm25,37.6875,"
			       "0\n")});
}

static enum aqi_status
try_guess(const void *file, struct aqi_error *err)
{
	struct aqi_guess guesses[AQI_GUESSES_MAX];
	size_t n;

	if (aqi_guess_file(file, &plain, guesses, &n, err) != AQI_OK)
		return AQI_FATAL;
	return n > 0 && aqi_slice_is(guesses[0].name, "beijing-prsa") ?
		       AQI_OK : AQI_REJECT;
}

static enum aqi_status
try_synth(const void *what, struct aqi_error *err)
{
	struct aqi_synth *synth = aqi_synth_new(what, err);

	aqi_synth_free(synth);
	return synth ? AQI_OK : AQI_FATAL;
}

static void
test_others(void)
{
	store("beijing.csv", aqi_slice_of(
		"No,year,month,day,hour,PM2.5,PM10,SO2,NO2,CO,O3,TEMP,PRES,"
		"DEWP,RAIN,wd,WSPM,station\n"
		"1,2013,3,1,0,4,4,4,7,300,77,-0.7,1023,-18.8,0,NNW,4.4,A\n"));
	survives("a guess", try_guess, "beijing.csv", 20);
	survives("records that are made up", try_synth,
		 &(struct aqi_synth_options){
			.profile = AQI_SYNTH_REALISTIC, .n_stations = 3,
			.syntax = AQI_SYNTAX_CSV,
			.start = {.year = 2024, .month = 1, .day = 1}}, ALL);
}

static void
load_parts(void)
{
	struct aqi_error err;

	schema = aqi_schema_load("./s.json", &err);
	hourly = aqi_mapping_new(aqi_slice_of(mapping), "m.json", &err);
	long_form = aqi_mapping_new(aqi_slice_of(
		"{\"name\":\"l\",\"station\":{\"column\":\"s\"},"
		"\"time\":{\"column\":\"t\",\"stamp\":\"begin\"},"
		"\"layout\":{\"kind\":\"long\",\"parameter\":\"what\","
		"\"value\":\"value\"},\"gas_reference_c\":25,"
		"\"fields\":{\"pm25\":{\"columns\":\"pm\",\"unit\":\"ug/m3\"},"
		"\"o3\":{\"columns\":\"o\",\"unit\":\"ppb\"}}}"), "l", &err);
	nested = aqi_mapping_load("openaq", &err);
	by_station = aqi_mapping_load("china-cnemc", &err);
	by_zone = aqi_mapping_new(aqi_slice_of(
		"{\"name\":\"z\",\"time\":{\"column\":\"t\","
		"\"stamp\":\"begin\"},\"layout\":{\"kind\":\"stations\","
		"\"parameter\":\"what\",\"other_columns\":\"zone\"},"
		"\"gas_reference_c\":25,"
		"\"fields\":{\"pm25\":{\"columns\":\"pm\",\"unit\":\"ug/m3\"},"
		"\"o3\":{\"columns\":\"o\",\"unit\":\"ppb\"}}}"), "z", &err);
	model = aqi_model_load(&(struct aqi_model_options){
		.name = "./bare.json"}, &err);
	if (!schema || !hourly || !long_form || !nested || !by_station ||
	    !by_zone || !model)
		abort();
}

static void
free_parts(void)
{
	aqi_schema_free(schema);
	aqi_mapping_free(hourly);
	aqi_mapping_free(long_form);
	aqi_mapping_free(nested);
	aqi_mapping_free(by_station);
	aqi_mapping_free(by_zone);
	aqi_model_free(model);
}

int
main(void)
{
	if (!mkdtemp(folder) || chdir(folder) != 0)
		abort();
	test_locale();
	test_csv();
	test_ndjson();
	test_packed();
	test_encodings();
	test_resume();
	test_files();
	test_mappings();
	test_models();
	load_parts();
	test_steps();
	test_others();
	free_parts();
	if (chdir("/") != 0)
		abort();
	return done();
}
