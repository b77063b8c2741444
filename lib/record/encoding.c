#include "record/encoding.h"

#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <stdlib.h>
#include <strings.h>

/* No byte of UTF-8. */
#define NO_CHARACTER '\xff'

struct aqi_encoding {
	iconv_t iconv;
	size_t unit;		/* bytes to pass over that are no character */
	bool is_flushed;
};

/*
 * Without memory, iconv says as a rule that it does not know the name. It finds
 * it at a second try if there is memory again.
 */
static iconv_t
open_conversion(const char *to, const char *from)
{
	iconv_t opened = iconv_open(to, from);

	return opened == (iconv_t)-1 ? iconv_open(to, from) : opened;
}

/* Is there as much memory as iconv may want for its tables? Compilers know
 * what malloc and free together come to: hence volatile. */
static bool
has_memory(void)
{
	void *volatile some = malloc((size_t)64 * 1024);
	bool has = some != NULL;

	free(some);
	return has;
}

bool
aqi_encoding_is_known(const char *name)
{
	/* iconv passes over other bytes, and takes a slash for more than the
	 * name; an empty one is that of the locale. */
	static const char usual[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz0123456789-_.:";
	iconv_t known;

	if (!name[0] || name[strspn(name, usual)])
		return false;
	known = open_conversion("UTF-8", name);
	if (known == (iconv_t)-1)
		return errno == ENOMEM || !has_memory();
	iconv_close(known);
	return true;
}

bool
aqi_encoding_is_utf8(const char *name)
{
	return strcasecmp(name, "UTF-8") == 0 || strcasecmp(name, "UTF8") == 0;
}

/*
 * The bytes of the second of two letters: the first may have a mark before it.
 * In UTF-16 what follows a bad unit is two bytes away, not one. 0: no memory.
 */
static size_t
find_unit(const char *name)
{
	iconv_t back = open_conversion(name, "UTF-8");
	char letters[] = "aa", *in = letters, bytes[32], *out = bytes;
	size_t left = 1, room = sizeof bytes, before;

	if (back == (iconv_t)-1)
		return 0;
	iconv(back, &in, &left, &out, &room);
	before = room;
	left = 1;
	iconv(back, &in, &left, &out, &room);
	iconv_close(back);
	return before > room ? before - room : 1;
}

struct aqi_encoding *
aqi_encoding_new(const char *name)
{
	struct aqi_encoding *encoding = calloc(1, sizeof *encoding);

	if (!encoding)
		return NULL;
	encoding->iconv = open_conversion("UTF-8", name);
	if (encoding->iconv == (iconv_t)-1)
		goto free_encoding;
	encoding->unit = find_unit(name);
	if (encoding->unit == 0)
		goto close_iconv;
	return encoding;
close_iconv:
	iconv_close(encoding->iconv);
free_encoding:
	free(encoding);
	return NULL;
}

void
aqi_encoding_free(struct aqi_encoding *encoding)
{
	if (!encoding)
		return;
	iconv_close(encoding->iconv);
	free(encoding);
}

/* Pass over what is no character. */
static void
mark(struct aqi_encoding *encoding, struct aqi_slice *in, char **out,
     size_t *room)
{
	size_t n = in->size < encoding->unit ? in->size : encoding->unit;

	in->data += n;
	in->size -= n;
	*(*out)++ = NO_CHARACTER;
	--*room;
}

size_t
aqi_encoding_convert(struct aqi_encoding *encoding, struct aqi_slice *in,
		     bool at_end, char *out, size_t size)
{
	size_t room = size;
	char *next = out;

	while (in->size > 0) {
		/* iconv does not write to what it calls its input. */
		char *from = (char *)(uintptr_t)in->data;
		size_t left = in->size;
		bool is_done = iconv(encoding->iconv, &from, &left, &next,
				     &room) != (size_t)-1;

		*in = (struct aqi_slice){from, left};
		if (is_done || errno == E2BIG || room == 0 ||
		    (errno == EINVAL && !at_end))
			break;
		mark(encoding, in, &next, &room);
	}
	/* Some encodings hold a character back to see what follows it. */
	if (at_end && in->size == 0 && !encoding->is_flushed &&
	    iconv(encoding->iconv, NULL, NULL, &next, &room) != (size_t)-1)
		encoding->is_flushed = true;
	return (size_t)(next - out);
}
