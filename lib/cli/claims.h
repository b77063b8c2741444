/*
 * claims.h: the files that a run with a checkpoint writes.
 *
 * Besides those that its options name, a run has partial files and a new
 * checkpoint, by names that a user may have in use.
 */
#ifndef AQI_CLI_CLAIMS_H
#define AQI_CLI_CLAIMS_H

#include "base/arena.h"
#include "base/error.h"

struct aqi_cli;

/*
 * See that they are all different files, and that an input is none of them but
 * the one of -o, which replaces it when it has been read. Fails with
 * AQI_E_USAGE; err borrows from the arena then.
 */
enum aqi_status aqi_claims_check(const struct aqi_cli *cli,
				 struct aqi_arena *arena,
				 struct aqi_error *err) AQI_MUST_CHECK;

#endif
