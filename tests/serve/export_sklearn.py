#!/usr/bin/env python3
"""Write a GradientBoostingRegressor of scikit-learn as XGBoost's JSON.

usage: export_sklearn.py MODEL.pkl FEATURES.pkl OUT.json [ROWS]

scikit-learn goes left where x <= t, with x a 32-bit float and t of 64 bits.
XGBoost goes left where x < s, both of 32 bits. The least 32-bit float above t
is an s that decides each 32-bit x alike. The learning rate is multiplied into
the leaves, the first estimate is the base score, in 32 bits as XGBoost has
them; so a prediction differs by what 32 bits cannot hold. That is checked on
ROWS rows (10,000): an error of 0.005 or more is the end, and what was found is
printed.
"""
import json
import sys

import joblib
import numpy as np


def just_above(thresholds):
    """The least 32-bit float that is greater."""
    t = np.asarray(thresholds, dtype=np.float64)
    near = t.astype(np.float32)
    return np.where(near.astype(np.float64) > t, near, np.nextafter(near, np.float32(np.inf)))


def export_tree(tree, index, rate, n_features):
    n = tree.node_count
    leaf = tree.children_left == -1
    parents = np.full(n, 2147483647)
    for side in (tree.children_left, tree.children_right):
        parents[side[~leaf]] = np.nonzero(~leaf)[0]
    values = (tree.value[:, 0, 0] * rate).astype(np.float32)
    conditions = np.where(leaf, values, just_above(tree.threshold))
    zeros = [0] * n
    return {
        "id": index,
        "tree_param": {"num_deleted": "0", "num_feature": str(n_features), "num_nodes": str(n),
                       "size_leaf_vector": "1"},
        "left_children": tree.children_left.tolist(),
        "right_children": tree.children_right.tolist(),
        "parents": parents.tolist(),
        "split_indices": np.where(leaf, 0, tree.feature).tolist(),
        "split_conditions": [float(v) for v in conditions],
        "split_type": zeros, "default_left": zeros,
        "base_weights": [float(v) for v in values],
        "loss_changes": [0.0] * n, "sum_hessian": [1.0] * n,
        "categories": [], "categories_nodes": [], "categories_segments": [], "categories_sizes": [],
    }


def export(model, names):
    trees = [export_tree(e.tree_, i, model.learning_rate, len(names))
             for i, e in enumerate(model.estimators_[:, 0])]
    base = float(np.ravel(model.init_.constant_)[0])
    return {
        "version": [2, 0, 0],
        "learner": {
            "attributes": {}, "feature_names": list(names), "feature_types": ["float"] * len(names),
            "learner_model_param": {"base_score": repr(float(np.float32(base))), "boost_from_average": "1",
                                    "num_class": "0", "num_feature": str(len(names)), "num_target": "1"},
            "objective": {"name": "reg:squarederror", "reg_loss_param": {"scale_pos_weight": "1"}},
            "gradient_booster": {
                "name": "gbtree",
                "model": {
                    "gbtree_model_param": {"num_trees": str(len(trees)), "num_parallel_tree": "1"},
                    "tree_info": [0] * len(trees),
                    "iteration_indptr": list(range(len(trees) + 1)),
                    "trees": trees,
                },
            },
        },
    }


def predict(document, x):
    """What the exported trees say, in 32 bits."""
    learner = document["learner"]
    y = np.full(len(x), np.float32(learner["learner_model_param"]["base_score"]), dtype=np.float32)
    rows = np.arange(len(x))
    for tree in learner["gradient_booster"]["model"]["trees"]:
        left, right = np.array(tree["left_children"]), np.array(tree["right_children"])
        feature = np.array(tree["split_indices"])
        condition = np.array(tree["split_conditions"], dtype=np.float32)
        node = np.zeros(len(x), dtype=int)
        while (left[node] != -1).any():
            inner = left[node] != -1
            below = x[rows, feature[node]] < condition[node]
            node = np.where(inner, np.where(below, left[node], right[node]), node)
        y += condition[node]
    return y


def check(model, document, n):
    """Rows of which a third have values that are thresholds themselves."""
    rng = np.random.default_rng(20)
    learner = document["learner"]["gradient_booster"]["model"]["trees"]
    x = rng.uniform(0, 300, (n, model.n_features_in_)).astype(np.float32)
    for tree in learner:
        inner = [i for i, c in enumerate(tree["left_children"]) if c != -1]
        for i in inner:
            row = rng.integers(n // 3)
            t = np.float32(tree["split_conditions"][i])
            x[row, tree["split_indices"][i]] = rng.choice([t, np.nextafter(t, np.float32(-np.inf))])
    worst = float(np.max(np.abs(predict(document, x) - model.predict(x))))
    print(f"{len(learner)} trees, {n} rows: the greatest difference is {worst:.3g}")
    return worst < 0.005


def main():
    model, names = joblib.load(sys.argv[1]), joblib.load(sys.argv[2])
    document = export(model, names)
    with open(sys.argv[3], "w") as out:
        json.dump(document, out)
    if not check(model, document, int(sys.argv[4]) if len(sys.argv) > 4 else 10000):
        sys.exit("the exported trees do not predict the same")


if __name__ == "__main__":
    main()
