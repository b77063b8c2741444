/*
 * http_fields.h: what the fields of a head say together: where its body ends,
 * and whether another message may follow. Private to net.
 */
#ifndef AQI_NET_HTTP_FIELDS_H
#define AQI_NET_HTTP_FIELDS_H

#include "net/http.h"

/*
 * Fill the rest of a head of which the lines have been read. has_no_body: it
 * has none whatever the fields say. False: fault is filled, with a status for
 * a request.
 */
bool aqi_http_read_fields(struct aqi_http_head *head, bool is_response,
			  bool has_no_body, struct aqi_http_fault *fault);

#endif
