/** A Python program that runs every exported model on the rows beside it and compares with the numbers that came with them. */
export const checkScript =
  (): string => `"""Runs the models of this folder on the rows beside them, and compares the results with numbers from Breakwater.

    pip install onnxruntime pandas pyarrow xgboost-cpu
    python check.py

Each SET_ANCHOR.onnx is compared with the columns check_* of SET_ANCHOR.parquet, and each xgboost_HEAD_SET.json, where XGBoost is
installed, with trees_HEAD. Prints a JSON line for each with its largest difference, relative where a number is above 1; ends with 1 where
one is above its limit, or nothing was compared. The limit is 1e-6; XGBoost adds leaves in 32 bits, and may be off by half a last place
a tree, which is more where there are many.
"""

import json
import pathlib
import sys

import numpy as np
import onnxruntime
import pandas as pd

try:
    import xgboost
except ImportError:
    xgboost = None

FOLDER = pathlib.Path(__file__).parent
LIMIT = 1e-6
# A graph takes about 60 kB of memory a row.
ROWS_AT_ONCE = 1024


def difference(found, expected):
    gap = np.abs(found - expected) / np.maximum(1, np.abs(expected))
    # Where we have no forecast the model must have none.
    gap = np.where(np.isnan(found) & np.isnan(expected), 0, np.where(np.isnan(gap), np.inf, gap))
    return float(gap.max(initial=0))


def numbers(column):
    return column.to_numpy(dtype=np.float64, na_value=np.nan)


def feed(value, column):
    """A column as the graph takes it: 64-bit floats with NaN, or words with '' where there is none."""
    if value.type == "tensor(string)":
        return column.fillna("").astype(str).to_numpy(dtype=object)
    return numbers(column)


def of_graph(path, table):
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    worst = 0.0
    for start in range(0, len(table), ROWS_AT_ONCE):
        rows = table.iloc[start : start + ROWS_AT_ONCE]
        feeds = {value.name: feed(value, rows[value.name]) for value in session.get_inputs()}
        for name, found in zip(names, session.run(names, feeds)):
            worst = max(worst, difference(found, numbers(rows["check_" + name])))
    return worst


def encoded(table, names):
    """Numbers as they are; of words an indicator a category, missing where training knew no such word."""
    categories = {}
    for name in names:
        if "=" in name:
            column, category = name.split("=", 1)
            categories.setdefault(column, []).append(category)
    matrix = np.empty((len(table), len(names)), dtype=np.float32)
    for place, name in enumerate(names):
        if "=" in name:
            column, category = name.split("=", 1)
            is_known = table[column].isin(categories[column])
            matrix[:, place] = np.where(is_known, table[column] == category, np.nan)
        else:
            matrix[:, place] = numbers(table[name])
    return matrix


def of_trees(path, table, expected):
    booster = xgboost.Booster(model_file=path)
    names = booster.feature_names
    found = booster.predict(xgboost.DMatrix(encoded(table, names), feature_names=names))
    return difference(found, expected), max(LIMIT, (booster.num_boosted_rounds() + 1) * 2.0**-24)


results = []


def say(name, found, limit):
    results.append(found < limit)
    print(json.dumps({"file": name, "difference": found, "limit": limit}))


def leave_out(name, reason):
    print(json.dumps({"file": name, "not compared": reason}))


for rows in sorted(FOLDER.glob("*.parquet")):
    table = pd.read_parquet(rows)
    graph = rows.with_suffix(".onnx")
    if graph.exists():
        say(graph.name, of_graph(graph, table), LIMIT)
    name_of_set = rows.stem.rsplit("_", 1)[0]
    for column in table.columns:
        trees = FOLDER / f"xgboost_{column.removeprefix('trees_')}_{name_of_set}.json"
        if not column.startswith("trees_") or not trees.exists():
            continue
        if xgboost is None:
            leave_out(trees.name, "XGBoost is not installed")
        else:
            say(trees.name, *of_trees(trees, table, numbers(table[column])))
for graph in sorted(FOLDER.glob("*.onnx")):
    if not graph.with_suffix(".parquet").exists():
        leave_out(graph.name, "export it with --format onnx parquet")
sys.exit(0 if results and all(results) else 1)
`
