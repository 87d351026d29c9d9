"""Loads the newest model of a tracking folder as MLflow does, and asks it about five samples of noise.

    python tracking_tensors.py <tracking address>

Prints a JSON line: names of the inputs, and the shape of each output.
"""

import json
import sys

import mlflow
import numpy as np

mlflow.set_tracking_uri(sys.argv[1])
[run] = mlflow.search_runs(search_all_experiments=True, output_format="list")
mlflow.onnx.load_model(f"runs:/{run.info.run_id}/model")
model = mlflow.pyfunc.load_model(f"runs:/{run.info.run_id}/model")
random = np.random.default_rng(3)
feeds = {}
for spec in model.metadata.get_input_schema():
    shape = [5 if size == -1 else size for size in spec.shape]
    feeds[spec.name] = random.random(shape).astype(spec.type)
found = model.predict(feeds)
assert all(np.isfinite(values).all() for values in found.values())
print(json.dumps({"inputs": list(feeds), "shapes": {name: list(values.shape) for name, values in found.items()}}))
