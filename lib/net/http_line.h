/*
 * http_line.h: the lines of a head, each taken apart by itself, without its
 * end. They hold no control bytes other than the tab. Private to net.
 *
 * What fails returns false and fills fault with a status for a request.
 */
#ifndef AQI_NET_HTTP_LINE_H
#define AQI_NET_HTTP_LINE_H

#include "net/http.h"

/* METHOD SP TARGET SP VERSION */
bool aqi_http_read_request_line(struct aqi_slice line,
				struct aqi_http_head *head,
				struct aqi_http_fault *fault);

/* VERSION SP STATUS [SP REASON] */
bool aqi_http_read_status_line(struct aqi_slice line,
			       struct aqi_http_head *head,
			       struct aqi_http_fault *fault);

/* NAME:VALUE */
bool aqi_http_read_field(struct aqi_slice line, struct aqi_http_field *field,
			 struct aqi_http_fault *fault);

/* Fill fault; false. */
static inline bool
aqi_http_refuse(struct aqi_http_fault *fault, unsigned status,
		const char *reason)
{
	*fault = (struct aqi_http_fault){status, reason};
	return false;
}

#endif
