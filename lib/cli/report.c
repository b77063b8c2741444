#include "cli/report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buffer.h"
#include "record/ndjson.h"
#include "record/pipe.h"

/* Standard error may be full or closed: that changes nothing else. */
static void
put(const char *text, size_t n)
{
	ssize_t done;

	do
		done = write(STDERR_FILENO, text, n);
	while (done < 0 && errno == EINTR);
}

/* A name in a message: bytes that could drive a terminal or break the line
 * are escaped, and so is the colon's neighbour, the line end. */
static void
add_name(struct aqi_buffer *out, const char *name)
{
	for (; *name; name++) {
		unsigned char c = (unsigned char)*name;

		if (c >= 0x20 && c < 0x7f)
			aqi_buffer_add_byte(out, *name);
		else
			aqi_buffer_add_format(out, "\\x%02x", c);
	}
}

static void
add_text_error(struct aqi_buffer *out, const char *program,
	       const struct aqi_error *err)
{
	add_name(out, program);
	if (err->file) {
		aqi_buffer_add_byte(out, ':');
		add_name(out, err->file);
	}
	if (err->line)
		aqi_buffer_add_format(out, ":%" PRIu64, err->line);
	if (err->line && err->column)
		aqi_buffer_add_format(out, ":%zu", err->column);
	aqi_buffer_add_text(out, ": ");
	if (err->field[0]) {
		add_name(out, err->field);
		aqi_buffer_add_text(out, ": ");
	}
	add_name(out, err->reason);
	aqi_buffer_add_byte(out, '\n');
}

/* Text that may hold any byte, as a JSON string of printable ASCII. */
static void
add_json_text(struct aqi_buffer *out, const char *key, const char *text)
{
	struct aqi_buffer safe = {0};

	add_name(&safe, text);
	aqi_buffer_add_format(out, ",\"%s\":", key);
	aqi_ndjson_add_string(out, (struct aqi_slice){safe.data, safe.size});
	out->failed |= safe.failed;
	aqi_buffer_free(&safe);
}

static void
add_json_error(struct aqi_buffer *out, const char *program,
	       const struct aqi_error *err)
{
	aqi_buffer_add_text(out, "{\"program\":");
	aqi_ndjson_add_string(out, aqi_slice_of(program));
	if (err->file)
		add_json_text(out, "file", err->file);
	if (err->line)
		aqi_buffer_add_format(out, ",\"line\":%" PRIu64, err->line);
	if (err->line && err->column)
		aqi_buffer_add_format(out, ",\"column\":%zu", err->column);
	if (err->field[0])
		add_json_text(out, "field", err->field);
	aqi_buffer_add_format(out, ",\"code\":\"%s\"", aqi_error_word(err->code));
	add_json_text(out, "reason", err->reason);
	aqi_buffer_add_text(out, "}\n");
}

void
aqi_report_error(struct aqi_report *report, const struct aqi_error *err)
{
	struct aqi_buffer line = {0};

	aqi_report_clear(report);
	if (report->as_json)
		add_json_error(&line, report->program, err);
	else
		add_text_error(&line, report->program, err);
	if (line.failed)
		put("memory ran out\n", 15);
	else
		put(line.data, line.size);
	aqi_buffer_free(&line);
}

void
aqi_report_refused(struct aqi_report *report, const struct aqi_error *err)
{
	if (report->n_of[err->code]++ < AQI_REPORT_LIMIT)
		aqi_report_error(report, err);
}

void
aqi_report_hidden(struct aqi_report *report)
{
	struct aqi_error err;

	for (int code = 0; code <= AQI_E_MEMORY; code++) {
		if (report->n_of[code] <= AQI_REPORT_LIMIT)
			continue;
		aqi_error_set(&err, AQI_E_NONE,
			      "%" PRIu64 " more errors of kind %s are not shown",
			      report->n_of[code] - AQI_REPORT_LIMIT,
			      aqi_error_word((enum aqi_code)code));
		aqi_report_error(report, &err);
	}
}

void
aqi_report_stats(struct aqi_report *report, const struct aqi_counts *counts,
		 bool merges, bool predicts, bool converts)
{
	struct aqi_buffer line = {0};

	aqi_report_clear(report);
	aqi_buffer_add_format(&line, "%s: read %" PRIu64 " written %" PRIu64
		   " refused %" PRIu64, report->program, counts->read,
		   counts->written, counts->refused);
	if (merges)
		aqi_buffer_add_format(&line, " merged %" PRIu64,
			   counts->merged);
	if (predicts)
		aqi_buffer_add_format(&line, " unpredicted %" PRIu64,
			   counts->unpredicted);
	if (converts)
		aqi_buffer_add_format(&line, " blanked %" PRIu64,
			   counts->blanked);
	aqi_buffer_add_byte(&line, '\n');
	if (!line.failed)
		put(line.data, line.size);
	aqi_buffer_free(&line);
}

static uint64_t
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* 1234567 rows as 1.23 M. */
static void
add_count(struct aqi_buffer *out, double n)
{
	static const struct { double size; const char *letter; } units[] = {
		{1e9, " G"}, {1e6, " M"}, {1e3, " k"},
	};

	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		if (n >= units[i].size) {
			aqi_buffer_add_format(out, "%.3g%s", n / units[i].size,
				   units[i].letter);
			return;
		}
	}
	aqi_buffer_add_format(out, "%.0f", n);
}

void
aqi_report_progress(struct aqi_report *report, const struct aqi_counts *counts,
		    uint64_t bytes_read, uint64_t bytes_total)
{
	struct aqi_buffer line = {0};
	uint64_t now;
	double seconds, share;

	if (!report->shows_progress)
		return;
	now = now_ns();
	if (!report->started_ns)
		report->started_ns = report->last_progress_ns = now;
	/* Five times a second is lively; more often costs and flickers. */
	if (now - report->started_ns < 1000000000 ||
	    now - report->last_progress_ns < 200000000)
		return;
	report->last_progress_ns = now;
	seconds = (double)(now - report->started_ns) / 1e9;
	aqi_buffer_add_format(&line, "%s%s: ", report->is_terminal ? "\r" : "",
		   report->program);
	add_count(&line, (double)counts->read);
	aqi_buffer_add_text(&line, " rows, ");
	add_count(&line, (double)counts->read / seconds);
	aqi_buffer_add_text(&line, " rows/s");
	if (bytes_total && bytes_read) {
		share = (double)bytes_read / (double)bytes_total;
		aqi_buffer_add_format(&line, ", %.0f %%, %.0f s left",
				      share * 100, share < 1 ?
				      seconds * (1 - share) / share : 0.0);
	}
	aqi_buffer_add_text(&line, report->is_terminal ? "\033[K" : "\n");
	report->has_line = report->is_terminal;
	if (!line.failed)
		put(line.data, line.size);
	aqi_buffer_free(&line);
}

void
aqi_report_clear(struct aqi_report *report)
{
	if (report->has_line)
		put("\r\033[K", 4);
	report->has_line = false;
}
