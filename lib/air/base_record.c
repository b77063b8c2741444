#include "air/base_record.h"

#define NAME(text) {text, sizeof text - 1}

/* One list for both tables: an array cannot begin with another. */
#define BASE_RECORD                                                           \
	NAME("pm25"), NAME("pm10"), NAME("no2"), NAME("so2"), NAME("co"),     \
	NAME("o3"), NAME("temperature"), NAME("humidity"),                    \
	NAME("wind_speed"), NAME("pressure"), NAME("hour"),                   \
	NAME("day_of_week"), NAME("month")

const struct aqi_slice aqi_base_record[AQI_N_BASE] = {BASE_RECORD};

static const struct aqi_slice known_numbers[] = {
	BASE_RECORD, NAME("aqi"), NAME("confidence"),
};

const struct aqi_slice *
aqi_known_numbers(size_t *n)
{
	*n = sizeof known_numbers / sizeof *known_numbers;
	return known_numbers;
}
