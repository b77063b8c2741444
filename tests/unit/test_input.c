/* The reads and waits of input.c are ours: as the C library declares them when
 * it checks sizes, they could not be. */
#undef _FORTIFY_SOURCE
#include "record/input.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/buffer.h"
#include "pipes.h"
#include "record/decoder.h"
#include "tap.h"

/* Standard input is our own: its bytes, and how many a read gives. */
static struct {
	struct aqi_slice left;
	size_t piece;		/* 0: all at once */
	bool is_ready;		/* for one read, in pieces */
	int error;		/* of the read behind the last byte */
} world;

ssize_t
read(int fd, void *data, size_t size)
{
	size_t n = world.left.size < size ? world.left.size : size;

	if (fd != STDIN_FILENO)
		return syscall(SYS_read, fd, data, size);
	if (world.piece && n > world.piece)
		n = world.piece;
	if (n == 0 && world.error) {
		errno = world.error;
		return -1;
	}
	if (n > 0)
		memcpy(data, world.left.data, n);
	world.left.data += n;
	world.left.size -= n;
	world.is_ready = false;
	return (ssize_t)n;
}

/* In pieces, every other time nothing is there yet. */
int
poll(struct pollfd *fds, nfds_t n, int timeout)
{
	(void)fds;
	(void)n;
	world.is_ready = timeout < 0 || !world.piece || !world.is_ready;
	return world.is_ready;
}

#define BYTES(literal) {literal, sizeof (literal) - 1}

/* "a,b\n1,2\n", as gzip, xz and zstd write it. */
#define GZIP "\x1f\x8b\x08\0\0\0\0\0\0\x03\x4b\xd4\x49\xe2\x32\xd4\x31\xe2"   \
	     "\x02\0\x7b\x07\x97\x0a\x08\0\0\0"
#define XZ "\xfd\x37\x7a\x58\x5a\0\0\x01\x69\x22\xde\x36\x02\0\x21\x01\x16\0" \
	   "\0\0\x74\x2f\xe5\xa3\x01\0\x07\x61\x2c\x62\x0a\x31\x2c\x32\x0a\0" \
	   "\x7b\x07\x97\x0a\0\x01\x1c\x08\x44\x60\x2a\xc8\x90\x42\x99\x0d"   \
	   "\x01\0\0\0\0\x01\x59\x5a"
#define ZSTD "\x28\xb5\x2f\xfd\x24\x08\x41\0\0\x61\x2c\x62\x0a\x31\x2c\x32"  \
	     "\x0a\x35\xe7\xca\xce"
/* A frame for programs that know it, with three bytes to pass over. */
#define ZSTD_SKIPPED "\x53\x2a\x4d\x18\x03\0\0\0xyz"
#define TABLE "a,b\n1,2\n"

static const struct {
	const char *sentence;
	const char *needs;	/* that must be there; NULL: none */
	const char *encoding;
	struct aqi_slice bytes;
	struct aqi_slice wanted;
} cases[] = {
	{"text is text", NULL, NULL, BYTES(TABLE), BYTES(TABLE)},
	{"nothing is nothing", NULL, NULL, BYTES(""), BYTES("")},
	{"the start of a mark is text", NULL, NULL, BYTES("\xfd" "7zX"),
	 BYTES("\xfd" "7zX")},
	{"what is like a mark is text", NULL, NULL, BYTES("P*M\x19"),
	 BYTES("P*M\x19")},
	{"gzip is unpacked", "zlib", NULL, BYTES(GZIP), BYTES(TABLE)},
	{"xz is unpacked", "liblzma", NULL, BYTES(XZ), BYTES(TABLE)},
	{"zstd is unpacked", "libzstd", NULL, BYTES(ZSTD), BYTES(TABLE)},
	{"members of gzip follow each other", "zlib", NULL, BYTES(GZIP GZIP),
	 BYTES(TABLE TABLE)},
	{"streams of xz follow each other, with padding", "liblzma", NULL,
	 BYTES(XZ "\0\0\0\0" XZ XZ "\0\0\0\0\0\0\0\0"),
	 BYTES(TABLE TABLE TABLE)},
	{"frames of zstd follow each other, some to be passed over", "libzstd",
	 NULL, BYTES(ZSTD_SKIPPED ZSTD ZSTD ZSTD_SKIPPED),
	 BYTES(TABLE TABLE)},
	{"text of frames may fill what it goes to", "libzstd", NULL,
	 BYTES(ZSTD ZSTD ZSTD ZSTD ZSTD ZSTD),
	 BYTES(TABLE TABLE TABLE TABLE TABLE TABLE)},
	{"so may that of members", "zlib", NULL, BYTES(GZIP GZIP GZIP GZIP),
	 BYTES(TABLE TABLE TABLE TABLE)},
	{"and of streams", "liblzma", NULL, BYTES(XZ XZ XZ XZ),
	 BYTES(TABLE TABLE TABLE TABLE)},
	{"zeros behind gzip are what is left of a tape", "zlib", NULL,
	 BYTES(GZIP "\0"), BYTES(TABLE)},
	{"any number of them, before another member too", "zlib", NULL,
	 BYTES(GZIP "\0\0\0" GZIP "\0\0\0\0\0\0\0"), BYTES(TABLE TABLE)},
	{"but nothing else behind them", "zlib", NULL, BYTES(GZIP "\0\0x"),
	 BYTES(TABLE "!something that is not gzip follows the gzip data at "
	       "byte 28 of the file")},
	{"zeros behind zstd are no padding", "libzstd", NULL,
	 BYTES(ZSTD "\0\0\0\0"),
	 BYTES(TABLE "!something that is not zstd follows the zstd data at "
	       "byte 21 of the file")},
	{"text behind gzip is named", "zlib", NULL, BYTES(GZIP "x"),
	 BYTES(TABLE "!something that is not gzip follows the gzip data at "
	       "byte 28 of the file")},
	{"a part of a mark behind gzip is a part of a member", "zlib", NULL,
	 BYTES(GZIP "\x1f"),
	 BYTES(TABLE "!the gzip data ends too early, at byte 29 of the file")},
	{"xz behind gzip is named", "zlib", NULL, BYTES(GZIP XZ),
	 BYTES(TABLE "!something that is not gzip follows the gzip data at "
	       "byte 28 of the file")},
	{"text behind xz is named", "liblzma", NULL, BYTES(XZ "\0\0\0\0text12"),
	 BYTES(TABLE "!something that is not xz follows the xz data at byte 60 "
	       "of the file")},
	{"padding of xz comes by fours", "liblzma", NULL, BYTES(XZ "\0\0\0"),
	 BYTES(TABLE "!something that is not xz follows the xz data at byte 60 "
	       "of the file")},
	{"before another stream too", "liblzma", NULL, BYTES(XZ "\0\0\0" XZ),
	 BYTES(TABLE "!something that is not xz follows the xz data at byte 60 "
	       "of the file")},
	{"text behind zstd is named", "libzstd", NULL, BYTES(ZSTD "text1"),
	 BYTES(TABLE "!something that is not zstd follows the zstd data at "
	       "byte 21 of the file")},
	{"bzip2 is named", NULL, NULL, BYTES("BZh91AY&SY..."),
	 BYTES("!this is bzip2, which this build cannot read; unpack it first: "
	       "bzcat FILE | ...")},
	{"lzma is named", NULL, NULL, BYTES("\x5d\0\0\x80\0\xff\xff"),
	 BYTES("!this is lzma, which this build cannot read; unpack it first: "
	       "lzcat FILE | ...")},
	{"zip is named", NULL, NULL, BYTES("PK\3\4..."),
	 BYTES("!this is a zip archive, which this build cannot read; unpack "
	       "it first: unzip -p FILE | ...")},
	{"a window too large for the memory is named", "libzstd", NULL,
	 BYTES("\x28\xb5\x2f\xfd\0\xa0\x01\0\0"),
	 BYTES("!the zstd data needs more than 128 MiB to decode; unpack it "
	       "first: zstdcat FILE | ...")},
	/* The first block asks for a dictionary of 2 GiB. */
	{"so is a dictionary", "liblzma", NULL,
	 BYTES("\xfd\x37\x7a\x58\x5a\0\0\x01\x69\x22\xde\x36\x02\0\x21\x01"
	       "\x26\0\0\0\xd5\xd7\xce\x53\x01\0\x07\x61\x2c\x62"),
	 BYTES("!the xz data needs more than 128 MiB to decode; unpack it "
	       "first: xzcat FILE | ...")},
	{"the start of a mark behind xz is none", "liblzma", NULL,
	 BYTES(XZ "\xfd\x37\x7a" "abcdefghi"),
	 BYTES(TABLE "!something that is not xz follows the xz data at byte 60 "
	       "of the file")},
	{"nor is it behind zstd", "libzstd", NULL,
	 BYTES(ZSTD "\x28\xb5\x2f" "abcdefghijk"),
	 BYTES(TABLE "!something that is not zstd follows the zstd data at "
	       "byte 21 of the file")},
	{"the name of UTF-8 changes nothing", NULL, "utf-8", BYTES("\xff\n"),
	 BYTES("\xff\n")},
	{"Latin-1 is converted", NULL, "latin1", BYTES("\xb5g/m\xb3\n"),
	 BYTES("\xc2\xb5g/m\xc2\xb3\n")},
	{"what is none in Windows-1252 is marked", NULL, "CP1252",
	 BYTES("\x80\x81\x8d\n\xe9"),
	 BYTES("\xe2\x82\xac\xff\xff\n\xc3\xa9")},
	{"UTF-16 with a mark, either way", NULL, "UTF-16",
	 BYTES("\xff\xfe" "a\0,\0\xac\x20\n\0"), BYTES("a,\xe2\x82\xac\n")},
	{"and the other way", NULL, "UTF-16",
	 BYTES("\xfe\xff\0a\0,\x20\xac\0\n"), BYTES("a,\xe2\x82\xac\n")},
	{"UTF-16 with two units to a character", NULL, "UTF-16LE",
	 BYTES("\x3d\xd8\x00\xde\n\0"), BYTES("\xf0\x9f\x98\x80\n")},
	{"half of it is marked, and the next character is not lost", NULL,
	 "UTF-16LE", BYTES("a\0\x3d\xd8\n\0\x00\xde\n\0"),
	 BYTES("a\xff\n\xff\n")},
	{"so is a half at the end", NULL, "UTF-16LE", BYTES("a\0\n\0\x3d\xd8"),
	 BYTES("a\n\xff")},
	{"and a half of a unit", NULL, "UTF-16LE", BYTES("a\0\n\0b"),
	 BYTES("a\n\xff")},
	{"UTF-32 is converted", NULL, "UTF-32BE",
	 BYTES("\0\0\0a\0\1\xf6\0\0\x11\0\0\0\0\0\n"),
	 BYTES("a\xf0\x9f\x98\x80\xff\n")},
	{"Shift-JIS is converted", NULL, "SHIFT_JIS",
	 BYTES("\x83\x58\x5c\x95\n\x82"),
	 BYTES("\xe3\x82\xb9\xc2\xa5\xff\n\xff")},
	{"GB18030 is converted", NULL, "GB18030",
	 BYTES("\xd6\xd0\x81\x30\x81\x30\n"),
	 BYTES("\xe4\xb8\xad\xc2\x80\n")},
	{"EUC-KR is converted", NULL, "EUC-KR", BYTES("\xb4\xeb,\xb4\n"),
	 BYTES("\xeb\x8c\x80,\xff\n")},
	{"what holds a character back gives it at the end", NULL, "BIG5-HKSCS",
	 BYTES("\x88\x66"), BYTES("\xc3\x8a")},
	{"what is packed is converted behind that", "zlib", "UTF-16",
	 BYTES("\x1f\x8b\x08\0\0\0\0\0\0\x03\xfb\xff\x2f\x91\x41\x87\x21\x89"
	       "\x81\x8b\xc1\x10\x48\x1b\x01\x69\0\x52\x3d\x4c\x53\x12\0\0\0"),
	 BYTES(TABLE)},
	{"an unknown encoding is named", NULL, "no\033such", BYTES("a"),
	 BYTES("!the encoding \"no\\x1bsuch\" is not known; see iconv -l")},
	{"so is one with more than a name", NULL, "latin1//IGNORE", BYTES("a"),
	 BYTES("!the encoding \"latin1//IGNORE\" is not known; see iconv -l")},
};

/* The text, and "!" with the reason where it ends badly. */
static void
read_all(const char *encoding, struct aqi_slice bytes, size_t piece,
	 size_t size, struct aqi_buffer *out)
{
	struct aqi_input *input = aqi_input_new(encoding);
	struct aqi_error err;
	enum aqi_status status = aqi_input_open(input, "-", &err);
	char text[1000];
	size_t got;

	aqi_buffer_clear(out);
	world.left = bytes;
	world.piece = piece;
	world.is_ready = false;
	while (status == AQI_OK) {
		status = aqi_input_read(input, text, size, false, &got, &err);
		if (status == AQI_OK && got == 0) {
			status = aqi_input_read(input, text, size, true, &got,
						&err);
			if (status == AQI_OK && got == 0)
				abort();
		}
		if (status == AQI_OK)
			aqi_buffer_add(out, text, got);
	}
	if (status == AQI_FATAL) {
		aqi_buffer_add_byte(out, '!');
		aqi_buffer_add_text(out, err.reason);
	}
	aqi_input_free(input);
}

static struct aqi_slice
slice_of(const struct aqi_buffer *buffer)
{
	return (struct aqi_slice){buffer->data, buffer->size};
}

/* Is it the same in whatever pieces it comes and goes? */
static bool
is_same_in_pieces(const char *encoding, struct aqi_slice bytes)
{
	static const size_t pieces[] = {0, 1, 2, 3, 7, 19};
	static const size_t sizes[] = {16, 17, 1000};
	struct aqi_buffer whole = {0}, out = {0};
	bool is_same = true;

	read_all(encoding, bytes, 0, 1000, &whole);
	for (size_t i = 0; i < 6 * 3 && is_same; i++) {
		read_all(encoding, bytes, pieces[i / 3], sizes[i % 3], &out);
		is_same = aqi_slice_equal(slice_of(&whole), slice_of(&out));
		if (!is_same)
			note("%.*s for %.*s, in pieces of %zu to %zu",
			     (int)out.size, out.data, (int)whole.size,
			     whole.data, pieces[i / 3], sizes[i % 3]);
	}
	aqi_buffer_free(&whole);
	aqi_buffer_free(&out);
	return is_same;
}

/* Is the library of a case there? */
static bool
is_built_in(size_t i)
{
	return !cases[i].needs ||
	       strstr(aqi_decoder_libraries(), cases[i].needs);
}

static void
test_case(size_t i)
{
	struct aqi_buffer out = {0};

	if (!is_built_in(i)) {
		skip(cases[i].sentence, "this build is without the library");
		return;
	}
	read_all(cases[i].encoding, cases[i].bytes, 0, 1000, &out);
	if (!ok(aqi_slice_equal(slice_of(&out), cases[i].wanted), "%s",
		cases[i].sentence))
		note("%.*s", (int)out.size, out.data);
	ok(is_same_in_pieces(cases[i].encoding, cases[i].bytes),
	   "%s, in pieces", cases[i].sentence);
	aqi_buffer_free(&out);
}

/* Whatever is cut off or changed: unless all the text is there, something is
 * said, and always the same. */
static void
test_damage(size_t i)
{
	struct aqi_slice bytes = cases[i].bytes;
	struct aqi_buffer out = {0};
	char *copy = malloc(bytes.size);
	size_t n_silent = 0, n_other = 0;

	if (!copy)
		return;
	for (size_t n = 6; n < bytes.size; n++) {
		struct aqi_slice cut = {bytes.data, n};

		read_all(NULL, cut, 0, 1000, &out);
		n_silent += !memmem(out.data, out.size, "ends too early", 14);
		n_other += !is_same_in_pieces(NULL, cut);
	}
	for (size_t k = 0; k < bytes.size * 8; k++) {
		struct aqi_slice changed = {copy, bytes.size};

		memcpy(copy, bytes.data, bytes.size);
		copy[k / 8] = (char)(copy[k / 8] ^ 1 << k % 8);
		n_other += !is_same_in_pieces(NULL, changed);
		/* A bit of the mark makes it other text. */
		if (k < 48)
			continue;
		read_all(NULL, changed, 0, 1000, &out);
		n_silent += !memchr(out.data, '!', out.size) &&
			    !aqi_slice_equal(slice_of(&out), cases[i].wanted);
	}
	ok(n_silent == 0, "%s, or is said to be cut or damaged",
	   cases[i].sentence);
	ok(n_other == 0, "%s, and damage is the same in pieces",
	   cases[i].sentence);
	aqi_buffer_free(&out);
	free(copy);
}

static void
test_errors(void)
{
	struct aqi_input *input = aqi_input_new(NULL);
	struct aqi_error err;
	char text[100];
	size_t got;

	ok(aqi_input_open(input, "/nonexistent/file", &err) == AQI_FATAL &&
	   err.code == AQI_E_IO && strcmp(err.file, "/nonexistent/file") == 0,
	   "a file that is not there is named");
	world.left = (struct aqi_slice)BYTES(GZIP);
	world.left.size = 20;
	world.piece = 0;
	world.error = EIO;
	ok(aqi_input_open(input, "-", &err) == AQI_OK &&
	   (!strstr(aqi_decoder_libraries(), "zlib") ||
	    (aqi_input_read(input, text, 100, true, &got, &err) == AQI_OK &&
	     got == 8 && !aqi_input_is_plain(input) &&
	     aqi_input_progress(input) == 20 &&
	     aqi_input_read(input, text, 100, true, &got, &err) == AQI_FATAL &&
	     strcmp(err.reason, "cannot read: Input/output error") == 0)),
	   "what came before an error of the system is unpacked first");
	world.left = (struct aqi_slice)BYTES(TABLE);
	ok(aqi_input_open(input, "-", &err) == AQI_OK &&
	   aqi_input_read(input, text, 100, true, &got, &err) == AQI_OK &&
	   got == 8 &&
	   aqi_input_read(input, text, 100, true, &got, &err) == AQI_FATAL &&
	   got == 0 && err.code == AQI_E_IO && strcmp(err.file, "-") == 0 &&
	   strcmp(err.reason, "cannot read: Input/output error") == 0,
	   "text that came before one is text");
	world.error = 0;
	world.left = (struct aqi_slice)BYTES(TABLE);
	ok(aqi_input_open(input, "-", &err) == AQI_OK &&
	   aqi_input_read(input, text, 100, true, &got, &err) == AQI_OK &&
	   got == 8 && aqi_input_is_plain(input) &&
	   aqi_input_read(input, text, 100, true, &got, &err) == AQI_END,
	   "the next file is read as if nothing had been");
	aqi_input_free(input);
	aqi_input_free(NULL);
}

/* More than is held of a file at a time: "a", zeros, and "z" at the end. */
#define FILE_SIZE 1000000

/* Read the first byte of a file, and pass over all others but the last. */
static bool
passes(const char *file, const char *encoding)
{
	struct aqi_input *input = aqi_input_new(encoding);
	struct aqi_error err;
	char first, last = '\0';
	size_t got = 0;
	bool passed = aqi_input_open(input, file, &err) == AQI_OK &&
		      !aqi_input_pass(input, 1) &&
		      aqi_input_read(input, &first, 1, true, &got, &err) ==
			      AQI_OK && got == 1;

	/* It cannot go back over what it has read ahead. */
	passed = passed && !aqi_input_pass(input, 0) &&
		 aqi_input_pass(input, FILE_SIZE - 2);
	if (passed &&
	    (aqi_input_read(input, &last, 1, true, &got, &err) != AQI_OK ||
	     first != 'a' || aqi_input_progress(input) != FILE_SIZE))
		last = '\0';
	aqi_input_free(input);
	return passed && last == 'z';
}

static void
test_pass(void)
{
	char path[] = "/tmp/aqi-input.XXXXXX", name[32];
	int fd = mkstemp(path), fds[2];
	const char gzip[] = GZIP;

	if (fd < 0 || pipe(fds) != 0 || write(fd, "a", 1) != 1 ||
	    pwrite(fd, "z", 1, FILE_SIZE - 1) != 1 ||
	    write(fds[1], TABLE, 8) != 8)
		exit(1);
	ok(passes(path, NULL), "bytes of a file are passed over");
	ok(!passes(path, "ISO-8859-1"), "those of text to be converted are not");
	snprintf(name, sizeof name, "/dev/fd/%d", fds[0]);
	ok(!passes(name, NULL), "nor those of a pipe");
	if (pwrite(fd, gzip, sizeof gzip - 1, 0) != sizeof gzip - 1)
		exit(1);
	ok(!passes(path, NULL), "nor those that are packed");
	close(fds[0]);
	close(fds[1]);
	close(fd);
	unlink(path);
}

static void
test_wide(void)
{
	static char text[AQI_PIPE_USUAL];
	const char *const sentence =
		"a pipe is widened when it was found full, not before";
	struct aqi_input *input = aqi_input_new(NULL);
	struct aqi_error err;
	char name[32];
	int fds[2];
	bool is_open = open_pipe(fds), was_wide;
	size_t got;

	snprintf(name, sizeof name, "/dev/fd/%d", fds[0]);
	if (!is_open) {
		skip(sentence, "pipes cannot be made wider here");
	} else if (aqi_input_open(input, name, &err) != AQI_OK ||
		   write(fds[1], TABLE, 8) != 8 ||
		   aqi_input_read(input, text, sizeof text, true, &got,
				  &err) != AQI_OK || got != 8) {
		abort();
	} else {
		was_wide = is_wide(fds[0]);
		ok(write(fds[1], text, sizeof text) == sizeof text &&
		   aqi_input_read(input, text, sizeof text, true, &got,
				  &err) == AQI_OK && got == sizeof text &&
		   !was_wide && is_wide(fds[0]), "%s", sentence);
	}
	aqi_input_free(input);
	close_pipe(fds);
}

int
main(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		test_case(i);
	for (size_t i = 4; i < 7; i++)
		if (is_built_in(i))
			test_damage(i);
	test_errors();
	test_pass();
	test_wide();
	return done();
}
