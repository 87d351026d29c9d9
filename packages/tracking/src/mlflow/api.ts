import { z } from 'zod'
import { MlflowRefusal } from './client.ts'
import type { MlflowClient } from './client.ts'
import type { LogBatch, Operation } from './operations.ts'
import { RUN_ID_TAG, STATUSES, systemTags } from './terms.ts'

/** A run as the server knows it. */
export interface ServerRun {
  readonly runId: string
  readonly experimentId: string
  readonly artifactUri: string
}

const experiment = z.object({ experiment: z.object({ experiment_id: z.string(), lifecycle_stage: z.string() }) })
const created = z.object({ experiment_id: z.string() })
const info = z.object({ run_id: z.string(), experiment_id: z.string(), artifact_uri: z.string() })
const run = z.object({ run: z.object({ info }) })
const runs = z.object({ runs: z.array(z.object({ info })).default([]) })
const versions = z.object({ model_versions: z.array(z.object({ name: z.string() })).default([]) })

const serverRun = ({ run_id, experiment_id, artifact_uri }: z.output<typeof info>): ServerRun => ({
  runId: run_id,
  experimentId: experiment_id,
  artifactUri: artifact_uri,
})

/** Whether the server refused with this error code. */
const refusedWith = (error: unknown, code: string): boolean => error instanceof MlflowRefusal && error.code === code

/** The id of the experiment of this name, made where there is none. */
async function experimentId(client: MlflowClient, name: string): Promise<string> {
  const find = async (): Promise<string> => {
    const found = experiment.parse(await client.get('experiments/get-by-name', { experiment_name: name }))
    if (found.experiment.lifecycle_stage !== 'active') {
      throw new MlflowRefusal(
        `tracking: mlflow-server: experiment ${name} was deleted. Restore it, or set MLFLOW_EXPERIMENT_NAME to another.`,
        400,
        'INVALID_STATE',
      )
    }
    return found.experiment.experiment_id
  }
  try {
    return await find()
  } catch (error) {
    if (!refusedWith(error, 'RESOURCE_DOES_NOT_EXIST')) throw error
  }
  try {
    return created.parse(await client.post('experiments/create', { name })).experiment_id
  } catch (error) {
    // Another process was quicker.
    if (!refusedWith(error, 'RESOURCE_ALREADY_EXISTS')) throw error
    return find()
  }
}

async function findRun(
  client: MlflowClient,
  experimentIds: readonly string[],
  id: string,
): Promise<ServerRun | undefined> {
  const filter = `tags."${RUN_ID_TAG}" = '${id}'`
  const found = runs.parse(await client.post('runs/search', { experiment_ids: experimentIds, filter, max_results: 1 }))
  return found.runs[0] === undefined ? undefined : serverRun(found.runs[0].info)
}

/**
 * The server's run for a start, made where there is none with its run id: an answer that got lost does not make two. A
 * parent is looked up by its run id in the same experiment.
 */
export async function ensureRun(
  client: MlflowClient,
  { run: start, experiment: name, user, time }: Extract<Operation, { kind: 'start' }>,
): Promise<ServerRun> {
  const experimentIds = [await experimentId(client, name)]
  const found = await findRun(client, experimentIds, start.id)
  if (found !== undefined) {
    await client.post('runs/update', { run_id: found.runId, status: STATUSES.running.word })
    return found
  }
  const parent = start.parent === undefined ? undefined : await findRun(client, experimentIds, start.parent)
  const tags = { ...systemTags(start, user, parent?.runId), ...start.tags, [RUN_ID_TAG]: start.id }
  const answer = await client.post('runs/create', {
    experiment_id: experimentIds[0],
    run_name: start.name,
    user_id: user,
    start_time: time,
    tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
  })
  return serverRun(run.parse(answer).run.info)
}

/** Sends one batch of values, which must be within the limits. */
export async function logBatch(client: MlflowClient, { runId }: ServerRun, batch: LogBatch): Promise<void> {
  const { metrics, params, tags } = batch
  await client.post('runs/log-batch', { run_id: runId, metrics, params, tags })
}

/** Where a file of the run lies in the server's own artifact store. Throws a refusal where that is another store. */
export function artifactPath({ artifactUri }: ServerRun, path: string): string {
  const root = /^mlflow-artifacts:(?:\/\/[^/]*)?\/(?<root>.*)$/.exec(artifactUri)?.groups?.['root']
  if (root !== undefined) return `${root}/${path}`
  throw new MlflowRefusal(
    `tracking: mlflow-server: the experiment keeps its artifacts at ${artifactUri}, not through the server. ` +
      'Start the server with --serve-artifacts and use a new experiment.',
    400,
    'ARTIFACTS_NOT_SERVED',
  )
}

/** Makes the artifact the next version of a registered model, unless the run has made it a version before. */
export async function registerModel(
  client: MlflowClient,
  { runId, artifactUri }: ServerRun,
  { model, artifact, tags }: Extract<Operation, { kind: 'model' }>,
): Promise<void> {
  try {
    await client.post('registered-models/create', { name: model })
  } catch (error) {
    if (!refusedWith(error, 'RESOURCE_ALREADY_EXISTS')) throw error
  }
  const before = versions.parse(await client.get('model-versions/search', { filter: `run_id='${runId}'` }))
  if (before.model_versions.some(({ name }) => name === model)) return
  await client.post('model-versions/create', {
    name: model,
    source: `${artifactUri}/${artifact}`,
    run_id: runId,
    tags,
  })
}
