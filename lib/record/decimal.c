#include "record/decimal.h"

#include <string.h>

/*
 * The powers of ten from 10^-64 to 10^22, each as a number of 128 bits, the
 * first of which is set: 10^e * 2^(127 - floor(log2(10^e))), cut, not rounded.
 */
const struct aqi_decimal_power aqi_decimal_tens[] = {
	{UINT64_C(0xa87fea27a539e9a5), UINT64_C(0x3f2398d747b36224)},
	{UINT64_C(0xd29fe4b18e88640e), UINT64_C(0x8eec7f0d19a03aad)},
	{UINT64_C(0x83a3eeeef9153e89), UINT64_C(0x1953cf68300424ac)},
	{UINT64_C(0xa48ceaaab75a8e2b), UINT64_C(0x5fa8c3423c052dd7)},
	{UINT64_C(0xcdb02555653131b6), UINT64_C(0x3792f412cb06794d)},
	{UINT64_C(0x808e17555f3ebf11), UINT64_C(0xe2bbd88bbee40bd0)},
	{UINT64_C(0xa0b19d2ab70e6ed6), UINT64_C(0x5b6aceaeae9d0ec4)},
	{UINT64_C(0xc8de047564d20a8b), UINT64_C(0xf245825a5a445275)},
	{UINT64_C(0xfb158592be068d2e), UINT64_C(0xeed6e2f0f0d56712)},
	{UINT64_C(0x9ced737bb6c4183d), UINT64_C(0x55464dd69685606b)},
	{UINT64_C(0xc428d05aa4751e4c), UINT64_C(0xaa97e14c3c26b886)},
	{UINT64_C(0xf53304714d9265df), UINT64_C(0xd53dd99f4b3066a8)},
	{UINT64_C(0x993fe2c6d07b7fab), UINT64_C(0xe546a8038efe4029)},
	{UINT64_C(0xbf8fdb78849a5f96), UINT64_C(0xde98520472bdd033)},
	{UINT64_C(0xef73d256a5c0f77c), UINT64_C(0x963e66858f6d4440)},
	{UINT64_C(0x95a8637627989aad), UINT64_C(0xdde7001379a44aa8)},
	{UINT64_C(0xbb127c53b17ec159), UINT64_C(0x5560c018580d5d52)},
	{UINT64_C(0xe9d71b689dde71af), UINT64_C(0xaab8f01e6e10b4a6)},
	{UINT64_C(0x9226712162ab070d), UINT64_C(0xcab3961304ca70e8)},
	{UINT64_C(0xb6b00d69bb55c8d1), UINT64_C(0x3d607b97c5fd0d22)},
	{UINT64_C(0xe45c10c42a2b3b05), UINT64_C(0x8cb89a7db77c506a)},
	{UINT64_C(0x8eb98a7a9a5b04e3), UINT64_C(0x77f3608e92adb242)},
	{UINT64_C(0xb267ed1940f1c61c), UINT64_C(0x55f038b237591ed3)},
	{UINT64_C(0xdf01e85f912e37a3), UINT64_C(0x6b6c46dec52f6688)},
	{UINT64_C(0x8b61313bbabce2c6), UINT64_C(0x2323ac4b3b3da015)},
	{UINT64_C(0xae397d8aa96c1b77), UINT64_C(0xabec975e0a0d081a)},
	{UINT64_C(0xd9c7dced53c72255), UINT64_C(0x96e7bd358c904a21)},
	{UINT64_C(0x881cea14545c7575), UINT64_C(0x7e50d64177da2e54)},
	{UINT64_C(0xaa242499697392d2), UINT64_C(0xdde50bd1d5d0b9e9)},
	{UINT64_C(0xd4ad2dbfc3d07787), UINT64_C(0x955e4ec64b44e864)},
	{UINT64_C(0x84ec3c97da624ab4), UINT64_C(0xbd5af13bef0b113e)},
	{UINT64_C(0xa6274bbdd0fadd61), UINT64_C(0xecb1ad8aeacdd58e)},
	{UINT64_C(0xcfb11ead453994ba), UINT64_C(0x67de18eda5814af2)},
	{UINT64_C(0x81ceb32c4b43fcf4), UINT64_C(0x80eacf948770ced7)},
	{UINT64_C(0xa2425ff75e14fc31), UINT64_C(0xa1258379a94d028d)},
	{UINT64_C(0xcad2f7f5359a3b3e), UINT64_C(0x096ee45813a04330)},
	{UINT64_C(0xfd87b5f28300ca0d), UINT64_C(0x8bca9d6e188853fc)},
	{UINT64_C(0x9e74d1b791e07e48), UINT64_C(0x775ea264cf55347d)},
	{UINT64_C(0xc612062576589dda), UINT64_C(0x95364afe032a819d)},
	{UINT64_C(0xf79687aed3eec551), UINT64_C(0x3a83ddbd83f52204)},
	{UINT64_C(0x9abe14cd44753b52), UINT64_C(0xc4926a9672793542)},
	{UINT64_C(0xc16d9a0095928a27), UINT64_C(0x75b7053c0f178293)},
	{UINT64_C(0xf1c90080baf72cb1), UINT64_C(0x5324c68b12dd6338)},
	{UINT64_C(0x971da05074da7bee), UINT64_C(0xd3f6fc16ebca5e03)},
	{UINT64_C(0xbce5086492111aea), UINT64_C(0x88f4bb1ca6bcf584)},
	{UINT64_C(0xec1e4a7db69561a5), UINT64_C(0x2b31e9e3d06c32e5)},
	{UINT64_C(0x9392ee8e921d5d07), UINT64_C(0x3aff322e62439fcf)},
	{UINT64_C(0xb877aa3236a4b449), UINT64_C(0x09befeb9fad487c2)},
	{UINT64_C(0xe69594bec44de15b), UINT64_C(0x4c2ebe687989a9b3)},
	{UINT64_C(0x901d7cf73ab0acd9), UINT64_C(0x0f9d37014bf60a10)},
	{UINT64_C(0xb424dc35095cd80f), UINT64_C(0x538484c19ef38c94)},
	{UINT64_C(0xe12e13424bb40e13), UINT64_C(0x2865a5f206b06fb9)},
	{UINT64_C(0x8cbccc096f5088cb), UINT64_C(0xf93f87b7442e45d3)},
	{UINT64_C(0xafebff0bcb24aafe), UINT64_C(0xf78f69a51539d748)},
	{UINT64_C(0xdbe6fecebdedd5be), UINT64_C(0xb573440e5a884d1b)},
	{UINT64_C(0x89705f4136b4a597), UINT64_C(0x31680a88f8953030)},
	{UINT64_C(0xabcc77118461cefc), UINT64_C(0xfdc20d2b36ba7c3d)},
	{UINT64_C(0xd6bf94d5e57a42bc), UINT64_C(0x3d32907604691b4c)},
	{UINT64_C(0x8637bd05af6c69b5), UINT64_C(0xa63f9a49c2c1b10f)},
	{UINT64_C(0xa7c5ac471b478423), UINT64_C(0x0fcf80dc33721d53)},
	{UINT64_C(0xd1b71758e219652b), UINT64_C(0xd3c36113404ea4a8)},
	{UINT64_C(0x83126e978d4fdf3b), UINT64_C(0x645a1cac083126e9)},
	{UINT64_C(0xa3d70a3d70a3d70a), UINT64_C(0x3d70a3d70a3d70a3)},
	{UINT64_C(0xcccccccccccccccc), UINT64_C(0xcccccccccccccccc)},
	{UINT64_C(0x8000000000000000), UINT64_C(0x0000000000000000)},
	{UINT64_C(0xa000000000000000), UINT64_C(0x0000000000000000)},
	{UINT64_C(0xc800000000000000), UINT64_C(0x0000000000000000)},
	{UINT64_C(0xfa00000000000000), UINT64_C(0x0000000000000000)},
	{UINT64_C(0x9c40000000000000), UINT64_C(0x0000000000000000)},
	{UINT64_C(0xc350000000000000), UINT64_C(0x0000000000000000)},
	{UINT64_C(0xf424000000000000), UINT64_C(0x0000000000000000)},
	{UINT64_C(0x9896800000000000), UINT64_C(0x0000000000000000)},
	{UINT64_C(0xbebc200000000000), UINT64_C(0x0000000000000000)},
	{UINT64_C(0xee6b280000000000), UINT64_C(0x0000000000000000)},
	{UINT64_C(0x9502f90000000000), UINT64_C(0x0000000000000000)},
	{UINT64_C(0xba43b74000000000), UINT64_C(0x0000000000000000)},
	{UINT64_C(0xe8d4a51000000000), UINT64_C(0x0000000000000000)},
	{UINT64_C(0x9184e72a00000000), UINT64_C(0x0000000000000000)},
	{UINT64_C(0xb5e620f480000000), UINT64_C(0x0000000000000000)},
	{UINT64_C(0xe35fa931a0000000), UINT64_C(0x0000000000000000)},
	{UINT64_C(0x8e1bc9bf04000000), UINT64_C(0x0000000000000000)},
	{UINT64_C(0xb1a2bc2ec5000000), UINT64_C(0x0000000000000000)},
	{UINT64_C(0xde0b6b3a76400000), UINT64_C(0x0000000000000000)},
	{UINT64_C(0x8ac7230489e80000), UINT64_C(0x0000000000000000)},
	{UINT64_C(0xad78ebc5ac620000), UINT64_C(0x0000000000000000)},
	{UINT64_C(0xd8d726b7177a8000), UINT64_C(0x0000000000000000)},
	{UINT64_C(0x878678326eac9000), UINT64_C(0x0000000000000000)},
};

_Static_assert(sizeof aqi_decimal_tens / sizeof aqi_decimal_tens[0] ==
	       AQI_DECIMAL_MOST - AQI_DECIMAL_LEAST + 1, "a power is missing");

const double aqi_decimal_powers[] = {
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12,
	1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
};

/* 2^k of a normal number. */
static double
power_of_two(int64_t k)
{
	const uint64_t bits = (uint64_t)(k + 1023) << 52;
	double x;

	memcpy(&x, &bits, sizeof x);
	return x;
}

/*
 * The mantissa is below what it stands for by nothing, the power by less than
 * one unit in its last place, so the product by less than the mantissa, which
 * is one unit of what is kept of it, and what is cut off of it by less than
 * another. What is kept therefore lies less than 2 below the true value, and
 * rounds as that unless a tie lies between the two, or is one of them.
 */
bool
aqi_decimal_to_double(uint64_t mantissa, int64_t exponent, double *x)
{
	uint64_t high, low, rest, half, carried;
	int64_t log;
	int zeros, shift;

	if (exponent < AQI_DECIMAL_LEAST || exponent > AQI_DECIMAL_MOST)
		return false;
	if (mantissa == 0) {
		*x = 0;
		return true;
	}
	high = aqi_decimal_tens[exponent - AQI_DECIMAL_LEAST].high;
	low = aqi_decimal_tens[exponent - AQI_DECIMAL_LEAST].low;
	zeros = __builtin_clzll(mantissa);
	mantissa <<= zeros;
	/* The first 128 bits of a product of 192, or one less. */
	carried = aqi_decimal_multiply(mantissa, low);
	low = mantissa * high + carried;
	high = aqi_decimal_multiply(mantissa, high) + (low < carried);
	/* 53 bits are kept, of 128 or of 127. */
	shift = 10 + (int)(high >> 63);
	half = UINT64_C(1) << (shift - 1);
	rest = high & (2 * half - 1);
	if ((rest == half && low == 0) ||
	    (rest == half - 1 && low == UINT64_MAX))
		return false;
	high = (high >> shift) + (rest >= half);
	/* log2(10) is 217706 / 2^16, closely enough for these exponents. */
	log = (exponent * 217706) >> 16;
	*x = (double)(int64_t)high * power_of_two(shift - zeros + log + 1);
	return true;
}
