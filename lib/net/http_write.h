/*
 * http_write.h: the heads of messages, as bytes.
 *
 * A head is a first line, fields, and the end. Field names are written as they
 * are given, in small letters. What cannot stand in a line is refused and
 * never escaped: a value with a control byte would be two fields.
 */
#ifndef AQI_NET_HTTP_WRITE_H
#define AQI_NET_HTTP_WRITE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/buffer.h"
#include "base/slice.h"

/* The phrase of a status: "Unprocessable Content"; "Status" for an unknown. */
const char *aqi_http_reason(unsigned status);

/* HTTP/1.1 200 OK */
void aqi_http_add_status(struct aqi_buffer *out, unsigned status);

/*
 * POST /predict HTTP/1.1, and the field host. False, and nothing is added,
 * where one of them has a control byte or a blank, or is empty.
 */
bool aqi_http_add_request(struct aqi_buffer *out, struct aqi_slice method,
			  struct aqi_slice target, struct aqi_slice host);

/*
 * name: value. False, and nothing is added, where the name is no token or the
 * value has a control byte other than the tab.
 */
bool aqi_http_add_field(struct aqi_buffer *out, const char *name,
			struct aqi_slice value);

/* content-length: n */
void aqi_http_add_length(struct aqi_buffer *out, uint64_t n);

/* The field date, made once a second; zero at first. One thread each. */
struct aqi_http_date {
	time_t second;
	char field[38];		/* date: Sun, 06 Nov 1994 08:49:37 GMT\r\n */
};

/* now  seconds since 1970, from 0 to the end of the year 9999 */
void aqi_http_add_date(struct aqi_buffer *out, struct aqi_http_date *date,
		       time_t now);

/* The empty line behind the fields. */
void aqi_http_add_end(struct aqi_buffer *out);

/* Can this be the value of a field? No control bytes other than the tab. */
bool aqi_http_is_value(struct aqi_slice value);

#endif
