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

/** An input or output of a graph: a column of shape [N], or a tensor as NumPy names it, -1 for a size that is open. */
export type OnnxPort =
  | { readonly name: string; readonly type: 'double' | 'string' }
  | { readonly name: string; readonly type: 'tensor'; readonly dtype: string; readonly shape: readonly number[] }

/** An ONNX graph in an artifact, for {@link mlflowOnnxFiles}. */
export interface OnnxModelFiles {
  /** Name of the artifact that the files are a part of, and of the file of the graph in it. */
  readonly artifact: string
  readonly graph: string
  /** In order; all columns or all tensors. */
  readonly inputs: readonly OnnxPort[]
  readonly outputs: readonly OnnxPort[]
  /** 32 hexadecimal digits that are this model's. */
  readonly id: string
  /** Milliseconds since 1970. */
  readonly time: number
}

/**
 * The files that make an artifact with a graph a model of MLflow, whatever else it holds: `MLmodel` with its flavours and signature, for
 * columns the Python that loads it, and the environment that serves it. `mlflow.onnx.load_model`, `mlflow.pyfunc.load_model` and `mlflow models serve`
 * take the artifact's folder. The same input gives the same bytes.
 */
export function mlflowOnnxFiles({ artifact, graph, inputs, outputs, id, time }: OnnxModelFiles): ArtifactFile[] {
  const { python, packages } = MLFLOW_PYTHON
  const requirements = Object.entries(packages).map(([name, version]) => `${name}==${version}`)
  // MLflow's own loader feeds tensors as they are.
  const hasColumns = inputs.some(({ type }) => type !== 'tensor')
  return [
    {
      path: 'MLmodel',
      text: lines(
        `artifact_path: ${artifact}`,
        'flavors:',
        '  onnx:',
        '    code: null',
        `    data: ${graph}`,
        '    onnx_session_options: null',
        `    onnx_version: ${packages.onnx}`,
        '    providers:',
        '    - CPUExecutionProvider',
        '  python_function:',
        ...(hasColumns ? ['    code: code'] : []),
        `    data: ${graph}`,
        '    env:',
        '      conda: conda.yaml',
        '      virtualenv: python_env.yaml',
        `    loader_module: ${hasColumns ? 'breakwater_graph' : 'mlflow.onnx'}`,
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
    ...(hasColumns ? [{ path: 'code/breakwater_graph.py', text: LOADER }] : []),
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

const signature = (ports: readonly OnnxPort[]): string =>
  JSON.stringify(
    ports.map((port) => {
      const { name, type } = port
      if (port.type !== 'tensor') return { type, name, required: true }
      return { name, type, 'tensor-spec': { dtype: port.dtype, shape: port.shape } }
    }),
  )
