/* splice.h: a JSON object written again with some of its members changed. */
#ifndef AQI_RECORD_SPLICE_H
#define AQI_RECORD_SPLICE_H

#include "base/buffer.h"
#include "record/batch.h"
#include "record/layout.h"

/*
 * Write the object of a row by a layout. Members keep their place and their
 * bytes; a replaced one has its new value in place; what nobody knows stands
 * among them; added ones without a place come at the end. Where the layout
 * keeps old values, they are renamed NAME_in, so that no key stands twice.
 *
 * passes_all: the layout passes the named inputs first, all and in order. Then
 * a line goes out as it came, up to its closing brace, if no key in it is one
 * that is added.
 */
void aqi_splice(struct aqi_buffer *out, const struct aqi_layout *layout,
		struct aqi_batch *batch, size_t row, bool passes_all);

#endif
