"""Follows forecasts and outcomes with river, one by one.

usage: detectors.py FOLDER ROLLING LOOK

FOLDER/forecasts.npy and FOLDER/outcomes.npy hold one number each a row; ROLLING is the number of rows that running scores look
back on. Prints the scores of all rows and of the last ROLLING, and for ADWIN on outcome less forecast the row
at which it first finds a change, and the row from which it keeps its window at row LOOK.
"""
import json
import sys

import numpy as np
from river import drift, metrics, utils

folder, rolling, look = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
forecasts = np.load(f"{folder}/forecasts.npy").tolist()
outcomes = np.load(f"{folder}/outcomes.npy").tolist()


class Brier(metrics.MSE):
    """Mean squared error, of probabilities."""


scores = {
    "brier": Brier(),
    "log_loss": metrics.LogLoss(),
    "rolling_brier": utils.Rolling(Brier(), window_size=rolling),
    "rolling_log_loss": utils.Rolling(metrics.LogLoss(), window_size=rolling),
}
adwin = drift.ADWIN(delta=1e-5)
found = {"adwin": None, "since": None}
for row, (forecast, outcome) in enumerate(zip(forecasts, outcomes)):
    for name, score in scores.items():
        score.update(outcome if "brier" in name else bool(outcome), forecast)
    adwin.update(outcome - forecast)
    if adwin.drift_detected and found["adwin"] is None:
        found["adwin"] = row
    if row == look:
        found["since"] = row + 1 - int(adwin.width)
print(json.dumps({**{name: score.get() for name, score in scores.items()}, **found}))
