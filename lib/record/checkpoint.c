#include "record/checkpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sum.h"

#define MAGIC "aqi-checkpoint "
#define VERSION "1\n"
#define SUM_LINE (sizeof "sum 0123456789abcdef\n" - 1)

/* Some thousand columns with long names, and options, are well below. */
#define MOST_BYTES ((size_t)64 * 1024 * 1024)

/* Text up to the end of the line; what could end it is escaped. */
static void
add_text(struct aqi_buffer *out, struct aqi_slice text)
{
	for (size_t i = 0; i < text.size; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if (c >= 0x20 && c != 0x7f && c != '\\')
			aqi_buffer_add_byte(out, text.data[i]);
		else
			aqi_buffer_add_format(out, "\\%02x", c);
	}
	aqi_buffer_add_byte(out, '\n');
}

static void
add_number(struct aqi_buffer *out, uint64_t n)
{
	aqi_buffer_add_format(out, " %" PRIu64, n);
}

static void
add_list(struct aqi_buffer *out, const char *key, size_t n)
{
	aqi_buffer_add_text(out, key);
	add_number(out, n);
	aqi_buffer_add_byte(out, '\n');
}

static void
add_mark(struct aqi_buffer *out, const char *key, struct aqi_mark mark)
{
	aqi_buffer_add_format(out, "%s %" PRIu64 " %016" PRIx64 "\n", key,
			      mark.size, mark.sum);
}

/* Names, each with the column of the file that it has by a map, or none. */
static void
add_names(struct aqi_buffer *out, const char *key,
	  const struct aqi_slice *names, size_t n, const size_t *map)
{
	add_list(out, key, n);
	for (size_t i = 0; i < n; i++) {
		if (!map || map[i] == AQI_NO_COLUMN)
			aqi_buffer_add_text(out, "- ");
		else
			aqi_buffer_add_format(out, "%zu ", map[i]);
		add_text(out, names[i]);
	}
}

static void
add_position(struct aqi_buffer *out, const struct aqi_reader_position *at)
{
	aqi_buffer_add_format(out, "at %" PRIu64 " %" PRIu64 " %" PRIu64
			      " %" PRIu64 " %016" PRIx64 "\n", at->source.file,
			      at->source.offset, at->source.line,
			      at->source.tail_size, at->source.tail_sum);
	aqi_buffer_add_format(out, "read %d %d %d %zu\n", (int)at->syntax,
			      at->lacks_names, at->is_open, at->n_columns);
	add_names(out, "columns", at->names, at->is_open ? at->n_names : 0,
		  at->n_columns && !at->n_own_names ? at->map : NULL);
	add_names(out, "own", at->own_names, at->n_own_names,
		  at->n_columns ? at->map : NULL);
}

/* The counts, in their order. */
static void
add_counts(struct aqi_buffer *out, const struct aqi_counts *counts)
{
	uint64_t numbers[sizeof *counts / sizeof(uint64_t)];

	memcpy(numbers, counts, sizeof numbers);
	aqi_buffer_add_text(out, "counts");
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		add_number(out, numbers[i]);
	aqi_buffer_add_byte(out, '\n');
}

void
aqi_checkpoint_format(const struct aqi_checkpoint *c, struct aqi_buffer *out)
{
	size_t start = out->size;

	aqi_buffer_add_text(out, MAGIC VERSION "program ");
	add_text(out, c->program);
	add_list(out, "options", c->n_options);
	for (size_t i = 0; i < c->n_options; i++)
		add_text(out, c->options[i]);
	add_list(out, "parts", c->n_parts);
	for (size_t i = 0; i < c->n_parts; i++) {
		aqi_buffer_add_format(out, "%016" PRIx64 " ", c->parts[i].sum);
		add_text(out, c->parts[i].name);
	}
	add_list(out, "inputs", c->n_inputs);
	for (size_t i = 0; i < c->n_inputs; i++) {
		aqi_buffer_add_format(out, "%" PRIu64 " %" PRIu64 " ",
				      c->inputs[i].size,
				      c->inputs[i].mtime_ns);
		add_text(out, c->inputs[i].name);
	}
	aqi_buffer_add_format(out, "complete %d\n", c->is_complete);
	add_position(out, &c->at);
	add_counts(out, &c->counts);
	aqi_buffer_add_text(out, "messages");
	for (size_t i = 0; i <= AQI_E_MEMORY; i++)
		add_number(out, c->messages[i]);
	aqi_buffer_add_byte(out, '\n');
	add_mark(out, "out", c->out);
	add_mark(out, "rejects", c->rejects);
	if (!out->failed)
		aqi_buffer_add_format(out, "sum %016" PRIx64 "\n", aqi_sum(
			AQI_SUM_START, (struct aqi_slice){
				out->data + start, out->size - start}));
}

/* What is left to read; has failed once anything is not as it is written. */
struct cursor {
	struct aqi_slice left;
	struct aqi_arena *arena;
	bool failed;
};

static void
take(struct cursor *in, const char *text)
{
	size_t n = strlen(text);

	in->failed |= in->left.size < n ||
		      memcmp(in->left.data, text, n) != 0;
	if (in->failed)
		return;
	in->left.data += n;
	in->left.size -= n;
}

/* A number in digits, up to any other byte, as it would be written. */
static uint64_t
take_digits(struct cursor *in)
{
	uint64_t n = 0;
	size_t i = 0;
	const char *p = in->left.data;

	for (; i < in->left.size && p[i] >= '0' && p[i] <= '9'; i++) {
		unsigned digit = (unsigned)(p[i] - '0');

		in->failed |= (i == 1 && n == 0) ||
			      n > (UINT64_MAX - digit) / 10;
		n = n * 10 + digit;
	}
	in->failed |= i == 0;
	in->left.data += i;
	in->left.size -= i;
	return in->failed ? 0 : n;
}

static uint64_t
take_number(struct cursor *in)
{
	take(in, " ");
	return in->failed ? 0 : take_digits(in);
}

static bool
take_flag(struct cursor *in)
{
	uint64_t n = take_number(in);

	in->failed |= n > 1;
	return n == 1;
}

static unsigned
hex_digit(struct cursor *in, char c)
{
	const char *digits = "0123456789abcdef";
	const char *at = c ? strchr(digits, c) : NULL;

	in->failed |= !at;
	return at ? (unsigned)(at - digits) : 0;
}

static uint64_t
take_sum(struct cursor *in)
{
	uint64_t sum = 0;

	in->failed |= in->left.size < 16;
	for (size_t i = 0; i < 16 && !in->failed; i++)
		sum = sum << 4 | hex_digit(in, in->left.data[i]);
	if (in->failed)
		return 0;
	in->left.data += 16;
	in->left.size -= 16;
	return sum;
}

/* Text to the end of the line. */
static struct aqi_slice
take_text(struct cursor *in)
{
	const char *p = in->left.data;
	const char *end = in->failed ? NULL : memchr(p, '\n', in->left.size);
	char *text = end ? aqi_arena_alloc(in->arena, (size_t)(end - p) + 1) :
			   NULL;
	size_t n = 0;

	in->failed |= !text;
	while (!in->failed && p < end) {
		unsigned char c = (unsigned char)*p++;

		in->failed |= c < 0x20 || c == 0x7f ||
			      (c == '\\' && end - p < 2);
		if (c == '\\' && !in->failed) {
			c = (unsigned char)(hex_digit(in, p[0]) << 4 |
					    hex_digit(in, p[1]));
			in->failed |= c >= 0x20 && c != 0x7f && c != '\\';
			p += 2;
		}
		if (!in->failed)
			text[n++] = (char)c;
	}
	if (in->failed)
		return (struct aqi_slice){NULL, 0};
	text[n] = '\0';
	in->left.size -= (size_t)(end + 1 - in->left.data);
	in->left.data = end + 1;
	return (struct aqi_slice){text, n};
}

/* The head of a list, and room for it; each item has a line. */
static void *
take_list(struct cursor *in, const char *key, size_t size, size_t *n)
{
	uint64_t count;
	void *items;

	take(in, key);
	count = take_number(in);
	take(in, "\n");
	in->failed |= count > in->left.size;
	*n = in->failed ? 0 : (size_t)count;
	items = aqi_arena_array(in->arena, *n, size);
	in->failed |= !items;
	return items;
}

static void
take_options(struct cursor *in, struct aqi_checkpoint *c)
{
	struct aqi_slice *options = take_list(in, "options", sizeof *options,
					      &c->n_options);

	c->options = options;
	for (size_t i = 0; i < c->n_options && !in->failed; i++)
		options[i] = take_text(in);
}

static void
take_parts(struct cursor *in, struct aqi_checkpoint *c)
{
	struct aqi_checkpoint_part *parts =
		take_list(in, "parts", sizeof *parts, &c->n_parts);

	c->parts = parts;
	for (size_t i = 0; i < c->n_parts && !in->failed; i++) {
		parts[i].sum = take_sum(in);
		take(in, " ");
		parts[i].name = take_text(in);
	}
}

static void
take_inputs(struct cursor *in, struct aqi_checkpoint *c)
{
	struct aqi_checkpoint_input *inputs =
		take_list(in, "inputs", sizeof *inputs, &c->n_inputs);

	c->inputs = inputs;
	for (size_t i = 0; i < c->n_inputs && !in->failed; i++) {
		inputs[i].size = take_digits(in);
		inputs[i].mtime_ns = take_number(in);
		take(in, " ");
		inputs[i].name = take_text(in);
	}
}

static size_t
take_column(struct cursor *in, size_t n_columns)
{
	uint64_t at;

	if (in->left.size > 0 && *in->left.data == '-') {
		take(in, "- ");
		return AQI_NO_COLUMN;
	}
	at = take_digits(in);
	take(in, " ");
	in->failed |= at >= n_columns;
	return (size_t)at;
}

/* Names with a map, in *map; neither without a position that is open. */
static const struct aqi_slice *
take_names(struct cursor *in, const char *key,
	   const struct aqi_reader_position *at, size_t *n, size_t **map)
{
	struct aqi_slice *names = take_list(in, key, sizeof *names, n);

	*map = aqi_arena_array(in->arena, *n, sizeof **map);
	in->failed |= !*map || *n > AQI_MAX_COLUMNS || (*n > 0 && !at->is_open);
	for (size_t i = 0; i < *n && !in->failed; i++) {
		(*map)[i] = take_column(in, at->n_columns);
		names[i] = take_text(in);
	}
	return names;
}

static void
take_position(struct cursor *in, struct aqi_checkpoint *c)
{
	struct aqi_reader_position *at = &c->at;
	size_t *map, *own_map;
	uint64_t syntax;

	take(in, "at");
	at->source.file = take_number(in);
	at->source.offset = take_number(in);
	at->source.line = take_number(in);
	at->source.tail_size = take_number(in);
	take(in, " ");
	at->source.tail_sum = take_sum(in);
	take(in, "\nread");
	syntax = take_number(in);
	at->syntax = (enum aqi_syntax)syntax;
	at->lacks_names = take_flag(in);
	at->is_open = take_flag(in);
	at->n_columns = take_number(in);
	take(in, "\n");
	/* What the reader goes by must hold together. */
	in->failed |= syntax > AQI_SYNTAX_NDJSON ||
		      at->source.file > c->n_inputs || at->source.line == 0 ||
		      at->source.tail_size > AQI_TAIL_SIZE ||
		      at->source.tail_size > at->source.offset ||
		      at->source.offset > INT64_MAX ||
		      (at->source.offset > 0 &&
		       at->source.file == c->n_inputs) ||
		      at->n_columns > AQI_MAX_COLUMNS ||
		      (at->n_columns > 0 && !at->is_open);
	at->names = take_names(in, "columns", at, &at->n_names, &map);
	at->own_names = take_names(in, "own", at, &at->n_own_names, &own_map);
	/* The file has its columns by one of the lists. */
	for (size_t i = 0; at->n_own_names && i < at->n_names && !in->failed;
	     i++)
		in->failed |= map[i] != AQI_NO_COLUMN;
	at->map = at->n_own_names ? own_map : map;
}

static void
take_counts(struct cursor *in, struct aqi_checkpoint *c)
{
	uint64_t numbers[sizeof c->counts / sizeof(uint64_t)] = {0};

	take(in, "counts");
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		numbers[i] = take_number(in);
	memcpy(&c->counts, numbers, sizeof numbers);
	take(in, "\nmessages");
	for (size_t i = 0; i <= AQI_E_MEMORY; i++)
		c->messages[i] = take_number(in);
	take(in, "\n");
}

static void
take_mark(struct cursor *in, const char *key, struct aqi_mark *mark)
{
	take(in, key);
	mark->size = take_number(in);
	take(in, " ");
	mark->sum = take_sum(in);
	take(in, "\n");
	in->failed |= mark->size > INT64_MAX;
}

static enum aqi_status
refuse(struct aqi_error *err, const char *why)
{
	return aqi_error_set(err, AQI_E_MODEL, "%s; without it a run begins "
			     "anew", why);
}

/* Is the last line there, with the sum of all before? */
static bool
has_sum(struct aqi_slice text)
{
	struct cursor in = {0};
	size_t body;

	if (text.size < SUM_LINE)
		return false;
	body = text.size - SUM_LINE;
	in.left = (struct aqi_slice){text.data + body, SUM_LINE};
	text.size = body;
	take(&in, "sum ");
	return aqi_sum(AQI_SUM_START, text) == take_sum(&in) && !in.failed &&
	       in.left.size == 1 && *in.left.data == '\n';
}

enum aqi_status
aqi_checkpoint_parse(struct aqi_checkpoint *c, struct aqi_slice text,
		     struct aqi_error *err)
{
	struct cursor in = {.left = text, .arena = &c->arena};

	take(&in, MAGIC);
	if (in.failed)
		return refuse(err, "this is no checkpoint");
	take(&in, VERSION);
	if (in.failed)
		return refuse(err, "damaged, or a checkpoint of another "
			      "version");
	if (!has_sum(text))
		return refuse(err, "the checkpoint is damaged");
	in.left.size -= SUM_LINE;
	take(&in, "program ");
	c->program = take_text(&in);
	take_options(&in, c);
	take_parts(&in, c);
	take_inputs(&in, c);
	take(&in, "complete");
	c->is_complete = take_flag(&in);
	take(&in, "\n");
	take_position(&in, c);
	take_counts(&in, c);
	take_mark(&in, "out", &c->out);
	take_mark(&in, "rejects", &c->rejects);
	if (c->arena.failed)
		return aqi_error_memory(err);
	if (in.failed || in.left.size > 0)
		return refuse(err, "the checkpoint is damaged");
	return AQI_OK;
}

enum aqi_status
aqi_checkpoint_load(struct aqi_checkpoint *checkpoint, const char *path,
		    struct aqi_error *err)
{
	struct aqi_buffer bytes;
	enum aqi_status status;

	if (access(path, F_OK) != 0 && errno == ENOENT)
		return AQI_END;
	status = aqi_file_load(path, MOST_BYTES, AQI_E_MODEL, &bytes, err);
	if (status == AQI_OK) {
		status = aqi_checkpoint_parse(checkpoint, (struct aqi_slice){
			bytes.data, bytes.size}, err);
		aqi_buffer_free(&bytes);
	}
	if (status != AQI_OK)
		return aqi_error_at(err, path, 0, 0);
	return AQI_OK;
}

/* A small file, from nothing to the disk. */
static bool
write_file(const char *path, const struct aqi_buffer *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	size_t done = 0;
	bool good;
	ssize_t put;

	if (fd < 0)
		return false;
	while (done < text->size) {
		put = write(fd, text->data + done, text->size - done);
		if (put < 0 && errno != EINTR)
			break;
		done += put > 0 ? (size_t)put : 0;
	}
	good = done == text->size && aqi_file_sync(fd);
	return close(fd) == 0 && good;
}

enum aqi_status
aqi_checkpoint_save(const struct aqi_checkpoint *checkpoint, const char *path,
		    struct aqi_error *err)
{
	struct aqi_buffer text = {0};
	enum aqi_status status = AQI_OK;
	char *new_path;

	aqi_checkpoint_format(checkpoint, &text);
	if (text.failed || asprintf(&new_path, "%s.new", path) < 0) {
		aqi_buffer_free(&text);
		return aqi_error_memory(err);
	}
	if (!write_file(new_path, &text) || rename(new_path, path) != 0) {
		aqi_error_system(err, errno, "cannot write the checkpoint");
		status = aqi_error_at(err, path, 0, 0);
		unlink(new_path);
	} else {
		aqi_file_sync_folder(path);
	}
	free(new_path);
	aqi_buffer_free(&text);
	return status;
}
