"""Trains one Python peer on a case and prints one line of JSON (see engines.ts).

usage: peers.py FOLDER ENGINE HEADS THREADS ROUNDS ; FOLDER as case-files.ts writes it; ENGINE is lightgbm,
lightgbm-quantised, scikit-learn or xgboost. Heads are trained one after another. Time is that of everything from the
float matrix to the model, the library's binning included; reading files is not counted, nor is a first training on few
rows. Threads of OpenMP are limited by the caller (OMP_NUM_THREADS).
"""
import json
import os
import re
import sys
import time
import warnings

import numpy as np
from sklearn.metrics import r2_score, roc_auc_score

warnings.filterwarnings("ignore")
DEPTH, RATE, L2, ROWS = 6, 0.05, 1.0, 20


def lightgbm_trainer(threads, rounds, quantised=False):
    import lightgbm

    settings = {"max_depth": DEPTH, "num_leaves": 2**DEPTH, "learning_rate": RATE, "max_bin": 255, "lambda_l2": L2,
                "min_data_in_leaf": ROWS, "num_threads": threads, "use_quantized_grad": quantised, "verbose": -1}

    def train(values, labels, logistic, count=rounds):
        objective = {"objective": "binary" if logistic else "regression"}
        return lightgbm.train({**settings, **objective}, lightgbm.Dataset(values, labels), count).predict

    return lightgbm.__version__, train


def sklearn_trainer(_, rounds):
    import sklearn
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    def train(values, labels, logistic, count=rounds):
        kind = HistGradientBoostingClassifier if logistic else HistGradientBoostingRegressor
        model = kind(max_depth=DEPTH, max_leaf_nodes=None, learning_rate=RATE, max_iter=count, max_bins=255,
                     l2_regularization=L2, min_samples_leaf=ROWS, early_stopping=False, random_state=0)
        model.fit(values, labels)
        return (lambda rows: model.predict_proba(rows)[:, 1]) if logistic else model.predict

    return sklearn.__version__, train


def xgboost_trainer(threads, rounds):
    import xgboost

    # XGBoost counts hessians, not rows: 20 rows are 20 where the hessian is 1, and about 5 where it is near 1/4.
    settings = {"max_depth": DEPTH, "eta": RATE, "tree_method": "hist", "max_bin": 255, "lambda": L2, "nthread": threads}

    def train(values, labels, logistic, count=rounds):
        objective = {"objective": "binary:logistic" if logistic else "reg:squarederror",
                     "min_child_weight": ROWS / 4 if logistic else ROWS}
        data = xgboost.QuantileDMatrix(values, label=labels, max_bin=255, nthread=threads)
        model = xgboost.train({**settings, **objective}, data, count)
        return lambda rows: model.predict(xgboost.DMatrix(rows))

    return xgboost.__version__, train


TRAINERS = {
    "lightgbm": lightgbm_trainer,
    "lightgbm-quantised": lambda threads, rounds: lightgbm_trainer(threads, rounds, quantised=True),
    "scikit-learn": sklearn_trainer,
    "xgboost": xgboost_trainer,
}


def memory(figure):
    """VmRSS or VmHWM in MiB by the kernel's count; None where there is none."""
    if not os.path.exists("/proc/self/status"):
        return None
    with open("/proc/self/status", encoding="ascii") as file:
        return int(re.search(rf"^{figure}:\s+(\d+) kB", file.read(), re.M).group(1)) / 1024


def read(folder, part, case):
    rows, columns = case["rows"][part], len(case["columns"])
    values = np.fromfile(f"{folder}/{part}.values.f32", dtype="<f4").reshape(columns, rows)
    labels = np.fromfile(f"{folder}/{part}.labels.f32", dtype="<f4").reshape(-1, rows)
    return np.ascontiguousarray(values.T), labels


def main():
    folder, engine, heads, threads, rounds = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6])
    with open(f"{folder}/case.json", encoding="utf-8") as file:
        case = json.load(file)
    values, labels = read(folder, "train", case)
    version, train = TRAINERS[engine](threads, rounds)
    logistic = [objective == "logistic" for objective in case["objectives"][:heads]]
    before = memory("VmRSS")
    if os.path.exists("/proc/self/clear_refs"):
        with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
            file.write("5")  # the kernel counts the highest memory from now on
    train(values[:2000], labels[0][:2000], logistic[0], 30)
    cpu, wall = time.process_time(), time.perf_counter()
    models = [train(values, labels[h], logistic[h]) for h in range(heads)]
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = memory("VmHWM")
    tested, truth = read(folder, "test", case)
    scores = []
    for h in range(heads):
        metric, score = ("auc", roc_auc_score) if logistic[h] else ("r2", r2_score)
        scores.append({"metric": metric, "value": float(score(truth[h], models[h](tested)))})
    print(json.dumps({
        "engine": engine, "version": version, "heads": heads, "wall": wall, "cpu": cpu, "scores": scores,
        "peakMiB": peak, "increaseMiB": None if peak is None else peak - before,
    }))


main()
