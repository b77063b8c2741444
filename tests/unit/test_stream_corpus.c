/* The corpora of texts that others have made, named by AQI_CORPORA. */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "comma.h"
#include "record/csv.h"
#include "record/json.h"
#include "record/number.h"
#include "record/pipe.h"
#include "record/utf8.h"
#include "lines.h"
#include "tap.h"

static const char *corpora;

static const char *
path_of(const char *folder, const char *file)
{
	static char path[1000];

	snprintf(path, sizeof path, "%s/%s/%s", corpora, folder, file);
	return path;
}

static struct aqi_buffer
load(const char *folder, const char *file)
{
	struct aqi_buffer bytes;
	struct aqi_error err;

	if (aqi_file_load(path_of(folder, file), 100000000, AQI_E_IO, &bytes,
			  &err) != AQI_OK)
		note("%s/%s: %s", folder, file, err.reason);
	else
		aqi_buffer_add_byte(&bytes, '\0');
	return bytes;
}

/* The next field of a line of tabs. */
static char *
next_field(char **line)
{
	return strsep(line, "\t");
}

/* float-parsing: the bits that a text stands for. */
static void
check_float(const char *line, size_t n_bad[3], size_t *n_skipped)
{
	struct aqi_slice text = aqi_slice_of(line + 31);
	uint32_t wanted32 = (uint32_t)strtoul(line + 5, NULL, 16), got32;
	uint64_t wanted64 = strtoull(line + 14, NULL, 16), got64;
	double x = INFINITY;
	float y = INFINITY;
	enum aqi_number is64 = aqi_number_to_double(text, '.', &x);
	enum aqi_number is32 = aqi_number_to_float(text, '.', &y);

	if (is64 == AQI_NUMBER_NOT || is32 == AQI_NUMBER_NOT) {
		/* Of these, our grammar lacks a sign that says nothing. */
		n_bad[2] += is64 != is32 || text.data[0] != '+';
		++*n_skipped;
		return;
	}
	if (text.data[0] == '-' && is64 == AQI_NUMBER_OVERFLOW)
		x = -x;
	if (text.data[0] == '-' && is32 == AQI_NUMBER_OVERFLOW)
		y = -y;
	memcpy(&got64, &x, sizeof got64);
	memcpy(&got32, &y, sizeof got32);
	if (got64 != wanted64 || got32 != wanted32)
		note("%s: %016" PRIx64 " %08" PRIx32, line, got64, got32);
	n_bad[0] += got64 != wanted64;
	n_bad[1] += got32 != wanted32;
}

static void
test_floats(const char *where)
{
	static const char *const files[] = {"lemire-fast-float.txt",
		"more-test-cases.txt", "tencent-rapidjson.txt"};
	size_t n_bad[3] = {0}, n = 0, n_skipped = 0;

	for (size_t i = 0; i < 3; i++) {
		struct aqi_buffer bytes = load("float-parsing", files[i]);
		char *text = bytes.data, *line;

		while (text && (line = next_line(&text))) {
			check_float(line, n_bad, &n_skipped);
			n++;
		}
		aqi_buffer_free(&bytes);
	}
	ok(n == 6922 && n_bad[0] == 0 && n_bad[2] == 0, "float-parsing: %zu "
	   "texts, %zu not in our grammar, %zu doubles with other bits%s", n,
	   n_skipped, n_bad[0], where);
	ok(n == 6922 && n_bad[1] == 0, "float-parsing: %zu floats with other "
	   "bits%s", n_bad[1], where);
}

/* What json-test-suite leaves open, and y_ texts that our rules refuse. */
static const struct {
	const char *file;
	bool is_read;
} choices[] = {
	/* Too small a number is zero, too large a one is refused. */
	{"i_number_double_huge_neg_exp.json", true},
	{"i_number_huge_exp.json", false},
	{"i_number_neg_int_huge_exp.json", false},
	{"i_number_pos_double_huge_exp.json", false},
	{"i_number_real_neg_overflow.json", false},
	{"i_number_real_pos_overflow.json", false},
	{"i_number_real_underflow.json", true},
	/* An integer is the double nearest to it. */
	{"i_number_too_big_neg_int.json", true},
	{"i_number_too_big_pos_int.json", true},
	{"i_number_very_big_negative_int.json", true},
	/* Half a surrogate pair is no character. */
	{"i_object_key_lone_2nd_surrogate.json", false},
	{"i_string_1st_surrogate_but_2nd_missing.json", false},
	{"i_string_1st_valid_surrogate_2nd_invalid.json", false},
	{"i_string_incomplete_surrogate_and_escape_valid.json", false},
	{"i_string_incomplete_surrogate_pair.json", false},
	{"i_string_incomplete_surrogates_escape_valid.json", false},
	{"i_string_invalid_lonely_surrogate.json", false},
	{"i_string_invalid_surrogate.json", false},
	{"i_string_inverted_surrogates_U+1D11E.json", false},
	{"i_string_lone_second_surrogate.json", false},
	/* Text is UTF-8, and well-formed. */
	{"i_string_UTF-16LE_with_BOM.json", false},
	{"i_string_UTF-8_invalid_sequence.json", false},
	{"i_string_UTF8_surrogate_U+D800.json", false},
	{"i_string_invalid_utf-8.json", false},
	{"i_string_iso_latin_1.json", false},
	{"i_string_lone_utf8_continuation_byte.json", false},
	{"i_string_not_in_unicode_range.json", false},
	{"i_string_overlong_sequence_2_bytes.json", false},
	{"i_string_overlong_sequence_6_bytes.json", false},
	{"i_string_overlong_sequence_6_bytes_null.json", false},
	{"i_string_truncated-utf-8.json", false},
	{"i_string_utf16BE_no_BOM.json", false},
	{"i_string_utf16LE_no_BOM.json", false},
	/* The depth has a limit; a mark belongs before a stream, not a value. */
	{"i_structure_500_nested_arrays.json", false},
	{"i_structure_UTF-8_BOM_empty_object.json", false},
	/* No key twice, no NUL. */
	{"y_object_duplicated_key.json", false},
	{"y_object_duplicated_key_and_value.json", false},
	{"y_object_escaped_null_in_key.json", false},
	{"y_string_null_escape.json", false},
};

static bool
should_read(const char *file, bool *is_choice)
{
	*is_choice = false;
	for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
		if (strcmp(file, choices[i].file) == 0) {
			*is_choice = true;
			return choices[i].is_read;
		}
	}
	return file[0] == 'y';
}

static void
test_json_suite(void)
{
	struct aqi_buffer list = load("json-test-suite", "EXPECTED.tsv");
	char *text = list.data, *line, name[300];
	size_t n_refused = 0, n_read = 0, n_chosen = 0, n_bad = 0;

	if (text)
		next_line(&text);
	while (text && (line = next_line(&text))) {
		const char *file = next_field(&line);
		struct aqi_buffer bytes;
		struct aqi_error err = {0};
		struct json_t *value;
		bool is_choice, wanted = should_read(file, &is_choice);

		snprintf(name, sizeof name, "test_parsing/%s", file);
		bytes = load("json-test-suite", name);
		value = aqi_json_read((struct aqi_slice){bytes.data,
				      bytes.size - 1}, &err);
		n_chosen += is_choice;
		n_refused += file[0] == 'n' && !value;
		n_read += file[0] == 'y' && !is_choice && value;
		if (!value != !wanted || (!value && (!err.reason[0] ||
		    err.line == 0 || err.column == 0 ||
		    err.column > bytes.size))) {
			note("%s: %s %" PRIu64 ":%zu", file, err.reason,
			     err.line, err.column);
			n_bad++;
		}
		json_decref(value);
		aqi_buffer_free(&bytes);
	}
	aqi_buffer_free(&list);
	ok(n_bad == 0 && n_refused == 188 && n_read == 91 && n_chosen == 39,
	   "json-test-suite: %zu n_ refused, %zu y_ read, %zu by our rules",
	   n_refused, n_read, n_chosen);
}

/* The records of a file, as a text; what was refused, as counts and places. */
struct records {
	struct aqi_buffer text;	/* each field behind its size, rows by line */
	size_t n_rows, n_refused;
	enum aqi_status status;
	struct aqi_error err;
	struct { enum aqi_code code; uint64_t line; size_t column;
		 char reason[320]; } refusals[5000];
};

static struct records records;

static void
add_batch(const struct aqi_batch *batch)
{
	char size[32];
	struct aqi_error why;

	for (size_t i = 0; i < batch->n_rows; i++) {
		if (batch->refused[i])
			continue;
		records.n_rows++;
		for (size_t k = 0; k < batch->n_columns; k++) {
			struct aqi_field field = aqi_batch_field(batch, i, k);

			snprintf(size, sizeof size, "%u:", field.size);
			aqi_buffer_add_text(&records.text, size);
			aqi_buffer_add_slice(&records.text,
					     aqi_field_text(field));
		}
		aqi_buffer_add_byte(&records.text, '\n');
	}
	for (const struct aqi_refusal *r = batch->refusals; r; r = r->next) {
		size_t n = records.n_refused++;

		aqi_batch_explain(batch, r, &why);
		if (n >= sizeof records.refusals / sizeof *records.refusals)
			continue;
		records.refusals[n].code = why.code;
		records.refusals[n].line = why.line;
		records.refusals[n].column = why.column;
		memcpy(records.refusals[n].reason, why.reason,
		       sizeof why.reason);
	}
}

static void
read_records(const char *path, const struct aqi_format *format)
{
	struct aqi_reader *reader = aqi_reader_new(&path, 1, format);
	struct aqi_reading reading = {0};
	struct aqi_parsing parsing = {0};
	struct aqi_batch batch = {0};

	aqi_buffer_clear(&records.text);
	records.n_rows = records.n_refused = 0;
	while ((records.status = aqi_reader_next(reader, &reading,
						 &records.err)) == AQI_OK) {
		if (aqi_reader_parse(reader, &reading,
				     reading.first_record,
				     reading.chunk.n_records, &parsing, &batch,
				     &records.err) != AQI_OK)
			break;
		add_batch(&batch);
	}
	aqi_batch_free(&batch);
	aqi_parsing_free(&parsing);
	aqi_reading_free(&reading);
	aqi_reader_free(reader);
}

static const struct aqi_format plain = {.delimiter = ',', .decimal_mark = '.',
					.max_record = AQI_MAX_RECORD};

/* A format of n columns without a header, which any file can be read by. */
static struct aqi_format
columns(size_t n)
{
	static char names[4096][24];
	static struct aqi_slice slices[4096];
	struct aqi_format format = plain;

	for (size_t i = 0; i < n; i++) {
		snprintf(names[i], sizeof names[i], "c%zu", i + 1);
		slices[i] = aqi_slice_of(names[i]);
	}
	format.no_header = true;
	format.columns = slices;
	format.n_columns = n;
	return format;
}

/* The same text from JSON: an array of objects or of arrays. */
static void
add_json_rows(const json_t *rows, struct aqi_buffer *text)
{
	size_t i, k;
	const char *key;
	json_t *row, *cell;
	char size[32];

	json_array_foreach(rows, i, row) {
		if (json_is_object(row)) {
			json_object_foreach(row, key, cell) {
				snprintf(size, sizeof size, "%zu:",
					 json_string_length(cell));
				aqi_buffer_add_text(text, size);
				aqi_buffer_add_text(text,
						    json_string_value(cell));
			}
		} else {
			json_array_foreach(row, k, cell) {
				snprintf(size, sizeof size, "%zu:",
					 json_string_length(cell));
				aqi_buffer_add_text(text, size);
				aqi_buffer_add_text(text,
						    json_string_value(cell));
			}
		}
		aqi_buffer_add_byte(text, '\n');
	}
}

/* Does a file read as its JSON says? */
static bool
reads_as(const char *folder, const char *csv, const char *json, bool has_header)
{
	struct aqi_buffer bytes = load(folder, json), wanted = {0};
	json_t *rows = aqi_json_read((struct aqi_slice){bytes.data,
				     bytes.size - 1}, NULL);
	struct aqi_format format = plain;
	bool same;

	if (!has_header)
		format = columns(json_array_size(json_array_get(rows, 0)));
	add_json_rows(rows, &wanted);
	read_records(path_of(folder, csv), &format);
	same = rows && records.status == AQI_END && records.n_refused == 0 &&
	       records.text.size == wanted.size && (wanted.size == 0 ||
	       memcmp(records.text.data, wanted.data, wanted.size) == 0);
	if (!same)
		note("%s/%s differs: %.*s", folder, csv, (int)wanted.size,
		     wanted.data ? wanted.data : "");
	json_decref(rows);
	aqi_buffer_free(&bytes);
	aqi_buffer_free(&wanted);
	return same;
}

/* Is there a refusal of that kind at this byte of the file? */
static bool
refuses_at(struct aqi_slice bytes, size_t at, enum aqi_code code)
{
	uint64_t line = 1;
	size_t start = 0;

	for (size_t i = 0; i < at && i < bytes.size; i++) {
		if (bytes.data[i] == '\n') {
			line++;
			start = i + 1;
		}
	}
	for (size_t i = 0; i < records.n_refused; i++)
		if (records.refusals[i].code == code &&
		    records.refusals[i].line == line &&
		    records.refusals[i].column == at - start + 1)
			return true;
	return false;
}

/* One file has a quote in a bare field, which a strict reader refuses. */
static bool
refuses_spectrum(const char *csv, const char *verdict)
{
	struct aqi_buffer bytes = load("csv-spectrum", csv);
	bool refused;

	read_records(path_of("csv-spectrum", csv), &plain);
	refused = refuses_at((struct aqi_slice){bytes.data, bytes.size - 1},
			     strtoul(verdict, NULL, 10), AQI_E_SYNTAX);
	aqi_buffer_free(&bytes);
	return refused;
}

static void
test_spectrum(void)
{
	struct aqi_buffer list = load("csv-spectrum", "FACTS.tsv");
	char *text = list.data, *line, csv[300], json[300];
	size_t n = 0, n_bad = 0, n_broken = 0;

	if (text)
		next_line(&text);
	while (text && (line = next_line(&text))) {
		char *name = next_field(&line), *at = strrchr(line, '@');

		snprintf(csv, sizeof csv, "csvs/%s", name);
		n++;
		if (at) {
			n_bad += !refuses_spectrum(csv, at + 1);
			n_broken++;
			continue;
		}
		name[strlen(name) - 4] = '\0';
		snprintf(json, sizeof json, "json/%s.json", name);
		n_bad += !reads_as("csv-spectrum", csv, json, true);
	}
	aqi_buffer_free(&list);
	ok(n == 12 && n_bad == 0 && n_broken == 1, "csv-spectrum: %zu of %zu "
	   "read as their JSON, or are refused at the byte of the quote",
	   n - n_bad, n);
}

/* A file must hold exactly this header to be good. */
static bool
has_good_header(const char *name)
{
	struct aqi_buffer bytes = load("csv-test-data/csv", name);
	bool is = bytes.size >= 11 && memcmp(bytes.data, "foo,bar,baz", 11) == 0;

	aqi_buffer_free(&bytes);
	return is;
}

static void
test_test_data(void)
{
	struct aqi_buffer list = load("csv-test-data", "FACTS.tsv");
	char *text = list.data, *line, csv[300], json[300];
	size_t n = 0, n_bad = 0;

	if (text)
		next_line(&text);
	while (text && (line = next_line(&text))) {
		char *name = next_field(&line);

		snprintf(csv, sizeof csv, "csv/%s", name);
		n++;
		if (strncmp(name, "bad-", 4) == 0) {
			read_records(path_of("csv-test-data", csv), &plain);
			if (records.status == AQI_END &&
			    records.n_refused == 0 && has_good_header(name)) {
				note("%s was read", name);
				n_bad++;
			}
			continue;
		}
		name[strlen(name) - 4] = '\0';
		snprintf(json, sizeof json, "json/%s.json", name);
		n_bad += !reads_as("csv-test-data", csv, json,
				   strncmp(name, "header-", 7) == 0);
	}
	aqi_buffer_free(&list);
	ok(n == 25 && n_bad == 0, "csv-test-data: %zu of %zu as their names "
	   "say", n - n_bad, n);
}

/* What FACTS.tsv says of a file of csv-duckdb. */
struct facts {
	char *file;
	size_t n_records, n_blank, n_columns;
	bool is_ragged, has_cr;
	char *verdict;
};

static bool
next_facts(char **text, struct facts *facts)
{
	char *line = next_line(text), *ends, *at[13];

	if (!line)
		return false;
	for (int i = 0; i < 13; i++)
		at[i] = next_field(&line);
	ends = at[5];
	*facts = (struct facts){
		.file = at[0],
		.n_records = strtoul(at[6], NULL, 10),
		.n_blank = strtoul(at[7], NULL, 10),
		.n_columns = strtoul(at[9], NULL, 10),
		.is_ragged = strcmp(at[10], "yes") == 0,
		.verdict = at[12],
	};
	facts->has_cr = strcmp(ends, "CR") == 0 ||
			strncmp(ends, "CR+", 3) == 0 ||
			(strlen(ends) > 3 &&
			 strcmp(ends + strlen(ends) - 3, "+CR") == 0);
	if (facts->n_columns == 0)
		facts->n_columns = 1;
	return true;
}

static bool
refuses_as(const char *word)
{
	for (size_t i = 0; i < records.n_refused; i++)
		if (strstr(records.refusals[i].reason, word))
			return true;
	return false;
}

/* What a file was read as, against what is known of it. */
static const char *
judge(const struct facts *facts, struct aqi_slice bytes)
{
	size_t bad = aqi_utf8_check(bytes);
	size_t n_records = facts->n_records +
			   (facts->n_columns == 1 ? facts->n_blank : 0);
	const char *at = strchr(facts->verdict, '@');

	if (records.status == AQI_FATAL)
		return records.err.code == AQI_E_ENCODING ? NULL : "fatal";
	if (bad < bytes.size)
		return refuses_at(bytes, bad, AQI_E_ENCODING) ? NULL :
		       "the byte that is no UTF-8";
	if (facts->has_cr)
		return refuses_as("a CR without LF") ? NULL : "the lone CR";
	if (at && !refuses_at(bytes, strtoul(at + 1, NULL, 10), AQI_E_SYNTAX))
		return "the byte of the quote";
	if (strcmp(facts->verdict, "unterminated-quote") == 0 &&
	    !refuses_as("a quote that never closes"))
		return "the open quote";
	if (strcmp(facts->verdict, "ok") != 0)
		return NULL;
	if (records.n_rows + records.n_refused != n_records)
		return "the count of records";
	if (!facts->is_ragged && records.n_refused > 0)
		return "good records that are refused";
	if (facts->is_ragged && !refuses_as("where the header has"))
		return "the ragged records";
	return NULL;
}

static void
test_duckdb_csv(void)
{
	struct aqi_buffer list = load("csv-duckdb", "FACTS.tsv");
	char *text = list.data;
	size_t n = 0, n_bad = 0, n_good = 0;
	struct facts facts;

	if (text)
		next_line(&text);
	while (text && next_facts(&text, &facts)) {
		struct aqi_buffer bytes = load("csv-duckdb", facts.file);
		struct aqi_format format = columns(facts.n_columns);
		const char *wrong;

		read_records(path_of("csv-duckdb", facts.file), &format);
		wrong = judge(&facts, (struct aqi_slice){bytes.data,
							 bytes.size - 1});
		if (wrong) {
			note("%s (%s): %s; %zu read, %zu refused, first %" PRIu64
			     ":%zu %s", facts.file, facts.verdict, wrong,
			     records.n_rows, records.n_refused,
			     records.refusals[0].line,
			     records.refusals[0].column,
			     records.n_refused ? records.refusals[0].reason :
						 "");
			n_bad++;
		}
		n_good += records.n_refused == 0 &&
			  records.status == AQI_END;
		n++;
		aqi_buffer_free(&bytes);
	}
	aqi_buffer_free(&list);
	ok(n == 166 && n_bad == 0, "csv-duckdb: %zu of %zu as known, %zu of "
	   "them without a fault", n - n_bad, n, n_good);
}

static void
test_duckdb_ndjson(void)
{
	struct aqi_buffer list = load("ndjson-duckdb", "FACTS.tsv");
	char *text = list.data, *line;
	size_t n = 0, n_bad = 0, n_rows = 0, n_refused = 0;
	struct aqi_format format = plain;

	format.in = AQI_SYNTAX_NDJSON;
	if (text)
		next_line(&text);
	while (text && (line = next_line(&text))) {
		char *field[9];
		size_t n_lines, n_blank, n_valid, n_repeated, n_object;
		bool found = false;

		for (int i = 0; i < 9; i++)
			field[i] = next_field(&line);
		n_lines = strtoul(field[2], NULL, 10);
		n_blank = strtoul(field[3], NULL, 10);
		n_valid = strtoul(field[4], NULL, 10);
		n_repeated = strtoul(field[7], NULL, 10);
		read_records(path_of("ndjson-duckdb", field[0]), &format);
		/* Valid lines may be no objects: those are told by name. */
		n_object = n_valid - n_repeated;
		for (size_t i = 0; i < records.n_refused; i++) {
			n_object -= strstr(records.refusals[i].reason,
					   "is no record") != NULL;
			found |= records.refusals[i].line ==
				 strtoul(field[6], NULL, 10);
		}
		/* Behind a mark, a bracket alone is still no record. */
		if (records.status != AQI_END || records.n_rows != n_object ||
		    records.n_rows + records.n_refused != n_lines - n_blank ||
		    (field[6][0] != '-' && !found)) {
			note("%s: %zu read, %zu refused", field[0],
			     records.n_rows, records.n_refused);
			n_bad++;
		}
		n_rows += records.n_rows;
		n_refused += records.n_refused;
		n++;
	}
	aqi_buffer_free(&list);
	ok(n == 57 && n_bad == 0, "ndjson-duckdb: %zu of %zu files as known, "
	   "%zu records read and %zu refused", n - n_bad, n, n_rows, n_refused);
}

static char scratch[] = "/tmp/aqi-corpus.XXXXXX";

/* A file in our own folder; two of them can be named at a time. */
static const char *
scratch_file(const char *name)
{
	static char paths[2][100];
	static int turn;

	turn = !turn;
	snprintf(paths[turn], sizeof paths[turn], "%s/%s", scratch, name);
	return paths[turn];
}

/* One file to another in a syntax; the count of refused records, or -1. */
static long
convert(const char *from, const char *to, const struct aqi_format *like,
	enum aqi_syntax out)
{
	struct aqi_format format = *like;
	struct aqi_error err;
	struct aqi_pipe pipe = {.format = &format};
	enum aqi_status status;

	format.in = out == AQI_SYNTAX_CSV ? AQI_SYNTAX_NDJSON : AQI_SYNTAX_CSV;
	format.out = out;
	pipe.reader = aqi_reader_new(&from, 1, &format);
	pipe.out = aqi_sink_open(to, NULL, &err);
	if (!pipe.reader || !pipe.out)
		return -1;
	status = aqi_pipe_run(&pipe, &err);
	if (aqi_sink_close(pipe.out, &err) != AQI_OK)
		status = AQI_FATAL;
	aqi_reader_free(pipe.reader);
	if (status != AQI_OK || pipe.counts.read != pipe.counts.written +
						    pipe.counts.refused)
		return -1;
	return (long)pipe.counts.refused;
}

/* CSV to NDJSON and back; the refused of the first way, or -1. */
static long
round_trip(const char *from, const char *back, const struct aqi_format *format)
{
	char between[100];
	long n;

	snprintf(between, sizeof between, "%s/between", scratch);
	n = convert(from, between, format, AQI_SYNTAX_NDJSON);
	return n < 0 || convert(between, back, format, AQI_SYNTAX_CSV) != 0 ?
	       -1 : n;
}

/* All files that can be read at all come back with the same records. */
static void
test_round_trips(void)
{
	struct aqi_buffer list = load("csv-duckdb", "FACTS.tsv"), first = {0};
	char *text = list.data, from[1000], back[100];
	size_t n = 0, n_bad = 0;
	struct facts facts;

	snprintf(back, sizeof back, "%s/back", scratch);
	if (text)
		next_line(&text);
	while (text && next_facts(&text, &facts)) {
		struct aqi_format format = columns(facts.n_columns);

		snprintf(from, sizeof from, "%s",
			 path_of("csv-duckdb", facts.file));
		read_records(from, &format);
		if (records.status != AQI_END)
			continue;
		aqi_buffer_clear(&first);
		aqi_buffer_add(&first, records.text.data, records.text.size);
		n++;
		if (round_trip(from, back, &format) !=
		    (long)records.n_refused) {
			note("%s is not converted", facts.file);
			n_bad++;
			continue;
		}
		read_records(back, &format);
		if (records.n_refused || records.text.size != first.size ||
		    (first.size && memcmp(records.text.data, first.data,
					  first.size) != 0)) {
			note("%s comes back changed", facts.file);
			n_bad++;
		}
	}
	aqi_buffer_free(&list);
	aqi_buffer_free(&first);
	ok(n > 150 && n_bad == 0, "csv-duckdb: the records of %zu of %zu files "
	   "come back from NDJSON", n - n_bad, n);
}

/* Texts as the second field of records; the file they are in comes back. */
static void
check_texts(const char *name, const struct aqi_slice *texts, size_t n,
	    size_t n_refused)
{
	struct aqi_buffer all = {0}, good = {0}, got;
	char from[100], back[100], number[32];
	struct aqi_error err;
	FILE *f;
	long refused;

	snprintf(from, sizeof from, "%s/from", scratch);
	snprintf(back, sizeof back, "%s/back", scratch);
	aqi_buffer_add_text(&all, "n,text\n");
	aqi_buffer_add_text(&good, "n,text\n");
	for (size_t i = 0; i < n; i++) {
		bool is_good = aqi_utf8_check(texts[i]) == texts[i].size;

		for (int k = 0; k < 1 + is_good; k++) {
			struct aqi_buffer *out = k ? &good : &all;

			snprintf(number, sizeof number, "%zu,", i);
			aqi_buffer_add_text(out, number);
			aqi_csv_add(out, texts[i], ',');
			aqi_buffer_add_byte(out, '\n');
		}
	}
	f = fopen(from, "w");
	if (!f || fwrite(all.data, 1, all.size, f) != all.size || fclose(f))
		note("%s cannot be written", from);
	refused = round_trip(from, back, &plain);
	if (aqi_file_load(back, 10000000, AQI_E_IO, &got, &err) != AQI_OK)
		note("%s", err.reason);
	ok(refused == (long)n_refused && got.size == good.size &&
	   memcmp(got.data, good.data, good.size) == 0,
	   "%s: of %zu texts %ld are refused, the others come back byte for "
	   "byte", name, n, refused);
	aqi_buffer_free(&all);
	aqi_buffer_free(&good);
	aqi_buffer_free(&got);
}

static void
test_texts(void)
{
	static struct aqi_slice texts[2000];
	struct aqi_buffer bytes = load("naughty-strings", "blns.json");
	json_t *list = aqi_json_read((struct aqi_slice){bytes.data,
				     bytes.size - 1}, NULL), *item;
	char *text, *line;
	size_t n, i;

	json_array_foreach(list, i, item)
		texts[i] = (struct aqi_slice){json_string_value(item),
					      json_string_length(item)};
	check_texts("naughty-strings", texts, json_array_size(list), 0);
	json_decref(list);
	aqi_buffer_free(&bytes);

	bytes = load("utf8-stress", "UTF-8-test.txt");
	n = 0;
	for (text = bytes.data; text && text < bytes.data + bytes.size - 1;
	     text = line + 1) {
		line = memchr(text, '\n', bytes.size);
		texts[n++] = (struct aqi_slice){text, (size_t)(line - text)};
	}
	check_texts("utf8-stress", texts, n, 69);
	aqi_buffer_free(&bytes);
}

int
main(void)
{
	corpora = getenv("AQI_CORPORA");
	if (!corpora) {
		skip("the corpora are read as is known of them",
		     "AQI_CORPORA is not set");
		return done();
	}
	if (!mkdtemp(scratch))
		return 1;
	test_floats("");
	test_json_suite();
	test_spectrum();
	test_test_data();
	test_duckdb_csv();
	test_duckdb_ndjson();
	test_round_trips();
	test_texts();
	if (enter_comma()) {
		test_floats(" under a decimal comma");
		test_json_suite();
		leave_comma();
	} else {
		skip("numbers are the same under a decimal comma",
		     "no locale de_DE.UTF-8, nor localedef to make it");
	}
	for (const char *const *f = (const char *const[]){"from", "between",
	     "back", NULL}; *f; f++)
		unlink(scratch_file(*f));
	rmdir(scratch);
	aqi_buffer_free(&records.text);
	return done();
}
