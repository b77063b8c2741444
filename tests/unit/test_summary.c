/* A summary of fields, as a table and as JSON, whole. */
#include "air/summary.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "air/schema.h"
#include "record/pipe.h"
#include "tap.h"

static const char document[] =
"{\"properties\": {"
"\"x\": {\"type\": \"number\", \"unit\": \"ug/m3\"},"
"\"site\": {\"type\": \"string\"},"
"\"none\": {\"type\": \"integer\"},"
"\"a_name_wider_than_its_column\": {\"type\": \"number\"}}}";

static const char table[] =
"4 records, 3 valid, 1 refused\n"
"\n"
"field                 count    missing    refused         min        mean"
"         max  unit\n"
"x                         2          1          1          -1        0.75"
"         2.5  ug/m3\n"
"site                      3          1          0           -           -"
"           -\n"
"none                      0          4          0           -           -"
"           -\n"
"a_name_wider_than_its_column          2          1          1      1e+300"
"      1e+300      1e+300\n";

static const char json[] =
"{\"schema\":\"s\",\"read\":4,\"valid\":3,\"refused\":1,\"fields\":{"
"\"x\":{\"count\":2,\"missing\":1,\"refused\":1,"
"\"min\":-1,\"mean\":0.75,\"max\":2.5,\"unit\":\"ug/m3\"},"
"\"site\":{\"count\":3,\"missing\":1,\"refused\":0,"
"\"min\":null,\"mean\":null,\"max\":null},"
"\"none\":{\"count\":0,\"missing\":4,\"refused\":0,"
"\"min\":null,\"mean\":null,\"max\":null},"
"\"a_name_wider_than_its_column\":{\"count\":2,\"missing\":1,\"refused\":1,"
"\"min\":1e+300,\"mean\":1e+300,\"max\":1e+300}}}\n";

/* Four records: of x the second is missing, the last is refused. */
static void
fill(struct aqi_summary *summary)
{
	const double x[] = {-1, NAN, 2.5, NAN};

	for (size_t row = 0; row < 4; row++) {
		enum aqi_status verdict = row == 3 ? AQI_REJECT : AQI_OK;

		aqi_summary_add(summary, 0, row == 1 ? AQI_END : verdict,
				row == 1, x[row]);
		aqi_summary_add(summary, 1, row == 1 ? AQI_END : AQI_OK,
				row == 1, NAN);
		aqi_summary_add(summary, 2, AQI_END, true, NAN);
		aqi_summary_add(summary, 3, row == 1 ? AQI_END : verdict,
				row == 1, 1e300);
	}
}

static void
test_print(const struct aqi_summary *summary, bool as_json, const char *wanted)
{
	const struct aqi_counts counts = {
		.read = 4, .written = 3, .refused = 1
	};
	struct aqi_buffer out = {0};

	aqi_summary_print(summary, &counts, "s", as_json, &out);
	if (!ok(out.size == strlen(wanted) &&
		memcmp(out.data, wanted, out.size) == 0,
		"a summary as %s", as_json ? "JSON" : "a table"))
		note("%.*s", (int)out.size, out.data);
	aqi_buffer_free(&out);
}

int
main(void)
{
	char path[] = "/tmp/test_summary_XXXXXX.json";
	int fd = mkstemps(path, 5);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
	struct aqi_error err;
	struct aqi_schema *schema;
	struct aqi_summary *summary;

	if (!f || fputs(document, f) < 0 || fclose(f) != 0) {
		perror(path);
		return 2;
	}
	schema = aqi_schema_load(path, &err);
	unlink(path);
	if (!ok(schema && schema->n_fields == 4, "the schema is read")) {
		note("%s", err.reason);
		return done();
	}
	summary = aqi_summary_new(schema);
	fill(summary);
	test_print(summary, false, table);
	test_print(summary, true, json);
	aqi_summary_free(summary);
	aqi_schema_free(schema);
	return done();
}
