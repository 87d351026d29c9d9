import { MINUTE_NS } from '../signals/day.ts'
import type { DayState } from '../signals/day.ts'
import { scanWindow } from '../signals/outcomes.ts'
import type { SessionBars, WindowSettings } from '../signals/outcomes.ts'
import type { Column, Table } from '../table.ts'
import { MISSING_NS } from '../table.ts'
import { within } from '../vocabulary/price.ts'
import { directionOf, DIRECTIONS } from '../vocabulary/words.ts'
import { MOMENT_NUMBERS } from './columns.ts'
import { writeMoment } from './moment.ts'
import type { LevelPath, MarketState } from './moment.ts'

/** Moments of one session. */
export interface SessionMoments {
  /** 'YYYY-MM-DD' in New York time. */
  readonly date: string
  /** By moment, the row of its touch in the signals; -1 before a touch. */
  readonly touchRows: Int32Array
  readonly table: Table
}

/** Labels of a moment by their names in the signals at the primary anchor, and `time_to_touch`. */
const LABELS = [
  'window_s',
  'time_to_break_1',
  'time_to_bounce_1',
  'time_to_break_2',
  'time_to_bounce_2',
  'excursion_max',
  'excursion_min',
  'time_to_touch',
] as const

/** The settings that labels of moments depend on. */
export interface MomentLabelSettings extends WindowSettings {
  readonly touchBand: number
}

/** A path whose level has a kind. */
export interface NamedPath extends LevelPath {
  readonly kind: string
}

/** Moments of one session under construction. */
export interface MomentSink {
  add(market: MarketState, path: NamedPath, touchRow: number): void
  /** The table, with labels from the bars of the whole session. */
  finish(
    session: Pick<DayState, 'date' | 'openMinute'>,
    bars: SessionBars,
    settings: MomentLabelSettings,
  ): SessionMoments
}

const WIDTH = MOMENT_NUMBERS.length

/** An empty sink. Holds one session's moments, 8 bytes a number. */
export function momentSink(): MomentSink {
  const paths: NamedPath[] = []
  const slots: number[] = []
  const touchRows: number[] = []
  let values = new Float64Array(WIDTH * 64)
  return {
    add(market, path, touchRow) {
      const at = paths.length * WIDTH
      if (at === values.length) {
        const wider = new Float64Array(2 * at)
        wider.set(values)
        values = wider
      }
      writeMoment(market, path, values, at)
      paths.push(path)
      slots.push(market.sinceOpen / 60)
      touchRows.push(touchRow)
    },
    finish({ date, openMinute }, bars, settings) {
      const labels = paths.map((path, i) => labelsOf(bars, path, slots[i] as number, settings))
      const columns: Record<string, Column> = { ...keyColumns(paths, slots, openMinute) }
      for (const [c, name] of MOMENT_NUMBERS.entries()) {
        columns[name] = numbers(paths.length, (i) => values[i * WIDTH + c] as number)
      }
      for (const [l, name] of LABELS.entries())
        columns[name] = numbers(paths.length, (i) => labels[i]?.[l] ?? Number.NaN)
      return { date, touchRows: Int32Array.from(touchRows), table: { rows: paths.length, columns } }
    },
  }
}

function numbers(rows: number, value: (row: number) => number): Column {
  // A loop, because a typed array made from a function takes several times as long.
  const values = new Float64Array(rows)
  for (let row = 0; row < rows; row++) values[row] = value(row)
  return { type: 'number', values }
}

function keyColumns(
  paths: readonly NamedPath[],
  slots: readonly number[],
  openMinute: number,
): Readonly<Record<string, Column>> {
  const kinds = [...new Set(paths.map(({ kind }) => kind))]
  const place = new Map(kinds.map((kind, code) => [kind, code]))
  const nsOf = ({ touchMinute }: NamedPath): bigint =>
    touchMinute === null ? MISSING_NS : BigInt(touchMinute) * MINUTE_NS
  return {
    ts_ns: { type: 'time', values: BigInt64Array.from(paths, nsOf) },
    moment_ts_ns: { type: 'time', values: BigInt64Array.from(slots, (slot) => BigInt(openMinute + slot) * MINUTE_NS) },
    level_kind_name: {
      type: 'string',
      codes: Int32Array.from(paths, ({ kind }) => place.get(kind) ?? -1),
      dictionary: kinds,
    },
    direction: {
      type: 'string',
      codes: Int32Array.from(paths, ({ sign }) => DIRECTIONS.indexOf(directionOf(sign))),
      dictionary: DIRECTIONS,
    },
    level_price: numbers(paths.length, (i) => paths[i]?.price ?? Number.NaN),
  }
}

/** The labels of a moment `slot` minutes after the open, in the order of {@link LABELS}. */
function labelsOf(
  bars: SessionBars,
  { price, sign, touchMinute }: NamedPath,
  slot: number,
  settings: MomentLabelSettings,
): number[] {
  const { minutes, most, least, breaks, bounces } = scanWindow(bars, { slot, price, sign }, settings)
  const isComplete = minutes === settings.lookforward && most !== -Infinity
  return [
    minutes * 60,
    breaks[0] * 60,
    bounces[0] * 60,
    breaks[1] * 60,
    bounces[1] * 60,
    isComplete ? most : Number.NaN,
    isComplete ? least : Number.NaN,
    touchMinute === null ? timeToTouch(bars, price, { slot, minutes, band: settings.touchBand }) : Number.NaN,
  ]
}

/** Seconds from `slot` to the start of the first of the covered bars that comes within `band` of the level. */
function timeToTouch(
  { high, low, coverage }: SessionBars,
  price: number,
  { slot, minutes, band }: { readonly slot: number; readonly minutes: number; readonly band: number },
): number {
  for (let offset = 0; offset < minutes; offset++) {
    const bar = coverage.barAt[slot + offset] ?? -1
    if (bar < 0) continue
    if (within((low[bar] as number) - price, band) && within(price - (high[bar] as number), band)) return offset * 60
  }
  return Number.NaN
}
