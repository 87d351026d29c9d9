"""Trains LightGBM and scikit-learn on the same rows as our engine, and scores all three with scikit-learn's metrics.

usage: parity.py FOLDER ; FOLDER holds
  plan.json    objective, seeds, rounds, learning_rate, depth, bins, l2, rows_per_leaf, sampling
  values.npy   rows x columns, float32, NaN missing
  labels.npy   float32
  and for each seed: train_SEED.npy (1 where a row trains, else it is tested), ours_SEED.npy (our predictions, all rows).
Prints a JSON line for every seed and engine: seed, engine, and auc, log_loss (logistic) or rmse, r2 (squared), over the
rows tested. With sampling below 1 each tree sees that share of rows and of columns; scikit-learn, which samples no rows,
is then left out.
"""
import json
import sys

import lightgbm
import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.metrics import log_loss, r2_score, roc_auc_score, root_mean_squared_error


def main():
    folder = sys.argv[1]
    with open(f"{folder}/plan.json", encoding="utf-8") as file:
        plan = json.load(file)
    values, labels = np.load(f"{folder}/values.npy"), np.load(f"{folder}/labels.npy")
    logistic = plan["objective"] == "logistic"
    for seed in plan["seeds"]:
        train = np.load(f"{folder}/train_{seed}.npy") == 1
        predictions = {"ours": np.load(f"{folder}/ours_{seed}.npy")[~train]}
        predictions["lightgbm"] = train_lightgbm(plan, logistic, seed, values[train], labels[train]).predict(values[~train])
        if plan["sampling"] == 1:
            model = train_sklearn(plan, logistic, values[train], labels[train])
            rows = values[~train]
            predictions["scikit-learn"] = model.predict_proba(rows)[:, 1] if logistic else model.predict(rows)
        for engine, given in predictions.items():
            print(json.dumps({"seed": seed, "engine": engine, **scores(logistic, labels[~train], given)}), flush=True)


def train_lightgbm(plan, logistic, seed, values, labels):
    settings = {
        "objective": "binary" if logistic else "regression",
        "learning_rate": plan["learning_rate"],
        "max_depth": plan["depth"],
        "num_leaves": 2 ** plan["depth"],
        "max_bin": plan["bins"],
        "lambda_l2": plan["l2"],
        "min_data_in_leaf": plan["rows_per_leaf"],
        "bagging_fraction": plan["sampling"],
        "bagging_freq": 1,
        "feature_fraction": plan["sampling"],
        "seed": seed,
        "num_threads": 1,
        "deterministic": True,
        "verbose": -1,
    }
    return lightgbm.train(settings, lightgbm.Dataset(values, labels), plan["rounds"])


def train_sklearn(plan, logistic, values, labels):
    kind = HistGradientBoostingClassifier if logistic else HistGradientBoostingRegressor
    model = kind(
        learning_rate=plan["learning_rate"],
        max_iter=plan["rounds"],
        max_depth=plan["depth"],
        max_leaf_nodes=None,
        max_bins=plan["bins"],
        l2_regularization=plan["l2"],
        min_samples_leaf=plan["rows_per_leaf"],
        early_stopping=False,
        random_state=0,
    )
    return model.fit(values, labels)


def scores(logistic, labels, given):
    if logistic:
        return {"auc": roc_auc_score(labels, given), "log_loss": log_loss(labels, given)}
    return {"rmse": root_mean_squared_error(labels, given), "r2": r2_score(labels, given)}


main()
