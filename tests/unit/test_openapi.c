/* What a schema of OpenAPI says, down to the depth to which it is asked. */
#include "api/openapi_schema.h"

#include <jansson.h>
#include <stdlib.h>

#include "tap.h"

/* DEPTH of openapi_schema.c. */
#define DEPTH 16

/* {"s0":{"type":"null"}, "s1":{"$ref":"#/s0"}, ...}: so many references. */
static json_t *
make_chain(int n)
{
	json_t *document = json_object();
	char name[16];

	json_object_set_new(document, "s0", json_pack("{s:s}", "type", "null"));
	for (int i = 1; i <= n; i++) {
		snprintf(name, sizeof name, "s%d", i);
		json_object_set_new(document, name, json_pack("{s:o}", "$ref",
			json_sprintf("#/s%d", i - 1)));
	}
	return document;
}

static void
test_references(void)
{
	json_t *document = make_chain(DEPTH);
	char name[16];

	for (int i = DEPTH - 2; i <= DEPTH; i++) {
		snprintf(name, sizeof name, "s%d", i);
		ok((aqi_openapi_resolve(document,
					json_object_get(document, name)) ==
		    json_object_get(document, "s0")) == (i < DEPTH),
		   "%d references are %sfollowed", i, i < DEPTH ? "" : "not ");
	}
	json_object_set_new(document, "s0", json_pack("{s:s}", "$ref", "#/s3"));
	ok(!aqi_openapi_resolve(document, json_object_get(document, "s3")),
	   "a circle of them leads nowhere");
	json_decref(document);
}

/* A text within so many arrays, and what says that it is a number. */
static json_t *
wrap(json_t *inner, int n, bool is_schema)
{
	while (n-- > 0)
		inner = is_schema ?
			json_pack("{s:s,s:o}", "type", "array", "items", inner) :
			json_pack("[o]", inner);
	return inner;
}

static void
test_depth(void)
{
	json_t *document = json_object();

	for (int n = DEPTH - 2; n <= DEPTH; n++) {
		json_t *schema = wrap(json_pack("{s:s}", "type", "number"), n,
				      true);
		json_t *value = wrap(json_string("x"), n, false), *made;
		struct aqi_buffer why = {0};
		bool fits = aqi_openapi_check(document, schema, value, &why);

		ok(fits == (n == DEPTH) && (fits || aqi_slice_is(
			(struct aqi_slice){why.data, why.size},
			"the answer is of another type")),
		   "within %d arrays a value is %schecked", n,
		   n < DEPTH ? "" : "not ");
		made = aqi_openapi_example(document, schema);
		ok((made != NULL) == (n < DEPTH),
		   "and is %smade", n < DEPTH ? "" : "not ");
		json_decref(made);
		json_decref(value);
		json_decref(schema);
		aqi_buffer_free(&why);
	}
	json_decref(document);
}

/* Lists of 1,000 lists of 1,000, and so on, of numbers. */
static void
test_size(void)
{
	json_t *document = json_object(), *made;
	json_t *schema = json_pack("{s:s}", "type", "number");

	for (int n = 1; n <= 3; n++) {
		schema = json_pack("{s:s, s:i, s:o}", "type", "array",
				   "minItems", n == 1 ? 90 : 1000, "items",
				   schema);
		made = aqi_openapi_example(document, schema);
		ok((made != NULL) == (n <= 2), "an example of %s values is %s",
		   n == 1 ? "91" : n == 2 ? "91,001" : "91 million",
		   made ? "made" : "not made");
		json_decref(made);
	}
	json_decref(schema);
	json_decref(document);
}

int
main(void)
{
	test_references();
	test_depth();
	test_size();
	return done();
}
