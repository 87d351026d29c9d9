import { type Column, type Matrix, MOMENT_NUMBERS, type Table } from '@breakwater/features'
import type { HeadSpec } from '@breakwater/models'
import { uniforms } from './seeded.ts'

export const SPEC: HeadSpec = { thresholds: [0.4, 0.8], horizons: [60, 120, 180, 300], window: 480 }

const STEPS = 30
const MINUTES = 8
const NS = 1_000_000_000n

/** Simulated moments with outcomes, one simulated Brownian path each. */
export interface SimulatedMoments {
  readonly table: Table
  /** Whether price drifts, and three columns of noise. */
  readonly features: Matrix
  /** Volatility of each path, dollars per square root of a minute. */
  readonly sigma: Float64Array
}

/** What {@link simulateMoments} makes. */
export interface Simulation {
  readonly rows: number
  readonly seed: number
  /** Drift of a path in sigma a minute for its feature in [-1, 1]; default none. */
  readonly drift?: (feature: number) => number
  /** Standard deviation of what each day adds to the logarithm of volatility, which no reading tells; default 0. */
  readonly between?: number
}

/** Moments of one day of UTC, which is a session. */
export const A_DAY = 144

/** Standard normal numbers from uniform ones (Box and Muller). */
export function normals(next: () => number): () => number {
  return () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
}

/**
 * Moments four minutes after touches of a level at 500, ten minutes apart. Price stands within 35 cents of the level; past ranges
 * tell the volatility of the path with an error of 10%.
 */
export function simulateMoments({ rows, seed, drift = () => 0, between = 0 }: Simulation): SimulatedMoments {
  const next = uniforms(seed)
  const normal = normals(next)
  const columns = new Map<string, Float64Array>()
  const at = (name: string): Float64Array => {
    const known = columns.get(name) ?? new Float64Array(rows).fill(Number.NaN)
    columns.set(name, known)
    return known
  }
  const sigma = new Float64Array(rows)
  const features = new Float32Array(4 * rows)
  const days = uniforms(seed + 7919)
  let today = 0
  for (let row = 0; row < rows; row++) {
    if (row % A_DAY === 0) today = between * normals(days)()
    sigma[row] = 0.15 * Math.exp(0.4 * normal())
    for (let c = 0; c < 4; c++) features[c * rows + row] = 2 * next() - 1
    const moved = 0.7 * (next() - 0.5)
    const past = (error: number): number => (sigma[row] as number) * Math.exp(error * normal())
    const numbers: Record<string, number> = {
      elapsed_s: 240,
      moved,
      moved_atr: moved / 0.3,
      furthest_beyond: Math.max(moved, 0.2),
      furthest_back: Math.max(-moved, 0.2),
      sigma_1m: past(0.3),
      since_open_s: 3600 + 600 * (row % 20),
      left_s: 19_800 - 600 * (row % 20),
      range_sigma_15: past(0.1),
      level_price: 500,
      ...pathLabels(moved, (sigma[row] as number) * Math.exp(today), drift(features[row] as number), normal),
    }
    for (const [name, value] of Object.entries(numbers)) at(name)[row] = value
  }
  for (const name of [...MOMENT_NUMBERS, 'time_to_touch']) at(name)
  const times = BigInt64Array.from({ length: rows }, (_, row) => BigInt(row) * 600n * NS)
  const all: Record<string, Column> = { moment_ts_ns: { type: 'time', values: times } }
  for (const [name, values] of columns) all[name] = { type: 'number', values }
  const names = ['planted', 'noise_1', 'noise_2', 'noise_3']
  return { table: { rows, columns: all }, features: { columns: names, rows, values: features }, sigma }
}

/** Labels of one path, minute by minute, from thirty steps a minute. */
function pathLabels(from: number, sigma: number, drift: number, normal: () => number): Record<string, number> {
  const times: Record<string, number> = {}
  let [price, most, least] = [from, -Infinity, Infinity]
  for (let step = 0; step < STEPS * MINUTES; step++) {
    price += (sigma * drift) / STEPS + (sigma * normal()) / Math.sqrt(STEPS)
    most = Math.max(most, price)
    least = Math.min(least, price)
    for (const [i, threshold] of SPEC.thresholds.entries()) {
      const minute = 60 * Math.floor(step / STEPS)
      if (most >= threshold) times[`time_to_break_${i + 1}`] ??= minute
      if (-least >= threshold) times[`time_to_bounce_${i + 1}`] ??= minute
    }
  }
  return {
    time_to_break_1: Number.NaN,
    time_to_break_2: Number.NaN,
    time_to_bounce_1: Number.NaN,
    time_to_bounce_2: Number.NaN,
    ...times,
    window_s: 480,
    excursion_max: most,
    excursion_min: least,
  }
}

/** Masks of the first `train` rows, of the `validation` after them, and of the rest. */
export function inOrder(
  rows: number,
  train: number,
  validation: number,
): { readonly train: Uint8Array; readonly validation: Uint8Array; readonly test: readonly number[] } {
  const between = (from: number, to: number): Uint8Array =>
    Uint8Array.from({ length: rows }, (_, row) => Number(row >= from && row < to))
  return {
    train: between(0, train),
    validation: between(train, train + validation),
    test: Array.from({ length: rows - train - validation }, (_, i) => train + validation + i),
  }
}
