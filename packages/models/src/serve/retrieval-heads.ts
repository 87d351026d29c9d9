import { type Anchor, type HeadQuestion, parseHeadName } from '@breakwater/features'
import type { ReachName, Summary } from '@breakwater/retrieval'
import { outcomeName } from './outcomes.ts'
import type { NeighboursByAnchor } from './serve.ts'

/**
 * The neighbours alone as forecasts of the named heads and of break and bounce: one value a predicted row, NaN where the
 * neighbours do not know. A head that they never know is absent.
 */
export function retrievalHeads(names: Iterable<string>, neighbours: NeighboursByAnchor): Map<string, Float64Array> {
  const parsed = [...names].flatMap((name) => {
    const head = parseHeadName(name)
    return head === null ? [] : [{ name, ...head }]
  })
  const heads = new Map<string, Float64Array>()
  const add = (name: string, anchor: Anchor, answer: (summary: Summary) => number | null): void => {
    const column = Float64Array.from(neighbours(anchor), (summary) =>
      summary === null ? Number.NaN : (answer(summary) ?? Number.NaN),
    )
    if (column.some((value) => !Number.isNaN(value))) heads.set(name, column)
  }
  for (const { name, anchor, question } of parsed) add(name, anchor, (summary) => answerOf(summary, question))
  for (const anchor of new Set(parsed.map((head) => head.anchor))) {
    add(outcomeName('p_break', anchor), anchor, ({ pBreak }) => pBreak)
    add(outcomeName('p_bounce', anchor), anchor, ({ pBounce }) => pBounce)
  }
  return heads
}

/** The neighbours' answer to a head's question; null where they do not know. */
function answerOf(summary: Summary, question: HeadQuestion): number | null {
  switch (question.kind) {
    case 'tradeable_2':
      return summary.pTradeable2
    case 'direction':
      return summary.pBreakGivenTradeable
    case 'strength_signed':
      return summary.strengthSignedMean
    case 'reach':
    default: {
      const { threshold, side, horizon } = question
      const name: ReachName = side === 'either' ? `threshold${threshold}` : `${side}${threshold}`
      return summary.reach[name].probability[summary.horizons.indexOf(horizon)] ?? null
    }
  }
}
