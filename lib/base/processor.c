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

/* Clang knows no name for it before version 17; what has BMI 2 has it. */
static bool
has_lzcnt(void)
{
#ifdef __clang__
	return true;
#else
	return __builtin_cpu_supports("lzcnt");
#endif
}

static bool
has_avx2(void)
{
	return __builtin_cpu_supports("avx2") &&
	       __builtin_cpu_supports("bmi") &&
	       __builtin_cpu_supports("bmi2") &&
	       __builtin_cpu_supports("fma") &&
	       has_lzcnt() &&
	       __builtin_cpu_supports("popcnt");
}

static bool
has_avx512(void)
{
	return __builtin_cpu_supports("avx512f") &&
	       __builtin_cpu_supports("avx512bw") &&
	       __builtin_cpu_supports("avx512cd") &&
	       __builtin_cpu_supports("avx512dq") &&
	       __builtin_cpu_supports("avx512vl");
}

static bool
has_vbmi(void)
{
	return __builtin_cpu_supports("avx512vbmi") &&
	       __builtin_cpu_supports("avx512vbmi2");
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

/* Not all compilers know it by its name. */
bool
aqi_processor_has_sha(void)
{
	unsigned a, b, c, d;

	return __builtin_cpu_supports("sse4.1") &&
	       __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & 1u << 29);
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
