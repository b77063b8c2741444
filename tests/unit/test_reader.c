/* Foreign CSV files, read as a format says and written again. */
#include "record/reader.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "record/pipe.h"
#include "tap.h"

static char in_path[] = "/tmp/aqi-reader.XXXXXX";
static char out_path[] = "/tmp/aqi-written.XXXXXX";

static void
add_message(void *self, const struct aqi_error *why)
{
	aqi_buffer_add_format(self, "%" PRIu64 ":%zu:%s:%s;", why->line,
			      why->column, why->field, why->reason);
}

static void
store(const char *path, struct aqi_slice text)
{
	FILE *file = fopen(path, "w");

	if (!file || fwrite(text.data, 1, text.size, file) != text.size ||
	    fclose(file) != 0)
		abort();
}

/* What is written of the files, then "!" and what is said, if anything is. */
static void
run(const struct aqi_format *format, size_t n_files, struct aqi_buffer *out)
{
	const char *const files[] = {in_path, in_path};
	struct aqi_buffer said = {0}, written;
	struct aqi_error err;
	struct aqi_pipe pipe = {
		.reader = aqi_reader_new(files, n_files, format),
		.format = format,
		.out = aqi_sink_open(out_path, NULL, &err),
		.watcher = {.self = &said, .refused = add_message},
	};

	if (aqi_pipe_run(&pipe, &err) != AQI_OK)
		add_message(&said, &err);
	aqi_reader_free(pipe.reader);
	if (aqi_sink_close(pipe.out, &err) != AQI_OK ||
	    aqi_file_load(out_path, 10000, AQI_E_IO, &written, &err) != AQI_OK)
		abort();
	aqi_buffer_clear(out);
	aqi_buffer_add(out, written.data, written.size);
	if (said.size)
		aqi_buffer_add_byte(out, '!');
	aqi_buffer_add(out, said.data, said.size);
	aqi_buffer_free(&written);
	aqi_buffer_free(&said);
}

#define TEXT(literal) {literal, sizeof (literal) - 1}

static const struct aqi_slice names[] = {TEXT("a"), TEXT("b")};
static const struct aqi_slice repeated[] = {TEXT("a"), TEXT(""), TEXT("a"),
					    TEXT("b")};
static const struct aqi_slice only_b[] = {TEXT("b")};

/* A hundred; with four of them a number is longer than any that we write. */
#define ZEROS "0000000000000000000000000000000000000000" \
	"000000000000000000000000000000000000000000000000000000000000"

static const struct {
	const char *sentence;
	struct aqi_format format;
	size_t n_files;
	struct aqi_slice text;
	const char *wanted;
} cases[] = {
	{"what stands before the header has no part in it", {.skip_lines = 2},
	 1, TEXT("Report \"of\n\xff\0\na,b\n1,2\n"), "a,b\n1,2\n"},
	{"lines keep their numbers behind it", {.skip_lines = 2},
	 1, TEXT("x\ny\na,b\n1,2,3\n\"\n\",\n"),
	 "a,b\n\"\n\",\n!4:5::3 fields where the header has 2;"},
	{"a header with a fault is at its line", {.skip_lines = 2},
	 1, TEXT("x\ny\na,a\n"),
	 "!3:3::columns 1 and 2 of the header are both named \"a\" (--columns can do without them);"},
	{"behind a newline in quotes it is at the line where it stands", {0},
	 1, TEXT("\"a\n\",\"a\n\"\n"),
	 "!2:3::columns 1 and 2 of the header are both named \"a\\x0a\" "
	 "(--columns can do without them);"},
	{"a record that may be torn is refused", {.require_newline = true},
	 1, TEXT("a,b\n1,2\n3,4"),
	 "a,b\n1,2\n!3:4::the file ends without a newline: this record may be "
	 "torn (--require-newline);"},
	{"one that has its newline is not", {.require_newline = true},
	 1, TEXT("a,b\n1,2\n"), "a,b\n1,2\n"},
	{"a column that is not there is missed at the header's line",
	 {.skip_lines = 1, .columns = names, .n_columns = 2},
	 1, TEXT("x\na,c\n"),
	 "!2:0:b:no such column, though --columns names it;"},
	{"a JSON array behind a preamble is named at its line",
	 {.skip_lines = 1, .in = AQI_SYNTAX_CSV}, 1, TEXT("x\n[{\"a\":1}]\n"),
	 "!2:1::this looks like a JSON array; a record is one JSON object a "
	 "line (jq -c '.[]');"},
	{"each file has its preamble", {.skip_lines = 1}, 2,
	 TEXT("x\na,b\n1,2\n"), "a,b\n1,2\n1,2\n"},
	{"NDJSON has none", {.skip_lines = 1, .unit_lines = 1,
			     .trailer = TEXT("{"), .header_start = TEXT("a")},
	 1, TEXT("{\"a\":1}\n{\"a\":2}\n"), "{\"a\":1}\n{\"a\":2}\n"},
	{"a header is found by how it begins", {.header_start = TEXT("a;"), .delimiter = ';'},
	 1, TEXT("Stadt: a;b\n\naa;\na;b\n1;2\na;b\n"), "a;b\n1;2\na;b\n"},
	{"lines are skipped before it is looked for",
	 {.skip_lines = 1, .header_start = TEXT("a")}, 1,
	 TEXT("a,b,c\nx\na,b\n1,2\n"), "a,b\n1,2\n"},
	{"a header that is not found is named", {.header_start = TEXT("a\"")},
	 1, TEXT("b,c\n1,2\na"),
	 "!0:0::no line begins with \"a\\x22\", as the header should;"},
	{"a file that ends before its header is named so", {.skip_lines = 3},
	 1, TEXT("a,b\n1,2\n"),
	 "!0:0::the file ends within the 3 lines that stand before its header;"},
	{"a file with a preamble alone has no header", {.skip_lines = 2},
	 1, TEXT("a,b\n1,2\n"), "!0:0::empty: not even a header line;"},
	{"a line of units is no record", {.unit_lines = 1}, 1,
	 TEXT("a,b\nug/m3,\"C\n\"\n1,2\n"), "a,b\n1,2\n"},
	{"it may be the last", {.unit_lines = 2}, 1, TEXT("a,b\nug/m3,C"),
	 "a,b\n"},
	{"names that are given come for a header",
	 {.header = names, .n_header = 2}, 1, TEXT("1,2\n3\n"),
	 "a,b\n1,2\n!2:2::1 field where the header has 2;"},
	{"columns are chosen of them",
	 {.header = names, .n_header = 2, .columns = only_b, .n_columns = 1},
	 1, TEXT("1,2\n3,4\n"), "b\n2\n4\n"},
	{"they stand for a header behind a preamble, before units",
	 {.header = names, .n_header = 2, .skip_lines = 1, .unit_lines = 1},
	 1, TEXT("x\nC,C\n1,2\n"), "a,b\n1,2\n"},
	{"they may be repeated and empty, where that is allowed",
	 {.header = repeated, .n_header = 4, .allow_repeated_names = true},
	 1, TEXT("1,2,3,4\n"), "a,b\n1,4\n"},
	{"nothing with names that are given is no record",
	 {.header = names, .n_header = 2}, 1, TEXT(""), "a,b\n"},
	{"data ends where the trailer begins", {.trailer = TEXT("Total")}, 1,
	 TEXT("a,b\n1,2\n\nTotal,\"2\n\xff\n3,4\n"), "a,b\n1,2\n"},
	{"the trailer may be the last line, and be cut",
	 {.trailer = TEXT("Total")}, 1, TEXT("a,b\n1,2\nTotal"),
	 "a,b\n1,2\n"},
	{"what is the start of its start is data",
	 {.trailer = TEXT("Total")}, 1, TEXT("a,b\nTota,1\nTot,"),
	 "a,b\nTota,1\nTot,\n"},
	{"within quotes it is data", {.trailer = TEXT("Total")}, 1,
	 TEXT("a,b\n\"\nTotal\",1\n"), "a,b\n\"\nTotal\",1\n"},
	{"an empty line is no record of one column before a trailer",
	 {.trailer = TEXT("#")}, 1, TEXT("a\n1\n\n#\n2\n"), "a\n1\n"},
	{"but it is without one", {0}, 1, TEXT("a\n1\n\n"), "a\n1\n\n"},
	{"a trailer for a header lacks the header", {.trailer = TEXT("#")}, 1,
	 TEXT("#\na\n"), "!0:0::empty: not even a header line;"},
	{"a file goes on behind the trailer of the last one",
	 {.trailer = TEXT("#")}, 2, TEXT("a,b\n1,2\n#"), "a,b\n1,2\n1,2\n"},
	{"repeated and empty names are faults", {0}, 1, TEXT("a,,b,\n1,2,3,4\n"),
	 "!1:3::column 2 of the header has no name (--columns can do without it);"},
	{"where they are allowed, the first of a name counts",
	 {.allow_repeated_names = true}, 1,
	 TEXT("a,,b,a,\n1,x,3,4,\n1,2,3,4\n"),
	 "a,b\n1,3\n!3:8::4 fields where the header has 5;"},
	{"the same of two files", {.allow_repeated_names = true}, 2,
	 TEXT("a,,b,a,\n1,x,3,4,\n"), "a,b\n1,3\n1,3\n"},
	{"rows of delimiters are records", {0}, 1, TEXT("a,b\n,\n"), "a,b\n,\n"},
	{"unless they are to be dropped", {.drop_blank_rows = true}, 1,
	 TEXT("a,b\n,\n1,\n ,\t\n,2\n,,,\n\n\"\",\n"),
	 "a,b\n1,\n,2\n\"\",\n"},
	{"a long row of delimiters is refused all the same",
	 {.drop_blank_rows = true, .max_record = 5}, 1,
	 TEXT("a,b\n,,,,\n,,,,,\n,,,,,,\n"),
	 "a,b\n!4:1::the record is longer than 5 bytes (--max-record); does a "
	 "quote never close?;"},
	{"input may have another delimiter than output",
	 {.in_delimiter = ';'}, 1, TEXT("a;b,c\n\"1;2\";3\n4,5;\" \"\"\"\n"),
	 "a,\"b,c\"\n1;2,3\n\"4,5\",\" \"\"\"\n"},
	{"faults are where they stand in the input", {.in_delimiter = ';'}, 1,
	 TEXT("a;b\n1,1;2;3\n"),
	 "a,b\n!2:7::3 fields where the header has 2;"},
	{"a tab before, a tab behind",
	 {.in_delimiter = '\t', .delimiter = '\t'}, 1, TEXT("a\tb\n1 \t2\n"),
	 "a\tb\n1 \t2\n"},
	{"the decimal mark of numbers changes, and of nothing else",
	 {.in_delimiter = ';', .in_decimal_mark = ',', .numbers = names,
	  .n_numbers = 1}, 1, TEXT("a;b\n1,5;1,5\n -2,25e3;x\n1.5;\nx,y;\n"),
	 "a,b\n1.5,\"1,5\"\n -2.25e3,x\n1.5,\n\"x,y\",\n"},
	{"in every column where numbers are guessed",
	 {.in_delimiter = ';', .in_decimal_mark = ',', .infer = true}, 1,
	 TEXT("a;b\n1,5;01,5\n"), "a,b\n1.5,01.5\n"},
	{"from the point to the comma too",
	 {.in_delimiter = ',', .in_decimal_mark = '.', .delimiter = ';',
	  .decimal_mark = ',', .infer = true}, 1, TEXT("a,b\n1.5,x.y\n"),
	 "a;b\n1,5;x.y\n"},
	{"names that nobody gives are missed", {.no_header = true}, 1,
	 TEXT("1,2\n"),
	 "!0:0::--no-header needs the names: --columns NAME,...;"},
	{"NDJSON may begin with blank lines", {.in = AQI_SYNTAX_NDJSON}, 1,
	 TEXT("\n \n{\"a\":1}\n"), "{\"a\":1}\n"},
	{"a key may be empty in JSON", {0}, 1, TEXT("{\"\":1}\n"),
	 "{\"\":1}\n"},
	{"but not in CSV", {.out = AQI_SYNTAX_CSV}, 1, TEXT("{\"\":1}\n"),
	 "!1:0::a key is empty, and CSV needs a name for each column; choose "
	 "them with --columns;"},
	{"of numbers with a comma, only those are guessed that have no point",
	 {.in_delimiter = ';', .in_decimal_mark = ',', .infer = true,
	  .out = AQI_SYNTAX_NDJSON}, 1,
	 TEXT("a;b\n15;1.5\n0," ZEROS ZEROS ZEROS ZEROS "1;,\n"),
	 "{\"a\":15,\"b\":\"1.5\"}\n"
	 "{\"a\":\"0," ZEROS ZEROS ZEROS ZEROS "1\",\"b\":\",\"}\n"},
	{"and to JSON",
	 {.in_delimiter = ';', .in_decimal_mark = ',', .numbers = names,
	  .n_numbers = 1, .out = AQI_SYNTAX_NDJSON}, 1,
	 TEXT("a;b\n1,5;1,5\n"), "{\"a\":1.5,\"b\":\"1,5\"}\n"},
};

static void
check(size_t i)
{
	struct aqi_format format = cases[i].format;
	struct aqi_buffer out = {0};
	bool same;

	if (!format.delimiter)
		format.delimiter = ',';
	if (!format.decimal_mark)
		format.decimal_mark = '.';
	if (!format.max_record)
		format.max_record = AQI_MAX_RECORD;
	store(in_path, cases[i].text);
	run(&format, cases[i].n_files, &out);
	same = aqi_slice_is((struct aqi_slice){out.data, out.size},
			    cases[i].wanted);
	if (!ok(same, "%s", cases[i].sentence))
		note("%.*s for %s", (int)out.size, out.data, cases[i].wanted);
	aqi_buffer_free(&out);
}

/* The first file holds no record that could name the columns. */
static void
test_resume_unnamed(void)
{
	const char *const files[] = {in_path, out_path};
	const struct aqi_format format = {
		.in = AQI_SYNTAX_NDJSON, .delimiter = ',', .decimal_mark = '.',
		.max_record = AQI_MAX_RECORD};
	struct aqi_reader *first = aqi_reader_new(files, 2, &format);
	struct aqi_reader *second = aqi_reader_new(files, 2, &format);
	struct aqi_reading reading = {0};
	struct aqi_reader_position place;
	struct aqi_layout *layout;
	struct aqi_error err;

	store(in_path, aqi_slice_of("{\n"));
	store(out_path, aqi_slice_of("{\"a\":1}\n"));
	ok(aqi_reader_next(first, &reading, &err) == AQI_OK &&
	   !aqi_reader_layout(first) &&
	   aqi_reader_tell(first, &reading, &place) && !place.is_open &&
	   place.lacks_names && place.source.file == 1,
	   "a reader can be left before any column is known");
	ok(aqi_reader_resume(second, &place, &err) == AQI_OK &&
	   !aqi_reader_layout(second) && aqi_reader_lacks_names(second),
	   "another goes on there, and knows as little");
	ok(aqi_reader_next(second, &reading, &err) == AQI_OK &&
	   strcmp(reading.chunk.file, out_path) == 0 &&
	   (layout = aqi_reader_layout(second)) && layout->n_inputs == 1 &&
	   aqi_slice_is(layout->inputs[0], "a"),
	   "the columns are those of the next file's record");
	aqi_reading_free(&reading);
	aqi_reader_free(first);
	aqi_reader_free(second);
}

/* What is said of a file with a column that the one before it has not. */
static void
test_other_columns(void)
{
	static const char *const reasons[] = {
		"the first file has no such column; choose the columns with "
		"--columns",
		"the first file has no such column for --rejects or --keep "
		"all; choose the columns with --columns",
	};
	const char *const files[] = {in_path, out_path};
	struct aqi_format format = {.delimiter = ',', .decimal_mark = '.',
				    .max_record = AQI_MAX_RECORD};

	store(in_path, aqi_slice_of("a\n1\n"));
	store(out_path, aqi_slice_of("a,\"b\"\n1,2\n"));
	for (int i = 0; i < 2; i++) {
		struct aqi_reader *reader;
		struct aqi_reading reading = {0};
		struct aqi_error err = {0};
		enum aqi_status status;

		format.binds_files = i;
		reader = aqi_reader_new(files, 2, &format);
		while ((status = aqi_reader_next(reader, &reading, &err)) ==
		       AQI_OK)
			;
		ok(status == AQI_FATAL && err.code == AQI_E_USAGE &&
		   strcmp(err.file, out_path) == 0 && err.line == 1 &&
		   strcmp(err.field, "b") == 0 &&
		   strcmp(err.reason, reasons[i]) == 0,
		   "a column is new in the second file, which is %s",
		   i ? "bound by itself" : "as the first");
		aqi_reading_free(&reading);
		aqi_reader_free(reader);
	}
}

int
main(void)
{
	if (mkstemp(in_path) < 0 || mkstemp(out_path) < 0)
		return 1;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		check(i);
	test_resume_unnamed();
	test_other_columns();
	unlink(in_path);
	unlink(out_path);
	return done();
}
