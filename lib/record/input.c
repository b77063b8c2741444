#include "record/input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "record/decoder.h"
#include "record/encoding.h"

/* Text that is plain goes past these, right to where it is wanted. Larger ones
 * save calls, smaller ones stay in the cache until they are used. */
#define BYTES_SIZE (AQI_DECODER_INPUT + (size_t)63 * 1024)
#define TEXT_SIZE ((size_t)64 * 1024)

struct aqi_input {
	const char *encoding_name;	/* NULL: UTF-8 */
	const char *file;
	int fd;			/* -1: none */
	bool is_known;		/* whether it is packed */
	bool is_fast;		/* a read has found as much as a pipe holds */
	bool at_end;		/* of the file's bytes */
	bool text_at_end;	/* of the text before it is converted */
	struct aqi_decoder *decoder;	/* NULL: it is not packed */
	struct aqi_encoding *encoding;	/* NULL: it is UTF-8 */
	struct aqi_slice bytes;	/* read, and not used yet; of buffer */
	struct aqi_slice text;	/* unpacked, and not converted; of unpacked */
	uint64_t bytes_read;
	char buffer[BYTES_SIZE];
	char unpacked[TEXT_SIZE];
};

struct aqi_input *
aqi_input_new(const char *encoding)
{
	/* Not calloc: what is not used costs no memory. */
	struct aqi_input *input = malloc(sizeof *input);

	if (!input)
		return NULL;
	memset(input, 0, offsetof(struct aqi_input, buffer));
	if (encoding && !aqi_encoding_is_utf8(encoding))
		input->encoding_name = encoding;
	input->fd = -1;
	return input;
}

static void
close_file(struct aqi_input *input)
{
	if (input->fd > STDERR_FILENO)
		close(input->fd);
	input->fd = -1;
	aqi_decoder_free(input->decoder);
	aqi_encoding_free(input->encoding);
	input->decoder = NULL;
	input->encoding = NULL;
}

void
aqi_input_free(struct aqi_input *input)
{
	if (!input)
		return;
	close_file(input);
	free(input);
}

bool
aqi_input_is_plain(const struct aqi_input *input)
{
	return !input->decoder && !input->encoding;
}

bool
aqi_input_pass(struct aqi_input *input, uint64_t n)
{
	size_t held = input->bytes.size;
	struct stat st;

	if (!input->is_known || !aqi_input_is_plain(input) || n < held ||
	    fstat(input->fd, &st) != 0 || !S_ISREG(st.st_mode) ||
	    lseek(input->fd, (off_t)(n - held), SEEK_CUR) < 0)
		return false;
	input->bytes.size = 0;
	input->bytes_read += n - held;
	return true;
}

uint64_t
aqi_input_progress(const struct aqi_input *input)
{
	return input->bytes_read;
}

static enum aqi_status
open_encoding(struct aqi_input *input, struct aqi_error *err)
{
	char quoted[AQI_QUOTED_SIZE];

	if (!aqi_encoding_is_known(input->encoding_name))
		return aqi_error_set(err, AQI_E_USAGE,
			"the encoding %s is not known; see iconv -l",
			aqi_error_quote(quoted,
					aqi_slice_of(input->encoding_name)));
	input->encoding = aqi_encoding_new(input->encoding_name);
	return input->encoding ? AQI_OK : aqi_error_memory(err);
}

enum aqi_status
aqi_input_open(struct aqi_input *input, const char *file,
	       struct aqi_error *err)
{
	close_file(input);
	input->file = file;
	input->is_known = input->at_end = input->text_at_end = false;
	input->is_fast = false;
	input->bytes.size = input->text.size = 0;
	if (input->encoding_name && open_encoding(input, err) != AQI_OK)
		return AQI_FATAL;
	input->fd = strcmp(file, "-") == 0 ? STDIN_FILENO :
					     open(file, O_RDONLY | O_CLOEXEC);
	if (input->fd >= 0)
		return AQI_OK;
	aqi_error_system(err, errno, "cannot open");
	return aqi_error_at(err, file, 0, 0);
}

/* Would read() return at once? An error counts as yes: it will tell. */
static bool
is_ready(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	int n;

	do
		n = poll(&p, 1, 0);
	while (n < 0 && errno == EINTR);
	return n != 0;
}

static void
wait_for_input(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	poll(&p, 1, -1);
}

/* Bytes of the file; none at its end, and where they must be waited for. */
static enum aqi_status
read_bytes(struct aqi_input *input, char *out, size_t size, bool may_wait,
	   size_t *got, struct aqi_error *err)
{
	ssize_t n;

	*got = 0;
	if (input->at_end || (!may_wait && !is_ready(input->fd)))
		return AQI_OK;
	while ((n = read(input->fd, out, size)) < 0) {
		if (errno == EAGAIN || errno == EWOULDBLOCK) {
			if (!may_wait)
				return AQI_OK;
			wait_for_input(input->fd);
		} else if (errno != EINTR) {
			return aqi_error_system(err, errno, "cannot read");
		}
	}
	if (!input->is_fast && (size_t)n >= AQI_PIPE_USUAL) {
		input->is_fast = true;
		aqi_file_widen_pipe(input->fd);
	}
	input->at_end = n == 0;
	input->bytes_read += (uint64_t)n;
	*got = (size_t)n;
	return AQI_OK;
}

/* More bytes into the buffer, behind those that are there. */
static enum aqi_status
fill(struct aqi_input *input, bool may_wait, size_t *got, struct aqi_error *err)
{
	size_t held = input->bytes.size;

	if (held > 0)
		memmove(input->buffer, input->bytes.data, held);
	input->bytes.data = input->buffer;
	if (read_bytes(input, input->buffer + held, BYTES_SIZE - held,
		       may_wait, got, err) != AQI_OK)
		return AQI_FATAL;
	input->bytes.size += *got;
	return AQI_OK;
}

/* Find out whether the file is packed, from as few bytes as tell. */
static enum aqi_status
recognise(struct aqi_input *input, bool may_wait, struct aqi_error *err)
{
	const struct aqi_packing *packing;
	bool is_open;
	size_t got;

	for (;;) {
		packing = aqi_packing_find(input->bytes, &is_open);
		if (!is_open || input->at_end)
			break;
		if (fill(input, may_wait, &got, err) != AQI_OK)
			return AQI_FATAL;
		if (got == 0 && !input->at_end)
			return AQI_OK;
	}
	input->is_known = true;
	if (!packing)
		return AQI_OK;
	input->decoder = aqi_decoder_new(packing, err);
	return input->decoder ? AQI_OK : AQI_FATAL;
}

static enum aqi_status
read_plain(struct aqi_input *input, char *out, size_t size, bool may_wait,
	   size_t *got, struct aqi_error *err)
{
	struct aqi_slice *bytes = &input->bytes;

	if (bytes->size == 0) {
		if (read_bytes(input, out, size, may_wait, got, err) != AQI_OK)
			return AQI_FATAL;
		return input->at_end ? AQI_END : AQI_OK;
	}
	*got = bytes->size < size ? bytes->size : size;
	memcpy(out, bytes->data, *got);
	bytes->data += *got;
	bytes->size -= *got;
	return AQI_OK;
}

static enum aqi_status
read_packed(struct aqi_input *input, char *out, size_t size, bool may_wait,
	    size_t *got, struct aqi_error *err)
{
	enum aqi_status status;
	size_t more;

	for (;;) {
		status = aqi_decoder_run(input->decoder, &input->bytes,
					 input->at_end, out, size, got, err);
		if (status != AQI_OK || *got > 0)
			return status;
		if (fill(input, may_wait, &more, err) != AQI_OK)
			return AQI_FATAL;
		if (more == 0 && !input->at_end)
			return AQI_OK;
	}
}

/* Text before its conversion. */
static enum aqi_status
read_text(struct aqi_input *input, char *out, size_t size, bool may_wait,
	  size_t *got, struct aqi_error *err)
{
	*got = 0;
	if (!input->is_known && recognise(input, may_wait, err) != AQI_OK)
		return AQI_FATAL;
	if (!input->is_known)
		return AQI_OK;
	return input->decoder ?
		       read_packed(input, out, size, may_wait, got, err) :
		       read_plain(input, out, size, may_wait, got, err);
}

static enum aqi_status
read_converted(struct aqi_input *input, char *out, size_t size, bool may_wait,
	       size_t *got, struct aqi_error *err)
{
	struct aqi_slice *text = &input->text;
	enum aqi_status status;
	size_t more;

	for (;;) {
		*got = aqi_encoding_convert(input->encoding, text,
					    input->text_at_end, out, size);
		if (*got > 0)
			return AQI_OK;
		if (input->text_at_end)
			return AQI_END;
		/* What is left is the start of a character. */
		if (text->size > 0)
			memmove(input->unpacked, text->data, text->size);
		text->data = input->unpacked;
		status = read_text(input, input->unpacked + text->size,
				   TEXT_SIZE - text->size, may_wait, &more,
				   err);
		if (status == AQI_FATAL || (status == AQI_OK && more == 0))
			return status;
		text->size += more;
		input->text_at_end = status == AQI_END;
	}
}

enum aqi_status
aqi_input_read(struct aqi_input *input, char *out, size_t size, bool may_wait,
	       size_t *got, struct aqi_error *err)
{
	enum aqi_status status =
		input->encoding ?
			read_converted(input, out, size, may_wait, got, err) :
			read_text(input, out, size, may_wait, got, err);

	return status == AQI_FATAL ? aqi_error_at(err, input->file, 0, 0) :
				     status;
}
