/*
 * link.h: from the margins of a sample to what the model says of it.
 *
 * Computed in 32 bits where the library that trained the model does so
 * (XGBoost, ONNX), in 64 where it does that (LightGBM), by its own formulas.
 */
#ifndef AQI_MODEL_LINK_H
#define AQI_MODEL_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum aqi_link_kind {
	AQI_LINK_IDENTITY,
	AQI_LINK_EXP,
	AQI_LINK_LOGISTIC,	/* of slope times the margin */
	AQI_LINK_HINGE,		/* 1 above 0, else 0 */
	AQI_LINK_SOFTMAX,
	AQI_LINK_ARGMAX,	/* one output: the first of the largest */
	AQI_LINK_CUMULATE,	/* each is added to those before it */
	AQI_LINK_SQUARE,	/* with the margin's sign */
	AQI_LINK_LOG1P_EXP,

	/*
	 * As ONNX Runtime has them, always in 32 bits: sums add up in them,
	 * where those of the others do not.
	 */
	AQI_LINK_ROUND,			/* the margin, cut to 32 bits */
	AQI_LINK_ONNX_LOGISTIC,
	AQI_LINK_ONNX_SOFTMAX,
	AQI_LINK_ONNX_SOFTMAX_ZERO,	/* a margin of 0 keeps out of it */
	AQI_LINK_ONNX_PROBIT,

	/* Two outputs of one margin: of the class that is not, and that is. */
	AQI_LINK_PAIR,			/* 1 - margin, margin */
	AQI_LINK_PAIR_SIGNED,		/* -margin, margin */
	AQI_LINK_PAIR_LOGISTIC,		/* of -margin, of margin */
	AQI_LINK_LAST = AQI_LINK_PAIR_LOGISTIC
};

/* Part of a forest's block: no gaps, no pointers. */
struct aqi_link {
	uint32_t kind;		/* enum aqi_link_kind */
	uint32_t is_wide;	/* 64 bits, else 32 */
	double slope;		/* of AQI_LINK_LOGISTIC; else 1 */
	double divisor;		/* margins are divided by it first; 1: not */
	double offset;		/* and this is added to them then */
};

/* What a margin is when it is the prediction. */
#define AQI_LINK_PLAIN                                                         \
	((struct aqi_link){.kind = AQI_LINK_IDENTITY, .slope = 1, .divisor = 1})

/* Is it one that can be applied? */
bool aqi_link_is_valid(const struct aqi_link *link);

/* A word for it, such as "exp". */
const char *aqi_link_name(const struct aqi_link *link);

/* Are its outputs of 64 bits? */
bool aqi_link_is_wide(const struct aqi_link *link);

/* How many outputs come of so many margins. */
size_t aqi_link_outputs(const struct aqi_link *link, size_t n_margins);

/*
 * margin  (n_rows, n_margins), 32-bit floats where the link is not wide
 * out     (n_rows, aqi_link_outputs), out; may be margin
 *
 * Outputs can overflow to infinity under AQI_LINK_EXP and AQI_LINK_SQUARE, and
 * where 64 bits are cut to 32. They are no numbers under AQI_LINK_ONNX_PROBIT
 * of what is no probability, and AQI_LINK_ONNX_SOFTMAX_ZERO of zeros alone.
 */
void aqi_link_apply(const struct aqi_link *link, const double *margin,
		    size_t n_margins, size_t n_rows, double *out);

#endif
