#include "api/junit.h"

#include "base/buffer.h"

/* Text of an attribute. */
static void
add_xml(struct aqi_buffer *out, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		switch (c) {
		case '<':
			aqi_buffer_add_text(out, "&lt;");
			break;
		case '>':
			aqi_buffer_add_text(out, "&gt;");
			break;
		case '&':
			aqi_buffer_add_text(out, "&amp;");
			break;
		case '"':
			aqi_buffer_add_text(out, "&quot;");
			break;
		default:
			/* Most controls cannot stand in XML at all. */
			aqi_buffer_add_byte(out, c < 0x20 || c >= 0x7f ? '?' :
					    (char)c);
		}
	}
}

void
aqi_junit_begin(struct aqi_buffer *out, const char *suite, size_t n_cases,
		size_t n_failed, double seconds)
{
	aqi_buffer_add_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			    "<testsuite name=\"");
	add_xml(out, suite);
	aqi_buffer_add_format(out, "\" tests=\"%zu\" failures=\"%zu\"",
			      n_cases, n_failed);
	if (seconds >= 0)
		aqi_buffer_add_format(out, " time=\"%.3f\"", seconds);
	aqi_buffer_add_text(out, ">\n");
}

void
aqi_junit_add(struct aqi_buffer *out, const char *name, const char *reason)
{
	aqi_buffer_add_text(out, "  <testcase classname=\"aqi-loadgen\" "
			    "name=\"");
	add_xml(out, name);
	if (!reason) {
		aqi_buffer_add_text(out, "\"/>\n");
		return;
	}
	aqi_buffer_add_text(out, "\">\n    <failure message=\"");
	add_xml(out, reason);
	aqi_buffer_add_text(out, "\"/>\n  </testcase>\n");
}

void
aqi_junit_end(struct aqi_buffer *out)
{
	aqi_buffer_add_text(out, "</testsuite>\n");
}
