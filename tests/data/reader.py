#!/usr/bin/env python3
"""A second opinion: base records out of the files of AQI_DATA, read slowly.

Nothing here is shared with aqi-features: each data set has a function of its
own, written from the description that stands beside the data and from the
headers of the files. tests/data/compare.py holds the two against each other.

    reader.py FILE            prints the records as CSV, numbers in full
    reader.py --counts FILE   prints how many rows were read, and so on
    reader.py --source FILE   prints the name of the source of a file

Constants. A gas in ug/m3 becomes ppb by V/M: V is the volume of a mole at
1013.25 hPa and the network's reference temperature, R T / p with R of the SI
of 2019; M comes from the abridged atomic weights of IUPAC (C 12.011,
N 14.007, O 15.999, S 32.06). To four digits these are the factors in the
description of the data, which check_factors() compares.

Where the description leaves a choice, this is what was chosen, and why:

 1. A day's value (india_city_day, us_aqs_daily, daily file of seoul) is a
    record at 00:00 of its day, where its average begins, but of no hour.
 2. Stamps are those of an hour's end where the file or its description says
    so (uk_air, bc), where they are of a publication (taiwan), where a day
    has an hour 24:00 (seoul, uk_air), and where a month's file runs from
    01:00 of its first day to 00:00 of the next month (saxony, and the like
    uk_aberdeen). So they are in China: there O3_8h_24h is the largest O3_8h
    since hour 1 of a day, and at hour 0 that of hours 8 to 24 of the day
    before, without an exception in May 2019. Elsewhere they are those of the
    begin. For AirNow there is evidence: the eclipse of 2024-04-08, at its
    fullest in Texas at 18:40 UTC, darkens the hour that is stamped 18:00.
 3. Local time. AirNow's UTC becomes local by the offset in the row. BC's UTC
    becomes that of -08:00; its local column follows daylight saving. In
    saxony and uk_aberdeen no hour of October is there twice: theirs is
    standard time. OpenAQ's column `local` is taken with the offset it has,
    and where there is none the time is UTC. Where nothing says which zone is
    meant there is no offset: us_aqs_daily, us_nowcast_o3, italy_uci,
    andalucia.
 4. Rows of saxony without a time are records of a day. PM10 by the hour is
    PM10_TEOM, and that of a day PM10 or, without it, PM10_HVS.
 5. Wind speed of AirNow: WS (m/s), and RWS (knots) only where a site has no
    WS in that hour, since the one is a mean of speed and the other the
    length of a mean vector, which is less.
 6. Temperature of CPCB: AT alone; Temp mostly is that of the shelter.
    Pressure of CPCB: mmHg from 480 to 780, hPa from 900 to 1085, else
    missing. CO is mg/m3 whatever the header says.
 7. OpenAQ's gases in ug/m3 are at 20 C: those here are European.
 8. Nothing is cleaned: negative values, caps and values of broken sensors
    stay, but for relative humidity, which is 100 up to 102 and missing
    above. The re-saved Italian file has 0 for what was -200 in CO and NO2,
    where the original never has 0; there it is missing.
 9. Where rows are merged, a record is made of values. A station and hour
    without a row, or a cell, of one of the record's quantities makes none.
    In a table with a column a station each cell is a row that was read.
10. A record of a low-cost sensor has the time of its reading, seconds too.
11. The station is a code where there is one (AirNow, Taiwan, AQS, sensors,
    us_nowcast_o3), else a name, else the name of the file.
12. The madavi log has two fields more in its rows than in its header; those
    of the header's places are taken.
"""

import csv
import io
import json
import lzma
import os
import re
import sys
from datetime import datetime, timedelta

MEASURED = ["pm25", "pm10", "no2", "so2", "co", "o3",
            "temperature", "humidity", "wind_speed", "pressure"]
COLUMNS = ["station", "time"] + MEASURED + ["hour", "day_of_week", "month"]

R = 8.31446261815324            # J/(mol K)
MOLAR_MASS = {"so2": 32.06 + 2 * 15.999, "no2": 14.007 + 2 * 15.999,
              "o3": 3 * 15.999, "co": 12.011 + 15.999}
HPA_OF_MMHG = 1.33322387415
MS_OF_KNOT = 1852 / 3600


def mole_volume(celsius):
    """Litres of a mole of gas at 1013.25 hPa."""
    return R * (273.15 + celsius) / 101.325


def ppb(gas, ugm3, celsius):
    return None if ugm3 is None else (
        ugm3 * mole_volume(celsius) / MOLAR_MASS[gas])


def ppm_of_mg(gas, mgm3, celsius):
    """mg/m3 is to ppm what ug/m3 is to ppb."""
    return ppb(gas, mgm3, celsius)


def times(value, factor):
    return None if value is None else value * factor


def humidity(percent):
    if percent is None or percent > 102:
        return None
    return min(percent, 100.0)


def humidity_of(temperature, dew_point):
    """Magnus form, as in the description of the data."""
    if temperature is None or dew_point is None:
        return None
    from math import exp
    def magnus(t):
        return 17.625 * t / (243.04 + t)
    return min(100.0, 100 * exp(magnus(dew_point) - magnus(temperature)))


def check_factors():
    """The factors that the description prints, at 0, 20 and 25 C."""
    printed = {"so2": (0.3499, 0.3755, 0.3819), "no2": (0.4872, 0.5229, 0.5318),
               "o3": (0.4670, 0.5012, 0.5097), "co": (0.8002, 0.8588, 0.8734)}
    for gas, factors in printed.items():
        for celsius, factor in zip((0, 20, 25), factors):
            ours = ppb(gas, 1.0, celsius)
            # 0.87345 and 0.50118 are printed to one unit of the last digit.
            assert abs(ours - factor) < 0.0001, (gas, celsius, ours, factor)


class Found:
    """What a file holds: its records, and what became of its rows.

    Of large files a sample will do: one record of `every`, of which `first`
    is the first. All of them are counted.
    """

    def __init__(self, every=1, first=0):
        self.every, self.first = every, first
        self.records = []       # what add() was given
        self.read = 0           # rows of data
        self.refused = 0        # rows that are none: no time, cut off
        self.merged = 0         # rows that went into the record of another
        self.written = 0        # records, in the sample or not

    def wants(self):
        """Count a record; is it of the sample?"""
        self.written += 1
        return (self.written - 1) % self.every == self.first

    def add(self, station, begin, offset, is_day=False, **values):
        self.records.append((station, begin, offset, is_day, values))


def row_of(record):
    """A record as a list of texts, in the order of COLUMNS."""
    station, begin, offset, is_day, values = record
    form = "seconds" if begin.second else "minutes"
    row = [station, begin.isoformat(timespec=form) + offset]
    for field in MEASURED:
        value = values.get(field)
        row.append("" if value is None else repr(value))
    return row + ["" if is_day else str(begin.hour), str(begin.weekday()),
                  str(begin.month)]


# Reading -------------------------------------------------------------------

def text(path, encoding="utf-8-sig"):
    if path.endswith(".xz"):
        return lzma.open(path, "rt", encoding=encoding, newline="")
    return open(path, "rt", encoding=encoding, newline="")


def stem(path):
    return os.path.basename(path).split(".csv")[0]


def rows(path, delimiter=","):
    """Rows as dictionaries of the names in the header."""
    lines = csv.reader(text(path), delimiter=delimiter)
    header = next(lines)
    for line in lines:
        if line:
            yield dict(zip(header, line))


def number(cell, missing=()):
    """None where there is no value; a text that is no number is a fault."""
    cell = cell.strip()
    if cell == "" or cell in missing:
        return None
    return float(cell)


def at(form, cell):
    # The one that is read in hundreds of thousands, in a tenth of the time.
    if form == "%Y-%m-%d %H:%M:%S" and len(cell) == 19:
        return datetime.fromisoformat(cell)
    return datetime.strptime(cell, form)


HOUR = timedelta(hours=1)


def offset_of(hours):
    minutes = round(float(hours) * 60)
    sign = "-" if minutes < 0 else "+"
    return "%s%02d:%02d" % (sign, abs(minutes) // 60, abs(minutes) % 60)


# The data sets -------------------------------------------------------------

def beijing(path, found):
    for row in rows(path):
        found.read += 1
        if not found.wants():
            continue
        def get(name):
            return number(row[name], ("NA",))
        celsius = 0             # all of it is from before September 2018
        found.add(row["station"],
                  datetime(int(row["year"]), int(row["month"]),
                           int(row["day"]), int(row["hour"])), "+08:00",
                  pm25=get("PM2.5"), pm10=get("PM10"),
                  no2=ppb("no2", get("NO2"), celsius),
                  so2=ppb("so2", get("SO2"), celsius),
                  o3=ppb("o3", get("O3"), celsius),
                  co=ppm_of_mg("co", times(get("CO"), 0.001), celsius),
                  temperature=get("TEMP"), wind_speed=get("WSPM"),
                  humidity=humidity_of(get("TEMP"), get("DEWP")),
                  pressure=get("PRES"))


def cpcb_pressure(value):
    if value is None:
        return None
    if 480 <= value <= 780:
        return value * HPA_OF_MMHG
    return value if 900 <= value <= 1085 else None


def cpcb(path, found):
    column_of, station = {}, stem(path)
    for row in rows(path):
        found.read += 1
        if not found.wants():
            continue
        if not column_of:
            for column in row:
                column_of.setdefault(column.split(" (")[0], column)
        def get(name):
            """The column of that name before its unit in parentheses."""
            return number(row.get(column_of.get(name), ""))
        found.add(station, at("%Y-%m-%d %H:%M:%S", row["From Date"]),
                  "+05:30",
                  pm25=get("PM2.5"), pm10=get("PM10"),
                  no2=ppb("no2", get("NO2"), 25),
                  so2=ppb("so2", get("SO2"), 25),
                  o3=ppb("o3", get("Ozone"), 25),
                  co=ppm_of_mg("co", get("CO"), 25),
                  temperature=get("AT"), humidity=humidity(get("RH")),
                  wind_speed=get("WS"), pressure=cpcb_pressure(get("BP")))


def india_city_day(path, found):
    for row in rows(path):
        found.read += 1
        if not found.wants():
            continue
        def get(name):
            return number(row[name])
        found.add(row["City"], at("%Y-%m-%d", row["Date"]), "+05:30",
                  is_day=True,
                  pm25=get("PM2.5"), pm10=get("PM10"),
                  no2=ppb("no2", get("NO2"), 25),
                  so2=ppb("so2", get("SO2"), 25),
                  o3=ppb("o3", get("O3"), 25),
                  co=ppm_of_mg("co", get("CO"), 25))


def taiwan(path, found):
    for line in text(path):
        row = json.loads(line)
        found.read += 1
        if not found.wants():
            continue
        def get(name):
            return number(row[name], ("-",))
        end = at("%Y/%m/%d %H:%M:%S", row["publish_time"])
        found.add(row["site_id"], end - HOUR, "+08:00",
                  pm25=get("pm2_5"), pm10=get("pm10"), no2=get("no2"),
                  so2=get("so2"), o3=get("o3"), co=get("co"),
                  wind_speed=get("wind_speed"))


def airnow_obs(path, found):
    """HourlyAQObs: a row a site and hour. Units are PPB, PPM and UG/M3."""
    for row in rows(path):
        found.read += 1
        if not found.wants():
            continue
        def get(name, unit):
            value = number(row[name])
            assert value is None or row[name + "_Unit"] == unit
            return value
        utc = at("%m/%d/%Y %H:%M", row["ValidDate"] + " " + row["ValidTime"])
        found.add(row["AQSID"],
                  utc + timedelta(hours=float(row["GMTOffset"])),
                  offset_of(row["GMTOffset"]),
                  pm25=get("PM25", "UG/M3"), pm10=get("PM10", "UG/M3"),
                  no2=get("NO2", "PPB"), so2=get("SO2", "PPB"),
                  o3=get("OZONE", "PPB"), co=get("CO", "PPM"))


def airnow_data(path, found):
    """HourlyData: a row a site, hour and quantity, without a header."""
    groups = {}
    known = {"PM2.5", "PM10", "NO2", "SO2", "OZONE", "CO", "TEMP", "RHUM",
             "WS", "RWS", "BARPR"}
    for line in text(path, "iso-8859-1"):
        date, time, site, _, offset, what, unit, value, _ = (
            line.rstrip("\r\n").split("|"))
        found.read += 1
        if what not in known:
            continue
        group = groups.setdefault((site, date, time, offset), {})
        assert what not in group
        group[what] = (number(value), unit)
    for (site, date, time, offset), group in groups.items():
        if not found.wants():
            continue
        def get(name, unit, default=None):
            value, its_unit = group.get(name, (default, unit))
            assert its_unit == unit
            return value
        utc = at("%m/%d/%y %H:%M", date + " " + time)
        found.add(site, utc + timedelta(hours=float(offset)),
                  offset_of(offset),
                  pm25=get("PM2.5", "UG/M3"), pm10=get("PM10", "UG/M3"),
                  no2=get("NO2", "PPB"), so2=get("SO2", "PPB"),
                  o3=get("OZONE", "PPB"), co=get("CO", "PPM"),
                  temperature=get("TEMP", "C"),
                  humidity=humidity(get("RHUM", "PERCENT")),
                  wind_speed=get("WS", "M/S",
                                 times(get("RWS", "KNOTS"), MS_OF_KNOT)),
                  pressure=get("BARPR", "MILLIBAR"))
    found.merged = found.read - found.written


def uci_italy(path, found):
    """The original, and what a spreadsheet saved of it."""
    resaved = "resaved" in path
    for row in rows(path, delimiter="," if resaved else ";"):
        if not any(row.values()):
            continue
        found.read += 1
        if not found.wants():
            continue
        def get(name):
            value = number(row[name].replace(",", "."))
            return None if value == -200 else value
        def gas(name):
            value = get(name)
            return None if resaved and value == 0 else value
        begin = at("%d/%m/%Y %H:%M:%S",
                   row["Date"] + " " + row["Time"].replace(".", ":"))
        found.add(stem(path), begin, "",
                  no2=ppb("no2", gas("NO2(GT)"), 20),
                  co=ppm_of_mg("co", gas("CO(GT)"), 20),
                  temperature=get("T"), humidity=humidity(get("RH")))


AQS_FIELD = {"Daily Mean PM2.5 Concentration": ("pm25", "ug/m3 LC", 1),
             "Daily Max 8-hour CO Concentration": ("co", "ppm", 1),
             "Daily Max 1-hour NO2 Concentration": ("no2", "ppb", 1),
             "Daily Max 8-hour Ozone Concentration": ("o3", "ppm", 1000),
             "Daily Max 1-hour SO2 Concentration": ("so2", "ppb", 1)}


def us_aqs(path, found):
    for row in rows(path):
        found.read += 1
        if not found.wants():
            continue
        for column, (field, unit, factor) in AQS_FIELD.items():
            if column in row:
                assert unit == row.get("UNITS", row.get("Units"))
                values = {field: times(number(row[column]), factor)}
        found.add(row["Site ID"], at("%m/%d/%Y", row["Date"]), "",
                  is_day=True, **values)


def hour_ended(date, time):
    """Begin of the hour that ended on a day at a time up to 24:00."""
    return date + timedelta(hours=int(time.split(":")[0])) - HOUR


def uk_air(path, found):
    lines = text(path).read().splitlines()
    start = [i for i, line in enumerate(lines) if line.startswith("Date,")][0]
    form = "%Y-%m-%d" if "dundee" in path else "%d/%m/%Y"
    header = lines[start].replace('"', "").split(",")
    for line in csv.reader(lines[start + 1:]):
        if not line or line == ["End"]:
            continue
        found.read += 1
        if not found.wants():
            continue
        def get(name):
            if name not in header:
                return None
            return number(line[header.index(name)], ("No data",))
        found.add(stem(path), hour_ended(at(form, line[0]), line[1]), "+00:00",
                  pm25=get("PM2.5 particulate matter (Hourly measured)"),
                  pm10=get("PM10 particulate matter (Hourly measured)"),
                  no2=ppb("no2", get("Nitrogen dioxide"), 20),
                  temperature=get("Modelled Temperature"),
                  wind_speed=get("Modelled Wind Speed"))


def uk_aberdeen(path, found):
    for row in rows(path, delimiter=";"):
        found.read += 1
        if not found.wants():
            continue
        def get(name):
            return number(row.get(name, ""))
        found.add(stem(path),
                  at("%Y-%m-%d %H:%M:%S", row["DateTime"]) - HOUR, "+00:00",
                  pm25=get("PM2.5"), pm10=get("PM10"),
                  no2=ppb("no2", get("Nitrogen Dioxide"), 20),
                  o3=ppb("o3", get("Ozone"), 20))


def seoul(path, found):
    """Columns by place: the one that is headed CO2 is NO2."""
    lines = csv.reader(text(path))
    next(lines)
    for _, time, pm25, pm10, o3, no2, co, so2 in lines:
        found.read += 1
        if not found.wants():
            continue
        def get(cell):
            return number(cell, ("-",))
        day, hour = time.split(" ")
        found.add(stem(path), hour_ended(at("%Y-%m-%d", day), hour), "+09:00",
                  pm25=get(pm25), pm10=get(pm10), co=get(co),
                  o3=times(get(o3), 1000), no2=times(get(no2), 1000),
                  so2=times(get(so2), 1000))


def seoul_daily(path, found):
    lines = csv.reader(text(path, "cp949"))
    next(lines)
    for date, station, no2, o3, co, so2, pm10, pm25 in lines:
        found.read += 1
        if not found.wants():
            continue
        found.add(station, at("%Y%m%d", date), "+09:00", is_day=True,
                  pm25=number(pm25), pm10=number(pm10), co=number(co),
                  o3=times(number(o3), 1000), no2=times(number(no2), 1000),
                  so2=times(number(so2), 1000))


def saxony(path, found):
    lines = rows(path)
    next(lines)                 # the units
    for row in lines:
        found.read += 1
        if not found.wants():
            continue
        def get(name):
            return number(row.get(name, ""))
        day = at("%Y-%m-%d", row["Datum"])
        is_day = row["Zeit"] == ""
        if is_day:
            begin = day
            pm10 = get("PM10") if get("PM10") is not None else get("PM10_HVS")
        else:
            begin = hour_ended(day, row["Zeit"])
            pm10 = get("PM10_TEOM")
        found.add(stem(path), begin, "+01:00", is_day=is_day,
                  pm25=get("PM2.5"), pm10=pm10,
                  no2=ppb("no2", get("NO2"), 20),
                  so2=ppb("so2", get("SO2"), 20),
                  o3=ppb("o3", get("O3"), 20))


def andalucia(path, found):
    """Blanks behind each text, and names in the header between '."""
    lines = text(path, "iso-8859-1").read().splitlines()
    header = [name.strip("'") for name in lines[0].split(";")]
    for line in lines[1:]:
        found.read += 1
        if not found.wants():
            continue
        row = dict(zip(header, (cell.strip() for cell in line.split(";"))))
        def get(name):
            return number(row[name])
        begin = at("%Y/%m/%d %H:%M", row["F_FECHA"][:11] + row["D_HORA"])
        found.add(row["D_ESTACION"], begin, "",
                  pm25=get("PM25"), pm10=get("PM10"),
                  no2=ppb("no2", get("NO2"), 20),
                  so2=ppb("so2", get("SO2"), 20),
                  o3=ppb("o3", get("O3"), 20))


def sensor_community(path, found):
    for row in rows(path, delimiter=";"):
        found.read += 1
        if not found.wants():
            continue
        if "SDS_P1" in row:     # a log of madavi.de
            found.add(stem(path), at("%Y/%m/%d %H:%M:%S", row["Time"]),
                      "+00:00", pm10=number(row["SDS_P1"]),
                      pm25=number(row["SDS_P2"]))
        else:
            found.add(row["sensor_id"],
                      at("%Y-%m-%dT%H:%M:%S", row["timestamp"]), "+00:00",
                      pm10=number(row["P1"]), pm25=number(row["P2"]))


def openair(path, found):
    for row in rows(path):
        found.read += 1
        if not found.wants():
            continue
        def get(name):
            return number(row[name], ("NA",))
        found.add(stem(path), at("%Y-%m-%d %H:%M:%S", row["date"]), "+00:00",
                  pm25=get("pm25"), pm10=get("pm10"), no2=get("no2"),
                  so2=get("so2"), co=get("co"), o3=get("o3"),
                  wind_speed=get("ws"))


def bc(path, found):
    for row in rows(path):
        found.read += 1
        if not found.wants():
            continue
        def get(name):
            return number(row[name + "_1hr"])
        end = at("%Y-%m-%dT%H:%M:%SZ", row["date_utc"]) - 8 * HOUR
        found.add(stem(path), end - HOUR, "-08:00",
                  pm25=get("pm25"), pm10=get("pm10"), no2=get("no2"),
                  so2=get("so2"), o3=get("o3"), temperature=get("temp"),
                  humidity=humidity(get("rh")), wind_speed=get("ws"))


def us_nowcast(path, found):
    for row in rows(path):
        found.read += 1
        if not found.wants():
            continue
        found.add(row["DataStreamID"], at("%Y-%m-%d %H:%M:%S", row["LST"]), "",
                  o3=number(row["Value"], ("NULL",)))


OPENAQ = ["location", "city", "country", "utc", "local", "parameter",
          "value", "unit", "latitude", "longitude", "attribution"]


def openaq_rows(path):
    if path.endswith(".json.xz"):
        for thing in json.load(text(path)):
            yield dict(thing, local=thing["date"]["local"],
                       value=str(thing["value"]))
    elif "kabul" in path:       # no header
        for line in csv.reader(text(path)):
            yield dict(zip(OPENAQ, line))
    else:
        yield from rows(path)


def openaq_value(field, value, unit):
    if field in ("pm25", "pm10"):
        assert unit == "µg/m³"
        return value
    if unit == "ppm":
        return value if field == "co" else value * 1000
    assert unit == "µg/m³"
    return ppb(field, value * 0.001 if field == "co" else value, 20)


def openaq(path, found):
    groups = {}
    for row in openaq_rows(path):
        found.read += 1
        time = row["local"] if "local" in row else row["date.utc"]
        group = groups.setdefault((row["location"].strip(), time), {})
        field = row["parameter"]
        assert field not in group and field in MEASURED
        group[field] = openaq_value(field, number(row["value"]), row["unit"])
    for (location, time), group in groups.items():
        if not found.wants():
            continue
        begin = at("%Y-%m-%d %H:%M:%S", time[:19].replace("T", " "))
        found.add(location, begin, time[-6:], **group)
    found.merged = found.read - found.written


def china(path, found):
    """Fifteen rows an hour, a column a station; a record a station-hour."""
    lines = csv.reader(text(path))
    header = next(lines)
    hours = {}
    for line in lines:
        if len(line) != len(header):
            found.read += 1
            found.refused += 1
            continue
        found.read += len(line) - 3
        hours.setdefault((line[0], line[1]), {})[line[2]] = line[3:]
    for (date, hour), types in hours.items():
        begin = at("%Y%m%d", date) + int(hour) * HOUR - HOUR
        six = [types.get(name) for name in
               ("PM2.5", "PM10", "NO2", "SO2", "O3", "CO")]
        for i, station in enumerate(header[3:]):
            cells = [column[i] if column else "" for column in six]
            if not any(cells) or not found.wants():
                continue
            pm25, pm10, no2, so2, o3, co = map(number, cells)
            found.add(station, begin, "+08:00", pm25=pm25, pm10=pm10,
                      no2=ppb("no2", no2, 25), so2=ppb("so2", so2, 25),
                      o3=ppb("o3", o3, 25), co=ppm_of_mg("co", co, 25))
    found.merged = found.read - found.refused - found.written


# A file is read by the first row whose expression is in its path.
SOURCES = [
    (r"beijing_prsa/PRSA_.*\.csv", "beijing-prsa", beijing),
    (r"india_cpcb/[A-Z]{2}\d{3}\.csv", "cpcb", cpcb),
    (r"india_city_day/", "india-city-day", india_city_day),
    (r"taiwan_moenv/", "taiwan-moenv", taiwan),
    (r"airnow_2024/.*HourlyAQObs_", "airnow", airnow_obs),
    (r"airnow_2024/.*HourlyData_", "airnow-hourly", airnow_data),
    (r"italy_uci/.*_resaved", "uci-italy-resaved", uci_italy),
    (r"italy_uci/", "uci-italy", uci_italy),
    (r"us_aqs_daily/", "us-aqs", us_aqs),
    (r"uk_air/", "uk-air", uk_air),
    (r"uk_aberdeen/", "uk-aberdeen", uk_aberdeen),
    (r"seoul/seoul-air", "seoul", seoul),
    (r"seoul/daily_", "seoul-daily", seoul_daily),
    (r"saxony/", "saxony", saxony),
    (r"andalucia/", "andalucia", andalucia),
    (r"sensor_community/data-esp", "sensor-madavi", sensor_community),
    (r"sensor_community/", "sensor-community", sensor_community),
    (r"london_marylebone/", "openair", openair),
    (r"bc_0450307/", "bc", bc),
    (r"us_nowcast_o3/", "us-nowcast-o3", us_nowcast),
    (r"openaq_csv/.*kabul", "openaq-no-header", openaq),
    (r"openaq_csv/", "openaq", openaq),
    (r"china_cnemc_2019/.*china_sites", "china-cnemc", china),
]


def source_of(path):
    for expression, name, reader in SOURCES:
        if re.search(expression, path):
            return name, reader
    sys.exit("reader.py: %s is of no data set known here" % path)


def read(path, every=1, first=0):
    found = Found(every, first)
    source_of(path)[1](path, found)
    return found


def main():
    path = sys.argv[-1]
    if "--source" in sys.argv[:-1]:
        print(source_of(path)[0])
        return
    check_factors()
    found = read(path)
    if "--counts" in sys.argv[:-1]:
        print("read %d written %d refused %d merged %d" % (
            found.read, found.written, found.refused, found.merged))
        return
    out = csv.writer(io.TextIOWrapper(sys.stdout.buffer, "utf-8", newline=""),
                     lineterminator="\n")
    out.writerow(COLUMNS)
    out.writerows(map(row_of, found.records))


if __name__ == "__main__":
    main()
