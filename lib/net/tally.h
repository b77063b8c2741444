/* tally.h: how many connections an address has. Private to net. */
#ifndef AQI_NET_TALLY_H
#define AQI_NET_TALLY_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * An address is one of IPv6, of which the first 64 bits count, as they are
 * what one user has, or one of IPv4 mapped into it. Any thread may call at any
 * time.
 */
struct aqi_tally;

/* At most so many connections each, of at most so many addresses at a time.
 * NULL without memory. */
struct aqi_tally *aqi_tally_new(size_t most, size_t n_addresses);

/* One more; false, and it is not counted, where that would be too many. */
bool aqi_tally_add(struct aqi_tally *tally, const struct in6_addr *address);

/* One that was counted has gone. */
void aqi_tally_drop(struct aqi_tally *tally, const struct in6_addr *address);

void aqi_tally_free(struct aqi_tally *tally);

#endif
