/*
 * large.h: arrays that may become large, and grow.
 *
 * An allocator keeps what was freed for later, where it may be of no use: an
 * array that has grown by doubling has then left as much behind as it has. From
 * AQI_LARGE_SIZE bytes on, these have pages of their own, which move without
 * being copied and go back to the system. Their room costs no memory before it
 * is written to.
 *
 * Sizes are in bytes; the caller keeps them.
 */
#ifndef AQI_BASE_LARGE_H
#define AQI_BASE_LARGE_H

#include <stddef.h>

/* Smaller ones take a page more for nothing, and a call of the system each. */
#define AQI_LARGE_SIZE ((size_t)1 << 18)

/*
 * The array at another, greater size, its first old_size bytes as they were;
 * NULL without memory, and the old one stays.
 *
 * data  may be NULL, with an old_size of 0
 */
void *aqi_large_grow(void *data, size_t old_size, size_t size);

/*
 * Give the bytes from `from` to `to` of a large array back to the system, as
 * far as they are whole pages: they are of no further use. Others stay.
 */
void aqi_large_forget(void *data, size_t size, size_t from, size_t to);

void aqi_large_free(void *data, size_t size);

/*
 * size bytes at a multiple of align, a power of two, for free to take back, not
 * for what is above; NULL without memory. All of them are to be written to
 * soon: where there are many, they are in huge pages, if the system has some,
 * since each page takes as long to come by as 4 KB do to copy several times.
 */
void *aqi_large_aligned(size_t align, size_t size);

#endif
