"""Models across formats, checked in their own libraries.

usage: formats.py load FOLDER         loads every FOLDER/*.ubj and *.json as XGBoost and scores FOLDER/rows.npy
       formats.py xgboost FOLDER      trains XGBoost on FOLDER/rows.npy, once an entry of FOLDER/settings.json
       formats.py lightgbm FOLDER     the same with LightGBM

`load` saves NAME.raw.npy and NAME.prediction.npy of a model NAME, and NAME again as the library writes it (again/NAME).
Training NAME on LABELS.npy saves NAME.ubj and NAME.json, or NAME.txt, and NAME.raw.npy, with the trees up to the best
iteration. Prints the trees of each model.
"""
import glob
import json
import os
import sys

import numpy as np

action, folder = sys.argv[1:]
rows = np.load(f"{folder}/rows.npy")


def save(name, values):
    np.save(f"{folder}/{name}.npy", np.asarray(values, dtype="f8"))


def load():
    import xgboost

    os.makedirs(f"{folder}/again", exist_ok=True)
    for path in sorted(glob.glob(f"{folder}/model*.ubj") + glob.glob(f"{folder}/model*.json")):
        name = os.path.basename(path)
        booster = xgboost.Booster(model_file=path)
        names, types = booster.feature_names, booster.feature_types
        matrix = xgboost.DMatrix(rows, feature_names=names, feature_types=types, enable_categorical=True)
        save(f"{name}.raw", booster.predict(matrix, output_margin=True))
        save(f"{name}.prediction", booster.predict(matrix))
        booster.save_model(f"{folder}/again/{name}")
        print(json.dumps({"name": name, "trees": booster.num_boosted_rounds()}))


def trainings():
    with open(f"{folder}/settings.json") as file:
        settings = json.load(file)
    for training in settings["trainings"]:
        yield training, settings, np.load(f"{folder}/labels-{training['objective']}.npy")


HALF = len(rows) // 2


def train_xgboost():
    import xgboost

    for training, settings, labels in trainings():
        kinds = {"feature_names": settings["columns"], "feature_types": settings["types"], "enable_categorical": True}
        stop = training["stop"]
        booster = xgboost.train(
            {"nthread": 1, **training["parameters"]},
            xgboost.DMatrix(rows[:HALF], labels[:HALF], **kinds),
            training["rounds"],
            evals=[(xgboost.DMatrix(rows[HALF:], labels[HALF:], **kinds), "later")] if stop else [],
            early_stopping_rounds=stop or None,
            verbose_eval=False,
        )
        kept = booster.best_iteration + 1 if stop else 0
        name = training["name"]
        booster.save_model(f"{folder}/{name}.ubj")
        booster.save_model(f"{folder}/{name}.json")
        matrix = xgboost.DMatrix(rows, **kinds)
        save(f"{name}.raw", booster.predict(matrix, output_margin=True, iteration_range=(0, kept)))
        print(json.dumps({"name": name, "trees": kept or booster.num_boosted_rounds()}))


def train_lightgbm():
    import lightgbm

    for training, settings, labels in trainings():
        categories = [name for name, kind in zip(settings["columns"], settings["types"]) if kind == "c"]
        parameters = {"num_threads": 1, "deterministic": True, "verbose": -1, **training["parameters"]}
        train = lightgbm.Dataset(
            rows[:HALF], labels[:HALF], feature_name=settings["columns"], categorical_feature=categories
        )
        stop = training["stop"]
        booster = lightgbm.train(
            parameters,
            train,
            training["rounds"],
            valid_sets=[train.create_valid(rows[HALF:], labels[HALF:])] if stop else [],
            callbacks=[lightgbm.early_stopping(stop, verbose=False)] if stop else [],
        )
        name = training["name"]
        booster.save_model(f"{folder}/{name}.txt")
        save(f"{name}.raw", booster.predict(rows, raw_score=True))
        print(json.dumps({"name": name, "trees": booster.best_iteration if stop else booster.num_trees()}))


{"load": load, "xgboost": train_xgboost, "lightgbm": train_lightgbm}[action]()
