#include "air/gather_table.h"

#include <math.h>
#include <stdlib.h>

#include "air/mapping.h"
#include "base/random.h"
#include "tap.h"

static struct aqi_field
station(const char *name)
{
	return (struct aqi_field){name, (uint32_t)strlen(name), AQI_TEXT};
}

static struct aqi_gather_table *
table_of(uint64_t max_held, bool is_ordered)
{
	return aqi_gather_table_new(&(struct aqi_gather_table_options){
		.n_values = 2, .max_held = max_held, .is_ordered = is_ordered});
}

/* The record of a station and time; NULL where there is none. */
static struct aqi_gather_record *
find(struct aqi_gather_table *table, const char *name, int64_t seconds,
     bool *is_new)
{
	struct aqi_gather_record *record;
	struct aqi_error err;

	return aqi_gather_table_find(table, station(name), seconds, &record,
				     is_new, &err) == AQI_OK ? record : NULL;
}

static void
test_keys(void)
{
	struct aqi_gather_table *table = table_of(10, false);
	struct aqi_gather_record *a, *b;
	char name[] = "here";
	bool is_new;

	a = find(table, name, 0, &is_new);
	ok(a && is_new && !a->values[0].data && !a->values[1].data &&
	   isnan(a->temperature) && isnan(a->dew_point),
	   "a new record has no values");
	name[0] = 'x';
	ok(find(table, "here", 0, &is_new) == a && !is_new,
	   "a record is found again, its station kept as a copy");
	b = find(table, "here", 1, &is_new);
	ok(b && b != a && is_new, "another time is another record");
	b = find(table, "her", 0, &is_new);
	ok(b && b != a && is_new, "another station is another record");
	b = find(table, "", 0, &is_new);
	ok(b && is_new && find(table, "", 0, &is_new) == b && !is_new,
	   "a station may have no name");
	ok(!aqi_gather_table_next(table), "records that are held stay");
	aqi_gather_table_finish(table);
	ok(aqi_gather_table_next(table) == a, "the first comes first");
	ok(find(table, "here", 0, &is_new) != a && is_new,
	   "a finished record is not found any more");
	aqi_gather_table_free(table);
	aqi_gather_table_free(NULL);
}

static void
test_limit(void)
{
	struct aqi_gather_table *table = table_of(2, false);
	struct aqi_gather_record *record;
	struct aqi_error err = {0};
	bool is_new;

	ok(find(table, "a", 0, &is_new) && find(table, "b", 0, &is_new) &&
	   find(table, "a", 0, &is_new), "as many records as are allowed");
	ok(aqi_gather_table_find(table, station("c"), 0, &record, &is_new,
				 &err) == AQI_FATAL && err.code == AQI_E_LIMIT,
	   "and no more");
	aqi_gather_table_finish(table);
	ok(find(table, "c", 0, &is_new), "finished ones do not count");
	aqi_gather_table_free(table);
}

static void
test_order(void)
{
	struct aqi_gather_table *table = table_of(10, true);
	const struct aqi_gather_record *first, *second;
	uint64_t generation = aqi_gather_table_generation(table);
	bool is_new;

	ok(aqi_gather_table_advance(table, -1) == AQI_OK &&
	   find(table, "a", -1, &is_new) &&
	   aqi_gather_table_advance(table, -3600) == AQI_OK &&
	   find(table, "a", -3600, &is_new) &&
	   aqi_gather_table_generation(table) == generation &&
	   !aqi_gather_table_next(table),
	   "the seconds of an hour have no order, before 1970 too");
	ok(aqi_gather_table_advance(table, 0) == AQI_OK &&
	   aqi_gather_table_generation(table) != generation &&
	   find(table, "a", 0, &is_new), "a later hour finishes an earlier");
	first = aqi_gather_table_next(table);
	second = aqi_gather_table_next(table);
	ok(first && first->seconds == -1 && second &&
	   second->seconds == -3600 && !aqi_gather_table_next(table),
	   "in order of their begin, without the hour that goes on");
	aqi_gather_table_forget(table);
	ok(aqi_gather_table_advance(table, -1) == AQI_REJECT &&
	   find(table, "a", 0, &is_new) && !is_new,
	   "an earlier hour is refused, and changes nothing");
	aqi_gather_table_free(table);
}

/* Steps that are drawn, beside a list that is searched from end to end. */
struct plain {
	int64_t seconds;
	int station;
	int n;
};

static bool
agrees(uint64_t seed)
{
	struct aqi_random random = aqi_random_new(seed, 0);
	struct aqi_gather_table *table = table_of(UINT64_MAX, false);
	struct plain *plain = calloc(20000, sizeof *plain);
	size_t n = 0, n_out = 0, n_done = 0;
	bool is_same = true;

	for (int step = 0; is_same && step < 20000; step++) {
		struct plain key = {
			.seconds = (int64_t)aqi_random_below(&random, 50),
			.station = (int)aqi_random_below(&random, 60),
		};
		const struct aqi_gather_record *out;
		struct aqi_gather_record *record;
		char name[16];
		bool is_new;
		size_t i = n_done;

		snprintf(name, sizeof name, "%d", key.station);
		record = find(table, name, key.seconds, &is_new);
		while (i < n && (plain[i].seconds != key.seconds ||
				 plain[i].station != key.station))
			i++;
		is_same = record && is_new == (i == n);
		if (i == n)
			plain[n++] = key;
		plain[i].n++;
		if (record)
			record->line++;
		if (aqi_random_below(&random, 2000) == 0) {
			aqi_gather_table_finish(table);
			n_done = n;
		}
		if (aqi_random_below(&random, 3) > 0)
			continue;
		aqi_gather_table_forget(table);
		while (aqi_random_below(&random, 4) > 0 &&
		       (out = aqi_gather_table_next(table))) {
			snprintf(name, sizeof name, "%d",
				 plain[n_out].station);
			is_same &= n_out < n_done &&
				   out->seconds == plain[n_out].seconds &&
				   out->line == (uint64_t)plain[n_out].n &&
				   aqi_slice_is(aqi_field_text(out->place[0]),
						name);
			n_out++;
		}
	}
	aqi_gather_table_free(table);
	free(plain);
	return is_same;
}

static void
test_against_list(void)
{
	const char *given = getenv("AQI_SEED");
	uint64_t seed = given ? strtoull(given, NULL, 10) : 20240408;

	for (uint64_t i = 0; i < 4; i++)
		if (!agrees(seed + i)) {
			ok(false, "the table does as a list does (AQI_SEED=%llu)",
			   (unsigned long long)(seed + i));
			return;
		}
	ok(true, "the table does as a list does, from seed %llu",
	   (unsigned long long)seed);
}

/* The mappings that are compiled in. */
static void
test_sources(void)
{
	static const struct {
		const char *name;
		enum aqi_layout_kind kind;
		bool is_ordered;
	} sources[] = {
		{"base", AQI_LAYOUT_WIDE, false},
		{"airnow-hourly", AQI_LAYOUT_LONG, true},
		{"openaq", AQI_LAYOUT_LONG, false},
		{"openaq-no-header", AQI_LAYOUT_LONG, false},
		{"china-cnemc", AQI_LAYOUT_STATIONS, true},
	};

	for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
		struct aqi_mapping *mapping =
			aqi_mapping_load(sources[i].name, NULL);

		ok(mapping && mapping->layout.kind == sources[i].kind &&
		   mapping->layout.is_ordered == sources[i].is_ordered &&
		   !mapping->layout.first_stands,
		   "the source %s has its layout", sources[i].name);
		aqi_mapping_free(mapping);
	}
}

int
main(void)
{
	test_keys();
	test_limit();
	test_order();
	test_against_list();
	test_sources();
	return done();
}
