/* Records cut with the vectors of AVX-512. */
#include "record/csv_plain.h"

#if defined __AVX512BW__ || defined AQI_CSV_PLAIN_TWIN

#include "record/csv_plain_avx512.inc"
#include "record/csv_plain.inc"

enum aqi_csv_cut
aqi_csv_cut_avx512(const struct aqi_csv_plain *plain, size_t start,
		   size_t size, struct aqi_extent *extents)
{
	return cut(plain, start, size, extents);
}

#else

/* Never chosen here. */
enum aqi_csv_cut
aqi_csv_cut_avx512(const struct aqi_csv_plain *plain, size_t start,
		   size_t size, struct aqi_extent *extents)
{
	return aqi_csv_cut_portable(plain, start, size, extents);
}

#endif
