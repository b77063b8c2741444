/*
 * onnx_node.h: a node of an ONNX graph: an operator, its attributes, and the
 * names of what it takes and makes.
 *
 * What is handed out is borrowed from the file.
 */
#ifndef AQI_MODEL_ONNX_NODE_H
#define AQI_MODEL_ONNX_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"
#include "model/onnx_column.h"
#include "model/onnx_tensor.h"
#include "model/protobuf.h"

struct aqi_onnx_node {
	struct aqi_slice op;
	struct aqi_slice domain;	/* "" is the same as "ai.onnx" */
	int64_t version;		/* of the domain's operators */
	/* Names of what it takes and makes, which may be empty. Whoever reads
	 * them copies the column. */
	struct aqi_onnx_column inputs, outputs;
	struct aqi_protobuf message;
};

/* Numbers of AttributeProto.AttributeType. */
enum aqi_onnx_kind {
	AQI_ONNX_KIND_FLOAT = 1,
	AQI_ONNX_KIND_INT = 2,
	AQI_ONNX_KIND_STRING = 3,
	AQI_ONNX_KIND_TENSOR = 4,
	AQI_ONNX_KIND_FLOATS = 6,
	AQI_ONNX_KIND_INTS = 7,
	AQI_ONNX_KIND_STRINGS = 8
};

/* An attribute that an operator may have. */
struct aqi_onnx_known {
	const char *name;
	enum aqi_onnx_kind kind;
};

/* An attribute that a node has, or not. */
struct aqi_onnx_attribute {
	bool is_there;
	struct aqi_onnx_column column;	/* of one element, or of many */
	struct aqi_onnx_tensor tensor;	/* whose elements these are */
};

/*
 * A node's operator, and names; the version is for the caller to fill in.
 * AQI_E_MODEL where it has no operator, or a name is no text.
 */
enum aqi_status aqi_onnx_node_read(struct aqi_protobuf message,
				   struct aqi_onnx_node *node,
				   struct aqi_error *err) AQI_MUST_CHECK;

bool aqi_onnx_node_is(const struct aqi_onnx_node *node, const char *domain,
		      const char *op);

/*
 * Its attributes. An attribute that is not among those known, is there twice or
 * is of another kind is refused by its name: nothing that a node asks for is
 * passed over.
 *
 * known  (n,)
 * found  (n,), out
 */
enum aqi_status aqi_onnx_node_attributes(const struct aqi_onnx_node *node,
					 const struct aqi_onnx_known *known,
					 size_t n,
					 struct aqi_onnx_attribute *found,
					 struct aqi_error *err) AQI_MUST_CHECK;

/* An attribute of one element, or what it is where it is not there. */
int64_t aqi_onnx_attribute_integer(const struct aqi_onnx_attribute *attribute,
				   int64_t otherwise);
struct aqi_slice
aqi_onnx_attribute_text(const struct aqi_onnx_attribute *attribute,
			const char *otherwise);

/* "operator Gemm of domain ai.onnx, version 13, is not supported[ here]" */
enum aqi_status aqi_onnx_node_refuse(const struct aqi_onnx_node *node,
				     const char *here, struct aqi_error *err);

/* "operator Scaler of domain ...: reason" */
enum aqi_status aqi_onnx_node_fail(const struct aqi_onnx_node *node,
				   struct aqi_error *err, const char *format,
				   ...) AQI_PRINTF(3, 4);

/* Both are AQI_FATAL: see aqi_error_fatal. */
#define aqi_onnx_node_refuse(...) \
	aqi_error_fatal(aqi_onnx_node_refuse(__VA_ARGS__))
#define aqi_onnx_node_fail(...) aqi_error_fatal(aqi_onnx_node_fail(__VA_ARGS__))

#endif
