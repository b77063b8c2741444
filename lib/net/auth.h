/*
 * auth.h: who may ask: keys, by their names and hashes.
 *
 * The file has a line for each key, its name and the SHA-256 of the key in hex,
 * with blanks between; empty lines and those that begin with # are skipped. A
 * name is of letters, digits, '_', '-' and '.'. So a key that is lost can be
 * taken back by itself, and who reads the file still has none. What
 * `printf %s "$KEY" | sha256sum` prints is the hash.
 */
#ifndef AQI_NET_AUTH_H
#define AQI_NET_AUTH_H

#include <stdbool.h>

#include "base/error.h"
#include "base/slice.h"

/* Immutable after load; many threads may use it at once. */
struct aqi_auth;

/* The version of libcrypto, which has SHA-256; NULL: built without, and nothing
 * loads. */
const char *aqi_auth_libcrypto(void);

/*
 * Fails with AQI_E_USAGE for a file that others than its owner and group may
 * read or change, or with anything wrong in it (err has the line), AQI_E_IO
 * and AQI_E_MEMORY. A file without a key lets nobody in, and is refused.
 */
struct aqi_auth *aqi_auth_load(const char *path,
			       struct aqi_error *err) AQI_MUST_CHECK;

/*
 * The name of a key, borrowed from auth, or NULL for one that it does not
 * know. How long that takes depends on the number of keys and the length of
 * this one alone.
 */
const char *aqi_auth_find(const struct aqi_auth *auth, struct aqi_slice key);

void aqi_auth_free(struct aqi_auth *auth);

#endif
