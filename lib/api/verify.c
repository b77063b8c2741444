#include "api/verify.h"

#include <jansson.h>
#include <math.h>

#include "air/category.h"
#include "model/bundle.h"
#include "record/json.h"

/* As many inputs as a model of the API's records can have, and more. */
#define INPUTS 256
#define TOLERANCE 0.01

static double
predict(const struct aqi_model *model, const json_t *record)
{
	double x[INPUTS], y;

	for (size_t i = 0; i < model->n_inputs; i++)
		x[i] = aqi_json_number(
			json_object_getn(record, model->inputs[i].data,
					 model->inputs[i].size));
	aqi_model_predict(model, x, 1, &y);
	return y;
}

static bool
is_category(const json_t *value, double aqi)
{
	const struct aqi_slice name = {json_string_value(value),
				       json_string_length(value)};

	return name.data &&
	       (aqi_slice_equal(name, aqi_category_name(aqi)) ||
		aqi_slice_equal(name, aqi_category_name(aqi - TOLERANCE)) ||
		aqi_slice_equal(name, aqi_category_name(aqi + TOLERANCE)));
}

static bool
is_prediction(const struct aqi_model *model, const json_t *record,
	      const json_t *answer)
{
	double wanted = predict(model, record);
	double aqi = aqi_json_number(json_object_get(answer, "aqi"));

	return fabs(aqi - wanted) <= TOLERANCE &&
	       is_category(json_object_get(answer, "category"), wanted);
}

static bool
are_predictions(const struct aqi_model *model, const json_t *request,
		const json_t *answer)
{
	const json_t *records = json_object_get(request, "instances");
	const json_t *predictions = json_object_get(answer, "predictions");

	if (!records)
		return is_prediction(model, request, answer);
	if (!json_is_array(predictions) ||
	    json_array_size(predictions) != json_array_size(records))
		return false;
	for (size_t i = 0; i < json_array_size(records); i++)
		if (!is_prediction(model, json_array_get(records, i),
				   json_array_get(predictions, i)))
			return false;
	return true;
}

bool
aqi_verify_answer(const struct aqi_model *model, struct aqi_slice request,
		  struct aqi_slice answer)
{
	const char *blank = memmem(request.data, request.size, "\r\n\r\n", 4);
	struct aqi_slice body;
	json_t *asked, *answered;
	bool is_right;

	if (request.size < 14 || memcmp(request.data, "POST ", 5) != 0 ||
	    !blank)
		return true;
	body.data = blank + 4;
	body.size = request.size - (size_t)(body.data - request.data);
	asked = aqi_json_read(body, NULL);
	answered = aqi_json_read(answer, NULL);
	is_right = asked && answered && model->n_inputs <= INPUTS &&
		   are_predictions(model, asked, answered);
	json_decref(asked);
	json_decref(answered);
	return is_right;
}
