import { type Matrix, numbersOf, type Table, timesOf } from '@breakwater/features'
import {
  defaultExperts,
  driftValues,
  fitLaw,
  type Law,
  type LawCalibration,
  type LawRows,
  NO_CALIBRATION,
  type WeightsFit,
} from '@breakwater/passage'
import { predictRaw, trainHeads, treeCount, type TreeModel } from '@breakwater/trees'
import type { LawChoices } from '../fit/choices.ts'
import type { HeadTrainer } from '../fit/head-trainer.ts'
import { count, rowsOf, takeRows, takeTable, takeValues } from '../rows.ts'
import { besides, stateMatrix } from './columns.ts'
import { type CorrectionRequest, correctVolatility } from './correction.ts'
import { headOutcomes, type HeadSpec } from './outcomes.ts'
import { fitRegression, forecastRegression, type VolatilityRegression } from './regression.ts'
import { fitTilt, type TiltRequest } from './tilt.ts'
import { type LawUncertainty, lawUncertainty, type UncertaintyRequest } from './uncertainty.ts'
import { averageUniqueness } from './uniqueness.ts'

/** Law, volatility and tilt of the paths of touches: all that a forecast needs. Plain data but for the trees. */
export interface PathLaw {
  readonly spec: HeadSpec
  readonly law: Law
  readonly volatility: VolatilityRegression
  /** Adds to the regression's logarithm; null where validation kept no tree. Sees the moment alone, no feature. */
  readonly correction: TreeModel | null
  /** Its raw score by `tiltScale` is a moment's tilt; null where validation kept no tree. */
  readonly tilt: TreeModel | null
  readonly tiltScale: number
  /** Shifts volatility in P(touch) before a touch; null where the law alone says it. See `fitApproach`. */
  readonly approach: ApproachShift | null
  /** Shifts the law as a whole, by what became of its forecasts. */
  readonly calibration: LawCalibration
  /** Names of the features that the tilt sees beside the moment, in order. */
  readonly features: readonly string[]
  /** How sure it is of its probabilities; null where that is not known or was not asked. */
  readonly uncertainty: LawUncertainty | null
}

/** Trees whose raw score by `scale` is added to the logarithm of volatility in P(touch). They see the moment and no feature. */
export interface ApproachShift {
  readonly trees: TreeModel
  readonly scale: number
}

/** What {@link fitPathLaw} reads. Arrays have one entry a moment. */
export interface PathLawRequest {
  /** Moments of `touchMoments`, `anchorMoments` or `approachMoments`, with labels. */
  readonly moments: Table
  /** Encoded features beside the moments' own numbers, see `featuresAtMoments`; none by default. */
  readonly features?: Matrix
  /** Training rows: non-zero bytes. */
  readonly train: Uint8Array
  /** Rows, of later sessions, on which both ensembles stop; none of them may be a training row. */
  readonly validation: Uint8Array
  readonly spec: HeadSpec
  /** The profile that the moments were built with, from training sessions alone; none by default. */
  readonly profile?: ArrayLike<number>
}

/** How {@link fitPathLaw} fits; all have defaults. */
export interface PathLawOptions {
  /** Default `trainHeads`, on this thread. */
  readonly train?: HeadTrainer
  /** Seed of the rows and columns that trees see. Default 0. */
  readonly seed?: number
  /** Whether to find out how sure the law is, which takes as long as the rest. Default true. */
  readonly uncertainty?: boolean
  /** Trees and uncertainty that earlier fits came to: no validation row is then needed, and none is looked at. By default validation rows choose. */
  readonly choices?: Pick<LawChoices, 'correctionTrees' | 'tiltTrees' | 'uncertainty'> | undefined
  readonly signal?: AbortSignal
}

/** A law with how it was fitted. */
export interface PathLawFit {
  readonly path: PathLaw
  /** Of the mixture's weights. */
  readonly weights: WeightsFit
  readonly correctionTrees: number
  readonly tiltTrees: number
  /** Training and validation rows that could be used: price and level known, the label window not empty. */
  readonly rows: { readonly train: number; readonly validation: number }
  /** Sum of the training rows' uniqueness: as many rows without overlap would weigh as much. */
  readonly effectiveRows: number
}

/** Mixture weights are fitted on every k-th row, k such that about so many are left. */
const WEIGHT_ROWS = 20_000

/**
 * Fits the law of paths after moments. In order: a regression forecasts volatility; the mixture's weights are fitted under this
 * forecast (not the corrected one, which is too good on its own training rows); trees correct the forecast by
 * squared error; one ensemble tilts the drift by the composite log loss; ensembles of either half of the
 * training sessions tell how sure both are. Rows weigh by the uniqueness of their label
 * windows, so that overlapping touches and moments do not count many times. Both ensembles stop on the validation rows, after no
 * tree where the first does not help. The law is not calibrated yet: see `calibrateLaw`.
 *
 * A pure function: the same request, options and seed give the same bits on any number of threads. Throws RangeError on sizes that
 * differ and where no training or no validation row can be used. Cost: about 0.2 ms a moment and 50 feature columns.
 */
export async function fitPathLaw(request: PathLawRequest, options: PathLawOptions = {}): Promise<PathLawFit> {
  const { spec, profile } = request
  const { train = trainHeads, seed = 0, uncertainty: isAsked = true, signal, choices } = options
  const usable = usableRows(request, choices === undefined)
  const moments = takeTable(request.moments, usable)
  const features = request.features === undefined ? [] : [takeRows(request.features, usable)]
  const pick = (mask: Uint8Array): Uint8Array => Uint8Array.from(usable, (row) => Number(mask[row] !== 0))
  const masks = { train: pick(request.train), validation: pick(request.validation) }
  const rowWeights = uniquenessOf(moments, spec.window)
  const trees = { ...masks, rowWeights: normalised(rowWeights, masks.train), trainer: train, seed, signal }

  const regression = { moments, train: masks.train, windowSeconds: spec.window }
  const volatility = fitRegression({ ...regression, profile: profile === undefined ? null : Array.from(profile) })
  const logSigma = forecastRegression(volatility, moments, spec.window)
  const labels = headOutcomes(moments, spec)
  const displacement = numbersOf(moments, 'moved')
  const rows = { spec, displacement, sigma: logSigma.map(Math.exp), labels, rowWeights, train: masks.train }
  const { law, fit } = fitLaw(defaultExperts(), weightRows(rows))

  const state = stateMatrix(moments, logSigma, spec.thresholds)
  const volatilities = {
    ...trees,
    state,
    logSigma,
    moments,
    windowSeconds: spec.window,
    rounds: choices?.correctionTrees,
  }
  const correction = await correctVolatility(volatilities)
  const sigma = correction.logSigma.map(Math.exp)
  const tilts = {
    ...trees,
    matrix: besides([state, ...features]),
    values: driftValues(law, spec, { displacement, sigma }),
    labels,
    rounds: choices?.tiltTrees,
  }
  const tilt = await fitTilt(tilts)
  const sessions = sessionsOf(moments)
  const drift = tiltOf(tilt, tilts.matrix)
  const sure = { law, spec, displacement, sigma, tilt: drift, labels, rowWeights, sessions, ...masks }
  const isMeasured = choices === undefined && isAsked && isEnough(sure)
  const uncertainty = isMeasured
    ? lawUncertainty({ ...sure, halves: await fitHalves(volatilities, tilts, sessions) })
    : (choices?.uncertainty ?? null)
  return {
    path: {
      spec,
      law,
      volatility,
      correction: correction.model,
      tilt: tilt.model,
      tiltScale: tilt.scale,
      approach: null,
      calibration: NO_CALIBRATION,
      features: request.features?.columns ?? [],
      uncertainty,
    },
    weights: fit,
    correctionTrees: correction.model === null ? 0 : treeCount(correction.model),
    tiltTrees: tilt.model === null ? 0 : treeCount(tilt.model),
    rows: { train: count(masks.train), validation: count(masks.validation) },
    effectiveRows: masks.train.reduce((sum, bit, row) => sum + bit * (rowWeights[row] as number), 0),
  }
}

const NS_PER_DAY = 86_400_000_000_000n

/** Sessions of moments, from 0 in order of time: a session lies within a day of UTC. */
function sessionsOf(moments: Table): Int32Array {
  const days = Array.from(timesOf(moments, 'moment_ts_ns'), (ns) => ns / NS_PER_DAY)
  const ranks = new Map([...new Set(days)].toSorted((a, b) => Number(a - b)).map((day, rank) => [day, rank]))
  return Int32Array.from(days, (day) => ranks.get(day) as number)
}

/** Fewer sessions do not tell how sure a fit of them is. */
const FEWEST = { train: 8, validation: 3 }

function isEnough({
  sessions,
  train,
  validation,
}: Pick<UncertaintyRequest, 'sessions' | 'train' | 'validation'>): boolean {
  const among = (mask: Uint8Array): number => new Set(Array.from(sessions).filter((_, row) => mask[row] !== 0)).size
  return among(train) >= FEWEST.train && among(validation) >= FEWEST.validation
}

/** By how much ensembles that are fitted on every other training session differ from those of the rest. */
async function fitHalves(
  volatilities: CorrectionRequest,
  tilts: TiltRequest,
  sessions: Int32Array,
): Promise<UncertaintyRequest['halves']> {
  const scales: Float64Array[] = []
  const drifts: Float64Array[] = []
  for (const half of [0, 1]) {
    const train = volatilities.train.map((bit, row) => Number(bit !== 0 && (sessions[row] as number) % 2 === half))
    scales.push((await correctVolatility({ ...volatilities, train })).logSigma)
    drifts.push(tiltOf(await fitTilt({ ...tilts, train }), tilts.matrix))
  }
  return { scale: difference(scales), drift: difference(drifts) }
}

const tiltOf = ({ model, scale }: Awaited<ReturnType<typeof fitTilt>>, matrix: Matrix): Float64Array =>
  model === null ? new Float64Array(matrix.rows) : predictRaw(model, matrix).map((raw) => raw / scale)

const difference = ([a, b]: readonly Float64Array[]): Float64Array =>
  (a as Float64Array).map((value, row) => value - ((b as Float64Array)[row] as number))

/** Training and validation rows whose price is known and whose label window is not empty. */
function usableRows({ moments, features, train, validation }: PathLawRequest, isValidated: boolean): Int32Array {
  checkLength('train', train.length, moments.rows)
  checkLength('validation', validation.length, moments.rows)
  if (features !== undefined) checkLength('features', features.rows, moments.rows)
  const [moved, window] = [numbersOf(moments, 'moved'), numbersOf(moments, 'window_s')]
  const mask = train.map((bit, row) => {
    const isUsable = Number.isFinite(moved[row]) && (window[row] as number) > 0
    return Number(isUsable && (bit !== 0 || validation[row] !== 0))
  })
  const roles = [['train', train] as const, ...(isValidated ? [['validation', validation] as const] : [])]
  for (const [name, role] of roles) {
    if (mask.some((bit, row) => bit !== 0 && role[row] !== 0)) continue
    throw new RangeError(`models: ${name}: no row has a price and a label window. Pass more sessions, or other dates.`)
  }
  return rowsOf(mask)
}

function checkLength(name: string, length: number, rows: number): void {
  if (length === rows) return
  throw new RangeError(`models: ${name}: has ${length} rows: must have one a moment. There are ${rows} moments.`)
}

const NS_PER_SECOND = 1e9

/** Average uniqueness of the label windows of moments. */
export function uniquenessOf(moments: Table, windowSeconds: number): Float64Array {
  const times = timesOf(moments, 'moment_ts_ns')
  const origin = times[0] ?? 0n
  const starts = Float64Array.from(times, (ns) => Number(ns - origin) / NS_PER_SECOND)
  const window = numbersOf(moments, 'window_s')
  const ends = starts.map((start, row) => start + Math.min(windowSeconds, window[row] as number))
  return averageUniqueness(starts, ends)
}

/** Weights with mean 1 over the rows of a mask. */
export function normalised(weights: Float64Array, mask: Uint8Array): Float32Array {
  const rows = count(mask)
  const total = mask.reduce((sum, bit, row) => sum + bit * (weights[row] as number), 0)
  return Float32Array.from(weights, (weight) => (weight * rows) / total)
}

interface LabelledRows {
  readonly spec: HeadSpec
  readonly displacement: Float64Array
  readonly sigma: Float64Array
  readonly labels: Int8Array
  readonly rowWeights: Float64Array
  readonly train: Uint8Array
}

/** Every k-th training row. */
function weightRows({ spec, displacement, sigma, labels, rowWeights, train }: LabelledRows): LawRows {
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
