#include "api/template.h"

#include <stdint.h>
#include <stdlib.h>

#include "api/records.h"
#include "base/arena.h"
#include "net/http_write.h"

enum kind {
	KIND_TEXT,
	KIND_RECORD,
	KIND_RECORDS,
	KIND_VALUE
};

struct part {
	enum kind kind;
	struct aqi_slice text;		/* or the name of the member */
};

#define MAX_GAPS 128

struct aqi_template {
	struct aqi_buffer head;		/* up to the length, where a body is */
	bool has_body;
	size_t batch_size;
	/* (n_parts,) of the body: the gaps, and texts around them */
	struct part parts[2 * MAX_GAPS + 1];
	size_t n_parts, n_gaps;
	struct aqi_buffer body, record;	/* of the request at hand */
	struct aqi_arena arena;
};

static bool
is_name(struct aqi_slice text)
{
	for (size_t i = 0; i < text.size; i++)
		if (strchr("\"{}\\", text.data[i]))
			return false;
	return text.size > 0;
}

static enum aqi_status
add_part(struct aqi_template *t, enum kind kind, struct aqi_slice text,
	 struct aqi_error *err)
{
	if (kind == KIND_TEXT && text.size == 0)
		return AQI_OK;
	if (kind != KIND_TEXT && t->n_gaps++ == MAX_GAPS)
		return aqi_error_set(err, AQI_E_USAGE,
				     "a body has at most %d gaps", MAX_GAPS);
	t->parts[t->n_parts++] = (struct part){kind, text};
	return AQI_OK;
}

static enum aqi_status
add_gap(struct aqi_template *t, struct aqi_slice name, struct aqi_error *err)
{
	char quoted[AQI_QUOTED_SIZE];

	if (aqi_slice_is(name, "record"))
		return add_part(t, KIND_RECORD, name, err);
	if (aqi_slice_is(name, "records"))
		return add_part(t, KIND_RECORDS, name, err);
	if (is_name(name))
		return add_part(t, KIND_VALUE, name, err);
	return aqi_error_set(err, AQI_E_USAGE, "a gap is {{record}}, "
			     "{{records}} or {{NAME}}, not {{%s}}",
			     aqi_error_quote(quoted, name));
}

/*
 * A gap begins at the last two of a row of braces and ends at the next two, so
 * that {{{pm25}}} is an object's brace around one. Two braces without the
 * others behind them are JSON's own.
 */
static enum aqi_status
split(struct aqi_template *t, struct aqi_slice body, struct aqi_error *err)
{
	const char *p = body.data, *end = p + body.size, *from = p, *open;
	const char *close;

	while ((open = memmem(p, (size_t)(end - p), "{{", 2))) {
		while (open + 2 < end && open[2] == '{')
			open++;
		close = memmem(open, (size_t)(end - open), "}}", 2);
		if (!close)
			break;
		p = open + 2;
		if (memchr(open, '"', (size_t)(close - open)))
			continue;
		p = close + 2;
		if (add_part(t, KIND_TEXT, (struct aqi_slice){
				from, (size_t)(open - from)}, err) != AQI_OK ||
		    add_gap(t, (struct aqi_slice){
				open + 2, (size_t)(close - open - 2)},
			    err) != AQI_OK)
			return AQI_FATAL;
		from = p;
	}
	return add_part(t, KIND_TEXT,
			(struct aqi_slice){from, (size_t)(end - from)}, err);
}

static enum aqi_status
write_head(struct aqi_template *t, const struct aqi_template_options *o,
	   struct aqi_error *err)
{
	char quoted[AQI_QUOTED_SIZE];

	if (!aqi_http_add_request(&t->head, aqi_slice_of(o->method), o->target,
				  o->host))
		return aqi_error_set(err, AQI_E_USAGE, "no request can be made "
				     "of the method %s and the target's host "
				     "and path",
				     aqi_error_quote(quoted,
						     aqi_slice_of(o->method)));
	if (o->body.data && !o->has_type)
		aqi_buffer_add_text(&t->head,
				    "content-type: application/json\r\n");
	aqi_buffer_add_slice(&t->head, o->fields);
	if (o->closes)
		aqi_buffer_add_text(&t->head, "connection: close\r\n");
	if (o->body.data)
		aqi_buffer_add_text(&t->head, "content-length: ");
	else
		aqi_buffer_add_text(&t->head, "\r\n");
	return t->head.failed ? aqi_error_memory(err) : AQI_OK;
}

struct aqi_template *
aqi_template_new(const struct aqi_template_options *options,
		 struct aqi_error *err)
{
	struct aqi_template *t = calloc(1, sizeof *t);
	struct aqi_slice body;

	if (!t) {
		aqi_error_memory(err);
		return NULL;
	}
	t->has_body = options->body.data != NULL;
	t->batch_size = options->batch_size;
	body = aqi_arena_copy(&t->arena, options->body);
	if (t->arena.failed) {
		aqi_error_memory(err);
	} else if (write_head(t, options, err) == AQI_OK &&
		   (!t->has_body || split(t, body, err) == AQI_OK)) {
		return t;
	}
	aqi_template_free(t);
	return NULL;
}

/* Take the next record as the one at hand. */
static bool
take_record(struct aqi_template *t, struct aqi_records *records, bool *is_good)
{
	bool good;

	aqi_buffer_clear(&t->record);
	if (!aqi_records_next(records, &t->record, &good))
		return false;
	*is_good = *is_good && good;
	return true;
}

/* So many records as there are, but one at least. */
static bool
write_records(struct aqi_template *t, struct aqi_records *records,
	      bool *is_good)
{
	bool good;

	for (size_t i = 0; i < t->batch_size; i++) {
		if (i > 0)
			aqi_buffer_add_byte(&t->body, ',');
		if (!aqi_records_next(records, &t->body, &good)) {
			if (i > 0)
				t->body.size--;
			return i > 0;
		}
		*is_good = *is_good && good;
	}
	return true;
}

static void
write_value(struct aqi_template *t, struct aqi_slice name)
{
	const struct aqi_slice record = {t->record.data, t->record.size};
	struct aqi_slice value = aqi_records_value(record, name);

	if (value.data)
		aqi_buffer_add_slice(&t->body, value);
	else
		aqi_buffer_add_text(&t->body, "null");
}

static bool
write_body(struct aqi_template *t, struct aqi_records *records, bool *is_good)
{
	bool has_record = false, was_written = false;

	aqi_buffer_clear(&t->body);
	for (size_t i = 0; i < t->n_parts; i++) {
		const struct part *part = &t->parts[i];

		if (part->kind == KIND_TEXT) {
			aqi_buffer_add_slice(&t->body, part->text);
			continue;
		}
		if (part->kind == KIND_RECORDS) {
			if (!write_records(t, records, is_good))
				return false;
			continue;
		}
		if (!has_record || (part->kind == KIND_RECORD && was_written)) {
			if (!take_record(t, records, is_good))
				return false;
			has_record = true;
		}
		if (part->kind == KIND_VALUE) {
			write_value(t, part->text);
			continue;
		}
		aqi_buffer_add(&t->body, t->record.data, t->record.size);
		was_written = true;
	}
	return true;
}

/* printf is slower than all the rest of a request. */
static void
add_number(struct aqi_buffer *out, size_t n)
{
	char digits[20], *p = digits + sizeof digits;

	do
		*--p = (char)('0' + n % 10);
	while (n /= 10);
	aqi_buffer_add(out, p, (size_t)(digits + sizeof digits - p));
}

bool
aqi_template_write(struct aqi_template *t, struct aqi_records *records,
		   struct aqi_buffer *out, bool *is_good)
{
	*is_good = true;
	aqi_buffer_add(out, t->head.data, t->head.size);
	if (!t->has_body)
		return true;
	if (!write_body(t, records, is_good))
		return false;
	add_number(out, t->body.size);
	aqi_buffer_add(out, "\r\n\r\n", 4);
	aqi_buffer_add(out, t->body.data, t->body.size);
	out->failed = out->failed || t->body.failed || t->record.failed;
	return true;
}

bool
aqi_template_takes_records(const struct aqi_template *t)
{
	return t->n_gaps > 0;
}

void
aqi_template_free(struct aqi_template *t)
{
	if (!t)
		return;
	aqi_buffer_free(&t->head);
	aqi_buffer_free(&t->body);
	aqi_buffer_free(&t->record);
	aqi_arena_free(&t->arena);
	free(t);
}
