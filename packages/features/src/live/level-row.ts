import { attemptsOf } from '../signals/attempts.ts'
import type { AttemptColumn } from '../signals/attempts.ts'
import { levelKey } from '../signals/levels.ts'
import type { Level } from '../signals/levels.ts'
import { rowOf } from '../signals/stream.ts'
import type { SignalRow, SignalStream, TouchedBar } from '../signals/stream.ts'
import { approachSign } from '../signals/touches.ts'
import { isLevelKind } from '../vocabulary/words.ts'

/** A level as the caller knows it; `kind` may be one that the signals table has not. */
export interface LiveLevel {
  readonly kind: string
  /** Dollars. */
  readonly price: number
}

/** The last bar, and the signals' rows of its touches. */
export interface LastBar extends TouchedBar {
  readonly minute: number
  readonly rows: readonly SignalRow[]
}

/** Prices this near are one. */
const HALF_CENT = 0.005

/**
 * The signals' own row of a level among those of one bar. A level of which there is one at a time is the same where it lies
 * within `band` of theirs: they take it at the start of the minute, the caller perhaps later.
 */
export function signalsRow(
  rows: readonly SignalRow[],
  { kind, price }: LiveLevel,
  band: number,
): SignalRow | undefined {
  return rows.find(({ touch: { level } }) => {
    const isOnlyOne = levelKey(level) === kind
    return level.kind === kind && Math.abs(level.price - price) <= (isOnlyOne ? band : HALF_CENT)
  })
}

/** The row of a touch of `level` by the last bar, coming from `sign`; that of the signals where they have it. */
export function rowIn(
  stream: SignalStream,
  last: LastBar,
  { kind, price }: LiveLevel,
  sign: -1 | 0 | 1,
): SignalRow | null {
  const theirs = signalsRow(last.rows, { kind, price }, HALF_CENT)
  if (theirs !== undefined && (sign === 0 || sign === theirs.touch.sign)) return theirs
  const side = sign === 0 ? approachSign(last.day, price) : sign
  if (side === 0) return null
  const level: Level = { kind: isLevelKind(kind) ? kind : 'USER_HOTZONE', price }
  const attempts = attemptsAt(stream, last, level)
  return rowOf(stream, last, { minute: last.minute, level, sign: side }, attempts)
}

const UNTRACKED: Readonly<Record<AttemptColumn, number>> = {
  prior_touches: Number.NaN,
  attempt_index: Number.NaN,
  attempt_cluster_id: Number.NaN,
}

/** Earlier touches of a level; missing for one whose touches the signals do not follow, which may have been touched unseen. */
function attemptsAt(stream: SignalStream, last: LastBar, level: Level): Readonly<Record<AttemptColumn, number>> {
  const { memory, settings } = stream
  const key = levelKey(level)
  // The memory holds the last bar's own touches, which are not earlier ones.
  const now = last.rows.find(({ touch }) => levelKey(touch.level) === key)
  if (now !== undefined) return now.features.attempts
  const cents = Math.round(level.price * 100)
  const isRound = level.kind === 'ROUND' && cents % Math.round(settings.roundSpacing * 100) === 0
  const isFollowed = isRound || last.levels.some((one) => levelKey(one) === key)
  return isFollowed ? attemptsOf(memory, level, last.minute, settings) : UNTRACKED
}
