import { meanValueBySession, sessionBlockBootstrap } from '@breakwater/calibration'
import type { PublishedForecast, Question, ResolvedForecast } from '@breakwater/monitor'
import { type RankedTarget, rankingWorth, UTILITY_ORDERS, type UtilityOrder } from '@breakwater/viewport'
import { agreement } from '../audit/samples.ts'
import type { PublishedRanking } from '../documents/served.ts'
import type { Score } from '../documents/figures.ts'
import { LEVEL, SAMPLES } from '../score.ts'
import { figuresOf } from '../side-by-side.ts'

/** Collects what orders targets, and how far price moved from each level. */
export interface RankingCollector {
  /** A forecast of a payload, with the target that it is of. */
  readonly publish: (forecast: PublishedForecast, target: Partial<RankedTarget> | undefined) => void
  readonly take: (resolved: readonly ResolvedForecast[]) => void
  readonly finish: (seed: number) => PublishedRanking[]
}

interface RankedRow {
  readonly session: string
  readonly tsNs: bigint
  /** By order. */
  readonly worths: Float64Array
  /** Dollars. */
  readonly moved: number
}

/** The order that the others are compared with. */
const [REFERENCE] = UTILITY_ORDERS

/**
 * A collector of rankings. What a target came to is the furthest that price moved from its level within the window, either way, in dollars; 0 where a
 * level before its touch was not touched in time. Targets whose window is cut short count nowhere.
 */
export function collectRanking(questions: readonly Question[], dateOf: (ns: bigint) => string): RankingCollector {
  const place = questions.findIndex(({ about }) => about.kind === 'strength_signed')
  const waiting = new Map<PublishedForecast, Float64Array>()
  const rows: RankedRow[] = []
  return {
    publish(forecast, target) {
      if (target === undefined) return
      const { level_id = '', relevance = 0, p_touch = null, ...rest } = target
      const { utility_score = null, expected_move = null, utility_net = null, p_tradeable_2 = null } = rest
      const ranked = { level_id, relevance, p_touch, utility_score, expected_move, utility_net, p_tradeable_2 }
      waiting.set(
        forecast,
        Float64Array.from(UTILITY_ORDERS, (order) => rankingWorth(order, ranked)),
      )
    },
    take(resolved) {
      for (const { forecast, from, to, outcomes, masks } of resolved) {
        const worths = waiting.get(forecast)
        if (worths === undefined || place < from || place >= to) continue
        waiting.delete(forecast)
        const moved = masks[place] === 'never touched' ? 0 : Math.abs(outcomes[place] as number)
        if (Number.isFinite(moved)) rows.push({ session: dateOf(forecast.tsNs), tsNs: forecast.tsNs, worths, moved })
      }
    },
    finish: (seed) => rankingsOf(rows, seed),
  }
}

function rankingsOf(rows: readonly RankedRow[], seed: number): PublishedRanking[] {
  const sessions = grouped(rows, ({ session }) => session)
  const found = UTILITY_ORDERS.map((order, o) => ({
    order,
    agreements: sessions.map((session) => agreementOf(session, o)),
    leads: sessions.map((session) => leadOf(session, o)),
  }))
  const reference = found[0]?.agreements ?? []
  return found.flatMap(({ order, agreements, leads }): PublishedRanking[] => {
    const known = agreements.filter((value) => value !== null)
    if (known.length === 0) return []
    const gains = agreements.map((value, s) => {
      const other = reference[s] ?? null
      return value === null || other === null ? null : value - other
    })
    return [
      {
        order,
        sessions: known.length,
        agreement: meanOf(agreements, seed),
        gain: isReference(order) ? null : meanOf(gains, seed),
        lead: meanOf(leads, seed),
      },
    ]
  })
}

const isReference = (order: UtilityOrder): boolean => order === REFERENCE

function grouped<T>(rows: readonly T[], keyOf: (row: T) => string | bigint): T[][] {
  const groups = new Map<string | bigint, T[]>()
  for (const row of rows) {
    const there = groups.get(keyOf(row))
    if (there === undefined) groups.set(keyOf(row), [row])
    else there.push(row)
  }
  return [...groups.values()]
}

/** How far an order and what came of its targets agree over a session; null where that says nothing. */
function agreementOf(session: readonly RankedRow[], order: number): number | null {
  const worths = Float64Array.from(session, ({ worths: each }) => each[order] as number)
  const moved = Float64Array.from(session, (row) => row.moved)
  return agreement(worths, moved, [...session.keys()])?.value ?? null
}

/** Dollars by which the target that leads a payload moved more than the mean of the payload; null without a payload of two. */
function leadOf(session: readonly RankedRow[], order: number): number | null {
  let [sum, payloads] = [0, 0]
  for (const rows of grouped(session, ({ tsNs }) => tsNs)) {
    const known = rows.filter(({ worths }) => Number.isFinite(worths[order]))
    const [first, ...others] = known
    if (first === undefined || others.length === 0) continue
    const leader = others.reduce(
      (best, row) => ((row.worths[order] as number) > (best.worths[order] as number) ? row : best),
      first,
    )
    sum += leader.moved - known.reduce((total, { moved }) => total + moved, 0) / known.length
    payloads++
  }
  return payloads === 0 ? null : sum / payloads
}

/** The mean over sessions, with the interval of whole sessions drawn again. */
function meanOf(values: readonly (number | null)[], seed: number): Score {
  const known = values.filter((value) => value !== null)
  if (known.length === 0) return { estimate: null, low: null, high: null, reason: 'no session' }
  const scores = { mean: meanValueBySession(Float64Array.from(known)) }
  return figuresOf(
    sessionBlockBootstrap(Int32Array.from(known.keys()), scores, { seed, samples: SAMPLES, level: LEVEL }).mean,
  )
}
