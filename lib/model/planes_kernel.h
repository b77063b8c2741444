/*
 * planes_kernel.h: the kernels of planes.h. Private.
 *
 * planes_rows.inc is the procedure; a kernel is that file compiled for one
 * width of planes and one of vectors, with its own way to search keys and to
 * look leaves up.
 */
#ifndef AQI_MODEL_PLANES_KERNEL_H
#define AQI_MODEL_PLANES_KERNEL_H

#include <stddef.h>

/*
 * What must become one piece of code to be fast. Sanitizers look at each access
 * to memory, of which there are hundreds then: it would take them minutes.
 */
#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__ ||             \
	__has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define AQI_PLANES_INLINE inline
#else
#define AQI_PLANES_INLINE inline __attribute__((always_inline))
#endif

struct aqi_planes;

typedef void aqi_planes_fn(const struct aqi_planes *planes, const double *x,
			   size_t n_rows, double *margin);

/* By many rows at once, and by 64. */
struct aqi_planes_kernel {
	const char *name;
	aqi_planes_fn *many, *few;
	size_t n_many;		/* a block of many rows */
	size_t most_few;	/* as so many rows at the most cost less */
};

/* The kernels that are compiled in, the best first. */
extern const struct aqi_planes_kernel aqi_planes_kernels[];
extern const size_t aqi_planes_n_kernels;

aqi_planes_fn aqi_planes_portable;
aqi_planes_fn aqi_planes_portable_few;
aqi_planes_fn aqi_planes_avx2;
aqi_planes_fn aqi_planes_avx2_few;
aqi_planes_fn aqi_planes_avx512;
aqi_planes_fn aqi_planes_avx512_vbmi;

#endif
