#include "cli/claims.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "cli/cli.h"
#include "record/sink.h"

/* A file that is written, by the name that an option gives it, or by that and
 * an ending. */
struct claim {
	const char *option, *path, *ending;
	const char *name;	/* with the ending */
	const char *target;	/* NULL: it is written to directly */
};

/* a and b in one text; NULL without memory. */
static char *
join(struct aqi_arena *arena, const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b) + 1;
	char *text = aqi_arena_alloc(arena, n + m);

	if (!text)
		return NULL;
	memcpy(text, a, n);
	memcpy(text + n, b, m);
	return text;
}

/* *target, out, is NULL where a folder cannot be found, too: nothing can be
 * opened there, and the opening will tell. */
static enum aqi_status
find_target(struct aqi_arena *arena, const char *path, const char **target,
	    struct aqi_error *err)
{
	char *found = aqi_file_target(path);

	if (!found && errno == ENOMEM)
		return aqi_error_memory(err);
	*target = found ? join(arena, found, "") : NULL;
	free(found);
	return arena->failed ? aqi_error_memory(err) : AQI_OK;
}

/* A partial file lies beside the file that a link leads to; a checkpoint
 * takes the place of the link. */
static enum aqi_status
locate(struct claim *claim, bool is_output, struct aqi_arena *arena,
       struct aqi_error *err)
{
	const char *stem = claim->path;

	if (is_output && aqi_sink_is_stream(claim->path))
		return AQI_OK;
	if (is_output && find_target(arena, claim->path, &stem, err) != AQI_OK)
		return AQI_FATAL;
	if (!stem)
		return AQI_OK;
	stem = join(arena, stem, claim->ending);
	claim->name = join(arena, claim->path, claim->ending);
	if (!stem || !claim->name)
		return aqi_error_memory(err);
	return find_target(arena, stem, &claim->target, err);
}

static bool
is_same(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

static enum aqi_status
compare(const struct claim *claims, size_t n, struct aqi_error *err)
{
	for (size_t i = 1; i < n; i++) {
		for (size_t k = 0; k < i; k++) {
			if (!is_same(claims[i].target, claims[k].target))
				continue;
			aqi_error_set(err, AQI_E_USAGE, "%s and %s would both "
				      "write this file; give each one of its "
				      "own", claims[k].option,
				      claims[i].option);
			return aqi_error_at(err, claims[i].name, 0, 0);
		}
	}
	return AQI_OK;
}

/* By the file itself, since an input may have other names, or none. */
static enum aqi_status
check_input(const struct claim *claims, size_t n, const char *input,
	    struct aqi_error *err)
{
	struct stat of_input, of_claim;
	size_t i = 0;

	if (!aqi_file_stat(input, &of_input))
		return AQI_OK;
	while (i < n && !(claims[i].target &&
			  stat(claims[i].target, &of_claim) == 0 &&
			  of_claim.st_dev == of_input.st_dev &&
			  of_claim.st_ino == of_input.st_ino))
		i++;
	if (i == n)
		return AQI_OK;
	aqi_error_set(err, AQI_E_USAGE, "%s would write over this input; give "
		      "it a file of its own", claims[i].option);
	return aqi_error_at(err, input, 0, 0);
}

enum aqi_status
aqi_claims_check(const struct aqi_cli *cli, struct aqi_arena *arena,
		 struct aqi_error *err)
{
	/* The output is the first: an input may be that. */
	struct claim claims[] = {
		{"--output", cli->output, "", NULL, NULL},
		{"--output", cli->output, ".partial", NULL, NULL},
		{"--rejects", cli->rejects, "", NULL, NULL},
		{"--rejects", cli->rejects, ".partial", NULL, NULL},
		{"--checkpoint", cli->checkpoint, "", NULL, NULL},
		{"--checkpoint", cli->checkpoint, ".new", NULL, NULL},
	};
	const size_t n = sizeof claims / sizeof *claims;

	for (size_t i = 0; i < n; i++)
		if (locate(&claims[i], i < 4, arena, err) != AQI_OK)
			return AQI_FATAL;
	if (compare(claims, n, err) != AQI_OK)
		return AQI_FATAL;
	for (size_t i = 0; i < cli->n_files + !cli->n_files; i++)
		if (check_input(claims + 1, n - 1,
				cli->n_files ? cli->files[i] : "-", err) !=
		    AQI_OK)
			return AQI_FATAL;
	return AQI_OK;
}

#define MOST_OUTPUTS 8

enum aqi_status
aqi_claims_compare(const struct aqi_claim *outputs, size_t n_outputs,
		   const struct aqi_claim *inputs, size_t n_inputs,
		   struct aqi_arena *arena, struct aqi_error *err)
{
	struct claim claims[MOST_OUTPUTS] = {{0}};
	size_t n = 0;

	assert(n_outputs <= MOST_OUTPUTS);
	for (size_t i = 0; i < n_outputs; i++) {
		if (!outputs[i].path)
			continue;
		claims[n] = (struct claim){outputs[i].option, outputs[i].path,
					   "", NULL, NULL};
		if (locate(&claims[n++], true, arena, err) != AQI_OK)
			return AQI_FATAL;
	}
	if (compare(claims, n, err) != AQI_OK)
		return AQI_FATAL;
	for (size_t i = 0; i < n_inputs; i++)
		if (inputs[i].path &&
		    check_input(claims, n, inputs[i].path, err) != AQI_OK)
			return AQI_FATAL;
	return AQI_OK;
}
