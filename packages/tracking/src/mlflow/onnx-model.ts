import type { ArtifactFile } from '../tracker.ts'

/** What loads the graph for `mlflow.pyfunc` and `mlflow models serve`: MLflow's own loader hands columns of words on as pandas keeps them. */
const LOADER = `import numpy as np
import onnxruntime
import pandas as pd


class Graph:
    def __init__(self, path):
        self.session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])

    def predict(self, data, params=None):
        feeds = {value.name: column(value, data[value.name]) for value in self.session.get_inputs()}
        names = [output.name for output in self.session.get_outputs()]
        return pd.DataFrame(dict(zip(names, self.session.run(names, feeds))))


def column(value, values):
    # Numbers with NaN, or words with '' where there is none.
    if value.type == "tensor(string)":
        return np.array(["" if pd.isna(word) else str(word) for word in values], dtype=object)
    return np.asarray(values, dtype=np.float64)


def _load_pyfunc(path):
    return Graph(path)
`

/** Versions of Python and of the packages that MLflow loads such a model with; the tests load it with these. */
export const MLFLOW_PYTHON: {
  readonly python: string
  readonly packages: Readonly<Record<'mlflow' | 'onnx' | 'onnxruntime', string>>
} = { python: '3.11.7', packages: { mlflow: '3.17.2', onnx: '1.23.2', onnxruntime: '1.32.0' } }

/** An ONNX graph of columns, for {@link mlflowOnnxFiles}. */
export interface OnnxModelFiles {
  /** Bytes of the graph. Each input is a column of shape [N], each output too. */
  readonly model: Uint8Array
  /** In order. */
  readonly inputs: readonly { readonly name: string; readonly type: 'double' | 'string' }[]
  readonly outputs: readonly { readonly name: string; readonly type: 'double' }[]
  /** Name of the artifact that the files are a part of. */
  readonly artifact: string
  /** 32 hexadecimal digits that are this model's. */
  readonly id: string
  /** Milliseconds since 1970. */
  readonly time: number
}

/**
 * The files that make an artifact a model of MLflow beside whatever else it holds: `model.onnx`, `MLmodel` with its flavours and
 * signature, the Python that loads it, and the environment that serves it. `mlflow.onnx.load_model`, `mlflow.pyfunc.load_model` and `mlflow models serve`
 * take the artifact's folder. The same input gives the same bytes.
 */
export function mlflowOnnxFiles({ model, inputs, outputs, artifact, id, time }: OnnxModelFiles): ArtifactFile[] {
  const { python, packages } = MLFLOW_PYTHON
  const requirements = Object.entries(packages).map(([name, version]) => `${name}==${version}`)
  return [
    { path: 'model.onnx', bytes: model },
    {
      path: 'MLmodel',
      text: lines(
        `artifact_path: ${artifact}`,
        'flavors:',
        '  onnx:',
        '    code: null',
        '    data: model.onnx',
        '    onnx_session_options: null',
        `    onnx_version: ${packages.onnx}`,
        '    providers:',
        '    - CPUExecutionProvider',
        '  python_function:',
        '    code: code',
        '    data: model.onnx',
        '    env:',
        '      conda: conda.yaml',
        '      virtualenv: python_env.yaml',
        '    loader_module: breakwater_graph',
        `    python_version: ${python}`,
        `mlflow_version: ${packages.mlflow}`,
        `model_uuid: ${quoted(id)}`,
        'signature:',
        `  inputs: ${quoted(signature(inputs))}`,
        `  outputs: ${quoted(signature(outputs))}`,
        '  params: null',
        `utc_time_created: ${quoted(new Date(time).toISOString().replace('T', ' ').replace('Z', '000'))}`,
      ),
    },
    { path: 'code/breakwater_graph.py', text: LOADER },
    { path: 'requirements.txt', text: lines(...requirements) },
    {
      path: 'python_env.yaml',
      text: lines(`python: ${python}`, 'build_dependencies: []', 'dependencies:', '- -r requirements.txt'),
    },
    {
      path: 'conda.yaml',
      text: lines(
        'channels:',
        '- conda-forge',
        'dependencies:',
        `- python=${python}`,
        '- pip',
        '- pip:',
        ...requirements.map((requirement) => `  - ${requirement}`),
        'name: mlflow-env',
      ),
    },
  ]
}

const lines = (...all: readonly string[]): string => `${all.join('\n')}\n`

/** A YAML scalar in single quotes. */
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`

const signature = (columns: readonly { readonly name: string; readonly type: string }[]): string =>
  JSON.stringify(columns.map(({ name, type }) => ({ type, name, required: true })))
