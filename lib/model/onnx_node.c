#include "model/onnx_node.h"

#include <stdarg.h>
#include <stdio.h>

#undef aqi_onnx_node_refuse
#undef aqi_onnx_node_fail

/* Fields of NodeProto. */
enum {
	INPUT = 1,
	OUTPUT = 2,
	OP_TYPE = 4,
	ATTRIBUTE = 5,
	DOMAIN = 7
};

/* Fields of AttributeProto. */
enum {
	NAME = 1,
	F = 2,
	I = 3,
	S = 4,
	T = 5,
	FLOATS = 7,
	INTS = 8,
	STRINGS = 9,
	TYPE = 20,
	REF_ATTR_NAME = 21
};

enum aqi_status
aqi_onnx_node_read(struct aqi_protobuf message, struct aqi_onnx_node *node,
		   struct aqi_error *err)
{
	struct aqi_protobuf at = message;
	enum aqi_status status;

	*node = (struct aqi_onnx_node){.op = {"", 0}, .domain = {"", 0},
				       .message = message};
	while ((status = aqi_protobuf_next(&at, err)) == AQI_OK) {
		if (at.field == OP_TYPE)
			node->op = at.bytes;
		else if (at.field == DOMAIN)
			node->domain = at.bytes;
	}
	if (status != AQI_END)
		return AQI_FATAL;
	if (aqi_slice_is(node->domain, "ai.onnx"))
		node->domain = (struct aqi_slice){"", 0};
	if (node->op.size == 0)
		return aqi_error_set(err, AQI_E_MODEL,
				     "byte %zu: a node without an operator",
				     (size_t)(message.rest.data -
					      message.file));
	if (aqi_onnx_column_open(message, INPUT, AQI_ONNX_TEXT, &node->inputs,
				 err) != AQI_OK)
		return AQI_FATAL;
	return aqi_onnx_column_open(message, OUTPUT, AQI_ONNX_TEXT,
				    &node->outputs, err);
}

bool
aqi_onnx_node_is(const struct aqi_onnx_node *node, const char *domain,
		 const char *op)
{
	return aqi_slice_is(node->domain, domain) && aqi_slice_is(node->op, op);
}

/* "Gemm of domain ai.onnx, version 13", as far as it fits. */
static void
describe(const struct aqi_onnx_node *node, char *text, size_t size)
{
	char op[AQI_QUOTED_SIZE], domain[AQI_QUOTED_SIZE];

	aqi_error_quote(op, node->op);
	aqi_error_quote(domain, node->domain.size > 0 ? node->domain :
			aqi_slice_of("ai.onnx"));
	snprintf(text, size, "operator %.60s of domain %.60s, version %lld", op,
		 domain, (long long)node->version);
}

enum aqi_status
aqi_onnx_node_refuse(const struct aqi_onnx_node *node, const char *here,
		     struct aqi_error *err)
{
	char text[192];

	describe(node, text, sizeof text);
	return aqi_error_set(err, AQI_E_MODEL, "%s, is not supported%s", text,
			     here);
}

enum aqi_status
aqi_onnx_node_fail(const struct aqi_onnx_node *node, struct aqi_error *err,
		   const char *format, ...)
{
	char text[192], reason[192];
	va_list arguments;

	describe(node, text, sizeof text);
	va_start(arguments, format);
	vsnprintf(reason, sizeof reason, format, arguments);
	va_end(arguments);
	return aqi_error_set(err, AQI_E_MODEL, "%s: %s", text, reason);
}

/* Where the elements of an attribute of a kind stand, and how. */
static void
find_field(enum aqi_onnx_kind kind, uint32_t *field,
	   enum aqi_onnx_element *element)
{
	switch (kind) {
	case AQI_ONNX_KIND_FLOAT:
		*field = F, *element = AQI_ONNX_FLOAT;
		return;
	case AQI_ONNX_KIND_INT:
		*field = I, *element = AQI_ONNX_VARINT;
		return;
	case AQI_ONNX_KIND_STRING:
		*field = S, *element = AQI_ONNX_TEXT;
		return;
	case AQI_ONNX_KIND_FLOATS:
		*field = FLOATS, *element = AQI_ONNX_FLOAT;
		return;
	case AQI_ONNX_KIND_INTS:
		*field = INTS, *element = AQI_ONNX_VARINT;
		return;
	case AQI_ONNX_KIND_TENSOR:
		*field = T, *element = AQI_ONNX_TEXT;
		return;
	case AQI_ONNX_KIND_STRINGS:
		*field = STRINGS, *element = AQI_ONNX_TEXT;
	}
}

static bool
is_single(enum aqi_onnx_kind kind)
{
	return kind <= AQI_ONNX_KIND_TENSOR;
}

/* The message of a tensor takes the place of the one that holds it. */
static enum aqi_status
enter_tensor(struct aqi_onnx_attribute *found, struct aqi_error *err)
{
	struct aqi_protobuf at = found->column.reader;
	enum aqi_status status;

	while ((status = aqi_protobuf_next(&at, err)) == AQI_OK)
		if (at.field == T)
			break;
	if (status != AQI_OK ||
	    aqi_onnx_tensor_read(aqi_protobuf_enter(&at), &found->tensor, err))
		return AQI_FATAL;
	return aqi_onnx_tensor_open(&found->tensor, &found->column, err);
}

/* What stands in an attribute beside its elements. */
struct head {
	struct aqi_slice name;
	uint64_t type;		/* 0: not told */
	bool is_reference;	/* to an attribute of a function */
};

static enum aqi_status
read_head(struct aqi_protobuf message, struct head *head,
	  struct aqi_error *err)
{
	enum aqi_status status;

	*head = (struct head){.name = {"", 0}};
	while ((status = aqi_protobuf_next(&message, err)) == AQI_OK)
		switch (message.field) {
		case NAME:
			head->name = message.bytes;
			break;
		case TYPE:
			head->type = message.number;
			break;
		case REF_ATTR_NAME:
			head->is_reference = true;
		}
	return status == AQI_END ? AQI_OK : AQI_FATAL;
}

static enum aqi_status
read_attribute(const struct aqi_onnx_node *node, struct aqi_protobuf message,
	       const struct head *head, const struct aqi_onnx_known *known,
	       struct aqi_onnx_attribute *found, struct aqi_error *err)
{
	enum aqi_onnx_element element = AQI_ONNX_TEXT;
	uint32_t field = 0;

	if (found->is_there)
		return aqi_onnx_node_fail(node, err, "%s twice", known->name);
	found->is_there = true;
	find_field(known->kind, &field, &element);
	if (aqi_onnx_column_open(message, field, element, &found->column, err))
		return AQI_FATAL;
	if (head->is_reference || (head->type && head->type != known->kind) ||
	    (is_single(known->kind) && found->column.n != 1))
		return aqi_onnx_node_fail(node, err, "%s is not of the type "
					  "that it must be", known->name);
	return known->kind == AQI_ONNX_KIND_TENSOR ?
	       enter_tensor(found, err) : AQI_OK;
}

static enum aqi_status
take_attribute(const struct aqi_onnx_node *node, struct aqi_protobuf message,
	       const struct aqi_onnx_known *known, size_t n,
	       struct aqi_onnx_attribute *found, struct aqi_error *err)
{
	struct head head;
	char quoted[AQI_QUOTED_SIZE];

	if (read_head(message, &head, err) != AQI_OK)
		return AQI_FATAL;
	for (size_t i = 0; i < n && head.name.size > 0; i++)
		if (aqi_slice_is(head.name, known[i].name))
			return read_attribute(node, message, &head, &known[i],
					      &found[i], err);
	return aqi_onnx_node_fail(node, err, "attribute %.60s is not supported",
				  aqi_error_quote(quoted, head.name));
}

enum aqi_status
aqi_onnx_node_attributes(const struct aqi_onnx_node *node,
			 const struct aqi_onnx_known *known, size_t n,
			 struct aqi_onnx_attribute *found,
			 struct aqi_error *err)
{
	struct aqi_protobuf at = node->message;
	enum aqi_status status;

	memset(found, 0, n * sizeof *found);
	while ((status = aqi_protobuf_next(&at, err)) == AQI_OK)
		if (at.field == ATTRIBUTE &&
		    take_attribute(node, aqi_protobuf_enter(&at), known, n,
				   found, err) != AQI_OK)
			return AQI_FATAL;
	return status == AQI_END ? AQI_OK : AQI_FATAL;
}

int64_t
aqi_onnx_attribute_integer(const struct aqi_onnx_attribute *attribute,
			   int64_t otherwise)
{
	struct aqi_onnx_column column = attribute->column;

	return attribute->is_there ? aqi_onnx_column_integer(&column) :
	       otherwise;
}

struct aqi_slice
aqi_onnx_attribute_text(const struct aqi_onnx_attribute *attribute,
			const char *otherwise)
{
	struct aqi_onnx_column column = attribute->column;

	return attribute->is_there ? aqi_onnx_column_text(&column) :
	       aqi_slice_of(otherwise);
}
