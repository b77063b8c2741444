#include "record/source.h"

#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/sum.h"
#include "tap.h"

static struct aqi_format format;

/* Records as "LINE:text;" of all chunks, and the error that ended them. */
static void
collect(struct aqi_source *source, struct aqi_buffer *out)
{
	struct aqi_chunk chunk = {0};
	struct aqi_error err;
	char text[64];
	enum aqi_status status;

	while ((status = aqi_source_next(source, &chunk, &err)) == AQI_OK) {
		for (size_t i = 0; i < chunk.n_records; i++) {
			const struct aqi_span *r = &chunk.records[i];

			snprintf(text, sizeof text, "%llu@%llu:",
				 (unsigned long long)r->line,
				 (unsigned long long)(chunk.offset + r->start));
			aqi_buffer_add_text(out, text);
			aqi_buffer_add(out, chunk.data + r->start, r->size);
			if (chunk.is_cut && i + 1 == chunk.n_records)
				aqi_buffer_add_text(out, "...");
			aqi_buffer_add_byte(out, ';');
		}
	}
	if (status == AQI_FATAL) {
		aqi_buffer_add_text(out, "!");
		aqi_buffer_add_text(out, err.reason);
	}
	aqi_chunk_free(&chunk);
}

/* Has the reader closed its end? */
static bool
has_left(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};

	return poll(&p, 1, 0) > 0 && (p.revents & POLLERR);
}

/* Write a text in pieces that end at the cuts. Each waits until the reader has
 * taken the one before: the pipe holds nothing then. */
static void
feed(int fd, struct aqi_slice text, const size_t *cuts, size_t n_cuts)
{
	size_t at = 0, end;
	int held;

	for (size_t i = 0; i <= n_cuts; i++) {
		end = i < n_cuts ? cuts[i] : text.size;
		if (write(fd, text.data + at, end - at) < 0)
			_exit(1);
		at = end;
		do
			sched_yield();
		while (ioctl(fd, FIONREAD, &held) == 0 && held > 0 &&
		       !has_left(fd));
	}
}

static void
read_pieces(struct aqi_slice text, const size_t *cuts, size_t n_cuts,
	    struct aqi_buffer *out)
{
	int fds[2], saved = dup(0);
	struct aqi_source *source;
	pid_t child;

	aqi_buffer_clear(out);
	if (pipe(fds) != 0)
		return;
	fflush(stdout);
	child = fork();
	if (child == 0) {
		close(fds[0]);
		feed(fds[1], text, cuts, n_cuts);
		_exit(0);
	}
	close(fds[1]);
	dup2(fds[0], 0);
	close(fds[0]);
	source = aqi_source_new(NULL, 0, &format);
	collect(source, out);
	aqi_source_free(source);
	dup2(saved, 0);		/* closes the pipe: a writer left ends */
	close(saved);
	waitpid(child, NULL, 0);
}

static void
read_text(struct aqi_slice text, struct aqi_buffer *out)
{
	read_pieces(text, NULL, 0, out);
}

static bool
reads_as(struct aqi_slice text, const char *wanted)
{
	struct aqi_buffer out = {0};
	bool same;

	read_text(text, &out);
	same = aqi_slice_is((struct aqi_slice){out.data, out.size}, wanted);
	if (!same)
		note("%.*s for %s", (int)out.size, out.data, wanted);
	aqi_buffer_free(&out);
	return same;
}

#define TEXT(literal) {literal, sizeof (literal) - 1}

static const struct {
	const char *sentence;
	struct aqi_slice text;
	const char *wanted;
} csv_cases[] = {
	{"lines are records", TEXT("a\nb\nc\n"), "1@0:a;2@2:b;3@4:c;"},
	{"the last newline may be missing", TEXT("a\nb"), "1@0:a;2@2:b;"},
	{"CRLF is LF", TEXT("a\r\nb\r\n"), "1@0:a;2@3:b;"},
	{"one CR of two stays", TEXT("a\r\r\n"), "1@0:a\r;"},
	{"a newline in quotes ends nothing", TEXT("\"a\nb\",c\nd\n"),
	 "1@0:\"a\nb\",c;3@8:d;"},
	{"a CRLF in quotes stays", TEXT("\"a\r\nb\"\r\nc"),
	 "1@0:\"a\r\nb\";3@8:c;"},
	{"an open quote goes on to the end", TEXT("a\n\"b\nc\n"),
	 "1@0:a;2@2:\"b\nc\n;"},
	{"a quote in a bare field opens nothing", TEXT("a\"b\nc\n"),
	 "1@0:a\"b;2@4:c;"},
	{"blank lines are records", TEXT("a\n\n\nb\n"),
	 "1@0:a;2@2:;3@3:;4@4:b;"},
	{"a mark at the start is skipped", TEXT("\xef\xbb\xbf""a\nb\n"),
	 "1@3:a;2@5:b;"},
	{"a mark before a quote is skipped", TEXT("\xef\xbb\xbf\"a\n\"\nb\n"),
	 "1@3:\"a\n\";3@8:b;"},
	{"a mark later is data", TEXT("a\n\xef\xbb\xbf""b\n"),
	 "1@0:a;2@2:\xef\xbb\xbf""b;"},
	{"nothing lacks its header", TEXT(""), "!empty: not even a header line"},
	{"a mark alone lacks its header", TEXT("\xef\xbb\xbf"),
	 "!empty: not even a header line"},
	{"a brace makes it NDJSON", TEXT("{\"a\n\"b\n"), "1@0:{\"a;2@4:\"b;"},
	{"UTF-16 little-endian is named", TEXT("\xff\xfe""a\0"),
	 "!this is UTF-16 at byte 0; read it with --encoding UTF-16"},
	{"a mark alone is named", TEXT("\xff\xfe"),
	 "!this is UTF-16 at byte 0; read it with --encoding UTF-16"},
	{"a character that begins with NUL is none of UTF-32",
	 TEXT("\xff\xfe\0a"),
	 "!this is UTF-16 at byte 0; read it with --encoding UTF-16"},
	{"nor are two of which one ends with NUL", TEXT("a\0\0a"),
	 "!this is UTF-16LE at byte 0; read it with --encoding UTF-16LE"},
	{"half a mark twice is none", TEXT("\xff\xff""ab"),
	 "1@0:\xff\xff""ab;"},
	{"nor is the other half", TEXT("\xfe\xfe""ab"), "1@0:\xfe\xfe""ab;"},
	{"nor is the start of one of UTF-8", TEXT("\xef\xbb"),
	 "1@0:\xef\xbb;"},
	{"nor is a part of it", TEXT("\xef\xbb""a\n"), "1@0:\xef\xbb""a;"},
	{"nor is its first byte", TEXT("\xef""ab\n"), "1@0:\xef""ab;"},
	{"UTF-16 big-endian is named", TEXT("\xfe\xff\0a"),
	 "!this is UTF-16 at byte 0; read it with --encoding UTF-16"},
	{"UTF-16 without a mark is named", TEXT("a\0,\0b\0\n\0"),
	 "!this is UTF-16LE at byte 0; read it with --encoding UTF-16LE"},
	{"UTF-16 big-endian without a mark is named", TEXT("\0a\0,\0b\0\n"),
	 "!this is UTF-16BE at byte 0; read it with --encoding UTF-16BE"},
	{"UTF-32 little-endian is named", TEXT("\xff\xfe\0\0a\0\0\0"),
	 "!this is UTF-32 at byte 0; read it with --encoding UTF-32"},
	{"UTF-32 big-endian is named", TEXT("\0\0\xfe\xff\0\0\0a"),
	 "!this is UTF-32 at byte 0; read it with --encoding UTF-32"},
	{"UTF-32 without a mark is named", TEXT("a\0\0\0b\0\0\0"),
	 "!this is UTF-32LE at byte 0; read it with --encoding UTF-32LE"},
	{"UTF-32 big-endian without a mark is named", TEXT("\0\0\0a\0\0\0b"),
	 "!this is UTF-32BE at byte 0; read it with --encoding UTF-32BE"},
};

static const struct aqi_slice header[] = {TEXT("a")};

/* What stands around the records of a foreign file. */
static const struct {
	const char *sentence;
	struct aqi_format format;
	struct aqi_slice text;
	const char *wanted;
} foreign_cases[] = {
	{"lines before the header are passed over", {.skip_lines = 2},
	 TEXT("\xef\xbb\xbf\"\n\0\r\na\nb\n"), "3@8:a;4@10:b;"},
	{"lines up to how the header begins are passed over",
	 {.header_start = TEXT("ab")}, TEXT("a\n\nxab\na,b\nabc\nab"),
	 "5@11:abc;6@15:ab;"},
	{"a header that is not found is missed",
	 {.header_start = TEXT("ab")}, TEXT("x\na"),
	 "!no line begins with \"ab\", as the header should"},
	{"lines of units are passed over", {.unit_lines = 2},
	 TEXT("a\n\"\n\"\nC\nb"), "1@0:a;5@8:b;"},
	{"and stand first where there is no header line",
	 {.unit_lines = 1, .header = header, .n_header = 1},
	 TEXT("C\nb\n"), "2@2:b;"},
	{"data ends at the trailer", {.trailer = TEXT("\"End")},
	 TEXT("a\n\"En\"\n\"End\nb\n"), "1@0:a;2@2:\"En\";"},
	{"all of them at once",
	 {.skip_lines = 1, .header_start = TEXT("h"), .unit_lines = 1,
	  .trailer = TEXT("T")}, TEXT("h\nx\nh,\"\nT\"\nu\nT1\nT"),
	 "3@4:h,\"\nT\";"},
};

static void
use_format(struct aqi_format wanted)
{
	format = wanted;
	format.delimiter = ',';
	format.decimal_mark = '.';
	format.max_record = AQI_MAX_RECORD;
}

/* Cut at each byte, and into single bytes: the records are the same. */
static void
test_cuts(const char *sentence, struct aqi_slice text)
{
	struct aqi_buffer whole = {0}, out = {0};
	size_t n_bad = 0, each[200];

	read_text(text, &whole);
	for (size_t i = 1; i < text.size; i++) {
		each[i - 1] = i;
		read_pieces(text, &i, 1, &out);
		n_bad += out.size != whole.size ||
			 memcmp(out.data, whole.data, out.size) != 0;
	}
	if (text.size > 1) {
		read_pieces(text, each, text.size - 1, &out);
		if (out.size != whole.size ||
		    memcmp(out.data, whole.data, out.size) != 0) {
			note("%.*s for %.*s", (int)out.size, out.data,
			     (int)whole.size, whole.data);
			n_bad++;
		}
	}
	ok(n_bad == 0, "%s, wherever the input is cut", sentence);
	aqi_buffer_free(&whole);
	aqi_buffer_free(&out);
}

/* Records of limit - 1, limit and limit + 1 bytes, with each end of line. */
static void
test_limit(void)
{
	static const char *const ends[] = {"\n", "\r\n", ""};
	struct aqi_buffer text = {0}, out = {0}, wanted = {0};
	char number[32];
	size_t n_bad = 0, cut;

	format.max_record = 100;
	for (size_t size = 99; size <= 103; size++) {
		for (size_t e = 0; e < 3; e++) {
			aqi_buffer_clear(&text);
			aqi_buffer_clear(&wanted);
			aqi_buffer_add_text(&text, "h\n");
			for (size_t i = 0; i < size; i++)
				aqi_buffer_add_byte(&text, 'x');
			aqi_buffer_add_text(&text, ends[e]);
			if (ends[e][0]) {
				aqi_buffer_add_text(&text, "y\n");
				snprintf(number, sizeof number, ";3@%zu:y;",
					 2 + size + strlen(ends[e]));
				aqi_buffer_add_text(&wanted, number);
			}
			cut = 2 + size;
			read_pieces((struct aqi_slice){text.data, text.size},
				    &cut, 1, &out);
			/* A longer one may come whole or by its start. */
			n_bad += out.size < wanted.size ||
				 memcmp(out.data + out.size - wanted.size,
					wanted.data, wanted.size) != 0;
			if (size <= 100)
				n_bad += memmem(out.data, out.size, "...", 3) !=
					 NULL;
		}
	}
	format.max_record = AQI_MAX_RECORD;
	ok(n_bad == 0, "a record up to the limit is whole, and the one behind "
	   "it has its line and byte");
	aqi_buffer_free(&text);
	aqi_buffer_free(&out);
	aqi_buffer_free(&wanted);
}

/* However long, what stands around the records takes no memory. */
static void
test_foreign_limit(void)
{
	struct aqi_buffer text = {0}, out = {0};
	const size_t n = 3 * AQI_MAX_RECORD;
	char *line = calloc(n + 1, 1);

	if (!line)
		return;
	memset(line, 'x', n);
	use_format((struct aqi_format){.skip_lines = 1, .unit_lines = 1,
				       .trailer = TEXT("T")});
	aqi_buffer_add_text(&text, line);
	aqi_buffer_add_text(&text, "\nh\n");
	aqi_buffer_add_text(&text, line);
	aqi_buffer_add_text(&text, "\nb\nT");
	aqi_buffer_add_text(&text, line);
	read_text((struct aqi_slice){text.data, text.size}, &out);
	ok(aqi_slice_is((struct aqi_slice){out.data, out.size},
			"2@3145729:h;4@6291460:b;"),
	   "what stands around the records may be longer than any record");
	use_format((struct aqi_format){0});
	aqi_buffer_free(&text);
	aqi_buffer_free(&out);
	free(line);
}

static void
test_files(void)
{
	static const char *const absent[] = {"/nonexistent/file"};
	static const char *const folder[] = {"/"};
	static const char *const null[] = {"/dev/null"};
	struct aqi_chunk chunk = {0};
	struct aqi_error err;
	struct aqi_source *source = aqi_source_new(absent, 1, &format);

	ok(aqi_source_next(source, &chunk, &err) == AQI_FATAL &&
	   err.code == AQI_E_IO && strcmp(err.file, absent[0]) == 0 &&
	   strcmp(err.reason, "cannot open: No such file or directory") == 0,
	   "a file that is not there is an error of the system");
	aqi_source_free(source);
	source = aqi_source_new(folder, 1, &format);
	ok(aqi_source_next(source, &chunk, &err) == AQI_FATAL &&
	   err.code == AQI_E_IO &&
	   strcmp(err.reason, "cannot read: Is a directory") == 0,
	   "a folder is one too");
	err = (struct aqi_error){0};
	ok(aqi_source_try(source, &chunk, &err) == AQI_REJECT && !err.code &&
	   aqi_source_next(source, &chunk, &err) == AQI_FATAL &&
	   err.code == AQI_E_IO,
	   "which is told to who waits, not to who does not");
	aqi_source_free(source);
	format.in = AQI_SYNTAX_NDJSON;
	source = aqi_source_new(null, 1, &format);
	ok(aqi_source_next(source, &chunk, &err) == AQI_OK &&
	   chunk.n_records == 0 && chunk.opens_file &&
	   aqi_source_next(source, &chunk, &err) == AQI_END,
	   "NDJSON of no bytes is a file of no records");
	aqi_source_free(source);
	format.in = AQI_SYNTAX_AUTO;
	aqi_source_free(NULL);
	aqi_chunk_free(&chunk);
}

/* Nobody can go on within a record that is too long, of which only the start
 * has come. */
static void
test_tell(void)
{
	static char text[400 * 1024];
	char path[] = "/tmp/aqi-source.XXXXXX";
	const char *const files[] = {path};
	int fd = mkstemp(path);
	struct aqi_source *source = aqi_source_new(files, 1, &format);
	struct aqi_chunk chunk = {0};
	struct aqi_position place;
	struct aqi_error err;
	bool has_told = false, told, was_cut = false, is_right = true;

	memset(text, 'x', sizeof text);
	memcpy(text, "a\n", 2);
	memcpy(text + sizeof text - 3, "\nb\n", 3);
	ok(fd >= 0 && write(fd, text, sizeof text) == (ssize_t)sizeof text,
	   "a file has a record of 400 KiB");
	format.max_record = 1000;
	while (aqi_source_next(source, &chunk, &err) == AQI_OK) {
		told = aqi_source_tell(source, &chunk, &place);
		is_right &= told != chunk.is_cut;
		was_cut |= chunk.is_cut;
		has_told |= told;
	}
	ok(was_cut && has_told && is_right && place.file == 1 &&
	   place.offset == 0, "where it is cut is no place to go on from");
	format.max_record = AQI_MAX_RECORD;
	aqi_chunk_free(&chunk);
	aqi_source_free(source);
	close(fd);
	unlink(path);
}

static bool
send(int fd, char byte, size_t n)
{
	static char text[1 << 15];

	memset(text, byte, n - 1);
	text[n - 1] = byte == 'x' ? 'x' : '\n';
	return write(fd, text, n) == (ssize_t)n;
}

/* A pipe brings the rest of a record that is too long, and nothing more. */
static void
test_tell_behind_cut(void)
{
	struct aqi_chunk chunk = {0}, other = {0};
	struct aqi_position place;
	struct aqi_source *source;
	struct aqi_error err;
	char path[32];
	const char *const files[] = {path};
	int ends[2];
	bool well = pipe(ends) == 0;

	snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
	source = aqi_source_new(files, 1, &format);
	format.max_record = 1000;
	well = well && send(ends[1], 'a', 2) &&
	       aqi_source_next(source, &chunk, &err) == AQI_OK &&
	       aqi_source_tell(source, &chunk, &place) && place.offset == 2;
	well = well && send(ends[1], 'x', 3000) &&
	       aqi_source_next(source, &chunk, &err) == AQI_OK &&
	       chunk.is_cut && !aqi_source_tell(source, &chunk, &place);
	well = well && send(ends[1], 'y', 30000) &&
	       aqi_source_try(source, &other, &err) == AQI_REJECT &&
	       !aqi_source_tell(source, &chunk, &place);
	ok(well, "behind the rest of such a record, before the next chunk, "
	   "neither");
	well = well && send(ends[1], 'b', 2) &&
	       aqi_source_next(source, &chunk, &err) == AQI_OK &&
	       aqi_source_tell(source, &chunk, &place) &&
	       place.offset == 33004 && place.line == 4;
	ok(well, "but behind that chunk");
	format.max_record = AQI_MAX_RECORD;
	aqi_chunk_free(&chunk);
	aqi_chunk_free(&other);
	aqi_source_free(source);
	close(ends[0]);
	close(ends[1]);
}

/* Are all records of a file there, of which each begins with its number, on
 * their lines, and has each chunk but the first and the last whole multiples of
 * 512 of them? */
static bool
comes_by_512(const char *path, size_t n_records)
{
	struct aqi_source *source = aqi_source_new(&path, 1, &format);
	struct aqi_chunk chunk = {0};
	struct aqi_error err;
	size_t n = 0, n_chunks = 0, n_odd = 0;
	bool is_right = true;

	while (aqi_source_next(source, &chunk, &err) == AQI_OK) {
		for (size_t i = 0; i < chunk.n_records; i++, n++) {
			const char *text = aqi_chunk_record(&chunk, i).data;

			is_right &= strtoull(text, NULL, 10) == n &&
				    chunk.records[i].line == n + 1;
		}
		n_odd += n_chunks++ > 0 && chunk.n_records % 512 > 0;
	}
	is_right &= n == n_records && n_chunks > 3 && n_odd <= 1;
	aqi_chunk_free(&chunk);
	aqi_source_free(source);
	return is_right;
}

static void
test_rows_at_once(void)
{
	static const char xs[] = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
	static const size_t sizes[] = {4, 5, 11, 12, 25, 40};
	char path[] = "/tmp/aqi-source.XXXXXX";
	const size_t n = 60000;
	FILE *file = fdopen(mkstemp(path), "w");

	for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
		rewind(file);
		for (size_t i = 0; i < n; i++)
			fprintf(file, "%zu%.*s\n", i,
				(int)(sizes[k] + i % 3), xs);
		fflush(file);
		if (ftruncate(fileno(file), ftell(file)) != 0)
			note("cannot shorten the file");
		ok(comes_by_512(path, n), "records of some %zu bytes come by "
		   "whole multiples of 512", sizes[k] + 7);
	}
	fclose(file);
	unlink(path);
}

/* Go on behind "a\n1\n", of which so many bytes were looked at, in a file that
 * holds this text now. */
static enum aqi_status
resume_in(const char *path, const char *text, size_t tail,
	  struct aqi_chunk *chunk, struct aqi_error *err)
{
	const char *const files[] = {path};
	const struct aqi_position place = {
		.line = 3, .offset = 4, .tail_size = tail,
		.tail_sum = aqi_sum(AQI_SUM_START, (struct aqi_slice){
			&"a\n1\n"[4 - tail], tail}),
	};
	struct aqi_source *source = aqi_source_new(files, 1, &format);
	FILE *file = fopen(path, "w");
	enum aqi_status status;

	if (!file || fputs(text, file) < 0 || fclose(file) != 0)
		exit(1);
	aqi_source_resume(source, &place, AQI_SYNTAX_CSV);
	*err = (struct aqi_error){0};
	status = aqi_source_next(source, chunk, err);
	aqi_source_free(source);
	return status;
}

static void
test_resume(void)
{
	char path[] = "/tmp/aqi-source.XXXXXX";
	struct aqi_chunk chunk = {0};
	struct aqi_error err;
	int fd = mkstemp(path);
	bool well = fd >= 0;

	for (size_t tail = 1; tail <= 4; tail++)
		well = well && resume_in(path, "a\n1\n2\n", tail, &chunk,
					 &err) == AQI_OK &&
		       chunk.n_records == 1 && chunk.records[0].line == 3 &&
		       aqi_slice_is(aqi_chunk_record(&chunk, 0), "2");
	ok(well, "a source goes on where another was");
	for (size_t tail = 1; tail <= 4; tail++)
		well = well && resume_in(path, "a\n1", tail, &chunk, &err) ==
			AQI_FATAL && err.code == AQI_E_MODEL &&
		       strcmp(err.file, path) == 0 && err.line == 0 &&
		       strcmp(err.reason, "shorter than when the checkpoint "
			      "was written") == 0;
	ok(well, "a file that has become shorter is refused");
	for (size_t tail = 1; tail <= 4; tail++)
		well = well && resume_in(path, "a\n1\r2\n", tail, &chunk,
					 &err) == AQI_FATAL &&
		       err.code == AQI_E_MODEL &&
		       strcmp(err.file, path) == 0 && err.line == 3 &&
		       strcmp(err.reason, "not what it was when the "
			      "checkpoint was written") == 0;
	ok(well, "and so is one that has become another");
	aqi_chunk_free(&chunk);
	close(fd);
	unlink(path);
}

int
main(void)
{
	use_format((struct aqi_format){0});
	for (size_t i = 0; i < sizeof csv_cases / sizeof *csv_cases; i++)
		ok(reads_as(csv_cases[i].text, csv_cases[i].wanted), "%s",
		   csv_cases[i].sentence);
	for (size_t i = 0; i < sizeof csv_cases / sizeof *csv_cases; i++)
		test_cuts(csv_cases[i].sentence, csv_cases[i].text);
	for (size_t i = 0; i < sizeof foreign_cases / sizeof *foreign_cases;
	     i++) {
		use_format(foreign_cases[i].format);
		ok(reads_as(foreign_cases[i].text, foreign_cases[i].wanted),
		   "%s", foreign_cases[i].sentence);
		test_cuts(foreign_cases[i].sentence, foreign_cases[i].text);
	}
	use_format((struct aqi_format){0});
	test_limit();
	test_foreign_limit();
	test_files();
	test_tell();
	test_tell_behind_cut();
	test_rows_at_once();
	test_resume();
	return done();
}
