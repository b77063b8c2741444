/*
 * writer.h: batches to text.
 *
 * Where input and output have the same form, a row's bytes go out as they
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
	bool passes_all;	/* the named inputs come first, all, in order */
	bool of_refused;	/* writes the rows that are refused instead */
	const struct aqi_slice *keys;	/* (layout->n_outputs,) for the writer
					 * itself, while it writes a batch */
	size_t reason;		/* then: the added column with the reasons */
};

/* For a layout whose steps are bound and the syntax that came in. */
struct aqi_writer aqi_writer_new(const struct aqi_format *format,
				 const struct aqi_layout *layout,
				 enum aqi_syntax in);

/* The CSV header line, if there is one. */
void aqi_writer_header(const struct aqi_writer *writer,
		       struct aqi_buffer *out);

/*
 * Write the rows that the writer is for into out, with the end of each row in
 * ends (n_rows,); for a row that is not written, the end of the one before.
 * Where out has failed, ends says nothing.
 */
void aqi_writer_format(const struct aqi_writer *writer,
		       struct aqi_batch *batch, struct aqi_buffer *out,
		       size_t *ends);

#endif
