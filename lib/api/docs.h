/* docs.h: the page that tells people the API. Private to the library. */
#ifndef AQI_API_DOCS_H
#define AQI_API_DOCS_H

struct aqi_buffer;
struct aqi_schema;

/* Nothing from elsewhere, and no other page around it. */
#define AQI_DOCS_POLICY                                                       \
	"content-security-policy: default-src 'none'; style-src "             \
	"'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; "   \
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n"     \
	"x-content-type-options: nosniff\r\n"

void aqi_docs_write(struct aqi_buffer *out, const struct aqi_schema *schema);

#endif
