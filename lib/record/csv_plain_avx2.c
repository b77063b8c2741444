/* The same, 32 bytes at a time: see the Makefile, which lets the compiler use
 * AVX2 and BMI in this file. */
#include "record/csv_plain.h"

#ifdef __AVX2__

#include <immintrin.h>
#include <stdint.h>

/* What stands where in 32 bytes, a bit each. */
struct marks {
	uint32_t delimiters, odd;
};

static inline struct marks
find_marks(const char *p, __m256i delimiter)
{
	const __m256i bytes = _mm256_loadu_si256((const __m256i *)(
		(const void *)p));
	const __m256i quotes =
		_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('"'));
	const __m256i returns =
		_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\r'));

	return (struct marks){
		(uint32_t)_mm256_movemask_epi8(
			_mm256_cmpeq_epi8(bytes, delimiter)),
		(uint32_t)_mm256_movemask_epi8(
			_mm256_or_si256(quotes, returns)),
	};
}

/* The last bytes of a record, with zeros behind: the page may end there. */
static struct marks
find_last(const char *p, size_t size, __m256i delimiter)
{
	char padded[32] = {0};
	struct marks marks;

	memcpy(padded, p, size);
	marks = find_marks(padded, delimiter);
	marks.delimiters &= (UINT32_C(1) << size) - 1;
	return marks;
}

bool
aqi_csv_cut_avx2(struct aqi_slice record, char delimiter,
		 struct aqi_slice *fields, size_t room, size_t *n)
{
	const __m256i wanted = _mm256_set1_epi8(delimiter);
	const char *begin = record.data;
	size_t count = 0;

	for (size_t i = 0; i < record.size; i += 32) {
		const size_t left = record.size - i;
		struct marks m = left >= 32 ?
			find_marks(record.data + i, wanted) :
			find_last(record.data + i, left, wanted);

		if (m.odd)
			return false;
		for (; m.delimiters; m.delimiters &= m.delimiters - 1) {
			const char *at = record.data + i +
					 __builtin_ctz(m.delimiters);

			if (count < room)
				fields[count] = (struct aqi_slice){
					begin, (size_t)(at - begin)};
			count++;
			begin = at + 1;
		}
	}
	if (count < room)
		fields[count] = (struct aqi_slice){
			begin, (size_t)(record.data + record.size - begin)};
	*n = count + 1;
	return true;
}

#else

/* Never chosen here. */
bool
aqi_csv_cut_avx2(struct aqi_slice record, char delimiter,
		 struct aqi_slice *fields, size_t room, size_t *n)
{
	return aqi_csv_cut_portable(record, delimiter, fields, room, n);
}

#endif
