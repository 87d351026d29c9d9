import { defaultExperts, fitLaw, type Law, type LawRows, type WeightsFit } from '@breakwater/passage'
import { trainHeads, type TreeModel } from '@breakwater/trees'
import type { LawChoices } from '../fit/choices.ts'
import type { HeadTrainer } from '../fit/head-trainer.ts'
import { rowsOf, takeValues } from '../rows.ts'
import { stateMatrix } from './columns.ts'
import { type CorrectionRequest, correctVolatility } from './correction.ts'
import { type FitRows, fitRows, type LawMoments } from './fit-rows.ts'
import type { HeadSpec } from './outcomes.ts'
import { fitRegression, forecastRegression, type VolatilityRegression } from './regression.ts'

/** How laws are fitted; all have defaults. */
export interface BaseLawOptions {
  /** Default `trainHeads`, on this thread. */
  readonly train?: HeadTrainer
  /** Seed of the rows and columns that trees see. Default 0. */
  readonly seed?: number
  /** Whether to find out how sure the law is, which takes as long as the rest. Default true. */
  readonly uncertainty?: boolean
  /** Trees that earlier fits came to: no validation row is then needed, and none is looked at. By default validation rows choose. */
  readonly choices?: Pick<LawChoices, 'correctionTrees'> | undefined
  readonly signal?: AbortSignal
}

/** A law before any feature is seen: the same for every set of the same moments and sessions. Plain data but for the trees. */
export interface BaseLaw {
  readonly law: Law
  /** How the mixture's weights were fitted. */
  readonly weights: WeightsFit
  readonly volatility: VolatilityRegression
  /** Adds to the regression's logarithm; null where validation kept no tree. */
  readonly correction: TreeModel | null
  /** By how much corrections of either half of the training sessions differ, one value a moment that can be used; null where that is not asked. */
  readonly halves: Float64Array | null
}

/** Mixture weights are fitted on every k-th row, k such that about so many are left. */
const WEIGHT_ROWS = 20_000

/**
 * Fits what of a law sees the moments alone. In order: a regression forecasts volatility; the mixture's weights are fitted under this
 * forecast (not the corrected one, which is too good on its own training rows); trees correct the forecast by squared error; where
 * it is asked how sure the law is, corrections of either half of the training sessions.
 *
 * A pure function, as `fitPathLaw` is, and throws as it does.
 */
export function fitBaseLaw(request: LawMoments, options: BaseLawOptions = {}): Promise<BaseLaw> {
  return baseOf(fitRows(request, options.choices === undefined), request, options)
}

/** {@link fitBaseLaw} of rows that are at hand. */
export async function baseOf(
  rows: FitRows,
  { spec, profile }: Pick<LawMoments, 'spec' | 'profile'>,
  options: BaseLawOptions,
): Promise<BaseLaw> {
  const { uncertainty: isAsked = true, choices } = options
  const { moments, masks } = rows
  const regression = { moments, train: masks.train, windowSeconds: spec.window }
  const volatility = fitRegression({ ...regression, profile: profile === undefined ? null : Array.from(profile) })
  const logSigma = forecastRegression(volatility, moments, spec.window)
  const { law, fit } = fitLaw(defaultExperts(), weightRows(rows, spec, logSigma.map(Math.exp)))
  const corrections = correctionRequest(rows, spec, logSigma, options)
  const { model } = await correctVolatility(corrections)
  const isMeasured = choices === undefined && isAsked
  return {
    law,
    weights: fit,
    volatility,
    correction: model,
    halves: isMeasured ? await differenceOfHalves(corrections, rows) : null,
  }
}

/** What the correction of a regression's forecast reads. */
function correctionRequest(
  { moments, masks, treeWeights }: FitRows,
  spec: HeadSpec,
  logSigma: Float64Array,
  { train = trainHeads, seed = 0, signal, choices }: BaseLawOptions,
): CorrectionRequest {
  return {
    ...masks,
    rowWeights: treeWeights,
    trainer: train,
    seed,
    signal,
    state: stateMatrix(moments, logSigma, spec.thresholds),
    logSigma,
    moments,
    windowSeconds: spec.window,
    rounds: choices?.correctionTrees,
  }
}

/** By how much corrections that are fitted on every other training session differ from those of the rest. */
async function differenceOfHalves(request: CorrectionRequest, rows: FitRows): Promise<Float64Array> {
  return differenceBetween(rows, async (train) => (await correctVolatility({ ...request, train })).logSigma)
}

/**
 * By how much what is fitted on every other training session differs from what is fitted on the rest, one value a moment; 0 where there is one
 * training session, which has no halves.
 */
export async function differenceBetween(
  { masks: { train }, sessions }: FitRows,
  fitted: (train: Uint8Array) => Promise<Float64Array>,
): Promise<Float64Array> {
  const trained = [...new Set(sessions.filter((_, row) => train[row] !== 0))].toSorted((a, b) => a - b)
  if (trained.length < 2) return new Float64Array(train.length)
  const even = new Set(trained.filter((_, rank) => rank % 2 === 0))
  const half = (isEven: boolean): Uint8Array =>
    train.map((bit, row) => Number(bit !== 0 && even.has(sessions[row] as number) === isEven))
  const first = await fitted(half(true))
  const second = await fitted(half(false))
  return first.map((value, row) => value - (second[row] as number))
}

/** Every k-th training row. */
function weightRows(
  { masks: { train }, displacement, labels, rowWeights }: FitRows,
  spec: HeadSpec,
  sigma: Float64Array,
): LawRows {
  const all = rowsOf(train)
  const step = Math.max(1, Math.round(all.length / WEIGHT_ROWS))
  const rows = all.filter((_, i) => i % step === 0)
  const questions = labels.length / train.length
  const chosen = new Int8Array(rows.length * questions)
  for (const [i, row] of rows.entries()) {
    chosen.set(labels.subarray(row * questions, (row + 1) * questions), i * questions)
  }
  return {
    spec,
    moments: { displacement: takeValues(displacement, rows), sigma: takeValues(sigma, rows) },
    outcomes: { labels: chosen, rowWeights: takeValues(rowWeights, rows) },
  }
}
