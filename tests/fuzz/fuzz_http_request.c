/*
 * A request: read alike however it is cut, framed one way only by a naive
 * reading of it, and its path decoded to one that stays below the root.
 */
#include "http.h"
#include "net/url.h"

static void
check_path(struct aqi_slice raw)
{
	static struct aqi_buffer room;
	struct aqi_http_fault fault;
	struct aqi_slice path;
	size_t n_percent = 0;

	for (size_t i = 0; i < raw.size; i++)
		n_percent += raw.data[i] == '%';
	if (aqi_url_decode_path(raw, &room, &path, &fault) != AQI_OK) {
		CHECK(fault.status == 400 && fault.reason[0]);
		return;
	}
	CHECK(path.size == raw.size - 2 * n_percent);
	CHECK(!memchr(path.data, '\0', path.size));
	CHECK(!memmem(path.data, path.size, "/../", 4));
	CHECK(path.size < 3 ||
	      memcmp(path.data + path.size - 3, "/..", 3) != 0);
}

static void
check_target(const struct aqi_http_head *head)
{
	const char *data = head->target.data;
	size_t size = head->target.size;
	bool has_query = head->path.data + head->path.size < data + size &&
			 head->path.data[head->path.size] == '?';

	CHECK(head->method.size > 0 && size > 0);
	CHECK(head->method.data + head->method.size + 1 == data);
	CHECK(lies_in(head->path, data, size) &&
	      lies_in(head->query, data, size));
	CHECK(head->path.size + has_query + head->query.size ==
	      (size_t)(data + size - head->path.data));
	CHECK(!memchr(head->path.data, '?', head->path.size));
	CHECK(head->authority.size == 0 ||
	      (lies_in(head->authority, data, size) &&
	       !memchr(head->authority.data, '@', head->authority.size)));
	for (size_t i = 0; i < size; i++)
		CHECK(!strchr(" \t#", data[i]));
	CHECK(head->authority.size > 0 || *data == '/' || *data == '*');
	check_path(head->path);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct door door = {.limits = limits_by(size)};
	static struct result whole;
	const char *bytes = (const char *)data;

	check_message(&door, bytes, size, &whole);
	if (whole.status == AQI_OK)
		check_target(&whole.head);
	return 0;
}
