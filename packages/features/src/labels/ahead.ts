import type { Table } from '../table.ts'
import { type Anchor, ANCHOR_SECONDS, ANCHORS, atAnchor } from '../vocabulary/anchors.ts'
import { anchorColumns, dollarsBeyond, hasAnchor } from './columns.ts'
import type { HeadTarget, MaskReason } from './heads.ts'

/** What is asked of the time from an anchor on, in dollars from where price then stands. */
export const AHEAD_QUESTIONS = ['strength_ahead', 'beyond_ahead', 'back_ahead'] as const
/** One of {@link AHEAD_QUESTIONS}. */
export type AheadQuestion = (typeof AHEAD_QUESTIONS)[number]

/** Name of a question at an anchor, suffixed as heads are. */
export function aheadName(question: AheadQuestion, anchor: Anchor): string {
  return atAnchor(question, anchor)
}

/** Options of {@link aheadTargets}. */
export interface AheadOptions {
  /** Default: every anchor that the table has labels for. */
  readonly anchors?: readonly Anchor[]
  /** Length of the whole label window. Default 480. */
  readonly windowSeconds?: number
}

/**
 * Targets of what is still to come from each anchor within the label window, dollars: `beyond_ahead`, the furthest that price goes
 * on in the direction of a break from where it stands, and `back_ahead`, the furthest that it comes back, both at least 0; and
 * `strength_ahead`, the one of larger size, negative for the way back and positive where both are equal. So
 * `strength_signed` counts from the level and `strength_ahead` from the price. From `excursion_max`, `excursion_min` and
 * `anchor_spot`. A row without a complete window, or without a price at the anchor, is masked. In order of anchor,
 * then of {@link AHEAD_QUESTIONS}. Throws RangeError without an anchor, Error on an absent column. Cost: rows x anchors.
 */
export function aheadTargets(table: Table, options: AheadOptions = {}): HeadTarget[] {
  const { windowSeconds = 480 } = options
  const anchors = options.anchors ?? ANCHORS.filter((anchor) => hasAnchor(table, anchor))
  if (anchors.length === 0) throw new RangeError('features: anchors=[]: must name at least one anchor with labels.')
  return anchors.flatMap((anchor) => {
    const { number, window } = anchorColumns(table, anchor, windowSeconds)
    const moved = dollarsBeyond(table, number('anchor_spot'))
    const [most, least] = [number('excursion_max'), number('excursion_min')]
    const masks = moved.map((price, row) => {
      const isComplete = (window[row] as number) >= windowSeconds && !Number.isNaN(most[row])
      return isComplete ? (Number.isNaN(price) ? NO_PRICE : SEEN) : INCOMPLETE
    })
    const beyond = moved.map((price, row) => Math.max(0, (most[row] as number) - price))
    const back = moved.map((price, row) => Math.max(0, price - (least[row] as number)))
    const strength = beyond.map((up, row) => (up >= (back[row] as number) ? up : -(back[row] as number)))
    const values: Readonly<Record<AheadQuestion, Float64Array>> = {
      strength_ahead: strength,
      beyond_ahead: beyond,
      back_ahead: back,
    }
    return AHEAD_QUESTIONS.map((question) => targetOf(question, anchor, values[question], masks))
  })
}

const [SEEN, INCOMPLETE, NO_PRICE] = [0, 1, 2]
const REASONS: readonly (readonly [number, MaskReason])[] = [
  [1, 'window incomplete'],
  [2, 'price missing at the anchor'],
]

function targetOf(question: AheadQuestion, anchor: Anchor, dollars: Float64Array, masks: Float64Array): HeadTarget {
  const rows = masks.length
  const masked = REASONS.flatMap(([code, reason]) => {
    const count = masks.filter((mask) => mask === code).length
    return count === 0 ? [] : [[reason, count] as const]
  })
  return {
    name: aheadName(question, anchor),
    anchor,
    anchorSeconds: ANCHOR_SECONDS[anchor],
    task: 'regression',
    values: Float32Array.from(dollars, (value, row) => (masks[row] === SEEN ? value : Number.NaN)),
    mask: Uint8Array.from(masks, (mask) => Number(mask === SEEN)),
    counts: {
      rows,
      used: masks.filter((mask) => mask === SEEN).length,
      positives: null,
      masked: Object.fromEntries(masked),
    },
  }
}
