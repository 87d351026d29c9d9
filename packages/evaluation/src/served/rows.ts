import { reachKey } from '@breakwater/features'
import type { PublishedForecast, Question, ResolvedForecast } from '@breakwater/monitor'
import type { Interval, ReachKey, TargetIntervals } from '@breakwater/viewport'

/** Questions beside those of the join: break and bounce, joint with tradeable. */
export const JOINT = ['p_break', 'p_bounce'] as const

/** Published numbers of one question with their outcomes; each refers to its forecast. */
export interface QuestionRows {
  readonly predictions: number[]
  readonly outcomes: number[]
  /** Index into {@link PublishedRows.forecasts}. */
  readonly forecasts: number[]
  /** Half of the published interval; NaN where there was none. */
  readonly halves: number[]
  readonly masked: Map<string, number>
}

/** What is known of one published target beside its numbers. */
export interface ForecastRow {
  readonly state: string
  readonly basis: string
  readonly stage: string
  /** Index of its session. */
  readonly session: number
  /** Stretch of time, twice a window long, in which it was published. */
  readonly stretch: number
  /** Seconds since the touch minute began; NaN before a touch. */
  readonly age: number
  /** Dollars beyond the level. */
  readonly moved: number
  /** Its place among what was published of its touch. */
  readonly episode: 'first' | 'later' | 'before a touch'
}

/** Every published number with its outcome. */
export interface PublishedRows {
  readonly forecasts: readonly ForecastRow[]
  readonly sessions: readonly string[]
  readonly byQuestion: ReadonlyMap<string, QuestionRows>
}

/** Collects what a join resolves. */
export interface RowCollector {
  readonly take: (resolved: readonly ResolvedForecast[]) => void
  readonly finish: () => PublishedRows
}

/** What rows are collected with. */
export interface RowContext {
  /** The longest window of a question, seconds. */
  readonly windowSeconds: number
  /** The session of a time. */
  readonly dateOf: (ns: bigint) => string
  /** The intervals that were published with a forecast. */
  readonly intervalsOf: (forecast: PublishedForecast) => TargetIntervals | undefined
}

/** A collector of the published numbers of questions. */
export function collectRows(
  questions: readonly Question[],
  { windowSeconds, dateOf, intervalsOf }: RowContext,
): RowCollector {
  const names = [...questions.map(({ name }) => name), ...JOINT]
  const byQuestion = new Map(names.map((name): [string, QuestionRows] => [name, emptyRows()]))
  const known = new Map<PublishedForecast, number>()
  const forecasts: ForecastRow[] = []
  const sessions = new Map<string, number>()
  const seen = new Set<string>()
  const episodeOf = ({ levelId, touchNs, fromNs }: PublishedForecast): ForecastRow['episode'] => {
    if (touchNs === null || fromNs === null) return 'before a touch'
    const name = `${touchNs} ${levelId}`
    if (seen.has(name)) return 'later'
    seen.add(name)
    return 'first'
  }
  const rowOf = (forecast: PublishedForecast): number => {
    const there = known.get(forecast)
    if (there !== undefined) return there
    const date = dateOf(forecast.tsNs)
    const session = sessions.get(date) ?? sessions.size
    if (!sessions.has(date)) {
      sessions.set(date, session)
      // Nothing of a session before comes any more.
      known.clear()
    }
    known.set(forecast, forecasts.length)
    forecasts.push({ ...describe(forecast, session, windowSeconds), episode: episodeOf(forecast) })
    return forecasts.length - 1
  }
  return {
    take: (resolved) => {
      for (const one of resolved) {
        const row = rowOf(one.forecast)
        const intervals = intervalsOf(one.forecast)
        for (let q = one.from; q < one.to; q++) {
          const question = questions[q] as Question
          const rows = byQuestion.get(question.name)
          if (rows !== undefined) {
            const half = halfOf(intervals, question.about)
            add(rows, row, [one.forecast.values[q] as number, half], one.masks[q] ?? (one.outcomes[q] as number))
          }
        }
        addJoint(byQuestion, questions, one, { row, intervals })
      }
    },
    finish: () => ({ forecasts, sessions: [...sessions.keys()], byQuestion }),
  }
}

const emptyRows = (): QuestionRows => ({
  predictions: [],
  outcomes: [],
  forecasts: [],
  halves: [],
  masked: new Map(),
})

const halfWidth = (range: Interval | null | undefined): number =>
  range == null ? Number.NaN : (range[1] - range[0]) / 2

/** Half of the published interval of a question; NaN where there is none. */
function halfOf(intervals: TargetIntervals | undefined, about: Question['about']): number {
  switch (about.kind) {
    case 'touch':
      return halfWidth(intervals?.p_touch?.[about.horizon])
    case 'reach':
      return halfWidth(intervals?.time_to_threshold[reachKey(about) as ReachKey][about.horizon])
    case 'tradeable_2':
      return halfWidth(intervals?.p_tradeable_2)
    case 'direction':
      return halfWidth(intervals?.p_break_given_tradeable)
    case 'strength_signed':
    default:
      return Number.NaN
  }
}

const SECOND_NS = 1e9

function describe(
  { labels, tsNs, touchNs, sign, price, spot }: PublishedForecast,
  session: number,
  window: number,
): Omit<ForecastRow, 'episode'> {
  const minute = touchNs === null ? null : touchNs - (touchNs % 60_000_000_000n)
  return {
    state: labels['state'] ?? '',
    basis: labels['basis'] ?? '',
    stage: labels['stage'] ?? '',
    session,
    stretch: Math.floor(Number(tsNs / 1_000_000_000n) / (2 * window)),
    age: minute === null ? Number.NaN : Number(tsNs - minute) / SECOND_NS,
    moved: sign * (spot - price),
  }
}

function add(
  rows: QuestionRows,
  row: number,
  [prediction, half]: readonly [prediction: number, half: number],
  outcome: number | string,
): void {
  if (typeof outcome === 'string') {
    rows.masked.set(outcome, (rows.masked.get(outcome) ?? 0) + 1)
    return
  }
  rows.predictions.push(prediction)
  rows.outcomes.push(outcome)
  rows.forecasts.push(row)
  rows.halves.push(half)
}

/** Break and bounce: neither where the second threshold is not reached, else what the direction is. */
function addJoint(
  byQuestion: ReadonlyMap<string, QuestionRows>,
  questions: readonly Question[],
  { from, to, outcomes, forecast }: ResolvedForecast,
  { row, intervals }: { readonly row: number; readonly intervals: TargetIntervals | undefined },
): void {
  const place = (kind: string): number => questions.findIndex(({ about }) => about.kind === kind)
  const [tradeable, direction] = [place('tradeable_2'), place('direction')]
  if (tradeable < from || tradeable >= to || direction < from || direction >= to) return
  const reached = outcomes[tradeable] as number
  const broke = outcomes[direction] as number
  const [p, q] = [forecast.values[tradeable] as number, forecast.values[direction] as number]
  if (Number.isNaN(p * q) || Number.isNaN(reached) || (reached === 1 && Number.isNaN(broke))) return
  for (const [name, chance, side] of [[JOINT[0], q, 1] as const, [JOINT[1], 1 - q, 0] as const]) {
    const rows = byQuestion.get(name)
    if (rows !== undefined)
      add(rows, row, [p * chance, halfWidth(intervals?.[name])], reached === 1 && broke === side ? 1 : 0)
  }
}
