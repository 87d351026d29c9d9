import type { RuleInput } from '@breakwater/evaluation/sets'
import type { Column, Table } from '@breakwater/features'
import type { Predictions } from '@breakwater/models'
import { uniforms, weekdays } from './seeded.ts'

/** A touch as the reference reads it. */
export interface Touch {
  readonly date: string
  readonly second: number
  readonly level: number
  readonly direction: 'UP' | 'DOWN'
  readonly spot: number
  readonly future: number
  readonly tradeable: number
  readonly breaks: number
}

const numbers = (values: readonly number[]): Column => ({ type: 'number', values: Float64Array.from(values) })
const words = (values: readonly string[]): Column => {
  const dictionary = [...new Set(values)]
  return { type: 'string', dictionary, codes: Int32Array.from(values, (word) => dictionary.indexOf(word)) }
}

/** Touches and their forecasts as rules read them. */
export function inputOf(touches: readonly Touch[], options: Partial<RuleInput> = {}): RuleInput {
  const ids = touches.map((_, row) => `e${row}`)
  const ts = BigInt64Array.from(
    touches,
    ({ date, second }) => BigInt(Date.parse(`${date}T15:00:00Z`) / 1000 + second) * 1_000_000_000n,
  )
  const table: Table = {
    rows: touches.length,
    columns: {
      event_id: words(ids),
      ts_ns: { type: 'time', values: ts },
      date: words(touches.map(({ date }) => date)),
      direction: words(touches.map(({ direction }) => direction)),
      level_price: numbers(touches.map(({ level }) => level)),
      anchor_spot: numbers(touches.map(({ spot }) => spot)),
      future_price_4min: numbers(touches.map(({ future }) => future)),
    },
  }
  // The last touch is predicted first: rows are found by their event.
  const order = [...touches.keys()].toReversed()
  const served = new Map([
    ['tradeable_2', Float64Array.from(order, (row) => touches[row]?.tradeable ?? Number.NaN)],
    ['direction', Float64Array.from(order, (row) => touches[row]?.breaks ?? Number.NaN)],
  ])
  const predictions: Predictions = {
    role: 'test',
    rows: order.length,
    eventIds: order.map((row) => `e${row}`),
    tsNs: BigInt64Array.from(order, (row) => ts[row] ?? 0n),
    fold: new Float64Array(order.length),
    heads: served,
    calibrated: new Map(),
    law: new Map(),
    tilted: new Map(),
    served,
  }
  return { table, predictions, thresholds: [1, 2], resampling: { seed: 5 }, ...options }
}

/** The sessions of {@link touches}. */
export const SESSIONS: readonly string[] = weekdays(9)
const random = uniforms(11)
/** Touches of a market that wanders, with gaps. */
export const touches: readonly Touch[] = SESSIONS.flatMap((date, session) =>
  // One session has touches whose forecasts are low, so that higher thresholds trade nothing in it.
  Array.from({ length: 40 }, (_, i): Touch => {
    const level = 500 + Math.floor(20 * random())
    const spot = level + 5 * random() - 2.5
    return {
      date,
      second: 60 * (3 * i + Math.floor(6 * random())),
      level,
      direction: random() < 0.5 ? 'UP' : 'DOWN',
      spot: random() < 0.02 ? Number.NaN : spot,
      future: random() < 0.1 ? Number.NaN : spot + 2 * random() - 1,
      tradeable: random() < 0.05 ? Number.NaN : random() * (session === 4 ? 0.3 : 1),
      breaks: i % 10 === 0 ? 0.5 : random(),
    }
  }),
)

/** A trade as the reference makes it. */
export interface HandTrade {
  readonly date: string
  readonly second: number
  readonly dollars: number
}

/** The rule by hand: where a forecast is at least `least`, buy where a break up or a bounce upwards is the likelier, else sell. */
export function byHand(least: number, cost: number, forecast: 'tradeable' | 'breaks' = 'tradeable'): HandTrade[] {
  const trades = []
  for (const { date, second, level, direction, spot, future, ...forecasts } of touches) {
    if (!(forecasts[forecast] >= least)) continue
    if (!(spot > level - 2 && spot < level + 2) || Number.isNaN(future)) continue
    const up = forecasts.breaks >= 0.5 ? direction === 'UP' : direction === 'DOWN'
    trades.push({ date, second, dollars: (up ? future - spot : spot - future) - cost })
  }
  return trades
}

/** The least of equally likely values that a share q of them does not exceed. */
export const quantile = (values: readonly number[], q: number): number =>
  values.toSorted((a, b) => a - b)[Math.ceil(q * values.length) - 1] ?? Number.NaN
