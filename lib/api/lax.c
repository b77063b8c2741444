#include "api/lax.h"

#include <stdlib.h>

#include "air/schema.h"
#include "api/coerce.h"
#include "api/lax_plain.h"
#include "api/scan.h"
#include "api/unicode.h"
#include "base/buffer.h"

struct aqi_lax {
	const struct aqi_schema *schema;
	enum aqi_dialect dialect;
	struct aqi_lax_plain plain;

	double *x;			/* (most_rows, n_fields) */
	size_t n_rows, most_rows;
	struct aqi_detail *details;	/* (most_details,) */
	size_t n_details, most_details, n_errors;
	struct aqi_buffer text;		/* of a body in UTF-16 or UTF-32 */
	bool failed;			/* memory ran out */
};

static bool
is_usable(const struct aqi_schema *schema, struct aqi_error *err)
{
	if (schema->n_fields == 0 || schema->n_fields > AQI_LAX_MOST_FIELDS) {
		aqi_error_set(err, AQI_E_MODEL, "a schema of requests has 1 to "
			      "%d fields", AQI_LAX_MOST_FIELDS);
		return false;
	}
	for (size_t i = 0; i < schema->n_fields; i++) {
		const struct aqi_schema_field *f = &schema->fields[i];

		if (f->type == AQI_TYPE_STRING || !f->required ||
		    !f->has_both || f->open_min || f->open_max ||
		    f->name.size >= AQI_LAX_MOST_NAME) {
			aqi_error_set(err, AQI_E_MODEL, "a field of a request "
				      "is a required number with bounds");
			aqi_error_name(err, f->name);
			return false;
		}
	}
	return true;
}

static void
set_plain(struct aqi_lax_plain *plain, const struct aqi_schema *schema)
{
	plain->n_fields = schema->n_fields;
	for (size_t i = 0; i < schema->n_fields; i++) {
		const struct aqi_schema_field *from = &schema->fields[i];
		struct aqi_lax_field *to = &plain->fields[i];

		memcpy(to->name, from->name.data, from->name.size);
		to->name[from->name.size] = '"';
		to->size = (uint8_t)(from->name.size + 1);
		to->is_integer = from->type == AQI_TYPE_INTEGER;
		to->min = from->min;
		to->max = from->max;
	}
}

struct aqi_lax *
aqi_lax_new(const struct aqi_schema *schema, enum aqi_dialect dialect,
	    struct aqi_error *err)
{
	struct aqi_lax *lax;

	if (!is_usable(schema, err))
		return NULL;
	lax = calloc(1, sizeof *lax);
	if (!lax) {
		aqi_error_memory(err);
		return NULL;
	}
	lax->schema = schema;
	lax->dialect = dialect;
	set_plain(&lax->plain, schema);
	return lax;
}

/* Room for one more of an array that grows; NULL without memory. */
static void *
grow(struct aqi_lax *lax, void *array, size_t n, size_t *most, size_t size)
{
	size_t more = *most ? *most * 2 : 16;
	void *grown;

	if (n < *most)
		return array;
	grown = reallocarray(array, more, size);
	if (grown)
		*most = more;
	else
		lax->failed = true;
	return grown;
}

static double *
next_row(struct aqi_lax *lax)
{
	const size_t n = lax->schema->n_fields;
	double *x = grow(lax, lax->x, lax->n_rows, &lax->most_rows,
			n * sizeof *x);

	if (!x)
		return NULL;
	lax->x = x;
	return x + lax->n_rows * n;
}

static void
add_detail(struct aqi_lax *lax, struct aqi_detail detail)
{
	struct aqi_detail *details;

	lax->n_errors++;
	if (lax->n_details == AQI_LAX_MOST_DETAILS)
		return;
	details = grow(lax, lax->details, lax->n_details, &lax->most_details,
		       sizeof *details);
	if (!details)
		return;
	lax->details = details;
	details[lax->n_details++] = detail;
}

/* The value of each field in an object; where it is absent, none is set. */
static void
find_values(const struct aqi_lax *lax, struct aqi_slice object,
	    struct aqi_slice values[AQI_LAX_MOST_FIELDS])
{
	const size_t n = lax->schema->n_fields;
	struct aqi_scan_walk walk = aqi_scan_walk(object);
	struct aqi_slice key, value;

	if (aqi_scan_kind(object) != AQI_SCAN_OBJECT)
		return;
	while (aqi_scan_next(&walk, &key, &value))
		for (size_t k = 0; k < n; k++)
			if (aqi_scan_is(key, lax->schema->names[k]))
				values[k] = value;
}

/* In pydantic 1 an empty list, and an empty string, are an object without
 * members. */
static bool
is_object(const struct aqi_lax *lax, struct aqi_slice value)
{
	enum aqi_scan_kind kind = aqi_scan_kind(value);

	return kind == AQI_SCAN_OBJECT ||
	       (lax->dialect == AQI_DIALECT_PYDANTIC1 &&
		(kind == AQI_SCAN_ARRAY || kind == AQI_SCAN_STRING) &&
		aqi_scan_is_empty(value));
}

/* place tells where the record is, but for the field. */
static void
read_record(struct aqi_lax *lax, struct aqi_slice record,
	    struct aqi_detail place)
{
	struct aqi_slice values[AQI_LAX_MOST_FIELDS] = {{NULL, 0}};
	double *x = next_row(lax);
	double number = 0;

	place.input = record;
	place.code = AQI_DETAIL_OBJECT;
	if (!x)
		return;
	if (!is_object(lax, record)) {
		add_detail(lax, place);
		return;
	}
	find_values(lax, record, values);
	for (size_t k = 0; k < lax->schema->n_fields; k++) {
		place.field = &lax->schema->fields[k];
		place.input = values[k].data ? values[k] : record;
		place.code = values[k].data ?
				     aqi_coerce(values[k], place.field,
						lax->dialect, &number) :
				     AQI_DETAIL_MISSING;
		if (place.code == AQI_DETAIL_NONE)
			x[k] = number;
		else
			add_detail(lax, place);
	}
	/* Behind an error rows are read for their errors alone. */
	if (lax->n_errors == 0)
		lax->n_rows++;
}

static void
read_batch(struct aqi_lax *lax, struct aqi_slice object)
{
	struct aqi_detail place = {.row = AQI_DETAIL_NO_ROW, .input = object};
	struct aqi_scan_walk walk;
	struct aqi_slice key, item, instances = {NULL, 0};

	if (!is_object(lax, object)) {
		place.code = AQI_DETAIL_OBJECT;
		add_detail(lax, place);
		return;
	}
	place.of_instances = true;
	if (!aqi_scan_is_empty(object))
		instances = aqi_scan_find(object, aqi_slice_of("instances"));
	if (!instances.data) {
		place.code = AQI_DETAIL_MISSING;
		add_detail(lax, place);
		return;
	}
	if (aqi_scan_kind(instances) != AQI_SCAN_ARRAY) {
		place.input = instances;
		place.code = AQI_DETAIL_LIST;
		add_detail(lax, place);
		return;
	}
	walk = aqi_scan_walk(instances);
	for (place.row = 0; aqi_scan_next(&walk, &key, &item); place.row++)
		read_record(lax, item, place);
}

static void
read_value(struct aqi_lax *lax, struct aqi_slice value,
	   enum aqi_lax_shape shape)
{
	struct aqi_detail place = {.row = AQI_DETAIL_NO_ROW, .input = value};

	if (aqi_scan_kind(value) == AQI_SCAN_NULL) {
		place.code = AQI_DETAIL_MISSING;
		add_detail(lax, place);
	} else if (shape == AQI_LAX_RECORD) {
		read_record(lax, value, place);
	} else {
		read_batch(lax, value);
	}
}

/* false: it is no text of JSON, which has an answer of its own. */
static bool
read_text(struct aqi_lax *lax, struct aqi_slice body, enum aqi_lax_shape shape)
{
	struct aqi_detail place = {
		.code = AQI_DETAIL_JSON, .row = AQI_DETAIL_NO_ROW
	};
	struct aqi_scan_fault fault;
	enum aqi_status status;

	status = aqi_unicode_read(body, &lax->text, &place.text);
	lax->failed |= status == AQI_FATAL;
	if (status != AQI_OK)
		return false;
	if (aqi_scan_check(place.text, &fault) == AQI_OK) {
		read_value(lax, aqi_scan_value(place.text), shape);
		return true;
	}
	if (!fault.reason)
		return false;
	place.reason = fault.reason;
	place.at = fault.at;
	add_detail(lax, place);
	return true;
}

static enum aqi_status
finish(const struct aqi_lax *lax, struct aqi_lax_result *result, bool is_right)
{
	*result = (struct aqi_lax_result){
		.x = lax->x, .n_rows = lax->n_rows,
		.details = lax->details, .n_details = lax->n_details,
		.n_errors = lax->n_errors,
	};
	return lax->failed ? AQI_FATAL : is_right ? AQI_OK : AQI_REJECT;
}

static void
start(struct aqi_lax *lax)
{
	lax->n_rows = lax->n_details = lax->n_errors = 0;
	lax->failed = false;
}

enum aqi_status
aqi_lax_read_generally(struct aqi_lax *lax, struct aqi_slice body,
		       bool is_json, enum aqi_lax_shape shape,
		       struct aqi_lax_result *result)
{
	struct aqi_detail whole = {
		.code = AQI_DETAIL_OBJECT, .row = AQI_DETAIL_NO_ROW,
		.input = body, .is_text = true,
	};

	start(lax);
	if (body.size == 0) {
		read_value(lax, aqi_slice_of("null"), shape);
	} else if (!is_json) {
		add_detail(lax, whole);
	} else if (!read_text(lax, body, shape)) {
		return finish(lax, result, false);
	}
	return finish(lax, result, lax->n_errors == 0);
}

static bool
read_plain_batch(struct aqi_lax *lax, const char **at, const char *end)
{
	static const char head[] = "\"instances\"";
	const size_t n = sizeof head - 1;
	const char *p = *at;
	double *x;

	if (p == end || *p != '{')
		return false;
	p = aqi_lax_plain_skip(p + 1, end);
	if ((size_t)(end - p) < n || memcmp(p, head, n) != 0)
		return false;
	p = aqi_lax_plain_skip(p + n, end);
	if (p == end || *p != ':')
		return false;
	p = aqi_lax_plain_skip(p + 1, end);
	if (p == end || *p != '[')
		return false;
	do {
		p = aqi_lax_plain_skip(p + 1, end);
		x = next_row(lax);
		if (!x || !aqi_lax_plain_record(&lax->plain, &p, end, x))
			return false;
		lax->n_rows++;
		p = aqi_lax_plain_skip(p, end);
	} while (p < end && *p == ',');
	if (p == end || *p != ']')
		return false;
	p = aqi_lax_plain_skip(p + 1, end);
	if (p == end || *p != '}')
		return false;
	*at = p + 1;
	return true;
}

/* As the general way would, or false. */
static bool
read_plain(struct aqi_lax *lax, struct aqi_slice body,
	   enum aqi_lax_shape shape)
{
	const char *p = body.data, *end = p + body.size;
	double *x;

	p = aqi_lax_plain_skip(p, end);
	if (shape == AQI_LAX_BATCH) {
		if (!read_plain_batch(lax, &p, end))
			return false;
	} else {
		x = next_row(lax);
		if (!x || !aqi_lax_plain_record(&lax->plain, &p, end, x))
			return false;
		lax->n_rows++;
	}
	return aqi_lax_plain_skip(p, end) == end;
}

enum aqi_status
aqi_lax_read(struct aqi_lax *lax, struct aqi_slice body, bool is_json,
	     enum aqi_lax_shape shape, struct aqi_lax_result *result)
{
	start(lax);
	if (is_json && body.size > 0 && read_plain(lax, body, shape))
		return finish(lax, result, true);
	return aqi_lax_read_generally(lax, body, is_json, shape, result);
}

void
aqi_lax_free(struct aqi_lax *lax)
{
	if (!lax)
		return;
	free(lax->x);
	free(lax->details);
	aqi_buffer_free(&lax->text);
	free(lax);
}
