"""Brings an mlruns folder into a database with `mlflow migrate-filestore`; prints how many runs it holds then.

    python tracking_migrate.py <folder> <sqlite address>
"""

import json
import subprocess
import sys

import mlflow

subprocess.run(
    [sys.executable, "-m", "mlflow", "migrate-filestore", "--source", sys.argv[1], "--target", sys.argv[2]],
    check=True, capture_output=True,
)
mlflow.set_tracking_uri(sys.argv[2])
print(json.dumps({"runs": len(mlflow.search_runs(search_all_experiments=True, output_format="list"))}))
