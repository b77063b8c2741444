/*
 * processor.h: which vector instructions there are to use.
 *
 * Kernels come in files by their level, *_avx2.c and so on, which alone are
 * compiled with its instructions (the Makefile has the same lists). Each level
 * has all that the ones before it have. Any thread may ask.
 */
#ifndef AQI_BASE_PROCESSOR_H
#define AQI_BASE_PROCESSOR_H

#include <stdbool.h>

enum aqi_level {
	AQI_PORTABLE,	/* plain C */
	AQI_AVX2,	/* 32 bytes, and BMI 1 and 2, FMA, LZCNT, POPCNT: Intel
			 * and AMD since 2013 and 2015 */
	AQI_AVX512,	/* 64 bytes: F, BW, CD, DQ, VL; since 2017, 2022 */
	AQI_AVX512_VBMI	/* and bytes moved freely: VBMI 1 and 2; since 2019,
			 * 2022 */
};

/* The best one that this processor and its system have. */
enum aqi_level aqi_processor_level(void);

/* As it is written in the names of kernels: "portable", "avx2", "avx512",
 * "avx512-vbmi". */
const char *aqi_level_name(enum aqi_level level);

/* Is this the name of a level that the processor has? */
bool aqi_processor_has(const char *name);

/* Has it the steps of SHA-256, which are of no level? */
bool aqi_processor_has_sha(void);

#endif
