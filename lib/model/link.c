#include "model/link.h"

#include <math.h>

static const char *const names[] = {
	[AQI_LINK_IDENTITY] = "identity",
	[AQI_LINK_EXP] = "exp",
	[AQI_LINK_LOGISTIC] = "logistic",
	[AQI_LINK_HINGE] = "hinge",
	[AQI_LINK_SOFTMAX] = "softmax",
	[AQI_LINK_ARGMAX] = "class of the largest margin",
	[AQI_LINK_CUMULATE] = "cumulative sum",
	[AQI_LINK_SQUARE] = "square",
	[AQI_LINK_LOG1P_EXP] = "log(1 + exp)",
	[AQI_LINK_ROUND] = "identity",
	[AQI_LINK_ONNX_LOGISTIC] = "logistic",
	[AQI_LINK_ONNX_SOFTMAX] = "softmax",
	[AQI_LINK_ONNX_SOFTMAX_ZERO] = "softmax of what is not zero",
	[AQI_LINK_ONNX_PROBIT] = "probit",
	[AQI_LINK_PAIR] = "1 - margin, margin",
	[AQI_LINK_PAIR_SIGNED] = "-margin, margin",
	[AQI_LINK_PAIR_LOGISTIC] = "logistic of -margin, of margin",
};

_Static_assert(sizeof(struct aqi_link) == 32, "the link has no gaps");

/* Are margins changed before anything else? */
static bool
is_shifted(const struct aqi_link *link)
{
	return link->divisor != 1 || link->offset != 0;
}

static bool
is_pair(const struct aqi_link *link)
{
	return link->kind >= AQI_LINK_PAIR;
}

/* The slope as it is used. */
static double
slope_of(const struct aqi_link *link)
{
	return link->is_wide ? link->slope : (double)(float)link->slope;
}

/* A divisor is a count of trees or iterations; by what is nearly 0, zeros would
 * be no numbers, as by a slope without an end. */
bool
aqi_link_is_valid(const struct aqi_link *link)
{
	return link->kind <= AQI_LINK_LAST && link->is_wide <= 1 &&
	       isfinite(slope_of(link)) && link->slope > 0 &&
	       isfinite(link->divisor) && link->divisor >= 1 &&
	       isfinite(link->offset) &&
	       (!is_shifted(link) || (link->kind != AQI_LINK_ARGMAX &&
				      !is_pair(link)));
}

const char *
aqi_link_name(const struct aqi_link *link)
{
	return names[link->kind];
}

/* Those of ONNX Runtime are of 32, whatever the margins are. */
bool
aqi_link_is_wide(const struct aqi_link *link)
{
	return link->is_wide && link->kind < AQI_LINK_ROUND;
}

size_t
aqi_link_outputs(const struct aqi_link *link, size_t n_margins)
{
	if (is_pair(link))
		return 2 * n_margins;
	return link->kind == AQI_LINK_ARGMAX ? 1 : n_margins;
}

/* XGBoost's: far below zero it stops where expf would overflow. Not by fminf,
 * which would make a number of a margin that is none. Source: XGBoost,
 * src/common/math.h, Sigmoid. */
static float
logistic32(float x)
{
	return 1.0f / (1.0f + expf(-x > 88.7f ? 88.7f : -x));
}

/* Source of these three: ONNX Runtime, core/providers/cpu/ml/ml_common.h. */
static float
onnx_logistic(float x)
{
	const float y = 1.0f / (1.0f + expf(-fabsf(x)));

	return x < 0 ? 1.0f - y : y;
}

/* An approximation by Winitzki, in elementary functions. */
static float
inverse_erf(float x)
{
	const float sign = x < 0 ? -1.0f : 1.0f;
	const float log = logf((1.0f - x) * (1.0f + x));
	const float a = 2.0f / ((float)M_PI * 0.147f) + 0.5f * log;
	const float b = 1.0f / 0.147f * log;

	return sign * sqrtf(sqrtf(a * a - b) - a);
}

static float
probit(float x)
{
	return (float)M_SQRT2 * inverse_erf(2.0f * x - 1.0f);
}

/* One margin, one output, in 32 bits. */
static float
apply32(const struct aqi_link *link, float x)
{
	switch ((enum aqi_link_kind)link->kind) {
	case AQI_LINK_EXP:
		return expf(x);
	case AQI_LINK_LOGISTIC:
		return logistic32((float)link->slope * x);
	case AQI_LINK_HINGE:
		return x > 0 ? 1 : 0;
	case AQI_LINK_SQUARE:
		return copysignf(x * x, x);
	case AQI_LINK_LOG1P_EXP:
		return log1pf(expf(x));
	case AQI_LINK_ONNX_LOGISTIC:
		return onnx_logistic(x);
	case AQI_LINK_ONNX_PROBIT:
		return probit(x);
	default:
		return x;
	}
}

static double
apply64(const struct aqi_link *link, double x)
{
	switch ((enum aqi_link_kind)link->kind) {
	case AQI_LINK_EXP:
		return exp(x);
	case AQI_LINK_LOGISTIC:
		return 1.0 / (1.0 + exp(-link->slope * x));
	case AQI_LINK_HINGE:
		return x > 0 ? 1 : 0;
	case AQI_LINK_SQUARE:
		return copysign(x * x, x);
	case AQI_LINK_LOG1P_EXP:
		return log1p(exp(x));
	default:
		return x;
	}
}

static double
largest(const double *margin, size_t n)
{
	double most = margin[0];

	for (size_t k = 1; k < n; k++)
		most = margin[k] > most ? margin[k] : most;
	return most;
}

/* The largest margin is taken off first, so that no exp overflows. */
static void
softmax(bool is_wide, const double *margin, size_t n, double *out)
{
	const double most = largest(margin, n);
	double sum = 0;

	for (size_t k = 0; k < n; k++) {
		out[k] = is_wide ? exp(margin[k] - most) :
			 (double)expf((float)margin[k] - (float)most);
		sum += out[k];
	}
	for (size_t k = 0; k < n; k++)
		out[k] = is_wide ? out[k] / sum :
			 (double)((float)out[k] / (float)sum);
}

static double
argmax(const double *margin, size_t n)
{
	size_t best = 0;

	for (size_t k = 1; k < n; k++)
		best = margin[k] > margin[best] ? k : best;
	return (double)best;
}

static void
cumulate(bool is_wide, const double *margin, size_t n, double *out)
{
	double sum = 0;

	for (size_t k = 0; k < n; k++) {
		sum = is_wide ? sum + margin[k] :
		      (double)((float)sum + (float)margin[k]);
		out[k] = sum;
	}
}

/* Is 0 to keep out: as close to it as ONNX Runtime takes for it? */
static bool
is_kept_out(bool skips_zero, float x)
{
	return skips_zero && x <= 0.0000001f && x >= -0.0000001f;
}

/* A margin that keeps out is scaled all the same, by the share that a margin
 * of 0 would have. */
static void
onnx_softmax(bool skips_zero, const double *margin, size_t n, double *out)
{
	const float most = (float)largest(margin, n);
	float sum = 0;

	for (size_t k = 0; k < n; k++) {
		const float x = (float)margin[k];

		if (is_kept_out(skips_zero, x)) {
			out[k] = (double)(x * expf(-most));
			continue;
		}
		out[k] = (double)expf(x - most);
		sum += (float)out[k];
	}
	for (size_t k = 0; k < n; k++)
		out[k] = (double)((float)out[k] / sum);
}

static void
pair(const struct aqi_link *link, double margin, double *out)
{
	const float narrow = (float)margin;

	switch ((enum aqi_link_kind)link->kind) {
	case AQI_LINK_PAIR:
		out[0] = link->is_wide ? (double)(float)(1 - margin) :
			 (double)(1.0f - narrow);
		break;
	case AQI_LINK_PAIR_SIGNED:
		out[0] = (double)-narrow;
		break;
	default:
		out[0] = (double)onnx_logistic(-narrow);
		out[1] = (double)onnx_logistic(narrow);
		return;
	}
	out[1] = (double)narrow;
}

static double
shift(const struct aqi_link *link, double margin)
{
	return link->is_wide ? margin / link->divisor + link->offset :
	       (double)((float)margin / (float)link->divisor +
			(float)link->offset);
}

static void
apply_row(const struct aqi_link *link, const double *margin, size_t n,
	  double *out)
{
	switch ((enum aqi_link_kind)link->kind) {
	case AQI_LINK_SOFTMAX:
		softmax(link->is_wide, margin, n, out);
		return;
	case AQI_LINK_ARGMAX:
		out[0] = argmax(margin, n);
		return;
	case AQI_LINK_CUMULATE:
		cumulate(link->is_wide, margin, n, out);
		return;
	case AQI_LINK_ONNX_SOFTMAX:
	case AQI_LINK_ONNX_SOFTMAX_ZERO:
		onnx_softmax(link->kind == AQI_LINK_ONNX_SOFTMAX_ZERO, margin,
			     n, out);
		return;
	case AQI_LINK_PAIR:
	case AQI_LINK_PAIR_SIGNED:
	case AQI_LINK_PAIR_LOGISTIC:
		/* Backwards: out may be where the margins are. */
		for (size_t k = n; k-- > 0;)
			pair(link, margin[k], out + 2 * k);
		return;
	default:
		for (size_t k = 0; k < n; k++)
			out[k] = aqi_link_is_wide(link) ?
				 apply64(link, margin[k]) :
				 (double)apply32(link, (float)margin[k]);
	}
}

void
aqi_link_apply(const struct aqi_link *link, const double *margin,
	       size_t n_margins, size_t n_rows, double *out)
{
	const size_t n_out = aqi_link_outputs(link, n_margins);

	if (is_shifted(link)) {
		/* Only links of one output for each margin shift them. */
		for (size_t i = 0; i < n_rows * n_margins; i++)
			out[i] = shift(link, margin[i]);
		margin = out;
	}
	if (link->kind == AQI_LINK_IDENTITY) {
		for (size_t i = 0; margin != out && i < n_rows * n_margins; i++)
			out[i] = margin[i];
		return;
	}
	if (n_out > n_margins) {
		for (size_t i = n_rows; i-- > 0;)
			apply_row(link, margin + i * n_margins, n_margins,
				  out + i * n_out);
		return;
	}
	for (size_t i = 0; i < n_rows; i++)
		apply_row(link, margin + i * n_margins, n_margins,
			  out + i * n_out);
}
