/*
 * input.h: the text of one file after another, unpacked and as UTF-8.
 *
 * What is packed with gzip, xz or zstd is recognised by its first bytes, in a
 * file as in a pipe. Then comes the conversion from the encoding that the
 * format names. What can be had from the bytes that have come is handed out
 * before more are waited for.
 */
#ifndef AQI_RECORD_INPUT_H
#define AQI_RECORD_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* One thread each. */
struct aqi_input;

/* encoding is borrowed; NULL: UTF-8. NULL without memory. */
struct aqi_input *aqi_input_new(const char *encoding);

/*
 * Open a file, "-" is standard input, and close the one before. The name is
 * borrowed until then. Fails with AQI_E_IO, or AQI_E_USAGE where the encoding
 * is not known.
 */
enum aqi_status aqi_input_open(struct aqi_input *input, const char *file,
			       struct aqi_error *err) AQI_MUST_CHECK;

/*
 * Some more text into out (size,), of 16 bytes at least; *got, out, bytes.
 * Waits for the first of them, if it may; *got 0: nothing more without a wait.
 * AQI_END: there is no more. AQI_FATAL: it cannot be read or unpacked
 * (AQI_E_IO), or not within a limit (AQI_E_LIMIT); err names the file. What
 * could be read before has been handed out.
 */
enum aqi_status aqi_input_read(struct aqi_input *input, char *out, size_t size,
			       bool may_wait, size_t *got,
			       struct aqi_error *err) AQI_MUST_CHECK;

/*
 * Pass over n bytes of text without reading them, behind a read. False where
 * that cannot be done: in what is no regular file, or packed, or converted.
 */
bool aqi_input_pass(struct aqi_input *input, uint64_t n);

/* Is the text what the file's bytes are? Known once some has been read. */
bool aqi_input_is_plain(const struct aqi_input *input);

/* Bytes read so far of all files, packed as they are. */
uint64_t aqi_input_progress(const struct aqi_input *input);

/* NULL does nothing. */
void aqi_input_free(struct aqi_input *input);

#endif
