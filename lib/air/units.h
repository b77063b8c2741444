/*
 * units.h: from the units of a source to those of the base record.
 *
 * A conversion is looked up once, by the texts of two units, and is then one
 * multiplication and one addition per value. Everything here is constant or in
 * the caller's hands, so any thread may call it.
 */
#ifndef AQI_AIR_UNITS_H
#define AQI_AIR_UNITS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

/* What is measured; units of one kind convert, and of a gas the first two. */
enum aqi_dimension {
	AQI_DIMENSION_MASS,		/* per volume of air; base ug/m3 */
	AQI_DIMENSION_MIXING,		/* parts by volume; base ppb */
	AQI_DIMENSION_TEMPERATURE,	/* base C */
	AQI_DIMENSION_RELATIVE,		/* base % */
	AQI_DIMENSION_SPEED,		/* base m/s */
	AQI_DIMENSION_PRESSURE		/* base hPa */
};

/* A unit: base = value * scale + offset. */
struct aqi_unit {
	const char *text;
	enum aqi_dimension dimension;
	double scale, offset;
};

/* y = x * scale + offset; when identity is set, y is x, to the bit. */
struct aqi_conversion {
	double scale, offset;
	bool is_identity;
};

/*
 * Molar masses in g/mol: sums of the standard atomic weights O 15.999,
 * N 14.007, S 32.06, C 12.011 (IUPAC 2021, abridged to five figures).
 */
#define AQI_MOLAR_MASS_O3 47.997
#define AQI_MOLAR_MASS_NO2 46.005
#define AQI_MOLAR_MASS_SO2 64.058
#define AQI_MOLAR_MASS_CO 28.010

/*
 * The unit of that text, blanks around it and case left out, in any of the
 * spellings that are met: "ug/m3", "µg/m³", "degree C". NULL when unknown.
 */
const struct aqi_unit *aqi_units_find(struct aqi_slice text);

/* All of them, in order of their dimension; *n, out, is their count. */
const struct aqi_unit *aqi_units_all(size_t *n);

/*
 * Litres per mole of an ideal gas, R T / P, at reference_c (C) and 1013.25
 * hPa, R = 8.314462618 J/(mol K) (CODATA 2018, exact to its ten figures):
 * 24.4654 at 25 C, 24.0551 at 20 C, 22.4140 at 0 C.
 */
double aqi_units_molar_volume(double reference_c);

/*
 * Resolve a conversion. Between mass and mixing ratio, ug/m3 = ppb * M / Vm
 * and mg/m3 = ppm * M / Vm, which needs
 *
 * molar_mass   M in g/mol; 0 for what is no gas and does not convert
 * reference_c  the temperature in C that the source states its mass at; NaN
 *              when it is not known, and then the two do not convert
 *
 * False when one does not convert into the other. Offset scales (C, F, K) are
 * temperatures, not differences.
 */
bool aqi_units_convert(const struct aqi_unit *from, const struct aqi_unit *to,
		       double molar_mass, double reference_c,
		       struct aqi_conversion *conversion);

static inline double
aqi_units_apply(struct aqi_conversion conversion, double x)
{
	return x * conversion.scale + conversion.offset;
}

/*
 * Relative humidity in % over liquid water, from air temperature and dew point
 * in C: 100 exp(a Td / (b + Td) - a T / (b + T)) with a = 17.625, b = 243.04 C
 * (Alduchov and Eskridge, Journal of Applied Meteorology 35, 1996, eq. 25).
 * T = 20, Td = 10 gives 52.541. Limited as by aqi_units_humidity_limit.
 */
double aqi_units_humidity(double temperature, double dew_point);

/*
 * Up to 102 % is rounding at saturation and becomes 100; what is above, and
 * NaN, is NaN: an error of the source.
 */
double aqi_units_humidity_limit(double humidity);

#endif
