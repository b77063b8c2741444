#!/usr/bin/env python3
"""SIGHUP under load, again and again, a third of the models bad: no request
fails, a bad model changes nothing, and each answer names the model it is of.

Usage: tests/serve/reload.py [RELOADS]
"""
import pathlib
import tempfile

from serve import SEED, Checks, Load, Server, json, random, signal, sys

RELOADS = int(sys.argv[1]) if len(sys.argv) > 1 else 100
IS_NOW = "aqi-serve: the model is now "
STAYS = "aqi-serve: the model stays "
check = Checks()
choose = random.Random(SEED)
print(f"AQI_SEED={SEED}")


def model(value):
    """A tree of which any record with pm25 above 30.5 comes to a value."""
    return json.dumps({
        "learner": {
            "attributes": {}, "feature_names": ["pm25"], "feature_types": [],
            "gradient_booster": {"name": "gbtree", "model": {
                "gbtree_model_param": {
                    "num_parallel_tree": "1", "num_trees": "1",
                    "size_leaf_vector": "0"},
                "tree_info": [0], "trees": [{
                    "default_left": [1, 0, 0], "id": 0,
                    "left_children": [1, -1, -1],
                    "loss_changes": [12.5, 0, 0],
                    "right_children": [2, -1, -1],
                    "split_conditions": [30.5, 25.25, value],
                    "split_indices": [0, 0, 0], "split_type": [0, 0, 0],
                    "tree_param": {
                        "num_deleted": "0", "num_feature": "1",
                        "num_nodes": "3", "size_leaf_vector": "0"}}]}},
            "learner_model_param": {
                "base_score": "0", "boost_from_average": "1", "num_class": "0",
                "num_feature": "1", "num_target": "1"},
            "objective": {"name": "reg:squarederror",
                          "reg_loss_param": {"scale_pos_weight": "1"}}},
        "version": [1, 7, 4]})


class NamedLoad(Load):
    """It knows of which model each value was."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.values = {}

    def answered(self, status, fields, body):
        if status == 200:
            name = fields.get("x-aqi-model")
            value = json.loads(body)["aqi"]
            with self.lock:
                self.values.setdefault(name, set()).add(value)


bad = ["", "{", model(1)[:-20], model(1).replace("30.5", '"x"'),
       model(1).replace('"pm25"', '"pm26"'), "\0" * 1000]
n_bad = n_kept = 0
with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder, "model.json")
    path.write_text(model(50))
    with Server("-w", 2, "-m", path) as server:
        load = NamedLoad(server, 4)
        load.begin(10)
        now = None
        wanted, value = {50.0}, 50.0
        for i in range(RELOADS):
            is_bad = i % 3 == 2
            if not is_bad:
                value = choose.choice([v / 4 for v in range(4, 2000)
                                       if v / 4 != value])
            new = pathlib.Path(folder, "new")
            new.write_text(choose.choice(bad) if is_bad else model(value))
            new.rename(path)
            for _ in range(choose.choice((1, 1, 1, 3))):
                server.signal(signal.SIGHUP)
            # Several signals may come as one or not, so that lines about the
            # model before may still come: they are not what is waited for.
            line = server.line()
            while line in (f"{IS_NOW}{now}", "") or \
                    not line.startswith(STAYS if is_bad else IS_NOW):
                line = server.line()
            if is_bad:
                n_bad += 1
                n_kept += line == f"{STAYS}{now}"
            else:
                now = line.removeprefix(IS_NOW)
                wanted.add(value)
        load.end()
        server.signal(signal.SIGTERM)
        check(server.wait() == 0, "it ends")
check(set(load.statuses) == {200}, f"all are 200: {load.statuses}")
check(load.n_cut + load.n_unanswered == 0, "each request was answered")
check(n_kept == n_bad, f"{n_bad - n_kept} bad models changed something")
check(None not in load.values, "each answer names its model")
check(all(len(v) == 1 for v in load.values.values()),
      f"the answers of one name are of one model: {load.values}")
check(set().union(*load.values.values()) <= wanted, "they are of our models")
check(len(load.values) > min(RELOADS, 20) / 3, "several models have answered")
check.end(f"{RELOADS} reloads under load, {n_bad} of them bad: "
          f"{load.n_answers} answers of {len(load.values)} models, "
          f"{load.n_answers - load.statuses.get(200, 0)} failed")
