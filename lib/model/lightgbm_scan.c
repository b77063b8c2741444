#include "model/lightgbm_scan.h"

#include "model/lightgbm_line.h"
#include "model/lightgbm_value.h"
#include "record/number.h"

/*
 * What stands behind the next `start` at the beginning of a line, up to the end
 * of the file; data NULL: there is none. The file's first line is no such.
 */
static struct aqi_slice
find(struct aqi_slice bytes, const char *start)
{
	const char *end = bytes.data + bytes.size, *p = bytes.data;
	const size_t n = strlen(start);

	while ((p = memmem(p, (size_t)(end - p), start, n))) {
		if (p > bytes.data && p[-1] == '\n')
			return (struct aqi_slice){p + n, (size_t)(end - p) - n};
		p += n;
	}
	return (struct aqi_slice){NULL, 0};
}

bool
aqi_lightgbm_scan_has(struct aqi_slice bytes, const char *key)
{
	while ((bytes = find(bytes, key)).data)
		if (bytes.size > 1 && bytes.data[0] == '=' &&
		    bytes.data[1] != '\n' && bytes.data[1] != '\r')
			return true;
	return false;
}

size_t
aqi_lightgbm_scan_trees(struct aqi_slice bytes)
{
	size_t n = 0;

	while ((bytes = find(bytes, "Tree=")).data)
		n++;
	return n;
}

bool
aqi_lightgbm_scan_is_probable(struct aqi_slice bytes)
{
	while ((bytes = find(bytes, "leaf_value=")).data) {
		struct aqi_lightgbm_lines lines;
		struct aqi_slice value;
		double x;

		aqi_lightgbm_lines_open(&lines, bytes);

		while (aqi_lightgbm_value(&lines.line, &value))
			if (aqi_number_to_double(value, '.', &x) ||
			    !(x >= 0 && x <= 1))
				return false;
	}
	return true;
}
