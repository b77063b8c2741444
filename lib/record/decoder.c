#include "record/decoder.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#ifdef HAVE_ZLIB
#include <zlib.h>
#endif
#ifdef HAVE_LZMA
#include <lzma.h>
#endif
#ifdef HAVE_ZSTD
#include <zstd.h>
#include <zstd_errors.h>
#endif

/* What a decoder may take: a file names what it wants itself. xz -9 wants
 * 65 MiB, zstd without --long at most 128 MiB, which is its own limit too. */
#define MEMORY_MIB 128

/* How a call of a library has ended. */
enum step {
	STEP_OK,	/* out is full, or all input is used up */
	STEP_MEMBER,	/* a member is at its end */
	STEP_FOREIGN,	/* this is not the beginning of a member */
	STEP_DAMAGED,
	STEP_LIMIT,
	STEP_MEMORY
};

/* A library. Its state is opened once and begun for each member. */
struct codec {
	size_t state_size;
	size_t padding;	/* zeros may stand behind a member, by so many; 0:
			 * none may */
	enum step (*begin)(void *state);
	enum step (*step)(void *state, struct aqi_slice *in, char *out,
			  size_t size, size_t *got);
	void (*end)(void *state);
};

struct aqi_packing {
	const char *name;
	struct aqi_slice magic;
	unsigned char first_mask;	/* of its first byte */
	const char *tool;		/* what unpacks it to a pipe */
	const struct codec *codec;	/* NULL: not in this build, or in any */
};

struct aqi_decoder {
	const struct aqi_packing *packing;
	void *state;
	bool is_between;	/* members: none is begun */
	enum step failure;
	uint64_t n_in, n_out;
	uint64_t member_end;	/* n_in behind the last one */
	uint64_t padding;	/* zeros since then */
};

static void
advance(struct aqi_slice *in, size_t n)
{
	in->data += n;
	in->size -= n;
}

#ifdef HAVE_ZLIB
struct gzip {
	z_stream z;
	bool is_begun;
};

static enum step
gzip_begin(void *state)
{
	struct gzip *gzip = state;
	int status = gzip->is_begun ? inflateReset(&gzip->z) :
				      inflateInit2(&gzip->z, 16 + MAX_WBITS);

	gzip->is_begun = true;
	return status == Z_OK ? STEP_OK : STEP_MEMORY;
}

static enum step
gzip_step(void *state, struct aqi_slice *in, char *out, size_t size,
	  size_t *got)
{
	z_stream *z = &((struct gzip *)state)->z;
	int status;

	/* The input is not const in zlib's own view; it only reads it. */
	z->next_in = (Bytef *)(uintptr_t)in->data;
	z->avail_in = (uInt)in->size;
	z->next_out = (Bytef *)out;
	z->avail_out = (uInt)size;
	status = inflate(z, Z_NO_FLUSH);
	advance(in, in->size - z->avail_in);
	*got = size - z->avail_out;
	switch (status) {
	case Z_OK:
	case Z_BUF_ERROR:
		return STEP_OK;
	case Z_STREAM_END:
		return STEP_MEMBER;
	case Z_MEM_ERROR:
		return STEP_MEMORY;
	default:
		/* Two bytes are the mark of a member. */
		return z->total_in <= 2 ? STEP_FOREIGN : STEP_DAMAGED;
	}
}

static void
gzip_end(void *state)
{
	inflateEnd(&((struct gzip *)state)->z);
}

static const struct codec gzip = {sizeof (struct gzip), 1, gzip_begin,
				  gzip_step, gzip_end};
#define GZIP (&gzip)
#define ZLIB_NAME ", zlib " ZLIB_VERSION
#else
#define GZIP NULL
#define ZLIB_NAME ""
#endif

#ifdef HAVE_LZMA
static enum step
xz_result(lzma_ret status)
{
	switch (status) {
	case LZMA_OK:
	case LZMA_BUF_ERROR:
		return STEP_OK;
	case LZMA_STREAM_END:
		return STEP_MEMBER;
	case LZMA_FORMAT_ERROR:
		return STEP_FOREIGN;
	case LZMA_MEMLIMIT_ERROR:
		return STEP_LIMIT;
	case LZMA_MEM_ERROR:
		return STEP_MEMORY;
	default:
		return STEP_DAMAGED;
	}
}

static enum step
xz_begin(void *state)
{
	return xz_result(lzma_stream_decoder(state, (uint64_t)MEMORY_MIB << 20,
					     0));
}

static enum step
xz_step(void *state, struct aqi_slice *in, char *out, size_t size, size_t *got)
{
	lzma_stream *xz = state;
	lzma_ret status;

	xz->next_in = (const uint8_t *)in->data;
	xz->avail_in = in->size;
	xz->next_out = (uint8_t *)out;
	xz->avail_out = size;
	status = lzma_code(xz, LZMA_RUN);
	advance(in, in->size - xz->avail_in);
	*got = size - xz->avail_out;
	return xz_result(status);
}

static void
xz_end(void *state)
{
	lzma_end(state);
}

static const struct codec xz = {sizeof (lzma_stream), 4, xz_begin, xz_step,
				xz_end};
#define XZ (&xz)
#define LZMA_NAME ", liblzma " LZMA_VERSION_STRING
#else
#define XZ NULL
#define LZMA_NAME ""
#endif

#ifdef HAVE_ZSTD
#define HEADER_SIZE 3	/* of a block */

struct zstd {
	ZSTD_DStream *stream;
	size_t wanted;		/* bytes of the next block, and its header */
	bool is_full;
};

static enum step
zstd_failure(size_t code)
{
	switch (ZSTD_getErrorCode(code)) {
	case ZSTD_error_prefix_unknown:
		return STEP_FOREIGN;
	case ZSTD_error_frameParameter_windowTooLarge:
		return STEP_LIMIT;
	case ZSTD_error_memory_allocation:
		return STEP_MEMORY;
	default:
		return STEP_DAMAGED;
	}
}

static enum step
zstd_begin(void *state)
{
	struct zstd *zstd = state;

	if (!zstd->stream)
		zstd->stream = ZSTD_createDStream();
	if (!zstd->stream)
		return STEP_MEMORY;
	zstd->wanted = ZSTD_initDStream(zstd->stream);
	zstd->is_full = false;
	return ZSTD_isError(zstd->wanted) ? zstd_failure(zstd->wanted) :
					    STEP_OK;
}

/*
 * A call that finds damage says nothing of what it has decoded before that. So
 * each gets one whole block, without the header of the next that it would take
 * too, and none while it still has text to hand out: what comes out before the
 * damage then does not depend on how input is cut. What is larger than a block
 * can only be passed over.
 */
static enum step
zstd_step(void *state, struct aqi_slice *in, char *out, size_t size,
	  size_t *got)
{
	struct zstd *zstd = state;
	ZSTD_outBuffer text = {out, size, 0};
	size_t n = 0, status;
	bool was_full;

	do {
		was_full = zstd->is_full;
		if (!was_full)
			n = zstd->wanted > HEADER_SIZE ?
				    zstd->wanted - HEADER_SIZE : zstd->wanted;
		if (n > in->size && n <= AQI_DECODER_INPUT)
			return STEP_OK;
		ZSTD_inBuffer block = {in->data, n < in->size ? n : in->size,
				       0};

		status = ZSTD_decompressStream(zstd->stream, &text, &block);
		if (ZSTD_isError(status))
			return zstd_failure(status);
		advance(in, block.pos);
		*got = text.pos;
		zstd->wanted = status;
		zstd->is_full = text.pos == size;
		/* It was full to the brim: nothing is left to hand out. */
	} while (was_full && text.pos == 0 && status != 0);
	return status == 0 ? STEP_MEMBER : STEP_OK;
}

static void
zstd_end(void *state)
{
	ZSTD_freeDStream(((struct zstd *)state)->stream);
}

static const struct codec zstd = {sizeof (struct zstd), 0, zstd_begin,
				  zstd_step, zstd_end};
#define ZSTD (&zstd)
#define ZSTD_NAME ", libzstd " ZSTD_VERSION_STRING
#else
#define ZSTD NULL
#define ZSTD_NAME ""
#endif

const char *
aqi_decoder_libraries(void)
{
	return ZLIB_NAME LZMA_NAME ZSTD_NAME;
}

/* The last three are here to be named; of lzma, which has no magic, what it
 * begins with unless somebody asks for something else. */
static const struct aqi_packing packings[] = {
	{"gzip", {"\x1f\x8b", 2}, 0xff, "zcat", GZIP},
	{"xz", {"\xfd" "7zXZ", 6}, 0xff, "xzcat", XZ},
	{"zstd", {"\x28\xb5\x2f\xfd", 4}, 0xff, "zstdcat", ZSTD},
	{"zstd", {"\x50\x2a\x4d\x18", 4}, 0xf0, "zstdcat", ZSTD},
	{"bzip2", {"BZh91AY&SY", 10}, 0xff, "bzcat", NULL},
	{"lzma", {"\x5d\0\0", 3}, 0xff, "lzcat", NULL},
	{"a zip archive", {"PK\3\4", 4}, 0xff, "unzip -p", NULL},
};

const struct aqi_packing *
aqi_packing_find(struct aqi_slice head, bool *is_open)
{
	const struct aqi_packing *packing = packings;
	const struct aqi_packing *end =
		packings + sizeof packings / sizeof *packings;

	*is_open = head.size == 0;
	for (; head.size > 0 && packing < end; packing++) {
		const struct aqi_slice magic = packing->magic;
		size_t n = head.size < magic.size ? head.size : magic.size;

		if (((head.data[0] ^ magic.data[0]) & packing->first_mask) ||
		    memcmp(head.data + 1, magic.data + 1, n - 1) != 0)
			continue;
		if (n == magic.size)
			return packing;
		*is_open = true;
	}
	return NULL;
}

struct aqi_decoder *
aqi_decoder_new(const struct aqi_packing *packing, struct aqi_error *err)
{
	const struct codec *codec = packing->codec;
	struct aqi_decoder *decoder;

	if (!codec) {
		aqi_error_set(err, AQI_E_IO, "this is %s, which this build "
			      "cannot read; unpack it first: %s FILE | ...",
			      packing->name, packing->tool);
		return NULL;
	}
	decoder = calloc(1, sizeof *decoder);
	if (decoder)
		decoder->state = calloc(1, codec->state_size);
	if (!decoder || !decoder->state) {
		aqi_error_memory(err);
		free(decoder);
		return NULL;
	}
	decoder->packing = packing;
	decoder->is_between = true;
	return decoder;
}

void
aqi_decoder_free(struct aqi_decoder *decoder)
{
	if (!decoder)
		return;
	decoder->packing->codec->end(decoder->state);
	free(decoder->state);
	free(decoder);
}

static enum aqi_status
fail(const struct aqi_decoder *decoder, enum step why, struct aqi_error *err)
{
	const char *name = decoder->packing->name;
	unsigned long long n_in = decoder->n_in, n_out = decoder->n_out;

	switch (why) {
	case STEP_MEMORY:
		return aqi_error_memory(err);
	case STEP_LIMIT:
		return aqi_error_set(err, AQI_E_LIMIT, "the %s data needs more "
				     "than %d MiB to decode; unpack it first: "
				     "%s FILE | ...", name, MEMORY_MIB,
				     decoder->packing->tool);
	case STEP_FOREIGN:
		return aqi_error_set(err, AQI_E_IO, "something that is not %s "
				     "follows the %s data at byte %llu of the "
				     "file", name, name,
				     (unsigned long long)decoder->member_end);
	case STEP_DAMAGED:
		return aqi_error_set(err, AQI_E_IO, "the %s data is damaged: "
				     "decoding stops at byte %llu of its text",
				     name, n_out);
	default:
		return aqi_error_set(err, AQI_E_IO, "the %s data ends too "
				     "early, at byte %llu of the file", name,
				     n_in);
	}
}

static void
skip_padding(struct aqi_decoder *decoder, struct aqi_slice *in)
{
	while (decoder->packing->codec->padding && decoder->n_in > 0 &&
	       in->size > 0 && *in->data == 0) {
		advance(in, 1);
		decoder->n_in++;
		decoder->padding++;
	}
}

/* Are the zeros behind a member fewer or more than there may be? */
static bool
has_bad_padding(const struct aqi_decoder *decoder)
{
	const size_t unit = decoder->packing->codec->padding;

	return unit > 0 && decoder->padding % unit != 0;
}

/* May a member begin with this byte? The library looks at the others. */
static bool
may_begin(const struct aqi_decoder *decoder, char byte)
{
	const struct aqi_packing *packing = packings;
	size_t n = sizeof packings / sizeof *packings;

	for (; n > 0; n--, packing++)
		if (packing->codec == decoder->packing->codec &&
		    !((packing->magic.data[0] ^ byte) & packing->first_mask))
			return true;
	return false;
}

/* A step from *in to out, counted. */
static enum step
take_step(struct aqi_decoder *decoder, struct aqi_slice *in, char *out,
	  size_t size, size_t *got)
{
	const struct codec *codec = decoder->packing->codec;
	size_t held = in->size, n = 0;
	enum step step = STEP_OK;

	if (decoder->is_between)
		step = has_bad_padding(decoder) ||
		       !may_begin(decoder, *in->data) ?
			       STEP_FOREIGN : codec->begin(decoder->state);
	decoder->is_between = false;
	if (step == STEP_OK)
		step = codec->step(decoder->state, in, out + *got, size - *got,
				   &n);
	decoder->n_in += held - in->size;
	decoder->n_out += n;
	*got += n;
	return step;
}

enum aqi_status
aqi_decoder_run(struct aqi_decoder *decoder, struct aqi_slice *in, bool at_end,
		char *out, size_t size, size_t *got, struct aqi_error *err)
{
	size_t held, before;
	enum step step;

	*got = 0;
	if (decoder->failure)
		return fail(decoder, decoder->failure, err);
	do {
		held = in->size;
		before = *got;
		if (decoder->is_between)
			skip_padding(decoder, in);
		if (decoder->is_between && in->size == 0)
			break;
		step = take_step(decoder, in, out, size, got);
		if (step == STEP_MEMBER) {
			decoder->is_between = true;
			decoder->member_end = decoder->n_in;
			decoder->padding = 0;
		} else if (step != STEP_OK) {
			decoder->failure = step;
		}
	} while (!decoder->failure && *got < size &&
		 (in->size < held || *got > before));
	if (*got > 0)
		return AQI_OK;
	if (decoder->failure)
		return fail(decoder, decoder->failure, err);
	if (!at_end)
		return AQI_OK;
	decoder->n_in += in->size;
	if (!decoder->is_between)
		return fail(decoder, STEP_OK, err);
	return has_bad_padding(decoder) ? fail(decoder, STEP_FOREIGN, err) :
					  AQI_END;
}
