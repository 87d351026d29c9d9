import { logLoss, type SessionScore, sessionBlockBootstrap } from '@breakwater/calibration'
import { parseHeadName, PRIMARY_ANCHOR, stringColumn, WINDOW_HEADS } from '@breakwater/features'
import type { HeadRecord } from '@breakwater/models'
import { type ForecastBlock, headForecasts } from '../blocks.ts'
import type { Score } from '../documents/figures.ts'
import type { GroupSummary, SetSummary } from '../documents/summary.ts'
import { columnOf } from '../forecasts.ts'

/** What {@link summarise} reads: forecasts of a set with two of their columns, and its heads. */
export interface SummaryInput {
  readonly blocks: readonly ForecastBlock[]
  readonly heads: readonly Pick<HeadRecord, 'name' | 'anchor' | 'task'>[]
  /** Ids of the column that is served and of the base rates. */
  readonly served: string
  readonly base: string
  /** Seed of the resampled sessions. */
  readonly seed: number
}

const [TRADEABLE, DIRECTION] = WINDOW_HEADS

/** The set's log loss at its primary anchor: of the reach heads together, of tradeable, and of direction. */
export function summarise(input: SummaryInput): SetSummary {
  const anchor = input.heads.some((head) => head.anchor === PRIMARY_ANCHOR)
    ? PRIMARY_ANCHOR
    : (input.heads[0]?.anchor ?? PRIMARY_ANCHOR)
  const group = (kind: string): GroupSummary | null => {
    const heads = input.heads.filter(
      (head) => head.anchor === anchor && parseHeadName(head.name)?.question.kind === kind,
    )
    return groupOf(input, heads)
  }
  return { anchor, reach: group('reach'), tradeable: group(TRADEABLE), direction: group(DIRECTION) }
}

/** Sums of one head by session: log losses of the calibrated heads and of the base rate, and rows. */
interface HeadSums {
  readonly served: ReadonlyMap<string, number>
  readonly base: ReadonlyMap<string, number>
  readonly rows: ReadonlyMap<string, number>
}

function groupOf(input: SummaryInput, heads: SummaryInput['heads']): GroupSummary | null {
  const touches = new Set<string>()
  const all = heads.map((head) => sumsOf(input, head, touches)).filter(({ rows }) => rows.size > 0)
  if (all.length === 0) return null
  const dates = [...new Set(all.flatMap(({ rows }) => [...rows.keys()]))].toSorted()
  const scores = {
    mean_log_loss: meanOfMeans(all, dates, (sums, date) => sums.served.get(date) ?? 0),
    beyond_base: meanOfMeans(all, dates, (sums, date) => (sums.base.get(date) ?? 0) - (sums.served.get(date) ?? 0)),
  }
  // One row a session: the scores hold the sums of its rows.
  const { mean_log_loss: loss, beyond_base: saved } = sessionBlockBootstrap([...dates.keys()], scores, {
    seed: input.seed,
  })
  return {
    heads: all.length,
    rows: touches.size,
    sessions: dates.length,
    mean_log_loss: scoreOf(loss),
    beyond_base: scoreOf(saved),
  }
}

const scoreOf = ({ estimate, low, high, reason }: Score): Score => ({
  estimate,
  low,
  high,
  ...(reason === undefined ? {} : { reason }),
})

function sumsOf(
  { blocks, served, base }: SummaryInput,
  head: SummaryInput['heads'][number],
  touches: Set<string>,
): HeadSums {
  const { forecasts, places } = headForecasts(blocks, head)
  const sums = { served: new Map<string, number>(), base: new Map<string, number>(), rows: new Map<string, number>() }
  if (places.length === 0) return sums
  const [ours, theirs] = [columnOf(forecasts, served), columnOf(forecasts, base)]
  for (const [i, { block, row }] of places.entries()) {
    const { codes, dictionary } = stringColumn(block.signals.table, 'date')
    const date = dictionary[codes[row] ?? -1] ?? ''
    const target = forecasts.targets[i] as number
    add(sums.served, date, logLoss([ours[i] as number], [target]))
    add(sums.base, date, logLoss([theirs[i] as number], [target]))
    add(sums.rows, date, 1)
    touches.add(`${blocks.indexOf(block)} ${row}`)
  }
  return sums
}

function add(sums: Map<string, number>, key: string, value: number): void {
  sums.set(key, (sums.get(key) ?? 0) + value)
}

/** The mean over heads of their mean over rows; null in a resample that holds no row of a head. */
function meanOfMeans(
  heads: readonly HeadSums[],
  dates: readonly string[],
  read: (sums: HeadSums, date: string) => number,
): SessionScore {
  const table = heads.map((sums) => ({
    values: dates.map((date) => read(sums, date)),
    rows: dates.map((date) => sums.rows.get(date) ?? 0),
  }))
  return () => (draws) => {
    let total = 0
    for (const { values, rows } of table) {
      let [sum, count] = [0, 0]
      for (const [s, times] of draws.entries()) {
        sum += times * (values[s] as number)
        count += times * (rows[s] as number)
      }
      if (count === 0) return null
      total += sum / count
    }
    return total / table.length
  }
}
