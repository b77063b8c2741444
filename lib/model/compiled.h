/*
 * compiled.h: a model with all that is known about it as one file that is used
 * as it lies in memory.
 *
 * The file is a row of blocks (model/block.h), position-independent, each with
 * a seal of its own. The first says what a manifest says, as numbers and texts
 * that need no parser, and has the table of the others: which part each is,
 * where it is, how long, and its checksum, so that no part of another file is
 * taken for it. They stand one behind the other to the end of the file: the
 * forest (model/forest_block.h), then layouts of it that are made already
 * (model/engine.h).
 *
 * Nothing of it is trusted: magic, version, byte order, sizes, bounds and
 * checksums first, then what each part holds, at its own door: the forest's
 * when it is loaded, a layout's when it is used first.
 *
 * It could be mapped, and is when it is built into a program. A file is read
 * into memory instead: the pages of a mapped one that is cut short while it is
 * in use would end the program with SIGBUS, and those of one that is written
 * over would no longer be what was checked. To read 1 MB takes some 0.1 ms.
 */
#ifndef AQI_MODEL_COMPILED_H
#define AQI_MODEL_COMPILED_H

#include <stdbool.h>

#include "base/error.h"
#include "base/slice.h"

struct aqi_buffer;
struct aqi_model;

/* Does it begin as such a file does? */
bool aqi_compiled_is_begun(struct aqi_slice bytes);

/*
 * Make the file of a model that is loaded, with the layouts that its engine has
 * made. One without a manifest is a bare model in the file, too. The same model
 * gives the same bytes. AQI_E_LIMIT where its texts are above 4 GiB,
 * AQI_E_MEMORY.
 */
enum aqi_status aqi_compiled_make(const struct aqi_model *model,
				  struct aqi_buffer *file,
				  struct aqi_error *err) AQI_MUST_CHECK;

/*
 * Fill a new model from a file, whose bytes must be aligned to AQI_BLOCK_ALIGN,
 * outlive it, and not change: texts, forest and layouts are borrowed from them,
 * arrays are in its arena. Left to the caller are its engine and, where
 * has_names is false, the names of its inputs. The forest is the model's to
 * free (owned), on failure too. AQI_E_MODEL ("the compiled model ..."),
 * AQI_E_MEMORY.
 */
enum aqi_status aqi_compiled_adopt(struct aqi_slice file,
				   struct aqi_model *model,
				   struct aqi_error *err) AQI_MUST_CHECK;

#endif
