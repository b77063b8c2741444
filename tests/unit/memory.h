/*
 * memory.h: a unit test's allocations, of which the n-th fails.
 *
 * The linker puts these functions in the place of those they are named after
 * (WRAP_memory in the Makefile), in the test and in the library. An arena and a
 * buffer seldom call malloc; here each of their calls may be the one that finds
 * no memory. So may calls of the libraries that allocate by themselves.
 */
#ifndef AQI_TESTS_MEMORY_H
#define AQI_TESTS_MEMORY_H

#include <csv.h>
#include <dirent.h>
#include <errno.h>
#include <iconv.h>
#include <limits.h>
#include <locale.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "tap.h"

static struct {
	bool counts;
	size_t n_calls;
	size_t first, last;	/* the calls that fail, from 1 */
	bool failed;		/* one has */
	long live;		/* allocated and not freed */
} memory;

static bool
runs_out(void)
{
	size_t n;

	if (!memory.counts)
		return false;
	n = ++memory.n_calls;
	if (n < memory.first || n > memory.last)
		return false;
	memory.failed = true;
	errno = ENOMEM;
	return true;
}

static void *
noted(void *block)
{
	memory.live += memory.counts && block;
	return block;
}

/* NAME as the linker calls it, and the one that it is named after. */
#define WRAP(type, name, parameters)					\
	type __real_##name parameters;					\
	type __wrap_##name parameters;					\
	type __wrap_##name parameters

/* A function that fails with that value where there is no memory. */
#define MAY_FAIL(type, name, parameters, arguments, failure)		\
	WRAP(type, name, parameters)					\
	{								\
		return runs_out() ? (failure) : __real_##name arguments; \
	}

WRAP(void, free, (void *block))
{
	memory.live -= memory.counts && block;
	__real_free(block);
}

WRAP(void *, malloc, (size_t size))
{
	return runs_out() ? NULL : noted(__real_malloc(size));
}

WRAP(void *, calloc, (size_t n, size_t size))
{
	return runs_out() ? NULL : noted(__real_calloc(n, size));
}

WRAP(void *, aligned_alloc, (size_t align, size_t size))
{
	return runs_out() ? NULL : noted(__real_aligned_alloc(align, size));
}

WRAP(void *, realloc, (void *old, size_t size))
{
	if (runs_out())
		return NULL;
	return old ? __real_realloc(old, size) : noted(__real_malloc(size));
}

WRAP(void *, reallocarray, (void *old, size_t n, size_t size))
{
	if (runs_out())
		return NULL;
	return old ? __real_reallocarray(old, n, size) :
		     noted(__real_reallocarray(NULL, n, size));
}

WRAP(char *, strdup, (const char *text))
{
	return runs_out() ? NULL : noted(__real_strdup(text));
}

WRAP(char *, realpath, (const char *path, char *out))
{
	return runs_out() ? NULL : noted(__real_realpath(path, out));
}

static int
format(char **out, const char *text, va_list ap)
{
	int n = runs_out() ? -1 : vasprintf(out, text, ap);

	if (n >= 0)
		noted(*out);
	return n;
}

int __wrap_asprintf(char **out, const char *text, ...) AQI_PRINTF(2, 3);
int __wrap___asprintf_chk(char **out, int flag, const char *text, ...)
	AQI_PRINTF(3, 4);

int
__wrap_asprintf(char **out, const char *text, ...)
{
	va_list ap;
	int n;

	va_start(ap, text);
	n = format(out, text, ap);
	va_end(ap);
	return n;
}

/* What a hardened build calls. */
int
__wrap___asprintf_chk(char **out, int flag, const char *text, ...)
{
	va_list ap;
	int n;

	(void)flag;
	va_start(ap, text);
	n = format(out, text, ap);
	va_end(ap);
	return n;
}

WRAP(int, scandir, (const char *path, struct dirent ***entries,
		    int (*filter)(const struct dirent *),
		    int (*compare)(const struct dirent **,
				   const struct dirent **)))
{
	int n = runs_out() ? -1 :
			     __real_scandir(path, entries, filter, compare);

	if (n >= 0)
		memory.live += memory.counts ? n + 1 : 0;
	return n;
}

MAY_FAIL(iconv_t, iconv_open, (const char *to, const char *from), (to, from),
	 (iconv_t)-1)

MAY_FAIL(locale_t, newlocale, (int mask, const char *name, locale_t base),
	 (mask, name, base), (locale_t)0)

/* libcsv is told where its memory comes from. */
WRAP(int, csv_init, (struct csv_parser *parser, unsigned char options))
{
	int failed = __real_csv_init(parser, options);

	csv_set_realloc_func(parser, __wrap_realloc);
	csv_set_free_func(parser, __wrap_free);
	return failed;
}

/* These are called only where the library was there when the product was made;
 * what they return is what their headers say of memory that runs out. */
#define Z_MEM_ERROR (-4)
#define LZMA_MEM_ERROR 5
#define ZSTD_MEMORY ((size_t)-64)
#define MAY_BE_ABSENT __attribute__((weak))

MAY_BE_ABSENT int __real_inflateInit2_(void *, int, const char *, int);
MAY_FAIL(int, inflateInit2_,
	 (void *state, int bits, const char *version, int size),
	 (state, bits, version, size), Z_MEM_ERROR)
MAY_BE_ABSENT int __real_inflate(void *, int);
MAY_FAIL(int, inflate, (void *state, int flush), (state, flush), Z_MEM_ERROR)
MAY_BE_ABSENT int __real_lzma_stream_decoder(void *, uint64_t, uint32_t);
MAY_FAIL(int, lzma_stream_decoder,
	 (void *state, uint64_t limit, uint32_t flags), (state, limit, flags),
	 LZMA_MEM_ERROR)
MAY_BE_ABSENT int __real_lzma_code(void *, int);
MAY_FAIL(int, lzma_code, (void *state, int action), (state, action),
	 LZMA_MEM_ERROR)
MAY_BE_ABSENT void *__real_ZSTD_createDStream(void);
MAY_FAIL(void *, ZSTD_createDStream, (void), (), NULL)
MAY_BE_ABSENT size_t __real_ZSTD_decompressStream(void *, void *, void *);
MAY_FAIL(size_t, ZSTD_decompressStream, (void *state, void *out, void *in),
	 (state, out, in), ZSTD_MEMORY)

static void *
arena_fails(struct aqi_arena *arena)
{
	arena->failed = true;
	return NULL;
}

MAY_FAIL(void *, aqi_arena_alloc, (struct aqi_arena *arena, size_t size),
	 (arena, size), arena_fails(arena))
MAY_FAIL(void *, aqi_arena_array,
	 (struct aqi_arena *arena, size_t n, size_t size), (arena, n, size),
	 arena_fails(arena))
MAY_FAIL(struct aqi_slice, aqi_arena_copy,
	 (struct aqi_arena *arena, struct aqi_slice s), (arena, s),
	 (struct aqi_slice){.data = arena_fails(arena)})

static char *
buffer_fails(struct aqi_buffer *buffer)
{
	buffer->failed = true;
	return NULL;
}

MAY_FAIL(char *, aqi_buffer_room, (struct aqi_buffer *buffer, size_t n),
	 (buffer, n), buffer_fails(buffer))

WRAP(void, aqi_buffer_add, (struct aqi_buffer *buffer, const void *data,
			    size_t n))
{
	if (runs_out())
		buffer_fails(buffer);
	else
		__real_aqi_buffer_add(buffer, data, n);
}

/*
 * What is tried: from nothing to nothing, with all it takes given back. AQI_OK
 * if it came out as it should.
 */
typedef enum aqi_status (*attempt_fn)(const void *what, struct aqi_error *err);

/* With the n-th call failing, and those behind it if it is for good; 0: none.
 * NULL, or what is wrong. */
static const char *
fault_of(attempt_fn attempt, const void *what, size_t n, bool for_good,
	 enum aqi_status *status, struct aqi_error *err)
{
	*err = (struct aqi_error){0};
	memory.n_calls = 0;
	memory.first = n ? n : SIZE_MAX;
	memory.last = for_good ? SIZE_MAX : n;
	memory.failed = false;
	memory.live = 0;
	memory.counts = true;
	*status = attempt(what, err);
	memory.counts = false;
	if (memory.live)
		return "memory is lost";
	if (*status == AQI_OK)
		return NULL;
	if (!memory.failed)
		return "it fails with memory too";
	if (*status != AQI_FATAL)
		return "it came out as something else";
	if (err->code != AQI_E_MEMORY)
		return "another code";
	return strcmp(err->reason, "memory ran out") == 0 ? NULL :
							     "another reason";
}

/*
 * Some failures do no harm, as of what is tried twice; then all must come out
 * as it should. But some must do some.
 */
static bool
each_fails(attempt_fn attempt, const void *what, size_t most, bool for_good)
{
	enum aqi_status status;
	struct aqi_error err;
	const char *fault = fault_of(attempt, what, 0, false, &status, &err);
	size_t n_calls = memory.n_calls, n = 0, n_told = 0;

	while (!fault && n < n_calls) {
		/* Of too many, the first half and the last. */
		if (n_calls > most && n == most / 2)
			n = n_calls - most / 2;
		fault = fault_of(attempt, what, ++n, for_good, &status, &err);
		n_told += status == AQI_FATAL;
	}
	if (fault)
		note("call %zu of %zu%s: %s: %s", n, n_calls,
		     for_good ? " and on" : "", fault, err.reason);
	return !fault && n_told > 0;
}

/* Try with each call failing, once and from there on; most: with so many. */
static void
survives(const char *sentence, attempt_fn attempt, const void *what,
	 size_t most)
{
	ok(each_fails(attempt, what, most, false) &&
	   each_fails(attempt, what, most, true), "%s", sentence);
}

#endif
