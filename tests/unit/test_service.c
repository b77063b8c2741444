/* Each row of the tables that say what the service answers, with its bytes. */
#include "api/service.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "model/bundle.h"
#include "net/http.h"
#include "tap.h"

/* One request and its answer: the service with no server around. */
struct call {
	struct aqi_service *service;
	unsigned worker;
	struct aqi_answer answer;
	struct aqi_http_head head;
	struct aqi_buffer text;
};

/* head: the lines of it but for host, without the empty one. */
static void
ask_bytes(struct call *c, const char *head, struct aqi_slice body)
{
	struct aqi_http_progress progress = {0};
	struct aqi_http_fault fault = {0};
	struct aqi_request request = {.head = &c->head, .body = body};

	aqi_buffer_clear(&c->text);
	aqi_buffer_add_text(&c->text, head);
	aqi_buffer_add_text(&c->text, "\r\n\r\n");
	if (aqi_http_read_request((struct aqi_slice){c->text.data,
						     c->text.size}, &progress,
				  &AQI_HTTP_LIMITS, &c->head, &fault) !=
	    AQI_OK) {
		note("%s: %s", head, fault.reason);
		abort();
	}
	request.path = c->head.path;
	request.query = c->head.query;
	request.arrived_ns = aqi_clock_ns();
	aqi_buffer_clear(&c->answer.fields);
	aqi_buffer_clear(&c->answer.body);
	c->answer = (struct aqi_answer){
		.fields = c->answer.fields, .body = c->answer.body
	};
	aqi_service_answer(c->service, c->worker, &request, &c->answer);
	aqi_service_answered(c->service, c->worker, &request, &c->answer,
			     c->answer.body.size, 2000);
}

static void
ask(struct call *c, const char *line, const char *fields, const char *body)
{
	char head[1000];

	snprintf(head, sizeof head, "%s HTTP/1.1\r\nhost: h:8000%s", line,
		 fields);
	ask_bytes(c, head, aqi_slice_of(body));
}

static void
free_call(struct call *c)
{
	aqi_service_free(c->service);
	aqi_buffer_free(&c->answer.fields);
	aqi_buffer_free(&c->answer.body);
	aqi_buffer_free(&c->text);
}

/* The answer as one text: status, type, fields but x-aqi-model, body. */
static const char *
answer_of(const struct call *c)
{
	static char text[70000];
	const char *fields = c->answer.fields.data;
	size_t size = c->answer.fields.size;
	const char *end = size ? memchr(fields, '\n', size) : NULL;

	if (end && strncmp(fields, "x-aqi-model: ", 13) == 0) {
		size -= (size_t)(end + 1 - fields);
		fields = end + 1;
	}
	snprintf(text, sizeof text, "%u %s\n%.*s%.*s", c->answer.status,
		 c->answer.type ? c->answer.type : "-", (int)size, fields,
		 (int)c->answer.body.size, c->answer.body.data);
	return text;
}

static void
is(const struct call *c, const char *wanted, const char *sentence)
{
	const char *got = answer_of(c);

	if (!ok(strcmp(got, wanted) == 0, "%.*s",
		(int)strcspn(sentence, "\n"), sentence))
		note("%s\n# instead of\n# %s", got, wanted);
}

#define JSON "200 application/json\n"
#define ERROR "422 application/json\n{\"detail\":["
#define TEXT "text/plain; charset=utf-8\n"

#define NAMES                                                                 \
	"[\"pm25\",\"pm10\",\"no2\",\"so2\",\"co\",\"o3\",\"temperature\","   \
	"\"humidity\",\"wind_speed\",\"pressure\",\"hour\",\"day_of_week\","  \
	"\"month\"]"

/* A model file: a tree of leaves and splits, and what is added to it. */
static void
write_model(const char *path, const char *objective, const char *names,
	    const char *tree, int n_nodes, const char *base)
{
	FILE *file = fopen(path, "w");
	int n_inputs = 1;

	for (const char *p = names; (p = strchr(p, ',')); p++)
		n_inputs++;
	fprintf(file, "{\"learner\":{\"attributes\":{},\"feature_names\":%s,"
		"\"feature_types\":[],\"gradient_booster\":{\"model\":{"
		"\"gbtree_model_param\":{\"num_parallel_tree\":\"1\","
		"\"num_trees\":\"1\"},\"tree_info\":[0],\"trees\":[{%s,"
		"\"id\":0,\"tree_param\":{\"num_deleted\":\"0\","
		"\"num_feature\":\"%d\",\"num_nodes\":\"%d\","
		"\"size_leaf_vector\":\"0\"}}]},\"name\":\"gbtree\"},"
		"\"learner_model_param\":{\"base_score\":\"%s\","
		"\"num_class\":\"0\",\"num_feature\":\"%d\","
		"\"num_target\":\"1\"},\"objective\":{\"name\":\"%s\"}},"
		"\"version\":[1,7,4]}", names, tree, n_inputs, n_nodes, base, n_inputs,
		objective);
	fclose(file);
}

#define LEAF                                                                  \
	"\"default_left\":[0],\"left_children\":[-1],"                        \
	"\"right_children\":[-1],\"split_conditions\":[0],"                   \
	"\"split_indices\":[0],\"split_type\":[0]"

static char folder[] = "/tmp/aqi-service.XXXXXX";

static bool
load(struct aqi_service *service, const char *name, struct aqi_error *err)
{
	static char path[100];	/* the error has it */
	struct aqi_model_options options = {.name = path, .is_path = true};

	snprintf(path, sizeof path, "%s/%s", folder, name);
	return aqi_service_load(service, &options, err) == AQI_OK;
}

/* A service with a model that predicts the same for all. */
static struct call
serve(const char *base, enum aqi_dialect dialect)
{
	struct aqi_service_options options = {
		.n_workers = 2, .dialect = dialect,
	};
	struct aqi_error err = {0};
	struct call c = {.service = aqi_service_new(&options, &err)};
	char path[100];

	snprintf(path, sizeof path, "%s/flat.json", folder);
	write_model(path, "reg:squarederror", NAMES, LEAF, 1, base);
	if (!load(c.service, "flat.json", &err)) {
		note("%s", err.reason);
		abort();
	}
	return c;
}

#define REST                                                                  \
	"\"pm10\":50.2,\"no2\":25.3,\"so2\":8.1,\"co\":0.6,\"o3\":45.7,"      \
	"\"temperature\":22.5,\"humidity\":65.0,\"wind_speed\":3.2,"          \
	"\"pressure\":1013.25,"
#define RECORD                                                                \
	"{\"pm25\":35.5," REST "\"hour\":14,\"day_of_week\":2,\"month\":6}"

/* Does the body have this shape, # standing for a number? */
static bool
matches(struct aqi_slice body, const char *shape)
{
	const char *p = body.data, *end = p + body.size;

	for (; *shape; shape++) {
		if (*shape != '#') {
			if (p == end || *p++ != *shape)
				return false;
			continue;
		}
		if (p == end || *p < '0' || *p > '9')
			return false;
		while (p < end && strchr("0123456789.", *p))
			p++;
	}
	return p == end;
}

static void
has_shape(const struct call *c, const char *shape, const char *sentence)
{
	struct aqi_slice body = {c->answer.body.data, c->answer.body.size};

	if (!ok(c->answer.status == 200 && matches(body, shape), "%s",
		sentence))
		note("%s", answer_of(c));
}

static void
test_endpoints(void)
{
	struct call c = serve("70.9", AQI_DIALECT_PYDANTIC2);

	ask(&c, "GET /health", "", "");
	has_shape(&c, "{\"status\":\"healthy\",\"model_loaded\":true,"
		  "\"timestamp\":#}", "health has a time");
	ask(&c, "GET /ready", "", "");
	is(&c, JSON "{\"status\":\"ready\"}", "ready");
	ask(&c, "POST /predict", "", RECORD);
	has_shape(&c, "{\"aqi\":70.9,\"category\":\"Moderate\","
		  "\"confidence\":0.85,\"processing_time_ms\":#}",
		  "a prediction, its members in their order");
	ask(&c, "POST /predict/batch", "", "{\"instances\":[" RECORD ","
	    RECORD "]}");
	has_shape(&c, "{\"predictions\":[{\"aqi\":70.9,\"category\":"
		  "\"Moderate\",\"confidence\":0.85,"
		  "\"processing_time_ms\":0.0},{\"aqi\":70.9,\"category\":"
		  "\"Moderate\",\"confidence\":0.85,"
		  "\"processing_time_ms\":0.0}],"
		  "\"total_processing_time_ms\":#}", "two of them");
	ask(&c, "POST /predict/batch", "", "{\"instances\":[]}");
	has_shape(&c, "{\"predictions\":[],\"total_processing_time_ms\":#}",
		  "none of them");
	ask(&c, "GET /model/info", "", "");
	is(&c, JSON "{\"model_type\":\"GradientBoostedTrees\",\"features\":"
	   NAMES ",\"n_features\":13,\"name\":\"aqi_predictor\","
	   "\"version\":\"1\",\"model\":{\"name\":\"flat\","
	   "\"standard\":\"us-epa\",\"n_trees\":1}}", "the model is described");
	free_call(&c);
}

/* aqi has two decimals; the rest is of what it was before. */
static void
test_rounding(void)
{
	static const struct {
		const char *base, *shape;
	} cases[] = {
		{"50.004", "50.0,\"category\":\"Moderate\","
		 "\"confidence\":0.85"},
		{"50", "50.0,\"category\":\"Good\",\"confidence\":0.85"},
		{"0", "0.0,\"category\":\"Good\",\"confidence\":0.85"},
		{"71", "71.0,\"category\":\"Moderate\",\"confidence\":0.85"},
		{"100.5", "100.5,\"category\":\"Unhealthy for Sensitive "
		 "Groups\",\"confidence\":0.85"},
		{"150.126", "150.13,\"category\":\"Unhealthy\","
		 "\"confidence\":0.85"},
		{"200.125", "200.12,\"category\":\"Very Unhealthy\","
		 "\"confidence\":0.85"},
		{"300.375", "300.38,\"category\":\"Hazardous\","
		 "\"confidence\":0.85"},
		{"500", "500.0,\"category\":\"Hazardous\",\"confidence\":0.85"},
		{"500.001", "500.0,\"category\":\"Hazardous\","
		 "\"confidence\":0.6"},
		{"1e10", "10000000000.0,\"category\":\"Hazardous\","
		 "\"confidence\":0.6"},
	};
	char shape[200];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct call c = serve(cases[i].base, AQI_DIALECT_PYDANTIC2);

		snprintf(shape, sizeof shape, "{\"aqi\":%s,"
			 "\"processing_time_ms\":#}", cases[i].shape);
		ask(&c, "POST /predict", "", RECORD);
		has_shape(&c, shape, cases[i].base);
		free_call(&c);
	}
}

static void
test_routing(void)
{
	static const char *const unknown[] = {
		"GET /", "GET /nosuch", "GET /Health", "GET //health",
		"POST /predict/batch/x", "GET /docs.html", "DELETE /model",
	};
	static const struct {
		const char *line, *allow;
	} methods[] = {
		{"GET /predict", "POST"}, {"PUT /predict/batch", "POST"},
		{"HEAD /predict", "POST"}, {"OPTIONS /predict", "POST"},
		{"POST /health", "GET"}, {"HEAD /health", "GET"},
		{"OPTIONS /ready", "GET"}, {"DELETE /metrics", "GET"},
		{"HEAD /model/info", "GET"}, {"FROB /ready", "GET"},
		{"POST /openapi.json", "GET, HEAD"},
		{"PUT /docs", "GET, HEAD"},
	};
	static const struct {
		const char *line, *location;
	} slashes[] = {
		{"POST /predict/", "/predict"},
		{"GET /predict/", "/predict"},
		{"POST /predict/batch//", "/predict/batch"},
		{"GET /health/?a=1&b=%20%22", "/health?a=1&b=%20%22"},
		{"GET /docs/?a=\"<b>{}", "/docs?a=%22%3Cb%3E%7B%7D"},
	};
	struct call c = serve("70.9", AQI_DIALECT_PYDANTIC2);
	char wanted[300];

	for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
		ask(&c, unknown[i], "", "");
		is(&c, "404 application/json\n{\"detail\":\"Not Found\"}",
		   unknown[i]);
		ok(!c.answer.route, "is no route");
	}
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
		snprintf(wanted, sizeof wanted, "405 application/json\n"
			 "allow: %s\r\n{\"detail\":\"Method Not Allowed\"}",
			 methods[i].allow);
		ask(&c, methods[i].line, "", "");
		is(&c, wanted, methods[i].line);
	}
	for (size_t i = 0; i < sizeof slashes / sizeof *slashes; i++) {
		snprintf(wanted, sizeof wanted, "307 -\nlocation: "
			 "http://h:8000%s\r\n", slashes[i].location);
		ask(&c, slashes[i].line, "", "");
		is(&c, wanted, slashes[i].line);
	}
	ask_bytes(&c, "GET /ready/ HTTP/1.0", aqi_slice_of(""));
	is(&c, "307 -\nlocation: /ready\r\n", "without a host there is none");
	ask(&c, "GET /ready?x=/y", "\r\ncontent-type: text/plain", "body");
	is(&c, JSON "{\"status\":\"ready\"}",
	   "a query and a body are ignored");
	ask(&c, "HEAD /docs", "", "");
	ok(c.answer.status == 200 && c.answer.body.size > 1000 &&
	   strcmp(c.answer.route, "/docs") == 0, "HEAD is as GET");
	free_call(&c);
}

#define ALLOWED                                                               \
	"access-control-allow-methods: DELETE, GET, HEAD, OPTIONS, PATCH, "   \
	"POST, PUT\r\naccess-control-max-age: 600\r\n"                        \
	"access-control-allow-credentials: true\r\n"
#define ASKS "\r\norigin: http://a\r\naccess-control-request-method: "

static void
test_cors(void)
{
	struct call c = serve("70.9", AQI_DIALECT_PYDANTIC2);

	ask(&c, "GET /ready", "\r\nOrigin: http://a", "");
	is(&c, JSON "access-control-allow-origin: *\r\n"
	   "access-control-allow-credentials: true\r\n"
	   "{\"status\":\"ready\"}", "all origins may ask");
	ask(&c, "GET /ready", "\r\norigin: http://a\r\ncookie: a=b", "");
	is(&c, JSON "access-control-allow-origin: http://a\r\n"
	   "access-control-allow-credentials: true\r\nvary: Origin\r\n"
	   "{\"status\":\"ready\"}", "one with a cookie is named");
	ask(&c, "GET /nosuch", "\r\norigin: null", "");
	is(&c, "404 application/json\naccess-control-allow-origin: *\r\n"
	   "access-control-allow-credentials: true\r\n"
	   "{\"detail\":\"Not Found\"}", "what is not there says so, too");
	ask(&c, "POST /predict", "\r\norigin: null", "1");
	ok(c.answer.status == 422 && strstr(answer_of(&c), "origin: *\r\n"),
	   "and what is wrong");
	ask(&c, "GET /predict", "\r\norigin: null", "");
	is(&c, "405 application/json\nallow: POST\r\n"
	   "access-control-allow-origin: *\r\n"
	   "access-control-allow-credentials: true\r\n"
	   "{\"detail\":\"Method Not Allowed\"}", "and another method");

	ask(&c, "OPTIONS /predict", ASKS "POST", "");
	is(&c, "200 " TEXT "vary: Origin\r\n" ALLOWED
	   "access-control-allow-origin: http://a\r\nOK", "a preflight");
	ask(&c, "OPTIONS /nosuch", ASKS "GET\r\n"
	    "access-control-request-headers: x-a, X-B", "");
	is(&c, "200 " TEXT "vary: Origin\r\n" ALLOWED
	   "access-control-allow-origin: http://a\r\n"
	   "access-control-allow-headers: x-a, X-B\r\nOK",
	   "one of any path, for any header");
	ask(&c, "OPTIONS /predict", ASKS "TRACE", "");
	is(&c, "400 " TEXT "vary: Origin\r\n" ALLOWED
	   "access-control-allow-origin: http://a\r\n"
	   "Disallowed CORS method", "one for a method that nobody has");
	ask(&c, "OPTIONS /predict", "\r\norigin: http://a", "");
	is(&c, "405 application/json\nallow: POST\r\n"
	   "access-control-allow-origin: *\r\n"
	   "access-control-allow-credentials: true\r\n"
	   "{\"detail\":\"Method Not Allowed\"}",
	   "without a method it is none");
	free_call(&c);
}

#define IS_TEXT                                                               \
	ERROR "{\"type\":\"model_attributes_type\",\"loc\":[\"body\"],"       \
	"\"msg\":\"Input should be a valid dictionary or object to extract "  \
	"fields from\",\"input\":\"7\"}]}"
#define NO_BODY                                                               \
	ERROR "{\"type\":\"missing\",\"loc\":[\"body\"],"                     \
	"\"msg\":\"Field required\",\"input\":null}]}"
#define NO_TEXT                                                               \
	"400 application/json\n"                                              \
	"{\"detail\":\"There was an error parsing the body\"}"

static void
test_content_types(void)
{
	static const char *const json[] = {
		"", "\r\ncontent-type: application/json",
		"\r\ncontent-type: APPLICATION/Json; charset=latin1",
		"\r\ncontent-type: application/problem+json",
		"\r\ncontent-type:",
	};
	static const char *const other[] = {
		"text/plain", "application/x-www-form-urlencoded",
		"application/octet-stream", "application/jsonp", "text/json",
		"json", "application/json/x", "application/xjson",
	};
	struct call c = serve("70.9", AQI_DIALECT_PYDANTIC2);
	char field[100];

	for (size_t i = 0; i < sizeof json / sizeof *json; i++) {
		ask(&c, "POST /predict", json[i], RECORD);
		ok(c.answer.status == 200, "JSON: %s", json[i] + (i > 0) * 2);
	}
	for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
		snprintf(field, sizeof field, "\r\ncontent-type: %s",
			 other[i]);
		ask(&c, "POST /predict", field, "7");
		is(&c, IS_TEXT, other[i]);
	}
	ask(&c, "POST /predict/batch", field, "7");
	is(&c, IS_TEXT, "a batch that is text");
	ask(&c, "POST /predict", field, "a\xff\"\n");
	is(&c, ERROR "{\"type\":\"model_attributes_type\",\"loc\":[\"body\"],"
	   "\"msg\":\"Input should be a valid dictionary or object to extract "
	   "fields from\",\"input\":\"a\xef\xbf\xbd\\\"\\n\"}]}",
	   "what is not UTF-8 is marked");
	ask(&c, "POST /predict", "", "");
	is(&c, NO_BODY, "no body");
	ask(&c, "POST /predict/batch", "", " null ");
	is(&c, NO_BODY, "null");
	ask(&c, "POST /predict", "", "{\"\xff\":1}");
	is(&c, NO_TEXT, "invalid UTF-8");
	ask(&c, "POST /predict", "", "\x1f\x8b\x08");
	is(&c, NO_TEXT, "gzip");
	free_call(&c);
}

/* What one field says, and what is said of it in both dialects. */
#define B(type, field, msg, input, ctx)                                       \
	"{\"type\":\"" type "\",\"loc\":[\"body\",\"" field "\"],\"msg\":\""  \
	msg "\",\"input\":" input ctx "}"
#define A(type, field, msg, ctx)                                              \
	"{\"loc\":[\"body\",\"" field "\"],\"msg\":\"" msg "\",\"type\":\""   \
	type "\"" ctx "}"
#define NOT_FLOAT A("type_error.float", "pm25", "value is not a valid float", )
#define NOT_INT A("type_error.integer", "hour", "value is not a valid integer",)
#define LOW(field, input, is, bound)                                          \
	B("greater_than_equal", field, "Input should be greater than or "     \
	  "equal to " is, input, ",\"ctx\":{\"ge\":" bound "}")
#define HIGH(field, input, is, bound)                                         \
	B("less_than_equal", field, "Input should be less than or equal to "  \
	  is, input, ",\"ctx\":{\"le\":" bound "}")
#define LOW1(field, is)                                                       \
	A("value_error.number.not_ge", field, "ensure this value is greater " \
	  "than or equal to " is, ",\"ctx\":{\"limit_value\":" is "}")
#define HIGH1(field, is)                                                      \
	A("value_error.number.not_le", field, "ensure this value is less "    \
	  "than or equal to " is, ",\"ctx\":{\"limit_value\":" is "}")
#define F_PARSING(input)                                                      \
	B("float_parsing", "pm25", "Input should be a valid number, unable "  \
	  "to parse string as a number", input, )
#define F_TYPE(input)                                                         \
	B("float_type", "pm25", "Input should be a valid number", input, )
#define I_PARSING(input)                                                      \
	B("int_parsing", "hour", "Input should be a valid integer, unable to "\
	  "parse string as an integer", input, )
#define I_TYPE(input)                                                         \
	B("int_type", "hour", "Input should be a valid integer", input, )
#define I_SIZE(input)                                                         \
	B("int_parsing_size", "hour", "Unable to parse input string as an "   \
	  "integer, exceeded maximum size", input, )
#define FINITE                                                                \
	B("finite_number", "hour", "Input should be a finite number", "null", )
#define NONE1(field)                                                          \
	A("type_error.none.not_allowed", field,                               \
	  "none is not an allowed value", )

static const struct {
	const char *pm25, *hour, *b, *a;
} wrong[] = {
	{"-0.1", "14", LOW("pm25", "-0.1", "0", "0.0"), LOW1("pm25", "0")},
	{"500.5", "14", HIGH("pm25", "500.5", "500", "500.0"),
	 HIGH1("pm25", "500")},
	{"\"500.5\"", "14", HIGH("pm25", "\"500.5\"", "500", "500.0"),
	 HIGH1("pm25", "500")},
	{"1", "-1", LOW("hour", "-1", "0", "0"), LOW1("hour", "0")},
	{"1", "24", HIGH("hour", "24", "23", "23"), HIGH1("hour", "23")},
	{"1", "24.0", HIGH("hour", "24.0", "23", "23"), HIGH1("hour", "23")},
	{"\"x\"", "14", F_PARSING("\"x\""), NOT_FLOAT},
	{"\"\\ud800\"", "14", F_PARSING("\"\\ud800\""), NOT_FLOAT},
	{"null", "14", F_TYPE("null"), NONE1("pm25")},
	{"[ ]", "14", F_TYPE("[]"), NOT_FLOAT},
	{"{\"a\" : 1e3}", "14", F_TYPE("{\"a\":1000.0}"), NOT_FLOAT},
	{"1", "\"x\"", I_PARSING("\"x\""), NOT_INT},
	{"1", "\"14.5\"", I_PARSING("\"14.5\""), NOT_INT},
	{"1", "\"14.\"", I_PARSING("\"14.\""), NOT_INT},
	{"1", "\"1e1\"", I_PARSING("\"1e1\""), NOT_INT},
	{"1", "14.5", B("int_from_float", "hour", "Input should be a valid "
			"integer, got a number with a fractional part",
			"14.5", ), NULL},
	{"1", "1e19", I_SIZE("1e+19"), HIGH1("hour", "23")},
	{"1", "-1e19", I_SIZE("-1e+19"), LOW1("hour", "0")},
	{"1", "null", I_TYPE("null"), NONE1("hour")},
	{"1", "[1]", I_TYPE("[1]"), NOT_INT},
	{"1", "{}", I_TYPE("{}"), NOT_INT},
	{"NaN", "14", HIGH("pm25", "null", "500", "500.0"), LOW1("pm25", "0")},
	{"Infinity", "14", HIGH("pm25", "null", "500", "500.0"),
	 HIGH1("pm25", "500")},
	{"-1e400", "14", LOW("pm25", "null", "0", "0.0"), LOW1("pm25", "0")},
	{"\"nan\"", "14", HIGH("pm25", "\"nan\"", "500", "500.0"),
	 LOW1("pm25", "0")},
	{"\"inf\"", "14", HIGH("pm25", "\"inf\"", "500", "500.0"),
	 HIGH1("pm25", "500")},
	{"1", "NaN", FINITE, NOT_INT},
	{"1", "1e400", FINITE, NOT_INT},
	{"-1", "24", LOW("pm25", "-1", "0", "0.0") ","
	 HIGH("hour", "24", "23", "23"),
	 LOW1("pm25", "0") "," HIGH1("hour", "23")},
};

static void
test_fields(void)
{
	struct call b = serve("70.9", AQI_DIALECT_PYDANTIC2);
	struct call a = serve("70.9", AQI_DIALECT_PYDANTIC1);
	char body[500], wanted[1000];

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		snprintf(body, sizeof body, "{\"month\":6,\"hour\":%s," REST
			 "\"pm25\":%s,\"day_of_week\":2}", wrong[i].hour,
			 wrong[i].pm25);
		snprintf(wanted, sizeof wanted, ERROR "%s]}", wrong[i].b);
		ask(&b, "POST /predict", "", body);
		is(&b, wanted, body);
		ask(&a, "POST /predict", "", body);
		if (wrong[i].a) {
			snprintf(wanted, sizeof wanted, ERROR "%s]}",
				 wrong[i].a);
			is(&a, wanted, "and in pydantic 1");
		} else {
			ok(a.answer.status == 200, "which is cut");
		}
	}
	free_call(&a);
	free_call(&b);
}

/* A number of times that a text stands in another. */
static size_t
count(const char *text, const char *part)
{
	size_t n = 0;

	for (; (text = strstr(text, part)); text++)
		n++;
	return n;
}

#define OBJECT(place, input)                                                  \
	"{\"type\":\"model_attributes_type\",\"loc\":[\"body\"" place "],"    \
	"\"msg\":\"Input should be a valid dictionary or object to extract "  \
	"fields from\",\"input\":" input "}"
#define OBJECT1(place)                                                        \
	"{\"loc\":[\"body\"" place "],\"msg\":\"value is not a valid dict\"," \
	"\"type\":\"type_error.dict\"}"
#define MISSING(place, input)                                                 \
	"{\"type\":\"missing\",\"loc\":[\"body\"," place "],"                 \
	"\"msg\":\"Field required\",\"input\":" input "}"
#define MISSING1(place)                                                       \
	"{\"loc\":[\"body\"," place "],\"msg\":\"field required\","           \
	"\"type\":\"value_error.missing\"}"
#define LIST(input)                                                           \
	"{\"type\":\"list_type\",\"loc\":[\"body\",\"instances\"],"           \
	"\"msg\":\"Input should be a valid list\",\"input\":" input "}"
#define LIST1                                                                 \
	"{\"loc\":[\"body\",\"instances\"],\"msg\":\"value is not a valid "   \
	"list\",\"type\":\"type_error.list\"}"
#define BROKEN(at, reason)                                                    \
	"{\"type\":\"json_invalid\",\"loc\":[\"body\"," at "],\"msg\":"       \
	"\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"" reason "\"}}"
#define BROKEN1(at, line, column, reason, doc)                                \
	"{\"loc\":[\"body\"," at "],\"msg\":\"" reason ": line " line         \
	" column " column " (char " at ")\",\"type\":"                        \
	"\"value_error.jsondecode\",\"ctx\":{\"msg\":\"" reason "\","         \
	"\"doc\":\"" doc "\",\"pos\":" at ",\"lineno\":" line                 \
	",\"colno\":" column "}}"
#define SHORT "{\"pm25\":35.5," REST "\"hour\":14,\"day_of_week\":2}"

static const struct {
	const char *path, *body, *b, *a;
} shapes[] = {
	{"/predict", "1", OBJECT("", "1"), OBJECT1("")},
	{"/predict", "\"\xc3\xa9\"", OBJECT("", "\"\xc3\xa9\""), OBJECT1("")},
	{"/predict", "[1, 2.50]", OBJECT("", "[1,2.5]"), OBJECT1("")},
	{"/predict", "NaN", OBJECT("", "null"), OBJECT1("")},
	{"/predict", SHORT, MISSING("\"month\"", SHORT), MISSING1("\"month\"")},
	{"/predict/batch", "[1]", OBJECT("", "[1]"), OBJECT1("")},
	{"/predict/batch", "{\"a\" : 1,\"a\" : 1E5}",
	 MISSING("\"instances\"", "{\"a\":100000.0}"),
	 MISSING1("\"instances\"")},
	{"/predict/batch", "[]", OBJECT("", "[]"), MISSING1("\"instances\"")},
	{"/predict/batch", "{\"instances\":{}}", LIST("{}"), LIST1},
	{"/predict/batch", "{\"instances\":null}", LIST("null"),
	 "{\"loc\":[\"body\",\"instances\"],\"msg\":\"none is not an allowed "
	 "value\",\"type\":\"type_error.none.not_allowed\"}"},
	{"/predict/batch", "{\"instances\":\"x\"}", LIST("\"x\""), LIST1},
	{"/predict/batch", "{\"instances\":[" RECORD ",7]}",
	 OBJECT(",\"instances\",1", "7"), OBJECT1(",\"instances\",1")},
	{"/predict/batch", "{\"instances\":[null]}",
	 OBJECT(",\"instances\",0", "null"),
	 "{\"loc\":[\"body\",\"instances\",0],\"msg\":\"none is not an allowed "
	 "value\",\"type\":\"type_error.none.not_allowed\"}"},
	{"/predict/batch", "{\"instances\":[" SHORT "," SHORT "]}",
	 MISSING("\"instances\",0,\"month\"", SHORT) ","
	 MISSING("\"instances\",1,\"month\"", SHORT),
	 MISSING1("\"instances\",0,\"month\"") ","
	 MISSING1("\"instances\",1,\"month\"")},
	{"/predict", "{bad", BROKEN("1", "Expecting property name enclosed in "
				    "double quotes"),
	 BROKEN1("1", "1", "2", "Expecting property name enclosed in double "
		 "quotes", "{bad")},
	{"/predict", "{\"pm25\":35.5", BROKEN("12", "Expecting ',' delimiter"),
	 BROKEN1("12", "1", "13", "Expecting ',' delimiter",
		 "{\\\"pm25\\\":35.5")},
	{"/predict", "   ", BROKEN("3", "Expecting value"),
	 BROKEN1("3", "1", "4", "Expecting value", "   ")},
	{"/predict", "[\n\"\xc3\xa9\xf0\x9f\x98\x80\",\n \"\xc3\xa9\" x]",
	 BROKEN("13", "Expecting ',' delimiter"),
	 BROKEN1("13", "3", "6", "Expecting ',' delimiter",
		 "[\\n\\\"\xc3\xa9\xf0\x9f\x98\x80\\\",\\n "
		 "\\\"\xc3\xa9\\\" x]")},
	{"/predict", "\"\\x\"", BROKEN("1", "Invalid \\\\escape"),
	 BROKEN1("1", "1", "2", "Invalid \\\\escape", "\\\"\\\\x\\\"")},
	{"/predict/batch", "{\"a\":1,}",
	 BROKEN("6", "Illegal trailing comma before end of object"),
	 BROKEN1("6", "1", "7", "Illegal trailing comma before end of object",
		 "{\\\"a\\\":1,}")},
};

static void
test_shapes(void)
{
	struct call b = serve("70.9", AQI_DIALECT_PYDANTIC2);
	struct call a = serve("70.9", AQI_DIALECT_PYDANTIC1);
	char line[100], wanted[2000];

	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
		snprintf(line, sizeof line, "POST %s", shapes[i].path);
		snprintf(wanted, sizeof wanted, ERROR "%s]}", shapes[i].b);
		ask(&b, line, "", shapes[i].body);
		is(&b, wanted, shapes[i].body);
		snprintf(wanted, sizeof wanted, ERROR "%s]}", shapes[i].a);
		ask(&a, line, "", shapes[i].body);
		is(&a, wanted, "and in pydantic 1");
	}
	ask(&b, "POST /predict", "", "{}");
	ok(count(answer_of(&b), "\"missing\"") == 13,
	   "all that is missing is told");
	ask(&a, "POST /predict/batch", "", "{\"instances\":[[],\"\"]}");
	ok(count(answer_of(&a), "value_error.missing") == 26,
	   "pydantic 1 takes an empty list, and text, for an object");
	free_call(&a);
	free_call(&b);
}

static void
test_sizes(void)
{
	struct call c = serve("70.9", AQI_DIALECT_PYDANTIC2);
	struct aqi_buffer body = {0};
	char text[1100];

	for (size_t n = 1022; n <= 1023; n++) {
		memset(text, 'x', sizeof text);
		text[0] = text[n + 1] = '"';
		text[n + 2] = '\0';
		ask(&c, "POST /predict", "", text);
		ok((strstr(answer_of(&c), "\"input\"") != NULL) == (n == 1022),
		   "%zu bytes of input are%s told", n + 2,
		   n == 1022 ? "" : " not");
	}
	aqi_buffer_add_text(&body, "{\"instances\":[0");
	for (int i = 1; i < 1001; i++)
		aqi_buffer_add_text(&body, ",0");
	aqi_buffer_add_text(&body, "]}");
	ask_bytes(&c, "POST /predict/batch HTTP/1.0",
		  (struct aqi_slice){body.data, body.size});
	ok(c.answer.status == 422 &&
	   strstr(answer_of(&c), "x-aqi-errors: 1001\r\n{"),
	   "how many errors there are stands in the head");
	aqi_buffer_free(&body);
	free_call(&c);
}

/* Nothing to predict with, no longer, or not yet. */
static void
test_states(void)
{
	static const char unloaded[] =
		"503 application/json\nretry-after: 1\r\n"
		"{\"detail\":\"Model not loaded\"}";
	struct aqi_error err;
	struct call c = {.service = aqi_service_new(NULL, &err)};

	ask(&c, "GET /ready", "", "");
	is(&c, unloaded, "without a model it is not ready");
	ask(&c, "POST /predict", "", RECORD);
	is(&c, unloaded, "and does not predict");
	ask(&c, "POST /predict/batch", "", "{");
	is(&c, unloaded, "nor a batch");
	ask(&c, "GET /model/info", "", "");
	is(&c, unloaded, "nor tell of one");
	ask(&c, "GET /health", "", "");
	has_shape(&c, "{\"status\":\"healthy\",\"model_loaded\":false,"
		  "\"timestamp\":#}", "but it runs");
	ok(strcmp(aqi_service_model(c.service), "") == 0, "it has no name");
	ask(&c, "GET /metrics", "", "");
	ok(strstr(answer_of(&c), "\naqi_model_loaded 0\n") &&
	   !strstr(answer_of(&c), "aqi_model_info"), "nor metrics of it");
	free_call(&c);

	c = serve("70.9", AQI_DIALECT_PYDANTIC2);
	aqi_service_drain(c.service);
	ask(&c, "GET /ready", "", "");
	is(&c, "503 application/json\nretry-after: 1\r\n"
	   "{\"detail\":\"Shutting down\"}", "towards its end it says so");
	ask(&c, "POST /predict", "", RECORD);
	ok(c.answer.status == 200, "and predicts");
	free_call(&c);
}

static const char *
find_key(const void *self, struct aqi_slice key)
{
	return aqi_slice_is(key, self) ? "lab" : NULL;
}

static void
test_keys(void)
{
	static const char no_key[] =
		"401 application/json\nwww-authenticate: APIKey\r\n"
		"{\"detail\":\"Not authenticated\"}";
	const struct aqi_service_keys keys = {find_key, "s3cret"};
	struct aqi_service_options options = {
		.open = AQI_SERVICE_OPEN_DEFAULT
	};
	struct aqi_error err;
	struct call c = {.service = aqi_service_new(&options, &err)};

	ok(aqi_service_load(c.service, NULL, &err) == AQI_OK &&
	   strcmp(aqi_service_model(c.service), "production/1+38c890cc") == 0,
	   "the model that is built in");
	aqi_service_set_keys(c.service, &keys);
	ask(&c, "POST /predict", "", RECORD);
	is(&c, no_key, "without a key");
	ask(&c, "POST /predict", "\r\nx-api-key:", RECORD);
	is(&c, no_key, "with an empty one");
	ask(&c, "GET /model/info", "\r\nx-api-key: s3cre", "");
	is(&c, "401 application/json\nwww-authenticate: APIKey\r\n"
	   "{\"detail\":\"Invalid API key\"}", "with another");
	ok(!c.answer.key, "which has no name");
	ask(&c, "POST /predict", "\r\nX-API-Key: s3cret", RECORD);
	ok(c.answer.status == 200 && strcmp(c.answer.key, "lab") == 0,
	   "with the right one, whose name the log has");
	ask(&c, "GET /ready", "", "");
	ok(c.answer.status == 200, "what is open to all needs none");
	ask(&c, "GET /predict", "", "");
	ok(c.answer.status == 405, "nor does what is no request");
	aqi_service_set_keys(c.service, NULL);
	ask(&c, "POST /predict", "", RECORD);
	ok(c.answer.status == 200, "keys can be taken back");
	free_call(&c);
}

static const char *const in_metrics[] = {
	"# HELP predictions_total Total predictions made\n"
	"# TYPE predictions_total counter\npredictions_total 4\n",
	"# TYPE prediction_duration_seconds histogram\n"
	"prediction_duration_seconds_bucket{le=\"1e-06\"} ",
	"prediction_duration_seconds_bucket{le=\"10.0\"} 1\n"
	"prediction_duration_seconds_bucket{le=\"+Inf\"} 1\n"
	"prediction_duration_seconds_sum ",
	"prediction_duration_seconds_count 1\n",
	"\n# TYPE prediction_errors_total counter\nprediction_errors_total 0\n",
	"\naqi_http_requests_total{route=\"/predict\",method=\"POST\","
	"code=\"200\"} 1\n",
	"\naqi_http_requests_total{route=\"/predict\",method=\"POST\","
	"code=\"422\"} 1\n",
	"\naqi_http_requests_total{route=\"/predict/batch\",method=\"POST\","
	"code=\"200\"} 1\n",
	"\naqi_http_requests_total{route=\"/health\",method=\"other\","
	"code=\"405\"} 1\n",
	"\naqi_http_requests_total{route=\"other\",method=\"GET\","
	"code=\"404\"} 1\n",
	"\naqi_http_requests_total{route=\"other\",method=\"other\","
	"code=\"other\"} 1\n",
	"\naqi_http_request_duration_seconds_bucket{le=\"1e-06\"} 0\n"
	"aqi_http_request_duration_seconds_bucket{le=\"2.5e-06\"} 5\n",
	"\naqi_http_request_duration_seconds_count 6\n",
	"\naqi_http_in_flight_requests 1\n",
	"\naqi_build_info{version=\"",
	"\naqi_model_info{name=\"flat\",version=\"\",sha256=\"\"} 1\n",
	"\naqi_model_loads_total{result=\"ok\"} 1\n"
	"aqi_model_loads_total{result=\"failed\"} 0\n",
	"\nprocess_resident_memory_bytes ", "\nprocess_cpu_seconds_total ",
};

static void
test_metrics(void)
{
	struct call c = serve("70.9", AQI_DIALECT_PYDANTIC2);
	struct aqi_request none = {0};
	struct aqi_answer odd = {.status = 418};
	const char *text;
	size_t n;

	ask(&c, "POST /predict", "", RECORD);
	ask(&c, "POST /predict", "", "{}");
	c.worker = 1;
	ask(&c, "POST /predict/batch", "", "{\"instances\":[" RECORD ","
	    RECORD "," RECORD "]}");
	ask(&c, "FROB /health", "", "");
	ask(&c, "GET /nosuch", "", "");
	aqi_service_answered(c.service, 1, &none, &odd, 0, 20000000000);
	c.worker = 0;
	ask(&c, "GET /metrics", "", "");
	text = answer_of(&c);
	ok(strncmp(text, "200 text/plain; version=0.0.4; charset=utf-8\n# HELP",
		   51) == 0, "metrics are text, not a JSON string of it");
	for (size_t i = 0; i < sizeof in_metrics / sizeof *in_metrics; i++)
		if (!ok(strstr(text, in_metrics[i]) != NULL,
			"of both workers: %s", strtok(strdupa(in_metrics[i]),
						      "\n")))
			note("%s", text);
	n = strlen(text);
	ok(text[n - 1] == '\n' && !strstr(text, "# EOF"),
	   "the last line ends, too");
	free_call(&c);
}

static void
test_open_metrics(void)
{
	static const struct {
		const char *accept;
		bool is_open;
	} cases[] = {
		{"application/openmetrics-text;version=1.0.0", true},
		{"application/openmetrics-text;version=1.0.0;"
		 "escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.5,"
		 "*/*;q=0.1", true},
		{"text/plain;q=0.7, Application/OpenMetrics-Text; q=0.6",
		 false},
		{"application/openmetrics-text;q=0", false},
		{"application/openmetrics-text;q=x", false},
		{"*/*", false}, {"", false}, {",", false},
	};
	struct call c = serve("70.9", AQI_DIALECT_PYDANTIC2);
	const char *type = "application/openmetrics-text; version=1.0.0; "
			   "charset=utf-8";
	char field[200];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		snprintf(field, sizeof field, "\r\naccept: %s",
			 cases[i].accept);
		ask(&c, "GET /metrics", field, "");
		ok((strcmp(c.answer.type, type) == 0) == cases[i].is_open &&
		   (strstr(answer_of(&c), "\n# EOF\n") != NULL) ==
		   cases[i].is_open, "accept: %s", cases[i].accept);
	}
	ask(&c, "GET /metrics", "\r\naccept: application/openmetrics-text", "");
	ok(strstr(answer_of(&c), "# TYPE predictions counter\n"
		  "predictions_total 0\n") != NULL,
	   "a family has no _total in its name");
	free_call(&c);
}

static void
test_documents(void)
{
	struct call c = serve("70.9", AQI_DIALECT_PYDANTIC2);
	const char *text;

	ask(&c, "GET /openapi.json", "", "");
	text = answer_of(&c);
	ok(strncmp(text, JSON "{\"openapi\":\"3.1.0\",\"info\":{\"title\":"
		   "\"AQI Predictor API\",", 60) == 0,
	   "the document of the API");
	ok(strstr(text, "\"pressure\":{\"type\":\"number\",\"maximum\":1100.0,"
		  "\"minimum\":900.0,\"title\":\"Pressure\",\"description\":"
		  "\"air pressure at the station (hPa)\"}") &&
	   strstr(text, "\"day_of_week\":{\"type\":\"integer\","
		  "\"maximum\":6.0,\"minimum\":0.0,\"title\":\"Day Of Week\","
		  "\"description\":\"Monday is 0\"}") &&
	   strstr(text, "\"required\":" NAMES), "has the fields of the schema");
	ok(count(text, ",\"title\":\"") >= 26 && strstr(text,
		  "\"example\":{\"pm25\":35.5,"), "and its example");
	ask(&c, "GET /docs", "", "");
	text = answer_of(&c);
	ok(strncmp(text, "200 text/html; charset=utf-8\n"
		   "content-security-policy: default-src 'none'; ", 70) == 0 &&
	   strstr(text, "<tr><td><code>hour</code><td>integer<td>0..23"
		  "<td>local hour in which the average begins\n") &&
	   count(text, "autocomplete=\"off\" value=\"") == 13 &&
	   !strstr(text, "<!--"), "the page has them, too");
	ok(!strstr(text, "src=") && !strstr(text, "//cdn") &&
	   !strstr(text, "@import"), "and nothing from elsewhere");
	free_call(&c);
}

/* o3 from 100 to below 100.001 gives e^200, which is beyond 32 bits. */
#define SPIKE                                                                 \
	"\"default_left\":[0,0,0,0,0],\"left_children\":[1,-1,3,-1,-1],"      \
	"\"right_children\":[2,-1,4,-1,-1],"                                  \
	"\"split_conditions\":[100,1,100.001,200,1],"                         \
	"\"split_indices\":[5,0,5,0,0],\"split_type\":[0,0,0,0,0]"

static void
test_failures(void)
{
	struct call c = serve("70.9", AQI_DIALECT_PYDANTIC2);
	struct aqi_error err = {0};
	char path[100], body[500];

	snprintf(path, sizeof path, "%s/spike.json", folder);
	write_model(path, "count:poisson", NAMES, SPIKE, 5, "1");
	ok(load(c.service, "spike.json", &err), "a model that fails seldom");
	snprintf(body, sizeof body, "{\"x\":1,\"o3\":100.0,%s",
		 &RECORD[1]);
	memcpy(strstr(body, "45.7"), "1e02", 4);
	ask(&c, "POST /predict", "", body);
	is(&c, "500 application/json\n{\"detail\":"
	   "\"the prediction is not a finite number\"}", "fails");
	ask(&c, "GET /metrics", "", "");
	ok(strstr(answer_of(&c), "\nprediction_errors_total 1\n") != NULL,
	   "and is counted");
	free_call(&c);
}

static void
test_loading(void)
{
	struct call c = serve("70.9", AQI_DIALECT_PYDANTIC2);
	struct aqi_error err = {0};
	char path[100], before[300];

	snprintf(before, sizeof before, "%s", aqi_service_model(c.service));
	ok(strncmp(before, "flat/+", 6) == 0 && strlen(before) == 14,
	   "a model is known by name, version and hash");
	ask(&c, "GET /nosuch", "", "");
	ok(strncmp(c.answer.fields.data, "x-aqi-model: flat/+", 19) == 0,
	   "which each answer has");

	snprintf(path, sizeof path, "%s/infinite.json", folder);
	write_model(path, "count:poisson", NAMES, LEAF, 1, "3e38");
	ok(load(c.service, "infinite.json", &err), "a large one is one");
	write_model(path, "count:poisson", NAMES,
		    "\"default_left\":[0],\"left_children\":[-1],"
		    "\"right_children\":[-1],\"split_conditions\":[200],"
		    "\"split_indices\":[0],\"split_type\":[0]", 1, "1");
	snprintf(before, sizeof before, "%s", aqi_service_model(c.service));
	ok(!load(c.service, "infinite.json", &err) && err.code == AQI_E_MODEL &&
	   strcmp(err.reason, "it predicts a number that is not finite for a "
		  "record within all bounds") == 0,
	   "one that predicts nothing finite is refused");
	snprintf(path, sizeof path, "%s/other.json", folder);
	write_model(path, "reg:squarederror", "[\"pm25\",\"x\",\"c\",\"d\","
		    "\"e\",\"f\",\"g\",\"h\",\"i\",\"j\",\"k\",\"l\",\"m\"]",
		    LEAF, 1, "1");
	ok(!load(c.service, "other.json", &err) && err.code == AQI_E_MODEL &&
	   strcmp(err.field, "x") == 0 && strcmp(err.reason,
		  "this input of the model is no field of a request; they are "
		  "those of the schema \"api\"") == 0 &&
	   strstr(err.file, "/other.json"), "and one with an input unknown");
	ok(!load(c.service, "nosuch.json", &err) && err.code == AQI_E_MODEL,
	   "and none");
	ok(strcmp(before, aqi_service_model(c.service)) == 0,
	   "then the one before stays");
	ask(&c, "GET /metrics", "", "");
	ok(strstr(answer_of(&c), "\naqi_model_loads_total{result=\"ok\"} 2\n"
		  "aqi_model_loads_total{result=\"failed\"} 3\n") != NULL,
	   "all are counted");
	free_call(&c);
}

/* Inputs in another order, and not all of the fields. */
static void
test_inputs(void)
{
	struct call c = serve("70.9", AQI_DIALECT_PYDANTIC2);
	struct aqi_error err = {0};
	char path[100];

	snprintf(path, sizeof path, "%s/few.json", folder);
	write_model(path, "reg:squarederror", "[\"hour\",\"pm25\"]",
		    "\"default_left\":[0,0,0],\"left_children\":[1,-1,-1],"
		    "\"right_children\":[2,-1,-1],"
		    "\"split_conditions\":[35.6,7,8],"
		    "\"split_indices\":[1,0,0],\"split_type\":[0,0,0]", 3, "0");
	ok(load(c.service, "few.json", &err), "a model of two inputs: %s",
	   err.reason);
	ask(&c, "POST /predict", "", RECORD);
	has_shape(&c, "{\"aqi\":7.0,\"category\":\"Good\",\"confidence\":0.85,"
		  "\"processing_time_ms\":#}", "gets them by their names");
	free_call(&c);
}

struct asker {
	struct call call;
	atomic_bool *stop;
	unsigned long n_asked, n_wrong;
};

static void *
keep_asking(void *self)
{
	struct asker *a = self;

	while (!atomic_load(a->stop)) {
		ask(&a->call, "POST /predict", "", RECORD);
		a->n_wrong += a->call.answer.status != 200 ||
			      !strstr(a->call.answer.fields.data, "flat/+");
		a->n_asked++;
	}
	return NULL;
}

static void
test_reload(void)
{
	struct call c = serve("70.9", AQI_DIALECT_PYDANTIC2);
	struct aqi_error err;
	atomic_bool stop = false;
	struct asker askers[2] = {
		{.call.service = c.service, .stop = &stop},
		{.call.service = c.service, .stop = &stop, .call.worker = 1},
	};
	pthread_t threads[2];
	int n_loaded = 0, n_refused = 0;

	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, keep_asking, &askers[i]);
	for (int i = 0; i < 300; i++) {
		if (i % 3 == 2)
			n_refused += !load(c.service, "other.json", &err);
		else
			n_loaded += load(c.service, "flat.json", &err);
	}
	atomic_store(&stop, true);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	ok(n_loaded == 200 && n_refused == 100 && askers[0].n_asked > 0 &&
	   askers[0].n_wrong + askers[1].n_wrong == 0,
	   "no request fails while models come and go");
	for (int i = 0; i < 2; i++) {
		askers[i].call.service = NULL;
		free_call(&askers[i].call);
	}
	free_call(&c);
}

int
main(void)
{
	char command[100];

	if (!mkdtemp(folder))
		return 1;
	test_endpoints();
	test_rounding();
	test_routing();
	test_cors();
	test_content_types();
	test_fields();
	test_shapes();
	test_sizes();
	test_states();
	test_keys();
	test_metrics();
	test_open_metrics();
	test_documents();
	test_failures();
	test_loading();
	test_inputs();
	test_reload();
	aqi_service_free(NULL);
	snprintf(command, sizeof command, "rm -rf %s", folder);
	return system(command) != 0 || done();
}
