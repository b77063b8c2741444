/*
 * onnx_column.h: the elements of an attribute or a tensor of an ONNX model, one
 * after the other, as they stand in the file.
 *
 * An attribute of ONNX is a column of a table: the features of all nodes, then
 * the thresholds of all nodes. A column is checked whole and counted when it is
 * opened; from then on its elements are taken where they lie and nothing can
 * fail, so that several columns are read side by side without a copy of any.
 */
#ifndef AQI_MODEL_ONNX_COLUMN_H
#define AQI_MODEL_ONNX_COLUMN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"
#include "model/protobuf.h"

/* Of what an element is made. */
enum aqi_onnx_element {
	AQI_ONNX_TEXT,
	AQI_ONNX_VARINT,
	AQI_ONNX_BYTE,
	AQI_ONNX_FLOAT,
	AQI_ONNX_DOUBLE,
	AQI_ONNX_FIXED64
};

/* May be copied to read it again from where it is. Zeros: empty. */
struct aqi_onnx_column {
	size_t n;			/* elements left */
	enum aqi_onnx_element element;
	uint32_t field;			/* that holds them */
	struct aqi_protobuf reader;	/* of the message that does */
	struct aqi_slice packed;	/* what is left of a packed field */
};

/*
 * The elements in the fields of this number of a message, packed or one each.
 * AQI_E_MODEL: "byte B: reason".
 */
enum aqi_status aqi_onnx_column_open(struct aqi_protobuf message,
				     uint32_t field,
				     enum aqi_onnx_element element,
				     struct aqi_onnx_column *column,
				     struct aqi_error *err) AQI_MUST_CHECK;

/* The next element, of which n tells that it is there. */
int64_t aqi_onnx_column_integer(struct aqi_onnx_column *column);
double aqi_onnx_column_number(struct aqi_onnx_column *column);
struct aqi_slice aqi_onnx_column_text(struct aqi_onnx_column *column);

#endif
