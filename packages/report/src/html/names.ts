import type { EvaluationSet, HeadEvaluation, PlaceCell } from '@breakwater/evaluation'
import {
  type Anchor,
  ANCHORS,
  parseHeadName,
  PRIMARY_ANCHOR,
  splitAnchor,
  type Thresholds,
  WINDOW_HEADS,
} from '@breakwater/features'

export type { Thresholds } from '@breakwater/features'

/** Anchors in reading order, the primary first. */
export const READING_ORDER: readonly Anchor[] = [
  PRIMARY_ANCHOR,
  ...ANCHORS.filter((anchor) => anchor !== PRIMARY_ANCHOR),
]

/** The head's name without the anchor's suffix: `direction_8min` is `direction`. */
export const baseName = (name: string): string => splitAnchor(name).base

/** Parts of a reach head's name, or null for another head. */
export function reachOf(name: string): { threshold: 1 | 2; side: string; seconds: number } | null {
  const question = parseHeadName(name)?.question
  if (question?.kind !== 'reach') return null
  const { threshold, side, horizon } = question
  return { threshold, side: side === 'either' ? 'either way' : side, seconds: horizon }
}

/** Dollars without needless zeros: $2, $0.50. */
export const dollars = (value: number): string => `$${Number.isInteger(value) ? value : value.toFixed(2)}`

/** What a head forecasts, in a trader's words. An unknown name stands for itself. */
export function headTitle(name: string, thresholds: Thresholds): string {
  const reach = reachOf(name)
  if (reach !== null)
    return `${dollars(thresholds[reach.threshold - 1] ?? 0)} within ${reach.seconds}\u00A0s, ${reach.side}`
  const base = baseName(name)
  const touch = /^touch_(\d+)s$/.exec(base)?.[1]
  if (touch !== undefined) return `Touched within ${touch}\u00A0s`
  if (base === 'p_break') return `Break: ${dollars(thresholds[1])} beyond the level`
  if (base === 'p_bounce') return `Bounce: ${dollars(thresholds[1])} back from the level`
  if (base === 'tradeable_2') return `Tradeable: ${dollars(thresholds[1])} either way`
  if (base === 'direction') return 'Direction: break, not bounce'
  return DOLLAR_TITLES[base] ?? name
}

const DOLLAR_TITLES: Readonly<Record<string, string>> = {
  strength_signed: 'Strength: signed excursion',
  strength_ahead: 'Strength ahead: from the price',
  beyond_ahead: 'On: furthest beyond the price',
  back_ahead: 'Back: furthest from the price',
}

/** The title up to its colon: 'Direction'. */
export const shortTitle = (name: string, thresholds: Thresholds): string =>
  headTitle(name, thresholds).replace(/:.*$/, '')

/** What an anchor means. */
export function anchorTitle(anchor: Anchor): string {
  const minutes = Number.parseInt(anchor, 10)
  return `${minutes} minutes after the touch${anchor === PRIMARY_ANCHOR ? ' (primary)' : ''}`
}

const STAGES: Readonly<Record<string, string>> = { stage_a: 'Stage A', stage_b: 'Stage B' }

/** 'Stage B, full'. */
export const setTitle = ({ stage, ablation }: EvaluationSet): string => `${STAGES[stage] ?? stage}, ${ablation}`

/** Heads that every set is first judged by. */
export const KEY_HEADS: typeof WINDOW_HEADS = WINDOW_HEADS

/** The set's head of this base name at its first anchor in reading order, or undefined. */
export function keyHead(set: EvaluationSet, base: string): HeadEvaluation | undefined {
  const heads = set.heads.filter((head) => baseName(head.name) === base)
  return READING_ORDER.flatMap((anchor) => heads.filter((head) => head.anchor === anchor))[0]
}

/** Heads of a set at one anchor, in their own order. */
export const headsAt = (set: EvaluationSet, anchor: Anchor): HeadEvaluation[] =>
  set.heads.filter((head) => head.anchor === anchor)

/** What is still to come from one anchor. */
export const aheadAt = (set: EvaluationSet, anchor: Anchor): HeadEvaluation[] =>
  set.ahead.filter((head) => head.anchor === anchor)

/** A cell in words: '−$1 to −$0.50'. */
export function placeName({ from, to }: Pick<PlaceCell, 'from' | 'to'>): string {
  if (from === null) return `below ${signed(to ?? 0)}`
  return to === null ? `from ${signed(from)}` : `${signed(from)} to ${signed(to)}`
}

const signed = (value: number): string => (value < 0 ? `−${dollars(-value)}` : dollars(value))
