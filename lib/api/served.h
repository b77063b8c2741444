/*
 * served.h: a model that answers requests. Private to the library.
 *
 * Immutable after load; workers share it.
 */
#ifndef AQI_API_SERVED_H
#define AQI_API_SERVED_H

#include "base/buffer.h"
#include "base/error.h"
#include "model/bundle.h"

struct aqi_schema;

/* What clients call the model, whichever it is. */
#define AQI_SERVED_NAME "aqi_predictor"
#define AQI_SERVED_VERSION "1"

/* Records of a request that are predicted together. */
#define AQI_SERVED_BLOCK ((size_t)256)

struct aqi_served {
	struct aqi_model *model;
	size_t *fields;		/* (n_inputs,) the field of each input */
	bool is_same;		/* the inputs are the fields, in order */
	double loaded;		/* Unix seconds */
	struct aqi_buffer field;	/* "x-aqi-model: NAME\r\n" */
	struct aqi_buffer name;		/* "NAME/VERSION+HASH", terminated */
};

/* Load, bind to the fields of the schema, make ready for one record at a time
 * and for blocks of them, and try. */
struct aqi_served *aqi_served_load(const struct aqi_model_options *options,
				   const struct aqi_schema *schema,
				   struct aqi_error *err) AQI_MUST_CHECK;

/*
 * The samples of a model for n_rows records.
 *
 * x     (n_rows, n_fields)
 * room  (n_rows, n_inputs), out, where the inputs are not the fields
 */
const double *aqi_served_inputs(const struct aqi_served *served,
			       size_t n_fields, const double *x, size_t n_rows,
			       double *room);

void aqi_served_free(struct aqi_served *served);

#endif
