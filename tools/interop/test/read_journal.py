"""Reads an Optuna journal with Optuna itself and with the dashboard's own server, and prints what both see as JSON."""
import io
import json
import sys

import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna_dashboard import wsgi

storage = JournalStorage(JournalFileBackend(sys.argv[1]))
[name] = [summary.study_name for summary in optuna.get_all_study_summaries(storage)]
study = optuna.load_study(study_name=name, storage=storage)
trials = [
    {
        "number": trial.number,
        "state": trial.state.name,
        "value": trial.value,
        "params": trial.params,
        "intermediate": trial.intermediate_values,
        "attributes": trial.user_attrs,
    }
    for trial in study.trials
]


def ask(path):
    """One request to the dashboard, without a socket."""
    status = []
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
    }
    body = b"".join(wsgi(storage)(environ, lambda line, headers, exc_info=None: status.append(line)))
    return status[0], json.loads(body)


_, studies = ask("/api/studies")
status, shown = ask("/api/studies/0")
print(
    json.dumps(
        {
            "name": study.study_name,
            "direction": study.direction.name,
            "best": study.best_trial.number,
            "trials": trials,
            "dashboard": {"status": status, "studies": len(studies["study_summaries"]), "trials": len(shown["trials"])},
        }
    )
)
