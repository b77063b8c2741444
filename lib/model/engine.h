/*
 * engine.h: the way a forest is evaluated.
 *
 * A forest can be evaluated in several ways that give the same bits and differ
 * in speed. Each needs a layout of the forest, which several may share:
 *
 *   scalar           one node after the other; needs none
 *   walk             eight trees of a row at once, as perfect trees
 *   interleaved      sixteen rows of a tree at once, of any depth
 *   nodes-...        all nodes of a tree at once, a row after the other
 *   planes-...       each distinct split once for a block of rows
 *
 * What follows the dash is the processor's: portable, avx2, avx512 and so on.
 * An engine chooses by the shape of the forest, the number of rows and the
 * processor, and makes a layout when it is worth it. A compiled model brings
 * its layouts as blocks (model/block.h).
 *
 * An engine may be used by any number of threads.
 */
#ifndef AQI_MODEL_ENGINE_H
#define AQI_MODEL_ENGINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/slice.h"

struct aqi_buffer;
struct aqi_engine;
struct aqi_forest;

struct aqi_engine_options {
	/*
	 * The one way to be used, whatever the number of rows: a name of the
	 * list above, or its first word for the best of those that the
	 * processor has. NULL or empty: $AQI_ENGINE, else what is best.
	 */
	const char *name;
};

/*
 * The forest must outlive the engine. options may be NULL. Fails with
 * AQI_E_USAGE where the way named is none, is not for this forest, or not for
 * this processor: the reason says which are; AQI_E_MEMORY.
 */
struct aqi_engine *aqi_engine_new(const struct aqi_forest *forest,
				  const struct aqi_engine_options *options,
				  struct aqi_error *err) AQI_MUST_CHECK;

/*
 * Use a layout of a compiled model, which must outlive the engine. What it is,
 * is looked at now; the rest when it is needed first, by what prepares. One of
 * another version is passed over, and made anew when it is due. Fails with
 * AQI_E_MODEL where it is no layout, or is there already. Not while threads use
 * the engine.
 */
enum aqi_status aqi_engine_adopt(struct aqi_engine *engine,
				 struct aqi_slice block,
				 struct aqi_error *err) AQI_MUST_CHECK;

/*
 * Make the layout by which n_rows at once are evaluated best, where it is not
 * made yet. Several threads may ask at once. Fails without memory, and with
 * AQI_E_MODEL where an adopted block is damaged.
 */
enum aqi_status aqi_engine_prepare(struct aqi_engine *engine, size_t n_rows,
				   struct aqi_error *err) AQI_MUST_CHECK;

/*
 * The same, but not before it is worth it: when the rows that were announced
 * so far, with the n_rows that come next, have cost about as much as the making
 * will. A program that predicts a single row makes nothing.
 */
enum aqi_status aqi_engine_expect(struct aqi_engine *engine, size_t n_rows,
				  struct aqi_error *err) AQI_MUST_CHECK;

/* As aqi_forest_predict, by the fastest of the ways that are prepared. */
void aqi_engine_predict(const struct aqi_engine *engine, const double *x,
			size_t n_rows, double *margin);

/* The name of the way in which n_rows at once are evaluated by now. */
const char *aqi_engine_way(const struct aqi_engine *engine, size_t n_rows);

/* The way for n_rows at once when prepared, and why, in one line without its
 * end. A buffer that fails says so itself. */
void aqi_engine_describe(struct aqi_engine *engine, size_t n_rows,
			 struct aqi_buffer *out);

/* All ways, "scalar, walk, ...", for messages. */
void aqi_engine_list(struct aqi_buffer *out);

#define AQI_ENGINE_LAYOUTS 8

/*
 * The layouts made so far, for a compiled model: the same forest gives the same
 * bytes, and any processor of this byte order can use them.
 *
 * blocks  (AQI_ENGINE_LAYOUTS,), out; borrowed from the engine
 *
 * Returns how many there are.
 */
size_t aqi_engine_blocks(const struct aqi_engine *engine,
			 struct aqi_slice *blocks);

/* The bytes of all layouts made so far. */
size_t aqi_engine_memory(const struct aqi_engine *engine);

void aqi_engine_free(struct aqi_engine *engine);

#endif
