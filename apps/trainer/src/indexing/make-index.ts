import type { Anchor, HeadTarget } from '@breakwater/features'
import { deriveHeads, stringColumn } from '@breakwater/features'
import type { Context } from '../context.ts'
import { signalsOf } from '../evaluation/set-signals.ts'
import { findSets, loadSet } from '../evaluation/sets.ts'
import type { TrainedSet } from '../evaluation/sets.ts'
import { absolute } from '../paths.ts'
import type { Progress } from '../progress.ts'
import type { Signals } from '../signals-file.ts'
import { aboutIndex, recordIndex } from '../tracking/indexing.ts'
import type { Tracking } from '../tracking/tracking.ts'
import { indexDates } from './dates.ts'
import type { IndexDates } from './dates.ts'
import { evaluateIndex } from './evaluate.ts'
import { setFeatures } from './features.ts'
import { fitOnRows, trainingRows } from './fold-index.ts'
import type { AskedFold, IndexOptions } from './fold-index.ts'
import { saveRetrieval } from './save.ts'
import type { SavedRetrieval } from './save.ts'

/** What to index. */
export interface IndexRequest {
  readonly stage: string
  readonly ablation: string
  readonly anchor: Anchor
  readonly trainDates: readonly string[] | undefined
  readonly k: number
  readonly episodeCap: number
  /** Numbers of neighbours to evaluate. */
  readonly ks: readonly number[]
  readonly dataPath: readonly string[] | undefined
  readonly modelDir: string
  readonly outputDir: string
  readonly schemaPath: string
  readonly seed: number
  readonly tracking: Tracking
}

/** Evaluates and writes the retrieval index of every set that the request names. */
export async function makeIndexes(
  context: Context,
  progress: Progress,
  request: IndexRequest,
): Promise<SavedRetrieval[]> {
  const folder = absolute(context.cwd, request.modelDir)
  const names = findSets(folder, { stages: [request.stage], ablations: [request.ablation] })
  const saved: SavedRetrieval[] = []
  for (const name of names) {
    const trained = await loadSet(folder, name)
    const dates = indexDates(trained.details, request.trainDates)
    const signals = await signalsOf(context, request, trained)
    const input = { trained, dates, signals }
    const index = await request.tracking.run(aboutIndex(request, input), async (run) => {
      const written = await makeIndex(context, progress, request, input)
      await recordIndex(run, context.cwd, written)
      return written
    })
    saved.push(index)
  }
  return saved
}

/** One set to index. */
export interface IndexInput {
  readonly trained: TrainedSet
  readonly dates: IndexDates
  readonly signals: Signals
}

async function makeIndex(
  context: Context,
  progress: Progress,
  { anchor, k, episodeCap, ks, outputDir, seed }: IndexRequest,
  input: IndexInput,
): Promise<SavedRetrieval> {
  const { trained, dates, signals } = input
  const { stage, ablation, data } = trained.details
  const served = setFeatures(trained.bundles, signals.schema, anchor)
  const targets = targetsOf(signals, anchor)
  const options: IndexOptions = { k, episodeCap, anchor }
  const folds = askedFolds(input)
  const asked = [...new Set([...ks, k])].toSorted((a, b) => a - b)
  const evaluation = await evaluateIndex(context, progress, {
    signals,
    trained,
    targets,
    served,
    folds,
    options,
    ks: asked,
    seed,
  })
  const step = progress.step(`index ${stage} ${ablation}`, 1)
  const mask = (folds.at(-1) as AskedFold).train
  const { index } = fitOnRows(signals, targets, served.encoder, mask, options, step)
  step.end(`${index.rows} touches`)
  const { hash, files } = signals
  return saveRetrieval(context, {
    stage,
    ablation,
    anchor,
    index,
    encoder: served.encoder,
    sessions: dates.dates,
    data: { hash, files, schemaVersion: data.schemaVersion },
    evaluation,
    outputDir,
  })
}

function targetsOf(signals: Signals, anchor: Anchor): HeadTarget[] {
  return deriveHeads(signals.table, {
    thresholds: signals.thresholds,
    windowSeconds: signals.lookforwardSeconds,
    anchors: [anchor],
    horizons: [],
  })
}

/** Each fold with its training rows; with named dates the last fold alone, with the rows of those dates. */
function askedFolds({ trained, dates, signals }: IndexInput): AskedFold[] {
  const { plan } = trained.details
  if (dates.named) {
    const { codes, dictionary } = stringColumn(signals.table, 'date')
    const wanted = new Set(dates.dates)
    const train = Uint8Array.from(codes, (code) => Number(wanted.has(dictionary[code] as string)))
    return [{ fold: plan.folds.length - 1, train }]
  }
  return trainingRows(trained, signals)
}
