import { meanOfMeans, sessionBlockBootstrap, type SessionScore, type SessionSums } from '@breakwater/calibration'
import {
  type Anchor,
  ANCHORS,
  atAnchor,
  headName,
  numbersOf,
  reaches,
  signOf,
  stringsOf,
  type Table,
  type Thresholds,
  timesOf,
} from '@breakwater/features'
import { locate, type Predictions } from '@breakwater/models'
import type { Score } from '../documents/figures.ts'
import { LEVEL, type Resampling, SAMPLES } from '../score.ts'

/** Seconds that a trade is held: `future_price` of the signals is the last close known then. */
const HOLD_SECONDS = 300

/** Least forecasts that a touch is tradeable from which a rule may trade, by default. Fixed in advance: none is chosen by what came of it. */
const RULE_THRESHOLDS: readonly number[] = [0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7]

/** Dollars a share and trade, in and out together, by default: a cent of spread each way. */
export const RULE_COST = 0.02

/** What a rule trades on. */
export interface RuleInput {
  readonly table: Table
  /** Of test rows. */
  readonly predictions: Predictions
  /** The two reach thresholds of the heads, dollars. */
  readonly thresholds: Thresholds
  /** Least forecasts that a touch is tradeable, in [0, 1]. Default 0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5 and 0.7. */
  readonly least?: readonly number[] | undefined
  /** Dollars a share and trade, at least 0. Default {@link RULE_COST}. */
  readonly cost?: number | undefined
  readonly resampling: Resampling
}

/** What came of one rule. Dollars a share, after costs. */
export interface RuleEquity {
  readonly anchor: Anchor
  /** The least forecast that a touch is tradeable. */
  readonly least: number
  readonly trades: number
  /** Trades that begin before an earlier one of the rule has ended. */
  readonly overlapping: number
  /** Touches that the rule would have taken and whose price five minutes later is not known; they are left out. */
  readonly unresolved: number
  /** Share of trades above 0; null without a trade. */
  readonly won: number | null
  readonly perTrade: Score
  readonly total: Score
  /** By session: the sum of its trades and of all before, and its interval. */
  readonly cumulative: readonly number[]
  readonly low: readonly (number | null)[]
  readonly high: readonly (number | null)[]
}

/** Rules that differ in their anchor and in the least forecast. */
export interface RuleEquities {
  readonly cost: number
  readonly holdSeconds: number
  /** Resamples of an interval, and its level. */
  readonly samples: number
  readonly level: number
  /** Sessions with forecasts, in time order. */
  readonly dates: readonly string[]
  /** By anchor, then by rising `least`. */
  readonly rules: readonly RuleEquity[]
}

/**
 * What a simple rule would have made of forecasts of rows that their models had not seen: at the anchor of each touch where the served
 * P(the second threshold is reached) is at least `least`, take one share in the direction of a break where the served P(break | reached) is
 * at least one half, else in that of a bounce; hold it for five minutes. A trade comes to side x (`future_price` - `anchor_spot`) - `cost`
 * dollars. A touch that has reached the second threshold by the anchor, or has no price or forecast there, is not traded.
 *
 * It is a reading of forecasts, no backtest: trades overlap, both prices are last closes of one-minute bars, and nothing is said of fills or
 * slippage beyond the cost.
 *
 * `cumulative` is by session. Its interval at a session is the percentile interval of the sum of the sessions so far, which are resampled whole
 * (`sessionBlockBootstrap`), null before the second; a session without a trade counts with 0. `perTrade` is dollars by trades, null in
 * resamples without one.
 *
 * Anchors without these heads or prices are left out. Throws RangeError on predictions of validation rows, which have chosen the number of trees, and on a bad `cost` or `least`. Each trade is known
 * five minutes after its anchor. Cost: rows x rules + samples x sessions^2 x rules.
 */
export function ruleEquities(input: RuleInput): RuleEquities {
  const { predictions, least = RULE_THRESHOLDS, cost = RULE_COST, resampling } = input
  if (predictions.role !== 'test')
    throw new RangeError(
      `evaluation: predictions.role=${predictions.role}: must be test: validation rows have chosen the number of trees. Train with test dates.`,
    )
  if (!(cost >= 0 && cost < Infinity))
    throw new RangeError(`evaluation: cost=${cost}: must be dollars of at least 0 a trade.`)
  for (const share of least)
    if (!(share >= 0 && share <= 1)) throw new RangeError(`evaluation: least=${share}: must be a share from 0 to 1.`)
  const { samples = SAMPLES, level = LEVEL, seed } = resampling
  const rowOf = locate(input.table, predictions)
  const allDates = stringsOf(input.table, 'date')
  const dates = [...new Set(Array.from(rowOf, (row) => allDates[row] as string))].toSorted()
  const placeOf = new Map(dates.map((date, place) => [date, place]))
  const rules = ANCHORS.filter((anchor) => isOffered(input, anchor)).flatMap((anchor) => {
    const offers = offersOf(input, { anchor, rowOf, cost }).map((offer) => ({
      ...offer,
      session: placeOf.get(allDates[offer.row] as string) as number,
    }))
    return least.toSorted((a, b) => a - b).map((share) => takenBy(offers, anchor, share, dates.length))
  })
  const bands = bandsOf(
    rules.map(({ sums }) => sums),
    dates.length,
    { seed, samples, level },
  )
  return {
    cost,
    holdSeconds: HOLD_SECONDS,
    samples,
    level,
    dates,
    rules: rules.map(({ rule }, r) => ({ ...rule, ...(bands[r] as Band) })),
  }
}

/** A touch that a rule could trade. */
interface Offer {
  readonly row: number
  /** Nanoseconds since 1970 of the touch: trades of one anchor begin as far apart as their touches. */
  readonly ts: bigint
  /** P(the second threshold is reached). */
  readonly tradeable: number
  /** Dollars after costs; NaN where the price five minutes later is not known. */
  readonly dollars: number
}

/** The column of a label at an anchor: the primary one's stand under two names. */
const columnOf = ({ columns }: Table, name: string, anchor: Anchor): string | undefined =>
  [`${name}_${anchor}`, atAnchor(name, anchor)].find((one) => one in columns)

/** The heads that a rule reads: is the second threshold reached, and is it that of a break. */
const headsAt = ({ served }: Predictions, anchor: Anchor): (Float64Array | undefined)[] =>
  [headName({ kind: 'tradeable_2' }, anchor), headName({ kind: 'direction' }, anchor)].map((name) => served.get(name))

/** Prices of a trade: where it begins, and where it ends. */
const pricesAt = (table: Table, anchor: Anchor): (Float64Array | undefined)[] =>
  ['anchor_spot', 'future_price'].map((name) => {
    const column = columnOf(table, name, anchor)
    return column === undefined ? undefined : numbersOf(table, column)
  })

const isOffered = ({ table, predictions }: RuleInput, anchor: Anchor): boolean =>
  [...headsAt(predictions, anchor), ...pricesAt(table, anchor)].every((values) => values !== undefined)

/** Touches that are offered at an anchor, in time order. */
function offersOf(
  { table, predictions, thresholds: [, far] }: RuleInput,
  { anchor, rowOf, cost }: { readonly anchor: Anchor; readonly rowOf: Int32Array; readonly cost: number },
): Offer[] {
  const [tradeable, breaks] = headsAt(predictions, anchor)
  const [spot, future] = pricesAt(table, anchor)
  const [level, direction, ts] = [
    numbersOf(table, 'level_price'),
    stringsOf(table, 'direction'),
    timesOf(table, 'ts_ns'),
  ]
  const offers = Array.from(rowOf, (row, i): Offer | null => {
    const [p, q] = [tradeable?.[i] ?? Number.NaN, breaks?.[i] ?? Number.NaN]
    const entry = spot?.[row] ?? Number.NaN
    const away = Math.abs(entry - (level[row] as number))
    if (Number.isNaN(p) || Number.isNaN(q) || Number.isNaN(away) || reaches(away, far)) return null
    const side = signOf(direction[row]) * (q >= 0.5 ? 1 : -1)
    const dollars = side * ((future?.[row] ?? Number.NaN) - entry) - cost
    return { row, ts: ts[row] as bigint, tradeable: p, dollars }
  })
  return offers
    .filter((offer) => offer !== null)
    .toSorted((a, b) => (a.ts === b.ts ? a.row - b.row : a.ts < b.ts ? -1 : 1))
}

type Band = Pick<RuleEquity, 'perTrade' | 'total' | 'low' | 'high'>
type Taken = { readonly rule: Omit<RuleEquity, keyof Band>; readonly sums: SessionSums }

const HOLD_NS = BigInt(HOLD_SECONDS) * 1_000_000_000n

function takenBy(
  offers: readonly (Offer & { readonly session: number })[],
  anchor: Anchor,
  least: number,
  sessions: number,
): Taken {
  const taken = offers.filter(({ tradeable }) => tradeable >= least)
  const trades = taken.filter(({ dollars }) => !Number.isNaN(dollars))
  const values = Array.from({ length: sessions }, () => 0)
  const rows = Array.from({ length: sessions }, () => 0)
  for (const { session, dollars } of trades) {
    values[session] = (values[session] as number) + dollars
    rows[session] = (rows[session] as number) + 1
  }
  let total = 0
  return {
    sums: { values, rows },
    rule: {
      anchor,
      least,
      trades: trades.length,
      overlapping: trades.filter(({ ts }, i) => i > 0 && ts - (trades[i - 1] as Offer).ts < HOLD_NS).length,
      unresolved: taken.length - trades.length,
      won: trades.length === 0 ? null : trades.filter(({ dollars }) => dollars > 0).length / trades.length,
      cumulative: values.map((value) => (total += value)),
    },
  }
}

/** The sum of a value a session, for a bootstrap of whole sessions. */
const totalOf =
  (values: readonly number[]): SessionScore =>
  () =>
  (draws) => {
    let total = 0
    for (let session = 0; session < draws.length; session++)
      total += (draws[session] as number) * (values[session] as number)
    return total
  }

/** The intervals of each rule: the same draws for all of them. */
function bandsOf(
  rules: readonly SessionSums[],
  sessions: number,
  options: { readonly seed: number; readonly samples: number; readonly level: number },
): Band[] {
  const upTo = (count: number, score: (sums: SessionSums) => SessionScore): Score[] => {
    const scores = Object.fromEntries(rules.map((sums, r) => [String(r), score(sums)]))
    const drawn = sessionBlockBootstrap(
      Int32Array.from({ length: count }, (_, s) => s),
      scores,
      options,
    )
    return rules.map((_, r) => {
      const { estimate, low, high, reason } = drawn[String(r)] as Score
      return { estimate, low, high, ...(reason === undefined ? {} : { reason }) }
    })
  }
  const totals = Array.from({ length: sessions }, (_, s) => upTo(s + 1, ({ values }) => totalOf(values)))
  const perTrade = upTo(sessions, (sums) => meanOfMeans([sums]))
  return rules.map((_, r) => {
    const along = totals.map((scores) => scores[r] as Score)
    return {
      perTrade: perTrade[r] as Score,
      total: along.at(-1) as Score,
      low: along.map(({ low }) => low),
      high: along.map(({ high }) => high),
    }
  })
}
