import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { appendLine, replaceFile } from '@breakwater/formats/node'
import { copyInto } from '../copy.ts'
import { checkStart, guardRun } from '../guard.ts'
import type { SinkRun } from '../guard.ts'
import { paramText } from '../rules.ts'
import type { DatasetInput, JobName, RunStart, RunStatus, Tracker, TrackerContext } from '../tracker.ts'
import { readMeta, writeMeta } from './meta.ts'
import type { Meta } from './meta.ts'
import { mlflowDataset, STATUSES, systemTags, tableTag } from './terms.ts'

/** Where MLflow runs are written. */
export interface MlflowFilesOptions {
  /** The folder that is otherwise called `mlruns`. */
  readonly folder: string
  /** The experiment of a job. */
  readonly experimentOf: (job: JobName) => string
  readonly user: string
  readonly context: TrackerContext
}

/**
 * A tracker that writes MLflow's folder layout: experiments and runs as folders with a meta.yaml, metrics as lines of
 * `timestamp value step`, params and tags as files, artifacts as they are. MLflow 3.13 and later read it where
 * MLFLOW_ALLOW_FILE_STORE=true; `mlflow migrate-filestore` brings it into a database.
 */
export function mlflowFiles(options: MlflowFilesOptions): Tracker {
  return {
    start: async (run) => {
      checkStart(run)
      return guardRun(run, await openRun(options, run))
    },
  }
}

async function openRun(options: MlflowFilesOptions, run: RunStart): Promise<SinkRun> {
  const { context, user } = options
  const experiment = await experimentFolder(options, options.experimentOf(run.job))
  const folder = join(experiment.folder, run.id)
  const metaPath = join(folder, 'meta.yaml')
  const reopened = run.reopen === true && existsSync(metaPath)
  if (!reopened && existsSync(folder)) {
    throw new Error(`tracking: mlflow-files: run ${run.id} is in ${folder} already. Start runs with ids of their own.`)
  }
  const startTime = reopened ? Number((await readMeta(metaPath))['start_time']) : context.clock()
  const artifacts = join(folder, 'artifacts')
  for (const each of ['metrics', 'params', 'tags', 'artifacts']) await mkdir(join(folder, each), { recursive: true })
  const saveMeta = (status: RunStatus | 'running'): Promise<void> =>
    writeMeta(metaPath, {
      ...runMeta(run, user),
      artifact_uri: pathToFileURL(artifacts).href,
      experiment_id: experiment.id,
      start_time: startTime,
      status: STATUSES[status].code,
      end_time: status === 'running' ? null : context.clock(),
    })
  await saveMeta('running')
  const folders = new Set<string>()
  const tables: string[] = []
  await writeValues(join(folder, 'tags'), { ...systemTags(run, user, run.parent), ...run.tags })
  return {
    places: [`MLflow run, in files: ${folder} (look at it with: ${uiCommand(options.folder)})`],
    params: (values) =>
      writeValues(
        join(folder, 'params'),
        Object.fromEntries(Object.entries(values).map(([key, value]) => [key, paramText(value)])),
      ),
    tags: (values) => writeValues(join(folder, 'tags'), values),
    metrics: async (values, step) => {
      for (const [key, value] of Object.entries(values)) {
        const path = join(folder, 'metrics', ...key.split('/'))
        if (!folders.has(dirname(path))) await mkdir(dirname(path), { recursive: true })
        folders.add(dirname(path))
        await appendLine(path, `${context.clock()} ${value} ${step}`, { durable: false })
      }
    },
    artifact: async ({ name, type, files }) => {
      await copyInto(join(artifacts, name), files)
      if (type !== 'table') return
      tables.push(...files.map(({ path }) => `${name}/${path}`))
      await writeValues(join(folder, 'tags'), tableTag(tables))
    },
    dataset: (input) => writeDataset(experiment.folder, folder, run.id, input),
    end: saveMeta,
  }
}

/** How MLflow's pages are opened on the folder; MLflow 3.13 and later read it where the variable says so. */
const uiCommand = (folder: string): string =>
  `MLFLOW_ALLOW_FILE_STORE=true mlflow ui --backend-store-uri ${/\s/.test(folder) ? JSON.stringify(folder) : folder}`

/** The fields of a run that never change. */
function runMeta(run: RunStart, user: string): Meta {
  return {
    deleted_time: null,
    entry_point_name: '',
    lifecycle_stage: 'active',
    run_id: run.id,
    run_name: run.name,
    run_uuid: run.id,
    source_name: '',
    source_type: 4,
    source_version: '',
    tags: [],
    user_id: user,
  }
}

/** One file for each value, in folders where its key has parts. */
async function writeValues(folder: string, values: Readonly<Record<string, string>>): Promise<void> {
  for (const [key, value] of Object.entries(values)) {
    // Thousands of small files: renamed into place, without a sync of each.
    await replaceFile(join(folder, ...key.split('/')), value, { durable: false })
  }
}

interface Experiment {
  readonly id: string
  readonly folder: string
}

/**
 * The experiment of this name, made where it is not there. A new one's id comes from its name, so that two processes
 * that make it at once make the same.
 */
async function experimentFolder(options: MlflowFilesOptions, name: string): Promise<Experiment> {
  await mkdir(options.folder, { recursive: true })
  for (const entry of await readdir(options.folder, { withFileTypes: true })) {
    const folder = join(options.folder, entry.name)
    const path = join(folder, 'meta.yaml')
    if (!entry.isDirectory() || !existsSync(path)) continue
    const meta = await readMeta(path)
    if (meta['name'] !== name) continue
    if (meta['lifecycle_stage'] !== 'active') {
      throw new Error(
        `tracking: mlflow-files: experiment ${name} was deleted. Restore it, or set MLFLOW_EXPERIMENT_NAME to another.`,
      )
    }
    return { id: entry.name, folder }
  }
  return makeExperiment(options, name)
}

async function makeExperiment({ folder: root, context }: MlflowFilesOptions, name: string): Promise<Experiment> {
  const digits = createHash('sha256').update(name).digest().readBigUInt64BE()
  const id = (digits % 900_000_000_000_000_000n) + 100_000_000_000_000_000n
  const folder = join(root, id.toString())
  await mkdir(folder, { recursive: true })
  const now = context.clock()
  await writeMeta(join(folder, 'meta.yaml'), {
    artifact_location: pathToFileURL(folder).href,
    creation_time: now,
    experiment_id: id.toString(),
    last_update_time: now,
    lifecycle_stage: 'active',
    name,
  })
  return { id: id.toString(), folder }
}

const md5 = (...parts: readonly string[]): string => {
  const hash = createHash('md5')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}

async function writeDataset(experiment: string, folder: string, runId: string, input: DatasetInput): Promise<void> {
  const dataset = mlflowDataset(input)
  const datasetId = md5(dataset.name, dataset.digest)
  const datasetFolder = join(experiment, 'datasets', datasetId)
  await mkdir(datasetFolder, { recursive: true })
  await writeMeta(join(datasetFolder, 'meta.yaml'), { ...dataset, schema: null })
  const inputFolder = join(folder, 'inputs', md5(datasetId, runId))
  await mkdir(inputFolder, { recursive: true })
  await writeMeta(join(inputFolder, 'meta.yaml'), {
    source_type: 'DATASET',
    source_id: datasetId,
    destination_type: 'RUN',
    // As MLflow itself writes it.
    destination_id: datasetId,
    tags: { 'mlflow.data.context': input.context },
  })
}
