#include "air/units.h"

#include <math.h>

#include "tap.h"

static bool
near(double a, double b, double relative)
{
	return fabs(a - b) <= relative * fabs(b);
}

/* What x of a unit is in another; NaN where they do not convert. */
static double
convert(double x, const char *from, const char *to, double molar_mass,
	double reference_c)
{
	struct aqi_conversion conversion;

	if (!aqi_units_convert(aqi_units_find(aqi_slice_of(from)),
			       aqi_units_find(aqi_slice_of(to)), molar_mass,
			       reference_c, &conversion))
		return NAN;
	return aqi_units_apply(conversion, x);
}

static double
plain(double x, const char *from, const char *to)
{
	return convert(x, from, to, 0, NAN);
}

/*
 * ug/m3 per ppb is M / Vm, Vm = R T / P; worked by hand to six figures from
 * R = 8.314462618, P = 101325 Pa and the molar masses of the header.
 */
static void
test_gases(void)
{
	static const struct {
		const char *name;
		double molar_mass, at_25, at_20, at_0;
	} gases[] = {
		{"O3", AQI_MOLAR_MASS_O3, 1.96183, 1.99529, 2.14139},
		{"NO2", AQI_MOLAR_MASS_NO2, 1.88041, 1.91248, 2.05251},
		{"SO2", AQI_MOLAR_MASS_SO2, 2.61831, 2.66297, 2.85795},
		{"CO", AQI_MOLAR_MASS_CO, 1.14488, 1.16441, 1.24967},
	};

	ok(near(aqi_units_molar_volume(25), 24.4654, 2e-6) &&
	   near(aqi_units_molar_volume(20), 24.0551, 2e-6) &&
	   near(aqi_units_molar_volume(0), 22.4140, 2e-6),
	   "a mole has 24.4654, 24.0551 and 22.4140 litres at 25, 20, 0 C");
	for (size_t i = 0; i < sizeof gases / sizeof *gases; i++) {
		double m = gases[i].molar_mass;

		ok(near(convert(1, "ppb", "ug/m3", m, 25), gases[i].at_25,
			3e-6) &&
		   near(convert(1, "ppb", "ug/m3", m, 20), gases[i].at_20,
			3e-6) &&
		   near(convert(1, "ppb", "ug/m3", m, 0), gases[i].at_0, 3e-6),
		   "1 ppb of %s is its molar mass over the molar volume",
		   gases[i].name);
		ok(near(convert(convert(7, "ug/m3", "ppb", m, 20), "ppb",
				"ug/m3", m, 20), 7, 1e-15),
		   "%s goes to ppb and comes back", gases[i].name);
	}
	ok(near(convert(1, "mg/m3", "ppm", AQI_MOLAR_MASS_CO, 0), 0.800214,
		2e-6),
	   "1 mg/m3 of CO at 0 C is 22.4140 / 28.010 ppm");
	ok(near(convert(800, "ug/m3", "ppm", AQI_MOLAR_MASS_CO, 0),
		0.8 * 22.41397 / 28.010, 1e-6),
	   "ug/m3 of CO become ppm in one step");
	ok(isnan(convert(1, "ppb", "ug/m3", 0, 25)),
	   "particles have no mixing ratio");
	ok(isnan(convert(1, "ppb", "ug/m3", 48, NAN)),
	   "a gas without its reference temperature does not convert");
	ok(convert(5, "ppm", "ppb", 0, NAN) == 5000,
	   "ppm and ppb need no reference");
}

static void
test_others(void)
{
	/* 760 mmHg is one atmosphere, 1013.25 hPa, to seven figures. */
	ok(near(plain(760, "mmHg", "hPa"), 1013.25, 2e-7),
	   "760 mmHg is 1013.25 hPa");
	ok(near(plain(29.9213, "inHg", "hPa"), 1013.25, 2e-6),
	   "29.9213 inHg is 1013.25 hPa");
	ok(plain(101325, "Pa", "hPa") == 1013.25 &&
	   plain(101.325, "kPa", "hPa") == 1013.25,
	   "Pa and kPa become hPa");
	ok(fabs(plain(32, "F", "C")) < 1e-14 &&
	   near(plain(212, "degF", "degC"), 100, 1e-15) &&
	   near(plain(-40, "F", "C"), -40, 1e-15),
	   "water freezes at 32 F and boils at 212 F; -40 is -40");
	ok(plain(273.15, "K", "C") == 0 &&
	   near(plain(0, "C", "F"), 32, 1e-15), "0 C is 273.15 K and 32 F");
	ok(near(plain(36, "km/h", "m/s"), 10, 1e-15) &&
	   near(plain(1, "knots", "m/s"), 0.5144444444, 1e-9) &&
	   near(plain(100, "mph", "m/s"), 44.704, 1e-15),
	   "36 km/h is 10 m/s; a knot 0.5144; 100 mph 44.704");
	ok(isnan(plain(1, "m/s", "hPa")), "a speed is no pressure");
	ok(isnan(convert(1, "C", "ug/m3", AQI_MOLAR_MASS_O3, 25)) &&
	   isnan(convert(1, "ppb", "hPa", AQI_MOLAR_MASS_O3, 25)),
	   "of a gas, a temperature is no mass, and a ratio no pressure");
}

static void
test_texts(void)
{
	static const char *const mass[] = {
		"ug/m3", "UG/M3", " ug/m3 ", "ug/m\u00b3", "\u00b5g/m\u00b3",
		"\u00b5g/m3", "\u03bcg/m\u00b3",
	};
	static const char *const unknown[] = {"", "ug", "m/s2", "ug/m3x", "k/m"};
	struct aqi_conversion conversion;
	const struct aqi_unit *unit, *all;
	size_t n, n_same = 0;

	for (size_t i = 0; i < sizeof mass / sizeof *mass; i++) {
		unit = aqi_units_find(aqi_slice_of(mass[i]));
		ok(unit && unit->dimension == AQI_DIMENSION_MASS &&
		   unit->scale == 1, "spelling %zu of ug/m3 is known", i + 1);
	}
	for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
		ok(!aqi_units_find(aqi_slice_of(unknown[i])),
		   "\"%s\" is no unit", unknown[i]);
	all = aqi_units_all(&n);
	for (size_t i = 0; i < n; i++)
		n_same += aqi_units_find(aqi_slice_of(all[i].text)) ==
				  &all[i] &&
			  aqi_units_convert(&all[i], &all[i], 48, 20,
					    &conversion) &&
			  conversion.is_identity;
	ok(n_same == n, "each unit is found, and converts into itself");
	ok(aqi_units_convert(aqi_units_find(aqi_slice_of("mbar")),
			     aqi_units_find(aqi_slice_of("hPa")), 0, NAN,
			     &conversion) && conversion.is_identity,
	   "mbar to hPa is the identity");
}

static void
test_humidity(void)
{
	/* 100 exp(17.625 * 10 / 253.04 - 17.625 * 20 / 263.04), by hand */
	ok(fabs(aqi_units_humidity(20, 10) - 52.541) < 5e-4,
	   "20 C with a dew point of 10 C is 52.541 %%");
	ok(aqi_units_humidity(5, 5) == 100, "saturated air is at 100 %%");
	ok(aqi_units_humidity(20, 20.2) == 100,
	   "a dew point just above the temperature is 100 %%");
	ok(isnan(aqi_units_humidity(20, 21)),
	   "a dew point 1 C above the temperature is an error");
	ok(isnan(aqi_units_humidity(NAN, 10)) &&
	   isnan(aqi_units_humidity(10, NAN)), "missing gives missing");
	ok(isnan(aqi_units_humidity(-243.04, -243.04)),
	   "the pole of the formula gives no value");
	ok(aqi_units_humidity_limit(100) == 100 &&
	   aqi_units_humidity_limit(102) == 100 &&
	   aqi_units_humidity_limit(99.9) == 99.9 &&
	   isnan(aqi_units_humidity_limit(102.01)) &&
	   isnan(aqi_units_humidity_limit(INFINITY)),
	   "up to 102 is 100, beyond that missing");
}

int
main(void)
{
	test_gases();
	test_others();
	test_texts();
	test_humidity();
	return done();
}
