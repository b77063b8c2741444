/*
 * decoder.h: compressed bytes to the text in them, as far as they have come.
 *
 * gzip, xz and zstd, each also as several members (streams, frames) one behind
 * the other. Zeros may stand behind one: of xz by fours; of gzip any number, as
 * on a tape. A library that was not there at build time leaves its format
 * without a decoder, but known by name.
 */
#ifndef AQI_RECORD_DECODER_H
#define AQI_RECORD_DECODER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/slice.h"

/* What a file may be packed as. Immutable. */
struct aqi_packing;

/*
 * What the first bytes of a file say; NULL: it is not packed. *is_open, out:
 * they are too few to tell, and more would.
 */
const struct aqi_packing *aqi_packing_find(struct aqi_slice head,
					   bool *is_open);

/* The libraries of the decoders, with versions, as ", zlib 1.3"; or "". */
const char *aqi_decoder_libraries(void);

/* Bytes that a decoder may want at once: the largest block, and what is around
 * it. */
#define AQI_DECODER_INPUT ((size_t)129 * 1024)

/* One thread each. */
struct aqi_decoder;

/* Fails with AQI_E_MEMORY, or AQI_E_IO where this build has no decoder; NULL
 * then. */
struct aqi_decoder *aqi_decoder_new(const struct aqi_packing *packing,
				    struct aqi_error *err);

/*
 * Decode from *in, which is moved on, into out (size,); *got, out, bytes. With
 * AQI_OK and *got 0 there is too little of *in: what is left of it, less than
 * AQI_DECODER_INPUT bytes, must come again with more behind it. at_end: there
 * is no more. AQI_END: all is decoded.
 *
 * AQI_FATAL (AQI_E_IO): the data is damaged, ends too early, or something else
 * follows it; AQI_E_LIMIT, AQI_E_MEMORY. All text before that has been handed
 * out, the same however the input is cut; but how much liblzma makes of damaged
 * xz goes by that, too.
 */
enum aqi_status aqi_decoder_run(struct aqi_decoder *decoder,
				struct aqi_slice *in, bool at_end, char *out,
				size_t size, size_t *got,
				struct aqi_error *err) AQI_MUST_CHECK;

void aqi_decoder_free(struct aqi_decoder *decoder);

#endif
