#!/usr/bin/env python3
"""A scikit-learn model in these programs, by way of ONNX.

    examples/sklearn-to-aqi.py TABLE.csv TARGET OUT.onnx [KIND]

trains a model of the KIND forest (the default), boosting or hist on the columns
of a table of numbers, writes it as ONNX, and has aqi-model say the same of the
same rows: the largest difference is printed, and is an error where it is more
than rounding. Then

    aqi-predict -m OUT.onnx TABLE.csv

needs Python no more. For a model of your own, take over export(): inputs get
the names of the columns, so that they are bound by name and in any order.

Needs scikit-learn and skl2onnx, and aqi-model in PATH.
"""
import csv
import io
import subprocess
import sys

try:
    import numpy as np
    import onnx.helper
    import skl2onnx.common._container as container
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import FloatTensorType
    from sklearn.ensemble import (GradientBoostingRegressor,
                                  HistGradientBoostingRegressor,
                                  RandomForestRegressor)
except ImportError as missing:
    sys.exit(f"sklearn-to-aqi.py: {missing}: pip install scikit-learn skl2onnx")

KINDS = {
    "forest": RandomForestRegressor(n_estimators=50, max_depth=8,
                                    random_state=1),
    "boosting": GradientBoostingRegressor(n_estimators=50, random_state=1),
    "hist": HistGradientBoostingRegressor(max_iter=50, random_state=1),
}


def plain(value):
    """Whole numbers of Python's for NumPy's and for flags, as onnx asks."""
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    whole = isinstance(value, (bool, np.bool_, np.integer))
    return int(value) if whole else value


def export(model, names, path):
    """Write a trained model, with an input of its own for each column."""
    make = container.make_node
    container.make_node = lambda *args, **attributes: make(
        *args, **{key: plain(value) for key, value in attributes.items()})
    try:
        written = convert_sklearn(
            model, initial_types=[("all", FloatTensorType([None, len(names)]))],
            target_opset={"": 15, "ai.onnx.ml": 3})
    finally:
        container.make_node = make
    del written.graph.input[:]
    written.graph.input.extend(
        onnx.helper.make_tensor_value_info(n, onnx.TensorProto.FLOAT, [None, 1])
        for n in names)
    written.graph.node.insert(
        0, onnx.helper.make_node("Concat", names, ["all"], axis=1))
    with open(path, "wb") as file:
        file.write(written.SerializeToString())


def read_table(path, target):
    """Names, inputs in 32 bits as the model is given them, and the target."""
    with open(path, newline="") as file:
        rows = list(csv.reader(file))
    names = [name for name in rows[0] if name != target]
    table = np.array([[float(v or "nan") for v in row] for row in rows[1:]])
    at = rows[0].index(target)
    return (names, np.delete(table, at, axis=1).astype(np.float32),
            table[:, at])


def evaluate(path, names, x):
    """What aqi-model says of the same rows."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(
        [names] + [["" if np.isnan(v) else repr(float(v)) for v in row]
                   for row in x])
    done = subprocess.run(["aqi-model", "eval", path], input=text.getvalue(),
                          stdout=subprocess.PIPE, text=True, check=True)
    return np.array([float(row["variable_0"])
                     for row in csv.DictReader(io.StringIO(done.stdout))])


def main():
    if len(sys.argv) not in (4, 5) or sys.argv[-1] not in KINDS and \
            len(sys.argv) == 5:
        sys.exit(__doc__)
    kind = sys.argv[4] if len(sys.argv) == 5 else "forest"
    names, x, y = read_table(sys.argv[1], sys.argv[2])
    model = KINDS[kind].fit(x, y)
    export(model, names, sys.argv[3])
    want = model.predict(x)
    differences = np.abs(evaluate(sys.argv[3], names, x) - want)
    print(f"{kind}: {len(y)} rows, at most {differences.max():.2g} apart")
    # Sums in 32 bits of numbers of this size, over some dozens of trees.
    if differences.max() > 1e-5 * np.abs(want).max():
        sys.exit("sklearn-to-aqi.py: that is more than rounding")


if __name__ == "__main__":
    main()
