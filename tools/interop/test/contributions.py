"""Explains the rows of FOLDER/rows.npy with the model FOLDER/model.ubj, as XGBoost does and as the shap package does.

usage: contributions.py FOLDER FEATURE_TYPES BACKGROUND

FEATURE_TYPES has a letter a column: q for numbers, c for categories. BACKGROUND is yes where shap is to explain against
FOLDER/background.npy too; it knows no categories. Saves NAME.npy with a base value behind each row's contributions, and
prints the names.
"""
import json
import sys

import numpy as np
import shap
import xgboost

folder, types, background = sys.argv[1:]
booster = xgboost.Booster(model_file=f"{folder}/model.ubj")
rows = np.load(f"{folder}/rows.npy")
matrix = xgboost.DMatrix(rows, feature_types=list(types), feature_names=booster.feature_names, enable_categorical=True)
answers = {"xgboost": booster.predict(matrix, pred_contribs=True)}
if background == "yes":
    explainer = shap.TreeExplainer(booster, np.load(f"{folder}/background.npy"), feature_perturbation="interventional")
    base = np.full((len(rows), 1), np.ravel(explainer.expected_value)[0])
    answers["shap"] = np.hstack([explainer.shap_values(rows, check_additivity=False), base])
for name, answer in answers.items():
    np.save(f"{folder}/{name}.npy", answer.astype("f8"))
print(json.dumps({"names": list(answers)}))
