import { type Anchor, ANCHORS, atAnchor, headName, type HeadTarget } from '@breakwater/features'

/** What a touch comes to, as it is served: reached and broken, or reached and bounced, among all touches. */
const OUTCOME_HEADS = ['p_break', 'p_bounce'] as const
/** One of them. */
export type OutcomeHead = (typeof OUTCOME_HEADS)[number]

/** Its name at an anchor, suffixed as heads are. */
export function outcomeName(head: OutcomeHead, anchor: Anchor): string {
  return atAnchor(head, anchor)
}

/** Targets of both outcomes at every anchor that has tradeable and direction: 1 where it came, on the rows of tradeable. */
export function outcomeTargets(targets: readonly HeadTarget[]): HeadTarget[] {
  const named = (name: string): HeadTarget | undefined => targets.find((target) => target.name === name)
  return ANCHORS.flatMap((anchor) => {
    const tradeable = named(headName({ kind: 'tradeable_2' }, anchor))
    const direction = named(headName({ kind: 'direction' }, anchor))
    if (tradeable === undefined || direction === undefined) return []
    return OUTCOME_HEADS.map((head): HeadTarget => {
      const came = head === 'p_break' ? 1 : 0
      const values = tradeable.values.map((value, row) => {
        if (tradeable.mask[row] !== 1) return value
        return Number(direction.mask[row] === 1 && direction.values[row] === came)
      })
      return { ...tradeable, name: outcomeName(head, anchor), values }
    })
  })
}

/** Heads, and where tradeable and direction are among them, what the two imply together: P(break) and P(bounce). */
export function withOutcomes(heads: ReadonlyMap<string, Float64Array>): Map<string, Float64Array> {
  const all = new Map(heads)
  for (const anchor of ANCHORS) {
    const tradeable = heads.get(headName({ kind: 'tradeable_2' }, anchor))
    const direction = heads.get(headName({ kind: 'direction' }, anchor))
    if (tradeable === undefined || direction === undefined) continue
    all.set(
      outcomeName('p_break', anchor),
      tradeable.map((p, i) => p * (direction[i] as number)),
    )
    all.set(
      outcomeName('p_bounce', anchor),
      tradeable.map((p, i) => p * (1 - (direction[i] as number))),
    )
  }
  return all
}
