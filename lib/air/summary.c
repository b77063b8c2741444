#include "air/summary.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "air/schema.h"
#include "record/ndjson.h"
#include "record/number.h"
#include "record/pipe.h"

struct field {
	uint64_t n_values;	/* good ones */
	uint64_t n_missing;
	uint64_t n_refused;
	double min, max;	/* of the good ones */
	double sum, rest;	/* compensated: the sum is sum + rest, */
	double scale;		/* times this, a power of two */
};

struct aqi_summary {
	const struct aqi_schema *schema;
	struct field fields[];	/* (n_fields of the schema,) */
};

struct aqi_summary *
aqi_summary_new(const struct aqi_schema *schema)
{
	size_t n = schema->n_fields;
	struct aqi_summary *summary =
		calloc(1, sizeof *summary + n * sizeof *summary->fields);

	if (!summary)
		return NULL;
	summary->schema = schema;
	for (size_t i = 0; i < n; i++) {
		summary->fields[i].min = INFINITY;
		summary->fields[i].max = -INFINITY;
		summary->fields[i].scale = 1;
	}
	return summary;
}

void
aqi_summary_free(struct aqi_summary *summary)
{
	free(summary);
}

/* So small that no sum of 2^64 values overflows; what a value this large loses
 * by it stands behind the last digit of the sum. */
#define SMALL_SCALE 0x1p-64

/* Neumaier's sum: exact to the last digits that anyone prints. */
static void
add_to_sum(struct field *s, double x)
{
	double sum = s->sum + x;

	if (fabs(s->sum) >= fabs(x))
		s->rest += (s->sum - sum) + x;
	else
		s->rest += (x - sum) + s->sum;
	s->sum = sum;
}

static void
add_value(struct field *s, double x)
{
	if (s->scale == 1 && !isfinite(s->sum + x)) {
		s->scale = SMALL_SCALE;
		s->sum *= SMALL_SCALE;
		s->rest *= SMALL_SCALE;
	}
	add_to_sum(s, x * s->scale);
	s->n_values++;
	if (x < s->min)
		s->min = x;
	if (x > s->max)
		s->max = x;
}

void
aqi_summary_add(struct aqi_summary *summary, size_t i, enum aqi_status verdict,
		bool is_missing, double x)
{
	struct field *s = &summary->fields[i];

	if (is_missing)
		s->n_missing++;
	if (verdict == AQI_REJECT)
		s->n_refused++;
	else if (verdict == AQI_OK && !isnan(x))
		add_value(s, x);
	else if (verdict == AQI_OK)
		s->n_values++;
}

/*
 * Texts and fields without values have no least, mean and greatest one: none
 * of the three is finite then. A mean of the largest doubles could be rounded
 * beyond them.
 */
static double
mean(const struct field *s)
{
	double x = (s->sum + s->rest) / (double)s->n_values / s->scale;

	if (s->min > s->max)
		return NAN;
	return fmin(fmax(x, s->min), s->max);
}

/* From here on a number with all its digits and four decimals has more digits
 * than a double holds, and is wider than the table. */
#define LARGE 1e15

static const char *
as_text(char out[AQI_NUMBER_SIZE], double x)
{
	if (!isfinite(x))
		return "-";
	if (fabs(x) >= LARGE)
		aqi_number_shortest(out, x);
	else
		aqi_number_rounded(out, x, 4);
	return out;
}

static void
print_text(const struct aqi_summary *summary, const struct aqi_counts *counts,
	   struct aqi_buffer *out)
{
	const struct aqi_schema *schema = summary->schema;

	aqi_buffer_add_format(out, "%" PRIu64 " records, %" PRIu64 " valid, %"
			      PRIu64 " refused\n\n", counts->read,
			      counts->written, counts->refused);
	aqi_buffer_add_format(out, "%-16s %10s %10s %10s %11s %11s %11s  %s\n",
			      "field", "count", "missing", "refused", "min",
			      "mean", "max", "unit");
	for (size_t i = 0; i < schema->n_fields; i++) {
		const struct field *s = &summary->fields[i];
		struct aqi_slice name = schema->names[i];
		struct aqi_slice unit = schema->fields[i].unit;
		char min[AQI_NUMBER_SIZE], middle[AQI_NUMBER_SIZE];
		char max[AQI_NUMBER_SIZE];

		aqi_buffer_add_slice(out, name);
		aqi_buffer_add_format(out, "%*s %10" PRIu64 " %10" PRIu64
				      " %10" PRIu64 " %11s %11s %11s",
				      name.size < 16 ? 16 - (int)name.size : 0,
				      "", s->n_values, s->n_missing,
				      s->n_refused, as_text(min, s->min),
				      as_text(middle, mean(s)),
				      as_text(max, s->max));
		if (unit.size > 0) {
			aqi_buffer_add_text(out, "  ");
			aqi_buffer_add_slice(out, unit);
		}
		aqi_buffer_add_byte(out, '\n');
	}
}

static void
print_json_number(struct aqi_buffer *out, const char *key, double x)
{
	char digits[AQI_NUMBER_SIZE] = "null";

	if (isfinite(x))
		aqi_number_shortest(digits, x + 0.0);	/* no "-0" */
	aqi_buffer_add_format(out, ",\"%s\":%s", key, digits);
}

static void
print_json(const struct aqi_summary *summary, const struct aqi_counts *counts,
	   const char *schema_name, struct aqi_buffer *out)
{
	const struct aqi_schema *schema = summary->schema;

	aqi_buffer_add_text(out, "{\"schema\":");
	aqi_ndjson_add_string(out, aqi_slice_of(schema_name));
	aqi_buffer_add_format(out, ",\"read\":%" PRIu64 ",\"valid\":%" PRIu64
			      ",\"refused\":%" PRIu64 ",\"fields\":{",
			      counts->read, counts->written, counts->refused);
	for (size_t i = 0; i < schema->n_fields; i++) {
		const struct field *s = &summary->fields[i];

		if (i)
			aqi_buffer_add_byte(out, ',');
		aqi_ndjson_add_string(out, schema->names[i]);
		aqi_buffer_add_format(out, ":{\"count\":%" PRIu64
				      ",\"missing\":%" PRIu64 ",\"refused\":%"
				      PRIu64, s->n_values, s->n_missing,
				      s->n_refused);
		print_json_number(out, "min", s->min);
		print_json_number(out, "mean", mean(s));
		print_json_number(out, "max", s->max);
		if (schema->fields[i].unit.size) {
			aqi_buffer_add_text(out, ",\"unit\":");
			aqi_ndjson_add_string(out, schema->fields[i].unit);
		}
		aqi_buffer_add_byte(out, '}');
	}
	aqi_buffer_add_text(out, "}}\n");
}

void
aqi_summary_print(const struct aqi_summary *summary,
		  const struct aqi_counts *counts, const char *schema_name,
		  bool as_json, struct aqi_buffer *out)
{
	if (as_json)
		print_json(summary, counts, schema_name, out);
	else
		print_text(summary, counts, out);
}
