#include "air/mapping.h"

#include <math.h>
#include <stdlib.h>

#include "tap.h"

/* A mapping with a field's text, and something more at the top. */
static struct aqi_mapping *
make(const char *more, const char *fields, struct aqi_error *err)
{
	struct aqi_mapping *mapping = NULL;
	char *text;
	int n = asprintf(&text,
			 "{\"name\": \"x\", %s\"fields\": {%s}%s}",
			 strstr(more, "\"time\"") ? "" :
			 "\"time\": {\"column\": \"t\", \"stamp\": \"begin\"},",
			 fields, more);

	if (n >= 0) {
		mapping = aqi_mapping_new((struct aqi_slice){text, (size_t)n},
					  "x.json", err);
		free(text);
	}
	return mapping;
}

/* Is it refused as a model, for that field and with that in the reason? */
static void
refused(const char *more, const char *fields, const char *field,
	const char *reason)
{
	struct aqi_error err = {0};
	struct aqi_mapping *mapping = make(more, fields, &err);
	bool is_right = !mapping && err.code == AQI_E_MODEL &&
			strcmp(err.file, "x.json") == 0 &&
			strcmp(err.field, field) == 0 &&
			strstr(err.reason, reason);

	if (!ok(is_right, "refused: %s: %s", field, reason))
		note("%s: %s", err.field, err.reason);
	aqi_mapping_free(mapping);
}

#define PM25 "\"pm25\": {\"columns\": \"a\", \"unit\": \"ug/m3\"}"

static void
test_refusals(void)
{
	refused(", \"layout\": \"long\"", PM25, "",
		"\"layout\" is not a key here; there are name, title");
	refused(", \"missing\": []", PM25, "missing", "the array is empty");
	refused(", \"missing\": [1]", PM25, "missing", "a text is wanted");
	refused(", \"title\": 5", PM25, "title", "a text is wanted");
	refused(", \"note\": 5", PM25, "note", "a text is wanted");
	refused(", \"station\": \"s\"", PM25, "station", "an object is wanted");
	refused(", \"station\": {}", PM25, "station",
		"the key \"column\" is missing");
	refused(", \"gas_reference_c\": \"0\"", PM25, "gas_reference_c",
		"a number is wanted");
	refused(", \"gas_reference_c\": -300", PM25, "gas_reference_c",
		"a temperature in C is wanted");
}

static void
test_time_refusals(void)
{
	static const char *const bad[][3] = {
		{"{\"stamp\": \"begin\"}", "time", "either \"column\" or"},
		{"{\"column\": \"t\"}", "time", "the key \"stamp\" is missing"},
		{"{\"column\": \"t\", \"stamp\": \"middle\"}", "time.stamp",
		 "\"begin\" or \"end\" is wanted"},
		{"{\"column\": \"t\", \"stamp\": 1}", "time.stamp",
		 "\"begin\" or \"end\" is wanted"},
		{"{\"column\": \"t\", \"zone\": \"Asia/Kolkata\"}", "time",
		 "\"zone\" is not a key here"},
		{"{\"column\": \"t\", \"stamp\": \"end\", \"utc_offset\": "
		 "\"8\"}", "time.utc_offset", "an offset such as"},
		{"{\"column\": \"t\", \"format\": \"YYYY\"}", "time.format",
		 "a pattern with YYYY, MM, DD and hh"},
		{"{\"column\": \"t\", \"stamp\": \"end\", \"columns\": "
		 "{\"year\": \"y\", \"month\": \"m\", \"day\": \"d\", "
		 "\"hour\": \"h\"}}", "time", "either \"column\" or"},
		{"{\"columns\": {\"year\": \"y\"}}", "time.columns",
		 "the key \"month\" is missing"},
		{"{\"column\": \"t\", \"stamp\": \"end\", \"optional\": 1}",
		 "time.optional", "true or false is wanted"},
	};
	char more[300];

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		snprintf(more, sizeof more, ", \"time\": %s", bad[i][0]);
		refused(more, PM25, bad[i][1], bad[i][2]);
	}
}

#define PM25_WITH(more) "\"pm25\": {\"columns\": \"a\"" more "}"

static void
test_field_refusals(void)
{
	refused("", "", "fields", "no pollutant is among the fields");
	refused("", "\"rain\": {}", "fields",
		"\"rain\" is not a field; there are pm25, pm10");
	refused("", "\"pm25\": 1", "fields.pm25", "an object is wanted");
	refused("", "\"pm25\": {\"unit\": \"ug/m3\"}", "fields.pm25",
		"the key \"columns\" is missing");
	refused("", PM25_WITH(""), "fields.pm25", "either \"unit\" or");
	refused("", PM25_WITH(", \"unit\": \"ug/m3\", \"scale\": 2"),
		"fields.pm25", "\"scale\" is not a key here");
	refused("", PM25_WITH(", \"unit\": \"ug\""), "fields.pm25.unit",
		"\"ug\" is not a unit");
	refused("", PM25_WITH(", \"unit\": \"hPa\""), "fields.pm25.unit",
		"\"hPa\" does not convert into ug/m3");
	refused("", PM25_WITH(", \"unit\": \"ppb\""), "fields.pm25.unit",
		"\"ppb\" does not convert into ug/m3");
	refused("", "\"o3\": {\"columns\": \"a\", \"unit\": \"ug/m3\"}",
		"fields.o3.unit", "needs the key \"gas_reference_c\"");
	refused("", PM25_WITH(", \"unit\": \"ug/m3\", \"unit_otherwise\": "
			      "\"ug/m3\""),
		"fields.pm25", "\"unit_otherwise\" goes with");
	refused("", PM25_WITH(", \"unit\": \"auto\", \"unit_otherwise\": "
			      "\"x\""),
		"fields.pm25.unit_otherwise", "\"x\" is not a unit");
	refused("", PM25 ", \"hour\": {\"columns\": \"h\", \"unit\": \"C\"}",
		"fields.hour", "a part of time has no unit");
}

#define RANGES(ranges) PM25_WITH(", \"units_by_range\": " ranges)
#define RANGE(unit, from, to)                                                 \
	"{\"unit\": \"" unit "\", \"from\": " from ", \"to\": " to "}"

static void
test_range_refusals(void)
{
	const char *field = "fields.pm25.units_by_range";

	refused("", RANGES("1"), field, "an array of ranges is wanted");
	refused("", RANGES("[]"), field, "an array of ranges is wanted");
	refused("", RANGES("[{\"unit\": \"ug/m3\", \"from\": 1}]"), field,
		"the key \"to\" is missing");
	refused("", RANGES("[" RANGE("ug/m3", "2", "1") "]"), field,
		"in ascending order");
	refused("", RANGES("[" RANGE("ug/m3", "1", "2") ", "
			   RANGE("mg/m3", "2", "3") "]"), field,
		"apart from each other");
	refused("", RANGES("[" RANGE("K", "1", "2") "]"), field,
		"\"K\" does not convert into ug/m3");
}

static void
test_places(void)
{
	struct aqi_error err = {0};

	ok(!aqi_mapping_new(aqi_slice_of("{\n  \"name\": x}"), "y.json", &err) &&
	   err.code == AQI_E_MODEL && strcmp(err.file, "y.json") == 0 &&
	   err.line == 2 && err.column == 11,
	   "what is no JSON is refused by line and column");
	ok(!aqi_mapping_new(aqi_slice_of("[]"), "y.json", &err) &&
	   err.code == AQI_E_MODEL && err.line == 0 &&
	   strcmp(err.reason, "an object is wanted here") == 0,
	   "an array is no mapping");
	ok(!aqi_mapping_new(aqi_slice_of("[]"), "y.json", NULL),
	   "nobody has to ask why");
	ok(!aqi_mapping_load("./no-such-file", &err) &&
	   err.code == AQI_E_MODEL && strcmp(err.file, "./no-such-file") == 0,
	   "a slash makes a path");
	ok(!aqi_mapping_load("no-such-file.json", &err) &&
	   err.code == AQI_E_MODEL, "so does .json at the end");
	ok(!aqi_mapping_load("beijing_prs", &err) && err.code == AQI_E_MODEL &&
	   strcmp(err.reason, "\"beijing_prs\" is not a source; there are "
		  "base, beijing-prsa, cpcb; did you mean beijing-prsa?") == 0,
	   "an unknown name lists the names and the nearest");
	ok(!aqi_mapping_load("../sources/cpcb", &err) &&
	   err.code == AQI_E_MODEL, "a name does not lead out of the folder");
}

/* What the reader keeps of a text, in all its forms. */
static void
test_content(void)
{
	struct aqi_error err = {0};
	struct aqi_mapping *mapping = make(
		", \"gas_reference_c\": 25, \"missing\": [\"-\", \"-200\"]",
		"\"o3\": {\"columns\": [\"a\", \"b (*)\"], \"unit\": \"auto\", "
		"\"unit_otherwise\": \"ppb\", \"optional\": true}, "
		"\"pressure\": {\"columns\": \"p\", \"units_by_range\": ["
		RANGE("mmHg", "500", "780") ", " RANGE("hPa", "900", "1100")
		"]}", &err);
	const struct aqi_mapping_field *field;
	struct aqi_conversion conversion;

	if (!ok(mapping, "a mapping with all keys is read")) {
		note("%s: %s", err.field, err.reason);
		return;
	}
	field = &mapping->fields[AQI_TARGET_O3];
	ok(field->columns.n == 2 && field->is_optional &&
	   aqi_slice_is(field->columns.items[1], "b (*)") &&
	   aqi_slice_is(field->otherwise, "ppb"), "a field keeps its columns");
	ok(mapping->missing.n == 2 &&
	   aqi_slice_is(mapping->missing.items[1], "-200"),
	   "tokens of missing values are kept");
	field = &mapping->fields[AQI_TARGET_PRESSURE];
	ok(field->n_ranges == 2 && !field->ranges[0].conversion.is_identity &&
	   field->ranges[1].conversion.is_identity &&
	   field->ranges[1].from == 900, "ranges keep their conversions");
	ok(aqi_mapping_convert(mapping, AQI_TARGET_O3, aqi_slice_of("ug/m3"),
			       &conversion) &&
	   fabs(conversion.scale - 1 / 1.96183) < 1e-6,
	   "ozone converts at 25 C");
	ok(mapping->fields[AQI_TARGET_PM25].columns.n == 0,
	   "a field that is not named has no columns");
	aqi_mapping_free(mapping);
	aqi_mapping_free(NULL);
}

static void
test_builtin(void)
{
	struct aqi_slice names[64];
	struct aqi_error err = {0};
	struct aqi_mapping *mapping;
	char name[64];
	size_t n;

	aqi_mapping_names(names, 2, &n);
	ok(n == 2, "no more names are given than there is room for");
	aqi_mapping_names(names, 64, &n);
	ok(n >= 3, "there are sources compiled in");
	for (size_t i = 0; i < n; i++) {
		snprintf(name, sizeof name, "%.*s", (int)names[i].size,
			 names[i].data);
		mapping = aqi_mapping_load(name, &err);
		if (!ok(mapping && aqi_slice_is(mapping->name, name),
			"%s is well and has its own name", name))
			note("%s: %s", err.field, err.reason);
		aqi_mapping_free(mapping);
	}
	mapping = aqi_mapping_load("beijing-prsa", &err);
	ok(mapping && mapping->gas_reference_c == 0 &&
	   mapping->time.offset == 480 && !mapping->time.stamps_end,
	   "Beijing is 8 hours east and states gases at 0 C");
	aqi_mapping_free(mapping);
}

static void
test_names(void)
{
	struct aqi_error err = {0};
	struct aqi_mapping *mapping = aqi_mapping_load("", &err);

	ok(!mapping && err.code == AQI_E_MODEL &&
	   strstr(err.reason, "\"\" is not a source"), "no name is no source");
	aqi_mapping_free(mapping);
	ok(aqi_mapping_is_pattern(aqi_slice_of("a (*)")) &&
	   !aqi_mapping_is_pattern(aqi_slice_of("a (b)")) &&
	   !aqi_mapping_is_pattern(aqi_slice_of("(*)")),
	   "a pattern is told by its end");
}

int
main(void)
{
	test_refusals();
	test_time_refusals();
	test_field_refusals();
	test_range_refusals();
	test_places();
	test_content();
	test_builtin();
	test_names();
	return done();
}
