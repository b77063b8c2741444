#include "record/numbers.h"

#include "base/processor.h"
#include "base/word.h"
#include "record/number_plain.h"

static inline uint64_t
to_bits(double x)
{
	uint64_t bits;

	memcpy(&bits, &x, sizeof bits);
	return bits;
}

static inline double
from_bits(uint64_t bits)
{
	double x;

	memcpy(&x, &bits, sizeof x);
	return x;
}

/*
 * 0x80 for each byte that is zero, or is above 9, where none is above 0x7f: no
 * sum of two bytes then reaches the next one.
 */
static inline uint64_t
zeros(uint64_t word)
{
	return ~(word + AQI_EACH(0x7f)) & AQI_EACH(0x80);
}

static inline uint64_t
above_9(uint64_t word)
{
	return (word + AQI_EACH(0x76)) & AQI_EACH(0x80);
}

/* Eight digits, the first the lowest byte. */
static inline uint64_t
join_digits(uint64_t digits)
{
	digits = (digits * (10 << 8 | 1)) >> 8 & UINT64_C(0xff00ff00ff00ff);
	digits = (digits * (100 << 16 | 1)) >> 16 & UINT64_C(0xffff0000ffff);
	return (digits * (UINT64_C(10000) << 32 | 1)) >> 32;
}

/*
 * Up to eight characters, as in numbers.inc: the last of them the highest byte
 * of the word. A flag of a byte is its 0x80. The numbers of a column mostly
 * have a mark, or none has; the branch is less than a division. false: it is
 * none.
 */
static inline bool
read_word(uint64_t word, size_t size, char mark, double *x)
{
	const uint64_t own = ~UINT64_C(0) << (64 - 8 * size);
	uint64_t digits = (word ^ AQI_EACH('0')) & own;
	const uint64_t others = above_9(digits);
	const uint64_t point = zeros(digits ^ AQI_EACH((uint64_t)(mark ^ '0')));
	const uint64_t minus = zeros(digits ^ AQI_EACH((uint64_t)('-' ^ '0'))) &
			       (own ^ own << 8);
	uint64_t before;

	if ((digits & AQI_EACH(0x80)) || (point & (point - 1)) ||
	    others != (point | minus) || others == (own & AQI_EACH(0x80)))
		return false;
	digits &= ~((others >> 7) * 0xff);
	if (point) {
		before = (point >> 7) - 1;
		digits = (digits & before) << 8 | (digits & ~before);
	}
	*x = (double)(int64_t)join_digits(digits);
	if (point)
		*x /= aqi_decimal_powers[__builtin_clzll(point) / 8];
	if (minus)
		*x = -*x;
	return true;
}

/* To a float, by the bits: see numbers.inc. */
static inline bool
narrow(double *x)
{
	const uint64_t bits = to_bits(*x);

	*x = from_bits((bits + AQI_NUMBER_HALFWAY) & ~AQI_NUMBER_NARROWED);
	return (bits & AQI_NUMBER_NARROWED) != AQI_NUMBER_HALFWAY;
}

/* A value of up to eight characters; false: it is for others. */
static inline bool
read_short(const struct aqi_numbers *numbers, struct aqi_extent extent,
	   double *x)
{
	const uint32_t size_kind = extent.size_kind ^ numbers->kind;
	const size_t size = size_kind >> AQI_EXTENT_BITS;
	const size_t end = (size_t)extent.begin + size;

	if (((size_kind - 8) & ~UINT32_C(56)) != 0 || end < 8)
		return false;
	return read_word(aqi_word_load(numbers->base + end - 8), size,
			 numbers->mark, x) &&
	       (!numbers->is_narrow || narrow(x));
}

static bool
read_long(const struct aqi_numbers *numbers, struct aqi_extent extent,
	  double *x)
{
	const struct aqi_field field = aqi_extent_field(extent, numbers->base);

	return field.kind == numbers->kind &&
	       aqi_number_plain(aqi_field_text(field), numbers->mark, x) &&
	       (!numbers->is_narrow || aqi_number_narrows(*x));
}

static inline struct aqi_extent
extent_at(const struct aqi_numbers *numbers, size_t i)
{
	if (numbers->columns)
		i = i / numbers->n_columns * numbers->step +
		    numbers->columns[i % numbers->n_columns];
	return numbers->extents[i];
}

uint64_t
aqi_numbers_rest(const struct aqi_numbers *numbers, uint64_t left)
{
	uint64_t bad = 0;

	for (; left; left &= left - 1) {
		const size_t i = (size_t)__builtin_ctzll(left);
		double *x = numbers->x + i * numbers->stride;

		if (!read_long(numbers, extent_at(numbers, i), x))
			bad |= left & -left;
		else if (numbers->is_narrow)
			*x = (double)(float)*x;
	}
	return bad;
}

uint64_t
aqi_numbers_portable(const struct aqi_numbers *numbers)
{
	const size_t n = numbers->n;
	struct aqi_extent copied[AQI_NUMBERS_AT_ONCE];
	const struct aqi_extent *extents = aqi_numbers_flat(numbers, copied);
	uint64_t left = 0;

	for (size_t i = 0; i < n; i++)
		if (!read_short(numbers, extents[i],
				numbers->x + i * numbers->stride))
			left |= UINT64_C(1) << i;
	return left ? aqi_numbers_rest(numbers, left) : 0;
}

aqi_numbers_fn *
aqi_numbers_reader(void)
{
	switch (aqi_processor_level()) {
	case AQI_PORTABLE: return aqi_numbers_portable;
	case AQI_AVX2: return aqi_numbers_avx2;
	default: return aqi_numbers_avx512;
	}
}
