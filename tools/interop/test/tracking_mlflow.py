"""Prints the runs that MLflow's own client finds at a tracking address, one a line, oldest first; then the registered models.

    python tracking_mlflow.py <address> <folder to download artifacts into> <pattern of the metrics to read>
"""

import hashlib
import json
import pathlib
import re
import sys

from mlflow.tracking import MlflowClient

client = MlflowClient(sys.argv[1])

# Rows of the tables of the run at hand, by path.
tables = {}


def artifacts(run_id, path=None):
    for entry in client.list_artifacts(run_id, path):
        if entry.is_dir:
            yield from artifacts(run_id, entry.path)
        else:
            local = client.download_artifacts(run_id, entry.path, sys.argv[2])
            if entry.path.endswith(".table.json"):
                tables[entry.path] = json.loads(pathlib.Path(local).read_text())["data"]
            yield entry.path, hashlib.sha256(pathlib.Path(local).read_bytes()).hexdigest()


for experiment in client.search_experiments():
    for run in reversed(client.search_runs([experiment.experiment_id])):
        id = run.info.run_id
        history = {key: [[m.step, m.value] for m in client.get_metric_history(id, key)] for key in run.data.metrics if re.match(sys.argv[3], key)}
        inputs = [[i.dataset.name, i.dataset.digest, i.tags[0].value] for i in run.inputs.dataset_inputs]
        tables.clear()
        files = dict(artifacts(id))
        line = {
            "kind": "run", "id": id, "experiment": experiment.name, "name": run.info.run_name,
            "status": run.info.status, "params": run.data.params, "tags": run.data.tags, "metrics": history,
            "inputs": inputs, "artifacts": files, "tables": dict(tables),
        }
        print(json.dumps(line))
for model in client.search_registered_models():
    for version in model.latest_versions:
        print(json.dumps({
            "kind": "model", "name": model.name, "version": int(version.version), "run": version.run_id,
            "status": version.status, "source": version.source,
        }))
