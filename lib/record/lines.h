/*
 * lines.h: where many plain lines end. Private to the source.
 *
 * Most records are a line each, also where fields of CSV stand in quotes. The
 * ends of these are found in one go, and what the scanner of records in
 * record/csv.h would do for each of them is not asked for.
 */
#ifndef AQI_RECORD_LINES_H
#define AQI_RECORD_LINES_H

#include <stddef.h>
#include <stdint.h>

/* So many ends are found at once: with more, they leave the nearest cache
 * before they are used. */
#define AQI_LINES_AT_ONCE 256

/* Room for what a word of 64 bytes may have behind the last. */
#define AQI_LINES_ROOM (AQI_LINES_AT_ONCE + 64)

/*
 * The offsets of the first LFs, in order, from the begin of a record on. With a
 * delimiter, which is not NUL, the bytes are CSV: LFs before the first record
 * that has an LF in quotes, or a quote in a field that does not begin with one.
 * Returns how many there are: fewer than AQI_LINES_AT_ONCE where there are no
 * more.
 */
size_t aqi_lines_find(const char *data, size_t size, char delimiter,
		      uint32_t ends[AQI_LINES_ROOM]);

/* Those of CSV, of less than 2^31 bytes: the best way on this processor, and
 * each way, for tests to compare. */
typedef size_t aqi_lines_fn(const char *data, size_t size, char delimiter,
			    uint32_t ends[AQI_LINES_ROOM]);

aqi_lines_fn *aqi_lines_finder(void);
aqi_lines_fn aqi_lines_find_portable;
aqi_lines_fn aqi_lines_find_avx2;

#endif
