import { checkCount, checkForecasts, checkLevel, checkRows, type Values } from './check.ts'
import { addCosines, cosineTable, type CosineTable, smooth } from './cosine-sums.ts'
import { compactSessions, interpolatedQuantile, resamples } from './resample.ts'
import { smoothCalibrationError } from './smooth-ece.ts'

/** One point of a smooth reliability curve; nulls where no forecast lies near. */
export interface SmoothPoint {
  readonly prediction: number
  /** Share of the rows near here, as a density over [0, 1]. */
  readonly density: number
  readonly observedRate: number | null
  /** Pointwise bootstrap interval by whole sessions; null where resamples often have nothing near. */
  readonly low: number | null
  readonly high: number | null
}

/** A smooth reliability curve. */
export interface SmoothCurve {
  /** Deviation of the kernel: the smooth calibration error of the rows, but at least `leastSigma`. */
  readonly sigma: number
  readonly points: readonly SmoothPoint[]
}

/** How a smooth curve is made. */
export interface SmoothCurveOptions {
  /** Seed of the resampled sessions, a whole number. */
  readonly seed: number
  /** Resamples of the band; default 200. */
  readonly samples?: number
  /** Level of the band; default 0.95. */
  readonly level?: number
  /** Points, at the middles of as many equal cells of [0, 1]; default 100. */
  readonly points?: number
  /** Least bandwidth; default 0.02. Forecasts that are nearly calibrated would otherwise give a curve of noise. */
  readonly leastSigma?: number
}

const MODES = 128
/** Densities below this share of an even spread leave the rate undefined: the kernel's far tail is not evidence. */
const THIN = 0.02

/**
 * The smooth reliability diagram of Blasiok and Nakkiran (2023): the observed rate near each forecast by kernel
 * regression (Nadaraya and Watson) with the reflected Gaussian whose bandwidth is the smooth calibration error itself.
 * The band is pointwise, from resampled whole sessions. Throws on bad or no rows. Deterministic for a seed.
 * O(rows x 128 + samples x (sessions + points) x 128).
 */
export function smoothReliabilityCurve(
  predictions: Values,
  outcomes: Values,
  sessions: Values,
  { seed, samples = 200, level = 0.95, points = 100, leastSigma = 0.02 }: SmoothCurveOptions,
): SmoothCurve {
  checkForecasts(predictions, outcomes)
  checkRows('sessions', sessions, predictions.length)
  checkCount('points', points, 1)
  checkCount('samples', samples, 1)
  checkLevel(level)
  const sigma = Math.max(leastSigma, smoothCalibrationError(predictions, outcomes).sigma)
  const blocks = compactSessions(sessions)
  const sums = sumsBySession(predictions, outcomes, blocks.codes, blocks.sessions)
  const table = cosineTable(points, MODES)
  const whole = ratesOf(combined(sums, new Float64Array(blocks.sessions).fill(1)), sigma, table)
  const drawn = Array.from({ length: points }, (): number[] => [])
  for (const draws of resamples(blocks.sessions, blocks.sessions < 2 ? 0 : samples, seed)) {
    const { rates } = ratesOf(combined(sums, draws), sigma, table)
    for (const [j, rate] of rates.entries()) if (rate !== null) drawn[j]?.push(rate)
  }
  return {
    sigma,
    points: whole.rates.map((observedRate, j) => ({
      prediction: (j + 0.5) / points,
      density: whole.density[j] as number,
      observedRate,
      ...band(drawn[j] ?? [], observedRate, { samples, level }),
    })),
  }
}

interface SessionSums {
  readonly sessions: number
  readonly rows: Float64Array
  readonly outcomes: Float64Array
}

function sumsBySession(predictions: Values, outcomes: Values, codes: Int32Array, sessions: number): SessionSums {
  const rows = new Float64Array(sessions * MODES)
  const ones = new Float64Array(sessions * MODES)
  for (let row = 0; row < predictions.length; row++) {
    const offset = (codes[row] as number) * MODES
    addCosines(rows, offset, predictions[row] as number, 1, MODES)
    if (outcomes[row] === 1) addCosines(ones, offset, predictions[row] as number, 1, MODES)
  }
  return { sessions, rows, outcomes: ones }
}

/** Sums where session s counts draws[s] times. */
function combined({ sessions, rows, outcomes }: SessionSums, draws: Float64Array): [Float64Array, Float64Array] {
  const totals: [Float64Array, Float64Array] = [new Float64Array(MODES), new Float64Array(MODES)]
  for (let s = 0; s < sessions; s++) {
    const times = draws[s] as number
    if (times === 0) continue
    for (let k = 0; k < MODES; k++) {
      totals[0][k] = (totals[0][k] as number) + times * (rows[s * MODES + k] as number)
      totals[1][k] = (totals[1][k] as number) + times * (outcomes[s * MODES + k] as number)
    }
  }
  return totals
}

function ratesOf(
  [rows, outcomes]: readonly [Float64Array, Float64Array],
  sigma: number,
  table: CosineTable,
): { readonly density: Float64Array; readonly rates: (number | null)[] } {
  const count = rows[0] as number
  const density = smooth(rows, sigma, table).map((value) => Math.max(0, value / count))
  const positives = smooth(outcomes, sigma, table)
  const rates = Array.from(density, (value, j) =>
    value < THIN ? null : Math.min(1, Math.max(0, (positives[j] as number) / count / value)),
  )
  return { density, rates }
}

function band(
  values: readonly number[],
  rate: number | null,
  { samples, level }: { readonly samples: number; readonly level: number },
): { readonly low: number | null; readonly high: number | null } {
  if (rate === null || values.length * 2 <= samples) return { low: null, high: null }
  const sorted = Float64Array.from(values).toSorted()
  return { low: interpolatedQuantile(sorted, (1 - level) / 2), high: interpolatedQuantile(sorted, (1 + level) / 2) }
}
