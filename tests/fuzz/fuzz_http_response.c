/*
 * A response, and one to HEAD: read alike however it is cut, and framed one
 * way only by a naive reading of it.
 */
#include "http.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct door door = {.is_response = true, .limits = limits_by(size)};
	static struct result get, head;
	const char *bytes = (const char *)data;

	check_message(&door, bytes, size, &get);
	door.to_head = true;
	check_message(&door, bytes, size, &head);
	/* What is asked decides on the body alone. */
	CHECK(get.status == head.status);
	if (get.status == AQI_OK) {
		CHECK(head.head.framing == AQI_HTTP_NO_BODY);
		CHECK(get.head.status >= 100 && get.head.status <= 999);
		CHECK(lies_in(get.head.reason, bytes, get.head.size));
		CHECK(get.head.size == head.head.size &&
		      get.head.length == head.head.length);
	}
	return 0;
}
