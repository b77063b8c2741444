#include "base/large.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void *
map(size_t size)
{
	void *data = mmap(NULL, size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return data == MAP_FAILED ? NULL : data;
}

static void *
remap(void *data, size_t old_size, size_t size)
{
#ifdef MREMAP_MAYMOVE
	data = mremap(data, old_size, size, MREMAP_MAYMOVE);
	return data == MAP_FAILED ? NULL : data;
#else
	void *moved = map(size);

	if (!moved)
		return NULL;
	memcpy(moved, data, old_size);
	munmap(data, old_size);
	return moved;
#endif
}

void *
aqi_large_grow(void *data, size_t old_size, size_t size)
{
	void *moved;

	if (size < AQI_LARGE_SIZE)
		return realloc(data, size);
	if (old_size >= AQI_LARGE_SIZE)
		return remap(data, old_size, size);
	moved = map(size);
	if (!moved)
		return NULL;
	if (old_size > 0)
		memcpy(moved, data, old_size);
	free(data);
	return moved;
}

void
aqi_large_forget(void *data, size_t size, size_t from, size_t to)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);

	from = (from + page - 1) / page * page;
	to = to / page * page;
	if (size < AQI_LARGE_SIZE || from >= to)
		return;
#ifdef MADV_DONTNEED
	(void)madvise((char *)data + from, to - from, MADV_DONTNEED);
#else
	(void)data;
#endif
}

void
aqi_large_free(void *data, size_t size)
{
	if (size < AQI_LARGE_SIZE)
		free(data);
	else
		munmap(data, size);
}
