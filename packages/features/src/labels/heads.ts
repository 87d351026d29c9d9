import type { AnchorColumns } from './columns.ts'
import { anchorColumns, dollarsBeyond, hasAnchor } from './columns.ts'
import type { Table } from '../table.ts'
import { type Anchor, ANCHOR_SECONDS, ANCHORS } from '../vocabulary/anchors.ts'
import {
  DEFAULT_HORIZONS,
  DEFAULT_THRESHOLDS,
  headName,
  headTask,
  WINDOW_HEADS,
  REACH_SIDES,
} from '../vocabulary/heads.ts'
import type { HeadQuestion, HeadTask, WindowHead, ReachQuestion, ReachSide, Thresholds } from '../vocabulary/heads.ts'
import { reaches } from '../vocabulary/price.ts'

/** Why a head does not see a row. */
export type MaskReason =
  | 'undefined outcome'
  | 'not tradeable'
  | 'window incomplete'
  | 'hit straddles the horizon'
  | 'already reached at the anchor'
  | 'price missing at the anchor'

/** Target of one head: what it is to predict, and on which rows. Arrays have one entry a table row. */
export interface HeadTarget {
  readonly name: string
  readonly anchor: Anchor
  /** Seconds from the start of the touch minute to the anchor. */
  readonly anchorSeconds: number
  readonly task: HeadTask
  /** 0 or 1, or dollars; NaN where masked. Known at the end of the label window, never before the anchor. */
  readonly values: Float32Array
  /** 1 where the head sees the row. */
  readonly mask: Uint8Array
  readonly counts: {
    readonly rows: number
    readonly used: number
    /** Rows of value 1; null for a regression. */
    readonly positives: number | null
    /** Rows not seen, by the first reason that applies; with `used` they add up to `rows`. */
    readonly masked: Readonly<Partial<Record<MaskReason, number>>>
  }
}

/** Options of {@link deriveHeads}. */
export interface HeadOptions {
  /** Default: every anchor that the table has labels for. */
  readonly anchors?: readonly Anchor[]
  /** Horizons of the reach heads in seconds from the anchor, at most the label window. Default 60, 120, 180, 300. */
  readonly horizons?: readonly number[]
  /** What `_1` and `_2` mean in dollars from the level. Default 1 and 2. */
  readonly thresholds?: Thresholds
  /** Width of the interval that contains a `time_to_*`: a value t means [t, t + this). Default 60. */
  readonly resolutionSeconds?: number
  /** Length of the whole label window. Default 480. */
  readonly windowSeconds?: number
}

/**
 * Targets and masks of every head at every anchor: `tradeable_2` (is the second threshold reached either way),
 * `direction` (1 BREAK, 0 BOUNCE, on tradeable rows with such an outcome), `strength_signed` ($), and the reach heads
 * `t{k}[_break|_bounce]_{h}s` (is threshold k reached within h seconds).
 *
 * A reach counts only when its whole interval lies within the horizon, t + resolution <= h; it is not a reach when t >= h, or
 * when none was seen and the window covers h; else the row is masked. A row that lies beyond a head's threshold at the
 * anchor already, on the head's side, has nothing left to predict for that head and is masked. A row that a head has no
 * target for is never a negative. Throws RangeError on a bad option and Error on an absent label column. Cost: rows
 * x heads.
 */
export function deriveHeads(table: Table, options: HeadOptions = {}): HeadTarget[] {
  const settings = checkedOptions(table, options)
  return settings.anchors.flatMap((anchor) => {
    const context = anchorContext(table, anchor, settings)
    return questions(settings.horizons).map((question) => targetOf(table.rows, question, context, settings))
  })
}

type Settings = Required<HeadOptions>

/** The answer for one row: a value, or why there is none. */
type Answer = number | MaskReason

interface AnchorContext {
  readonly anchor: Anchor
  readonly columns: AnchorColumns
  /** Dollars beyond the level in the direction of approach at the anchor. */
  readonly beyond: Float64Array
}

function checkedOptions(table: Table, options: HeadOptions): Settings {
  const { resolutionSeconds = 60, windowSeconds = 480 } = options
  const { thresholds = DEFAULT_THRESHOLDS, horizons = DEFAULT_HORIZONS } = options
  const anchors = options.anchors ?? ANCHORS.filter((anchor) => hasAnchor(table, anchor))
  if (anchors.length === 0) throw new RangeError('features: anchors=[]: must name at least one anchor with labels.')
  const unknown = anchors.find((anchor) => !ANCHORS.includes(anchor))
  if (unknown !== undefined) {
    throw new RangeError(`features: anchors=${unknown}: must be among ${ANCHORS.join(', ')}.`)
  }
  for (const horizon of horizons) {
    if (!Number.isSafeInteger(horizon) || horizon <= 0 || horizon > windowSeconds) {
      throw new RangeError(
        `features: horizons=${horizon}: must be whole seconds above 0 and at most ${windowSeconds}, the label window.`,
      )
    }
  }
  if (!(thresholds[0] > 0 && thresholds[1] > thresholds[0])) {
    throw new RangeError(
      `features: thresholds=${thresholds.join(',')}: must be two numbers above 0, the second greater.`,
    )
  }
  if (!(resolutionSeconds >= 0)) {
    throw new RangeError(`features: resolutionSeconds=${resolutionSeconds}: must be a number of at least 0.`)
  }
  return { anchors: unique(anchors), horizons: unique(horizons), thresholds, resolutionSeconds, windowSeconds }
}

const unique = <T>(values: readonly T[]): T[] => [...new Set(values)]

function questions(horizons: readonly number[]): HeadQuestion[] {
  const reach = REACH_SIDES.flatMap((side) =>
    ([1, 2] as const).flatMap((threshold) =>
      horizons.map((horizon): HeadQuestion => ({ kind: 'reach', threshold, side, horizon })),
    ),
  )
  return [...WINDOW_HEADS.map((kind) => ({ kind })), ...reach]
}

function anchorContext(table: Table, anchor: Anchor, { windowSeconds }: Settings): AnchorContext {
  const columns = anchorColumns(table, anchor, windowSeconds)
  const beyond = dollarsBeyond(table, columns.number('anchor_spot'))
  return { anchor, columns, beyond }
}

function targetOf(rows: number, question: HeadQuestion, context: AnchorContext, settings: Settings): HeadTarget {
  const answer =
    question.kind === 'reach'
      ? reachAnswer(question, context, settings)
      : outcomeAnswer(question.kind, context, settings)
  const values = new Float32Array(rows).fill(Number.NaN)
  const mask = new Uint8Array(rows)
  const masked: Partial<Record<MaskReason, number>> = {}
  let used = 0
  let positives = 0
  for (let row = 0; row < rows; row++) {
    const value = answer(row)
    if (typeof value === 'string') {
      masked[value] = (masked[value] ?? 0) + 1
      continue
    }
    values[row] = value
    mask[row] = 1
    used++
    if (value === 1) positives++
  }
  const task = headTask(question)
  return {
    name: headName(question, context.anchor),
    anchor: context.anchor,
    anchorSeconds: ANCHOR_SECONDS[context.anchor],
    task,
    values,
    mask,
    counts: { rows, used, positives: task === 'binary' ? positives : null, masked },
  }
}

function outcomeAnswer(
  kind: WindowHead,
  { columns, beyond }: AnchorContext,
  { thresholds, windowSeconds }: Settings,
): (row: number) => Answer {
  const { codes, dictionary } = columns.outcome
  const value = columns.number(kind === 'direction' ? 'tradeable_2' : kind)
  return (row) => {
    const word = dictionary[codes[row] as number]
    const number = value[row] as number
    // One bar that reaches both sides leaves the order open, not whether the threshold is reached.
    const isTie = kind === 'tradeable_2' && word === 'UNDEFINED' && (columns.window[row] as number) >= windowSeconds
    if (word === undefined || (word === 'UNDEFINED' && !isTie) || Number.isNaN(number)) return 'undefined outcome'
    if (kind === 'strength_signed') return number
    if (Number.isNaN(beyond[row])) return 'price missing at the anchor'
    if (reaches(Math.abs(beyond[row] as number), thresholds[1])) return 'already reached at the anchor'
    if (kind === 'tradeable_2') return number
    if (number !== 1 || (word !== 'BREAK' && word !== 'BOUNCE')) return 'not tradeable'
    return word === 'BREAK' ? 1 : 0
  }
}

const TIME_COLUMN: Readonly<Record<ReachSide, string>> = {
  either: 'time_to_threshold',
  break: 'time_to_break',
  bounce: 'time_to_bounce',
}

function reachAnswer(
  { threshold, side, horizon }: ReachQuestion,
  { columns, beyond }: AnchorContext,
  { thresholds, resolutionSeconds }: Settings,
): (row: number) => Answer {
  const time = columns.number(`${TIME_COLUMN[side]}_${threshold}`)
  const { window } = columns
  const dollars = thresholds[threshold - 1] as number
  const towards = (move: number): number => (side === 'either' ? Math.abs(move) : side === 'break' ? move : -move)
  return (row) => {
    // A hit seen in a window that ends before the horizon would be kept where a miss is not: both are masked.
    if (!((window[row] as number) >= horizon)) return 'window incomplete'
    if (Number.isNaN(beyond[row])) return 'price missing at the anchor'
    if (reaches(towards(beyond[row] as number), dollars)) return 'already reached at the anchor'
    const t = time[row] as number
    if (t + resolutionSeconds <= horizon) return 1
    return Number.isNaN(t) || t >= horizon ? 0 : 'hit straddles the horizon'
  }
}
