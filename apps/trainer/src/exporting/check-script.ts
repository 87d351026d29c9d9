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


def largest_difference(path):
    rows = pd.read_parquet(path.with_suffix(".parquet"))
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    feeds = {value.name: feed(value, rows[value.name]) for value in session.get_inputs()}
    worst = 0.0
    for name, found in zip(names, session.run(names, feeds)):
        expected = rows["check_" + name].to_numpy(dtype=np.float64)
        gap = np.abs(found - expected) / np.maximum(1, np.abs(expected))
        worst = max(worst, float(gap.max(initial=0)) if not np.isnan(gap).any() else float("inf"))
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
