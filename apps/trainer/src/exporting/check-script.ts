/** A Python program that runs every exported graph on the rows beside it and compares with the numbers that came with them. */
export const checkScript =
  (): string => `"""Runs each NAME.onnx of this folder on NAME.parquet, and compares with the columns check_*.

    pip install onnxruntime pandas pyarrow
    python check.py

Prints a JSON line for each graph with its largest difference, relative where a number is above 1; ends with 1 where one is 1e-6 or
more, or nothing was compared.
"""

import json
import pathlib
import sys

import numpy as np
import onnxruntime
import pandas as pd


def feed(value, column):
    """A column as the graph takes it: 64-bit floats with NaN, or words with '' where there is none."""
    if value.type == "tensor(string)":
        return column.fillna("").astype(str).to_numpy(dtype=object)
    return column.to_numpy(dtype=np.float64, na_value=np.nan)


# A graph takes about 60 kB of memory a row.
ROWS_AT_ONCE = 1024


def largest_difference(path):
    table = pd.read_parquet(path.with_suffix(".parquet"))
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    worst = 0.0
    for start in range(0, len(table), ROWS_AT_ONCE):
        rows = table.iloc[start : start + ROWS_AT_ONCE]
        feeds = {value.name: feed(value, rows[value.name]) for value in session.get_inputs()}
        for name, found in zip(names, session.run(names, feeds)):
            expected = rows["check_" + name].to_numpy(dtype=np.float64, na_value=np.nan)
            gap = np.abs(found - expected) / np.maximum(1, np.abs(expected))
            # Where we have no forecast the graph must have none.
            gap = np.where(np.isnan(found) & np.isnan(expected), 0, np.where(np.isnan(gap), np.inf, gap))
            worst = max(worst, float(gap.max(initial=0)))
    return worst


differences = []
for path in sorted(pathlib.Path(__file__).parent.glob("*.onnx")):
    if not path.with_suffix(".parquet").exists():
        print(json.dumps({"graph": path.name, "not compared": "export it with --format onnx parquet"}))
        continue
    differences.append(largest_difference(path))
    print(json.dumps({"graph": path.name, "difference": differences[-1]}))
sys.exit(0 if differences and max(differences) < 1e-6 else 1)
`
