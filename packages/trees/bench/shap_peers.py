"""The Python side of shap.bench.ts. Usage: python shap_peers.py FOLDER

FOLDER holds x.f4 (rows x 90), y.f4 and explained.f4, background.f4. Trains XGBoost on x and y and writes model.json, the
trees as Breakwater's arrays. Then answers each line of stdin, the name of a peer: explains the rows, writes NAME.f8 (each
row's contributions, then the base value) and prints the CPU seconds that it took.
"""

import json
import pathlib
import sys
import time

import numpy
import shap
import xgboost

folder = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "test" / "fixtures"))
from make_shap import from_xgboost  # noqa: E402

COLUMNS = 90


def read(name):
    return numpy.fromfile(folder / name, "f4")


x, rows, background = (read(f"{name}.f4").reshape(-1, COLUMNS) for name in ("x", "explained", "background"))
params = {"objective": "binary:logistic", "max_depth": 6, "eta": 0.05, "nthread": 1}
booster = xgboost.train(params, xgboost.DMatrix(x, read("y.f4")), 300)
model = from_xgboost(booster, [f"x{c}" for c in range(COLUMNS)])
(folder / "model.json").write_text(json.dumps(model.plain()))
path_dependent = shap.TreeExplainer(model.shap_trees(), feature_perturbation="tree_path_dependent")
interventional = shap.TreeExplainer(model.shap_trees(), background.astype("f8"), feature_perturbation="interventional")
matrix = xgboost.DMatrix(rows)


def of_shap(explainer, values):
    base = numpy.full((len(values), 1), numpy.ravel(explainer.expected_value)[0])
    return numpy.hstack([explainer.shap_values(values.astype("f8"), check_additivity=False), base])


peers = {
    "xgboost": lambda: booster.predict(matrix, pred_contribs=True),
    "shap": lambda: of_shap(path_dependent, rows),
    "interventional": lambda: of_shap(interventional, rows[:100]),
}
print("ready", flush=True)
for line in sys.stdin:
    start = time.process_time()
    result = peers[line.strip()]()
    seconds = time.process_time() - start
    result.astype("f8").tofile(folder / f"{line.strip()}.f8")
    print(seconds, flush=True)
