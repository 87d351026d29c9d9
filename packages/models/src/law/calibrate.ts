import { type Matrix, numbersOf, type Table } from '@breakwater/features'
import { fitCalibration, type LawCalibrationFit } from '@breakwater/passage'
import { rowsOf, takeRows, takeTable } from '../rows.ts'
import type { PathLaw } from './fit.ts'
import { uniquenessOf } from './fit-rows.ts'
import { forecastPath } from './forecast.ts'
import { headOutcomes } from './outcomes.ts'

/** What {@link calibrateLaw} reads. */
export interface LawCalibrationRequest {
  /** Uncalibrated. */
  readonly path: PathLaw
  readonly moments: Table
  /** Session of each moment, rising with time. */
  readonly sessions: Int32Array
  /** Encoded features beside the moments' own numbers, one row a moment; those of the law. */
  readonly features?: Matrix | undefined
  /** Moments of sessions that the law was not trained on, and that no test is made of: non-zero bytes. */
  readonly rows: Uint8Array
}

/** Every k-th moment is looked at, k such that about so many are left. */
const MOST_ROWS = 4000

/**
 * The calibration of a law by what became of moments that it was not trained on, see `fitCalibration`. Moments weigh by the uniqueness of their
 * label windows.
 */
export function calibrateLaw({ path, moments, sessions, features, rows }: LawCalibrationRequest): LawCalibrationFit {
  const { spec, law } = path
  const [moved, window] = [numbersOf(moments, 'moved'), numbersOf(moments, 'window_s')]
  const usable = rowsOf(rows).filter((row) => Number.isFinite(moved[row]) && (window[row] as number) > 0)
  const step = Math.max(1, Math.ceil(usable.length / MOST_ROWS))
  const chosen = usable.filter((_, i) => i % step === 0)
  const table = takeTable(moments, chosen)
  const forecast = forecastPath(path, table, features === undefined ? undefined : takeRows(features, chosen))
  return fitCalibration({
    law,
    spec,
    displacement: numbersOf(table, 'moved'),
    sigma: forecast.sigma,
    tilt: forecast.tilt,
    outcomes: { labels: headOutcomes(table, spec), rowWeights: uniquenessOf(table, spec.window) },
    sessions: chosen.map((row) => sessions[row] as number),
  })
}
