#include "air/synth.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "air/fault.h"
#include "base/buffer.h"
#include "record/number.h"
#include "tap.h"

static struct aqi_synth_options
defaults(enum aqi_synth_profile profile, enum aqi_syntax syntax)
{
	return (struct aqi_synth_options){
		.seed = 1,
		.profile = profile,
		.syntax = syntax,
		.n_stations = 5,
		.start = {.year = 2024, .month = 1, .day = 1,
			  .has_offset = true},
	};
}

/* n records, asked for `at_once` at a time; the caller frees them. */
static struct aqi_buffer
make(struct aqi_synth_options options, size_t n, size_t at_once)
{
	struct aqi_synth *synth = aqi_synth_new(&options, NULL);
	struct aqi_buffer out = {0};

	for (size_t i = 0; i < n; i += at_once)
		aqi_synth_next(synth, n - i < at_once ? n - i : at_once, &out,
			       NULL);
	aqi_synth_free(synth);
	return out;
}

static bool
is(struct aqi_buffer *buffer, const char *text)
{
	bool same = aqi_slice_is((struct aqi_slice){buffer->data, buffer->size},
				 text);

	if (!same)
		note("%.*s", (int)buffer->size, buffer->data);
	aqi_buffer_free(buffer);
	return same;
}

/*
 * The records come from this program. A separate one in Python, with its own
 * generators, gave the same 20,000 records for three seeds and both profiles.
 */
static const char uniform_records[] =
	"46.6,232.5,43.5,10.6,4.16,119.4,-7.9,75.8,11.5,1026.2,10,2,11\n"
	"143.1,139.7,38.4,42.1,2.18,117.4,19.5,76.6,8.7,1025.7,0,5,12\n"
	"70.9,71.5,78.2,21.3,4.88,130.0,24.9,82.5,7.0,1021.1,13,5,7\n";

static const char realistic_records[] =
	"S01,2024-01-01T00:00+00:00,"
	"10.4,23.3,8.7,2.8,0.25,21.4,-0.4,89.0,2.3,996.9,0,0,1\n"
	"S02,2024-01-01T00:00+00:00,"
	"6.6,12.9,7.4,2.5,0.21,19.2,-0.3,90.7,2.7,991.0,0,0,1\n"
	"S03,2024-01-01T00:00+00:00,"
	"8.4,11.3,7.9,1.7,0.23,24.0,-0.9,90.1,2.7,1000.1,0,0,1\n"
	"S04,2024-01-01T00:00+00:00,"
	"6.4,22.0,6.6,1.5,0.19,18.6,0.0,88.8,2.8,993.0,0,0,1\n"
	"S05,2024-01-01T00:00+00:00,"
	"12.0,13.4,9.1,4.9,0.27,21.1,-0.5,89.6,2.6,990.2,0,0,1\n"
	"S01,2024-01-01T01:00+00:00,"
	"11.2,18.3,8.6,1.5,0.26,23.2,-2.5,89.9,2.0,997.1,1,0,1\n";

static void
test_first_records(void)
{
	struct aqi_buffer out;

	out = make(defaults(AQI_SYNTH_UNIFORM, AQI_SYNTAX_CSV), 3, 3);
	ok(is(&out, uniform_records),
	   "the first uniform records of seed 1 are what they always were");
	out = make(defaults(AQI_SYNTH_REALISTIC, AQI_SYNTAX_CSV), 6, 6);
	ok(is(&out, realistic_records),
	   "the first realistic records of seed 1 are what they always were");
	out = make(defaults(AQI_SYNTH_UNIFORM, AQI_SYNTAX_NDJSON), 1, 1);
	ok(is(&out, "{\"pm25\":46.6,\"pm10\":232.5,\"no2\":43.5,\"so2\":10.6,"
		    "\"co\":4.16,\"o3\":119.4,\"temperature\":-7.9,"
		    "\"humidity\":75.8,\"wind_speed\":11.5,"
		    "\"pressure\":1026.2,\"hour\":10,\"day_of_week\":2,"
		    "\"month\":11}\n"),
	   "as NDJSON a record has the same values");
}

static void
test_header(void)
{
	struct aqi_synth_options options =
		defaults(AQI_SYNTH_REALISTIC, AQI_SYNTAX_CSV);
	struct aqi_synth *synth;
	struct aqi_buffer out = {0};

	options.label = true;
	synth = aqi_synth_new(&options, NULL);
	aqi_synth_header(synth, &out);
	aqi_synth_free(synth);
	ok(is(&out, "expect,fault,station,time,pm25,pm10,no2,so2,co,o3,"
		    "temperature,humidity,wind_speed,pressure,hour,"
		    "day_of_week,month\n"),
	   "the header has the labels first, then station and time");

	options.syntax = AQI_SYNTAX_NDJSON;
	synth = aqi_synth_new(&options, NULL);
	aqi_synth_header(synth, &out);
	aqi_synth_free(synth);
	ok(is(&out, ""), "NDJSON has no header");
}

/* Every way of asking for records gives the same ones. */
static void
test_prefix(void)
{
	for (int i = 0; i < 4; i++) {
		struct aqi_synth_options options = defaults(
			i & 1 ? AQI_SYNTH_REALISTIC : AQI_SYNTH_UNIFORM,
			i & 2 ? AQI_SYNTAX_NDJSON : AQI_SYNTAX_CSV);
		struct aqi_buffer few, many;

		options.invalid = 0.3;
		options.label = true;
		few = make(options, 100, 100);
		many = make(options, 1000, 7);
		ok(few.size < many.size &&
		   memcmp(few.data, many.data, few.size) == 0,
		   "100 records at once begin 1000 by sevens (%s, %s)",
		   i & 1 ? "realistic" : "uniform", i & 2 ? "NDJSON" : "CSV");
		aqi_buffer_free(&few);
		aqi_buffer_free(&many);
	}
}

static void
test_seeds_differ(void)
{
	struct aqi_synth_options options =
		defaults(AQI_SYNTH_UNIFORM, AQI_SYNTAX_CSV);
	struct aqi_buffer one = make(options, 1, 1), two;

	options.seed = 2;
	two = make(options, 1, 1);
	ok(one.size != two.size || memcmp(one.data, two.data, one.size),
	   "another seed gives other records");
	aqi_buffer_free(&one);
	aqi_buffer_free(&two);
}

static void
test_ends(void)
{
	struct aqi_synth_options options =
		defaults(AQI_SYNTH_UNIFORM, AQI_SYNTAX_CSV);
	struct aqi_synth *synth;
	struct aqi_buffer out = {0};
	size_t ends[50];
	bool right = true;

	options.invalid = 0.5;
	synth = aqi_synth_new(&options, NULL);
	aqi_synth_header(synth, &out);
	aqi_synth_next(synth, 50, &out, ends);
	for (size_t i = 0; i < 50; i++)
		right &= out.data[ends[i] - 1] == '\n' &&
			 (i == 0 || ends[i] > ends[i - 1]);
	ok(right && ends[49] == out.size, "each record ends where ends says");
	aqi_synth_free(synth);
	aqi_buffer_free(&out);
}

/* The bytes of a line up to its LF; *p goes behind it. */
static struct aqi_slice
next_line(const char **p, const char *end)
{
	const char *start = *p;
	const char *lf = memchr(start, '\n', (size_t)(end - start));

	*p = lf + 1;
	return (struct aqi_slice){start, (size_t)(lf - start)};
}

/*
 * With and without faults, records that are not replaced are the same. How many
 * are is a binomial number: 3000 of 10000, give or take 46 (one deviation).
 */
static void
test_share(void)
{
	struct aqi_synth_options options =
		defaults(AQI_SYNTH_REALISTIC, AQI_SYNTAX_CSV);
	struct aqi_buffer whole = make(options, 10000, 10000), spoiled;
	const char *p, *q, *end;
	int replaced = 0, invalid = 0;
	bool same = true;

	options.invalid = 0.3;
	options.label = true;
	spoiled = make(options, 10000, 10000);
	p = whole.data;
	q = spoiled.data;
	end = q + spoiled.size;
	while (q < end) {
		struct aqi_slice a = next_line(&p, whole.data + whole.size);
		struct aqi_slice b = next_line(&q, end);
		const char *none = "valid,none,";

		if (memcmp(b.data, none, strlen(none)) == 0)
			same &= a.size == b.size - strlen(none) &&
				memcmp(a.data, b.data + strlen(none),
				       a.size) == 0;
		else
			replaced++;
		invalid += *b.data == 'i';
	}
	note("%d replaced, %d of them invalid", replaced, invalid);
	ok(p == whole.data + whole.size, "a fault does not end its line early");
	ok(abs(replaced - 3000) < 230, "the share asked for is replaced");
	ok(abs(invalid - replaced / 2) < 140, "half of them are invalid");
	ok(same, "records that are not replaced are the same without faults");
	aqi_buffer_free(&whole);
	aqi_buffer_free(&spoiled);
}

static bool
has_kind(struct aqi_buffer *out, enum aqi_syntax syntax,
	 const struct aqi_fault *fault, bool is_valid)
{
	char label[80];
	const char *expect = is_valid ? "valid" : "invalid";

	snprintf(label, sizeof label,
		 syntax == AQI_SYNTAX_CSV ? "\n%s,%s," :
			"\n{\"expect\":\"%s\",\"fault\":\"%s\",",
		 expect, fault->name);
	return memmem(out->data, out->size, label, strlen(label));
}

static void
test_kinds(void)
{
	const struct aqi_fault *fault;
	bool is_valid;

	for (enum aqi_syntax syntax = AQI_SYNTAX_CSV;
	     syntax <= AQI_SYNTAX_NDJSON; syntax++) {
		struct aqi_synth_options options =
			defaults(AQI_SYNTH_UNIFORM, syntax);
		bool is_csv = syntax == AQI_SYNTAX_CSV, right = true;
		struct aqi_buffer out;
		size_t i, n = 0;

		options.invalid = 1;
		options.label = true;
		out = make(options, 2000, 2000);
		for (i = 0; (fault = aqi_fault_at(i, &is_valid)); i++) {
			bool wanted = is_csv ? fault->csv.data != NULL :
					       fault->ndjson.data != NULL;

			n += wanted;
			if (has_kind(&out, syntax, fault, is_valid) == wanted)
				continue;
			right = false;
			note("%s", fault->name);
		}
		note("%zu kinds of %zu", n, i);
		ok(right, "every kind of fault comes up (%s)",
		   is_csv ? "CSV" : "NDJSON");
		ok(out.data[is_csv ? 0 : 11] == 'v' &&
		   memmem(out.data, 60, "none", 4),
		   "the first record is whole (%s)", is_csv ? "CSV" : "NDJSON");
		aqi_buffer_free(&out);
	}
}

static void
test_refusals(void)
{
	struct aqi_synth_options options =
		defaults(AQI_SYNTH_REALISTIC, AQI_SYNTAX_CSV);
	struct aqi_error err;

	options.n_stations = 0;
	ok(!aqi_synth_new(&options, &err) && err.code == AQI_E_USAGE &&
	   strcmp(err.reason, "the stations are 1 to 9999, not 0") == 0,
	   "no stations are refused");
	options.n_stations = 10000;
	ok(!aqi_synth_new(&options, &err) && err.code == AQI_E_USAGE,
	   "too many stations are refused");
	options.profile = AQI_SYNTH_UNIFORM;
	options.n_stations = 0;
	aqi_synth_free(aqi_synth_new(&options, &err));
	aqi_synth_free(NULL);
	ok(true, "the uniform profile needs no stations");
}

/* The statistics of a year of five stations. */

enum { PM25, PM10, NO2, SO2, CO, O3, TEMPERATURE, HUMIDITY, WIND_SPEED,
       PRESSURE, HOUR, DAY_OF_WEEK, MONTH, N_FIELDS };

#define N_ROWS ((size_t)43920)

struct table {
	double x[N_FIELDS][N_ROWS];
	int64_t hour[N_ROWS];		/* since 1970, from `time` */
	bool times_fit;
};

static void
read_row(struct table *table, size_t row, struct aqi_slice line)
{
	const char *p = line.data, *end = p + line.size;
	struct aqi_time time;

	for (int i = -2; i < N_FIELDS; i++) {
		const char *comma = memchr(p, ',', (size_t)(end - p));
		const char *stop = comma ? comma : end;
		struct aqi_slice cell = {p, (size_t)(stop - p)};

		p += cell.size + 1;
		if (i == -1 && aqi_time_read(cell, &time))
			table->hour[row] = aqi_time_days(time.year, time.month,
							 time.day) * 24 +
					   time.hour;
		else if (i >= 0 && aqi_number_to_double(cell, '.',
				&table->x[i][row]) != AQI_NUMBER_OK)
			table->x[i][row] = NAN;
	}
	table->times_fit &= time.hour == table->x[HOUR][row] &&
			    time.month == table->x[MONTH][row] &&
			    aqi_time_weekday(&time) ==
				    table->x[DAY_OF_WEEK][row];
}

static struct table *
read_table(enum aqi_synth_profile profile)
{
	struct table *table = calloc(1, sizeof *table);
	struct aqi_buffer out = make(defaults(profile, AQI_SYNTAX_CSV), N_ROWS,
				     N_ROWS);
	struct aqi_buffer words = {0};
	const char *p = out.data;

	table->times_fit = true;
	for (size_t i = 0; i < N_ROWS; i++) {
		struct aqi_slice line = next_line(&p, out.data + out.size);

		/* Uniform rows get a station and a time to be read alike. */
		aqi_buffer_clear(&words);
		if (profile == AQI_SYNTH_UNIFORM)
			aqi_buffer_add_text(&words, "S01,2024-01-01T00:00,");
		aqi_buffer_add_slice(&words, line);
		read_row(table, i, (struct aqi_slice){words.data, words.size});
	}
	aqi_buffer_free(&words);
	aqi_buffer_free(&out);
	return table;
}

static double
mean(const double *x, size_t n, size_t stride)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += x[i * stride];
	return sum / (double)n;
}

static double
correlation(const double *x, const double *y, size_t n, size_t stride)
{
	double mx = mean(x, n, stride), my = mean(y, n, stride);
	double xx = 0, yy = 0, xy = 0;

	for (size_t i = 0; i < n; i++) {
		double dx = x[i * stride] - mx, dy = y[i * stride] - my;

		xx += dx * dx;
		yy += dy * dy;
		xy += dx * dy;
	}
	return xy / sqrt(xx * yy);
}

static bool
is_within(const double *x, double low, double high)
{
	for (size_t i = 0; i < N_ROWS; i++)
		if (!(x[i] >= low && x[i] <= high))
			return false;
	return true;
}

static void
test_uniform_profile(void)
{
	static const struct {
		const char *name;
		double low, high;
	} bounds[N_FIELDS] = {
		{"pm25", 0, 200}, {"pm10", 0, 300}, {"no2", 0, 100},
		{"so2", 0, 50}, {"co", 0, 10}, {"o3", 0, 150},
		{"temperature", -10, 40}, {"humidity", 20, 95},
		{"wind_speed", 0, 20}, {"pressure", 990, 1030},
		{"hour", 0, 23}, {"day_of_week", 0, 6}, {"month", 1, 12},
	};
	struct table *table = read_table(AQI_SYNTH_UNIFORM);

	for (int i = 0; i < N_FIELDS; i++) {
		const double *x = table->x[i];
		double width = bounds[i].high - bounds[i].low;
		double off = mean(x, N_ROWS, 1) - bounds[i].low - width / 2;

		/* One deviation of the mean is width / sqrt(12 n). */
		ok(is_within(x, bounds[i].low, bounds[i].high) &&
		   fabs(off) < 5 * width / sqrt(12.0 * (double)N_ROWS),
		   "uniform: %s is within its bounds, its mean halfway",
		   bounds[i].name);
	}
	ok(fabs(correlation(table->x[PM25], table->x[PM10], N_ROWS, 1)) < 0.025,
	   "uniform: one field tells nothing of another");
	free(table);
}

static void
test_realistic_ranges(const struct table *table)
{
	static const struct {
		const char *name;
		double low, high, mean_low, mean_high;
	} bounds[] = {
		{"pm25", 0, 500, 8, 40}, {"pm10", 0, 600, 15, 60},
		{"no2", 0, 200, 8, 40}, {"so2", 0, 100, 1, 10},
		{"co", 0, 50, 0.2, 1}, {"o3", 0, 300, 15, 50},
		{"temperature", -50, 60, 8, 16}, {"humidity", 0, 100, 55, 80},
		{"wind_speed", 0, 50, 2, 5}, {"pressure", 900, 1100, 995, 1025},
	};
	bool coarser = true;

	for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
		double m = mean(table->x[i], N_ROWS, 1);

		ok(is_within(table->x[i], bounds[i].low, bounds[i].high) &&
		   m > bounds[i].mean_low && m < bounds[i].mean_high,
		   "realistic: %s is within the API's range, its mean likely",
		   bounds[i].name);
	}
	for (size_t i = 0; i < N_ROWS; i++)
		coarser &= table->x[PM10][i] >= table->x[PM25][i];
	ok(coarser, "realistic: pm10 is never below pm25");
}

static void
test_realistic_relations(const struct table *table)
{
	static const struct {
		const char *sentence;
		int x, y;
		double low, high;
	} relations[] = {
		{"pm10 goes with pm25", PM25, PM10, 0.8, 1},
		{"no2 goes with pm25", PM25, NO2, 0.4, 0.95},
		{"co goes with no2", NO2, CO, 0.6, 1},
		{"so2 goes with pm25", PM25, SO2, 0.4, 0.95},
		{"o3 goes against no2", O3, NO2, -0.9, -0.1},
		{"o3 goes with warmth", O3, TEMPERATURE, 0.2, 0.9},
		{"humidity goes against warmth", TEMPERATURE, HUMIDITY,
		 -0.95, -0.3},
		{"wind thins pm25", PM25, WIND_SPEED, -0.9, -0.2},
	};

	for (size_t i = 0; i < sizeof relations / sizeof *relations; i++) {
		double r = correlation(table->x[relations[i].x],
				       table->x[relations[i].y], N_ROWS, 1);

		ok(r > relations[i].low && r < relations[i].high,
		   "realistic: %s (%.2f)", relations[i].sentence, r);
	}
}

static void
test_realistic_time(const struct table *table)
{
	const size_t n = N_ROWS / 5;
	const double *pm25 = table->x[PM25], *no2 = table->x[NO2];
	const double *temperature = table->x[TEMPERATURE];
	double hour = correlation(pm25, pm25 + 5, n - 1, 5);
	double day = correlation(pm25, pm25 + 5 * 24, n - 24, 5);
	double peak = 0, night = 0, july = 0, january = 0;
	bool hourly = true;

	for (size_t i = 0; i < N_ROWS; i++) {
		hourly &= table->hour[i] ==
			  table->hour[0] + (int64_t)(i / 5);
		peak += table->x[HOUR][i] == 8 ? no2[i] : 0;
		night += table->x[HOUR][i] == 3 ? no2[i] : 0;
		july += table->x[MONTH][i] == 7 ? temperature[i] : 0;
		january += table->x[MONTH][i] == 1 ? temperature[i] : 0;
	}
	note("autocorrelation of pm25: hour %.3f day %.3f", hour, day);
	ok(hourly, "realistic: every station has every hour, in order");
	ok(table->times_fit,
	   "realistic: hour, day_of_week and month are those of time");
	ok(hour > 0.85 && hour < 0.995,
	   "realistic: pm25 is much like that of the hour before");
	ok(day > 0.2 && day < hour,
	   "realistic: pm25 is somewhat like that of the day before");
	ok(peak > 1.5 * night, "realistic: no2 rises in the rush hour");
	/* Both months have 31 days. */
	ok(july - january > 10.0 * 31 * 24 * 5,
	   "realistic: July is ten degrees warmer than January");
}

static void
test_start(void)
{
	struct aqi_synth_options options =
		defaults(AQI_SYNTH_REALISTIC, AQI_SYNTAX_CSV);
	struct aqi_buffer out;

	options.n_stations = 1;
	options.start = (struct aqi_time){.year = 9999, .month = 12, .day = 31,
					  .hour = 23, .minute = 30};
	out = make(options, 2, 2);
	ok(strncmp(out.data, "S01,9999-12-31T23:30,", 21) == 0,
	   "the first record is of the start, its minute and lack of offset");
	ok(strncmp(strchr(out.data, '\n') + 1, "S01,9999-12-31T23:30,", 21) ==
		   0,
	   "behind the year 9999 time begins again");
	aqi_buffer_free(&out);
}

int
main(void)
{
	struct table *table;

	test_first_records();
	test_header();
	test_prefix();
	test_seeds_differ();
	test_ends();
	test_share();
	test_kinds();
	test_refusals();
	test_start();
	test_uniform_profile();
	table = read_table(AQI_SYNTH_REALISTIC);
	test_realistic_ranges(table);
	test_realistic_relations(table);
	test_realistic_time(table);
	free(table);
	return done();
}
