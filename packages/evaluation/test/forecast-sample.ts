import type { Forecasts } from '@breakwater/evaluation'
import { uniforms } from './seeded.ts'

/** Forecasts with one column 'p' of a few rows; everything else as it must be. */
export function forecastsOf(parts: Partial<Forecasts> & Pick<Forecasts, 'columns' | 'targets'>): Forecasts {
  const rows = parts.targets.length
  return {
    head: 'direction',
    task: 'binary',
    sessions: new Int32Array(rows),
    folds: new Int32Array(rows),
    kinds: Array.from({ length: rows }, () => 'ROUND'),
    leftOut: 0,
    ...parts,
  }
}

/** How probabilities are planted. */
export interface PlantedTruth {
  readonly sessions: number
  readonly rowsPerSession: number
  readonly seed: number
  /** What a column says of a true probability. */
  readonly columns: Readonly<Record<string, (truth: number, random: () => number) => number>>
}

/** Outcomes drawn with known probabilities, and columns that say something of those. */
export function planted({ sessions, rowsPerSession, seed, columns }: PlantedTruth): Forecasts {
  const random = uniforms(seed)
  const rows = sessions * rowsPerSession
  const truth = Float64Array.from({ length: rows }, () => 0.05 + 0.9 * random())
  return forecastsOf({
    targets: truth.map((p) => Number(random() < p)),
    columns: new Map(
      Object.entries(columns).map(([id, say]) => [id, truth.map((p) => Math.min(1, Math.max(0, say(p, random))))]),
    ),
    sessions: Int32Array.from({ length: rows }, (_, row) => Math.floor(row / rowsPerSession)),
    folds: Int32Array.from({ length: rows }, (_, row) => Math.floor((3 * row) / rows)),
    kinds: Array.from({ length: rows }, (_, row) => (row % 5 === 0 ? 'PM_HIGH' : 'ROUND')),
  })
}
