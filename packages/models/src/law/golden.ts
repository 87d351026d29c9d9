import { type Matrix, numbersOf, type Table } from '@breakwater/features'
import type { PathLaw } from './fit.ts'
import { forecastPath } from './forecast.ts'
import { LAW_NUMBERS } from './numbers.ts'

/** A moment with its surface: a reader that loads and computes correctly gives the same. */
export interface GoldenMoment {
  /** Numbers of the moment that the law reads, by column; null for missing. */
  readonly numbers: Readonly<Record<string, number | null>>
  /** Encoded features in the order of the law's; null for missing. */
  readonly features: readonly (number | null)[]
  /** The surface: probabilities, then expected extremes. */
  readonly surface: readonly number[]
}

/** A moment before a touch with what is added to the logarithm of its volatility in P(touch). */
export interface GoldenShift {
  /** In the order of `MOMENT_NUMBERS`; null for missing. */
  readonly numbers: readonly (number | null)[]
  /** Price of the level. */
  readonly price: number
  readonly shift: number
}

const GOLDEN_ROWS = 4
/** Exponentials may differ in their last bit between versions of the engine that runs them. */
const TOLERANCE = 1e-9

const toNull = (value: number | undefined): number | null =>
  value !== undefined && Number.isFinite(value) ? value : null
const toNaN = (value: number | null | undefined): number => value ?? Number.NaN

/** A few moments of a table, evenly spread over those whose price is known, with their surfaces. */
export function goldenMoments(path: PathLaw, moments: Table, features?: Matrix): GoldenMoment[] {
  const moved = numbersOf(moments, 'moved')
  const known = Array.from(moved.keys()).filter((row) => Number.isFinite(moved[row]))
  const step = Math.max(1, Math.floor(known.length / GOLDEN_ROWS))
  const inputs = known
    .filter((_, i) => i % step === 0)
    .slice(0, GOLDEN_ROWS)
    .map((row) => ({
      numbers: Object.fromEntries(LAW_NUMBERS.map((name) => [name, toNull(numbersOf(moments, name)[row])])),
      features: path.features.map((_, c) => toNull(features?.values[c * moments.rows + row])),
    }))
  const surfaces = surfacesOf(path, inputs)
  return inputs.map((input, i) => ({ ...input, surface: surfaces[i] ?? [] }))
}

/** Throws Error, naming `source`, where the law's surface of a golden moment is not the one that was written with it. */
export function checkGolden(path: PathLaw, golden: readonly GoldenMoment[], source: string): void {
  const surfaces = surfacesOf(path, golden)
  for (const [i, { surface }] of golden.entries()) {
    const computed = surfaces[i] ?? []
    const wrong = surface.findIndex((value, c) => !(Math.abs(value - (computed[c] ?? Number.NaN)) <= TOLERANCE))
    if (wrong === -1 && computed.length === surface.length) continue
    throw new Error(
      `models: ${source}: golden moment ${i}, value ${wrong}: is ${computed[wrong]} here and was ${surface[wrong]} when written. Train again.`,
    )
  }
}

function surfacesOf(path: PathLaw, rows: readonly Omit<GoldenMoment, 'surface'>[]): number[][] {
  const table: Table = {
    rows: rows.length,
    columns: Object.fromEntries(
      LAW_NUMBERS.map((name) => [
        name,
        { type: 'number', values: Float64Array.from(rows, ({ numbers }) => toNaN(numbers[name])) },
      ]),
    ),
  }
  const values = new Float32Array(path.features.length * rows.length)
  for (const [row, { features }] of rows.entries()) {
    for (const c of path.features.keys()) values[c * rows.length + row] = toNaN(features[c])
  }
  const columns = [...forecastPath(path, table, { columns: path.features, rows: rows.length, values }).columns.values()]
  return rows.map((_, row) => columns.map((column) => column[row] as number))
}
