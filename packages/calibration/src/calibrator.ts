import { checkProbability, type Values } from './check.ts'
import { clip, logit, sigmoid } from './logit.ts'

/** Leaves probabilities as they are. */
export interface IdentityCalibrator {
  readonly kind: 'identity'
}

/** sigmoid(slope x logit(p) + intercept), slope >= 0. */
export interface PlattCalibrator {
  readonly kind: 'platt'
  readonly slope: number
  readonly intercept: number
}

/** sigmoid(a ln p - b ln(1 - p) + c), a and b >= 0. */
export interface BetaCalibrator {
  readonly kind: 'beta'
  readonly a: number
  readonly b: number
  readonly c: number
}

/** sigmoid(logit(p) / temperature), temperature > 0. */
export interface TemperatureCalibrator {
  readonly kind: 'temperature'
  readonly temperature: number
}

/** Linear between the points (x_i, y_i), both rising, and constant beyond the first and the last. */
export interface IsotonicCalibrator {
  readonly kind: 'isotonic' | 'centred-isotonic'
  readonly x: readonly number[]
  readonly y: readonly number[]
}

/**
 * Two rising step functions, each given by its steps. `high`: a probability p gets the value of the first step with
 * x >= p, or 1 above all. `low`: the value of the last step with x <= p, or 0 below all.
 */
export interface VennAbersCalibrator {
  readonly kind: 'venn-abers'
  readonly low: Steps
  readonly high: Steps
}

/** Values y_i at strictly rising x_i. */
export interface Steps {
  readonly x: readonly number[]
  readonly y: readonly number[]
}

/** A fitted map of probabilities to probabilities that never falls. Plain data: JSON holds it without loss. */
export type Calibrator =
  | IdentityCalibrator
  | PlattCalibrator
  | BetaCalibrator
  | TemperatureCalibrator
  | IsotonicCalibrator
  | VennAbersCalibrator

/** A calibrator, or null and the reason why these rows do not determine one. */
export type CalibratorFit<C extends Calibrator = Calibrator> =
  { readonly calibrator: C; readonly reason?: undefined } | { readonly calibrator: null; readonly reason: string }

/**
 * Calibrated probabilities, one for each prediction. Identity hands on what it gets, in [0, 1]; a fitted calibrator keeps
 * to [1e-15, 1 - 1e-15], so that no outcome costs an infinite log loss. Throws on a prediction that is not a probability (NaN
 * too). O(rows), times log of the points of an isotonic or Venn-ABERS calibrator.
 */
export function applyCalibrator(calibrator: Calibrator, predictions: Values): Float64Array {
  const fitted = mapOf(calibrator)
  // A steep sigmoid rounds to 1, and a map that was stored by an earlier version may hold 0 and 1.
  const map = calibrator.kind === 'identity' ? fitted : (p: number): number => clip(fitted(p))
  return Float64Array.from({ length: predictions.length }, (_, row) => {
    const p = predictions[row] as number
    checkProbability('predictions', row, p)
    return map(p)
  })
}

/**
 * The interval [p0, p1] that a Venn-ABERS calibrator gives a prediction: for exchangeable rows one of the two is a
 * perfectly calibrated probability, and which one depends on the outcome to come (Vovk and Petej 2014, theorem 1).
 * Throws on a prediction that is not a probability.
 */
export function vennAbersInterval(
  { low, high }: VennAbersCalibrator,
  prediction: number,
): { readonly low: number; readonly high: number } {
  checkProbability('prediction', 0, prediction)
  const below = countAtMost(low.x, prediction) - 1
  const above = countBelow(high.x, prediction)
  return { low: low.y[below] ?? 0, high: high.y[above] ?? 1 }
}

function mapOf(calibrator: Calibrator): (p: number) => number {
  switch (calibrator.kind) {
    case 'identity':
      return (p) => p
    case 'platt':
      return (p) => sigmoid(calibrator.slope * logit(p) + calibrator.intercept)
    case 'temperature':
      return (p) => sigmoid(logit(p) / calibrator.temperature)
    case 'beta': {
      const { a, b, c } = calibrator
      return (p) => sigmoid(a * Math.log(clip(p)) - b * Math.log1p(-clip(p)) + c)
    }
    case 'isotonic':
    case 'centred-isotonic':
      return (p) => interpolate(calibrator, p)
    case 'venn-abers':
    default:
      return (p) => {
        const { low, high } = vennAbersInterval(calibrator, p)
        return high / (1 - low + high)
      }
  }
}

function interpolate({ x, y }: Steps, p: number): number {
  const after = countAtMost(x, p)
  if (after === 0) return y[0] as number
  if (after === x.length) return y[after - 1] as number
  const [x0, x1, y0, y1] = [x[after - 1], x[after], y[after - 1], y[after]] as [number, number, number, number]
  // Rounding must not carry the value past the ends of its piece, or the map could fall between pieces.
  return Math.min(y1, y0 + ((p - x0) / (x1 - x0)) * (y1 - y0))
}

/** How many of the rising values are at most `value`. */
const countAtMost = (rising: readonly number[], value: number): number => bisect(rising, (x) => x <= value)

/** How many of the rising values are below `value`. */
const countBelow = (rising: readonly number[], value: number): number => bisect(rising, (x) => x < value)

/** How many leading values pass a test that no value passes after one that fails it. */
function bisect(values: readonly number[], passes: (value: number) => boolean): number {
  let low = 0
  let high = values.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (passes(values[middle] as number)) low = middle + 1
    else high = middle
  }
  return low
}
