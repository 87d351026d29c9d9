import type { Matrix, Table } from '@breakwater/features'
import { predictRaw, treeCount, type TreeModel } from '@breakwater/trees'
import type { HeadTrainer } from '../fit/head-trainer.ts'
import { rangeAhead } from './regression.ts'

/** What an ensemble of a law is trained with; arrays have one entry per row. */
export interface EnsembleRows {
  readonly train: Uint8Array
  readonly validation: Uint8Array
  /** Mean 1 over the training rows. */
  readonly rowWeights: Float32Array
  readonly trainer: HeadTrainer
  readonly seed: number
  readonly signal: AbortSignal | undefined
  /** Trees, where earlier fits chose them and no validation row stops the ensemble. */
  readonly rounds?: number | undefined
}

/** What {@link correctVolatility} reads. */
export interface CorrectionRequest extends EnsembleRows {
  readonly state: Matrix
  /** Logarithm of the regression's forecast. */
  readonly logSigma: Float64Array
  readonly moments: Table
  readonly windowSeconds: number
}

const OPTIONS = {
  rounds: 400,
  learningRate: 0.08,
  maxDepth: 4,
  minChildWeight: 200,
  l2: 5,
  columnSampling: 0.6,
  maxBins: 127,
  earlyStoppingRounds: 16,
} as const

/**
 * A few trees on what the regression leaves of the logarithm of the range ahead, by squared error: boosting with the
 * regression's forecast as margin. The model is null where there are too few rows or validation keeps no tree; the logarithms are
 * then the regression's.
 */
export async function correctVolatility(
  request: CorrectionRequest,
): Promise<{ readonly model: TreeModel | null; readonly logSigma: Float64Array }> {
  const { state, logSigma, moments, windowSeconds, train, validation, rowWeights, trainer, seed, signal } = request
  const { rounds = OPTIONS.rounds } = request
  if (rounds === 0) return { model: null, logSigma }
  const target = rangeAhead(moments, windowSeconds)
  const labels = Float32Array.from(target, (value, row) => value - (logSigma[row] as number))
  const known = (mask: Uint8Array): Uint8Array =>
    mask.map((bit, row) => Number(bit !== 0 && !Number.isNaN(labels[row])))
  const head = {
    name: 'volatility',
    objective: 'squared' as const,
    labels,
    train: known(train),
    validation: known(validation),
    weights: rowWeights,
  }
  const [result] = await trainer(state, [head], {
    ...OPTIONS,
    rounds,
    seed,
    ...(signal === undefined ? {} : { signal }),
  })
  if (result?.status !== 'trained' || treeCount(result.model) === 0) return { model: null, logSigma }
  return { model: result.model, logSigma: corrected(result.model, state, logSigma) }
}

/** The regression's logarithms with the correction of the trees. */
export function corrected(model: TreeModel, state: Matrix, logSigma: Float64Array): Float64Array {
  return predictRaw(model, state).map((raw, row) => raw + (logSigma[row] as number))
}
