#include "air/features_row.h"

#include "air/cell.h"
#include "air/features_field.h"
#include "air/features_plan.h"
#include "air/features_time.h"
#include "air/mapping.h"
#include "air/time.h"
#include "record/batch.h"
#include "record/layout.h"

/* false: there is none of what a file is kept in, or nothing before it. */
static bool
drop_ending(struct aqi_slice *name)
{
	static const char *const endings[] = {
		".csv", ".tsv", ".txt", ".json", ".ndjson", ".jsonl",
		".gz", ".xz", ".bz2", ".zst",
	};

	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		const size_t n = strlen(endings[i]);

		if (name->size <= n ||
		    memcmp(name->data + name->size - n, endings[i], n) != 0)
			continue;
		name->size -= n;
		return true;
	}
	return false;
}

/* The file's name without folders and the endings of what it is kept in. */
static struct aqi_slice
stem(const char *file)
{
	const char *slash = file ? strrchr(file, '/') : NULL;
	struct aqi_slice name;

	if (!file || strcmp(file, "-") == 0)
		return (struct aqi_slice){0};
	name = aqi_slice_of(slash ? slash + 1 : file);
	while (drop_ending(&name))
		continue;
	return name;
}

/* Some sources fill their texts up with blanks. */
static struct aqi_field
trimmed(struct aqi_field field)
{
	struct aqi_slice text = aqi_slice_trim(aqi_field_text(field));

	return (struct aqi_field){text.data, (uint32_t)text.size, field.kind};
}

/* Most rows are of the last one's station: with its very bytes, the writer
 * knows at once what it made of them. */
static bool
is_same(struct aqi_field field, struct aqi_field last)
{
	return last.data && field.data && field.kind == last.kind &&
	       aqi_slice_equal(aqi_field_text(field), aqi_field_text(last));
}

void
aqi_features_row_stations(const struct aqi_features_rows *rows)
{
	const struct aqi_features_plan *self = rows->plan;
	struct aqi_batch *batch = rows->batch;
	struct aqi_slice name = self->options.station_name;
	const struct aqi_cell_form *form = &self->options.mapping->form;
	size_t input = self->station_input, added = self->station_added;
	struct aqi_field last = {0}, set = {0};

	if (name.size == 0)
		name = stem(batch->file);
	for (size_t i = 0; i < batch->n_rows; i++) {
		struct aqi_field field = {0};

		if (batch->refused[i])
			continue;
		if (input != AQI_NO_COLUMN)
			field = aqi_batch_field(batch, i, input);
		if (is_same(field, last)) {
			aqi_batch_set(batch, added, i, set);
			continue;
		}
		if (!aqi_cell_is_missing(form, batch, field)) {
			last = field;
			set = trimmed(field);
			aqi_batch_set(batch, added, i, set);
		} else if (name.size > 0) {
			aqi_batch_set_text(batch, added, i, name);
		}
	}
}

/* A number from 0 to 23 as a text for ever. */
static void
set_small(struct aqi_batch *batch, size_t added, size_t row, int x)
{
	static const char digits[] = "0123456789101112131415161718192021"
				     "2223";
	size_t at = x < 10 ? (size_t)x : (size_t)x * 2 - 10;

	aqi_batch_set(batch, added, row,
		      (struct aqi_field){digits + at, x < 10 ? 1 : 2,
					 AQI_NUMBER});
}

/* Room for what the rows' times decide; nothing where they have none. */
static enum aqi_status
alloc_times(struct aqi_features_rows *rows, char (**texts)[AQI_TIME_SIZE],
	    struct aqi_error *err)
{
	struct aqi_batch *batch = rows->batch;

	*texts = aqi_batch_alloc(batch, batch->n_rows, sizeof **texts);
	if (!*texts)
		return aqi_error_memory(err);
	if (rows->plan->options.mapping->n_references < 2)
		return AQI_OK;
	rows->periods = aqi_batch_alloc(batch, batch->n_rows,
					sizeof *rows->periods);
	return rows->periods ? AQI_OK : aqi_error_memory(err);
}

/* The last time that was written anew. */
struct written {
	struct aqi_time time;
	char text[AQI_TIME_SIZE];
	size_t size;		/* 0: there is none */
	int weekday;
};

static bool
is_same_day(const struct aqi_time *a, const struct aqi_time *b)
{
	return a->day == b->day && a->month == b->month && a->year == b->year;
}

static inline void
put_two(char *out, int x)
{
	out[0] = (char)('0' + x / 10);
	out[1] = (char)('0' + x % 10);
}

/* As YYYY-MM-DDThh:mm, of which most often the hour is another. Returns the
 * size. */
static size_t
write_time(char *text, const struct aqi_time *time, struct written *last)
{
	const struct aqi_time *before = &last->time;

	if (last->size == 0 || !is_same_day(time, before) ||
	    time->second != 0 || before->second != 0 ||
	    time->has_offset != before->has_offset ||
	    time->offset != before->offset) {
		if (last->size == 0 || !is_same_day(time, before))
			last->weekday = aqi_time_weekday(time);
		last->size = aqi_time_write(last->text, time);
		last->time = *time;
	}
	memcpy(text, last->text, AQI_TIME_SIZE);
	put_two(text + 11, time->hour);
	put_two(text + 14, time->minute);
	return last->size;
}

static void
set_row_time(struct aqi_features_rows *rows, size_t i, char *text,
	     const struct aqi_time *time, bool is_day, struct written *last)
{
	const struct aqi_features_column *columns = rows->plan->columns;
	struct aqi_batch *batch = rows->batch;

	if (rows->periods)
		rows->periods[i] = (unsigned char)aqi_mapping_period(
			rows->plan->options.mapping,
			time->year * 10000 + time->month * 100 + time->day);
	aqi_batch_set_text(batch, rows->plan->time_added, i,
			   (struct aqi_slice){text, write_time(text, time,
							       last)});
	if (!is_day)
		set_small(batch, columns[AQI_TARGET_HOUR].added, i,
			  time->hour);
	set_small(batch, columns[AQI_TARGET_DAY_OF_WEEK].added, i,
		  last->weekday);
	set_small(batch, columns[AQI_TARGET_MONTH].added, i, time->month);
}

enum aqi_status
aqi_features_row_times(struct aqi_features_rows *rows, int64_t *seconds,
		       struct aqi_error *err)
{
	const struct aqi_features_plan *self = rows->plan;
	struct aqi_batch *batch = rows->batch;
	char (*texts)[AQI_TIME_SIZE];
	struct aqi_features_parts parts = {0};
	struct written last = {0};
	struct aqi_time time;
	bool is_day;

	if (!self->has_time || batch->n_rows == 0)
		return AQI_OK;
	if (alloc_times(rows, &texts, err) != AQI_OK)
		return AQI_FATAL;
	for (size_t i = 0; i < batch->n_rows; i++) {
		if (batch->refused[i] ||
		    aqi_features_time_read(self, batch, i, &parts, &time,
					   &is_day) != AQI_OK)
			continue;
		set_row_time(rows, i, texts[i], &time, is_day, &last);
		if (seconds)
			seconds[i] = aqi_time_seconds(&time);
	}
	return AQI_OK;
}
