/*
 * claims.h: the files that a run writes, no two of which may be one.
 *
 * Besides those that its options name, a run with a checkpoint has partial
 * files and a new checkpoint, by names that a user may have in use.
 */
#ifndef AQI_CLI_CLAIMS_H
#define AQI_CLI_CLAIMS_H

#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"

struct aqi_cli;

/*
 * Of a run with a checkpoint: see that they are all different files, and that
 * an input is none of them but the one of -o, which replaces it when it has
 * been read. Fails with AQI_E_USAGE; err borrows from the arena then.
 */
enum aqi_status aqi_claims_check(const struct aqi_cli *cli,
				 struct aqi_arena *arena,
				 struct aqi_error *err) AQI_MUST_CHECK;

/* What an option names; path is NULL where it was not given. */
struct aqi_claim {
	const char *option, *path;
};

/* See that the outputs are different files, or written to directly, and that no
 * input is one of them. Fails as above. */
enum aqi_status aqi_claims_compare(const struct aqi_claim *outputs,
				   size_t n_outputs,
				   const struct aqi_claim *inputs,
				   size_t n_inputs, struct aqi_arena *arena,
				   struct aqi_error *err) AQI_MUST_CHECK;

#endif
