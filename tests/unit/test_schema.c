/* A schema's document: what is understood, and by which words the rest is
 * refused. The vocabulary is that of JSON Schema 2020-12, validation. */
#include "air/schema.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tap.h"

static char path[] = "/tmp/test_schema_XXXXXX/s.json";

/* A document in the file that `path` names. */
static void
put(const char *text)
{
	FILE *f = fopen(path, "w");

	if (!f || fputs(text, f) < 0 || fclose(f) != 0) {
		perror(path);
		exit(2);
	}
}

/* A document of one property `a`, of these words. */
static struct aqi_schema *
load_property(const char *words, struct aqi_error *err)
{
	char text[1024];

	snprintf(text, sizeof text, "{\"properties\": {\"a\": %s}}", words);
	put(text);
	return aqi_schema_load(path, err);
}

static void
test_refused(void)
{
	static const struct { const char *text, *field, *reason; } cases[] = {
		{"[]", "", "a schema is a JSON object"},
		{"{}", "", "a schema needs properties, an object with a member "
			   "for each field"},
		{"{\"properties\": {}}", "",
		 "a schema needs properties, an object with a member for each "
		 "field"},
		{"{\"properties\": []}", "",
		 "a schema needs properties, an object with a member for each "
		 "field"},
		{"{\"type\": \"array\"}", "", "the type of a record is object"},
		{"{\"type\": [\"object\"]}", "",
		 "the type of a record is object"},
		{"{\"allOf\": []}", "",
		 "the word \"allOf\" is not supported here (aqi-schema(5) "
		 "lists those that are)"},
		{"{\"type\": 1}", "", "the type of a record is object"},
		{"{\"properties\": 1}", "",
		 "a schema needs properties, an object with a member for each "
		 "field"},
		{"{\"additionalProperties\": false}", "",
		 "additionalProperties can only be true: other columns pass "
		 "unchecked"},
		{"{\"properties\": {\"a\": {\"type\": \"number\"}}, "
		 "\"required\": \"a\"}", "",
		 "required must be a list of names"},
		{"{\"properties\": {\"a\": {\"type\": \"number\"}}, "
		 "\"required\": [1]}", "",
		 "required names a field that is no property"},
		{"{\"properties\": {\"a\": {\"type\": \"number\"}}, "
		 "\"required\": [\"b\"]}", "b",
		 "required names a field that is no property"},
		{"{\"properties\": {\"a\": {\"type\": [\"number\", \"null\"]}}, "
		 "\"required\": [\"a\"]}", "a",
		 "required, and of a type with null: choose one"},
	};
	struct aqi_error err;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct aqi_schema *schema;

		put(cases[i].text);
		schema = aqi_schema_load(path, &err);
		if (!ok(!schema && err.code == AQI_E_MODEL && err.file &&
			strcmp(err.file, path) == 0 &&
			strcmp(err.field, cases[i].field) == 0 &&
			strcmp(err.reason, cases[i].reason) == 0,
			"refused: %s", cases[i].text) && !schema)
			note("%s: %s", err.field, err.reason);
		aqi_schema_free(schema);
	}
}

static void
test_refused_property(void)
{
	static const char type[] = "type must be number, integer or string, "
				   "or a list of one of them and null";
	static const char list[] = "enum must be a list of strings";
	static const char empty[] = "no value lies between the bounds; leave "
				    "one of them closed, or move it";
	static const struct { const char *words, *reason; } cases[] = {
		{"1", "the property must be an object"},
		{"{}", type},
		{"{\"type\": 1}", type},
		{"{\"type\": \"boolean\"}", type},
		{"{\"type\": []}", type},
		{"{\"type\": [\"null\"]}", type},
		{"{\"type\": [\"number\", \"string\"]}", type},
		{"{\"type\": [\"number\", \"boolean\"]}", type},
		{"{\"type\": [\"number\", \"null\", \"null\"]}", type},
		{"{\"type\": \"null\"}", "a field of type null holds nothing"},
		{"{\"type\": \"number\", \"minimum\": \"1\"}",
		 "minimum must be a number"},
		{"{\"type\": \"number\", \"exclusiveMaximum\": null}",
		 "exclusiveMaximum must be a number"},
		{"{\"type\": \"number\", \"minimum\": 2, \"maximum\": 1}",
		 "the minimum is above the maximum"},
		{"{\"type\": \"number\", \"minimum\": true}",
		 "minimum must be a number"},
		{"{\"type\": \"number\", \"minimum\": 1, "
		 "\"exclusiveMaximum\": 1}", empty},
		{"{\"type\": \"number\", \"exclusiveMinimum\": 1, "
		 "\"maximum\": 1}", empty},
		{"{\"type\": \"number\", \"multipleOf\": 2}",
		 "the word \"multipleOf\" is not supported here (aqi-schema(5) "
		 "lists those that are)"},
		{"{\"type\": \"number\", \"enum\": [\"1\"]}",
		 "the word \"enum\" is not supported here (aqi-schema(5) "
		 "lists those that are)"},
		{"{\"type\": \"string\", \"minimum\": 1}",
		 "the word \"minimum\" is not supported here (aqi-schema(5) "
		 "lists those that are)"},
		{"{\"type\": \"string\", \"enum\": \"x\"}", list},
		{"{\"type\": \"string\", \"enum\": []}", list},
		{"{\"type\": \"string\", \"enum\": [\"x\", 1]}", list},
		{"{\"type\": \"number\", \"unit\": 1}",
		 "unit must be a string"},
	};
	struct aqi_error err;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct aqi_schema *schema = load_property(cases[i].words, &err);

		if (!ok(!schema && err.code == AQI_E_MODEL &&
			strcmp(err.field, "a") == 0 &&
			strcmp(err.reason, cases[i].reason) == 0,
			"refused: a property %s", cases[i].words) && !schema)
			note("%s: %s", err.field, err.reason);
		aqi_schema_free(schema);
	}
}

static void
test_size(void)
{
	struct aqi_error err;
	struct aqi_schema *schema;

	for (size_t n = 832; n <= 833; n++) {
		FILE *f = fopen(path, "w");

		fputs("{\"properties\": {", f);
		for (size_t i = 0; i < n; i++)
			fprintf(f, "%s\"f%zu\": {\"type\": \"number\"}",
				i ? "," : "", i);
		fputs("}}", f);
		fclose(f);
		schema = aqi_schema_load(path, &err);
		if (n == 832)
			ok(schema && schema->n_fields == n,
			   "%zu properties are read", n);
		else
			ok(!schema && strcmp(err.reason, "833 properties are "
					     "too many; the limit is 832") == 0,
			   "%zu are too many", n);
		aqi_schema_free(schema);
	}
}

static void
test_ranges(void)
{
	static const struct { const char *words, *range; } cases[] = {
		{"\"minimum\": 0, \"maximum\": 500, \"unit\": \"ug/m3\"",
		 "0..500 ug/m3"},
		{"\"minimum\": 0, \"maximum\": 1, \"unit\": \"1\"", "0..1"},
		{"\"exclusiveMinimum\": 0, \"exclusiveMaximum\": 2", ">0..<2"},
		{"\"minimum\": 0", "0 or more"},
		{"\"maximum\": 0.5", "0.5 or less"},
		{"\"exclusiveMinimum\": -1", ">-1"},
		{"\"exclusiveMaximum\": 7", "<7"},
		{"\"minimum\": 1, \"exclusiveMinimum\": 1", ">1"},
		{"\"exclusiveMaximum\": 1, \"maximum\": 1", "<1"},
		{"\"minimum\": 3, \"exclusiveMinimum\": 1", "3 or more"},
		{"\"maximum\": 3, \"exclusiveMaximum\": 4", "3 or less"},
		{"\"exclusiveMinimum\": 1, \"minimum\": 3", "3 or more"},
		{"\"minimum\": 2, \"maximum\": 2", "2..2"},
	};
	struct aqi_error err;
	char words[256];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct aqi_schema *schema;

		snprintf(words, sizeof words, "{\"type\": \"number\", %s}",
			 cases[i].words);
		schema = load_property(words, &err);
		if (!ok(schema &&
			strcmp(schema->fields[0].range, cases[i].range) == 0,
			"the range of %s is %s", cases[i].words,
			cases[i].range) && schema)
			note("%s", schema->fields[0].range);
		aqi_schema_free(schema);
	}
}

static void
test_read(void)
{
	struct aqi_error err;
	struct aqi_schema *schema;

	put("{\"$schema\": \"https://json-schema.org/draft/2020-12/schema\", "
	    "\"$id\": \"x\", \"$comment\": \"c\", \"title\": \"t\", "
	    "\"type\": \"object\", \"additionalProperties\": true, "
	    "\"properties\": {"
	    "\"site\": {\"type\": \"string\", \"enum\": [\"A\", \"B\"]}, "
	    "\"n\": {\"type\": [\"null\", \"integer\"], \"default\": 1}, "
	    "\"x\": {\"type\": [\"number\"]}}, "
	    "\"required\": [\"site\", \"x\"]}");
	schema = aqi_schema_load(path, &err);
	if (!ok(schema && schema->n_fields == 3, "a schema is read")) {
		note("%s: %s", err.field, err.reason);
		return;
	}
	ok(schema->fields[0].type == AQI_TYPE_STRING &&
	   schema->fields[0].n_values == 2 &&
	   aqi_slice_is(schema->fields[0].values[1], "B") &&
	   schema->fields[0].required, "with strings of a list");
	ok(schema->fields[1].type == AQI_TYPE_INTEGER &&
	   !schema->fields[1].required && isinf(schema->fields[1].min) &&
	   isinf(schema->fields[1].max) && !*schema->fields[1].range,
	   "and an integer that may be missing, in any range");
	ok(schema->fields[2].type == AQI_TYPE_NUMBER &&
	   schema->fields[2].required,
	   "a list of one type, without null, may be required");
	aqi_schema_free(schema);
}

static void
test_names(void)
{
	struct aqi_error err;
	struct aqi_schema *schema = aqi_schema_load("nosuch", &err);

	ok(!schema && err.code == AQI_E_MODEL &&
	   strcmp(err.reason, "no such schema; there are api and observed, or "
		  "give a file with a / in its name") == 0,
	   "an unknown name lists the known ones");
	put("{\"properties\": ");
	schema = aqi_schema_load(path, &err);
	ok(!schema && err.code == AQI_E_MODEL && err.line == 1 &&
	   err.column > 0 && strcmp(err.file, path) == 0,
	   "broken JSON is refused where it breaks");
	unlink(path);
	schema = aqi_schema_load(path, &err);
	ok(!schema && err.code == AQI_E_MODEL, "so is a file that is not there");
	aqi_schema_free(NULL);
}

int
main(void)
{
	char *slash = strrchr(path, '/');

	*slash = '\0';
	if (!mkdtemp(path)) {
		perror(path);
		return 2;
	}
	*slash = '/';
	test_refused();
	test_refused_property();
	test_size();
	test_ranges();
	test_read();
	test_names();
	*slash = '\0';
	rmdir(path);
	return done();
}
