#include "air/units.h"

#include <math.h>

#include "base/ascii.h"

/*
 * Exact by definition: the mile (1609.344 m), the nautical mile (1852 m), the
 * zero of the Celsius scale (273.15 K). Millimetres and inches (25.4 mm) of
 * mercury are the conventional ones, 13.5951 g/cm3 times 9.80665 m/s2 (NIST
 * SP 811, appendix B.8). The micro sign and the Greek letter mu look alike and
 * are both in use.
 */
#define MMHG 1.33322387415
static const struct aqi_unit units[] = {
	{"ug/m3", AQI_DIMENSION_MASS, 1, 0},
	{"ug/m\u00b3", AQI_DIMENSION_MASS, 1, 0},
	{"ug/m^3", AQI_DIMENSION_MASS, 1, 0},
	{"\u00b5g/m3", AQI_DIMENSION_MASS, 1, 0},
	{"\u00b5g/m\u00b3", AQI_DIMENSION_MASS, 1, 0},
	{"\u03bcg/m3", AQI_DIMENSION_MASS, 1, 0},
	{"\u03bcg/m\u00b3", AQI_DIMENSION_MASS, 1, 0},
	{"ug/m3 LC", AQI_DIMENSION_MASS, 1, 0},
	{"\u338d/\u33a5", AQI_DIMENSION_MASS, 1, 0},
	{"mg/m3", AQI_DIMENSION_MASS, 1000, 0},
	{"mg/m\u00b3", AQI_DIMENSION_MASS, 1000, 0},
	{"mg/m^3", AQI_DIMENSION_MASS, 1000, 0},
	{"ppb", AQI_DIMENSION_MIXING, 1, 0},
	{"ppm", AQI_DIMENSION_MIXING, 1000, 0},
	{"C", AQI_DIMENSION_TEMPERATURE, 1, 0},
	{"degC", AQI_DIMENSION_TEMPERATURE, 1, 0},
	{"deg C", AQI_DIMENSION_TEMPERATURE, 1, 0},
	{"degree C", AQI_DIMENSION_TEMPERATURE, 1, 0},
	{"\u00b0C", AQI_DIMENSION_TEMPERATURE, 1, 0},
	{"K", AQI_DIMENSION_TEMPERATURE, 1, -273.15},
	{"F", AQI_DIMENSION_TEMPERATURE, 5.0 / 9, -160.0 / 9},
	{"degF", AQI_DIMENSION_TEMPERATURE, 5.0 / 9, -160.0 / 9},
	{"\u00b0F", AQI_DIMENSION_TEMPERATURE, 5.0 / 9, -160.0 / 9},
	{"%", AQI_DIMENSION_RELATIVE, 1, 0},
	{"percent", AQI_DIMENSION_RELATIVE, 1, 0},
	{"m/s", AQI_DIMENSION_SPEED, 1, 0},
	{"km/h", AQI_DIMENSION_SPEED, 1 / 3.6, 0},
	{"mph", AQI_DIMENSION_SPEED, 0.44704, 0},
	{"knots", AQI_DIMENSION_SPEED, 1852.0 / 3600, 0},
	{"kn", AQI_DIMENSION_SPEED, 1852.0 / 3600, 0},
	{"kt", AQI_DIMENSION_SPEED, 1852.0 / 3600, 0},
	{"hPa", AQI_DIMENSION_PRESSURE, 1, 0},
	{"mbar", AQI_DIMENSION_PRESSURE, 1, 0},
	{"millibar", AQI_DIMENSION_PRESSURE, 1, 0},
	{"mb", AQI_DIMENSION_PRESSURE, 1, 0},
	{"Pa", AQI_DIMENSION_PRESSURE, 0.01, 0},
	{"kPa", AQI_DIMENSION_PRESSURE, 10, 0},
	{"mmHg", AQI_DIMENSION_PRESSURE, MMHG, 0},
	{"mm Hg", AQI_DIMENSION_PRESSURE, MMHG, 0},
	{"inHg", AQI_DIMENSION_PRESSURE, 25.4 * MMHG, 0},
};

const struct aqi_unit *
aqi_units_all(size_t *n)
{
	*n = sizeof units / sizeof *units;
	return units;
}

static bool
equal_but_case(struct aqi_slice a, struct aqi_slice b)
{
	if (a.size != b.size)
		return false;
	for (size_t i = 0; i < a.size; i++)
		if (aqi_ascii_lower(a.data[i]) != aqi_ascii_lower(b.data[i]))
			return false;
	return true;
}

const struct aqi_unit *
aqi_units_find(struct aqi_slice text)
{
	text = aqi_slice_trim(text);
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (equal_but_case(text, aqi_slice_of(units[i].text)))
			return &units[i];
	return NULL;
}

double
aqi_units_molar_volume(double reference_c)
{
	const double gas_constant = 8.314462618, pascal = 101325;

	return gas_constant * (reference_c + 273.15) / pascal * 1000;
}

/* The factor from the base unit of one dimension to that of the other. */
static bool
across(enum aqi_dimension from, enum aqi_dimension to, double molar_mass,
       double reference_c, double *factor)
{
	double per_ppb = molar_mass / aqi_units_molar_volume(reference_c);

	*factor = 1;
	if (from == to)
		return true;
	if (!(per_ppb > 0))
		return false;
	if (from == AQI_DIMENSION_MIXING && to == AQI_DIMENSION_MASS)
		*factor = per_ppb;
	else if (from == AQI_DIMENSION_MASS && to == AQI_DIMENSION_MIXING)
		*factor = 1 / per_ppb;
	else
		return false;
	return true;
}

bool
aqi_units_convert(const struct aqi_unit *from, const struct aqi_unit *to,
		  double molar_mass, double reference_c,
		  struct aqi_conversion *conversion)
{
	double factor;

	if (!across(from->dimension, to->dimension, molar_mass, reference_c,
		    &factor))
		return false;
	conversion->scale = from->scale * factor / to->scale;
	conversion->offset = (from->offset * factor - to->offset) / to->scale;
	conversion->is_identity =
		conversion->scale == 1 && conversion->offset == 0;
	return true;
}

double
aqi_units_humidity_limit(double humidity)
{
	if (!(humidity <= 102))
		return NAN;
	return humidity > 100 ? 100 : humidity;
}

static double
magnus(double celsius)
{
	return 17.625 * celsius / (243.04 + celsius);
}

double
aqi_units_humidity(double temperature, double dew_point)
{
	double exponent = magnus(dew_point) - magnus(temperature);

	return aqi_units_humidity_limit(100 * exp(exponent));
}
