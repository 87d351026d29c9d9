import type { RowValues } from '@breakwater/features'
import type { Stage } from '@breakwater/features/vocabulary'
import type { LevelEntry, LevelFailure, SupposedRow } from './level-book.ts'
import type { RowSource, TouchRow } from './parts.ts'
import type { RowBasis, TargetState } from './target.ts'
import { MINUTE_NS, SECOND_NS } from './time.ts'

/** The row that a target is scored by at one tick. */
export interface ChosenRow {
  readonly row: TouchRow
  readonly values: RowValues
  readonly basis: RowBasis
  /** When the row's last value became known: outcomes known later must not help. */
  readonly asOfNs: bigint
  /** Dollars that price was beyond the level at the confirmation; null before. */
  readonly moved: number | null
}

/** Neither ticks nor bars tell the side. */
export const NO_SIDE: LevelFailure = {
  code: 'no_side',
  message: 'viewport: neither the ticks nor the bars so far tell from which side price comes.',
}
/** Nothing of the session is known, or it is over. */
export const NO_SESSION_BAR: LevelFailure = {
  code: 'no_bars',
  message: 'viewport: no regular bar of a session that runs has ended yet.',
}

/** Stage A scores a level before its confirmation, stage B from then on. */
export function stageOf(state: TargetState): Stage {
  return state === 'CONFIRMATION' || state === 'RESOLVED' ? 'stage_b' : 'stage_a'
}

/** Why the bars are no use at `tsNs`; null where they are. */
export function barsFault(rows: RowSource, tsNs: bigint, staleAfterNs: bigint): LevelFailure | null {
  const { lastBarNs } = rows
  if (lastBarNs === null) return { code: 'no_bars', message: 'viewport: no bar has arrived yet. Push the bars so far.' }
  const endNs = lastBarNs + MINUTE_NS
  if (endNs > tsNs) {
    return {
      code: 'future_bars',
      message: `viewport: the bar of ${lastBarNs} had not ended at ${tsNs}. Send bars when they end.`,
    }
  }
  if (tsNs - endNs <= staleAfterNs) return null
  return {
    code: 'stale_bars',
    message: `viewport: the last bar ended at ${endNs}, long before ${tsNs}. Do bars still come?`,
  }
}

/** Sees to it that `entry.supposed` is of the bars, price and side of now. Writes `entry`. */
export function supposeTouch(entry: LevelEntry, rows: RowSource): void {
  const { level, memory, supposed } = entry
  const { version } = rows
  const isCurrent = supposed?.version === version && supposed.price === level.price && supposed.side === memory.side
  if (isCurrent) return
  const { side } = memory
  entry.supposed = { ...tried(() => rows.supposed(level, side), side), version, price: level.price, side }
}

type RowAttempt = Pick<SupposedRow, 'row' | 'failure'>

function tried(make: () => TouchRow | null, side: -1 | 0 | 1): RowAttempt {
  try {
    const row = make()
    return { row, failure: row !== null ? null : side === 0 ? NO_SIDE : NO_SESSION_BAR }
  } catch (error) {
    return { row: null, failure: { code: 'row_failed', message: messageOf(error) } }
  }
}

/**
 * Takes the row of an episode's touch as soon as its bar is there, and what is known of it at confirmation: for every level,
 * target or not, since both can only be had at their time. Writes `entry`. Returns the row where it is confirmed now.
 */
export function followEpisode(entry: LevelEntry, rows: RowSource, spot: number): RowValues | null {
  const { memory, level } = entry
  const { touchNs, confirmNs } = memory
  if (touchNs === null || confirmNs === null) {
    entry.episode = null
    return null
  }
  if (entry.episode?.touchNs !== touchNs) {
    entry.episode = { touchNs, row: null, asked: -1, final: null, moved: Number.NaN, failure: null }
  }
  const { episode } = entry
  const wasFinal = episode.final !== null
  try {
    if (episode.row === null && episode.asked !== rows.version) {
      episode.asked = rows.version
      episode.row = rows.touched({ kind: level.kind, price: entry.touchPrice }, touchNs, memory.side)
    }
    const { row } = episode
    if (row !== null && episode.final === null && stageOf(memory.state) === 'stage_b') {
      episode.final = row.values(level.physics, secondsFrom(row.tsNs, confirmNs), spot)
      episode.moved = row.sign * (spot - entry.touchPrice)
    }
    episode.failure = null
  } catch (error) {
    episode.failure = { code: 'row_failed', message: messageOf(error) }
  }
  return wasFinal ? null : episode.final
}

/**
 * The row to score `entry` by: of its touch once that minute's bar is there, with everything known at confirmation and no
 * more from then on; before that, of a supposed touch. Or why there is none.
 */
export function chooseRow(
  entry: LevelEntry,
  rows: RowSource,
  tsNs: bigint,
  staleAfterNs: bigint,
): ChosenRow | LevelFailure {
  const { memory, level, episode } = entry
  if (episode?.failure != null) return episode.failure
  const isFinal = stageOf(memory.state) === 'stage_b'
  try {
    if (episode?.final != null && episode.row !== null && isFinal) {
      const { row, final: values, moved } = episode
      return { row, values, basis: 'confirmation', asOfNs: memory.confirmNs ?? tsNs, moved }
    }
    if (isFinal) {
      const message = `viewport: ${level.id}: the bar of the touch at ${memory.touchNs} never came: no row to confirm.`
      return { code: 'no_touch_row', message }
    }
    if (episode?.row != null) {
      const values = episode.row.values(level.physics, secondsFrom(episode.row.tsNs, tsNs))
      return { row: episode.row, values, basis: 'touch', asOfNs: tsNs, moved: null }
    }
    const fault = barsFault(rows, tsNs, staleAfterNs)
    if (fault !== null) return fault
    const { supposed } = entry
    if (supposed?.row == null) return supposed?.failure ?? { code: 'row_failed', message: 'viewport: no row was made.' }
    // Readings whose windows have ended since the minute that is taken for the touch, as in a touch at its first moment.
    const values = supposed.row.values(level.physics, secondsFrom(supposed.row.tsNs, tsNs))
    return { row: supposed.row, values, basis: 'supposed', asOfNs: tsNs, moved: null }
  } catch (error) {
    return { code: 'row_failed', message: messageOf(error) }
  }
}

/** Seconds from one time to another. */
export const secondsFrom = (startNs: bigint, ns: bigint): number => Number(ns - startNs) / Number(SECOND_NS)

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
