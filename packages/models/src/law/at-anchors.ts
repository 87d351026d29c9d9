import {
  type Anchor,
  ANCHOR_SECONDS,
  anchorMoments,
  type Bars,
  collectMoments,
  numbersOf,
  touchMoments,
  type TouchMoments,
} from '@breakwater/features'
import { takeTable } from '../rows.ts'
import type { Signals } from '../signals.ts'
import { lawDollars, nameAt } from './ahead.ts'
import { featuresAtMoments } from './columns.ts'
import type { FoldLaw } from './forecaster.ts'
import { AS_THEY_ARE, type PathForecast, preparePath } from './forecast.ts'

/** Touches, and the bars that they were made from where these are at hand. */
export interface LawSignals extends Pick<Signals, 'table' | 'thresholds' | 'lookforwardSeconds'> {
  readonly state?: Signals['state'] | undefined
  readonly settings?: Signals['settings'] | undefined
  /** Without them a moment has no ranges of bars, and volatility is the ATR's. */
  readonly bars?: Bars | undefined
}

/**
 * Moments of touches at anchors, with labels: from bars, whose ranges are divided by `profile`, or from the signals alone. Touches
 * whose anchor is not within their session are left out.
 */
export function momentsAt(
  { table, thresholds, lookforwardSeconds: windowSeconds, state, bars }: LawSignals,
  anchors: readonly Anchor[],
  profile: readonly number[] | null,
): TouchMoments {
  if (bars === undefined) return anchorMoments(table, { anchors, windowSeconds })
  const minutes = anchors.map((anchor) => ANCHOR_SECONDS[anchor] / 60)
  const settings = { ...state, thresholds, lookforward: windowSeconds / 60, minutes }
  return collectMoments(touchMoments(bars, table, { ...settings, ...(profile === null ? {} : { profile }) }))
}

/** Which forecasts of a law to make. */
export interface AnchorForecastRequest {
  readonly signals: LawSignals
  readonly anchors: readonly Anchor[]
  /** Rows of the signals to forecast: non-zero bytes; all by default. */
  readonly rows?: Uint8Array | undefined
  /** Moments that were built before, of the law's profile. */
  readonly moments?: TouchMoments | undefined
}

/** Forecasts of a law by head, and of what is still to come from each anchor in dollars, one value a row of the signals. */
export interface LawForecasts {
  /** Of the law alone: where price stands, its volatility and the time left, without the tilt that features give the drift. */
  readonly law: ReadonlyMap<string, Float64Array>
  /** With the tilt, as the law is served; the same as `law` where the fit kept no tilt. */
  readonly tilted: ReadonlyMap<string, Float64Array>
}

/**
 * Forecasts of a law for the heads of anchors and for what is still to come from them (`AHEAD_QUESTIONS`), one value a row of the signals, from the anchor on: NaN in rows that are left out and
 * where the law knows no price. Reads no label.
 */
export function forecastAnchors(
  { path, features }: Pick<FoldLaw, 'path' | 'features'>,
  request: AnchorForecastRequest,
): LawForecasts {
  const { signals, anchors, rows } = request
  const moments = request.moments ?? momentsAt(signals, anchors, path.volatility.profile)
  const law = new Map<string, Float64Array>()
  const tilted = new Map<string, Float64Array>()
  for (const anchor of anchors) {
    const part = momentsOf(moments, anchor, rows)
    const moved = numbersOf(part.table, 'moved')
    const inputs =
      features === null ? undefined : featuresAtMoments({ signals: signals.table, moments: part, features })
    const tilts = path.tilt === null ? [null] : [null, AS_THEY_ARE]
    const made = preparePath(path, part.table, inputs)(tilts)
    for (const [columns, one] of [
      [law, made[0] as PathForecast],
      [tilted, made.at(-1) as PathForecast],
    ] as const) {
      for (const [name, values] of [...one.columns, ...lawDollars(one, moved)]) {
        const column = nameAt(name, anchor)
        if (column !== null) columns.set(column, atTouches(values, part.touchRows, signals.table.rows))
      }
    }
  }
  return { law, tilted }
}

/** Values of touches as a column of all rows; NaN in the others. */
function atTouches(values: Float64Array, touchRows: Int32Array, rows: number): Float64Array {
  const column = new Float64Array(rows).fill(Number.NaN)
  for (const [i, touch] of touchRows.entries()) column[touch] = values[i] as number
  return column
}

/** The moments of one anchor, of all touches or of those of a mask. */
export function momentsOf({ table, touchRows }: TouchMoments, anchor: Anchor, rows?: Uint8Array): TouchMoments {
  const elapsed = numbersOf(table, 'elapsed_s')
  const isChosen = (row: number): boolean =>
    elapsed[row] === ANCHOR_SECONDS[anchor] && rows?.[touchRows[row] as number] !== 0
  const chosen = Int32Array.from(touchRows.keys()).filter(isChosen)
  return { touchRows: chosen.map((row) => touchRows[row] as number), table: takeTable(table, chosen) }
}
