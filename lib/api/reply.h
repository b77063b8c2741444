/* reply.h: the parts of answers. Private to the library. */
#ifndef AQI_API_REPLY_H
#define AQI_API_REPLY_H

#include <stdint.h>

#include "base/buffer.h"

struct aqi_prediction;
struct aqi_request;
struct aqi_served;

/* scaled / 10^decimals, without the zeros at its end but for one: 71.0. */
void aqi_reply_add_decimal(struct aqi_buffer *out, int64_t scaled,
			   int decimals);

/* {"aqi":70.9,"category":"Moderate","confidence":0.85,"processing_time_ms": */
void aqi_reply_add_prediction(struct aqi_buffer *out,
			      const struct aqi_prediction *prediction);

/* Nanoseconds as milliseconds, with four decimals at most. */
void aqi_reply_add_ms(struct aqi_buffer *out, uint64_t ns);

/* What /model/info answers. */
void aqi_reply_add_model(struct aqi_buffer *out,
			 const struct aqi_served *served);

/* The field location: that path, of the host and with the query asked for. */
void aqi_reply_add_location(struct aqi_buffer *out,
			    const struct aqi_request *request,
			    const char *path);

#endif
