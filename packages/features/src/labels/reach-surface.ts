import type { ReachQuestion } from '../vocabulary/heads.ts'
import { parseHeadName } from '../vocabulary/heads.ts'

/** "The reach that head `lower` asks about implies the one of head `upper`", by their places in a list of names. */
export interface ReachImplication {
  readonly lower: number
  readonly upper: number
}

/**
 * Which reach heads imply which others: at one anchor, a reach implies every reach of no greater threshold, within no
 * shorter a time, on the same side or on either. Probabilities of these heads form a surface that must not fall along
 * it. Names that are not reach heads take no part. O(names^2).
 */
export function reachImplications(names: readonly string[]): ReachImplication[] {
  const parsed = names.map((name) => parseHeadName(name))
  return names.flatMap((_, lower) =>
    names.flatMap((__, upper) => {
      const [from, to] = [parsed[lower], parsed[upper]]
      if (lower === upper || from?.question.kind !== 'reach' || to?.question.kind !== 'reach') return []
      return from.anchor === to.anchor && implies(from.question, to.question) ? [{ lower, upper }] : []
    }),
  )
}

const implies = (from: ReachQuestion, to: ReachQuestion): boolean =>
  from.threshold >= to.threshold && from.horizon <= to.horizon && (to.side === 'either' || to.side === from.side)
