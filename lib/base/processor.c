#include "base/processor.h"

#include <stddef.h>
#include <string.h>

static const char *const names[] = {
	[AQI_PORTABLE] = "portable",
	[AQI_AVX2] = "avx2",
	[AQI_AVX512] = "avx512",
	[AQI_AVX512_VBMI] = "avx512-vbmi",
};

#ifdef __x86_64__

#include <cpuid.h>

#if defined __has_include
#if __has_include(<sys/platform/x86.h>)
#include <sys/platform/x86.h>
#endif
#endif

/*
 * The C library has asked the processor already. The compiler's own way asks
 * once more before main, and each of its two dozen questions takes a virtual
 * machine, which answers in the processor's place, a microsecond or two.
 */
#ifdef CPU_FEATURE_ACTIVE
#define HAS(library, compiler) is_active(x86_cpu_##library)

/*
 * One of the library's numbers of what there may be, of which a leaf has four
 * words. Its macro makes an int of the highest bit, AVX512VL, which has no room
 * for it.
 */
static bool
is_active(unsigned number)
{
	enum { WORD = 32, LEAF = 4 * WORD };
	const struct cpuid_feature *leaf =
		__x86_get_cpuid_feature_leaf(number / LEAF);

	return leaf->active_array[number % LEAF / WORD] >> number % WORD & 1;
}
#else
#define HAS(library, compiler) (__builtin_cpu_supports(compiler) != 0)
#endif

/* Clang knows no name for it before version 17; what has BMI 2 has it. */
#if defined CPU_FEATURE_ACTIVE || !defined __clang__
#define HAS_LZCNT HAS(LZCNT, "lzcnt")
#else
#define HAS_LZCNT true
#endif

/* Nor do all compilers know this one. */
#ifdef CPU_FEATURE_ACTIVE
#define HAS_SHA HAS(SHA, "sha")
#else
#define HAS_SHA asked_for_sha()

static bool
asked_for_sha(void)
{
	unsigned a, b, c, d;

	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & 1u << 29);
}
#endif

static bool
has_avx2(void)
{
	return HAS(AVX2, "avx2") && HAS(BMI1, "bmi") && HAS(BMI2, "bmi2") &&
	       HAS(FMA, "fma") && HAS_LZCNT && HAS(POPCNT, "popcnt");
}

static bool
has_avx512(void)
{
	return HAS(AVX512F, "avx512f") && HAS(AVX512BW, "avx512bw") &&
	       HAS(AVX512CD, "avx512cd") && HAS(AVX512DQ, "avx512dq") &&
	       HAS(AVX512VL, "avx512vl");
}

static bool
has_vbmi(void)
{
	return HAS(AVX512_VBMI, "avx512vbmi") &&
	       HAS(AVX512_VBMI2, "avx512vbmi2");
}

enum aqi_level
aqi_processor_level(void)
{
	if (!has_avx2())
		return AQI_PORTABLE;
	if (!has_avx512())
		return AQI_AVX2;
	return has_vbmi() ? AQI_AVX512_VBMI : AQI_AVX512;
}

bool
aqi_processor_has_sha(void)
{
	return HAS(SSE4_1, "sse4.1") && HAS_SHA;
}

#else

bool
aqi_processor_has_sha(void)
{
	return false;
}

enum aqi_level
aqi_processor_level(void)
{
	return AQI_PORTABLE;
}

#endif

const char *
aqi_level_name(enum aqi_level level)
{
	return names[level];
}

bool
aqi_processor_has(const char *name)
{
	const size_t n = (size_t)aqi_processor_level() + 1;

	for (size_t i = 0; i < n; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}
