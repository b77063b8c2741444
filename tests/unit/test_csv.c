#include "record/csv.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/processor.h"
#include "base/random.h"
#include "record/csv_plain.h"
#include "tap.h"

/* A record, and its fields with | between them; or its error. */
static const struct {
	const char *record, *fields;
	size_t column;
	const char *reason;
} records[] = {
	{"", "", 0, NULL},
	{"a", "a", 0, NULL},
	{"a,b", "a|b", 0, NULL},
	{",", "|", 0, NULL},
	{",,", "||", 0, NULL},
	{"\"\"", "", 0, NULL},
	{"\"a\",b", "a|b", 0, NULL},
	{"a,\"b\"", "a|b", 0, NULL},
	{"\"a,b\"", "a,b", 0, NULL},
	{"\"a\"\"b\"", "a\"b", 0, NULL},
	{"\"\"\"\"", "\"", 0, NULL},
	{"\"\"\"\"\"\"", "\"\"", 0, NULL},
	{"\"a\nb\",c", "a\nb|c", 0, NULL},
	{"\"a\r\nb\"", "a\r\nb", 0, NULL},
	{"\"a\rb\"", "a\rb", 0, NULL},
	{" a , b ", " a | b ", 0, NULL},
	{"\ta\t", "\ta\t", 0, NULL},
	{"' a'", "' a'", 0, NULL},
	{"a\\,b", "a\\|b", 0, NULL},
	{"a\"b", NULL, 2, "a quote inside a field that is not quoted; quote the "
			  "field and double the quote"},
	{"a\"", NULL, 2, "a quote inside a field that is not quoted; quote the "
			 "field and double the quote"},
	{" \"a\"", NULL, 2, "a quote inside a field that is not quoted; quote "
			    "the field and double the quote"},
	{"x,a\"b\",c", NULL, 4, "a quote inside a field that is not quoted; "
				"quote the field and double the quote"},
	{"\"a\"b", NULL, 4, "text behind a closing quote; double a quote inside "
			    "a field"},
	{"\"a\" ", NULL, 4, "text behind a closing quote; double a quote inside "
			    "a field"},
	{"\"a\" ,b", NULL, 4, "text behind a closing quote; double a quote "
			      "inside a field"},
	{"\"\"a", NULL, 3, "text behind a closing quote; double a quote inside "
			   "a field"},
	{"\"a", NULL, 1, "a quote that never closes"},
	{"\"", NULL, 1, "a quote that never closes"},
	{"a,\"", NULL, 3, "a quote that never closes"},
	{"\"a\",\"b\"\"", NULL, 5, "a quote that never closes"},
	{"\"x\ny\",\"b\nc", NULL, 7, "a quote that never closes"},
	{"\r", NULL, 1, "a CR without LF outside quotes; lines end in LF or "
			"CRLF"},
	{"a\rb", NULL, 2, "a CR without LF outside quotes; lines end in LF or "
			  "CRLF"},
	{"\"a\"\r,b", NULL, 4, "a CR without LF outside quotes; lines end in LF "
			       "or CRLF"},
};

static struct aqi_arena arena;

static bool
is_as_wanted(struct aqi_csv *csv, const char *record, const char *wanted,
	     size_t column, const char *reason)
{
	const struct aqi_slice *fields;
	struct aqi_buffer text = {0};
	struct aqi_error err = {0};
	size_t n;
	enum aqi_status status = aqi_csv_parse(csv, aqi_slice_of(record),
					       &arena, &fields, &n, &err);
	bool same;

	if (status != AQI_OK)
		return !wanted && status == AQI_REJECT &&
		       err.code == AQI_E_SYNTAX && err.column == column &&
		       strcmp(err.reason, reason) == 0;
	for (size_t i = 0; i < n; i++) {
		if (i)
			aqi_buffer_add_byte(&text, '|');
		aqi_buffer_add_slice(&text, fields[i]);
	}
	same = wanted && aqi_slice_is((struct aqi_slice){text.data, text.size},
				      wanted);
	aqi_buffer_free(&text);
	return same;
}

/* Each record after each other one: an error leaves nothing behind. */
static void
test_records(struct aqi_csv *csv)
{
	const size_t n = sizeof records / sizeof *records;
	size_t n_bad = 0;

	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < n; k++) {
			if (!is_as_wanted(csv, records[i].record,
					  records[i].fields, records[i].column,
					  records[i].reason)) {
				note("\"%s\" behind \"%s\"", records[i].record,
				     records[k].record);
				n_bad++;
			}
			(void)!is_as_wanted(csv, records[k].record, "", 0, "");
			aqi_arena_clear(&arena);
		}
	}
	ok(n_bad == 0, "%zu records, each behind each other one, are read or "
	   "refused at their byte", n);
}

/*
 * A record of random bytes of a few kinds, read by a machine that is written
 * straight from RFC 4180: 0 if it is right, else the byte of its fault.
 */
static size_t
naive(const char *p, size_t n, size_t *n_fields)
{
	size_t i = 0, opened;

	for (*n_fields = 1;; ++*n_fields) {
		if (i < n && p[i] == '"') {
			opened = i++;
			for (;; i++) {
				if (i == n)
					return opened + 1;
				if (p[i] != '"')
					continue;
				if (i + 1 == n || p[i + 1] != '"')
					break;
				i++;
			}
			i++;
			if (i < n && p[i] != ',')
				return i + 1;
		} else {
			for (; i < n && p[i] != ','; i++)
				if (p[i] == '"' || p[i] == '\r')
					return i + 1;
		}
		if (i == n)
			return 0;
		i++;
	}
}

static void
test_random(struct aqi_csv *csv, uint64_t seed)
{
	static const char kinds[] = "\"\"\",,ab\r \"";
	struct aqi_random random = aqi_random_new(seed, 0);
	const struct aqi_slice *fields;
	struct aqi_error err;
	char record[16];
	size_t n_bad = 0, n, n_fields, fault, fault_got;

	for (int i = 0; i < 1000000; i++) {
		size_t size = aqi_random_below(&random, sizeof record);
		struct aqi_slice text = {record, size};
		struct aqi_slice spans[20];

		for (size_t k = 0; k < size; k++)
			record[k] = kinds[aqi_random_below(&random,
							   sizeof kinds - 1)];
		fault = naive(record, size, &n_fields);
		err.column = 0;
		if (aqi_csv_parse(csv, text, &arena, &fields, &n, &err) ==
		    AQI_OK)
			fault_got = 0;
		else
			fault_got = err.column;
		aqi_arena_clear(&arena);
		/* A CR outside quotes is looked for first, and may stand
		 * behind another fault. */
		if (fault_got != fault && (!fault ||
		    !fault_got || record[fault_got - 1] != '\r')) {
			if (n_bad++ < 5)
				note("%.*s: %zu for %zu", (int)size, record,
				     fault_got, fault);
			continue;
		}
		if (fault)
			continue;
		n_bad += n != n_fields ||
			 aqi_csv_spans(text, ',', spans, 20) != n;
		for (size_t k = 0; k < n_fields && k < 20; k++)
			n_bad += aqi_csv_find(text, ',', k) !=
				 (size_t)(spans[k].data - record);
	}
	ok(n_bad == 0, "a million random records are judged as by a machine "
	   "made from the RFC, byte and count");
}

/* A record of no text, as one that is made and not read has none. */
static void
test_no_text(void)
{
	struct aqi_slice span = {"", 1};
	size_t n = aqi_csv_spans((struct aqi_slice){NULL, 0}, ',', &span, 1);

	ok(n == 1 && span.size == 0, "no text at all is one empty field");
	ok(aqi_csv_find(aqi_slice_of("a,b"), ',', 2) == 3 &&
	   aqi_csv_find(aqi_slice_of(""), ',', 1) == 0,
	   "a field that a record lacks is at its end");
}

/* What is written reads back; any split of the text ends at the same byte. */
static void
test_write(struct aqi_csv *csv, uint64_t seed)
{
	static const char kinds[] = "\"\n\r, a;|\t\xc3\xa9";
	struct aqi_random random = aqi_random_new(seed, 1);
	struct aqi_buffer out = {0};
	size_t n_bad = 0, n;
	const struct aqi_slice *fields;
	struct aqi_error err;
	char text[4][8];
	size_t sizes[4];

	for (int i = 0; i < 200000; i++) {
		enum aqi_csv_state state = AQI_CSV_FIELD_START;
		uint64_t lines = 0;
		bool ended;
		size_t cut, end;

		aqi_buffer_clear(&out);
		for (size_t k = 0; k < 4; k++) {
			sizes[k] = aqi_random_below(&random, 8);
			for (size_t j = 0; j < sizes[k]; j++)
				text[k][j] = kinds[aqi_random_below(
					&random, sizeof kinds - 1)];
			if (k)
				aqi_buffer_add_byte(&out, ',');
			aqi_csv_add(&out, (struct aqi_slice){text[k], sizes[k]},
				    ',');
		}
		n_bad += aqi_csv_parse(csv, (struct aqi_slice){out.data,
				       out.size}, &arena, &fields, &n, &err) !=
			 AQI_OK || n != 4;
		for (size_t k = 0; k < 4 && n == 4; k++)
			n_bad += !aqi_slice_equal(fields[k],
				(struct aqi_slice){text[k], sizes[k]});
		aqi_arena_clear(&arena);
		aqi_buffer_add_text(&out, "\nnext");
		cut = aqi_random_below(&random, out.size);
		end = aqi_csv_scan(&state, out.data, cut, ',', &lines, &ended);
		if (!ended)
			end += aqi_csv_scan(&state, out.data + cut,
					    out.size - cut, ',', &lines,
					    &ended);
		n_bad += !ended || end != out.size - 4;
	}
	aqi_buffer_free(&out);
	ok(n_bad == 0, "fields that are written read back, and the record ends "
	   "where it ends however it is cut");
}

static void
test_delimiters(void)
{
	static const char delimiters[] = ";\t|: .~\x01";
	size_t n_bad = 0;

	for (size_t i = 0; i + 1 < sizeof delimiters; i++) {
		struct aqi_csv *csv = aqi_csv_new(delimiters[i]);
		char record[] = "a,b?\"c?d\"";

		record[3] = record[6] = delimiters[i];
		for (int k = 0; k < 2; k++) {
			const struct aqi_slice *fields;
			size_t n;

			n_bad += aqi_csv_parse(csv, aqi_slice_of(record),
					       &arena, &fields, &n, NULL) !=
				 AQI_OK || n != 2 || fields[0].size != 3 ||
				 fields[1].size != 3;
		}
		aqi_csv_free(csv);
	}
	ok(n_bad == 0, "any delimiter separates, and the comma is data then");
}

/* As libcsv cuts it? What is left to libcsv is counted. */
static bool
is_cut_right(aqi_csv_cut_fn *cut_quoted, struct aqi_csv *csv,
	     struct aqi_slice record, size_t n_fields, size_t *n_cut)
{
	const struct aqi_csv_plain plain = {record.data, record.size, ',',
					    n_fields};
	struct aqi_extent cut[4];
	const struct aqi_slice *fields;
	struct aqi_error err;
	size_t n;

	if (cut_quoted(&plain, 0, record.size, cut) == AQI_CUT_NOT)
		return true;
	++*n_cut;
	if (aqi_csv_parse(csv, record, &arena, &fields, &n, &err) != AQI_OK ||
	    n != n_fields)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!aqi_slice_equal(fields[i], aqi_field_text(
					aqi_extent_field(cut[i], record.data))))
			return false;
	return true;
}

/* Few bytes of any kind, or fields over some words of 64 bytes. */
static size_t
make_record(struct aqi_random *random, char text[256])
{
	static const char bytes[] = "ab,,\"\"\"\t\n\r\xc3";
	const size_t n_fields = aqi_random_below(random, 5);
	size_t size = 0;

	if (n_fields == 0) {
		const size_t n = 1 + aqi_random_below(random, 12);

		while (size < n)
			text[size++] = bytes[aqi_random_below(random,
							      sizeof bytes)];
		return size;
	}
	for (size_t i = 0; i < n_fields; i++) {
		const bool is_quoted = aqi_random_below(random, 2);
		const size_t n = aqi_random_below(random, 60);

		if (i)
			text[size++] = ',';
		if (is_quoted)
			text[size++] = '"';
		for (size_t k = 0; k < n; k++)
			text[size++] = is_quoted && k % 7 == 3 ? ',' : 'x';
		if (is_quoted)
			text[size++] = '"';
	}
	if (size > 0 && aqi_random_below(random, 4) == 0)
		text[aqi_random_below(random, size)] =
			bytes[aqi_random_below(random, sizeof bytes)];
	return size;
}

static void
test_quoted(aqi_csv_cut_fn *cut_quoted, const char *way, struct aqi_csv *csv,
	    uint64_t seed)
{
	struct aqi_random random = aqi_random_new(seed, 2);
	size_t n_bad = 0, n_cut = 0;
	char text[256];

	for (int i = 0; i < 200000; i++) {
		const struct aqi_slice record = {
			text, make_record(&random, text)};

		n_bad += record.size > 0 &&
			 !is_cut_right(cut_quoted, csv, record,
				       1 + aqi_random_below(&random, 4),
				       &n_cut);
		aqi_arena_clear(&arena);
	}
	note("%zu records are cut", n_cut);
	ok(n_bad == 0 && n_cut > 1000,
	   "what is cut with its quotes in place has the fields of libcsv (%s)",
	   way);
	text[0] = '"';
	text[1] = 'a';
	text[2] = '"';
	ok(is_cut_right(cut_quoted, csv, (struct aqi_slice){text, 3}, 1,
			&n_cut) &&
	   cut_quoted(&(struct aqi_csv_plain){text, 3, ',', 1}, 0, 3,
		      &(struct aqi_extent){0}) == AQI_CUT_ASCII,
	   "and a field in quotes is");
}

/* Within quotes 64 bytes are looked at together, if there are as many: the
 * memory of each text ends where it does. */
static void
test_scan_ends(void)
{
	size_t n_right = 0;

	for (size_t n = 1; n <= 200; n++) {
		enum aqi_csv_state state = AQI_CSV_QUOTED;
		uint64_t lines = 0;
		bool ended = true;
		char *text = malloc(n);

		if (!text)
			abort();
		memset(text, 'x', n);
		n_right += aqi_csv_scan(&state, text, n, ',', &lines,
					&ended) == n &&
			   !ended && state == AQI_CSV_QUOTED;
		free(text);
	}
	ok(n_right == 200, "a quoted field goes on behind what has come of it");
}

int
main(void)
{
	const char *given = getenv("AQI_SEED");
	uint64_t seed = given ? strtoull(given, NULL, 10) : 4180;
	struct aqi_csv *csv = aqi_csv_new(',');

	note("AQI_SEED=%llu", (unsigned long long)seed);
	test_records(csv);
	test_random(csv, seed);
	test_write(csv, seed);
	test_quoted(aqi_csv_cut_quoted, "portable", csv, seed);
	if (aqi_processor_level() >= AQI_AVX2)
		test_quoted(aqi_csv_cut_quoted_avx2, "AVX2", csv, seed);
	else
		skip("records are cut with AVX2", "the processor has no such vectors");
	test_no_text();
	test_delimiters();
	aqi_csv_free(csv);
	aqi_csv_free(NULL);
	aqi_arena_free(&arena);
	test_scan_ends();
	return done();
}
