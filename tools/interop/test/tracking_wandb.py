"""Prints the records that W&B's own reader finds in a .wandb file, one a line, then its summary of the run.

    python tracking_wandb.py <file>
"""

import json
import pathlib
import subprocess
import sys

program = str(pathlib.Path(sys.executable).parent / "wandb")


def said(*args):
    return subprocess.run([program, *args], check=True, capture_output=True, text=True).stdout


print(said("leet", "inspect", "--json", sys.argv[1]).strip())
print(json.dumps({"type": "state", "state": json.loads(said("leet", "inspect", "--summary", "--json", sys.argv[1]))}))
folder = pathlib.Path(sys.argv[1]).parent.parent.parent
view = subprocess.run([program, "sync", "--dry-run"], check=True, capture_output=True, text=True, cwd=folder)
print(json.dumps({"type": "sync", "words": view.stdout + view.stderr}))
