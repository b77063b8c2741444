#include "air/inputs.h"

#include "air/guess.h"
#include "record/layout.h"

/* The names with commas, as many as a message holds; whoever prints one escapes
 * what must be. */
#define LIST_SIZE 200

static void
list(char out[LIST_SIZE], const struct aqi_slice *names, size_t n)
{
	const size_t room = LIST_SIZE - sizeof ",...";
	size_t used = 0;

	for (size_t i = 0; i < n; i++) {
		if (names[i].size + 1 > room - used) {
			used += (size_t)(stpcpy(out + used, ",...") -
					 (out + used));
			break;
		}
		if (i > 0)
			out[used++] = ',';
		memcpy(out + used, names[i].data, names[i].size);
		used += names[i].size;
	}
	out[used] = '\0';
}

static bool
is_among(const struct aqi_slice *names, size_t n, struct aqi_slice name)
{
	for (size_t i = 0; i < n; i++)
		if (aqi_slice_equal(names[i], name))
			return true;
	return false;
}

/*
 * A column like that name, which is not one of the others looked for. Without
 * memory NULL too: the arena has failed then.
 */
static const struct aqi_slice *
find_near(struct aqi_layout *layout, const struct aqi_slice *names, size_t n,
	  struct aqi_slice name)
{
	struct aqi_slice *spare = aqi_arena_array(&layout->arena,
						  layout->n_inputs + 1,
						  sizeof *spare);
	size_t n_spare = 0;

	if (!spare)
		return NULL;
	for (size_t i = 0; i < layout->n_inputs; i++)
		if (!is_among(names, n, layout->inputs[i]))
			spare[n_spare++] = layout->inputs[i];
	return aqi_layout_near(spare, n_spare, name);
}

char
aqi_inputs_other_delimiter(const struct aqi_layout *layout)
{
	static const char usual[] = ";\t|,";

	if (layout->is_json || layout->n_inputs != 1)
		return 0;
	for (const char *d = usual; *d; d++)
		if (memchr(layout->inputs[0].data, *d, layout->inputs[0].size))
			return *d;
	return 0;
}

bool
aqi_inputs_suspect(const struct aqi_layout *layout, struct aqi_error *err)
{
	char delimiter = aqi_inputs_other_delimiter(layout);
	struct aqi_slice source = aqi_guess_source(layout);

	if (delimiter == '\t')
		aqi_error_set(err, AQI_E_USAGE, "no such column; the header is "
			      "one column with tabs in it: try -d tab");
	else if (delimiter)
		aqi_error_set(err, AQI_E_USAGE, "no such column; the header is "
			      "one column with '%c' in it: try -d '%c'",
			      delimiter, delimiter);
	else if (source.size)
		aqi_error_set(err, AQI_E_USAGE, "no such column; the header is "
			      "like that of %.*s: convert the file with "
			      "aqi-features --from %.*s", (int)source.size,
			      source.data, (int)source.size, source.data);
	return delimiter || source.size;
}

static enum aqi_status
absent(struct aqi_layout *layout, const struct aqi_slice *names, size_t n,
       struct aqi_slice name, struct aqi_error *err)
{
	const struct aqi_slice *near = find_near(layout, names, n, name);
	char quoted[AQI_QUOTED_SIZE], needed[LIST_SIZE];

	if (layout->arena.failed)
		return aqi_error_memory(err);
	if (aqi_inputs_suspect(layout, err)) {
		/* That is the better reason. */
	} else if (near) {
		aqi_error_set(err, AQI_E_USAGE,
			      "no such column, and %s looks like it: rename "
			      "it, or convert the file with aqi-features "
			      "--from SOURCE", aqi_error_quote(quoted, *near));
	} else {
		list(needed, names, n);
		aqi_error_set(err, AQI_E_USAGE,
			      "no such column; needed are %s (--allow-absent "
			      "treats it as missing)", needed);
	}
	aqi_error_name(err, name);
	return aqi_error_at(err, layout->file, layout->line, 0);
}

/*
 * That a column may be absent is no leave to read the wrong file: CSV that has
 * not one of them can only give missing values. NDJSON may have them later.
 */
static enum aqi_status
all_absent(const struct aqi_layout *layout, const struct aqi_slice *names,
	   size_t n, struct aqi_error *err)
{
	char needed[LIST_SIZE];

	if (!aqi_inputs_suspect(layout, err)) {
		list(needed, names, n);
		aqi_error_set(err, AQI_E_USAGE,
			      "not one of the columns is there: %s", needed);
	}
	return aqi_error_at(err, layout->file, 1, 0);
}

enum aqi_status
aqi_inputs_expect(struct aqi_layout *layout, struct aqi_slice name,
		  size_t *column, struct aqi_error *err)
{
	if (!layout->drops_unknown)
		return aqi_layout_expect(layout, name, column, err);
	*column = aqi_layout_find(layout, name);
	return AQI_OK;
}

enum aqi_status
aqi_inputs_bind(struct aqi_layout *layout, const struct aqi_slice *names,
		size_t n, size_t *columns, struct aqi_error *err)
{
	size_t n_found = 0;

	for (size_t i = 0; i < n; i++) {
		columns[i] = aqi_layout_find(layout, names[i]);
		n_found += columns[i] != AQI_NO_COLUMN;
		if (columns[i] == AQI_NO_COLUMN && !layout->allows_absent)
			return absent(layout, names, n, names[i], err);
		if (columns[i] == AQI_NO_COLUMN &&
		    aqi_inputs_expect(layout, names[i], &columns[i], err) !=
			    AQI_OK)
			return AQI_FATAL;
		if (columns[i] != AQI_NO_COLUMN)
			layout->is_number[columns[i]] = true;
	}
	if (n > 0 && n_found == 0 && !layout->is_json)
		return all_absent(layout, names, n, err);
	return AQI_OK;
}
