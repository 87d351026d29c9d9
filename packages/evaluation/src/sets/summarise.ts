import {
  logLoss,
  meanAbsoluteError,
  meanOfMeans,
  type SessionScore,
  sessionBlockBootstrap,
} from '@breakwater/calibration'
import {
  AHEAD_QUESTIONS,
  aheadName,
  type AheadQuestion,
  parseHeadName,
  PRIMARY_ANCHOR,
  stringColumn,
  WINDOW_HEADS,
} from '@breakwater/features'
import type { AheadRecord, HeadRecord } from '@breakwater/models'
import { type ForecastBlock, headForecasts, type SeenRows } from '../blocks.ts'
import type { Score } from '../documents/figures.ts'
import type { GroupSummary, SetSummary, StrengthSummary } from '../documents/summary.ts'
import { columnOf } from '../forecasts.ts'
import { NO_LAW } from '../scoring/beyond.ts'
import { episodeStarts } from '../scoring/episodes.ts'
import { figuresOf } from '../side-by-side.ts'

/** What {@link summarise} reads: forecasts of a set with three of their columns, and its heads. */
export interface SummaryInput {
  readonly blocks: readonly ForecastBlock[]
  readonly heads: readonly Pick<HeadRecord, 'name' | 'anchor' | 'task'>[]
  /** What is still to come from the anchors, with targets among those of the blocks; none by default. */
  readonly ahead?: readonly Pick<AheadRecord, 'name' | 'anchor'>[] | undefined
  /** Ids of the column that is served, of the law, which blocks may lack, and of the base rates. */
  readonly served: string
  readonly law: string
  readonly base: string
  /** Seed of the resampled sessions. */
  readonly seed: number
  /** Which rows a head sees; by default those of its mask. */
  readonly seen?: SeenRows | undefined
}

const [TRADEABLE, DIRECTION, STRENGTH] = WINDOW_HEADS

const [STRENGTH_AHEAD, ...EXTREMES_AHEAD] = AHEAD_QUESTIONS

/**
 * The set at its primary anchor: losses of the reach heads together, of tradeable, of direction, of strength, and of what is still to come
 * from the anchor.
 */
export function summarise(input: SummaryInput): SetSummary {
  const anchor = input.heads.some((head) => head.anchor === PRIMARY_ANCHOR)
    ? PRIMARY_ANCHOR
    : (input.heads[0]?.anchor ?? PRIMARY_ANCHOR)
  const headsOf = (kind: string): SummaryInput['heads'] =>
    input.heads.filter((head) => head.anchor === anchor && parseHeadName(head.name)?.question.kind === kind)
  const group = (kind: string): GroupSummary | null => {
    const figures = groupOf(input, headsOf(kind))
    if (figures === null) return null
    const { loss, ...rest } = figures
    return { ...rest, mean_log_loss: loss }
  }
  const ahead = (input.ahead ?? []).map((record) => ({ ...record, task: 'regression' as const }))
  const aheadOf = (questions: readonly AheadQuestion[]): SummaryInput['heads'] =>
    questions.flatMap((question) => ahead.filter(({ name }) => name === aheadName(question, anchor)))
  const dollars = (heads: SummaryInput['heads']): StrengthSummary | null => {
    const figures = groupOf(input, heads)
    if (figures === null) return null
    const { loss, ...rest } = figures
    return { ...rest, mae: loss }
  }
  return {
    anchor,
    reach: group('reach'),
    tradeable: group(TRADEABLE),
    direction: group(DIRECTION),
    strength: dollars(headsOf(STRENGTH)),
    strength_ahead: dollars(aheadOf([STRENGTH_AHEAD])),
    extremes_ahead: dollars(aheadOf(EXTREMES_AHEAD)),
  }
}

/** {@link summarise}, with the figures of the touches that begin an episode. */
export function summariseEpisodes(input: SummaryInput): SetSummary {
  const all = summarise(input)
  const starts = new Map(input.blocks.map(({ signals: { table } }) => [table, episodeStarts(table)]))
  if ([...starts.values()].includes(null)) return all
  const seen: SeenRows = ({ signals }, { mask }) => {
    const begins = starts.get(signals.table)
    return mask.map((bit, row) => Number(bit !== 0 && begins?.[row] === 1))
  }
  const { anchor: _anchor, ...episodes } = summarise({ ...input, seen })
  return { ...all, episodes }
}

type Sums = ReadonlyMap<string, number>

/** Losses of one head summed by session: of what is served, of the base and of the law, which may be unknown; and rows. */
interface HeadSums {
  readonly served: Sums
  readonly base: Sums
  readonly law: Sums | null
  readonly rows: Sums
}

type GroupFigures = Omit<GroupSummary, 'mean_log_loss'> & { readonly loss: Score }

function groupOf(input: SummaryInput, heads: SummaryInput['heads']): GroupFigures | null {
  const touches = new Set<string>()
  const all = heads.map((head) => sumsOf(input, head, touches)).filter(({ rows }) => rows.size > 0)
  if (all.length === 0) return null
  const dates = [...new Set(all.flatMap(({ rows }) => [...rows.keys()]))].toSorted()
  const mean = (read: (sums: HeadSums, date: string) => number): SessionScore =>
    meanOfMeans(
      all.map((sums) => ({
        values: dates.map((date) => read(sums, date)),
        rows: dates.map((date) => sums.rows.get(date) ?? 0),
      })),
    )
  const isBeyondLaw = all.every(({ law }) => law !== null)
  const saved = (other: (sums: HeadSums) => Sums | null): SessionScore =>
    mean((sums, date) => (other(sums)?.get(date) ?? 0) - (sums.served.get(date) ?? 0))
  const scores: Record<'loss' | 'base' | 'law', SessionScore> = {
    loss: mean((sums, date) => sums.served.get(date) ?? 0),
    base: saved(({ base }) => base),
    law: saved(({ law }) => law),
  }
  // One row a session: the scores hold the sums of its rows.
  const { loss, base, law } = sessionBlockBootstrap([...dates.keys()], scores, { seed: input.seed })
  return {
    heads: all.length,
    rows: touches.size,
    sessions: dates.length,
    loss: figuresOf(loss),
    beyond_law: isBeyondLaw ? figuresOf(law) : { estimate: null, low: null, high: null, reason: NO_LAW },
    beyond_base: figuresOf(base),
  }
}

function sumsOf(
  { blocks, served, law, base, seen }: SummaryInput,
  head: SummaryInput['heads'][number],
  touches: Set<string>,
): HeadSums {
  const { forecasts, places } = headForecasts(blocks, head, seen)
  const { targets, columns } = forecasts
  const loss = head.task === 'binary' ? logLoss : meanAbsoluteError
  const dates = places.map(({ block, row }) => {
    touches.add(`${blocks.indexOf(block)} ${row}`)
    const { codes, dictionary } = stringColumn(block.signals.table, 'date')
    return dictionary[codes[row] ?? -1] ?? ''
  })
  const summed = (term: (row: number) => number): Sums => {
    const sums = new Map<string, number>()
    for (const [row, date] of dates.entries()) sums.set(date, (sums.get(date) ?? 0) + term(row))
    return sums
  }
  const lossOf = (id: string): Sums => {
    const values = places.length === 0 ? new Float64Array() : columnOf(forecasts, id)
    return summed((row) => loss([values[row] as number], [targets[row] as number]))
  }
  return {
    served: lossOf(served),
    base: lossOf(base),
    law: columns.has(law) ? lossOf(law) : null,
    rows: summed(() => 1),
  }
}
