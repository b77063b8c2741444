#include "model/xgboost_json.h"

#include <jansson.h>
#include <stdlib.h>

#include "record/json.h"

static const char *const specials[] = {"NaN", "-Infinity", "Infinity"};

#define N_SPECIALS (sizeof specials / sizeof specials[0])

/* A string of the same length: the bytes keep their places. */
static bool
quote_specials(char *text, size_t size)
{
	bool in_string = false, found = false;

	for (size_t i = 0; i < size; i++) {
		if (in_string && text[i] == '\\') {
			i++;
			continue;
		}
		if (text[i] == '"')
			in_string = !in_string;
		for (size_t k = 0; k < N_SPECIALS && !in_string; k++) {
			size_t n = strlen(specials[k]);

			if (n > size - i ||
			    memcmp(text + i, specials[k], n) != 0)
				continue;
			text[i] = text[i + n - 1] = '"';
			i += n - 1;
			found = true;
			break;
		}
	}
	return found;
}

static json_t *
read_again(struct aqi_slice bytes, struct aqi_error *err)
{
	struct aqi_error second;
	json_t *root = NULL;
	char *copy = malloc(bytes.size + 1);

	if (!copy) {
		aqi_error_memory(err);
		return NULL;
	}
	memcpy(copy, bytes.data, bytes.size);
	if (quote_specials(copy, bytes.size)) {
		root = aqi_json_read((struct aqi_slice){copy, bytes.size},
				     &second);
		if (!root)
			*err = second;
	}
	free(copy);
	return root;
}

/* "byte B: reason", from a line and a column. */
static enum aqi_status
at_byte(struct aqi_slice bytes, struct aqi_error *err)
{
	struct aqi_error inner = *err;
	size_t at = 0;

	if (err->code == AQI_E_MEMORY)
		return AQI_FATAL;
	for (uint64_t line = 1; line < inner.line && at < bytes.size; at++)
		line += bytes.data[at] == '\n';
	at += inner.column - 1;
	return aqi_error_set(err, AQI_E_MODEL, "byte %zu: %.280s", at,
			     inner.reason);
}

json_t *
aqi_xgboost_json_read(struct aqi_slice bytes, struct aqi_error *err)
{
	struct aqi_error why;
	json_t *root = aqi_json_read(bytes, &why);

	if (!root && why.code == AQI_E_SYNTAX)
		root = read_again(bytes, &why);
	if (root)
		return root;
	at_byte(bytes, &why);
	if (err)
		*err = why;
	return NULL;
}
