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

/* What a mapping cannot be without. */
static void
test_needed(void)
{
	static const char *const without[][2] = {
		{"name", "{\"time\": {\"column\": \"t\", \"stamp\": "
		 "\"begin\"}, \"fields\": {" PM25 "}}"},
		{"time", "{\"name\": \"x\", \"fields\": {" PM25 "}}"},
		{"fields", "{\"name\": \"x\", \"time\": {\"column\": \"t\", "
		 "\"stamp\": \"begin\"}}"},
	};

	for (size_t i = 0; i < sizeof without / sizeof *without; i++) {
		struct aqi_error err = {0};
		char reason[64];

		snprintf(reason, sizeof reason, "the key \"%s\" is missing",
			 without[i][0]);
		ok(!aqi_mapping_new(aqi_slice_of(without[i][1]), "x.json",
				    &err) && strstr(err.reason, reason),
		   "refused: %s", reason);
	}
}

static void
test_refusals(void)
{
	refused(", \"rows\": \"long\"", PM25, "",
		"\"rows\" is not a key here; there are name, title");
	refused(", \"missing\": []", PM25, "missing", "the array is empty");
	refused(", \"missing\": [1]", PM25, "missing", "a text is wanted");
	refused(", \"title\": 5", PM25, "title", "a text is wanted");
	refused(", \"note\": 5", PM25, "note", "a text is wanted");
	refused(", \"station\": \"s\"", PM25, "station", "an object is wanted");
	refused(", \"station\": {}", PM25, "station",
		"the key \"column\" is missing");
	refused(", \"text_numbers\": 1", PM25, "text_numbers",
		"true or false is wanted");
}

#define HALVES "\"columns\": {\"date\": \"d\", \"time\": \"t\"}"

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
		 "\"8\"}", "time.utc_offset", "an offset such as \"+05:30\" is wanted "
		 "here, of 14 hours at most"},
		{"{\"column\": \"t\", \"stamp\": \"end\", \"utc_offset\": "
		 "\"+14:01\"}", "time.utc_offset", "an offset such as"},
		{"{\"column\": \"t\", \"format\": \"YYYY\"}", "time.format",
		 "a pattern with a year, month and day is wanted, such as "
		 "\"YYYY-MM-DD hh:mm\""},
		{"{\"column\": \"t\", \"format\": \"hh\"}", "time.format",
		 "a pattern with a year, month and day is wanted"},
		{"{\"column\": \"t\", \"format\": []}", "time.format",
		 "the array is empty"},
		{"{\"column\": \"t\", \"format\": [\"YYYYMMDD\", "
		 "\"YYYYMMDDhh\"]}", "time.format",
		 "patterns with and without an hour do not go together"},
		{"{\"column\": \"t\", \"format\": \"YYYYMMDD\", \"stamp\": "
		 "\"end\"}", "time", "\"format\" has no hour, and so the "
		 "stamp is of the day's \"begin\", in local time"},
		{"{\"column\": \"t\", \"format\": \"YYYYMMDD\", \"stamp\": "
		 "\"begin\", \"stamp_zone\": \"utc\"}", "time",
		 "\"format\" has no hour"},
		{"{\"column\": \"t\", \"format\": \"YYYYMMDD\", \"stamp\": "
		 "\"begin\", \"midnight_24\": true}", "time",
		 "\"format\" has no hour"},
		{"{\"column\": \"t\", \"stamp\": \"end\", \"stamp_zone\": "
		 "\"UTC\"}", "time.stamp_zone",
		 "\"utc\" or \"local\" is wanted here"},
		{"{\"column\": \"t\", \"stamp\": \"end\", \"date_format\": "
		 "\"YYYYMMDD\"}", "time", "\"date_format\" and "
		 "\"time_format\" go with the columns \"date\" and \"time\""},
		{"{" HALVES ", \"stamp\": \"end\", \"date_format\": "
		 "\"YYYYMMDD\"}", "time", "\"date_format\" and "
		 "\"time_format\" go with"},
		{"{" HALVES ", \"stamp\": \"end\", \"date_format\": "
		 "\"YYYYMMDDhh\"}", "time.date_format",
		 "a pattern with a year, month and day alone is wanted, such "
		 "as \"DD.MM.YYYY\""},
		{"{" HALVES ", \"stamp\": \"end\", \"time_format\": "
		 "\"YYYYMMDDhh\"}", "time.time_format",
		 "a pattern with an hour and no date is wanted, such as "
		 "\"hh:mm\""},
		{"{" HALVES ", \"stamp\": \"end\", \"format\": "
		 "\"YYYYMMDDhh\"}", "time", "\"format\" goes with"},
		{"{\"columns\": {\"date\": \"d\"}}", "time.columns",
		 "the key \"time\" is missing"},
		{"{\"columns\": {\"date\": \"d\", \"hour\": \"h\"}}",
		 "time.columns", "\"hour\" is not a key here; there are date, "
		 "time"},
		{"{\"column\": \"t\", \"stamp\": \"end\", \"day_rows\": "
		 "true}", "time", "\"day_rows\" goes with the columns "
		 "\"date\" and \"time\" only"},
		{"{\"column\": \"t\", \"stamp\": \"end\", \"utc_offset\": "
		 "\"Z\", \"offset_column\": \"o\"}", "time",
		 "either \"utc_offset\" or \"offset_column\" is wanted here"},
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
#define RANGES(ranges) PM25_WITH(", \"units_by_range\": " ranges)
#define RANGE(unit, from, to)                                                 \
	"{\"unit\": \"" unit "\", \"from\": " from ", \"to\": " to "}"

static void
test_field_refusals(void)
{
	refused("", "", "fields", "no pollutant is among the fields");
	refused("", "\"rain\": {}", "fields",
		"\"rain\" is not a field; there are pm25, pm10");
	refused("", "\"pm25\": 1", "fields.pm25", "an object is wanted");
	refused("", "\"pm25\": {\"unit\": \"ug/m3\"}", "fields.pm25",
		"the key \"columns\" is missing");
	refused("", PM25_WITH(""), "fields.pm25", "either \"unit\", "
		"\"unit_column\" or \"units_by_range\" is wanted here");
	refused("", PM25_WITH(", \"unit_column\": \"u\", "
			      "\"units_by_range\": ["
			      RANGE("ug/m3", "1", "2") "]"),
		"fields.pm25", "either \"unit\", \"unit_column\" or");
	refused("", PM25_WITH(", \"unit_column\": \"u\", \"unit\": "
			      "\"auto\""),
		"fields.pm25", "\"unit_column\" does not go with the unit "
		"\"auto\"");
	refused("", PM25 ", \"hour\": {\"columns\": \"h\", "
		"\"unit_column\": \"C\"}", "fields.hour",
		"a part of time has no unit");
	refused("", "\"pm25\": {\"unit\": \"ug/m3\", \"columns\": [\"a\", "
		"\"b\", \"c\", \"d\", \"e\", \"f\", \"g\", \"h\", \"i\"]}",
		"fields.pm25", "up to 8 columns are wanted here");
	refused("", PM25_WITH(", \"unit\": \"ug/m3\", \"missing\": 0"),
		"fields.pm25.missing", "a text is wanted here");
	refused("", PM25_WITH(", \"unit\": \"ug/m3\", \"scale\": 2"),
		"fields.pm25", "\"scale\" is not a key here");
	refused("", PM25_WITH(", \"unit\": \"ug\""), "fields.pm25.unit",
		"\"ug\" is not a unit (aqi-source(5) lists them)");
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

static void
test_range_refusals(void)
{
	const char *field = "fields.pm25.units_by_range";

	refused("", RANGES("1"), field, "an array of ranges is wanted");
	refused("", RANGES("[]"), field, "an array of ranges is wanted");
	refused("", RANGES("[{\"unit\": \"ug/m3\", \"from\": 1}]"), field,
		"the key \"to\" is missing");
	refused("", RANGES("[" RANGE("ug/m3", "\"1\"", "2") "]"),
		"fields.pm25.units_by_range.from", "a number is wanted here");
	refused("", RANGES("[" RANGE("ug/m3", "2", "1") "]"), field,
		"in ascending order");
	refused("", RANGES("[" RANGE("ug/m3", "1", "2") ", "
			   RANGE("mg/m3", "2", "3") "]"), field,
		"apart from each other");
	refused("", RANGES("[" RANGE("K", "1", "2") "]"), field,
		"\"K\" does not convert into ug/m3");
}

static void
test_reference_refusals(void)
{
	static const char *const bad[][3] = {
		{"\"0\"", "", "a temperature in C is wanted here, or up to 4 "
		 "of them with dates"},
		{"-300", "", "a temperature in C is wanted"},
		{"[]", "", "a temperature in C is wanted"},
		{"[{\"c\": 1}, {\"c\": 1}, {\"c\": 1}, {\"c\": 1}, "
		 "{\"c\": 1}]", "", "or up to 4 of them"},
		{"[{\"c\": -274}]", "", "a temperature in C is wanted here"},
		{"[{\"c\": 1, \"to\": 2}]", "", "\"to\" is not a key here; "
		 "there are before, c, note"},
		{"[{\"before\": \"2018-09-01\"}]", "",
		 "the key \"c\" is missing"},
		{"[{\"c\": 1}, {\"c\": 2}]", "", "ascending dates are "
		 "wanted in \"before\", and none in the last"},
		{"[{\"c\": 1, \"before\": \"2018-09-01\"}]", "",
		 "ascending dates are wanted"},
		{"[{\"c\": 1, \"before\": \"2018-09-01\"}, {\"c\": 1, "
		 "\"before\": \"2018-08-31\"}, {\"c\": 2}]", "",
		 "ascending dates are wanted"},
		{"[{\"c\": 1, \"before\": \"2018-02-29\"}, {\"c\": 2}]",
		 ".before", "a date such as \"2018-09-01\" is wanted here"},
		{"[{\"c\": 1, \"before\": 2018}, {\"c\": 2}]", ".before",
		 "a date such as"},
	};
	char more[300], field[40];

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		snprintf(more, sizeof more, ", \"gas_reference_c\": %s",
			 bad[i][0]);
		snprintf(field, sizeof field, "gas_reference_c%s", bad[i][1]);
		refused(more, PM25, field, bad[i][2]);
	}
	refused(", \"time\": {\"column\": \"t\", \"stamp\": \"begin\", "
		"\"optional\": true}, \"gas_reference_c\": [{\"before\": "
		"\"2018-09-01\", \"c\": 0}, {\"c\": 25}]", PM25,
		"gas_reference_c", "dates need a time that is not optional");
}

static void
test_input_refusals(void)
{
	static const char *const bad[][3] = {
		{"1", "", "an object is wanted here"},
		{"{\"quote\": \"'\"}", "", "\"quote\" is not a key here; "
		 "there are delimiter, decimal_mark, encoding"},
		{"{\"delimiter\": \"ab\"}", ".delimiter",
		 "one of \",\" \";\" \"|\" \":\" \"\\t\" \" \" is wanted "
		 "here"},
		{"{\"delimiter\": 1}", ".delimiter", "is wanted here"},
		{"{\"decimal_mark\": \"'\"}", ".decimal_mark",
		 "\".\" or \",\" is wanted here"},
		{"{\"delimiter\": \",\", \"decimal_mark\": \",\"}", "",
		 "delimiter and decimal mark are the same"},
		{"{\"encoding\": 1}", ".encoding", "a text is wanted here"},
		{"{\"encoding\": \"klingon\"}", ".encoding",
		 "\"klingon\" is no encoding that iconv knows"},
		{"{\"skip_lines\": -1}", ".skip_lines",
		 "a count of lines up to 1000 is wanted here"},
		{"{\"skip_lines\": 1001}", ".skip_lines", "a count of lines"},
		{"{\"skip_lines\": \"3\"}", ".skip_lines",
		 "a count of lines up to 1000 is wanted here"},
		{"{\"unit_lines\": 1.5}", ".unit_lines", "a count of lines"},
		{"{\"header\": []}", ".header", "the array is empty"},
		{"{\"header\": [\"a\"], \"header_start\": \"a\"}", "",
		 "\"header\" is for files without a header line"},
		{"{\"header\": [\"a\"], \"unit_lines\": 1}", "",
		 "\"header\" is for files without a header line"},
		{"{\"trailer\": \"\"}", ".trailer", "a text is wanted here"},
		{"{\"repeated_names\": 1}", ".repeated_names",
		 "true or false is wanted"},
		{"{\"drop_blank_rows\": 1}", ".drop_blank_rows",
		 "true or false is wanted"},
	};
	char more[300], field[40];

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		snprintf(more, sizeof more, ", \"input\": %s", bad[i][0]);
		snprintf(field, sizeof field, "input%s", bad[i][1]);
		refused(more, PM25, field, bad[i][2]);
	}
}

static void
test_layout_refusals(void)
{
	static const char *const bad[][3] = {
		{"{\"kind\": 1}", ".kind",
		 "\"long\" or \"stations\" is wanted here"},
		{"{\"kind\": \"wide\"}", ".kind",
		 "\"long\" or \"stations\" is wanted here"},
		{"{\"order\": 1}", ".order",
		 "\"time\" or \"any\" is wanted here"},
		{"{\"order\": \"place\"}", ".order",
		 "\"time\" or \"any\" is wanted here"},
		{"{\"repeated\": true}", ".repeated",
		 "\"refuse\" or \"first\" is wanted here"},
		{"{\"repeated\": \"last\"}", ".repeated",
		 "\"refuse\" or \"first\" is wanted here"},
		{"{\"kind\": \"long\", \"parameter\": \"p\", "
		 "\"repeated\": \"refuse\"}", "",
		 "a long layout needs the key \"value\""},
	};
	char more[300], field[40];

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		snprintf(more, sizeof more, ", \"layout\": %s", bad[i][0]);
		snprintf(field, sizeof field, "layout%s", bad[i][1]);
		refused(more, PM25, field, bad[i][2]);
	}
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
	ok(!aqi_mapping_new(aqi_slice_of("{\"fields\": 1}"), "y.json", &err) &&
	   err.code == AQI_E_MODEL && strcmp(err.field, "fields") == 0 &&
	   strcmp(err.reason, "an object is wanted here") == 0,
	   "nor are fields a number");
	ok(!aqi_mapping_new(aqi_slice_of("[]"), "y.json", NULL),
	   "nobody has to ask why");
	ok(!aqi_mapping_load("./no-such-file", &err) &&
	   err.code == AQI_E_MODEL && strcmp(err.file, "./no-such-file") == 0,
	   "a slash makes a path");
	ok(!aqi_mapping_load("no-such-file.json", &err) &&
	   err.code == AQI_E_MODEL, "so does .json at the end");
	ok(!aqi_mapping_load("beijing_prs", &err) && err.code == AQI_E_MODEL &&
	   strcmp(err.reason, "\"beijing_prs\" is not a source "
		  "(--list-sources lists them); did you mean beijing-prsa?") ==
		   0, "an unknown name gets the nearest");
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
	struct aqi_mapping_conversion conversion;

	if (!ok(mapping, "a mapping with all keys is read")) {
		note("%s: %s", err.field, err.reason);
		return;
	}
	field = &mapping->fields[AQI_TARGET_O3];
	ok(field->columns.n == 2 && field->is_optional &&
	   aqi_slice_is(field->columns.items[1], "b (*)") &&
	   aqi_slice_is(field->otherwise, "ppb"), "a field keeps its columns");
	ok(mapping->form.missing.n == 2 &&
	   aqi_slice_is(mapping->form.missing.items[1], "-200") &&
	   field->form.missing.n == 2,
	   "tokens of missing values are kept, and are the fields' too");
	field = &mapping->fields[AQI_TARGET_PRESSURE];
	ok(field->n_ranges == 2 && !field->ranges[0].conversion.in[0].is_identity &&
	   field->ranges[1].conversion.in[0].is_identity &&
	   field->ranges[1].from == 900, "ranges keep their conversions");
	ok(aqi_mapping_convert(mapping, AQI_TARGET_O3, aqi_slice_of("ug/m3"),
			       &conversion) &&
	   fabs(conversion.in[0].scale - 1 / 1.96183) < 1e-6,
	   "ozone converts at 25 C");
	ok(mapping->fields[AQI_TARGET_PM25].columns.n == 0,
	   "a field that is not named has no columns");
	aqi_mapping_free(mapping);
	aqi_mapping_free(NULL);
}

/* UTF-8 is what a file is in anyhow. */
static void
test_utf8(void)
{
	struct aqi_error err = {0};
	struct aqi_mapping *mapping = make(
		", \"input\": {\"encoding\": \"utf-8\"}, "
		"\"text_numbers\": false", PM25, &err);

	ok(mapping && !mapping->input.encoding &&
	   !mapping->form.has_text_numbers,
	   "UTF-8 needs no conversion");
	aqi_mapping_free(mapping);
}

/* The keys of time, of input, and those that other keys change. */
static void
test_more_content(void)
{
	struct aqi_error err = {0};
	struct aqi_mapping *mapping = make(
		", \"missing\": \"-\", \"text_numbers\": true, "
		"\"gas_reference_c\": [{\"before\": \"2018-09-01\", \"c\": 0}, "
		"{\"c\": 25}], "
		"\"time\": {" HALVES ", \"date_format\": [\"YYYYMMDD\", "
		"\"D.M.YY\"], \"time_format\": \"hh\", \"stamp\": \"end\", "
		"\"stamp_zone\": \"utc\", \"offset_column\": \"o\", "
		"\"midnight_24\": true, \"day_rows\": true}, "
		"\"input\": {\"delimiter\": \"\\t\", \"decimal_mark\": "
		"\",\", \"encoding\": \"cp949\", \"skip_lines\": 3, "
		"\"unit_lines\": 1, \"header_start\": \"Date\", \"trailer\": "
		"\"End\", \"repeated_names\": true, \"drop_blank_rows\": "
		"true}",
		"\"so2\": {\"columns\": \"a\", \"unit_column\": [\"u\", "
		"\"U\"], \"missing\": [\"0\", \"x\"]}, "
		"\"no2\": {\"columns\": \"b\", \"unit\": \"ug/m3\"}", &err);
	const struct aqi_mapping_field *so2;
	struct aqi_mapping_conversion no2;

	if (!ok(mapping, "a mapping with the other keys is read")) {
		note("%s: %s", err.field, err.reason);
		return;
	}
	ok(mapping->time.n_columns == 2 && mapping->time.formats[0].n == 2 &&
	   aqi_slice_is(mapping->time.formats[1].items[0], "hh") &&
	   mapping->time.stamps_utc && mapping->time.has_midnight_24 &&
	   mapping->time.has_day_rows && !mapping->time.is_daily &&
	   aqi_slice_is(mapping->time.offset_column, "o"),
	   "a time of two columns keeps its keys");
	ok(mapping->input.delimiter == '\t' &&
	   mapping->input.decimal_mark == ',' &&
	   strcmp(mapping->input.encoding, "cp949") == 0 &&
	   mapping->input.skip_lines == 3 && mapping->input.unit_lines == 1 &&
	   aqi_slice_is(mapping->input.header_start, "Date") &&
	   aqi_slice_is(mapping->input.trailer, "End") &&
	   mapping->input.repeated_names && mapping->input.drop_blank_rows,
	   "what files are like is kept");
	so2 = &mapping->fields[AQI_TARGET_SO2];
	ok(so2->unit_columns.n == 2 && so2->form.missing.n == 3 &&
	   aqi_slice_is(so2->form.missing.items[0], "0") &&
	   aqi_slice_is(so2->form.missing.items[2], "-") &&
	   so2->form.has_text_numbers &&
	   mapping->fields[AQI_TARGET_NO2].form.missing.n == 1,
	   "a field has its own tokens before the common ones");
	/* 22.414 / 46.005 and 24.465 / 46.005: NO2 at 0 and 25 C. */
	ok(aqi_mapping_convert(mapping, AQI_TARGET_NO2, aqi_slice_of("ug/m3"),
			       &no2) &&
	   fabs(no2.in[0].scale - 0.48721) < 1e-5 &&
	   fabs(no2.in[1].scale - 0.53180) < 1e-5 &&
	   aqi_mapping_period(mapping, 20180831) == 0 &&
	   aqi_mapping_period(mapping, 20180901) == 1,
	   "the temperature of gases changes with the date");
	aqi_mapping_free(mapping);
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
	ok(mapping && mapping->n_references == 1 &&
	   mapping->references[0].c == 0 &&
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
	test_needed();
	test_refusals();
	test_time_refusals();
	test_field_refusals();
	test_range_refusals();
	test_reference_refusals();
	test_input_refusals();
	test_layout_refusals();
	test_places();
	test_content();
	test_more_content();
	test_utf8();
	test_builtin();
	test_names();
	return done();
}
