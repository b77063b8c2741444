#include "net/tally.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/sum.h"

#define NONE UINT32_MAX

struct entry {
	struct in6_addr address;
	size_t n;
	uint32_t next;		/* of its bucket, or of those that are free */
};

struct aqi_tally {
	pthread_mutex_t lock;
	size_t most;
	uint64_t start;		/* of the sums, so that no client knows them */
	uint32_t free;		/* the first that is free */
	size_t n_buckets;	/* a power of 2 */
	uint32_t *buckets;	/* (n_buckets,) their first entries */
	struct entry *entries;	/* (n_addresses,) */
};

struct aqi_tally *
aqi_tally_new(size_t most, size_t n_addresses)
{
	struct aqi_tally *tally = calloc(1, sizeof *tally);
	size_t n = 64;

	if (!tally || n_addresses >= NONE / 2) {
		free(tally);
		return NULL;
	}
	while (n < n_addresses)
		n *= 2;
	pthread_mutex_init(&tally->lock, NULL);
	tally->most = most;
	tally->n_buckets = n;
	tally->start = AQI_SUM_START;
	if (getrandom(&tally->start, sizeof tally->start, GRND_NONBLOCK) < 0)
		tally->start ^= (uintptr_t)tally;
	tally->buckets = malloc(n * sizeof *tally->buckets);
	tally->entries = calloc(n_addresses, sizeof *tally->entries);
	if (!tally->buckets || !tally->entries) {
		aqi_tally_free(tally);
		return NULL;
	}
	memset(tally->buckets, 0xff, n * sizeof *tally->buckets);
	for (size_t i = 0; i < n_addresses; i++)
		tally->entries[i].next = i + 1 < n_addresses ?
						 (uint32_t)i + 1 : NONE;
	tally->free = n_addresses > 0 ? 0 : NONE;
	return tally;
}

void
aqi_tally_free(struct aqi_tally *tally)
{
	if (!tally)
		return;
	pthread_mutex_destroy(&tally->lock);
	free(tally->buckets);
	free(tally->entries);
	free(tally);
}

/* What counts of an address. */
static struct in6_addr
group(const struct in6_addr *address)
{
	struct in6_addr all = *address;

	if (!IN6_IS_ADDR_V4MAPPED(address))
		memset(all.s6_addr + 8, 0, 8);
	return all;
}

static uint32_t *
bucket_of(struct aqi_tally *tally, const struct in6_addr *address)
{
	uint64_t sum = aqi_sum(tally->start, (struct aqi_slice){
		(const char *)address, sizeof *address});

	return &tally->buckets[(sum ^ sum >> 32) & (tally->n_buckets - 1)];
}

/* Where the number of its entry stands, or the end of its bucket. */
static uint32_t *
find(struct aqi_tally *tally, const struct in6_addr *address)
{
	uint32_t *at = bucket_of(tally, address);

	while (*at != NONE && memcmp(&tally->entries[*at].address, address,
				     sizeof *address) != 0)
		at = &tally->entries[*at].next;
	return at;
}

static struct entry *
add_entry(struct aqi_tally *tally, const struct in6_addr *address, uint32_t *at)
{
	struct entry *entry;

	if (tally->free == NONE)
		return NULL;
	*at = tally->free;
	entry = &tally->entries[*at];
	tally->free = entry->next;
	*entry = (struct entry){.address = *address, .next = NONE};
	return entry;
}

bool
aqi_tally_add(struct aqi_tally *tally, const struct in6_addr *address)
{
	const struct in6_addr all = group(address);
	struct entry *entry;
	uint32_t *at;
	bool fits;

	pthread_mutex_lock(&tally->lock);
	at = find(tally, &all);
	entry = *at != NONE ? &tally->entries[*at] :
			      add_entry(tally, &all, at);
	fits = entry && entry->n < tally->most;
	if (fits)
		entry->n++;
	pthread_mutex_unlock(&tally->lock);
	return fits;
}

void
aqi_tally_drop(struct aqi_tally *tally, const struct in6_addr *address)
{
	const struct in6_addr all = group(address);
	struct entry *entry;
	uint32_t *at, i;

	pthread_mutex_lock(&tally->lock);
	at = find(tally, &all);
	i = *at;
	entry = &tally->entries[i];
	if (--entry->n == 0) {
		*at = entry->next;
		entry->next = tally->free;
		tally->free = i;
	}
	pthread_mutex_unlock(&tally->lock);
}
