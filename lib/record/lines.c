#include "record/lines.h"

#include "base/processor.h"
#include "record/lines.inc"

/* Offsets are of 32 bits; more is for another call. */
#define MOST_SIZE ((size_t)1 << 31)

static inline struct marks
find_marks(const char *p)
{
	return (struct marks){aqi_csv_bits_equal(p, '\n'),
			      aqi_csv_bits_equal(p, '"')};
}

size_t
aqi_lines_find_portable(const char *data, size_t size, char delimiter,
			uint32_t ends[AQI_LINES_ROOM])
{
	return find_in_csv(data, size, delimiter, ends);
}

/* Lines of JSON are longer: the C library looks at more at once. */
static size_t
find_all(const char *data, size_t size, uint32_t *ends)
{
	const char *p = data, *const end = data + size;
	size_t n = 0;

	for (; n < AQI_LINES_AT_ONCE; p++) {
		p = memchr(p, '\n', (size_t)(end - p));
		if (!p)
			break;
		ends[n++] = (uint32_t)(p - data);
	}
	return n;
}

aqi_lines_fn *
aqi_lines_finder(void)
{
	return aqi_processor_level() >= AQI_AVX2 ? aqi_lines_find_avx2 :
						   aqi_lines_find_portable;
}

size_t
aqi_lines_find(const char *data, size_t size, char delimiter,
	       uint32_t ends[AQI_LINES_ROOM])
{
	if (size > MOST_SIZE)
		size = MOST_SIZE;
	if (!delimiter)
		return find_all(data, size, ends);
	return aqi_lines_finder()(data, size, delimiter, ends);
}
