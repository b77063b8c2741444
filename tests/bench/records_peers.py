"""The peers of tests/bench/records: scripts for the Python that has them."""

# Each is called with MODEL INPUT OUTPUT; MODEL is XGBoost's JSON. POWER is that
# of its sum that is the index.
CATEGORIES = """
EDGES = [50, 100, 150, 200, 300]
NAMES = ["Good", "Moderate", "Unhealthy for Sensitive Groups", "Unhealthy",
         "Very Unhealthy", "Hazardous"]
"""
START = """
import sys
import numpy
import xgboost
booster = xgboost.Booster(model_file=sys.argv[1])
booster.set_param("nthread", 1)
names = booster.feature_names
"""
PANDAS = START + CATEGORIES + """
import pandas
rows = pandas.read_csv(sys.argv[2])
x = rows[names].to_numpy("float32")
aqi = booster.inplace_predict(x) ** POWER
rows["aqi"] = numpy.round(aqi.astype("float64"), 2)
rows["category"] = pandas.cut(rows["aqi"], [-numpy.inf, *EDGES, numpy.inf],
                              labels=NAMES)
rows["confidence"] = 0.85
rows.to_csv(sys.argv[3], index=False)
"""
LOOP = START + CATEGORIES + """
import bisect
import json
with open(sys.argv[2]) as rows, open(sys.argv[3], "w") as out:
    for line in rows:
        row = json.loads(line)
        x = numpy.array([[row[name] for name in names]], "float32")
        aqi = float(booster.inplace_predict(x)[0]) ** POWER
        row["aqi"] = round(aqi, 2)
        row["category"] = NAMES[bisect.bisect_left(EDGES, aqi)]
        row["confidence"] = 0.85
        out.write(json.dumps(row) + "\\n")
"""
# Read, add a column, write: no model, and all that a table needs.
DUCKDB = """
import sys
import duckdb
duckdb.sql("SET threads = 1")
duckdb.sql("COPY (SELECT *, 0.85 AS confidence FROM read_csv('%s')) TO '%s' "
           "(HEADER)" % (sys.argv[2], sys.argv[3]))
"""
POLARS = """
import sys
import polars
rows = polars.read_csv(sys.argv[2])
rows.with_columns(confidence=polars.lit(0.85)).write_csv(sys.argv[3])
"""
# MODEL ROWS: 300 trees of 6 levels, of rows with a target in the column aqi.
TRAIN = """
import sys
import numpy
import pandas
import xgboost
rows = pandas.read_csv(sys.argv[2])
y = rows["aqi"] + numpy.random.default_rng(1).normal(0, 20, len(rows))
x = rows.drop(columns=["aqi", "category", "confidence"])
booster = xgboost.train(
    {"max_depth": 6, "tree_method": "hist", "eta": 0.1, "nthread": 2},
    xgboost.DMatrix(x, y), 300)
booster.save_model(sys.argv[1])
"""
