import { runPython } from '@breakwater/interop'
import { z } from 'zod'

const texts = z.record(z.string(), z.string())
const runLine = z.object({
  kind: z.literal('run'),
  id: z.string(),
  experiment: z.string(),
  name: z.string(),
  status: z.string(),
  params: texts,
  tags: texts,
  metrics: z.record(z.string(), z.array(z.tuple([z.number(), z.number()]))),
  inputs: z.array(z.array(z.string())),
  artifacts: texts,
  /** Rows of tables by the path of their file. */
  tables: z.record(z.string(), z.array(z.array(z.union([z.string(), z.number(), z.null()])))),
})
const modelLine = z.object({
  kind: z.literal('model'),
  name: z.string(),
  version: z.number(),
  run: z.string(),
  status: z.string(),
  source: z.string(),
})
const mlflowLine = z.discriminatedUnion('kind', [runLine, modelLine])
/** A run as MLflow's own client gives it; metrics as pairs of step and value. */
export type Run = z.output<typeof runLine>
/** The latest version of a registered model. */
export type Model = z.output<typeof modelLine>

/**
 * What MLflow's own client finds at an address; artifacts are downloaded into `folder` to hash them. `keys`: a
 * pattern that the start of a metric's key fits, for each is a request of its own.
 */
export async function mlflowAt(address: string, folder: string, keys = ''): Promise<{ runs: Run[]; models: Model[] }> {
  const script = new URL('tracking_mlflow.py', import.meta.url)
  const env = { MLFLOW_ALLOW_FILE_STORE: 'true', GIT_PYTHON_REFRESH: 'quiet' }
  const lines = await runPython(mlflowLine, script, [address, folder, keys], { env })
  return {
    runs: lines.flatMap((line) => (line.kind === 'run' ? [line] : [])),
    models: lines.flatMap((line) => (line.kind === 'model' ? [line] : [])),
  }
}
