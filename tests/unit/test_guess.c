/* Which source a file is of, where more than one could be. */
#include "air/guess.h"

#include <stdlib.h>
#include <unistd.h>

#include "record/format.h"
#include "tap.h"

static char path[] = "/tmp/test_guess_XXXXXX";

static const struct aqi_format format = {
	.delimiter = ',', .decimal_mark = '.', .max_record = AQI_MAX_RECORD,
};

/* The line on a file of a header, and a record n times. */
static bool
is_guess(const char *header, const char *record, size_t n, const char *wanted)
{
	struct aqi_guess guesses[AQI_GUESSES_MAX];
	struct aqi_buffer line = {0};
	struct aqi_error err = {0};
	FILE *f = fopen(path, "w");
	size_t n_guesses;
	bool is_right;

	fputs(header, f);
	while (n-- > 0)
		fputs(record, f);
	fclose(f);
	is_right = aqi_guess_file(path, &format, guesses, &n_guesses, &err) ==
		   AQI_OK;
	if (is_right)
		aqi_guess_add_line(&line, "f", guesses, n_guesses);
	is_right = is_right && line.size == strlen(wanted) &&
		   memcmp(line.data, wanted, line.size) == 0;
	if (!is_right)
		note("%.*s%s", (int)line.size, line.data, err.reason);
	aqi_buffer_free(&line);
	return is_right;
}

#define TIME "2024-01-01 00:00:00"
#define BC(n) "bc\t" n " of 10 columns, "
#define CPCB(n) "cpcb\t" n " of 11 columns, "

/* British Columbia and India's CPCB need a time and one pollutant each. */
static void
test_likelihood(void)
{
	ok(is_guess("date_utc,pm25_1hr,pm10_1hr,From Date,PM10 (ug/m3)\n",
		    TIME ",1,2," TIME ",3\n", 2,
		    "f\t" BC("3") "2 of the first 2 records; delimiter ,; or "
		    "cpcb (2 columns)\n"),
	   "more columns are likelier, and what has one less is named");
	ok(is_guess("date_utc,pm25_1hr,From Date,PM10 (ug/m3),CO (mg/m3)\n",
		    TIME ",1," TIME ",2,3\n", 1,
		    "f\t" CPCB("3") "1 of the first 1 records; delimiter ,; or "
		    "bc (2 columns)\n"), "whichever is tried first");
	ok(is_guess("date_utc,pm25_1hr,pm10_1hr,co_1hr,From Date,"
		    "PM10 (ug/m3)\n", TIME ",1,2,3," TIME ",4\n", 1,
		    "f\t" BC("4") "1 of the first 1 records; delimiter ,\n"),
	   "what has two less is not named");
	ok(is_guess("date_utc,pm25_1hr,From Date,PM10 (ug/m3)\n",
		    TIME ",1," TIME ",2\n", 1,
		    "f\t" BC("2") "1 of the first 1 records; delimiter ,; or "
		    "cpcb (2 columns)\n"),
	   "of two alike the first in the list is first");
	ok(is_guess("date_utc,pm25_1hr,From Date,PM10 (ug/m3)\n"
		    "x,1," TIME ",2\n", TIME ",1," TIME ",2\n", 1,
		    "f\t" CPCB("2") "2 of the first 2 records; delimiter ,; or "
		    "bc (2 columns)\n"),
	   "of two alike the one that refuses less is first");
	ok(is_guess("date_utc,pm25_1hr,From Date,PM10 (ug/m3)\n"
		    TIME ",1,x,2\n", TIME ",1," TIME ",2\n", 1,
		    "f\t" BC("2") "2 of the first 2 records; delimiter ,; or "
		    "cpcb (2 columns)\n"), "whichever that is");
	ok(is_guess("date_utc,pm25_1hr,From Date,PM10 (ug/m3)\n", "", 0,
		    "f\t" BC("2") "no record; delimiter ,; or cpcb (2 "
		    "columns)\n"), "a header alone says as much");
	ok(is_guess("date_utc,pm25_1hr\nx,1\ny,1\n", TIME ",1\n", 1,
		    "f\t-\tno source reads it\n"),
	   "what refuses most records is not the source");
}

static void
test_forms(void)
{
	ok(is_guess("", "{\"date_utc\":\"" TIME "\",\"pm25_1hr\":1}\n", 2,
		    "f\t" BC("2") "2 of the first 2 records; NDJSON\n"),
	   "a file of NDJSON has no delimiter, and the columns that it has");
	ok(is_guess("", "{\"location\":\"a\",\"date\":{\"local\":"
		    "\"2024-01-01T00:00:00+01:00\"},\"parameter\":\"pm25\","
		    "\"value\":1,\"unit\":\"ug/m3\"}\n", 1,
		    "f\topenaq\t4 of 4 columns, 1 of the first 1 records; "
		    "NDJSON\n"), "a member of a member is a column");
	ok(is_guess("x\n", "1\n", 1, "f\t-\tno source reads it\n"),
	   "what no source reads is said");
}

/* What is read of a long file is one batch. */
static void
test_long(void)
{
	const size_t n = 200000;
	struct aqi_guess guesses[AQI_GUESSES_MAX];
	struct aqi_error err = {0};
	FILE *f = fopen(path, "w");
	size_t n_guesses = 0;
	bool is_read;

	fputs("date_utc,pm25_1hr,pm10_1hr\n", f);
	for (size_t i = 0; i < n; i++)
		fputs(TIME ",1,2\n", f);
	fclose(f);
	is_read = aqi_guess_file(path, &format, guesses, &n_guesses, &err) ==
		  AQI_OK;
	ok(is_read && n_guesses == 1 && aqi_slice_is(guesses->name, "bc") &&
	   guesses->n_found == 3 && guesses->n_refused == 0 &&
	   guesses->n_read > 0 && guesses->n_read < n,
	   "of a long file the start is enough");
}

/* A line of each thing that can be said. */
static void
test_lines(void)
{
	static const struct {
		const char *file;
		struct aqi_guess guess;
		const char *line;
	} cases[] = {
		{"a\tb\n", {.n_known = 4, .n_found = 3, .n_read = 9,
			    .n_refused = 2, .delimiter = '\t',
			    .header_line = 1},
		 "a?b?\tx\t3 of 4 columns, 7 of the first 9 records; delimiter "
		 "tab\n"},
		{"a", {.n_known = 1, .n_found = 1, .delimiter = ';',
		       .header_line = 5, .encoding = "cp949"},
		 "a\tx\t1 of 1 columns, no record; delimiter ;; cp949; header "
		 "in line 5\n"},
		{"a", {.n_known = 1, .n_found = 1, .n_read = 1,
		       .delimiter = '|'},
		 "a\tx\t1 of 1 columns, 1 of the first 1 records; delimiter |; "
		 "no header\n"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct aqi_guess guess = cases[i].guess;
		struct aqi_buffer line = {0};

		guess.name = aqi_slice_of("x");
		aqi_guess_add_line(&line, cases[i].file, &guess, 1);
		if (!ok(line.size == strlen(cases[i].line) &&
			memcmp(line.data, cases[i].line, line.size) == 0,
			"the line of case %zu", i))
			note("%.*s", (int)line.size, line.data);
		aqi_buffer_free(&line);
	}
}

int
main(void)
{
	int fd = mkstemp(path);

	if (fd < 0) {
		perror(path);
		return 2;
	}
	close(fd);
	test_likelihood();
	test_forms();
	test_long();
	test_lines();
	unlink(path);
	return done();
}
