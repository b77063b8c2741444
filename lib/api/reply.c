#include "api/reply.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/echo.h"
#include "api/served.h"
#include "model/forest.h"
#include "model/predictor.h"
#include "net/http.h"
#include "net/server.h"

/* Digits are written from the last one. */
void
aqi_reply_add_decimal(struct aqi_buffer *out, int64_t scaled, int decimals)
{
	char text[32], *end = text + sizeof text, *p = end;
	uint64_t rest = scaled < 0 ? 0 - (uint64_t)scaled : (uint64_t)scaled;

	for (; decimals > 1 && rest % 10 == 0; decimals--)
		rest /= 10;
	for (int i = 0; i < decimals; i++, rest /= 10)
		*--p = (char)('0' + rest % 10);
	*--p = '.';
	do {
		*--p = (char)('0' + rest % 10);
	} while ((rest /= 10) > 0);
	if (scaled < 0)
		*--p = '-';
	aqi_buffer_add(out, p, (size_t)(end - p));
}

/*
 * Two decimals, rounded as Python's round() does: once, and ties to even. A
 * 32-bit float times 100 is exact in 64 bits; of other numbers snprintf knows
 * every digit.
 */
static void
add_aqi(struct aqi_buffer *out, double aqi)
{
	char text[32];

	if (fabs(aqi) >= 1e9)
		aqi_echo_add_float(out, aqi);
	else if ((double)(float)aqi == aqi)
		aqi_reply_add_decimal(out, (int64_t)nearbyint(aqi * 100), 2);
	else {
		snprintf(text, sizeof text, "%.2f", aqi);
		aqi_echo_add_float(out, strtod(text, NULL));
	}
}

#define ADD(out, literal) aqi_buffer_add((out), (literal), sizeof(literal) - 1)

void
aqi_reply_add_prediction(struct aqi_buffer *out,
			 const struct aqi_prediction *prediction)
{
	ADD(out, "{\"aqi\":");
	add_aqi(out, prediction->aqi);
	ADD(out, ",\"category\":\"");
	aqi_buffer_add_slice(out, prediction->category);
	ADD(out, "\",\"confidence\":");
	aqi_reply_add_decimal(out, prediction->confidence, 2);
	ADD(out, ",\"processing_time_ms\":");
}

void
aqi_reply_add_ms(struct aqi_buffer *out, uint64_t ns)
{
	aqi_reply_add_decimal(out, (int64_t)((ns + 50) / 100), 4);
}

/* A text of a manifest: a member more, where there is one. */
static void
add_text(struct aqi_buffer *out, const char *name, struct aqi_slice text)
{
	if (text.size == 0)
		return;
	aqi_buffer_add_format(out, ",\"%s\":", name);
	aqi_echo_add_text(out, text);
}

/* What the manifest says; the name is never empty. */
static void
add_manifest(struct aqi_buffer *out, const struct aqi_model *model)
{
	ADD(out, "{\"name\":");
	aqi_echo_add_text(out, model->name);
	add_text(out, "version", model->version);
	add_text(out, "description", model->description);
	add_text(out, "licence", model->licence);
	add_text(out, "standard", model->standard);
	add_text(out, "revision", model->revision);
	add_text(out, "target", model->target);
	aqi_buffer_add_format(out, ",\"n_trees\":%zu",
			      aqi_forest_trees(model->forest));
	add_text(out, "sha256", model->trees_sha256);
	aqi_buffer_add_byte(out, '}');
}

void
aqi_reply_add_model(struct aqi_buffer *out, const struct aqi_served *served)
{
	const struct aqi_model *model = served->model;

	ADD(out, "{\"model_type\":\"GradientBoostedTrees\",\"features\":[");
	for (size_t i = 0; i < model->n_inputs; i++) {
		if (i > 0)
			aqi_buffer_add_byte(out, ',');
		aqi_echo_add_text(out, model->inputs[i]);
	}
	aqi_buffer_add_format(out, "],\"n_features\":%zu", model->n_inputs);
	ADD(out, ",\"name\":\"" AQI_SERVED_NAME "\",\"version\":\""
	    AQI_SERVED_VERSION "\",\"model\":");
	add_manifest(out, model);
	aqi_buffer_add_byte(out, '}');
}

/* As Python quotes an address: what may stand in one, and % as it is. */
static void
add_quoted(struct aqi_buffer *out, struct aqi_slice text)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < text.size; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') ||
		    (c && strchr("_.-~:/%#?=@[]!$&'()*+,;", c)))
			aqi_buffer_add_byte(out, (char)c);
		else
			aqi_buffer_add(out, (char[]){
				'%', hex[c >> 4], hex[c & 15]}, 3);
	}
}

void
aqi_reply_add_location(struct aqi_buffer *out,
		       const struct aqi_request *request, const char *path)
{
	struct aqi_slice host = aqi_http_find(request->head, "host");

	ADD(out, "location: ");
	if (host.size > 0) {
		ADD(out, "http://");
		add_quoted(out, host);
	}
	aqi_buffer_add_text(out, path);
	if (request->query.size > 0) {
		aqi_buffer_add_byte(out, '?');
		add_quoted(out, request->query);
	}
	ADD(out, "\r\n");
}
