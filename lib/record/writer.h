/*
 * writer.h: batches to text.
 *
 * Where input and output have the same syntax, a row's bytes go out as they
 * came, with the new values behind or in the place of old ones. Between CSV
 * and NDJSON a column known to hold numbers becomes a JSON number or null,
 * any other a string; nested values become their JSON text.
 */
#ifndef AQI_RECORD_WRITER_H
#define AQI_RECORD_WRITER_H

#include "base/buffer.h"
#include "record/batch.h"
#include "record/format.h"
#include "record/layout.h"

/* Plain data; immutable once made. */
struct aqi_writer {
	const struct aqi_format *format;
	const struct aqi_layout *layout;
	enum aqi_syntax in, out;
	bool passes_all;	/* the inputs come first, all and in order */
};

/* For a layout whose steps are bound and the syntax that came in. */
struct aqi_writer aqi_writer_new(const struct aqi_format *format,
				 const struct aqi_layout *layout,
				 enum aqi_syntax in);

/* The CSV header line, if there is one; with_reason: as for rejects. */
void aqi_writer_header(const struct aqi_writer *writer, bool with_reason,
		       struct aqi_buffer *out);

/*
 * Write the rows that are not refused into batch->text, with the end of each
 * row in batch->ends (for a refused one, the end of the one before).
 */
void aqi_writer_format(const struct aqi_writer *writer,
		       struct aqi_batch *batch);

/*
 * Write the refused rows into batch->rejects, as they came, with a `reason`
 * behind; a row that does not fit the header stands in the first field.
 */
void aqi_writer_format_rejects(const struct aqi_writer *writer,
			       struct aqi_batch *batch);

#endif
