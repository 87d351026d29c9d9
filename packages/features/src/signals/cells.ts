import { MINUTE_NS } from './day.ts'
import { FAMILIES, FAMILY_NAMES } from './families.ts'
import { anchorMinutes } from './outcomes.ts'
import type { Outcome } from './outcomes.ts'
import type { SignalRow } from './stream.ts'
import { type Anchor, ANCHORS, PRIMARY_ANCHOR } from '../vocabulary/anchors.ts'
import { priceText } from '../vocabulary/price.ts'
import { directionOf } from '../vocabulary/words.ts'

/** A row of the signals table in its parts. */
export interface LabelledRow {
  readonly row: SignalRow
  readonly outcomes: Readonly<Record<Anchor, Outcome>>
  readonly symbol: string
}

/** Reads one cell; undefined when the row has no such value, which is a defect. */
export type CellReader<T> = (row: LabelledRow) => T | undefined

const OPEN_MINUTE_OF_DAY = 9 * 60 + 30

/** `SYMBOL-YYYYMMDD-HHMM-KIND-PRICE`, time in New York. Unique, since a level is touched at most once a minute. */
export function eventId({ row, symbol }: Pick<LabelledRow, 'row' | 'symbol'>): string {
  const { level } = row.touch
  const clock = OPEN_MINUTE_OF_DAY + row.features.context.bars_since_open
  const time = `${Math.floor(clock / 60)}`.padStart(2, '0') + `${clock % 60}`.padStart(2, '0')
  return `${symbol}-${row.date.replaceAll('-', '')}-${time}-${level.kind}-${priceText(level.price)}`
}

/** The anchor that a label column is about, and its name without the anchor. No suffix means the primary anchor. */
function anchorOf(name: string): { readonly anchor: Anchor; readonly base: string } {
  const anchor = ANCHORS.find((one) => name.endsWith(`_${one}`)) ?? PRIMARY_ANCHOR
  return { anchor, base: name.endsWith(`_${anchor}`) ? name.slice(0, -anchor.length - 1) : name }
}

/** Reader of a numeric label column. */
function labelReader(name: string): CellReader<number> {
  if (name === 'future_price_5min') return ({ outcomes }) => outcomes[PRIMARY_ANCHOR].numbers.future_price
  const { anchor, base } = anchorOf(name)
  return ({ outcomes }) => (outcomes[anchor].numbers as Readonly<Record<string, number>>)[base]
}

function featureReader(name: string): CellReader<number> {
  const family = FAMILY_NAMES.find((one) => Object.hasOwn(FAMILIES[one], name))
  if (family === undefined) throw new Error(`features: signals: no family computes ${name}. Report this.`)
  return ({ row }) => (row.features[family] as Readonly<Record<string, number>>)[name]
}

/** Reader of a number column: a label when `isLabel`, else a feature. */
export function numberReader(name: string, isLabel: boolean): CellReader<number> {
  return isLabel ? labelReader(name) : featureReader(name)
}

const WORDS: Readonly<Record<string, CellReader<string | null>>> = {
  event_id: eventId,
  date: ({ row }) => row.date,
  symbol: ({ symbol }) => symbol,
  level_kind_name: ({ row }) => row.touch.level.kind,
  direction: ({ row }) => directionOf(row.touch.sign),
  barrier_state: ({ row }) => row.words.barrier_state,
  fuel_effect: ({ row }) => row.words.fuel_effect,
  gamma_bucket: ({ row }) => row.words.gamma_bucket,
}

/** Reader of a string column. */
export function wordReader(name: string): CellReader<string | null> {
  const { anchor } = anchorOf(name)
  return WORDS[name] ?? (({ outcomes }) => outcomes[anchor].outcome)
}

/** Reader of a time column: the touch minute's start, or an anchor's time. */
export function timeReader(name: string): CellReader<bigint> {
  const minutes = name === 'ts_ns' ? 0 : anchorMinutes(anchorOf(name).anchor)
  return ({ row }) => BigInt(row.touch.minute + minutes) * MINUTE_NS
}
