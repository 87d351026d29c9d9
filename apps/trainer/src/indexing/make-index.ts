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
  type SetName,
  type Signals,
} from '@breakwater/models'
import { findSets, type IndexOnDisk, loadSet, type TrainedSet, writeIndex } from '@breakwater/models/node'
import { type Context, originOf } from '../context.ts'
import { absolute, shown } from '../paths.ts'
import type { Progress } from '@breakwater/command-line'
import { signalsOf } from '../signals-file.ts'
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
  return withFolderLock(absolute(context.cwd, request.outputDir), { command: 'trainer index' }, () =>
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
  return saved
}

/** One set to index. */
interface IndexInput {
  readonly trained: TrainedSet
  readonly dates: IndexDates
  readonly signals: Signals
}

async function makeIndex(
  context: Context,
  progress: Progress,
  { anchor, k, episodeCap, ks, outputDir, keepVersions, seed }: IndexRequest,
  { trained, dates, signals }: IndexInput,
): Promise<IndexOnDisk<IndexEvaluation>> {
  const { stage, ablation, data } = trained.details
  const served = anchorFeatures(trained.bundles, signals.schema, anchor)
  const { thresholds, lookforwardSeconds: windowSeconds } = signals
  const targets = deriveHeads(signals.table, { thresholds, windowSeconds, anchors: [anchor], horizons: [] })
  const options: IndexOptions = { k, episodeCap, anchor }
  const folds = indexedRows(trained.details, signals, dates)
  const asked = [...new Set([...ks, k])].toSorted((a, b) => a - b)
  const asking = progress.step('evaluate neighbours', 1)
  const evaluation = await evaluateIndex({
    signals,
    predictions: trained.predictions,
    targets,
    served,
    folds,
    options,
    ks: asked,
    seed,
    signal: context.signal,
    onProgress: (done, total) => asking.update(done / total),
  })
  asking.end(`${evaluation.rows} rows x ${asked.length} values of k`)
  const step = progress.step(`index ${stage} ${ablation}`, 1)
  const mask = folds.at(-1)?.train ?? new Uint8Array(signals.table.rows)
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
