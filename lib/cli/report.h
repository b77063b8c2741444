/* report.h: words to standard error: messages, counts, progress. */
#ifndef AQI_CLI_REPORT_H
#define AQI_CLI_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct aqi_counts;

/* Of each kind of message, so many are shown and the others counted. */
#define AQI_REPORT_LIMIT 20

/* A run's messages. Zero-initialised but for the program's name. */
struct aqi_report {
	const char *program;
	bool as_json;		/* one JSON object a line */
	bool shows_progress;
	bool is_terminal;	/* standard error is one */
	bool has_line;		/* a progress line stands on the terminal */
	uint64_t n_of[AQI_E_MEMORY + 1];	/* messages by kind */
	uint64_t started_ns, last_progress_ns;
};

/* One error as one line in one write. */
void aqi_report_error(struct aqi_report *report, const struct aqi_error *err);

/* What is no error, in the same form: code is "none". */
void aqi_report_say(struct aqi_report *report, const char *format, ...)
	AQI_PRINTF(2, 3);

/* The same for a refused record, of which AQI_REPORT_LIMIT a kind are shown. */
void aqi_report_refused(struct aqi_report *report, const struct aqi_error *err);

/* A line for each kind of which some were not shown. */
void aqi_report_hidden(struct aqi_report *report);

/* The line of --stats; which of the counts apply besides the first three. */
void aqi_report_stats(struct aqi_report *report,
		      const struct aqi_counts *counts, bool merges,
		      bool predicts, bool converts);

/* A progress line, once a second has passed, if one is wanted. */
void aqi_report_progress(struct aqi_report *report,
			 const struct aqi_counts *counts, uint64_t bytes_read,
			 uint64_t bytes_total);

/* A progress line of other words, if one is wanted. */
void aqi_report_live(struct aqi_report *report, struct aqi_slice words);

/* Take the progress line away. */
void aqi_report_clear(struct aqi_report *report);

#endif
