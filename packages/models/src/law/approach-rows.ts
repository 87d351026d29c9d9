import {
  approachMoments,
  collectMoments,
  type Matrix,
  MOMENT_NUMBERS,
  numbersOf,
  SIGNAL_DEFAULTS,
} from '@breakwater/features'
import { takeTable } from '../rows.ts'
import type { LawSignals } from './at-anchors.ts'
import { stateMatrix } from './columns.ts'
import { uniquenessOf } from './fit-rows.ts'
import { type FoldLaw, lawForecaster } from './forecaster.ts'
import { forecastRegression } from './regression.ts'

/** What a fold's dates are for. */
export const APPROACH_ROLES = ['train', 'validation', 'calibration', 'test'] as const
type ApproachRole = (typeof APPROACH_ROLES)[number]

/** Dates of a fold, by what they are for. */
export type ApproachDates = Readonly<Record<ApproachRole, ReadonlySet<string>>>

/** Moments before a touch with what a law makes of them. Arrays have one entry a moment. */
export interface ApproachRows {
  /** What the trees see, as live moments have it. */
  readonly state: Matrix
  /** Logarithm of the distance to the edge of the touch band in units of the law's volatility. */
  readonly logDistance: Float64Array
  readonly tilt: Float64Array
  /** Whether the level is touched within each horizon, `[row * horizons + j]`: 1, 0, or -1 where the session ends before it. */
  readonly labels: Int8Array
  readonly rowWeights: Float64Array
  /** Session of each moment, and its role. */
  readonly sessions: Int32Array
  readonly roles: readonly ApproachRole[]
  /** Numbers of the moment and the price of its level. */
  readonly numbers: readonly { readonly numbers: Float64Array; readonly price: number }[]
}

/** Every k-th moment of a role is looked at, k such that about so many are left. */
const MOST_ROWS: Readonly<Record<ApproachRole, number>> = {
  train: 20_000,
  validation: 8000,
  calibration: 8000,
  test: 12_000,
}

/**
 * The moments before touches of the sessions of a fold, thinned, under a law that knows no feature of them: there is no touch yet. Levels within the
 * touch band are left out, and so are option levels, which bars do not tell. Cost: about 5 us a moment of the bars, and 20 us of those that are left.
 */
export function approachRows(
  law: Pick<FoldLaw, 'path' | 'features'>,
  { bars, thresholds, lookforwardSeconds, state, settings }: LawSignals,
  dates: ApproachDates,
): ApproachRows | null {
  if (bars === undefined) return null
  const { spec, volatility } = law.path
  const { profile } = volatility
  const given = { ...state, ...settings, thresholds, lookforward: lookforwardSeconds / 60 }
  const all = collectMoments(approachMoments(bars, { ...given, ...(profile === null ? {} : { profile }) }))
  const touchBand = settings?.touchBand ?? SIGNAL_DEFAULTS.touchBand
  const chosen = chooseRows(all, dates, touchBand)
  const table = takeTable(all.table, chosen.rows)
  const forecaster = lawForecaster(law)
  const columns = MOMENT_NUMBERS.map((name) => numbersOf(table, name))
  const [price, window, time] = ['level_price', 'window_s', 'time_to_touch'].map((name) => numbersOf(table, name)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  const numbers = Array.from({ length: table.rows }, (_, row) => ({
    numbers: Float64Array.from(columns, (column) => column[row] as number),
    price: price[row] as number,
  }))
  const [logDistance, tilt] = [new Float64Array(table.rows), new Float64Array(table.rows)]
  const { horizons } = spec
  const labels = new Int8Array(table.rows * horizons.length)
  for (const [row, moment] of numbers.entries()) {
    const at = forecaster.tiltedAt(moment, null)
    // Rows without a price are left out before.
    logDistance[row] = at === null ? 0 : Math.log((-at.moment.displacement - touchBand) / at.moment.sigma)
    tilt[row] = at?.tilt ?? 0
    for (const [j, horizon] of horizons.entries()) {
      const isOver = (window[row] as number) < horizon
      labels[row * horizons.length + j] = isOver ? -1 : Number((time[row] as number) + RESOLUTION <= horizon)
    }
  }
  return {
    state: stateMatrix(table, forecastRegression(volatility, table, spec.window), spec.thresholds),
    logDistance,
    tilt,
    labels,
    rowWeights: uniquenessOf(table, spec.window),
    sessions: chosen.rows.map((row) => all.sessions[row] as number),
    roles: chosen.roles,
    numbers,
  }
}

/** A touch is seen in a minute, and counts where the whole of it lies within the horizon. */
const RESOLUTION = 60

function chooseRows(
  { table, sessions, dates: all }: ReturnType<typeof collectMoments>,
  dates: ApproachDates,
  touchBand: number,
): { readonly rows: Int32Array; readonly roles: readonly ApproachRole[] } {
  const [moved, window] = [numbersOf(table, 'moved'), numbersOf(table, 'window_s')]
  const roleOf = all.map((date) => APPROACH_ROLES.find((role) => dates[role].has(date)))
  const byRole = new Map<ApproachRole, number[]>(APPROACH_ROLES.map((role) => [role, []]))
  for (let row = 0; row < table.rows; row++) {
    const role = roleOf[sessions[row] as number]
    const isAhead = -(moved[row] as number) > touchBand
    if (role !== undefined && isAhead && (window[row] as number) >= RESOLUTION) byRole.get(role)?.push(row)
  }
  const chosen = [...byRole].flatMap(([role, rows]) => {
    const step = Math.max(1, Math.ceil(rows.length / MOST_ROWS[role]))
    return rows.filter((_, i) => i % step === 0).map((row) => ({ row, role }))
  })
  const sorted = chosen.toSorted((a, b) => a.row - b.row)
  return { rows: Int32Array.from(sorted, ({ row }) => row), roles: sorted.map(({ role }) => role) }
}
