#include "air/gather_table.h"

#include <math.h>
#include <stdlib.h>

#include "base/arena.h"

/* Some hundred stations, the records of an hour, at less than half full. */
#define FIRST_SLOTS 1024

struct aqi_gather_table {
	struct aqi_gather_table_options options;
	/* (n_slots,) the records that are held, where their hashes lead */
	struct aqi_gather_record **slots;
	size_t n_slots;			/* a power of 2 */
	uint64_t n_held;
	/* In order: the finished ones, then, from `held` on, the held ones. */
	struct aqi_gather_record *first, *held, **end;
	struct aqi_arena arena;		/* of the held ones */
	struct aqi_arena finished;
	int64_t hour;			/* of the held ones, if ordered */
	bool has_hour;
	uint64_t generation;
};

struct aqi_gather_table *
aqi_gather_table_new(const struct aqi_gather_table_options *options)
{
	struct aqi_gather_table *table = calloc(1, sizeof *table);

	if (!table)
		return NULL;
	table->options = *options;
	table->end = &table->first;
	table->n_slots = FIRST_SLOTS;
	table->slots = calloc(table->n_slots, sizeof *table->slots);
	if (table->slots)
		return table;
	free(table);
	return NULL;
}

void
aqi_gather_table_free(struct aqi_gather_table *table)
{
	if (!table)
		return;
	aqi_arena_free(&table->arena);
	aqi_arena_free(&table->finished);
	free(table->slots);
	free(table);
}

/* Of the hour, in UTC where it is known; -1 is the hour before 0. */
static int64_t
hour_of(int64_t seconds)
{
	return seconds / 3600 - (seconds % 3600 < 0);
}

enum aqi_status
aqi_gather_table_advance(struct aqi_gather_table *table, int64_t seconds)
{
	int64_t hour = hour_of(seconds);

	if (!table->options.is_ordered)
		return AQI_OK;
	if (table->has_hour && hour < table->hour)
		return AQI_REJECT;
	if (table->has_hour && hour > table->hour)
		aqi_gather_table_finish(table);
	table->hour = hour;
	table->has_hour = true;
	return AQI_OK;
}

/* FNV-1a of the station, and the time; then the mix of SplitMix64. */
static uint64_t
hash_of(struct aqi_slice station, int64_t seconds)
{
	uint64_t h = 0xcbf29ce484222325;

	for (size_t i = 0; i < station.size; i++)
		h = (h ^ (unsigned char)station.data[i]) * 0x100000001b3;
	h ^= (uint64_t)seconds * 0x9e3779b97f4a7c15;
	h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9;
	h = (h ^ (h >> 27)) * 0x94d049bb133111eb;
	return h ^ (h >> 31);
}

/* Where the record of that key is, or goes. */
static struct aqi_gather_record **
find_slot(const struct aqi_gather_table *table, uint64_t hash,
	  struct aqi_slice station, int64_t seconds)
{
	size_t mask = table->n_slots - 1, i = (size_t)hash & mask;
	struct aqi_gather_record *record;

	for (; (record = table->slots[i]); i = (i + 1) & mask)
		if (record->hash == hash && record->seconds == seconds &&
		    aqi_slice_equal(aqi_field_text(
				    record->place[AQI_GATHER_STATION]),
				    station))
			break;
	return &table->slots[i];
}

static enum aqi_status
grow(struct aqi_gather_table *table, struct aqi_error *err)
{
	size_t n = 2 * table->n_slots;
	struct aqi_gather_record **slots = calloc(n, sizeof *slots);

	if (!slots)
		return aqi_error_memory(err);
	for (struct aqi_gather_record *r = table->held; r; r = r->next) {
		size_t i = (size_t)r->hash & (n - 1);

		while (slots[i])
			i = (i + 1) & (n - 1);
		slots[i] = r;
	}
	free(table->slots);
	table->slots = slots;
	table->n_slots = n;
	return AQI_OK;
}

static struct aqi_gather_record *
make(struct aqi_gather_table *table, struct aqi_field station,
     int64_t seconds, uint64_t hash)
{
	size_t size = sizeof(struct aqi_gather_record) +
		      table->options.n_values *
			      sizeof(struct aqi_gather_value) +
		      table->options.n_kept * sizeof(struct aqi_field);
	struct aqi_gather_record *record =
		aqi_arena_alloc(&table->arena, size);
	struct aqi_slice name = aqi_gather_table_copy(
		table, aqi_field_text(station));

	if (!record || !name.data)
		return NULL;
	memset(record, 0, size);
	record->hash = hash;
	record->seconds = seconds;
	record->place[AQI_GATHER_STATION] = station;
	record->place[AQI_GATHER_STATION].data = name.data;
	record->temperature = record->dew_point = NAN;
	record->kept = (struct aqi_field *)(record->values +
					    table->options.n_values);
	return record;
}

enum aqi_status
aqi_gather_table_find(struct aqi_gather_table *table, struct aqi_field station,
		      int64_t seconds, struct aqi_gather_record **record,
		      bool *is_new, struct aqi_error *err)
{
	struct aqi_slice name = aqi_field_text(station);
	uint64_t hash = hash_of(name, seconds);
	struct aqi_gather_record **slot =
		find_slot(table, hash, name, seconds);

	*record = *slot;
	*is_new = !*slot;
	if (*slot)
		return AQI_OK;
	if (table->n_held == table->options.max_held)
		return aqi_error_set(err, AQI_E_LIMIT, "more than %llu records "
			"wait for rows (--max-held); where rows come in order "
			"of time, the mapping can say so (\"order\")",
			(unsigned long long)table->options.max_held);
	if (table->n_held >= table->n_slots / 2) {
		if (grow(table, err) != AQI_OK)
			return AQI_FATAL;
		slot = find_slot(table, hash, name, seconds);
	}
	*slot = *record = make(table, station, seconds, hash);
	if (!*record)
		return aqi_error_memory(err);
	table->n_held++;
	if (!table->held)
		table->held = *record;
	*table->end = *record;
	table->end = &(*record)->next;
	return AQI_OK;
}

struct aqi_slice
aqi_gather_table_copy(struct aqi_gather_table *table, struct aqi_slice text)
{
	return aqi_arena_copy(&table->arena, text);
}

void
aqi_gather_table_finish(struct aqi_gather_table *table)
{
	struct aqi_arena arena = table->arena;

	if (table->n_held > 0)
		memset(table->slots, 0, table->n_slots * sizeof *table->slots);
	table->n_held = 0;
	table->held = NULL;
	table->generation++;
	/* Two arenas in turn: what one is done with, the other goes on with. */
	if (!table->finished.blocks) {
		table->arena = table->finished;
		table->finished = arena;
	} else {
		aqi_arena_absorb(&table->finished, &table->arena);
	}
}

uint64_t
aqi_gather_table_generation(const struct aqi_gather_table *table)
{
	return table->generation;
}

const struct aqi_gather_record *
aqi_gather_table_next(struct aqi_gather_table *table)
{
	struct aqi_gather_record *record = table->first;

	if (record == table->held)
		return NULL;
	table->first = record->next;
	if (!table->first)
		table->end = &table->first;
	return record;
}

void
aqi_gather_table_forget(struct aqi_gather_table *table)
{
	if (table->first == table->held)
		aqi_arena_clear(&table->finished);
}
