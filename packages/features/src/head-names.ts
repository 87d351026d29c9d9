/** Anchors of labels: when after the touch minute begins a head's question is asked. '4min' is primary: no suffix. */
export const LABEL_ANCHORS = ['2min', '4min', '8min'] as const
/** One of {@link LABEL_ANCHORS}. */
export type Anchor = (typeof LABEL_ANCHORS)[number]

/** Seconds from the start of the touch minute to each anchor. */
export const ANCHOR_SECONDS: Readonly<Record<Anchor, number>> = { '2min': 120, '4min': 240, '8min': 480 }

/** The side of the level on which a threshold is to be reached. */
export type ReachSide = 'either' | 'break' | 'bounce'

/** What a head asks, without its anchor. */
export type HeadQuestion =
  | { readonly kind: 'tradeable_2' | 'direction' | 'strength_signed' }
  | {
      readonly kind: 'reach'
      readonly threshold: 1 | 2
      readonly side: ReachSide
      /** Seconds from the anchor. */
      readonly horizon: number
    }

const PATTERN = /^(?:(tradeable_2|direction|strength_signed)|t([12])(?:_(break|bounce))?_([1-9]\d*)s)(?:_(2min|8min))?$/

/** Name of a head: `direction`, `t1_60s`, `t2_break_120s`, with `_2min` or `_8min` for an anchor that is not primary. */
export function headName(question: HeadQuestion, anchor: Anchor): string {
  const suffix = anchor === '4min' ? '' : `_${anchor}`
  if (question.kind !== 'reach') return question.kind + suffix
  const side = question.side === 'either' ? '' : `_${question.side}`
  return `t${question.threshold}${side}_${question.horizon}s${suffix}`
}

/** What a head's name says; null where it is not the name of a head. The inverse of {@link headName}. */
export function parseHeadName(name: string): { readonly question: HeadQuestion; readonly anchor: Anchor } | null {
  const [found, kind, threshold, side, horizon, suffix] = PATTERN.exec(name) ?? []
  if (found === undefined) return null
  const anchor: Anchor = suffix === '2min' || suffix === '8min' ? suffix : '4min'
  if (kind === 'tradeable_2' || kind === 'direction' || kind === 'strength_signed')
    return { question: { kind }, anchor }
  return {
    question: {
      kind: 'reach',
      threshold: threshold === '1' ? 1 : 2,
      side: side === 'break' || side === 'bounce' ? side : 'either',
      horizon: Number(horizon),
    },
    anchor,
  }
}
