/*
 * csv_rows.h: records of CSV to rows of a batch. Private to the reader.
 *
 * A record is tried by the fast lane (record/csv_plain.h), where its values
 * stay bytes of the chunk, then by libcsv. A row depends on nothing but its
 * record and the layout.
 */
#ifndef AQI_RECORD_CSV_ROWS_H
#define AQI_RECORD_CSV_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "record/batch.h"
#include "record/csv.h"
#include "record/csv_plain.h"

/* One thread each. */
struct aqi_csv_rows {
	struct aqi_batch *batch;
	struct aqi_csv *csv;
	size_t n_fields;	/* of each record */
	aqi_csv_cut_fn *cut;	/* NULL: there is no fast lane */
	aqi_csv_cut_fn *cut_quoted;
	struct aqi_csv_plain plain;
	struct aqi_extent *cells;	/* (n_fields,) of a record, where the
					 * inputs are others; NULL: they are
					 * them */
	size_t n_quoted;	/* so many records to come may have quotes */
};

/*
 * Begin a batch.
 *
 * size      bytes of the chunk that its records are in
 * n_fields  that the header has, at least one
 * csv       borrowed
 *
 * Without memory there is no fast lane, and the batch says so.
 */
struct aqi_csv_rows aqi_csv_rows_begin(struct aqi_batch *batch, size_t size,
				       size_t n_fields, struct aqi_csv *csv);

/* Take batch->rows[row], whole and of any bytes, by the fast lane. false:
 * nothing is said of it. */
bool aqi_csv_rows_take(struct aqi_csv_rows *rows, size_t row);

/*
 * Take batch->rows[row], which is UTF-8 without a NUL, whatever it is.
 * AQI_REJECT: it is no CSV, or has not n_fields fields; err->column is the byte
 * of the record where that is, from 1. AQI_FATAL: memory.
 */
enum aqi_status aqi_csv_rows_parse(struct aqi_csv_rows *rows, size_t row,
				   struct aqi_error *err) AQI_MUST_CHECK;

#endif
