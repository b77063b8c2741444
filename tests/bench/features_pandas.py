#!/usr/bin/env python3
"""What aqi-features --from beijing-prsa does, as one writes it with pandas.

    tests/bench/features_pandas.py FILE... >OUT

The same records in the same order, values converted and rounded to 4 decimals.
"""
import sys

import numpy
import pandas

# Litres that a mole of gas takes up at 0 C and 1013.25 hPa, and grams a mole:
# lib/air/units.h says where the figures are from.
VOLUME = 8.314462618 * 273.15 / 101325 * 1000
MOLAR_MASS = {"NO2": 46.005, "SO2": 64.058, "CO": 28.010, "O3": 47.997}
INPUTS = ["year", "month", "day", "hour", "PM2.5", "PM10", "NO2", "SO2", "CO",
          "O3", "TEMP", "PRES", "DEWP", "WSPM", "station"]


def magnus(celsius):
    return 17.625 * celsius / (243.04 + celsius)


def base_records(raw):
    time = pandas.to_datetime(raw[["year", "month", "day", "hour"]])
    humidity = 100 * numpy.exp(magnus(raw["DEWP"]) - magnus(raw["TEMP"]))
    humidity = humidity.where(humidity <= 102).clip(upper=100)
    ppb = {gas: raw[gas] * VOLUME / mass for gas, mass in MOLAR_MASS.items()}
    return pandas.DataFrame({
        "station": raw["station"],
        "time": time.dt.strftime("%Y-%m-%dT%H:%M+08:00"),
        "pm25": raw["PM2.5"],
        "pm10": raw["PM10"],
        "no2": ppb["NO2"],
        "so2": ppb["SO2"],
        "co": ppb["CO"] / 1000,
        "o3": ppb["O3"],
        "temperature": raw["TEMP"],
        "humidity": humidity,
        "wind_speed": raw["WSPM"],
        "pressure": raw["PRES"],
        "hour": time.dt.hour,
        "day_of_week": time.dt.day_of_week,
        "month": time.dt.month,
    }).round(4)


def main():
    for i, path in enumerate(sys.argv[1:]):
        raw = pandas.read_csv(path, usecols=INPUTS)
        base_records(raw).to_csv(sys.stdout, index=False, header=i == 0)


main()
