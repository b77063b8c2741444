#include "api/cors.h"

#include "net/http.h"
#include "net/http_write.h"
#include "net/server.h"

static const char *const methods[] = {
	"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"
};

static bool
is_known(struct aqi_slice method)
{
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		if (aqi_slice_is(method, methods[i]))
			return true;
	return false;
}

/* A value that came in a head may stand in one. */
static void
echo(struct aqi_answer *answer, const char *name, struct aqi_slice value)
{
	if (!aqi_http_add_field(&answer->fields, name, value))
		answer->fields.failed = true;
}

bool
aqi_cors_preflight(const struct aqi_http_head *head, struct aqi_answer *answer)
{
	struct aqi_slice origin, method, asked;

	if (!aqi_slice_is(head->method, "OPTIONS"))
		return false;
	origin = aqi_http_find(head, "origin");
	method = aqi_http_find(head, "access-control-request-method");
	if (!origin.data || !method.data)
		return false;
	asked = aqi_http_find(head, "access-control-request-headers");
	aqi_buffer_add_text(&answer->fields,
			    "vary: Origin\r\n"
			    "access-control-allow-methods: DELETE, GET, HEAD, "
			    "OPTIONS, PATCH, POST, PUT\r\n"
			    "access-control-max-age: 600\r\n"
			    "access-control-allow-credentials: true\r\n");
	echo(answer, "access-control-allow-origin", origin);
	if (asked.data)
		echo(answer, "access-control-allow-headers", asked);
	answer->type = "text/plain; charset=utf-8";
	answer->status = is_known(method) ? 200 : 400;
	aqi_buffer_add_text(&answer->body, is_known(method) ?
			    "OK" : "Disallowed CORS method");
	return true;
}

void
aqi_cors_allow(const struct aqi_http_head *head, struct aqi_answer *answer)
{
	struct aqi_slice origin = aqi_http_find(head, "origin");

	if (!origin.data)
		return;
	if (!aqi_http_find(head, "cookie").data) {
		aqi_buffer_add_text(&answer->fields,
				    "access-control-allow-origin: *\r\n"
				    "access-control-allow-credentials: "
				    "true\r\n");
		return;
	}
	echo(answer, "access-control-allow-origin", origin);
	aqi_buffer_add_text(&answer->fields,
			    "access-control-allow-credentials: true\r\n"
			    "vary: Origin\r\n");
}
