"""Loads exported XGBoost files, encodes the rows beside them as their column names say, and compares with our own predictions.

    python export_xgboost.py <folder of the export> <folder of raw_HEAD.npy> HEAD...

Prints a JSON line for each head: the largest difference, relative where a number is above 1.
"""

import json
import sys

import numpy as np
import pandas as pd
import xgboost

export, arrays, *heads = sys.argv[1:]
rows = pd.read_parquet(f"{export}/stage_b_full_4min.parquet")


def encoded(names):
    """Numbers as they are; of words an indicator a category, missing where training knew no such word."""
    categories = {}
    for name in names:
        if "=" in name:
            column, category = name.split("=", 1)
            categories.setdefault(column, []).append(category)
    matrix = np.empty((len(rows), len(names)), dtype=np.float32)
    for place, name in enumerate(names):
        if "=" in name:
            column, category = name.split("=", 1)
            is_known = rows[column].isin(categories[column])
            matrix[:, place] = np.where(is_known, rows[column] == category, np.nan)
        else:
            matrix[:, place] = rows[name].to_numpy(dtype=np.float64, na_value=np.nan)
    return matrix


for head in heads:
    booster = xgboost.Booster(model_file=f"{export}/xgboost_{head}_stage_b_full.json")
    matrix = xgboost.DMatrix(encoded(booster.feature_names), feature_names=booster.feature_names)
    found, expected = booster.predict(matrix), np.load(f"{arrays}/raw_{head}.npy")
    gap = np.abs(found - expected) / np.maximum(1, np.abs(expected))
    print(json.dumps({"head": head, "difference": float(gap.max())}))
