import { numbersOf } from '../table-columns.ts'
import type { Table } from '../table.ts'
import { PRIMARY_ANCHOR } from '../vocabulary/anchors.ts'
import {
  DEFAULT_HORIZONS,
  DEFAULT_THRESHOLDS,
  headName,
  headTask,
  REACH_SIDES,
  WINDOW_HEADS,
} from '../vocabulary/heads.ts'
import type { HeadQuestion, HeadTask, ReachQuestion, Thresholds, WindowHead } from '../vocabulary/heads.ts'
import { reaches } from '../vocabulary/price.ts'

/** Why a question does not see a moment. */
export type MomentMaskReason =
  | 'price missing at the moment'
  | 'already reached at the moment'
  | 'window incomplete'
  | 'hit straddles the horizon'
  | 'not reached'
  | 'both sides in one minute'

/** Target of one question, asked at every moment. Arrays have one entry a moment. */
export interface MomentTarget {
  /** The head's name without an anchor: `direction`, `t1_break_60s`. */
  readonly name: string
  readonly question: HeadQuestion
  readonly task: HeadTask
  /** 0 or 1, or dollars; NaN where masked. Known at the end of the label window, never before the moment. */
  readonly values: Float32Array
  /** 1 where the question can be asked. */
  readonly mask: Uint8Array
  /** Moments not seen, by the first reason that applies. */
  readonly masked: Readonly<Partial<Record<MomentMaskReason, number>>>
}

/** Options of {@link momentTargets}. */
export interface MomentTargetOptions {
  /** Horizons of the reach questions in seconds from the moment, at most the label window. */
  readonly horizons?: readonly number[]
  /** The thresholds that the moments were labelled with, dollars from the level. */
  readonly thresholds?: Thresholds
  /** Width of the interval that contains a `time_to_*`: a value t means [t, t + this). Default 60. */
  readonly resolutionSeconds?: number
  /** Length of the whole label window. Default 480. */
  readonly windowSeconds?: number
}

/**
 * Targets and masks of every question at every moment of a table. A reach counts only when its whole interval lies within the
 * horizon; it is none when it began at the horizon or later, or was not seen in a window that covers it; between these the
 * moment is masked, and so is one that lies beyond the threshold already, on the question's side. `tradeable_2` and
 * `direction` see complete windows that begin within the second threshold; `direction` those in which it was reached, unless
 * one minute was the first to reach both sides, which `tradeable_2` counts as reached. `strength_signed` sees complete windows: the
 * excursion from the level of larger size, dollars. At an anchor these are the targets of `deriveHeads` wherever both see
 * the row. Throws RangeError on a bad option and TypeError on an absent column. Cost: rows x questions.
 */
export function momentTargets(table: Table, options: MomentTargetOptions = {}): MomentTarget[] {
  const settings = checkedOptions(options)
  const columns = columnsOf(table)
  return questionsOf(settings.horizons).map((question) => targetOf(question, columns, settings))
}

type Settings = Required<MomentTargetOptions>
type Answer = number | MomentMaskReason

interface Columns {
  readonly rows: number
  readonly moved: Float64Array
  readonly window: Float64Array
  readonly breaks: readonly [Float64Array, Float64Array]
  readonly bounces: readonly [Float64Array, Float64Array]
  readonly most: Float64Array
  readonly least: Float64Array
}

function columnsOf(table: Table): Columns {
  const read = (name: string): Float64Array => numbersOf(table, name)
  return {
    rows: table.rows,
    moved: read('moved'),
    window: read('window_s'),
    breaks: [read('time_to_break_1'), read('time_to_break_2')],
    bounces: [read('time_to_bounce_1'), read('time_to_bounce_2')],
    most: read('excursion_max'),
    least: read('excursion_min'),
  }
}

function checkedOptions({
  horizons = DEFAULT_HORIZONS,
  thresholds = DEFAULT_THRESHOLDS,
  resolutionSeconds = 60,
  windowSeconds = 480,
}: MomentTargetOptions): Settings {
  const wrong = horizons.find((horizon) => !(Number.isSafeInteger(horizon) && horizon > 0 && horizon <= windowSeconds))
  if (wrong !== undefined) {
    throw new RangeError(
      `features: horizons=${wrong}: must be whole seconds above 0 and at most ${windowSeconds}, the label window.`,
    )
  }
  if (!(thresholds[0] > 0 && thresholds[1] > thresholds[0])) {
    throw new RangeError(
      `features: thresholds=${thresholds.join(',')}: must be two numbers above 0, the second greater.`,
    )
  }
  if (!(resolutionSeconds >= 0)) {
    throw new RangeError(`features: resolutionSeconds=${resolutionSeconds}: must be a number of at least 0.`)
  }
  return { horizons: [...new Set(horizons)], thresholds, resolutionSeconds, windowSeconds }
}

function questionsOf(horizons: readonly number[]): HeadQuestion[] {
  const reach = REACH_SIDES.flatMap((side) =>
    ([1, 2] as const).flatMap((threshold) =>
      horizons.map((horizon): HeadQuestion => ({ kind: 'reach', threshold, side, horizon })),
    ),
  )
  return [...WINDOW_HEADS.map((kind) => ({ kind })), ...reach]
}

function targetOf(question: HeadQuestion, columns: Columns, settings: Settings): MomentTarget {
  const answer =
    question.kind === 'reach'
      ? reachAnswer(question, columns, settings)
      : windowAnswer(question.kind, columns, settings)
  const values = new Float32Array(columns.rows).fill(Number.NaN)
  const mask = new Uint8Array(columns.rows)
  const masked: Partial<Record<MomentMaskReason, number>> = {}
  for (let row = 0; row < columns.rows; row++) {
    const value = answer(row)
    if (typeof value === 'string') masked[value] = (masked[value] ?? 0) + 1
    else {
      values[row] = value
      mask[row] = 1
    }
  }
  // The primary anchor adds nothing to a name.
  return { name: headName(question, PRIMARY_ANCHOR), question, task: headTask(question), values, mask, masked }
}

/** The earlier of two times, of which either may be missing. */
const earlier = (a: number, b: number): number => (a <= b || Number.isNaN(b) ? a : b)

function windowAnswer(kind: WindowHead, columns: Columns, settings: Settings): (row: number) => Answer {
  const { moved, window, breaks, bounces, most, least } = columns
  const { thresholds, windowSeconds } = settings
  return (row) => {
    const [up, down] = [most[row] as number, least[row] as number]
    if (!((window[row] as number) >= windowSeconds) || Number.isNaN(up)) return 'window incomplete'
    if (kind === 'strength_signed') return Math.abs(up) >= Math.abs(down) ? up : down
    if (Number.isNaN(moved[row])) return 'price missing at the moment'
    if (reaches(Math.abs(moved[row] as number), thresholds[1])) return 'already reached at the moment'
    const [toBreak, toBounce] = [breaks[1][row] as number, bounces[1][row] as number]
    const first = earlier(toBreak, toBounce)
    if (kind === 'tradeable_2') return Number.isNaN(first) ? 0 : 1
    if (Number.isNaN(first)) return 'not reached'
    return toBreak === toBounce ? 'both sides in one minute' : Number(first === toBreak)
  }
}

function reachAnswer(
  { threshold, side, horizon }: ReachQuestion,
  { moved, window, breaks, bounces }: Columns,
  { thresholds, resolutionSeconds }: Settings,
): (row: number) => Answer {
  const [toBreak, toBounce] = threshold === 1 ? [breaks[0], bounces[0]] : [breaks[1], bounces[1]]
  const dollars = threshold === 1 ? thresholds[0] : thresholds[1]
  const timeAt = (row: number): number => {
    if (side !== 'either') return (side === 'break' ? toBreak : toBounce)[row] as number
    return earlier(toBreak[row] as number, toBounce[row] as number)
  }
  const towards = (move: number): number => (side === 'either' ? Math.abs(move) : side === 'break' ? move : -move)
  return (row) => {
    // A hit seen in a window that ends before the horizon would be kept where a miss is not: both are masked.
    if (!((window[row] as number) >= horizon)) return 'window incomplete'
    if (Number.isNaN(moved[row])) return 'price missing at the moment'
    if (reaches(towards(moved[row] as number), dollars)) return 'already reached at the moment'
    const t = timeAt(row)
    if (t + resolutionSeconds <= horizon) return 1
    return Number.isNaN(t) || t >= horizon ? 0 : 'hit straddles the horizon'
  }
}
