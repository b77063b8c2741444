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
};

_Static_assert(sizeof(struct aqi_link) == 24, "the link has no gaps");

bool
aqi_link_is_valid(const struct aqi_link *link)
{
	return link->kind <= AQI_LINK_LAST && link->is_wide <= 1 &&
	       isfinite(link->slope) && link->slope > 0 &&
	       isfinite(link->divisor) && link->divisor > 0 &&
	       (link->divisor == 1 || link->kind != AQI_LINK_ARGMAX);
}

const char *
aqi_link_name(const struct aqi_link *link)
{
	return names[link->kind];
}

size_t
aqi_link_outputs(const struct aqi_link *link, size_t n_margins)
{
	return link->kind == AQI_LINK_ARGMAX ? 1 : n_margins;
}

/* XGBoost's: far below zero it stops where expf would overflow. Source:
 * XGBoost, src/common/math.h, Sigmoid. */
static float
logistic32(float x)
{
	return 1.0f / (1.0f + expf(fminf(-x, 88.7f)));
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

static double
divide(const struct aqi_link *link, double margin)
{
	return link->is_wide ? margin / link->divisor :
	       (double)((float)margin / (float)link->divisor);
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
	default:
		for (size_t k = 0; k < n; k++)
			out[k] = link->is_wide ? apply64(link, margin[k]) :
				 (double)apply32(link, (float)margin[k]);
	}
}

void
aqi_link_apply(const struct aqi_link *link, const double *margin,
	       size_t n_margins, size_t n_rows, double *out)
{
	const size_t n_out = aqi_link_outputs(link, n_margins);

	if (link->divisor != 1) {
		/* Only links of one output for each margin have a divisor. */
		for (size_t i = 0; i < n_rows * n_margins; i++)
			out[i] = divide(link, margin[i]);
		margin = out;
	}
	if (link->kind == AQI_LINK_IDENTITY) {
		for (size_t i = 0; margin != out && i < n_rows * n_margins; i++)
			out[i] = margin[i];
		return;
	}
	for (size_t i = 0; i < n_rows; i++)
		apply_row(link, margin + i * n_margins, n_margins,
			  out + i * n_out);
}
