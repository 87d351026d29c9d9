import type { EvaluationSet, HeadEvaluation } from '@breakwater/evaluation'
import type { Anchor } from '@breakwater/features'

/** The two thresholds in dollars. */
export type Thresholds = readonly [number, number]

/** Anchors in reading order, the primary first. */
export const ANCHORS: readonly Anchor[] = ['4min', '2min', '8min']

const REACH = /^t([12])(?:_(break|bounce))?_(\d+)s$/

/** The head's name without the anchor's suffix: `direction_8min` is `direction`. */
export const baseName = (name: string): string => name.replace(/_[248]min$/, '')

/** Parts of a reach head's name, or null for another head. */
export function reachOf(name: string): { threshold: 1 | 2; side: string; seconds: number } | null {
  const [, threshold, side, seconds] = REACH.exec(baseName(name)) ?? []
  if (threshold === undefined) return null
  return { threshold: threshold === '1' ? 1 : 2, side: side ?? 'either way', seconds: Number(seconds) }
}

/** Dollars without needless zeros: $2, $0.50. */
export const dollars = (value: number): string => `$${Number.isInteger(value) ? value : value.toFixed(2)}`

/** What a head forecasts, in a trader's words. An unknown name stands for itself. */
export function headTitle(name: string, thresholds: Thresholds): string {
  const reach = reachOf(name)
  if (reach !== null)
    return `${dollars(thresholds[reach.threshold - 1] ?? 0)} within ${reach.seconds}\u00A0s, ${reach.side}`
  const base = baseName(name)
  if (base === 'p_break') return `Break: ${dollars(thresholds[1])} beyond the level`
  if (base === 'p_bounce') return `Bounce: ${dollars(thresholds[1])} back from the level`
  if (base === 'tradeable_2') return `Tradeable: ${dollars(thresholds[1])} either way`
  if (base === 'direction') return 'Direction: break, not bounce'
  return base === 'strength_signed' ? 'Strength: signed excursion' : name
}

/** The title up to its colon: 'Direction'. */
export const shortTitle = (name: string, thresholds: Thresholds): string =>
  headTitle(name, thresholds).replace(/:.*$/, '')

/** What an anchor means. */
export function anchorTitle(anchor: Anchor): string {
  const minutes = Number.parseInt(anchor, 10)
  return `${minutes} minutes after the touch${anchor === '4min' ? ' (primary)' : ''}`
}

const STAGES: Readonly<Record<string, string>> = { stage_a: 'Stage A', stage_b: 'Stage B' }

/** 'Stage B, full'. */
export const setTitle = ({ stage, ablation }: EvaluationSet): string => `${STAGES[stage] ?? stage}, ${ablation}`

/** Heads that every set is first judged by. */
export const KEY_HEADS = ['tradeable_2', 'direction', 'strength_signed'] as const

/** The set's head of this base name at its first anchor in reading order, or undefined. */
export function keyHead(set: EvaluationSet, base: string): HeadEvaluation | undefined {
  const heads = set.heads.filter((head) => baseName(head.name) === base)
  return ANCHORS.flatMap((anchor) => heads.filter((head) => head.anchor === anchor))[0]
}

/** Heads of a set at one anchor, in their own order. */
export const headsAt = (set: EvaluationSet, anchor: Anchor): HeadEvaluation[] =>
  set.heads.filter((head) => head.anchor === anchor)
