#include "air/gather.h"

#include <math.h>
#include <stdlib.h>

#include "air/base_record.h"
#include "air/features_field.h"
#include "air/features_row.h"
#include "air/gather_plan.h"
#include "air/gather_table.h"
#include "record/batch.h"
#include "record/layout.h"

/* Of a batch that is handed out; more takes more memory, to no use. */
#define BATCH_RECORDS 1024

struct aqi_gather {
	struct aqi_gather_options options;
	struct aqi_gather_plan plan;
	const struct aqi_layout *layout;
	size_t width;			/* values of a row */
	struct aqi_gather_table *table;
	/*
	 * The records of the last row's time, (width,), so that most rows need
	 * no search; NULL: not known.
	 */
	struct aqi_gather_record **recent;
	int64_t recent_seconds;
	uint64_t recent_generation;
};

/* A value that `run` has read, for `take`. */
struct reading {
	struct aqi_field text;	/* AQI_MISSING: there is none */
	double y;
	bool is_refused;
};

/* What `run` leaves for `take`. */
struct prepared {
	int64_t *seconds;		/* (n_rows,) */
	/* (n_rows,) NULL: the mapping does not name it */
	const struct aqi_gather_parameter **parameters;
	bool *is_known;		/* (n_rows,) parameter and time are */
	struct reading *readings;	/* (n_rows, n_stations or 1) */
};

struct aqi_gather *
aqi_gather_new(const struct aqi_gather_options *options)
{
	struct aqi_gather *self = calloc(1, sizeof *self);

	if (!self)
		return NULL;
	self->options = *options;
	self->plan.features.options = options->features;
	self->plan.format = options->format;
	return self;
}

void
aqi_gather_free(struct aqi_gather *self)
{
	if (!self)
		return;
	aqi_gather_table_free(self->table);
	aqi_gather_plan_free(&self->plan);
	free(self->recent);
	free(self);
}

/* The table, which is the same for all files. */
static enum aqi_status
begin(struct aqi_gather *self, struct aqi_error *err)
{
	const struct aqi_gather_plan *plan = &self->plan;
	const struct aqi_gather_table_options options = {
		.n_values = plan->n_values,
		.max_held = self->options.max_held,
		.is_ordered = aqi_gather_plan_mapping(plan)->layout.is_ordered,
		.n_kept = plan->features.options.n_keep,
	};

	if (!self->table)
		self->table = aqi_gather_table_new(&options);
	return self->table ? AQI_OK : aqi_error_memory(err);
}

static enum aqi_status
bind(void *gather, struct aqi_layout *layout, struct aqi_error *err)
{
	struct aqi_gather *self = gather;

	self->layout = layout;
	if (aqi_gather_plan_bind(&self->plan, layout, err) != AQI_OK ||
	    begin(self, err) != AQI_OK)
		return AQI_FATAL;
	free(self->recent);
	self->width = aqi_gather_plan_width(&self->plan);
	self->recent = calloc(self->width, sizeof *self->recent);
	return self->recent ? AQI_OK : aqi_error_memory(err);
}

/* Room for what `take` needs. */
static struct prepared *
prepare(const struct aqi_gather *self, struct aqi_batch *batch)
{
	size_t n = batch->n_rows;
	struct prepared *p = aqi_batch_alloc(batch, 1, sizeof *p);

	if (!p)
		return NULL;
	p->seconds = aqi_batch_alloc(batch, n, sizeof *p->seconds);
	p->parameters = aqi_batch_alloc(batch, n, sizeof *p->parameters);
	p->is_known = aqi_batch_alloc(batch, n, sizeof *p->is_known);
	p->readings = aqi_batch_alloc(batch, n * self->width,
				      sizeof *p->readings);
	return batch->arena.failed ? NULL : p;
}

static void
read_values(const struct aqi_gather *self, const struct aqi_features_rows *rows,
	    size_t row, const struct aqi_gather_parameter *parameter,
	    struct aqi_features_unit *unit, struct reading *readings)
{
	const struct aqi_features_column *column =
		&self->plan.features.columns[parameter->target];
	struct aqi_features_source source = column->sources[parameter->rank];

	for (size_t i = 0; i < self->width; i++) {
		enum aqi_status status;

		if (aqi_gather_plan_has_stations(&self->plan))
			source.input = self->plan.stations[i];
		readings[i] = (struct reading){.y = NAN};
		status = aqi_features_field_read(rows, parameter->target,
						 &source, row, unit,
						 &readings[i].y,
						 &readings[i].text);
		readings[i].is_refused = status == AQI_REJECT;
		if (status != AQI_OK)
			readings[i].y = NAN;
	}
}

static enum aqi_status
run(void *gather, struct aqi_batch *batch, struct aqi_error *err)
{
	const struct aqi_gather *self = gather;
	struct aqi_features_rows rows = {.plan = &self->plan.features,
					 .batch = batch};
	struct aqi_features_unit units[AQI_N_TARGETS] = {0};
	struct prepared *p;

	if (batch->n_rows == 0)
		return AQI_OK;
	p = batch->prepared = prepare(self, batch);
	if (!p)
		return aqi_error_memory(err);
	if (!aqi_gather_plan_has_stations(&self->plan))
		aqi_features_row_stations(&rows);
	if (aqi_features_row_times(&rows, p->seconds, err) != AQI_OK)
		return AQI_FATAL;
	for (size_t i = 0; i < batch->n_rows; i++) {
		p->is_known[i] =
			!batch->refused[i] &&
			aqi_gather_plan_find_parameter(&self->plan, batch, i,
						       &p->parameters[i]) !=
				AQI_REJECT;
		if (p->is_known[i] && p->parameters[i])
			read_values(self, &rows, i, p->parameters[i],
				    &units[p->parameters[i]->target],
				    p->readings + i * self->width);
	}
	return AQI_OK;
}

static size_t
output_of(const struct aqi_gather *self, size_t place)
{
	return aqi_gather_plan_output(&self->plan,
				      (enum aqi_gather_place)place);
}

static struct aqi_field
added_field(const struct aqi_batch *batch, size_t added, size_t row)
{
	return aqi_batch_added(batch, added)[row];
}

/* The station of a row; of its column, if columns have stations. */
static struct aqi_field
station_of(const struct aqi_gather *self, const struct aqi_batch *batch,
	   size_t row, size_t i)
{
	struct aqi_slice name;

	if (!aqi_gather_plan_has_stations(&self->plan))
		return added_field(batch, self->plan.features.station_added,
				   row);
	name = batch->layout->inputs[self->plan.stations[i]];
	return (struct aqi_field){name.data, (uint32_t)name.size, AQI_TEXT};
}

/* A record keeps fields of the row that it begins with. */
static enum aqi_status
keep_fields(const struct aqi_gather *self, const struct aqi_batch *batch,
	    size_t row, struct aqi_gather_record *record, struct aqi_error *err)
{
	for (size_t i = 0; i < self->plan.features.options.n_keep; i++) {
		struct aqi_field *field = &record->kept[i];
		struct aqi_slice text;

		if (self->plan.kept_inputs[i] == AQI_NO_COLUMN)
			continue;
		*field = aqi_batch_field(batch, row, self->plan.kept_inputs[i]);
		text = aqi_gather_table_copy(self->table,
					     aqi_field_text(*field));
		if (!text.data)
			return aqi_error_memory(err);
		field->data = text.data;
	}
	return AQI_OK;
}

/* A record begins: its time and where that is said. */
static enum aqi_status
begin_record(const struct aqi_gather *self, const struct aqi_batch *batch,
	     size_t row, struct aqi_gather_record *record,
	     struct aqi_error *err)
{
	struct aqi_field *time = &record->place[AQI_GATHER_TIME];
	struct aqi_slice text;

	for (size_t i = AQI_GATHER_TIME; i < AQI_GATHER_N_PLACES; i++)
		record->place[i] = added_field(batch, output_of(self, i), row);
	text = aqi_gather_table_copy(self->table, aqi_field_text(*time));
	time->data = text.data;
	record->file = batch->file;
	record->line = batch->lines[row];
	if (!text.data)
		return aqi_error_memory(err);
	return keep_fields(self, batch, row, record, err);
}

/* The record of a row and the i-th of its values. */
static enum aqi_status
find_record(struct aqi_gather *self, const struct aqi_batch *batch, size_t row,
	    size_t i, struct aqi_gather_record **record, struct aqi_error *err)
{
	const struct prepared *p = batch->prepared;
	struct aqi_field station = station_of(self, batch, row, i);
	bool is_new;

	*record = self->recent[i];
	if (*record && aqi_slice_equal(aqi_field_text(station), aqi_field_text(
				(*record)->place[AQI_GATHER_STATION])))
		return AQI_OK;
	if (aqi_gather_table_find(self->table, station, p->seconds[row], record,
				  &is_new, err) != AQI_OK) {
		aqi_error_at(err, batch->file, batch->lines[row], 0);
		return AQI_FATAL;
	}
	self->recent[i] = *record;
	return is_new ? begin_record(self, batch, row, *record, err) : AQI_OK;
}

static enum aqi_status
refuse_repeated(const struct aqi_gather *self, struct aqi_batch *batch,
		size_t row, size_t i,
		const struct aqi_gather_parameter *parameter,
		const struct aqi_gather_value *value)
{
	const struct aqi_features_column *column =
		&self->plan.features.columns[parameter->target];
	const char *file = value->file == batch->file ? NULL : value->file;
	char quoted[AQI_QUOTED_SIZE];

	if (file)
		aqi_error_quote(quoted, aqi_slice_of(file));
	aqi_batch_refuse(batch, row, aqi_gather_plan_has_stations(&self->plan) ?
			 self->plan.stations[i] : column->sources[0].input,
			 AQI_E_REPEATED,
			 "%s of this station and time stands in line %llu%s%s "
			 "already", aqi_mapping_targets[parameter->target].name,
			 (unsigned long long)value->line,
			 file ? " of " : "", file ? quoted : "");
	return AQI_REJECT;
}

static enum aqi_status
keep_value(struct aqi_gather *self, const struct aqi_batch *batch, size_t row,
	   const struct aqi_gather_parameter *parameter,
	   const struct reading *reading,
	   struct aqi_gather_record *record, struct aqi_error *err)
{
	struct aqi_gather_value *value =
		&record->values[self->plan.slots[parameter->target]];
	struct aqi_slice text = aqi_gather_table_copy(
		self->table, aqi_field_text(reading->text));

	if (!text.data)
		return aqi_error_memory(err);
	*value = (struct aqi_gather_value){
		.data = text.data, .size = (uint32_t)text.size,
		.rank = parameter->rank, .file = batch->file,
		.line = batch->lines[row],
	};
	if (parameter->target == AQI_TARGET_TEMPERATURE)
		record->temperature = reading->y;
	if (parameter->target == AQI_TARGET_DEW_POINT)
		record->dew_point = reading->y;
	return AQI_OK;
}

/* Put a value into its record, unless another takes precedence. */
static enum aqi_status
put(struct aqi_gather *self, struct aqi_batch *batch, size_t row, size_t i,
    const struct aqi_gather_parameter *parameter, const struct reading *reading,
    struct aqi_error *err)
{
	const struct aqi_mapping *spec = aqi_gather_plan_mapping(&self->plan);
	const struct aqi_gather_value *value;
	struct aqi_gather_record *record;

	if (find_record(self, batch, row, i, &record, err) != AQI_OK)
		return AQI_FATAL;
	if (isnan(reading->y))
		return AQI_OK;
	value = &record->values[self->plan.slots[parameter->target]];
	if (value->data && value->rank < parameter->rank)
		return AQI_OK;
	if (value->data && value->rank == parameter->rank)
		return spec->layout.first_stands ?
			       AQI_OK :
			       refuse_repeated(self, batch, row, i, parameter,
					       value);
	return keep_value(self, batch, row, parameter, reading, record, err);
}

/* Are the recent records those of this time? Else they are forgotten. */
static void
look_back(struct aqi_gather *self, int64_t seconds)
{
	uint64_t generation = aqi_gather_table_generation(self->table);

	if (seconds == self->recent_seconds &&
	    generation == self->recent_generation)
		return;
	memset(self->recent, 0, self->width * sizeof *self->recent);
	self->recent_seconds = seconds;
	self->recent_generation = generation;
}

static enum aqi_status
take(void *gather, struct aqi_batch *batch, size_t row, struct aqi_parts *parts,
     struct aqi_error *err)
{
	struct aqi_gather *self = gather;
	const struct prepared *p = batch->prepared;
	const struct reading *reading = p->readings + row * self->width;
	const struct aqi_gather_parameter *parameter;

	if (!p->is_known[row])
		return AQI_OK;
	parameter = p->parameters[row];
	if (parameter && aqi_gather_table_advance(self->table, p->seconds[row])
	    != AQI_OK) {
		aqi_batch_refuse(batch, row, self->plan.features.time_inputs[0],
				 AQI_E_ORDER, "the records of this hour "
				 "are written already: the rows are not in "
				 "order of time");
		parts->n_refused = 1;
		return AQI_OK;
	}
	*parts = (struct aqi_parts){self->width, 0};
	if (!parameter)
		return AQI_OK;
	look_back(self, p->seconds[row]);
	for (size_t i = 0; i < self->width; i++) {
		enum aqi_status status = AQI_REJECT;

		if (!reading[i].is_refused)
			status = put(self, batch, row, i, parameter,
				     &reading[i], err);
		if (status == AQI_FATAL)
			return AQI_FATAL;
		parts->n_refused += status == AQI_REJECT;
	}
	return AQI_OK;
}

static void
end(void *gather)
{
	struct aqi_gather *self = gather;

	aqi_gather_table_finish(self->table);
}

/* The value of a field, or NULL. */
static const struct aqi_gather_value *
find_value(const struct aqi_gather *self,
	   const struct aqi_gather_record *record, enum aqi_target target)
{
	size_t slot = self->plan.slots[target];

	return slot != AQI_GATHER_NO_SLOT && record->values[slot].data ?
		       &record->values[slot] : NULL;
}

/* Has it anything of the base record, of which it makes one? */
static bool
has_values(const struct aqi_gather *self,
	   const struct aqi_gather_record *record)
{
	for (size_t i = 0; i < AQI_N_BASE; i++)
		if (find_value(self, record, (enum aqi_target)i))
			return true;
	return false;
}

/* Humidity of temperature and dew point, where no row gave it. */
static void
set_humidity(const struct aqi_gather *self,
	     const struct aqi_gather_record *record, struct aqi_batch *batch,
	     size_t row)
{
	const struct aqi_features_plan *plan = &self->plan.features;
	double x;

	if (find_value(self, record, AQI_TARGET_HUMIDITY) ||
	    isnan(record->temperature) || isnan(record->dew_point))
		return;
	x = aqi_units_humidity(record->temperature, record->dew_point);
	if (isfinite(x))
		aqi_batch_set_rounded(
			batch, plan->columns[AQI_TARGET_HUMIDITY].added, row,
			x, plan->options.decimals);
	else
		aqi_batch_blank(batch, row);
}

static void
set_record(const struct aqi_gather *self,
	   const struct aqi_gather_record *record, struct aqi_batch *batch,
	   size_t row)
{
	const struct aqi_features_column *columns =
		self->plan.features.columns;

	for (size_t i = 0; i < AQI_GATHER_N_PLACES; i++)
		aqi_batch_set(batch, output_of(self, i), row,
			      record->place[i]);
	for (size_t i = 0; i < AQI_N_BASE; i++) {
		const struct aqi_gather_value *value =
			find_value(self, record, (enum aqi_target)i);

		if (value)
			aqi_batch_set(batch, columns[i].added, row,
				      (struct aqi_field){value->data,
							 value->size,
							 AQI_NUMBER});
	}
	set_humidity(self, record, batch, row);
	for (size_t i = 0; i < self->plan.features.options.n_keep; i++)
		aqi_batch_set(batch, self->plan.kept_added[i], row,
			      record->kept[i]);
	batch->lines[row] = record->line;
}

static enum aqi_status
drain(void *gather, struct aqi_batch *batch, struct aqi_error *err)
{
	const struct aqi_gather *self = gather;
	const struct aqi_gather_record *records[BATCH_RECORDS], *record;
	size_t n = 0;

	/* What the last batch borrowed has been written. */
	aqi_gather_table_forget(self->table);
	while (n < BATCH_RECORDS &&
	       (record = aqi_gather_table_next(self->table)))
		if (has_values(self, record))
			records[n++] = record;
	if (n == 0)
		return AQI_END;
	if (aqi_batch_begin(batch, self->options.format, self->layout, n,
			    err) != AQI_OK)
		return AQI_FATAL;
	for (size_t i = 0; i < n; i++)
		set_record(self, records[i], batch, i);
	return AQI_OK;
}

struct aqi_step
aqi_gather_step(struct aqi_gather *gather)
{
	return (struct aqi_step){.self = gather, .bind = bind, .run = run,
				 .take = take, .drain = drain, .end = end};
}
