/*
 * CSV against RFC 4180 once more, field by field and without states. The first
 * byte chooses the delimiter.
 */
#include "base/processor.h"
#include "fuzz.h"
#include "record/csv.h"
#include "record/csv_plain.h"

#define AQI_CSV_PLAIN_TWIN
#define aqi_csv_cut_avx512_vbmi cut_twin
static aqi_csv_cut_fn cut_twin;
#include "record/csv_plain_avx512_vbmi.c"
#undef aqi_csv_cut_avx512_vbmi

#define MAX_FIELDS 256

/* A record as the naive reader has it. */
struct naive {
	struct aqi_buffer text;		/* the fields, decoded */
	size_t ends[MAX_FIELDS];	/* of each in text */
	struct aqi_slice spans[MAX_FIELDS];
	size_t n;
	const char *fault, *cr;		/* the first of each, or NULL */
	const char *end;		/* at the LF, or the end of all */
};

static void
note(const char **place, const char *p)
{
	if (!*place)
		*place = p;
}

/* Behind the quoted part, which begins at p. */
static const char *
quoted(struct naive *r, const char *p, const char *end)
{
	for (const char *q = p + 1; q < end; q++) {
		if (*q == '"' && q + 1 < end && q[1] == '"')
			q++;
		else if (*q == '"')
			return q + 1;
		aqi_buffer_add_byte(&r->text, *q);
	}
	note(&r->fault, p);
	return end;
}

/* A field, from p to where a delimiter, an LF or nothing follows. */
static const char *
field(struct naive *r, const char *p, const char *end, char delimiter)
{
	bool is_quoted = p < end && *p == '"';

	if (is_quoted)
		p = quoted(r, p, end);
	for (; p < end && *p != delimiter && *p != '\n'; p++) {
		if (*p == '\r' && !(p + 1 < end && p[1] == '\n'))
			note(&r->cr, p);
		else if (*p == '\r')
			continue;
		if (is_quoted || *p == '"')
			note(&r->fault, p);
		aqi_buffer_add_byte(&r->text, *p);
	}
	return p;
}

static void
read_record(struct naive *r, const char *p, const char *end, char delimiter)
{
	const char *begin;

	aqi_buffer_clear(&r->text);
	r->fault = r->cr = NULL;
	for (r->n = 0;;) {
		begin = p;
		p = field(r, p, end, delimiter);
		if (r->n < MAX_FIELDS) {
			r->ends[r->n] = r->text.size;
			r->spans[r->n] = (struct aqi_slice){
				begin, (size_t)(p - begin)};
		}
		r->n++;
		if (p == end || *p == '\n')
			break;
		p++;
	}
	r->end = p;
}

/* Whole, and byte by byte: both must end where the record does. */
static void
check_scan(const char *p, const char *end, const char *wanted, char delimiter)
{
	enum aqi_csv_state whole = AQI_CSV_FIELD_START, part = whole;
	uint64_t lines = 0, part_lines = 0;
	bool ended = false, part_ended = false;
	size_t n = aqi_csv_scan(&whole, p, (size_t)(end - p), delimiter, &lines,
				&ended);
	size_t k = 0;

	CHECK(p + n == (wanted < end ? wanted + 1 : end));
	CHECK(ended == (wanted < end));
	while (p + k < end && !part_ended)
		k += aqi_csv_scan(&part, p + k, 1, delimiter, &part_lines,
				  &part_ended);
	CHECK(k == n && part == whole && part_lines == lines &&
	      part_ended == ended);
}

static void
check_fields(const struct naive *r, const struct aqi_slice *fields, size_t n)
{
	size_t start = 0;

	CHECK(n == r->n);
	for (size_t i = 0; i < n && i < MAX_FIELDS; i++) {
		CHECK(aqi_slice_equal(fields[i], (struct aqi_slice){
				r->text.data + start, r->ends[i] - start}));
		start = r->ends[i];
	}
}

/* The same fields written and read again. */
static void
check_written(struct aqi_csv *csv, const struct naive *r, char delimiter)
{
	struct aqi_buffer out = {0};
	static struct aqi_arena arena;
	struct aqi_error err;
	const struct aqi_slice *fields;
	size_t n, start = 0;

	for (size_t i = 0; i < r->n; i++) {
		if (i)
			aqi_buffer_add_byte(&out, delimiter);
		aqi_csv_add(&out, (struct aqi_slice){r->text.data + start,
			    r->ends[i] - start}, delimiter);
		start = r->ends[i];
	}
	CHECK(aqi_csv_parse(csv, (struct aqi_slice){out.data, out.size},
			    &arena, &fields, &n, &err) == AQI_OK);
	check_fields(r, fields, n);
	aqi_arena_clear(&arena);
	aqi_buffer_free(&out);
}

/* A way of the fast lane takes what has no quote, CR or NUL, and that alone. */
static void
check_way(aqi_csv_cut_fn *cut_record, const struct naive *r,
	  struct aqi_slice record, char delimiter)
{
	const bool is_plain = !memchr(record.data, '"', record.size) &&
			      !memchr(record.data, '\r', record.size) &&
			      !memchr(record.data, '\0', record.size);
	struct aqi_csv_plain plain = {record.data, record.size, delimiter,
				      r->n};
	struct aqi_extent extents[MAX_FIELDS + 1];
	struct aqi_slice fields[MAX_FIELDS];

	CHECK((cut_record(&plain, 0, record.size, extents) != AQI_CUT_NOT) ==
	      is_plain);
	if (is_plain) {
		for (size_t i = 0; i < r->n; i++)
			fields[i] = aqi_field_text(aqi_extent_field(
				extents[i], record.data));
		check_fields(r, fields, r->n);
	}
	plain.n_fields++;
	CHECK(cut_record(&plain, 0, record.size, extents) == AQI_CUT_NOT);
	plain.n_fields -= 2;
	CHECK(plain.n_fields == 0 ||
	      cut_record(&plain, 0, record.size, extents) == AQI_CUT_NOT);
}

/* The lane of quotes leaves what it likes, but what it cuts is right. */
static void
check_quoted(aqi_csv_cut_fn *cut_quoted, const struct naive *r,
	     struct aqi_slice record, char delimiter)
{
	const struct aqi_csv_plain plain = {record.data, record.size, delimiter,
					    r->n};
	struct aqi_extent extents[MAX_FIELDS];
	struct aqi_slice fields[MAX_FIELDS];
	enum aqi_csv_cut cut;
	bool is_ascii = true;

	if (r->n > MAX_FIELDS)
		return;
	cut = cut_quoted(&plain, 0, record.size, extents);
	if (cut == AQI_CUT_NOT)
		return;
	CHECK(!r->fault && !r->cr);
	for (size_t i = 0; i < r->n; i++)
		fields[i] = aqi_field_text(aqi_extent_field(extents[i],
							    record.data));
	check_fields(r, fields, r->n);
	for (size_t i = 0; i < record.size; i++)
		is_ascii = is_ascii && !(record.data[i] & 0x80);
	CHECK(is_ascii == (cut == AQI_CUT_ASCII));
}

static void
check_cut(const struct naive *r, struct aqi_slice record, char delimiter)
{
	if (record.size == 0 || r->n > MAX_FIELDS)
		return;
	check_way(aqi_csv_cut_portable, r, record, delimiter);
	check_way(cut_twin, r, record, delimiter);
	if (aqi_processor_level() >= AQI_AVX2)
		check_way(aqi_csv_cut_avx2, r, record, delimiter);
	if (aqi_processor_level() >= AQI_AVX512)
		check_way(aqi_csv_cut_avx512, r, record, delimiter);
	if (aqi_processor_level() >= AQI_AVX512_VBMI)
		check_way(aqi_csv_cut_avx512_vbmi, r, record, delimiter);
}

static void
check_record(struct aqi_csv *csv, const struct naive *r,
	     struct aqi_slice record, char delimiter)
{
	static struct aqi_arena arena;
	struct aqi_error err;
	const struct aqi_slice *fields;
	struct aqi_slice spans[MAX_FIELDS];
	const char *fault = r->cr ? r->cr : r->fault;
	size_t n;

	check_quoted(aqi_csv_cut_quoted, r, record, delimiter);
	if (aqi_processor_level() >= AQI_AVX2)
		check_quoted(aqi_csv_cut_quoted_avx2, r, record, delimiter);
	if (fault) {
		CHECK(aqi_csv_parse(csv, record, &arena, &fields, &n, &err) ==
		      AQI_REJECT);
		CHECK(err.code == AQI_E_SYNTAX && err.reason[0]);
		CHECK(err.column == (size_t)(fault - record.data) + 1);
		aqi_arena_clear(&arena);
		return;
	}
	CHECK(aqi_csv_parse(csv, record, &arena, &fields, &n, &err) == AQI_OK);
	check_fields(r, fields, n);
	aqi_arena_clear(&arena);
	check_cut(r, record, delimiter);
	CHECK(aqi_csv_spans(record, delimiter, spans, MAX_FIELDS) == n);
	for (size_t i = 0; i < n && i < MAX_FIELDS; i++) {
		size_t cr = i + 1 == n && r->spans[i].data + r->spans[i].size >
					  record.data + record.size;

		CHECK(spans[i].data == r->spans[i].data);
		CHECK(spans[i].size == r->spans[i].size - cr);
		/* Each look begins at the record: of many, a few will do. */
		if (i < 4 || i + 4 > n || i % 16 == 0)
			CHECK(record.data + aqi_csv_find(record, delimiter, i)
			      == spans[i].data);
	}
	if (n <= MAX_FIELDS)
		check_written(csv, r, delimiter);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char delimiter = ",;\t|"[input_byte(&data, &size) % 4];
	const char *p = (const char *)data, *end = p + size;
	struct aqi_csv *csv = aqi_csv_new(delimiter);
	struct naive r = {0};

	CHECK(csv && aqi_buffer_room(&r.text, 1));
	while (p < end) {
		struct aqi_slice record = {p, 0};

		read_record(&r, p, end, delimiter);
		check_scan(p, end, r.end, delimiter);
		record.size = (size_t)(r.end - p);
		if (r.end < end && record.size > 0 && r.end[-1] == '\r')
			record.size--;
		check_record(csv, &r, record, delimiter);
		p = r.end + (r.end < end);
	}
	aqi_buffer_free(&r.text);
	aqi_csv_free(csv);
	return 0;
}
