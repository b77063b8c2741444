#include "air/synth.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "air/base_record.h"
#include "air/fault.h"
#include "air/weather.h"
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
} fields[AQI_N_BASE] = {
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

/*
 * What a stream of random numbers is for, in its two highest bits; below them
 * is the number of the record, or of the station.
 */
#define FOR_VALUES (UINT64_C(0) << 62)
#define FOR_FAULTS (UINT64_C(1) << 62)
#define FOR_WEATHER (UINT64_C(2) << 62)
#define FOR_STATION (UINT64_C(3) << 62)

struct station {
	char name[8];
	struct aqi_weather_station air;
};

struct row {
	const char *station;
	char time[AQI_TIME_SIZE];
	size_t time_size;
	int values[AQI_N_BASE];
};

struct aqi_synth {
	struct aqi_synth_options options;
	uint64_t next;			/* number of the record */
	struct aqi_fault_list faults;
	struct row row;
	struct aqi_time time;		/* of the hour at hand */
	size_t next_station;
	struct aqi_weather weather;
	struct station stations[];
};

static void
begin_station(struct station *s, uint64_t seed, size_t i)
{
	/* The remainder, never taken, shows the compiler that the name fits. */
	snprintf(s->name, sizeof s->name, "S%02zu", (i + 1) % 10000);
	s->air = aqi_weather_station_new(
		aqi_random_new(seed, FOR_STATION | i));
}

/* In whole numbers of the last decimal, and in the field's limits. */
static int
settle(const struct field *f, double x)
{
	static const double tens[] = {1, 10, 100};

	x = floor(x * tens[f->decimals] + 0.5);
	return (int)fmin(fmax(x, f->least), f->most);
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
	aqi_weather_advance(&synth->weather);
}

static void
fill_realistic(struct aqi_synth *synth)
{
	double values[AQI_N_BASE];
	struct station *s;

	if (synth->next_station == synth->options.n_stations)
		next_hour(synth);
	s = &synth->stations[synth->next_station++];
	aqi_weather_station_advance(&s->air);
	aqi_weather_measure(&synth->weather, &s->air, &synth->time, values);
	synth->row.station = s->name;
	for (size_t i = 0; i < AQI_N_BASE; i++)
		synth->row.values[i] = settle(&fields[i], values[i]);
}

static void
fill_uniform(struct aqi_synth *synth)
{
	struct aqi_random random =
		aqi_random_new(synth->options.seed, FOR_VALUES | synth->next);

	for (size_t i = 0; i < AQI_N_BASE; i++) {
		const struct field *f = &fields[i];
		uint64_t n = (uint64_t)(f->high - f->low + 1);

		synth->row.values[i] =
			f->low + (int)aqi_random_below(&random, n);
	}
}

/* Room for a value's text. */
#define VALUE_SIZE 16

/* Digits from the last to the first, then the sign: at the end of the room. */
static struct aqi_slice
write_value(char room[VALUE_SIZE], int value, int decimals)
{
	char *end = room + VALUE_SIZE, *p = end;
	int rest = abs(value);

	for (int i = 0; i <= decimals || rest; i++, rest /= 10) {
		if (i == decimals && i > 0)
			*--p = '.';
		*--p = (char)('0' + rest % 10);
	}
	if (value < 0)
		*--p = '-';
	return (struct aqi_slice){p, (size_t)(end - p)};
}

static void
add_value(struct aqi_buffer *out, int value, int decimals)
{
	char room[VALUE_SIZE];

	aqi_buffer_add_slice(out, write_value(room, value, decimals));
}

/* What a damage makes of a field's value. */
static void
add_damage(struct aqi_buffer *out, struct aqi_slice text,
	   const struct field *f, int value)
{
	char own[VALUE_SIZE], least[VALUE_SIZE], most[VALUE_SIZE];
	char below[VALUE_SIZE], above[VALUE_SIZE];
	const struct aqi_fault_values values = {
		.own = write_value(own, value, f->decimals),
		.least = write_value(least, f->least, f->decimals),
		.most = write_value(most, f->most, f->decimals),
		.below = write_value(below, f->least - 1, f->decimals),
		.above = write_value(above, f->most + 1, f->decimals),
	};

	aqi_fault_write(text, &values, out);
}

static struct aqi_damage
choose_damage(const struct aqi_synth *synth)
{
	struct aqi_random random =
		aqi_random_new(synth->options.seed, FOR_FAULTS | synth->next);

	if (synth->next == 0 ||
	    !(aqi_random_unit(&random) < synth->options.invalid))
		return (struct aqi_damage){.is_valid = true};
	return aqi_fault_choose(&synth->faults, &random);
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
	  const struct aqi_damage *damage)
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
	   const struct aqi_damage *damage)
{
	bool is_json = synth->options.syntax == AQI_SYNTAX_NDJSON;
	const struct aqi_fault *fault = damage->fault;
	bool first = true;

	for (size_t i = 0; i < AQI_N_BASE; i++) {
		bool hit = fault && fault->shape != AQI_FAULT_TAIL &&
			   (i == damage->field ||
			    fault->shape == AQI_FAULT_EVERY);

		if (hit && fault->shape == AQI_FAULT_ABSENT)
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
			add_damage(out, damage->text, &fields[i],
				   synth->row.values[i]);
		else
			add_value(out, synth->row.values[i],
				  fields[i].decimals);
		if (hit && fault->shape == AQI_FAULT_CUT)
			return false;
	}
	return true;
}

static void
add_row(const struct aqi_synth *synth, struct aqi_buffer *out)
{
	bool is_json = synth->options.syntax == AQI_SYNTAX_NDJSON;
	struct aqi_damage damage = choose_damage(synth);

	if (is_json)
		aqi_buffer_add_byte(out, '{');
	add_words(synth, out, &damage);
	if (add_fields(synth, out, &damage) && is_json)
		aqi_buffer_add_byte(out, '}');
	if (damage.fault && damage.fault->shape == AQI_FAULT_TAIL)
		aqi_buffer_add_slice(out, damage.text);
	aqi_buffer_add_byte(out, '\n');
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
	aqi_fault_list(&synth->faults, options->syntax);

	synth->time = options->start;
	synth->row.time_size = aqi_time_write(synth->row.time, &synth->time);
	synth->weather =
		aqi_weather_new(aqi_random_new(options->seed, FOR_WEATHER));
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
	for (size_t i = 0; i < AQI_N_BASE; i++) {
		aqi_buffer_add_text(out, fields[i].name);
		aqi_buffer_add_byte(out, i + 1 < AQI_N_BASE ? ',' : '\n');
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

void
aqi_synth_free(struct aqi_synth *synth)
{
	free(synth);
}
