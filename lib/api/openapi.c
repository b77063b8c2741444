#include "api/openapi.h"

#include "air/schema.h"
#include "api/describe.h"
#include "api/echo.h"
#include "base/buffer.h"

/* Documents of the API are made of these, as FastAPI writes them. */
#define REF(name) "{\"$ref\":\"#/components/schemas/" name "\"}"
#define OK(schema)                                                            \
	"\"200\":{\"description\":\"Successful Response\",\"content\":{"      \
	"\"application/json\":{\"schema\":" schema "}}}"
#define TEXT(type)                                                            \
	"\"200\":{\"description\":\"Successful Response\",\"content\":{"      \
	"\"" type "\":{\"schema\":{\"type\":\"string\"}}}}"
#define INVALID                                                               \
	"\"422\":{\"description\":\"Validation Error\",\"content\":{"         \
	"\"application/json\":{\"schema\":" REF("HTTPValidationError") "}}}"
#define GET(path, summary, what, id, responses)                               \
	"\"" path "\":{\"get\":{\"summary\":\"" summary                       \
	"\",\"description\":\"" what "\",\"operationId\":\"" id               \
	"\",\"responses\":{" responses "}}}"
#define POST(path, summary, what, id, request, response)                      \
	"\"" path "\":{\"post\":{\"summary\":\"" summary                      \
	"\",\"description\":\"" what "\",\"operationId\":\"" id               \
	"\",\"requestBody\":{\"content\":{\"application/json\":{\"schema\":"  \
	REF(request) "}},\"required\":true},\"responses\":{"                  \
	OK(REF(response)) "," INVALID "}}}"

static const char head[] =
	"{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"AQI Predictor API\","
	"\"description\":\"Production API for Air Quality Index predictions\","
	"\"version\":\"1.0.0\"},\"paths\":{"
	GET("/health", "Health Check", "Health check endpoint.",
	    "health_check_health_get", OK("{}")) ","
	GET("/ready", "Readiness Check", "Readiness check endpoint.",
	    "readiness_check_ready_get", OK("{}")) ","
	POST("/predict", "Predict", "Single prediction endpoint.",
	     "predict_predict_post", "PredictionRequest",
	     "PredictionResponse") ","
	POST("/predict/batch", "Predict Batch", "Batch prediction endpoint.",
	     "predict_batch_predict_batch_post", "BatchPredictionRequest",
	     "BatchPredictionResponse") ","
	GET("/metrics", "Metrics", "Prometheus metrics endpoint.",
	    "metrics_metrics_get", TEXT("text/plain")) ","
	GET("/model/info", "Model Info", "Model metadata endpoint.",
	    "model_info_model_info_get", OK("{}"))
	"},\"components\":{\"schemas\":{"
	"\"BatchPredictionRequest\":{\"properties\":{\"instances\":{\"items\":"
	REF("PredictionRequest") ",\"type\":\"array\",\"title\":\"Instances\"}}"
	",\"type\":\"object\",\"required\":[\"instances\"],"
	"\"title\":\"BatchPredictionRequest\"},"
	"\"BatchPredictionResponse\":{\"properties\":{\"predictions\":{"
	"\"items\":" REF("PredictionResponse") ",\"type\":\"array\","
	"\"title\":\"Predictions\"},\"total_processing_time_ms\":{"
	"\"type\":\"number\",\"title\":\"Total Processing Time Ms\"}},"
	"\"type\":\"object\",\"required\":[\"predictions\","
	"\"total_processing_time_ms\"],\"title\":\"BatchPredictionResponse\"},"
	"\"HTTPValidationError\":{\"properties\":{\"detail\":{\"items\":"
	REF("ValidationError") ",\"type\":\"array\",\"title\":\"Detail\"}},"
	"\"type\":\"object\",\"title\":\"HTTPValidationError\"},"
	"\"PredictionRequest\":{\"properties\":{";

static const char tail[] =
	"\"PredictionResponse\":{\"properties\":{\"aqi\":{\"type\":\"number\","
	"\"title\":\"Aqi\",\"description\":\"Predicted AQI value\"},"
	"\"category\":{\"type\":\"string\",\"title\":\"Category\","
	"\"description\":\"AQI category\"},\"confidence\":{\"type\":\"number\","
	"\"title\":\"Confidence\",\"description\":"
	"\"Prediction confidence score\"},\"processing_time_ms\":{"
	"\"type\":\"number\",\"title\":\"Processing Time Ms\","
	"\"description\":\"Processing time\"}},\"type\":\"object\","
	"\"required\":[\"aqi\",\"category\",\"confidence\","
	"\"processing_time_ms\"],\"title\":\"PredictionResponse\"},"
	"\"ValidationError\":{\"properties\":{\"loc\":{\"items\":{\"anyOf\":["
	"{\"type\":\"string\"},{\"type\":\"integer\"}]},\"type\":\"array\","
	"\"title\":\"Location\"},\"msg\":{\"type\":\"string\","
	"\"title\":\"Message\"},\"type\":{\"type\":\"string\","
	"\"title\":\"Error Type\"}},\"type\":\"object\","
	"\"required\":[\"loc\",\"msg\",\"type\"],"
	"\"title\":\"ValidationError\"}}}}";

/* wind_speed: Wind Speed */
static void
add_title(struct aqi_buffer *out, struct aqi_slice name)
{
	bool begins = true;

	for (size_t i = 0; i < name.size; i++) {
		char c = name.data[i];

		if (c == '_')
			c = ' ';
		else if (begins && c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		begins = c == ' ';
		aqi_buffer_add_byte(out, c);
	}
}

static void
add_field(struct aqi_buffer *out, const struct aqi_schema *schema, size_t i)
{
	const struct aqi_schema_field *f = &schema->fields[i];

	aqi_echo_add_text(out, f->name);
	aqi_buffer_add_text(out, ":{\"type\":\"");
	aqi_buffer_add_text(out, f->type == AQI_TYPE_INTEGER ? "integer" :
							       "number");
	aqi_buffer_add_text(out, "\",\"maximum\":");
	aqi_echo_add_float(out, f->max);
	aqi_buffer_add_text(out, ",\"minimum\":");
	aqi_echo_add_float(out, f->min);
	aqi_buffer_add_text(out, ",\"title\":\"");
	add_title(out, f->name);
	aqi_buffer_add_text(out, "\",\"description\":\"");
	aqi_describe_field(out, schema, i);
	aqi_buffer_add_text(out, "\"}");
}

void
aqi_openapi_write(struct aqi_buffer *out, const struct aqi_schema *schema)
{
	struct aqi_slice example = aqi_describe_example(schema);

	aqi_buffer_add_text(out, head);
	for (size_t i = 0; i < schema->n_fields; i++) {
		if (i > 0)
			aqi_buffer_add_byte(out, ',');
		add_field(out, schema, i);
	}
	aqi_buffer_add_text(out, "},\"type\":\"object\",\"required\":[");
	for (size_t i = 0; i < schema->n_fields; i++) {
		if (i > 0)
			aqi_buffer_add_byte(out, ',');
		aqi_echo_add_text(out, schema->names[i]);
	}
	aqi_buffer_add_text(out, "],\"title\":\"PredictionRequest\"");
	if (example.data) {
		aqi_buffer_add_text(out, ",\"example\":");
		aqi_echo_add(out, example);
	}
	aqi_buffer_add_text(out, "},");
	aqi_buffer_add_text(out, tail);
}
