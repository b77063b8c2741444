/* outcome.h: what came of a request that a client sent. */
#ifndef AQI_NET_OUTCOME_H
#define AQI_NET_OUTCOME_H

enum aqi_outcome {
	AQI_OUTCOME_OK,		/* a whole answer, and the one wanted */
	AQI_OUTCOME_STATUS,	/* a whole answer of another status */
	AQI_OUTCOME_CHECK,	/* a whole answer with the wrong content */
	AQI_OUTCOME_FRAMING,	/* no HTTP, or more than one answer */
	AQI_OUTCOME_CUT,	/* closed before the answer was whole */
	AQI_OUTCOME_RESET,	/* the same, by a reset */
	AQI_OUTCOME_REFUSED,	/* there was no connection to be had */
	AQI_OUTCOME_TIMED_OUT,
	AQI_OUTCOMES
};

#endif
