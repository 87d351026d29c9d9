import type { Matrix, Table } from '@breakwater/features'
import {
  createSurface,
  DIRECTIONS,
  type Moment,
  NO_CALIBRATION,
  type Past,
  poweredLaw,
  type Surface,
} from '@breakwater/passage'
import { predictRaw } from '@breakwater/trees'
import { besides, stateMatrix } from './columns.ts'
import { corrected } from './correction.ts'
import type { PathLaw } from './fit.ts'
import { lawSpread, writeInterval } from './intervals.ts'
import { LAW_NUMBERS, lawPlace, numberRows, type NumberRows } from './numbers.ts'
import { type HeadSpec, probabilityHeads } from './outcomes.ts'
import { forecastRegression } from './regression.ts'

/** Which parts of a law are left out of a forecast, to see what each adds. */
export interface PathForecastOptions {
  /** Default true. */
  readonly correction?: boolean
  /** Default true. */
  readonly tilt?: boolean
  /** Default true. */
  readonly calibration?: boolean
  /** Whether to give intervals; default false. */
  readonly intervals?: boolean
}

/** Expected extremes of a surface, by name: how far price still goes each way from the moment, and how far it will have been since the touch. */
export const EXTREMES = ['ahead_break', 'ahead_bounce', 'furthest_break', 'furthest_bounce'] as const

/** Surfaces of moments, column by column; NaN in every column where the price at a moment is not known. */
export interface PathForecast {
  /** Probabilities by head (names of the primary anchor), then {@link EXTREMES} in dollars; in the order of the surface. */
  readonly columns: ReadonlyMap<string, Float64Array>
  /** Ends of the probabilities' 95% intervals by head; empty unless they were asked for, NaN where the law's uncertainty is not known. */
  readonly low: ReadonlyMap<string, Float64Array>
  readonly high: ReadonlyMap<string, Float64Array>
  /** Volatility forecast, dollars per square root of a minute. */
  readonly sigma: Float64Array
  /** In standard deviations of the drift; without trees that of the calibration, mostly 0. */
  readonly tilt: Float64Array
}

/**
 * The surface of every moment of a table, from the moment on. Coherent whatever the trees predict. Reads no label. `features` are those that the
 * law was fitted with, one row a moment; may be left out where it was fitted with none. Throws RangeError where they are others.
 * Cost: about 15 us a moment and what the trees take; half a millisecond in a session's last minutes.
 */
export function forecastPath(
  path: PathLaw,
  moments: Table,
  features?: Matrix,
  options: PathForecastOptions = {},
): PathForecast {
  const [forecast] = preparePath(path, moments, features, options)([AS_THEY_ARE])
  return forecast as PathForecast
}

/** Changes what a law's tilt sees, and nothing else; null leaves the tilt out. */
export type TiltInputs = ((inputs: Matrix) => Matrix) | null

/** The tilt sees what is there. */
export const AS_THEY_ARE: TiltInputs = (inputs) => inputs

/** The forecasts of prepared moments, one for each tilt: the experts' values, which take longest, are found once for all. */
export type PreparedForecast = (tilts: readonly TiltInputs[]) => PathForecast[]

/**
 * {@link forecastPath} for who asks about the same moments again and again: what does not depend on the inputs of the tilt is found
 * once, the tables of the law's experts among it, which take as long as a thousand moments. Throws as it does.
 */
export function preparePath(
  path: PathLaw,
  moments: Table,
  features?: Matrix,
  options: PathForecastOptions = {},
): PreparedForecast {
  const { regression, state, inputs } = inputsOf(path, moments, features)
  const { spec, correction, tiltScale } = path
  const { intervals = false } = options
  const calibration = options.calibration === false ? NO_CALIBRATION : path.calibration
  const isCorrected = correction !== null && options.correction !== false
  const logs = isCorrected ? corrected(correction, state, regression) : regression
  const sigma = logs.map((log) => Math.exp(log + calibration.volatility))
  const isTilted = path.tilt !== null && options.tilt !== false
  const surface = createSurface(poweredLaw(path.law, calibration.power), spec)
  return (all) => {
    const tilts = all.map((tiltInputs) => {
      const raw =
        isTilted && tiltInputs !== null ? predictRaw(path.tilt, tiltInputs(inputs)) : new Float64Array(moments.rows)
      return raw.map((score) => score / tiltScale + calibration.drift)
    })
    return surfaces(surface, path, moments, { sigma, tilts, intervals })
  }
}

/** What a law's trees see of moments: the logarithm of the regression's forecast, numbers of the moment for the correction, and features beside these for the tilt. */
export function inputsOf(
  path: PathLaw,
  moments: Table,
  features?: Matrix,
): { readonly regression: Float64Array; readonly state: Matrix; readonly inputs: Matrix } {
  checkFeatures(path, features)
  const regression = forecastRegression(path.volatility, moments, path.spec.window)
  const state = stateMatrix(moments, regression, path.spec.thresholds)
  return { regression, state, inputs: besides(features === undefined ? [state] : [state, features]) }
}

function checkFeatures(path: PathLaw, features: Matrix | undefined): void {
  const names = features?.columns ?? []
  const wrong = path.features.findIndex((name, c) => name !== names[c])
  if (wrong === -1 && names.length === path.features.length) return
  throw new RangeError(
    `models: features: has ${names.length} columns, not the ${path.features.length} that the law was fitted with` +
      `${wrong === -1 ? '' : ` (${path.features[wrong]} at place ${wrong})`}. Encode them with the encoder of its training.`,
  )
}

function surfaces(
  surface: Surface,
  { spec, uncertainty }: PathLaw,
  moments: Table,
  given: { readonly sigma: Float64Array; readonly tilts: readonly Float64Array[]; readonly intervals: boolean },
): PathForecast[] {
  const { sigma, intervals } = given
  const names = surfaceNames(spec)
  const heads = intervals ? probabilityHeads(spec) : []
  const columnsOf = (all: readonly string[]): Float64Array[] =>
    all.map(() => new Float64Array(moments.rows).fill(Number.NaN))
  const made = given.tilts.map((tilt) => ({
    tilt,
    columns: columnsOf(names),
    low: columnsOf(heads),
    high: columnsOf(heads),
  }))
  const numbers = numberRows(moments)
  const out = new Float64Array(names.length)
  const slopes = intervals ? new Float64Array(DIRECTIONS.length * names.length) : undefined
  const ends = { low: 0, high: 0 }
  const spread = lawSpread(uncertainty)
  const own = heads.map((_, h) => (h === heads.length - 1 ? (uncertainty?.direction ?? 0) : 0))
  for (let row = 0; row < moments.rows; row++) {
    const moment = momentOf(numbers, row, sigma[row] as number)
    if (moment === null) continue
    for (const { tilt, columns, low, high } of made) {
      surface.at(moment, { tilt: tilt[row] as number, slopes }, out)
      for (let c = 0; c < columns.length; c++) (columns[c] as Float64Array)[row] = out[c] as number
      if (slopes === undefined) continue
      for (const h of heads.keys()) {
        const p = out[h] as number
        writeInterval(p, spread(p, slopes, { at: h, stride: names.length, own: own[h] ?? 0 }), ends)
        ;(low[h] as Float64Array)[row] = ends.low
        ;(high[h] as Float64Array)[row] = ends.high
      }
    }
  }
  return made.map(({ tilt, columns, low, high }) => ({
    columns: named(names, columns),
    low: named(heads, low),
    high: named(heads, high),
    sigma,
    tilt,
  }))
}

const named = (names: readonly string[], values: readonly Float64Array[]): Map<string, Float64Array> =>
  new Map(names.map((name, c) => [name, values[c] as Float64Array]))

/** Names of the values of a law's surface, in order: heads of the primary anchor, then {@link EXTREMES}. */
export const surfaceNames = (spec: HeadSpec): string[] => [...probabilityHeads(spec), ...EXTREMES]

const MOVED = lawPlace('moved')
const LEFT = lawPlace('left_s')
const ELAPSED = lawPlace('elapsed_s')
const BEYOND = lawPlace('furthest_beyond')
const BACK = lawPlace('furthest_back')

/** The moment of one row of numbers under a volatility forecast; null where the price is not known. */
export function momentOf(numbers: NumberRows, row: number, sigma: number): Moment | null {
  const from = row * LAW_NUMBERS.length
  const displacement = numbers[from + MOVED] as number
  if (!Number.isFinite(displacement)) return null
  const past: Past = {
    elapsed: numbers[from + ELAPSED] as number,
    furthestBeyond: numbers[from + BEYOND] as number,
    furthestBack: numbers[from + BACK] as number,
  }
  const secondsLeft = numbers[from + LEFT] as number
  return {
    displacement,
    sigma,
    ...(secondsLeft >= 0 ? { secondsLeft } : {}),
    ...(Object.values(past).every(Number.isFinite) ? { past } : {}),
  }
}
