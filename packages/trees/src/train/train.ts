import type { WasmModule } from '@breakwater/formats'
import { binningCoroutine } from '../binning/bin-matrix.ts'
import type { BinnedMatrix, BinOptions } from '../binning/bin-matrix.ts'
import { runCooperatively } from '../binning/coroutine.ts'
import type { Coroutine } from '../binning/coroutine.ts'
import { createEngine, loadTrainingKernel } from '../engine/engine.ts'
import type { Engine } from '../engine/engine.ts'
import { createMemory } from '../engine/memory.ts'
import { checkMatrix } from '../model/matrix.ts'
import type { Matrix } from '../model/matrix.ts'
import { boost } from './boost.ts'
import type { RoundReport } from './boost.ts'
import { startBoosting } from './boosting.ts'
import type { Head, HeadPlan, HeadResult, SkippedHead, TrainedHead } from './heads.ts'
import { trainSettings } from './options.ts'
import type { TrainOptions, TrainSettings } from './options.ts'
import { planHeads } from './plan-heads.ts'
import { planMemory } from './plan-memory.ts'

/** Options of {@link trainBoosted}: those of training, and the one head's own. */
export interface BoostOptions extends TrainOptions, Partial<Omit<Head, 'labels'>> {}

/** Checked input of one call: what is trained, on which bins, how. */
export interface TrainPlan {
  readonly settings: TrainSettings
  readonly heads: readonly (HeadPlan | SkippedHead)[]
  /** The matrix's bins, or the work that makes them. */
  readonly binning: Coroutine<BinnedMatrix>
}

/**
 * Trains gradient-boosted trees for many heads on one matrix, binned once, on the calling thread, letting the event
 * loop turn every few tens of milliseconds. The result has one entry per head, in their order; a head without enough
 * data is skipped with its reason and does not affect the others. Pass a {@link BinnedMatrix} to reuse its bins.
 *
 * Bins are fitted on `options.binningRows`, or on the union of the heads' training rows. The same input and seed give
 * the same bits, whatever the other heads are. Throws RangeError or TypeError on bad input, naming the argument, value
 * and rule; rejects with the signal's reason when aborted. Cost: O(rounds x depth x rows x columns) a head; memory one
 * byte per value, and per head 40 bytes per row and up to depth + 1 histograms of 16 bytes per bin.
 */
export async function trainHeads(
  matrix: Matrix | BinnedMatrix,
  heads: readonly Head[],
  options: TrainOptions = {},
): Promise<HeadResult[]> {
  const plan = planTraining(matrix, heads, options)
  const binned = await runCooperatively(plan.binning, options.signal)
  const engine = createEngineFor(binned, plan.settings)
  const results: HeadResult[] = []
  for (const [headIndex, head] of plan.heads.entries()) {
    if (head.status === 'skipped') {
      results.push(head)
      continue
    }
    const coroutine = trainingCoroutine(binned, engine, head, plan.settings, (round) =>
      options.onProgress?.({ ...round, headIndex, heads: heads.length }),
    )
    results.push(await runCooperatively(coroutine, options.signal))
  }
  return results
}

/** An engine on this thread alone. */
export function createEngineFor(binned: BinnedMatrix, settings: TrainSettings): Engine {
  const compiled = kernelFor(settings)
  const layout = planMemory(binned, settings, 1)
  return createEngine(createMemory(layout, binned, compiled !== undefined), layout, 0, compiled)
}

/** The compiled training kernel, or undefined for the reference. */
export function kernelFor({ kernel }: TrainSettings): WasmModule | undefined {
  return kernel === 'reference' ? undefined : loadTrainingKernel()
}

/** The training of one head in an engine's region. */
export function trainingCoroutine(
  binned: BinnedMatrix,
  engine: Engine,
  head: HeadPlan,
  settings: TrainSettings,
  report?: (round: RoundReport) => void,
): Coroutine<TrainedHead> {
  const { state, baseScore } = startBoosting(binned, engine, head, settings)
  return boost(state, baseScore, report)
}

/**
 * Trains one head: {@link trainHeads} for the case of one label column. By default the objective is logistic, every
 * row trains and the head is called 'head'.
 */
export async function trainBoosted(
  matrix: Matrix | BinnedMatrix,
  labels: Float32Array,
  options: BoostOptions = {},
): Promise<HeadResult> {
  const head: Head = {
    name: 'head',
    objective: 'logistic',
    train: new Uint8Array(matrix.rows).fill(1),
    ...options,
    labels,
  }
  const [result] = await trainHeads(matrix, [head], options)
  if (!result) throw new Error('trees: trainHeads returned no result for one head')
  return result
}

/** Checks matrix, heads and options; every error of bad input comes from here, before any work. */
export function planTraining(matrix: Matrix | BinnedMatrix, heads: readonly Head[], options: TrainOptions): TrainPlan {
  const settings = settingsFor(matrix, options)
  if (!('bins' in matrix)) checkMatrix(matrix)
  if (matrix.rows === 0) throw new RangeError('trees: matrix.rows=0: must have at least one row. Check the date range')
  checkNames(matrix.columns, settings.interactions?.flat() ?? [])
  const shape = { columns: matrix.columns, rows: matrix.rows, matrix: 'bins' in matrix ? undefined : matrix }
  const plans = planHeads(shape, heads, settings)
  if ('bins' in matrix) return { settings, heads: plans, binning: alreadyBinned(matrix) }
  const rows = options.binningRows ?? unionOfTraining(matrix.rows, heads)
  return { settings, heads: plans, binning: binningCoroutine(matrix, binOptions(settings, rows)) }
}

/** The settings; a matrix that is binned already names its categorical columns itself. */
function settingsFor(matrix: Matrix | BinnedMatrix, options: TrainOptions): TrainSettings {
  const settings = trainSettings(options)
  if (!('bins' in matrix)) return settings
  const { categorical } = matrix
  const differs = settings.categorical.find((name) => !categorical.includes(name))
  if (differs !== undefined) {
    throw new RangeError(
      `trees: categorical: ${JSON.stringify(differs)} was binned as numbers. Pass categorical to binMatrix`,
    )
  }
  return { ...settings, categorical }
}

function binOptions({ maxBins, categorical }: TrainSettings, rows: Uint8Array): BinOptions {
  return { rows, categorical, ...(maxBins !== undefined && { maxBins }) }
}

function checkNames(columns: readonly string[], names: readonly string[]): void {
  for (const name of names) {
    if (!columns.includes(name)) {
      throw new RangeError(`trees: interactions: ${JSON.stringify(name)} is not a matrix column. Check its spelling`)
    }
  }
}

function* alreadyBinned(binned: BinnedMatrix): Coroutine<BinnedMatrix> {
  yield 0
  return binned
}

function unionOfTraining(rows: number, heads: readonly Head[]): Uint8Array {
  const union = new Uint8Array(rows)
  for (const { train } of heads) for (let r = 0; r < rows; r++) union[r] = union[r] || train[r] ? 1 : 0
  // Without any training row every head is skipped; the bins are then of no consequence but must exist.
  return union.some(Boolean) ? union : union.fill(1)
}
