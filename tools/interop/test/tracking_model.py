"""Loads the model and the table of a run as MLflow does, and asks the model about the rows of a Parquet file.

    python tracking_model.py <tracking address> <run id> <rows.parquet>

Prints a JSON line: outputs of the graph that `mlflow.onnx.load_model` gives, the largest difference of `mlflow.pyfunc` from
the columns check_*, and what `mlflow.load_table` reads.
"""

import json
import sys

import mlflow
import numpy as np
import pandas as pd

address, run_id, path = sys.argv[1:]
mlflow.set_tracking_uri(address)
graph = mlflow.onnx.load_model(f"runs:/{run_id}/bundle").graph
model = mlflow.pyfunc.load_model(f"runs:/{run_id}/bundle")
rows = pd.read_parquet(path)
columns = {}
for column in model.metadata.get_input_schema():
    values = rows[column.name]
    columns[column.name] = values.fillna("").astype(str) if column.type.name == "string" else values.astype("float64")
found = model.predict(pd.DataFrame(columns))
difference = 0.0
for name in found.columns:
    expected = rows["check_" + name].to_numpy()
    gap = np.abs(found[name].to_numpy() - expected) / np.maximum(1, np.abs(expected))
    difference = max(difference, float(gap.max()))
mlflow.set_experiment(experiment_id=mlflow.get_run(run_id).info.experiment_id)
table = mlflow.load_table("metrics/metrics.table.json", run_ids=[run_id])
first = rows.head(3)
split = {
    "columns": list(columns),
    "data": pd.DataFrame(columns).head(3).replace({np.nan: None}).values.tolist(),
}
print(json.dumps({
    "outputs": [output.name for output in graph.output],
    "rows": len(found),
    "difference": difference,
    "table": {"columns": list(table.columns), "rows": len(table), "first": table.iloc[0].replace({np.nan: None}).tolist()},
    "question": split,
    "answers": {name: first["check_" + name].tolist() for name in found.columns},
}, default=lambda number: number.item()))
