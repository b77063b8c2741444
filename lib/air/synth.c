#include "air/synth.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/random.h"

/*
 * Values are whole numbers of the last printed decimal: 12.3 is 123 with one.
 * What is printed is then exact, and so are the bounds.
 */
static const struct field {
	const char *name;
	int decimals;
	int low, high;		/* of the uniform profile */
	int least, most;	/* of the prediction API */
} fields[] = {
	{"pm25", 1, 0, 2000, 0, 5000},
	{"pm10", 1, 0, 3000, 0, 6000},
	{"no2", 1, 0, 1000, 0, 2000},
	{"so2", 1, 0, 500, 0, 1000},
	{"co", 2, 0, 1000, 0, 5000},
	{"o3", 1, 0, 1500, 0, 3000},
	{"temperature", 1, -100, 400, -500, 600},
	{"humidity", 1, 200, 950, 0, 1000},
	{"wind_speed", 1, 0, 200, 0, 500},
	{"pressure", 1, 9900, 10300, 9000, 11000},
	{"hour", 0, 0, 23, 0, 23},
	{"day_of_week", 0, 0, 6, 0, 6},
	{"month", 0, 1, 12, 1, 12},
};

enum {
	PM25, PM10, NO2, SO2, CO, O3, TEMPERATURE, HUMIDITY, WIND_SPEED,
	PRESSURE, HOUR, DAY_OF_WEEK, MONTH, N_FIELDS
};

/* Which fields a fault makes sense for. */
enum kind { ANY, POLLUTANT, DECIMAL, WHOLE };

static const struct {
	unsigned char first, n;
} kinds[] = {
	[ANY] = {PM25, N_FIELDS},
	[POLLUTANT] = {PM25, TEMPERATURE - PM25},
	[DECIMAL] = {PM25, HOUR - PM25},
	[WHOLE] = {HOUR, N_FIELDS - HOUR},
};

enum shape {
	CELL,		/* a field's text is another */
	EVERY,		/* every field's is */
	CUT,		/* the record ends behind that text */
	ABSENT,		/* the field is not there */
	TAIL		/* the text stands behind the record */
};

/* In a text, bytes that stand for something. */
#define OWN "\1"	/* the field's own value */
#define LEAST "\2"
#define MOST "\3"
#define BELOW "\4"	/* one step below the least */
#define ABOVE "\5"
#define ZEROS "\6"	/* three hundred of them */

#define TEXT(text) {text, sizeof(text) - 1}
#define NONE {NULL, 0}
#define SAME(text) TEXT(text), TEXT(text)

static const struct fault {
	const char *name;
	enum shape shape;
	enum kind fields;
	struct aqi_slice csv, ndjson;
} edges[] = {
	{"least", CELL, ANY, SAME(LEAST)},
	{"most", CELL, ANY, SAME(MOST)},
	{"minus-zero", CELL, POLLUTANT, SAME("-0.0")},
	{"point-zero", CELL, WHOLE, SAME(OWN ".0")},
	{"exponent", CELL, DECIMAL, SAME(OWN "e0")},
	{"underflow", CELL, POLLUTANT, SAME("1e-400")},
	{"long-digits", CELL, DECIMAL, SAME(OWN ZEROS "1")},
	{"blanks", CELL, ANY, SAME(" \t" OWN " ")},
	{"crlf", TAIL, ANY, SAME("\r")},
	{"quoted", CELL, ANY, TEXT("\"" OWN "\""), NONE},
	{"leading-zeros", CELL, POLLUTANT, TEXT("00" OWN), NONE},
	{"no-leading-digit", CELL, POLLUTANT, TEXT(".5"), NONE},
}, faults[] = {
	{"below", CELL, ANY, SAME(BELOW)},
	{"above", CELL, ANY, SAME(ABOVE)},
	{"fraction", CELL, WHOLE, SAME(OWN ".5")},
	{"huge", CELL, ANY, SAME("1" ZEROS)},
	{"overflow", CELL, ANY, SAME("1e400")},
	{"empty", CELL, ANY, TEXT(""), TEXT("null")},
	{"na", CELL, ANY, TEXT("NA"), TEXT("\"NA\"")},
	{"all-empty", EVERY, ANY, TEXT(""), TEXT("null")},
	{"text", CELL, ANY, TEXT("high"), TEXT("\"high\"")},
	{"nan", CELL, ANY, SAME("NaN")},
	{"infinity", CELL, ANY, SAME("-inf")},
	{"hexadecimal", CELL, ANY, SAME("0x1")},
	{"plus", CELL, ANY, SAME("+1")},
	{"underscore", CELL, ANY, SAME("1_0")},
	{"blank-inside", CELL, ANY, SAME("1 0")},
	{"two-points", CELL, ANY, SAME("1.0.0")},
	{"decimal-comma", CELL, ANY, TEXT("\"12,5\""), TEXT("\"12,5\"")},
	{"unit", CELL, ANY, TEXT("5 ppb"), TEXT("\"5 ppb\"")},
	{"wide-digits", CELL, ANY, TEXT("\357\274\221\357\274\222"),
	 TEXT("\"\357\274\221\357\274\222\"")},
	{"formula", CELL, ANY, TEXT("=1+2"), TEXT("\"=1+2\"")},
	{"escape", CELL, ANY, TEXT("\033[31m9"), TEXT("\"\033[31m9\"")},
	{"nul", CELL, ANY, TEXT("1\0" "2"), TEXT("\"1\0" "2\"")},
	{"not-utf8", CELL, ANY, TEXT("\377\376"), TEXT("\"\377\376\"")},
	{"too-many-fields", TAIL, ANY, TEXT(",0"), NONE},
	{"too-few-fields", CUT, DECIMAL, TEXT(OWN), NONE},
	{"quote-inside", CELL, ANY, TEXT(OWN "\""), NONE},
	{"text-behind-quote", CELL, ANY, TEXT("\"" OWN "\"0"), NONE},
	{"lone-cr", CELL, ANY, TEXT("1\r" "2"), NONE},
	{"absent", ABSENT, ANY, NONE, TEXT("")},
	{"string", CELL, ANY, NONE, TEXT("\"" OWN "\"")},
	{"boolean", CELL, ANY, NONE, TEXT("true")},
	{"array", CELL, ANY, NONE, TEXT("[" OWN "]")},
	{"object", CELL, ANY, NONE, TEXT("{\"value\":" OWN "}")},
	{"json-leading-zero", CELL, ANY, NONE, TEXT("01")},
	{"json-bare-point", CELL, ANY, NONE, TEXT(".5")},
	{"bare-word", CELL, ANY, NONE, TEXT("high")},
	{"single-quotes", CELL, ANY, NONE, TEXT("'1'")},
	{"comment", CELL, ANY, NONE, TEXT(OWN "/**/")},
	{"two-commas", CELL, DECIMAL, NONE, TEXT(OWN ",")},
	{"repeated-key", CELL, ANY, NONE,
	 TEXT(OWN ",\"again\":1,\"again\":2")},
	{"cut", CUT, ANY, NONE, TEXT(OWN)},
	{"open-string", CUT, ANY, NONE, TEXT("\"" OWN)},
	{"two-records", TAIL, ANY, NONE, TEXT("{}")},
};

#define N_EDGES (sizeof edges / sizeof *edges)
#define N_FAULTS (sizeof faults / sizeof *faults)

/*
 * What a stream of random numbers is for, in its two highest bits; below them
 * is the number of the record, or of the station.
 */
#define FOR_VALUES (UINT64_C(0) << 62)
#define FOR_FAULTS (UINT64_C(1) << 62)
#define FOR_WEATHER (UINT64_C(2) << 62)
#define FOR_STATION (UINT64_C(3) << 62)

/* Waves of the weather and of the air: each of mean 0 and variance 1. */
struct weather {
	struct aqi_random random;
	double still;		/* stagnant air, of some days */
	double warm, moist, breeze, high;
	double episode;		/* how far an episode has come, in ln units */
	uint64_t hours_left;	/* of the episode */
};

struct station {
	struct aqi_random random;
	char name[8];
	double dirt;		/* how much worse it is here, in ln units */
	double traffic;		/* 1 on average */
	double lower;		/* hPa, by its height */
	double own;		/* a wave of its own */
};

struct row {
	const char *station;
	char time[AQI_TIME_SIZE];
	size_t time_size;
	int values[N_FIELDS];
};

struct aqi_synth {
	struct aqi_synth_options options;
	uint64_t next;			/* number of the record */
	const struct fault *usable[2][N_EDGES + N_FAULTS];	/* in syntax */
	size_t n_usable[2];		/* edges, faults */
	struct row row;
	struct aqi_time time;		/* of the hour at hand */
	size_t next_station;
	struct weather weather;
	struct station stations[];
};

/* One step of a wave; phi is how much of it is left after an hour. */
static double
wave(struct aqi_random *random, double x, double phi)
{
	return phi * x + sqrt(1 - phi * phi) * aqi_random_normal(random);
}

static void
begin_weather(struct weather *w, uint64_t seed)
{
	*w = (struct weather){.random = aqi_random_new(seed, FOR_WEATHER)};
	w->still = aqi_random_normal(&w->random);
	w->warm = aqi_random_normal(&w->random);
	w->moist = aqi_random_normal(&w->random);
	w->breeze = aqi_random_normal(&w->random);
	w->high = aqi_random_normal(&w->random);
}

/* About one episode in three weeks; it comes and goes within a day. */
static void
advance_episode(struct weather *w)
{
	double goal = w->hours_left ? 1.1 : 0;

	if (w->hours_left)
		w->hours_left--;
	else if (aqi_random_below(&w->random, 480) == 0)
		w->hours_left = 48 + aqi_random_below(&w->random, 97);
	w->episode += 0.08 * (goal - w->episode);
}

static void
advance_weather(struct weather *w)
{
	w->still = wave(&w->random, w->still, 0.985);
	w->warm = wave(&w->random, w->warm, 0.98);
	w->moist = wave(&w->random, w->moist, 0.95);
	w->breeze = wave(&w->random, w->breeze, 0.93);
	w->high = wave(&w->random, w->high, 0.985);
	advance_episode(w);
}

static void
begin_station(struct station *s, uint64_t seed, size_t i)
{
	s->random = aqi_random_new(seed, FOR_STATION | i);
	snprintf(s->name, sizeof s->name, "S%02zu", (i + 1) % 10000);
	s->dirt = 0.2 * aqi_random_normal(&s->random);
	s->traffic = aqi_random_uniform(&s->random, 0.5, 1.5);
	s->lower = aqi_random_uniform(&s->random, 0, 12);
	s->own = aqi_random_normal(&s->random);
}

/* Traffic by the hour of a working day, its peak 1. */
static const double rush[24] = {
	0.15, 0.10, 0.08, 0.08, 0.12, 0.30, 0.65, 0.95,
	1.00, 0.75, 0.55, 0.50, 0.50, 0.50, 0.55, 0.65,
	0.85, 1.00, 0.95, 0.70, 0.50, 0.40, 0.30, 0.20,
};

/* 1 at the peak of a cycle, -1 half a cycle later. */
static double
cycle(double at, double peak, double length)
{
	return cos(2 * 3.14159265358979323846 * (at - peak) / length);
}

static void
set_value(struct row *row, int field, double x)
{
	static const double tens[] = {1, 10, 100};
	const struct field *f = &fields[field];

	x = floor(x * tens[f->decimals] + 0.5);
	row->values[field] = (int)fmin(fmax(x, f->least), f->most);
}

/* What a station measures in an hour. */
static void
measure(struct row *row, const struct aqi_time *time,
	const struct weather *w, struct station *s)
{
	struct aqi_random *random = &s->random;
	int day_of_week = aqi_time_weekday(time);
	int64_t day = aqi_time_days(time->year, time->month, time->day) -
		      aqi_time_days(time->year, 1, 1);
	double summer = cycle((double)day, 196, 365.25);
	double noon = cycle(time->hour, 15, 24);
	double sun = fmax(cycle(time->hour, 13, 24), 0) * (0.6 + 0.4 * summer);
	double cars = rush[time->hour] * s->traffic *
		      (day_of_week < 5 ? 1 : 0.6);
	double blow = 0.45 * w->breeze + 0.2 * noon - 0.35 * w->episode +
		      0.2 * aqi_random_normal(random);
	double stale = 0.55 * w->still + w->episode + s->dirt + 0.2 * s->own -
		       0.5 * blow - 0.2 * summer;
	double pm25 = 9 * exp(stale);
	double no2 = 12 * exp(0.6 * stale) * (0.55 + 0.9 * cars);

	set_value(row, PM25, pm25);
	set_value(row, PM10, pm25 + 7 * exp(0.2 * w->still + 0.3 * blow + 0.6 *
					    aqi_random_normal(random)));
	set_value(row, NO2, no2);
	set_value(row, SO2, 2.5 * exp(0.5 * stale +
				      0.3 * aqi_random_normal(random)));
	set_value(row, CO, 0.3 * exp(0.6 * stale) * (0.7 + 0.6 * cars));
	set_value(row, O3, fmax(26 + 45 * sun + 3 * w->warm - 0.55 * no2 +
				3 * aqi_random_normal(random), 0.5));
	set_value(row, TEMPERATURE, 12 + 10 * summer + 4 * noon + 3 * w->warm +
				    0.4 * aqi_random_normal(random));
	set_value(row, HUMIDITY, 68 - 14 * noon - 6 * summer - 5 * w->warm +
				 8 * w->moist + aqi_random_normal(random));
	set_value(row, WIND_SPEED, 3 * exp(blow));
	set_value(row, PRESSURE, 1015 + 8 * w->high + 4 * w->episode -
				 s->lower);
	set_value(row, HOUR, time->hour);
	set_value(row, DAY_OF_WEEK, day_of_week);
	set_value(row, MONTH, time->month);
}

/* The clock goes on when every station has had its turn. */
static void
next_hour(struct aqi_synth *synth)
{
	aqi_time_shift(&synth->time, 60);
	if (synth->time.year > 9999)
		synth->time = synth->options.start;
	synth->row.time_size = aqi_time_write(synth->row.time, &synth->time);
	synth->next_station = 0;
	advance_weather(&synth->weather);
}

static void
fill_realistic(struct aqi_synth *synth)
{
	struct station *s;

	if (synth->next_station == synth->options.n_stations)
		next_hour(synth);
	s = &synth->stations[synth->next_station++];
	s->own = wave(&s->random, s->own, 0.9);
	synth->row.station = s->name;
	measure(&synth->row, &synth->time, &synth->weather, s);
}

static void
fill_uniform(struct aqi_synth *synth)
{
	struct aqi_random random =
		aqi_random_new(synth->options.seed, FOR_VALUES | synth->next);

	for (int i = 0; i < N_FIELDS; i++) {
		const struct field *f = &fields[i];
		uint64_t n = (uint64_t)(f->high - f->low + 1);

		synth->row.values[i] =
			f->low + (int)aqi_random_below(&random, n);
	}
}

/* Digits from the last to the first, then the sign. */
static void
add_value(struct aqi_buffer *out, int value, int decimals)
{
	char text[16], *end = text + sizeof text, *p = end;
	int rest = abs(value);

	for (int i = 0; i <= decimals || rest; i++, rest /= 10) {
		if (i == decimals && i > 0)
			*--p = '.';
		*--p = (char)('0' + rest % 10);
	}
	if (value < 0)
		*--p = '-';
	aqi_buffer_add(out, p, (size_t)(end - p));
}

static void
add_zeros(struct aqi_buffer *out)
{
	for (int i = 0; i < 300; i++)
		aqi_buffer_add_byte(out, '0');
}

static void
add_text(struct aqi_buffer *out, struct aqi_slice text, const struct field *f,
	 int value)
{
	/* By the byte that stands for it. */
	const int values[] = {
		0, value, f->least, f->most, f->least - 1, f->most + 1,
	};

	for (size_t i = 0; i < text.size; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if (c == ZEROS[0])
			add_zeros(out);
		else if (c > 0 && c < sizeof values / sizeof *values)
			add_value(out, values[c], f->decimals);
		else
			aqi_buffer_add_byte(out, text.data[i]);
	}
}

/* What is done to a record, if anything. */
struct damage {
	const struct fault *fault;	/* or NULL */
	bool is_valid;
	struct aqi_slice text;
	int field;
};

static struct damage
choose_damage(const struct aqi_synth *synth)
{
	struct damage damage = {.is_valid = true};
	struct aqi_random random =
		aqi_random_new(synth->options.seed, FOR_FAULTS | synth->next);
	enum kind kind;
	uint64_t half;

	if (synth->next == 0 ||
	    !(aqi_random_unit(&random) < synth->options.invalid))
		return damage;
	half = aqi_random_below(&random, 2);
	damage.is_valid = half == 0;
	damage.fault = synth->usable[half][aqi_random_below(
		&random, synth->n_usable[half])];
	damage.text = synth->options.syntax == AQI_SYNTAX_CSV ?
			      damage.fault->csv : damage.fault->ndjson;
	kind = damage.fault->fields;
	damage.field = kinds[kind].first +
		       (int)aqi_random_below(&random, kinds[kind].n);
	return damage;
}

/* A column that is text: its name is only there in NDJSON. */
static void
add_word(const struct aqi_synth *synth, struct aqi_buffer *out,
	 const char *name, const char *word, size_t size)
{
	bool quoted = synth->options.syntax == AQI_SYNTAX_NDJSON;

	if (quoted) {
		aqi_buffer_add_byte(out, '"');
		aqi_buffer_add_text(out, name);
		aqi_buffer_add_text(out, "\":\"");
	}
	aqi_buffer_add(out, word, size);
	aqi_buffer_add_text(out, quoted ? "\"," : ",");
}

static void
add_words(const struct aqi_synth *synth, struct aqi_buffer *out,
	  const struct damage *damage)
{
	const struct row *row = &synth->row;
	const char *expect = damage->is_valid ? "valid" : "invalid";
	const char *fault = damage->fault ? damage->fault->name : "none";

	if (synth->options.label) {
		add_word(synth, out, "expect", expect, strlen(expect));
		add_word(synth, out, "fault", fault, strlen(fault));
	}
	if (synth->options.profile == AQI_SYNTH_REALISTIC) {
		add_word(synth, out, "station", row->station,
			 strlen(row->station));
		add_word(synth, out, "time", row->time, row->time_size);
	}
}

/* The fields; false when the record ends among them. */
static bool
add_fields(const struct aqi_synth *synth, struct aqi_buffer *out,
	   const struct damage *damage)
{
	bool is_json = synth->options.syntax == AQI_SYNTAX_NDJSON;
	const struct fault *fault = damage->fault;
	bool first = true;

	for (int i = 0; i < N_FIELDS; i++) {
		bool hit = fault && fault->shape != TAIL &&
			   (i == damage->field || fault->shape == EVERY);

		if (hit && fault->shape == ABSENT)
			continue;
		if (!first)
			aqi_buffer_add_byte(out, ',');
		first = false;
		if (is_json) {
			aqi_buffer_add_byte(out, '"');
			aqi_buffer_add_text(out, fields[i].name);
			aqi_buffer_add_text(out, "\":");
		}
		if (hit)
			add_text(out, damage->text, &fields[i],
				 synth->row.values[i]);
		else
			add_value(out, synth->row.values[i],
				  fields[i].decimals);
		if (hit && fault->shape == CUT)
			return false;
	}
	return true;
}

static void
add_row(const struct aqi_synth *synth, struct aqi_buffer *out)
{
	bool is_json = synth->options.syntax == AQI_SYNTAX_NDJSON;
	struct damage damage = choose_damage(synth);

	if (is_json)
		aqi_buffer_add_byte(out, '{');
	add_words(synth, out, &damage);
	if (add_fields(synth, out, &damage) && is_json)
		aqi_buffer_add_byte(out, '}');
	if (damage.fault && damage.fault->shape == TAIL)
		aqi_buffer_add_slice(out, damage.text);
	aqi_buffer_add_byte(out, '\n');
}

/* Keep the faults that this syntax can have. */
static void
list_usable(struct aqi_synth *synth, int half, const struct fault *from,
	    size_t n)
{
	bool is_json = synth->options.syntax == AQI_SYNTAX_NDJSON;

	for (size_t i = 0; i < n; i++)
		if (is_json ? from[i].ndjson.data : from[i].csv.data)
			synth->usable[half][synth->n_usable[half]++] = &from[i];
}

struct aqi_synth *
aqi_synth_new(const struct aqi_synth_options *options, struct aqi_error *err)
{
	struct aqi_synth *synth;
	size_t n = 0;

	if (options->profile == AQI_SYNTH_REALISTIC)
		n = options->n_stations;
	if (n > AQI_SYNTH_MAX_STATIONS ||
	    (n == 0 && options->profile == AQI_SYNTH_REALISTIC)) {
		aqi_error_set(err, AQI_E_USAGE,
			      "the stations are 1 to %d, not %zu",
			      AQI_SYNTH_MAX_STATIONS, n);
		return NULL;
	}
	synth = calloc(1, sizeof *synth + n * sizeof *synth->stations);
	if (!synth) {
		aqi_error_memory(err);
		return NULL;
	}
	synth->options = *options;
	list_usable(synth, 0, edges, N_EDGES);
	list_usable(synth, 1, faults, N_FAULTS);

	synth->time = options->start;
	synth->row.time_size = aqi_time_write(synth->row.time, &synth->time);
	begin_weather(&synth->weather, options->seed);
	for (size_t i = 0; i < n; i++)
		begin_station(&synth->stations[i], options->seed, i);
	return synth;
}

void
aqi_synth_header(const struct aqi_synth *synth, struct aqi_buffer *out)
{
	if (synth->options.syntax == AQI_SYNTAX_NDJSON)
		return;
	if (synth->options.label)
		aqi_buffer_add_text(out, "expect,fault,");
	if (synth->options.profile == AQI_SYNTH_REALISTIC)
		aqi_buffer_add_text(out, "station,time,");
	for (int i = 0; i < N_FIELDS; i++) {
		aqi_buffer_add_text(out, fields[i].name);
		aqi_buffer_add_byte(out, i + 1 < N_FIELDS ? ',' : '\n');
	}
}

void
aqi_synth_next(struct aqi_synth *synth, size_t n, struct aqi_buffer *out,
	       size_t *ends)
{
	for (size_t i = 0; i < n; i++, synth->next++) {
		if (synth->options.profile == AQI_SYNTH_REALISTIC)
			fill_realistic(synth);
		else
			fill_uniform(synth);
		add_row(synth, out);
		if (ends)
			ends[i] = out->size;
	}
}

bool
aqi_synth_faults(size_t i, struct aqi_synth_fault *fault)
{
	const struct fault *f;

	if (i >= N_EDGES + N_FAULTS)
		return false;
	f = i < N_EDGES ? &edges[i] : &faults[i - N_EDGES];
	*fault = (struct aqi_synth_fault){
		.name = f->name,
		.is_valid = i < N_EDGES,
		.in_csv = f->csv.data != NULL,
		.in_ndjson = f->ndjson.data != NULL,
	};
	return true;
}

void
aqi_synth_free(struct aqi_synth *synth)
{
	free(synth);
}
