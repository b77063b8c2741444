#include "net/http.h"

#include "base/word.h"
#include "net/http_class.h"
#include "net/http_fields.h"
#include "net/http_line.h"

/*
 * The first control byte from p on; most of a head is text, so eight bytes at a
 * time, without a branch for each. A byte is a control byte when it is below
 * 0x20 or is 0x7f. The sums stay within their bytes: each is judged alone.
 */
static const char *
skip_text(const char *p, const char *end)
{
	while (end - p >= 8) {
		const uint64_t word = aqi_word_load(p);
		const uint64_t low = word & AQI_EACH(0x7f);
		const uint64_t control = (~(low + AQI_EACH(0x60)) |
					  (low + AQI_EACH(1))) &
					 ~word & AQI_EACH(0x80);

		if (control == 0) {
			p += 8;
			continue;
		}
		p += __builtin_ctzll(control) / 8;
		if (*p != '\t')
			return p;
		p++;
	}
	return aqi_http_run(AQI_HTTP_TEXT, p, end);
}

bool
aqi_http_is(struct aqi_slice text, const char *name)
{
	size_t i = 0;

	/* Of the bytes of a name, the bit maps capitals to small letters, and
	 * nothing but control bytes to others. */
	while (i < text.size && name[i] &&
	       ((unsigned char)text.data[i] | 0x20) == (unsigned char)name[i])
		i++;
	return i == text.size && !name[i];
}

struct aqi_slice
aqi_http_find(const struct aqi_http_head *head, const char *name)
{
	for (size_t i = 0; i < head->n_fields; i++)
		if (aqi_http_is(head->fields[i].name, name))
			return head->fields[i].value;
	return (struct aqi_slice){NULL, 0};
}

struct aqi_slice
aqi_http_next_element(struct aqi_slice *list)
{
	struct aqi_slice element = *list;
	const char *comma = list->size ? memchr(list->data, ',', list->size)
				       : NULL;

	if (comma) {
		element.size = (size_t)(comma - list->data);
		list->data += element.size + 1;
		list->size -= element.size + 1;
	} else {
		*list = (struct aqi_slice){NULL, 0};
	}
	return aqi_slice_trim(element);
}

/*
 * Where the line ends that *p is in, which it is moved to: at its CR. AQI_END:
 * not before end.
 */
static enum aqi_status
find_end(const char **p, const char *end, struct aqi_http_fault *fault)
{
	*p = skip_text(*p, end);
	if (*p == end || (**p == '\r' && *p + 1 == end))
		return AQI_END;
	if (**p == '\r' && (*p)[1] == '\n')
		return AQI_OK;
	aqi_http_refuse(fault, 400, **p == '\r' || **p == '\n' ?
			"a line does not end in CRLF" :
			"there is a control byte");
	return AQI_REJECT;
}

/* Line n of a head, its first or a field. */
static bool
read_line(struct aqi_slice line, size_t n, bool is_response,
	  const struct aqi_http_limits *limits, struct aqi_http_head *head,
	  struct aqi_http_fault *fault)
{
	if (n == 0)
		return is_response ?
			aqi_http_read_status_line(line, head, fault) :
			aqi_http_read_request_line(line, head, fault);
	if (n > limits->fields || n > AQI_HTTP_FIELDS)
		return aqi_http_refuse(fault, 431, "there are too many header "
				       "fields");
	return aqi_http_read_field(line, &head->fields[n - 1], fault);
}

/* The lines of a head, up to the empty one behind it. */
static enum aqi_status
read_lines(struct aqi_slice bytes, bool is_response,
	   struct aqi_http_progress *progress,
	   const struct aqi_http_limits *limits, struct aqi_http_head *head,
	   struct aqi_http_fault *fault)
{
	const char *begin = bytes.data, *p = begin + progress->at;
	bool is_long = bytes.size >= limits->head;
	const char *end = begin + (is_long ? limits->head : bytes.size);

	for (;;) {
		const char *line = begin + progress->line, *stop = end;
		bool is_first = progress->n_lines == 0;
		enum aqi_status status;
		size_t size;

		/* CR and LF of a first line at its limit are looked at. */
		if (is_first && (size_t)(end - line) > limits->line + 2)
			stop = line + limits->line + 2;
		status = find_end(&p, stop, fault);
		size = (size_t)(p - line);
		if (is_first && size > limits->line) {
			aqi_http_refuse(fault, 414, "the first line is too "
					"long");
			return AQI_REJECT;
		}
		progress->at = (size_t)(p - begin);
		if (status == AQI_END && is_long)
			aqi_http_refuse(fault, 431, "the head is too long");
		if (status != AQI_OK)
			return is_long ? AQI_REJECT : status;
		p += 2;
		progress->at = progress->line = (size_t)(p - begin);
		if (size > 0) {
			if (!read_line((struct aqi_slice){line, size},
				       progress->n_lines++, is_response,
				       limits, head, fault))
				return AQI_REJECT;
		} else if (!is_first) {
			head->size = progress->at;
			head->n_fields = progress->n_lines - 1;
			return AQI_OK;
		}
	}
}

/*
 * A head that came in parts is read once more when it is whole: what the
 * earlier calls found is not kept, so that a connection that waits for bytes
 * needs no head of its own.
 */
static enum aqi_status
read_head(struct aqi_slice bytes, bool is_response,
	  struct aqi_http_progress *progress,
	  const struct aqi_http_limits *limits, struct aqi_http_head *head,
	  struct aqi_http_fault *fault)
{
	bool is_first = progress->n_lines == 0;
	enum aqi_status status;

	memset(head, 0, offsetof(struct aqi_http_head, fields));
	status = read_lines(bytes, is_response, progress, limits, head, fault);
	if (status == AQI_OK && !is_first) {
		*progress = (struct aqi_http_progress){0};
		status = read_lines(bytes, is_response, progress, limits, head,
				    fault);
	}
	if (status == AQI_OK)
		*progress = (struct aqi_http_progress){0};
	return status;
}

enum aqi_status
aqi_http_read_request(struct aqi_slice bytes,
		      struct aqi_http_progress *progress,
		      const struct aqi_http_limits *limits,
		      struct aqi_http_head *head,
		      struct aqi_http_fault *fault)
{
	enum aqi_status status = read_head(bytes, false, progress, limits,
					   head, fault);

	if (status != AQI_OK)
		return status;
	if (!aqi_http_read_fields(head, false, false, fault))
		return AQI_REJECT;
	/* What follows CONNECT is for somebody else. */
	if (aqi_slice_is(head->method, "CONNECT"))
		head->keeps_alive = false;
	return AQI_OK;
}

static enum aqi_status
read_response(struct aqi_slice bytes, bool to_head,
	      struct aqi_http_progress *progress,
	      const struct aqi_http_limits *limits, struct aqi_http_head *head,
	      struct aqi_http_fault *fault)
{
	enum aqi_status status = read_head(bytes, true, progress, limits, head,
					   fault);
	bool has_no_body = to_head || head->status < 200 ||
			   head->status == 204 || head->status == 304;

	if (status != AQI_OK)
		return status;
	if (!aqi_http_read_fields(head, true, has_no_body, fault))
		return AQI_REJECT;
	/* So is what follows 101. */
	if (head->status == 101)
		head->keeps_alive = false;
	return AQI_OK;
}

enum aqi_status
aqi_http_read_response(struct aqi_slice bytes, bool to_head,
		       struct aqi_http_progress *progress,
		       const struct aqi_http_limits *limits,
		       struct aqi_http_head *head,
		       struct aqi_http_fault *fault)
{
	enum aqi_status status = read_response(bytes, to_head, progress,
					       limits, head, fault);

	if (status == AQI_REJECT)
		fault->status = 502;
	return status;
}
