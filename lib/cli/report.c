#include "cli/report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "record/pipe.h"
#include "record/utf8.h"

/* Standard error may be full or closed: that changes nothing else. */
static void
put(const char *text, size_t n)
{
	ssize_t done;

	do
		done = write(STDERR_FILENO, text, n);
	while (done < 0 && errno == EINTR);
}

/*
 * A line of words, in one piece and without asking for memory: that there is
 * none is among the things to say. It holds the longest that there is: a file
 * name, a field and a reason, each of their bytes as six.
 */
#define NAME_SIZE 4096	/* of a file; what is longer, no system opens */
#define LINE_SIZE (6 * (NAME_SIZE + sizeof(struct aqi_error)) + 256)

struct line {
	size_t size;
	char text[LINE_SIZE];
};

static void
add_byte(struct line *line, char byte)
{
	if (line->size < sizeof line->text)
		line->text[line->size++] = byte;
}

static void
add_text(struct line *line, const char *text)
{
	while (*text)
		add_byte(line, *text++);
}

static void AQI_PRINTF(2, 3)
add_format(struct line *line, const char *format, ...)
{
	char text[128];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	add_text(line, text);
}

/* A name in a message: bytes that could drive a terminal or break the line are
 * escaped. */
static void
add_name(struct line *line, const char *name)
{
	for (size_t i = 0; i < NAME_SIZE && name[i]; i++) {
		unsigned char c = (unsigned char)name[i];

		if (c >= 0x20 && c < 0x7f)
			add_byte(line, name[i]);
		else
			add_format(line, "\\x%02x", c);
	}
}

static void
add_text_error(struct line *line, const char *program,
	       const struct aqi_error *err)
{
	add_name(line, program);
	if (err->file) {
		add_byte(line, ':');
		add_name(line, err->file);
	}
	if (err->line)
		add_format(line, ":%" PRIu64, err->line);
	if (err->line && err->column)
		add_format(line, ":%zu", err->column);
	add_text(line, ": ");
	if (err->field[0]) {
		add_name(line, err->field);
		add_text(line, ": ");
	}
	add_name(line, err->reason);
	add_byte(line, '\n');
}

/* The inside of a JSON string, from UTF-8. */
static void
add_json_characters(struct line *line, struct aqi_slice text)
{
	size_t size;

	for (size_t i = 0; i < text.size; i += size) {
		unsigned special = aqi_utf8_special(text.data + i, &size);

		if (special)
			add_format(line, "\\u%04x", special);
		else if (strchr("\"\\", text.data[i]))
			add_format(line, "\\%c", text.data[i]);
		else
			add_format(line, "%.*s", (int)size, text.data + i);
	}
}

/* Text that may hold any byte, as a JSON string: its characters, and each byte
 * that is part of none as the text \xHH. */
static void
add_json_text(struct line *line, const char *key, const char *text)
{
	struct aqi_slice left = {text, strnlen(text, NAME_SIZE)};

	add_format(line, "\"%s\":\"", key);
	while (left.size > 0) {
		size_t n = aqi_utf8_check(left);

		add_json_characters(line, (struct aqi_slice){left.data, n});
		left.data += n;
		left.size -= n;
		if (left.size == 0)
			break;
		add_format(line, "\\\\x%02x", (unsigned char)*left.data);
		left.data++;
		left.size--;
	}
	add_byte(line, '"');
}

static void
add_json_error(struct line *line, const char *program,
	       const struct aqi_error *err)
{
	add_byte(line, '{');
	add_json_text(line, "program", program);
	if (err->file) {
		add_byte(line, ',');
		add_json_text(line, "file", err->file);
	}
	if (err->line)
		add_format(line, ",\"line\":%" PRIu64, err->line);
	if (err->line && err->column)
		add_format(line, ",\"column\":%zu", err->column);
	if (err->field[0]) {
		add_byte(line, ',');
		add_json_text(line, "field", err->field);
	}
	add_format(line, ",\"code\":\"%s\",", aqi_error_word(err->code));
	add_json_text(line, "reason", err->reason);
	add_text(line, "}\n");
}

void
aqi_report_error(struct aqi_report *report, const struct aqi_error *err)
{
	struct line line;

	line.size = 0;
	aqi_report_clear(report);
	if (report->as_json)
		add_json_error(&line, report->program, err);
	else
		add_text_error(&line, report->program, err);
	put(line.text, line.size);
}

void
aqi_report_say(struct aqi_report *report, const char *format, ...)
{
	struct aqi_error words = {.code = AQI_E_NONE};
	va_list ap;

	va_start(ap, format);
	vsnprintf(words.reason, sizeof words.reason, format, ap);
	va_end(ap);
	aqi_report_error(report, &words);
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
			      "%" PRIu64 " more errors of kind %s are not "
			      "shown",
			      report->n_of[code] - AQI_REPORT_LIMIT,
			      aqi_error_word((enum aqi_code)code));
		aqi_report_error(report, &err);
	}
}

void
aqi_report_stats(struct aqi_report *report, const struct aqi_counts *counts,
		 bool merges, bool predicts, bool converts)
{
	struct line line;

	line.size = 0;
	aqi_report_clear(report);
	add_format(&line, "%s: read %" PRIu64 " written %" PRIu64 " refused %"
		   PRIu64, report->program, counts->read, counts->written,
		   counts->refused);
	if (merges)
		add_format(&line, " merged %" PRIu64, counts->merged);
	if (predicts)
		add_format(&line, " unpredicted %" PRIu64,
			   counts->unpredicted);
	if (converts)
		add_format(&line, " blanked %" PRIu64, counts->blanked);
	add_byte(&line, '\n');
	put(line.text, line.size);
}

/* 1234567 records as 1.23 M. */
static void
add_count(struct line *line, double n)
{
	static const struct { double size; const char *letter; } units[] = {
		{1e9, " G"}, {1e6, " M"}, {1e3, " k"},
	};

	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		if (n >= units[i].size) {
			add_format(line, "%.3g%s", n / units[i].size,
				   units[i].letter);
			return;
		}
	}
	add_format(line, "%.0f", n);
}

void
aqi_report_progress(struct aqi_report *report, const struct aqi_counts *counts,
		    uint64_t bytes_read, uint64_t bytes_total)
{
	struct line line;
	uint64_t now;
	double seconds, share;

	if (!report->shows_progress)
		return;
	now = aqi_clock_ns();
	if (!report->started_ns)
		report->started_ns = report->last_progress_ns = now;
	/* Five times a second is lively; more often costs and flickers. */
	if (now - report->started_ns < 1000000000 ||
	    now - report->last_progress_ns < 200000000)
		return;
	report->last_progress_ns = now;
	seconds = (double)(now - report->started_ns) / 1e9;
	line.size = 0;
	add_format(&line, "%s%s: ", report->is_terminal ? "\r" : "",
		   report->program);
	add_count(&line, (double)counts->read);
	add_text(&line, " records, ");
	add_count(&line, (double)counts->read / seconds);
	add_text(&line, " records/s");
	if (bytes_total && bytes_read) {
		share = (double)bytes_read / (double)bytes_total;
		add_format(&line, ", %.0f %%, %.0f s left",
				      share * 100, share < 1 ?
				      seconds * (1 - share) / share : 0.0);
	}
	add_text(&line, report->is_terminal ? "\033[K" : "\n");
	report->has_line = report->is_terminal;
	put(line.text, line.size);
}

void
aqi_report_live(struct aqi_report *report, struct aqi_slice words)
{
	struct line line;

	if (!report->shows_progress)
		return;
	line.size = 0;
	add_format(&line, "%s%s: ", report->is_terminal ? "\r" : "",
		   report->program);
	for (size_t i = 0; i < words.size; i++)
		add_byte(&line, words.data[i]);
	add_text(&line, report->is_terminal ? "\033[K" : "\n");
	report->has_line = report->is_terminal;
	put(line.text, line.size);
}

void
aqi_report_clear(struct aqi_report *report)
{
	if (report->has_line)
		put("\r\033[K", 4);
	report->has_line = false;
}
