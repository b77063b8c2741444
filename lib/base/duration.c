#include "base/duration.h"

#include <stdio.h>

#include "base/ascii.h"

static const struct unit {
	const char *name;
	uint64_t ns;
} units[] = {
	{"us", 1000},
	{"ms", 1000000},
	{"s", AQI_SECOND_NS},
	{"m", 60 * AQI_SECOND_NS},
	{"h", 3600 * AQI_SECOND_NS},
	{"", AQI_SECOND_NS},
};

static bool
find_unit(struct aqi_slice name, uint64_t *ns)
{
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		if (aqi_slice_is(name, units[i].name)) {
			*ns = units[i].ns;
			return true;
		}
	}
	return false;
}

/*
 * In whole nanoseconds throughout, so that 0.1s is 100 ms and not a last bit
 * less: what the decimals add is at most nine digits times a unit.
 */
bool
aqi_duration_read(struct aqi_slice text, uint64_t *ns)
{
	uint64_t whole = 0, decimals = 0, scale = 1, unit;
	size_t i = 0, n_digits = 0;

	for (; i < text.size && aqi_ascii_is_digit(text.data[i]); i++) {
		n_digits++;
		whole = whole * 10 + (uint64_t)(text.data[i] - '0');
		if (whole > AQI_DURATION_MAX_NS)
			return false;
	}
	if (i < text.size && text.data[i] == '.') {
		for (i++; i < text.size && aqi_ascii_is_digit(text.data[i]);
		     i++) {
			n_digits++;
			if (scale == 1000000000)
				continue;
			scale *= 10;
			decimals = decimals * 10 +
				   (uint64_t)(text.data[i] - '0');
		}
	}
	if (n_digits == 0 ||
	    !find_unit((struct aqi_slice){text.data + i, text.size - i},
		       &unit) ||
	    whole > AQI_DURATION_MAX_NS / unit)
		return false;
	/* In two parts, since 3600 s in nine decimals are above 64 bits. */
	decimals = unit / scale * decimals + unit % scale * decimals / scale;
	*ns = whole * unit + decimals;
	return *ns <= AQI_DURATION_MAX_NS;
}

const char *
aqi_duration_write(char out[AQI_DURATION_SIZE], double ns)
{
	static const struct {
		double size;
		const char *name;
	} steps[] = {{1e9, "s"}, {1e6, "ms"}, {1e3, "us"}, {0, "ns"}};
	size_t i = 0;
	int decimals = 0;
	double x;

	/* What rounds up to a thousand of a unit is one of the next. */
	while (ns < steps[i].size * 0.9995)
		i++;
	x = steps[i].size > 0 ? ns / steps[i].size : ns;
	if (steps[i].size > 0)
		decimals = x < 9.995 ? 2 : x < 99.95 ? 1 : 0;
	snprintf(out, AQI_DURATION_SIZE, "%.*f %s", decimals, x,
		 steps[i].name);
	return out;
}
