/*
 * onnx_text.h: ONNX models written from a text, so that a test can show the
 * model that it is about, and change a word of it.
 *
 *	ir 8
 *	producer NAME VERSION
 *	opset DOMAIN VERSION		(- is the domain of no name)
 *	input NAME TYPE WIDTH		(0: no shape)
 *	output NAME
 *	tensor NAME TYPE DIM,DIM NUMBER...	(- is no dimension)
 *	loose NAME TYPE DIM,DIM NUMBER...	with a field for each number
 *	external NAME
 *	node DOMAIN OPERATOR INPUT,INPUT OUTPUT,OUTPUT
 *	  ints NAME NUMBER...		attributes of the node before, of the
 *	  floats, strings, int,		kind by which the line begins
 *	  float, string
 *	  attribute NAME TYPE DIM NUMBER...	one that is a tensor
 *
 * TYPE is a number of TensorProto.DataType: 1 float, 2 uint8, 7 int64,
 * 11 double. In names and texts, _ stands for itself and ~ for a blank.
 */
#ifndef AQI_TESTS_ONNX_TEXT_H
#define AQI_TESTS_ONNX_TEXT_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"

__attribute__((unused)) static void
put_varint(struct aqi_buffer *out, uint64_t value)
{
	for (; value >= 0x80; value >>= 7)
		aqi_buffer_add_byte(out, (char)(value | 0x80));
	aqi_buffer_add_byte(out, (char)value);
}

static void
put_number(struct aqi_buffer *out, unsigned field, uint64_t value)
{
	put_varint(out, (uint64_t)field << 3);
	put_varint(out, value);
}

static void
put_bytes(struct aqi_buffer *out, unsigned field, const void *bytes, size_t n)
{
	put_varint(out, (uint64_t)field << 3 | 2);
	put_varint(out, n);
	aqi_buffer_add(out, bytes, n);
}

static void
put_text(struct aqi_buffer *out, unsigned field, const char *text)
{
	char copy[256];
	size_t n = 0;

	if (strcmp(text, "-") == 0)
		text = "";
	for (; text[n] && n < sizeof copy; n++)
		copy[n] = text[n] == '~' ? ' ' : text[n];
	put_bytes(out, field, copy, n);
}

static void
put_float(struct aqi_buffer *out, unsigned field, float value)
{
	put_varint(out, (uint64_t)field << 3 | 5);
	aqi_buffer_add(out, &value, sizeof value);
}

/* Put a message into another, and forget it. */
static void
put_message(struct aqi_buffer *out, unsigned field, struct aqi_buffer *message)
{
	put_bytes(out, field, message->data, message->size);
	aqi_buffer_free(message);
	*message = (struct aqi_buffer){0};
}

/* The next word of a line; empty at its end. */
static const char *
next_word(char **rest)
{
	char *word;

	while ((word = strsep(rest, " ")) && !*word)
		;
	return word ? word : "";
}

static void
put_list(struct aqi_buffer *out, unsigned field, const char *list)
{
	char copy[4096], *rest = copy, *item;

	if (strcmp(list, "-") == 0)
		return;
	snprintf(copy, sizeof copy, "%s", list);
	while ((item = strsep(&rest, ",")))
		put_text(out, field, item);
}

static void
put_element(struct aqi_buffer *raw, int type, const char *text)
{
	const double wide = strtod(text, NULL);
	const float narrow = (float)wide;
	const int64_t whole = (int64_t)strtoll(text, NULL, 10);

	if (type == 1)
		aqi_buffer_add(raw, &narrow, sizeof narrow);
	else if (type == 11)
		aqi_buffer_add(raw, &wide, sizeof wide);
	else if (type == 7)
		aqi_buffer_add(raw, &whole, sizeof whole);
	else
		aqi_buffer_add_byte(raw, (char)whole);
}

/* An element in a field of its own. */
static void
put_loose(struct aqi_buffer *tensor, int type, const char *text)
{
	if (type == 7) {
		put_number(tensor, 7, (uint64_t)strtoll(text, NULL, 10));
		return;
	}
	put_varint(tensor, type == 1 ? 4 << 3 | 5 : 10 << 3 | 1);
	put_element(tensor, type, text);
}

/* "NAME TYPE DIMS NUMBER..." as a TensorProto; its name is only shown where it
 * has one. */
static struct aqi_buffer
make_tensor(const char *name, char *rest, bool is_loose)
{
	struct aqi_buffer tensor = {0}, raw = {0};
	const int type = atoi(next_word(&rest));
	char dims[256], *dim, *next = dims;
	const char *word;

	snprintf(dims, sizeof dims, "%s", next_word(&rest));
	while (strcmp(dims, "-") != 0 && (dim = strsep(&next, ",")))
		put_number(&tensor, 1, (uint64_t)atoll(dim));
	put_number(&tensor, 2, (uint64_t)type);
	put_text(&tensor, 8, name);
	while (*(word = next_word(&rest)))
		if (is_loose)
			put_loose(&tensor, type, word);
		else
			put_element(&raw, type, word);
	if (!is_loose)
		put_message(&tensor, 9, &raw);
	return tensor;
}

static struct aqi_buffer
make_value(const char *name, uint64_t type, uint64_t width)
{
	struct aqi_buffer value = {0}, kind = {0}, tensor = {0}, shape = {0};
	struct aqi_buffer dim = {0};

	put_number(&tensor, 1, type);
	if (width > 0) {
		put_text(&dim, 2, "N");
		put_message(&shape, 1, &dim);
		put_number(&dim, 1, width);
		put_message(&shape, 1, &dim);
		put_message(&tensor, 2, &shape);
	}
	put_message(&kind, 1, &tensor);
	put_text(&value, 1, name);
	put_message(&value, 2, &kind);
	return value;
}

static void
put_values(struct aqi_buffer *attribute, const char *kind, char *rest)
{
	const char *word;

	while (*(word = next_word(&rest)))
		if (strcmp(kind, "ints") == 0)
			put_number(attribute, 8, (uint64_t)atoll(word));
		else if (strcmp(kind, "int") == 0)
			put_number(attribute, 3, (uint64_t)atoll(word));
		else if (strcmp(kind, "floats") == 0)
			put_float(attribute, 7, strtof(word, NULL));
		else if (strcmp(kind, "float") == 0)
			put_float(attribute, 2, strtof(word, NULL));
		else
			put_text(attribute, strcmp(kind, "string") == 0 ? 4 : 9,
				 word);
}

static void
put_attribute(struct aqi_buffer *node, const char *kind, char *rest)
{
	static const struct {
		const char *kind;
		unsigned number;
	} kinds[] = {
		{"float", 1}, {"int", 2}, {"string", 3}, {"attribute", 4},
		{"floats", 6}, {"ints", 7}, {"strings", 8},
	};
	struct aqi_buffer attribute = {0}, tensor;

	put_text(&attribute, 1, next_word(&rest));
	if (strcmp(kind, "attribute") == 0) {
		tensor = make_tensor("-", rest, false);
		put_message(&attribute, 5, &tensor);
	} else {
		put_values(&attribute, kind, rest);
	}
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcmp(kind, kinds[i].kind) == 0)
			put_number(&attribute, 20, kinds[i].number);
	put_message(node, 5, &attribute);
}

/* A model while its lines are written. */
struct onnx_text {
	struct aqi_buffer model, graph, node;
};

static void
begin_node(struct onnx_text *t, char *rest)
{
	const char *domain = next_word(&rest), *op = next_word(&rest);
	const char *inputs = next_word(&rest), *outputs = next_word(&rest);

	put_list(&t->node, 1, inputs);
	put_list(&t->node, 2, outputs);
	put_text(&t->node, 4, op);
	put_text(&t->node, 7, domain);
}

static void
put_opset(struct onnx_text *t, char *rest)
{
	struct aqi_buffer opset = {0};

	put_text(&opset, 1, next_word(&rest));
	put_number(&opset, 2, (uint64_t)atoll(next_word(&rest)));
	put_message(&t->model, 8, &opset);
}

static void
put_external(struct onnx_text *t, char *rest)
{
	struct aqi_buffer tensor = {0}, entry = {0};

	put_number(&tensor, 1, 1);
	put_number(&tensor, 2, 1);
	put_text(&tensor, 8, next_word(&rest));
	put_text(&entry, 1, "location");
	put_text(&entry, 2, "/etc/passwd");
	put_message(&tensor, 13, &entry);
	put_number(&tensor, 14, 1);
	put_message(&t->graph, 5, &tensor);
}

static void
put_line(struct onnx_text *t, char *line)
{
	char *rest = line;
	const char *verb = next_word(&rest), *name;
	struct aqi_buffer part;
	uint64_t type;

	if (strcmp(verb, "ir") == 0) {
		put_number(&t->model, 1, (uint64_t)atoll(next_word(&rest)));
	} else if (strcmp(verb, "producer") == 0) {
		put_text(&t->model, 2, next_word(&rest));
		put_text(&t->model, 3, next_word(&rest));
	} else if (strcmp(verb, "opset") == 0) {
		put_opset(t, rest);
	} else if (strcmp(verb, "input") == 0) {
		name = next_word(&rest);
		type = (uint64_t)atoll(next_word(&rest));
		part = make_value(name, type,
				  (uint64_t)atoll(next_word(&rest)));
		put_message(&t->graph, 11, &part);
	} else if (strcmp(verb, "output") == 0) {
		part = make_value(next_word(&rest), 1, 1);
		put_message(&t->graph, 12, &part);
	} else if (strcmp(verb, "tensor") == 0 || strcmp(verb, "loose") == 0) {
		name = next_word(&rest);
		part = make_tensor(name, rest, *verb == 'l');
		put_message(&t->graph, 5, &part);
	} else if (strcmp(verb, "external") == 0) {
		put_external(t, rest);
	} else if (strcmp(verb, "node") == 0) {
		if (t->node.size > 0)
			put_message(&t->graph, 1, &t->node);
		begin_node(t, rest);
	} else if (*verb) {
		put_attribute(&t->node, verb, rest);
	}
}

/* The model of a text; freed with aqi_buffer_free. */
__attribute__((unused)) static struct aqi_buffer
onnx_from_text(const char *text)
{
	struct onnx_text t = {0};
	char *copy = strdup(text), *rest = copy, *line;

	put_text(&t.graph, 2, "graph");
	while ((line = strsep(&rest, "\n")))
		put_line(&t, line);
	if (t.node.size > 0)
		put_message(&t.graph, 1, &t.node);
	put_message(&t.model, 7, &t.graph);
	free(copy);
	return t.model;
}

#endif
