#!/usr/bin/env python3
"""Make the bundle `production`: the US EPA index of the next 24 hours.

    train.py cv     --data FILE...   compare the settings in SETTINGS
    train.py report --data FILE...   fit on the past, judge on the test year
    train.py ship   --data FILE... --sources FILE.csv.xz...
                                     report, refit on all rows, write
                                     model.json and manifest.json

FILE is what `aqi-features --from beijing-prsa` prints: CSV with station,
time and the 13 fields of the base record (`-` is standard input). Needs
numpy and xgboost. The same files, seed, XGBoost version and number of
threads give the same model, byte for byte.

The table of the index is EPA-454/B-24-002 (May 2024), Table 6; the data are
UCI "Beijing Multi-Site Air Quality" (S. Chen 2017, doi:10.24432/C5RK5G).
"""
import argparse
import csv
import functools
import hashlib
import json
import lzma
import os
import sys
from datetime import datetime, timedelta

import numpy as np
import xgboost

INPUTS = (  # (name, unit) as in models/schemas, in the record's order
    ("pm25", "ug/m3"), ("pm10", "ug/m3"), ("no2", "ppb"), ("so2", "ppb"),
    ("co", "ppm"), ("o3", "ppb"), ("temperature", "C"),
    ("humidity", "%"), ("wind_speed", "m/s"), ("pressure", "hPa"),
    ("hour", "1"), ("day_of_week", "1"), ("month", "1"),
)
NAMES = tuple(name for name, _ in INPUTS)
MIN_INPUTS = 8

# Breakpoints of the US EPA AQI, revision 2024 (EPA-454/B-24-002, Table 6), as
# (c_low, c_high, i_low, i_high); concentrations are integers in STEPS, the
# size of one truncated step in 1e-4 of the record's unit. The 1 h and 24 h
# rows for ozone and sulphur dioxide are not used: the last row extends.
SCALE = 10_000
STEPS = {"pm25": 1000, "pm10": 10_000, "o3": 10_000, "co": 1000,
         "so2": 10_000, "no2": 10_000}
TABLES = {
    "pm25": ((0, 90, 0, 50), (91, 354, 51, 100), (355, 554, 101, 150),
             (555, 1254, 151, 200), (1255, 2254, 201, 300),
             (2255, 3254, 301, 500)),
    "pm10": ((0, 54, 0, 50), (55, 154, 51, 100), (155, 254, 101, 150),
             (255, 354, 151, 200), (355, 424, 201, 300),
             (425, 604, 301, 500)),
    "o3": ((0, 54, 0, 50), (55, 70, 51, 100), (71, 85, 101, 150),
           (86, 105, 151, 200), (106, 200, 201, 300)),
    "co": ((0, 44, 0, 50), (45, 94, 51, 100), (95, 124, 101, 150),
           (125, 154, 151, 200), (155, 304, 201, 300), (305, 504, 301, 500)),
    "so2": ((0, 35, 0, 50), (36, 75, 51, 100), (76, 185, 101, 150),
            (186, 304, 151, 200)),
    "no2": ((0, 53, 0, 50), (54, 100, 51, 100), (101, 360, 101, 150),
            (361, 649, 151, 200), (650, 1249, 201, 300),
            (1250, 2049, 301, 500)),
}
REQUIRED = ("pm25", "pm10", "o3")  # without these there is no index
NONE = -1  # a missing integer: concentration or index


# --- The index ------------------------------------------------------------

def sub_index(pollutant, c):
    """Sub-index of truncated concentrations.

    c  (n,) int64, in steps of STEPS[pollutant]; NONE where missing
    -> (n,) int64, rounded half up; NONE where c is
    """
    table = TABLES[pollutant]
    row = np.searchsorted([r[0] for r in table], c, side="right") - 1
    cl, ch, il, ih = np.array(table, dtype=np.int64)[np.maximum(row, 0)].T
    index = (2 * (ih - il) * (c - cl) + (ch - cl)) // (2 * (ch - cl)) + il
    return np.where(c < 0, NONE, index)


def overall(sub):
    """Largest sub-index; NONE unless each of REQUIRED is there.

    sub  {pollutant: (n,) int64}  -> (n,) int64
    """
    index = np.max(list(sub.values()), axis=0)
    for pollutant in REQUIRED:
        index = np.where(sub[pollutant] < 0, NONE, index)
    return index


def trailing_mean(v, hours, least, step):
    """Truncated mean of the `hours` values up to and including each one.

    v  (n,) int64, in 1e-4 of the unit; NONE where missing. Fewer than
    `least` values in a window: NONE.  -> (n,) int64, in steps
    """
    there = v >= 0
    total = np.concatenate(([0], np.cumsum(np.where(there, v, 0))))
    count = np.concatenate(([0], np.cumsum(there)))
    end = np.arange(1, len(v) + 1)
    begin = np.maximum(end - hours, 0)
    total = total[end] - total[begin]
    count = count[end] - count[begin]
    return np.where(count >= least,
                    total // (np.maximum(count, 1) * step), NONE)


def trailing_max(c, hours):
    """Largest of the `hours` values up to and including each one."""
    padded = np.concatenate((np.full(hours - 1, NONE, dtype=c.dtype), c))
    return np.lib.stride_tricks.sliding_window_view(padded, hours).max(axis=1)


def index_24h(v):
    """US EPA index of the trailing 24 hours, the current one included.

    24 h means of PM, the largest of the 17 means over 8 h that lie inside
    (O3, CO), the largest hour (SO2, NO2); a mean needs 75 % of its hours.

    v  {pollutant: (n,) int64}, consecutive hours  -> (n,) int64
    """
    c = {}
    for p in ("pm25", "pm10"):
        c[p] = trailing_mean(v[p], 24, 18, STEPS[p])
    for p in ("o3", "co"):
        c[p] = trailing_max(trailing_mean(v[p], 8, 6, STEPS[p]), 17)
    for p in ("so2", "no2"):
        c[p] = trailing_max(np.where(v[p] < 0, NONE, v[p] // STEPS[p]), 24)
    return overall({p: sub_index(p, c[p]) for p in c})


def index_hourly(v):
    """The same tables on the 1 h values: a feature, not an official index."""
    return overall({p: sub_index(p, np.where(v[p] < 0, NONE, v[p] // STEPS[p]))
                    for p in TABLES})


# --- Reading --------------------------------------------------------------

def hour_number(text):
    """Hours since 1970-01-01 00:00 of an ISO 8601 time, as its clock shows.

    The offset is left out: the toolkit's `time` is local standard time.
    """
    t = datetime.fromisoformat(text).replace(tzinfo=None)
    return (t - datetime(1970, 1, 1)) // timedelta(hours=1)


def read_records(files):
    """Read CSV files as aqi-features prints them.

    files  open text files; columns station, time and NAMES by name, more
           are ignored; an empty cell is missing
    -> stations (n,) str, hours (n,) int64, x (n, 13) float64 with NaN
    """
    stations, hours, cells = [], [], []
    number = functools.cache(hour_number)
    for file in files:
        reader = csv.reader(file)
        header = next(reader)
        at = [header.index(name) for name in NAMES]
        station, time = header.index("station"), header.index("time")
        for row in reader:
            if row == header:  # of the next file, in joined input
                continue
            stations.append(row[station])
            hours.append(number(row[time]))
            cells.append([row[i] or "nan" for i in at])
    return (np.array(stations), np.array(hours, dtype=np.int64),
            np.array(cells, dtype=np.float64))


def scaled(x):
    """Exact integers of 1e-4; NONE for NaN and for negative values.

    The records carry at most four decimals, so nothing is lost.
    """
    v = np.rint(np.nan_to_num(x, nan=NONE) * SCALE).astype(np.int64)
    return np.where(v < 0, NONE, v)


class Data:
    """Rows of all stations with their target and reference forecasts.

    station (n,) str; hour (n,) int64; x (n, 13) float64
    y       (n,) float64: index of hours t+1 .. t+24; NaN where there is none
    hourly, trailing (n,) float64: the index of hour t, of hours t-23 .. t
    """

    def __init__(self, station, hour, x):
        self.station, self.hour, self.x = station, hour, x
        self.y, self.hourly, self.trailing = np.full((3, len(x)), np.nan)
        for name in np.unique(station):
            self._index(np.flatnonzero(station == name))

    def _index(self, rows):
        """Fill in the indices of one station, on a grid without gaps."""
        first = self.hour[rows].min()
        at = self.hour[rows] - first
        if len(np.unique(at)) != len(at):
            raise ValueError(f"{self.station[rows[0]]}: an hour is doubled")
        v = {}
        for p in TABLES:  # 24 empty hours at the end, for the last targets
            v[p] = np.full(at.max() + 25, NONE, dtype=np.int64)
            v[p][at] = scaled(self.x[rows, NAMES.index(p)])
        day, hourly = index_24h(v), index_hourly(v)
        for out, index in ((self.y, day[at + 24]), (self.trailing, day[at]),
                           (self.hourly, hourly[at])):
            out[rows] = np.where(index < 0, np.nan, index)


# --- Settings -------------------------------------------------------------

SEED = 20150301
THREADS = 2

# What every setting starts from; SETTINGS tells what each changes.
#   objective .. max_bin  XGBoost's own parameters
#   rounds      boosting rounds, of num_parallel_tree trees each
#   transform   of the target: "none", or "square" (fit its square root,
#               predict the square of the margin)
#   hidden      inputs that are constant in training, so never split on
#   mask        share of training rows that lose each pollutant with
#               probability one half
BASE = {
    "objective": "reg:absoluteerror", "tree_method": "hist", "eta": 0.1,
    "max_depth": 6, "min_child_weight": 300, "subsample": 0.3,
    "colsample_bynode": 0.5, "num_parallel_tree": 1, "max_bin": 128,
    "rounds": 120, "transform": "square",
    "hidden": ["day_of_week", "month"], "mask": 0.0,
}
BAG = {"num_parallel_tree": 4, "rounds": 80}
SETTINGS = {
    "plain": {"objective": "reg:squarederror", "transform": "none",
              "hidden": [], "min_child_weight": 1, "subsample": 1,
              "colsample_bynode": 1},
    "squared-error": {"objective": "reg:squarederror", "transform": "none",
                      "hidden": []},
    "squared-error-sqrt": {"objective": "reg:squarederror", "hidden": []},
    "all-inputs": {"hidden": []},
    "no-day": {"hidden": ["day_of_week"]},
    "no-day-month": {},
    "no-day-month-hour": {"hidden": ["day_of_week", "month", "hour"]},
    "no-day-month-pressure": {"hidden": ["day_of_week", "month", "pressure"]},
    "no-transform": {"transform": "none"},
    "depth-4": {"max_depth": 4},
    "bag": BAG,
    "mask-10": {"mask": 0.1},
    "bag-mask-10": {**BAG, "mask": 0.1},
    "bag-mask-30": {**BAG, "mask": 0.3},
}
CHOSEN = "bag-mask-30"


def settings(name):
    """The full settings of one name of SETTINGS."""
    return {**BASE, **SETTINGS[name]}


# --- Fitting --------------------------------------------------------------

def hide(x, names):
    """A copy of x (n, 13) in which the named columns are zero."""
    x = x.astype(np.float32)
    x[:, [NAMES.index(name) for name in names]] = 0
    return x


def mask_pollutants(x, share, rng):
    """Make pollutants missing in a share of the rows of x (n, 13), in place.

    Such a row loses each pollutant with probability one half, so that the
    trees learn a sensible way for missing values.
    """
    chosen = rng.random((len(x), 1)) < share
    x[:, :6][chosen & (rng.random((len(x), 6)) < 0.5)] = np.nan
    return x


def fit(x, y, how):
    """Train a booster on x (n, 13) and the index y (n,)."""
    x = mask_pollutants(hide(x, how["hidden"]), how["mask"],
                        np.random.default_rng(SEED))
    y = np.sqrt(y) if how["transform"] == "square" else y
    own = ("rounds", "transform", "hidden", "mask")
    params = {k: v for k, v in how.items() if k not in own}
    matrix = xgboost.QuantileDMatrix(
        x, y, feature_names=list(NAMES), max_bin=how["max_bin"],
        nthread=THREADS)
    return xgboost.train({**params, "seed": SEED, "nthread": THREADS},
                         matrix, how["rounds"])


def predict(booster, x, how):
    """Index (n,) of x (n, 13); NaN where fewer than MIN_INPUTS are there."""
    y = booster.inplace_predict(x.astype(np.float32)).astype(np.float64)
    if how["transform"] == "square":
        y = np.maximum(y, 0) ** 2
    return np.where(np.isfinite(x).sum(axis=1) >= MIN_INPUTS, y, np.nan)


# --- Judging --------------------------------------------------------------

TEST_BEGIN = hour_number("2015-03-01T00:00")
BOUNDS = (50, 100, 150, 200, 300)  # of the six categories, inclusive above
FOLDS = 4
GAP = 72  # hours left out on both sides of a held-out block

# Inputs left in the record when a station lacks the other pollutants.
LACKING = {"only pm25": ("pm25",), "only pm10": ("pm10",),
           "only pm25, pm10": ("pm25", "pm10"), "only o3": ("o3",),
           "without pm25": ("pm10", "no2", "so2", "co", "o3")}


def past(data):
    """Rows to train on: the target ends before the test year."""
    return np.isfinite(data.y) & (data.hour < TEST_BEGIN - 24)


def mae(a, b):
    return float(np.mean(np.abs(a - b)))


def folds(data):
    """Time blocks over all stations at once, of FOLDS equal lengths.

    -> pairs of row numbers (to train on, held out)
    """
    rows = past(data)
    first, last = data.hour[rows].min(), data.hour[rows].max() + 1
    edges = np.linspace(first, last, FOLDS + 1).astype(int)
    for a, b in zip(edges[:-1], edges[1:]):
        held = (data.hour >= a) & (data.hour < b)
        near = (data.hour >= a - GAP) & (data.hour < b + GAP)
        yield np.flatnonzero(rows & ~near), np.flatnonzero(rows & held)


def keep_only(x, pollutants):
    """A copy of x (n, 13) in which the other pollutants are missing."""
    x = x.copy()
    x[:, [i for i in range(6) if NAMES[i] not in pollutants]] = np.nan
    return x


def lacking(booster, x, y, how):
    """MAE over all rows that have the pollutants of LACKING, by name."""
    result = {}
    for name, left in LACKING.items():
        has = np.isfinite(x[:, [NAMES.index(p) for p in left]]).all(axis=1)
        p = predict(booster, keep_only(x[has], left), how)
        there = np.isfinite(p)
        result[name] = (mae(p[there], y[has][there]), int(there.sum()))
    return result


def weighted(scores):
    """Mean of (MAE, n) pairs over all their rows."""
    values, counts = zip(*scores)
    return float(np.average(values, weights=counts))


def cross_validate(data, how):
    """-> MAE and RMSE over all held-out rows, MAE by name of LACKING."""
    predicted = np.full(len(data.y), np.nan)
    poor = {}
    for train, held in folds(data):
        booster = fit(data.x[train], data.y[train], how)
        predicted[held] = predict(booster, data.x[held], how)
        for k, v in lacking(booster, data.x[held], data.y[held], how).items():
            poor.setdefault(k, []).append(v)
    there = np.isfinite(predicted)
    error = predicted[there] - data.y[there]
    return {"mae": float(np.mean(np.abs(error))),
            "rmse": float(np.sqrt(np.mean(error ** 2))),
            "mae_lacking": {k: weighted(v) for k, v in poor.items()}}


def monthly_median(data, rows):
    """Median target of the training years by month -> (n,) for `rows`."""
    month = data.x[:, NAMES.index("month")]
    train = past(data)
    return np.array([np.median(data.y[train & (month == m)])
                     for m in range(1, 13)])[month[rows].astype(int) - 1]


def judge(data, booster, how):
    """Metrics on the test year of a booster fitted on the rows before it.

    A reference forecast is compared on the rows where it exists and there
    is a prediction.
    """
    rows = np.flatnonzero(np.isfinite(data.y) & (data.hour >= TEST_BEGIN))
    p = predict(booster, data.x[rows], how)
    coverage = float(np.mean(np.isfinite(p)))
    rows, p = rows[np.isfinite(p)], p[np.isfinite(p)]
    y = data.y[rows]
    result = {
        "period": "2015-03-01/2016-02-29", "n": len(y),
        "mae": mae(p, y), "rmse": float(np.sqrt(np.mean((p - y) ** 2))),
        "r2": float(1 - np.sum((p - y) ** 2) / np.sum((y - y.mean()) ** 2)),
        "category_accuracy": float(np.mean(
            np.searchsorted(BOUNDS, p) == np.searchsorted(BOUNDS, y))),
        "coverage": coverage,
    }
    for name, reference in (
            ("persistence_hourly", data.hourly[rows]),
            ("persistence_24h", data.trailing[rows]),
            ("monthly_median", monthly_median(data, rows))):
        there = np.isfinite(reference)
        of_reference = mae(reference[there], y[there])
        result["n_" + name] = int(there.sum())
        result["mae_" + name] = of_reference
        result["skill_" + name] = 1 - mae(p[there], y[there]) / of_reference
    result["mae_lacking"] = {
        k: v[0] for k, v in lacking(booster, data.x[rows], y, how).items()}
    return rounded(result)


def rounded(x):
    """The same structure with floats of four decimals."""
    if isinstance(x, dict):
        return {k: rounded(v) for k, v in x.items()}
    return round(x, 4) if isinstance(x, float) else x


# --- The bundle -----------------------------------------------------------

def sha256(data):
    return hashlib.sha256(data).hexdigest()


def checksums(files):
    """Name and SHA-256 of the source files and of what they unpack to."""
    result = []
    for path in files:
        name = os.path.basename(path)
        with open(path, "rb") as file:
            packed = file.read()
        result.append({"name": name, "sha256": sha256(packed)})
        if name.endswith(".xz"):
            result.append({"name": name[:-3],
                           "sha256": sha256(lzma.decompress(packed))})
    return result


def manifest(data, how, model, sources, validation, test):
    """The bundle's manifest; model is the text of model.json as bytes."""
    used = np.isfinite(data.y)
    return {
        "name": "production",
        "version": "1",
        "description": "US EPA air quality index of the following 24 hours "
                       "at an urban station, from one hour's record",
        "licence": "CC BY 4.0",
        "standard": "us-epa",
        "revision": "2024",
        "target": "aqi_24h: US EPA index (2024 table, extended above 500) of "
                  "hours t+1..t+24: the largest sub-index of the 24 h means "
                  "of PM2.5 and PM10, the largest 8 h means of O3 and CO, "
                  "the largest hours of SO2 and NO2",
        "lead_time_hours": {"from": 1, "to": 24},
        "trees": {"file": "model.json", "format": "xgboost-json",
                  "sha256": sha256(model)},
        "output_transform": how["transform"],
        "inputs": [{"name": name, "unit": unit} for name, unit in INPUTS],
        "missing": "allow",
        "min_inputs": MIN_INPUTS,
        "training": {
            "source": "UCI Beijing Multi-Site Air Quality (S. Chen, 2017)",
            "doi": "10.24432/C5RK5G",
            "licence": "CC BY 4.0",
            "period": "2013-03-01/2016-02-29",
            "stations": [str(s) for s in np.unique(data.station)],
            "rows": int(used.sum()),
            "files": checksums(sources),
        },
        "settings": {
            **how, "seed": SEED, "nthread": THREADS,
            "trees": how["rounds"] * how["num_parallel_tree"],
            "xgboost": xgboost.__version__,
        },
        "validation": {
            "method": "time blocks of equal length over all stations at "
                      f"once, rows before 2015-03-01, {GAP} h left out on "
                      "both sides of a block",
            "folds": FOLDS, **rounded(validation),
        },
        "test": test,
        "note": "The metrics are those of the model fitted on the rows before "
                "2015-03-01 with the same settings; the shipped trees are "
                "refitted on all rows. A skill is 1 - MAE/MAE of the "
                "reference on the rows where the reference exists. Hidden "
                "inputs are part of the record, and the trees do not use "
                "them.",
    }


def write(path, data):
    with open(path, "wb") as file:
        file.write(data)


# --- Commands -------------------------------------------------------------

def run_cv(data, args):
    """Print a table row for each of the settings."""
    print("| setting | trees | MAE | RMSE | " + " | ".join(LACKING) + " |")
    print("| --- |" + " ---: |" * (3 + len(LACKING)))
    for name in args.settings or SETTINGS:
        how = settings(name)
        score = cross_validate(data, how)
        print(f"| {name} | {how['rounds'] * how['num_parallel_tree']} | "
              f"{score['mae']:.2f} | {score['rmse']:.2f} | "
              + " | ".join(f"{v:.1f}" for v in score["mae_lacking"].values())
              + " |", flush=True)


def run_report(data, args):
    """Print the test year's metrics, which decide nothing."""
    how = settings(CHOSEN)
    rows = past(data)
    test = judge(data, fit(data.x[rows], data.y[rows], how), how)
    print(json.dumps(test, indent=2))
    return test


def run_ship(data, args):
    """Write model.json and manifest.json."""
    how = settings(CHOSEN)
    validation = cross_validate(data, how)
    test = run_report(data, args)
    rows = np.isfinite(data.y)
    booster = fit(data.x[rows], data.y[rows], how)
    model = bytes(booster.save_raw(raw_format="json"))
    text = manifest(data, how, model, args.sources, validation, test)
    write(os.path.join(args.out, "model.json"), model)
    write(os.path.join(args.out, "manifest.json"),
          (json.dumps(text, indent=2) + "\n").encode())


def run_golden(data, args):
    """Print records with what the XGBoost library predicts, for a test.

    Every 3,001st row, and again with all pollutants but one missing. The
    prediction is that of model.json in 32 bits, squared in 32 bits. All floats
    are the shortest text that reads back to the same bits.
    """
    def text(v):
        return "" if np.isnan(v) else np.format_float_positional(v, trim="-")


    booster = xgboost.Booster(model_file=os.path.join(args.out, "model.json"))
    x = data.x[::3001].astype(np.float32)
    lone = keep_only(x, ("pm25",))
    print(",".join((*NAMES, "expected")))
    for row in np.concatenate((x, lone)):
        if np.isfinite(row).sum() < MIN_INPUTS:
            continue
        margin = booster.inplace_predict(row[None])[0]
        y = np.maximum(margin, np.float32(0)) ** 2
        print(",".join(text(v) for v in (*row, y)))


def main():
    parser = argparse.ArgumentParser(
        description="Train the bundle `production`.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, run in (("cv", run_cv), ("report", run_report),
                      ("ship", run_ship), ("golden", run_golden)):
        command = commands.add_parser(name, help=run.__doc__)
        command.set_defaults(run=run)
        command.add_argument("--data", nargs="+", required=True,
                             metavar="FILE", help="read feature records")
        if name == "cv":
            command.add_argument("--settings", nargs="+", choices=SETTINGS,
                                 metavar="NAME", help="try these only")
        if name == "ship":
            command.add_argument("--sources", nargs="+", required=True,
                                 metavar="FILE",
                                 help="put checksums of the raw files in")
        if name in ("ship", "golden"):
            command.add_argument("--out", metavar="FOLDER",
                                 default=os.path.dirname(
                                     os.path.abspath(__file__)),
                                 help="the bundle (default: beside train.py)")
    args = parser.parse_args()
    files = [sys.stdin if name == "-" else open(name, newline="")
             for name in args.data]
    args.run(Data(*read_records(files)), args)


if __name__ == "__main__":
    main()
