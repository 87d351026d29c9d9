import { type Anchor, atAnchor, splitAnchor } from './anchors.ts'

/** Heads that ask about the whole label window; every other head asks whether a threshold is reached within a horizon. */
export const WINDOW_HEADS = ['tradeable_2', 'direction', 'strength_signed'] as const
/** One of {@link WINDOW_HEADS}. */
export type WindowHead = (typeof WINDOW_HEADS)[number]

/** Sides of the level on which a threshold can be reached. */
export const REACH_SIDES = ['either', 'break', 'bounce'] as const
/** One of {@link REACH_SIDES}. */
export type ReachSide = (typeof REACH_SIDES)[number]

/** Horizons of the reach heads where none are named, seconds from the anchor. */
export const DEFAULT_HORIZONS: readonly number[] = [60, 120, 180, 300]

/** The two distances from the level that `_1` and `_2` mean, dollars, the second greater. */
export type Thresholds = readonly [number, number]
/** Thresholds where none are named. */
export const DEFAULT_THRESHOLDS: Thresholds = [1, 2]

/** What a reach is about, whatever its horizon. */
export interface Reach {
  /** Which of the two thresholds. */
  readonly threshold: 1 | 2
  readonly side: ReachSide
}

/** What a head asks, without its anchor. */
export type HeadQuestion = { readonly kind: WindowHead } | ReachQuestion

/** Whether a threshold is reached on a side within a horizon. */
export interface ReachQuestion extends Reach {
  readonly kind: 'reach'
  /** Seconds from the anchor. */
  readonly horizon: number
}

/** What a head's values are: 0 or 1, or dollars. */
export type HeadTask = 'binary' | 'regression'

/** The task of the heads that ask `question`. */
export function headTask(question: HeadQuestion): HeadTask {
  return question.kind === 'strength_signed' ? 'regression' : 'binary'
}

const REACH_KEY = /^t(?<threshold>[12])(?:_(?<side>break|bounce))?$/
const REACH_HEAD = /^(?<key>t[12](?:_(?:break|bounce))?)_(?<horizon>[1-9]\d*)s$/

/** The start of a reach head's name: `t1`, `t2_break`. */
export function reachKey({ threshold, side }: Reach): string {
  return side === 'either' ? `t${threshold}` : `t${threshold}_${side}`
}

/** The reach that a key names; null where it is not a key. The inverse of {@link reachKey}. */
export function parseReachKey(key: string): Reach | null {
  const { threshold, side } = REACH_KEY.exec(key)?.groups ?? {}
  if (threshold === undefined) return null
  return {
    threshold: threshold === '1' ? 1 : 2,
    side: side === 'break' || side === 'bounce' ? side : 'either',
  }
}

/** A reach head's name without its anchor: `t1_break` at 60 s is `t1_break_60s`. */
export function reachHead(key: string, horizon: number | string): string {
  return `${key}_${horizon}s`
}

/** Name of a head: `direction`, `t1_60s`, `t2_break_120s`, with `_2min` or `_8min` for an anchor that is not primary. */
export function headName(question: HeadQuestion, anchor: Anchor): string {
  const base = question.kind === 'reach' ? reachHead(reachKey(question), question.horizon) : question.kind
  return atAnchor(base, anchor)
}

/** The question and anchor that a head's name states; null where it is not the name of a head. The inverse of {@link headName}. */
export function parseHeadName(name: string): { readonly question: HeadQuestion; readonly anchor: Anchor } | null {
  const { base, anchor } = splitAnchor(name)
  const kind = WINDOW_HEADS.find((one) => one === base)
  if (kind !== undefined) return { question: { kind }, anchor }
  const { key = '', horizon } = REACH_HEAD.exec(base)?.groups ?? {}
  const reach = parseReachKey(key)
  return reach === null ? null : { question: { kind: 'reach', ...reach, horizon: Number(horizon) }, anchor }
}
