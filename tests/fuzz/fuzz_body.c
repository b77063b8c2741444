/*
 * Bodies of requests. The first byte chooses record or batch, the dialect and
 * the content type. The short way and the general one agree; what is said of a
 * fault is JSON, small, and the value that was sent.
 */
#include <math.h>

#include "air/schema.h"
#include "api/echo.h"
#include "api/lax.h"
#include "api/scan.h"
#include "api/unicode.h"
#include "base/buffer.h"
#include "fuzz.h"

static struct aqi_schema *schema;
static struct aqi_lax *one[2], *other[2];

static void
start(void)
{
	struct aqi_error err;

	if (schema)
		return;
	schema = aqi_schema_load("api", &err);
	CHECK(schema);
	for (int i = 0; i < 2; i++) {
		one[i] = aqi_lax_new(schema, (enum aqi_dialect)i, &err);
		other[i] = aqi_lax_new(schema, (enum aqi_dialect)i, &err);
		CHECK(one[i] && other[i]);
	}
}

static void
check_rows(const struct aqi_lax_result *read)
{
	for (size_t i = 0; i < read->n_rows * schema->n_fields; i++) {
		const struct aqi_schema_field *f =
			&schema->fields[i % schema->n_fields];
		const double x = read->x[i];

		CHECK(x >= f->min && x <= f->max);
		CHECK(f->type != AQI_TYPE_INTEGER || x == trunc(x));
	}
}

/* What is written is read back as the value that it stands for. */
static void
check_echo(struct aqi_slice value)
{
	struct aqi_buffer echo = {0}, again = {0};
	struct aqi_scan_fault fault;
	struct aqi_slice text;

	aqi_echo_add(&echo, value);
	text = (struct aqi_slice){echo.data, echo.size};
	CHECK(!echo.failed && aqi_scan_check(text, &fault) == AQI_OK);
	aqi_echo_add(&again, text);
	/* Two halves that stood apart are one character when read again. */
	CHECK(memmem(echo.data, echo.size, "\\ud", 3) ||
	      aqi_slice_equal(text, (struct aqi_slice){again.data,
						       again.size}));
	aqi_buffer_free(&echo);
	aqi_buffer_free(&again);
}

/* NaN or an infinity, which stand outside of strings. */
static bool
has_more_than_json(struct aqi_slice text)
{
	bool is_string = false;

	for (size_t i = 0; i < text.size; i++) {
		if (text.data[i] == '"')
			is_string = !is_string;
		else if (is_string && text.data[i] == '\\')
			i++;
		else if (!is_string && (text.data[i] == 'N' ||
					text.data[i] == 'I'))
			return true;
	}
	return false;
}

static void
check_details(const struct aqi_lax_result *read, enum aqi_dialect dialect)
{
	struct aqi_buffer out = {0}, room = {0};
	struct aqi_scan_fault fault;
	struct aqi_slice text;

	CHECK(read->n_details <= read->n_errors);
	CHECK(read->n_details <= AQI_LAX_MOST_DETAILS);
	for (size_t i = 0; i < read->n_details; i++) {
		const struct aqi_detail *d = &read->details[i];

		CHECK(d->code != AQI_DETAIL_NONE);
		CHECK(d->code != AQI_DETAIL_JSON || d->at <= d->text.size);
		if (d->input.data && !d->is_text &&
		    d->input.size <= AQI_DETAIL_MOST_INPUT)
			check_echo(d->input);
	}
	aqi_detail_write(&out, dialect, read->details, read->n_details);
	CHECK(out.size <= 100 + read->n_details *
	      (500 + 8 * AQI_DETAIL_MOST_INPUT));
	CHECK(aqi_unicode_read((struct aqi_slice){out.data, out.size}, &room,
			       &text) == AQI_OK);
	CHECK(text.data == out.data);
	CHECK(aqi_scan_check(text, &fault) == AQI_OK);
	CHECK(!has_more_than_json(text));
	aqi_buffer_free(&out);
	aqi_buffer_free(&room);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned choice = input_byte(&data, &size);
	enum aqi_lax_shape shape = choice & 1 ? AQI_LAX_BATCH : AQI_LAX_RECORD;
	enum aqi_dialect dialect = choice >> 1 & 1;
	bool is_json = (choice >> 2 & 3) != 3;
	struct aqi_slice body = input_slice(data, size);
	struct aqi_lax_result a, b;
	enum aqi_status status;

	start();
	status = aqi_lax_read(one[dialect], body, is_json, shape, &a);
	CHECK(status == aqi_lax_read_generally(other[dialect], body, is_json,
					       shape, &b));
	CHECK(status == AQI_OK || status == AQI_REJECT);
	CHECK(a.n_rows == b.n_rows && a.n_errors == b.n_errors);
	CHECK((a.n_errors > 0 && status == AQI_REJECT) || a.n_errors == 0);
	if (status == AQI_OK) {
		CHECK(a.n_rows == 0 ||
		      memcmp(a.x, b.x, a.n_rows * schema->n_fields *
			     sizeof *a.x) == 0);
		check_rows(&a);
	}
	check_details(&a, dialect);
	return 0;
}
