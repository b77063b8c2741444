/*
 * resume.h: runs that note how far they are, and go on from there.
 *
 * Every so often the outputs are synced and a checkpoint is written; a run that
 * finds one begins where it was written. When the input is at its end, a last
 * checkpoint says so before the outputs get their names, and it goes when they
 * have them: whenever a run is killed, the next one knows what is left to do.
 */
#ifndef AQI_CLI_RESUME_H
#define AQI_CLI_RESUME_H

#include <stdbool.h>
#include <stdint.h>

#include "record/checkpoint.h"

struct aqi_cli;
struct aqi_pipe;

/* One run's state. Zero-initialised. */
struct aqi_resume {
	struct aqi_cli *cli;
	struct aqi_checkpoint old;	/* what an earlier run has left */
	bool is_found;			/* it has */
	struct aqi_checkpoint next;	/* what is written */
	bool has_saved;			/* it is, once at least */
	uint64_t last_ns, last_read;	/* when it was written last */
	struct aqi_arena arena;		/* the texts of next */
};

/*
 * Read the checkpoint, if there is one, and see that it is of this run. Without
 * --checkpoint this does nothing. Fails with AQI_E_MODEL where it is of another
 * run, with AQI_E_USAGE where these steps cannot go on or where one file would
 * be written for two purposes.
 */
enum aqi_status aqi_resume_load(struct aqi_resume *resume,
				struct aqi_cli *cli,
				const struct aqi_step *steps, size_t n_steps,
				struct aqi_error *err) AQI_MUST_CHECK;

/* The mark of an output, for aqi_sink_open_partial; NULL to begin anew. */
const struct aqi_mark *aqi_resume_mark(const struct aqi_resume *resume,
				       const struct aqi_mark *mark);

/* Have the pipe, whose parts are open, go on, and note how far it comes. */
enum aqi_status aqi_resume_begin(struct aqi_resume *resume,
				 struct aqi_pipe *pipe, struct aqi_error *err)
	AQI_MUST_CHECK;

/* The run has come to its end: note it, before the outputs get their names. */
enum aqi_status aqi_resume_complete(struct aqi_resume *resume,
				    const struct aqi_pipe *pipe,
				    struct aqi_error *err) AQI_MUST_CHECK;

/*
 * The sink of an output that an earlier run has completed. *is_done, out: there
 * is none, because it has its name already.
 */
struct aqi_sink *aqi_resume_open_complete(const char *path,
					  const struct aqi_mark *mark,
					  bool *is_done,
					  struct aqi_error *err);

/* All is done: remove the checkpoint. */
void aqi_resume_end(struct aqi_resume *resume);

void aqi_resume_free(struct aqi_resume *resume);

#endif
