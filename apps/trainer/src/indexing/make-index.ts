import type { IndexEvaluation } from '@breakwater/evaluation'
import { evaluateIndex } from '@breakwater/evaluation/sets'
import { withFolderLock } from '@breakwater/formats/node'
import type { Anchor } from '@breakwater/features'
import { deriveHeads } from '@breakwater/features'
import {
  anchorFeatures,
  fitOnRows,
  type IndexDates,
  indexDates,
  indexFiles,
  indexedRows,
  type IndexOptions,
  servedRows,
  type SetName,
  type Signals,
} from '@breakwater/models'
import {
  askFoldsByJobs,
  dataFiles,
  type ExecutorRequest,
  type FoldsQuestion,
  forgetJobs,
  type NeighbourColumns,
  withExecutor,
} from '@breakwater/models/jobs'
import { jobsOf } from '../jobs/bus.ts'
import { findSets, type IndexOnDisk, loadSet, type TrainedSet, writeIndex } from '@breakwater/models/node'
import { type Context, originOf } from '../context.ts'
import { absolute, shown } from '../paths.ts'
import type { Progress } from '@breakwater/command-line'
import { placeOf, signalsOf } from '../signals-file.ts'
import { aboutIndex, recordIndex } from '../tracking/indexing.ts'
import { noteReplaced } from '../versions/replaced.ts'
import type { Tracking } from '../tracking/tracking.ts'

/** What to index. */
export interface IndexRequest extends IndexOptions {
  readonly stage: string
  readonly ablation: string
  readonly anchor: Anchor
  readonly trainDates: readonly string[] | undefined
  /** Numbers of neighbours to evaluate. */
  readonly ks: readonly number[]
  readonly dataPath: readonly string[] | undefined
  readonly modelDir: string
  readonly outputDir: string
  readonly keepVersions: number
  readonly schemaPath: string | undefined
  readonly seed: number
  readonly threads: number | undefined
  /** Who evaluates the folds: this process where it is left out. */
  readonly bus?: ExecutorRequest['bus']
  readonly tracking: Tracking
}

/**
 * Evaluates and writes the retrieval index of every set that the request names. Throws `LockError` where another process writes
 * into the folder.
 */
export async function makeIndexes(
  context: Context,
  progress: Progress,
  request: IndexRequest,
): Promise<IndexOnDisk<IndexEvaluation>[]> {
  const folder = absolute(context.cwd, request.modelDir)
  const names = findSets(folder, { stages: [request.stage], ablations: [request.ablation] })
  return withFolderLock(absolute(context.cwd, request.outputDir), { command: 'breakwater index' }, () =>
    indexSets(context, progress, request, names),
  )
}

async function indexSets(
  context: Context,
  progress: Progress,
  request: IndexRequest,
  names: readonly SetName[],
): Promise<IndexOnDisk<IndexEvaluation>[]> {
  const folder = absolute(context.cwd, request.modelDir)
  const saved: IndexOnDisk<IndexEvaluation>[] = []
  for (const name of names) {
    const trained = await loadSet(folder, name)
    const dates = indexDates(trained.details, request.trainDates)
    const signals = await signalsOf(context, request, trained)
    const about = aboutIndex({ ...request, dates: dates.dates }, trained, signals)
    const index = await request.tracking.run(about, async (run) => {
      const written = await makeIndex(context, progress, request, { trained, dates, signals })
      await recordIndex(run, context.cwd, written)
      return written
    })
    saved.push(index)
  }
  await forgetJobs(absolute(context.cwd, request.outputDir))
  return saved
}

/** One set to index. */
interface IndexInput {
  readonly trained: TrainedSet
  readonly dates: IndexDates
  readonly signals: Signals
}

/** What the index of every fold says, for each number of neighbours asked for. */
async function askFolds(
  context: Context,
  progress: Progress,
  { anchor, k, episodeCap, ks, outputDir, schemaPath, threads, bus }: IndexRequest,
  { trained, signals }: IndexInput,
  fold: Pick<FoldsQuestion, 'folds' | 'features'>,
): Promise<ReadonlyMap<number, NeighbourColumns>> {
  const { clock, cwd } = context
  const { details, predictions } = trained
  const folder = absolute(cwd, outputDir)
  const data = { signals }
  const jobs: ExecutorRequest = {
    bus,
    clock,
    threads,
    folder,
    command: `breakwater index ${details.stage} ${details.ablation}, into ${shown(cwd, folder)}`,
    dataOf: () => Promise.resolve(data),
    filesOf: () =>
      Promise.resolve(dataFiles(data, placeOf({ cwd }, { schemaPath, dates: details.data.dates }, signals))),
  }
  const step = progress.step('evaluate neighbours', 1)
  const asked = [...new Set([...ks, k])].toSorted((a, b) => a - b)
  const question = { signals, predictions, ...fold, options: { k, episodeCap, anchor }, ks: asked }
  const answers = await withExecutor(jobs, (executor, results) =>
    askFoldsByJobs(question, { executor, results, ...jobsOf(context, progress, step) }),
  )
  step.end(`${fold.folds.length} folds x ${asked.length} values of k`)
  return answers
}

async function makeIndex(
  context: Context,
  progress: Progress,
  request: IndexRequest,
  input: IndexInput,
): Promise<IndexOnDisk<IndexEvaluation>> {
  const { trained, dates, signals } = input
  const { anchor, k, episodeCap, outputDir, keepVersions, seed } = request
  const { stage, ablation, data } = trained.details
  const { predictions } = trained
  const served = anchorFeatures(trained.bundles, signals.schema, anchor)
  const { thresholds, lookforwardSeconds: windowSeconds } = signals
  const targets = deriveHeads(signals.table, { thresholds, windowSeconds, anchors: [anchor], horizons: [] })
  const options: IndexOptions = { k, episodeCap, anchor }
  const folds = indexedRows(trained.details, signals, dates)
  const answers = await askFolds(context, progress, request, input, { folds, features: served.features })
  const evaluation = evaluateIndex({ signals, predictions, targets, folds, options, answers, seed })
  const step = progress.step(`index ${stage} ${ablation}`, 1)
  const mask = servedRows(trained.details, signals, dates)
  const { index } = fitOnRows({ signals, targets }, { encoder: served.encoder, mask }, options, (share) =>
    step.update(share),
  )
  step.end(`${index.rows} touches`)
  context.signal.throwIfAborted()
  const { hash, files } = signals
  const described = {
    stage,
    ablation,
    anchor,
    index,
    evaluation,
    encoder: served.encoder,
    sessions: dates.dates,
    data: { hash, files, schemaVersion: data.schemaVersion },
  }
  const pointer = indexFiles({ stage, ablation }, anchor).record
  await noteReplaced(context, progress, { folder: absolute(context.cwd, outputDir), pointer })
  const written = await writeIndex(absolute(context.cwd, outputDir), described, {
    ...originOf(context),
    keepVersions,
  })
  return { ...written, index: shown(context.cwd, written.index), json: shown(context.cwd, written.json) }
}
