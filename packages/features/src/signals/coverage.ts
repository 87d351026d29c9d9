/**
 * Which minutes of a session the data covers. Minutes are counted from the session's open: slot s is [open + s, open + s + 1)
 * minutes. A slot without a bar is covered (nothing traded) unless it belongs to a long run of such slots or comes after the
 * session's last bar: then it is unknown.
 */
export interface Coverage {
  /** Slots of the session. */
  readonly slots: number
  /** Per slot, the index among the session's bars of the bar there, or -1. */
  readonly barAt: Int32Array
  /** Per slot, the index of the last bar at or before it, or -1. */
  readonly lastBarAt: Int32Array
  /** Per slot, the first slot from it on that is not covered (the slot itself when that one is not). */
  readonly coveredUntil: Int32Array
}

/** Marks the slots of runs longer than `maxGap` without a bar, and those after the last bar. */
function uncoveredSlots(barAt: Int32Array, maxGap: number): Uint8Array {
  const uncovered = new Uint8Array(barAt.length)
  let runStart = 0
  for (let slot = 0; slot <= barAt.length; slot++) {
    const isEnd = slot === barAt.length
    if (!isEnd && barAt[slot] === -1) continue
    if (isEnd || slot - runStart > maxGap) uncovered.fill(1, runStart, slot)
    runStart = slot + 1
  }
  return uncovered
}

/**
 * Coverage of a session of `slots` minutes by bars that start at the slots `barSlots` (ascending). More than `maxGap`
 * consecutive slots without a bar are not covered, nor is anything after the last bar. Cost: linear.
 */
export function coverageOf(barSlots: readonly number[], slots: number, maxGap: number): Coverage {
  const barAt = new Int32Array(slots).fill(-1)
  for (const [bar, slot] of barSlots.entries()) barAt[slot] = bar
  const uncovered = uncoveredSlots(barAt, maxGap)
  const lastBarAt = new Int32Array(slots)
  let last = -1
  for (let slot = 0; slot < slots; slot++) {
    last = Math.max(last, barAt[slot] ?? -1)
    lastBarAt[slot] = last
  }
  const coveredUntil = new Int32Array(slots)
  let until = slots
  for (let slot = slots - 1; slot >= 0; slot--) {
    if (uncovered[slot] === 1) until = slot
    coveredUntil[slot] = until
  }
  return { slots, barAt, lastBarAt, coveredUntil }
}

/** Minutes from `slot` on that are covered without a break, at most `minutes`; 0 outside the session. */
export function coveredMinutes(coverage: Coverage, slot: number, minutes: number): number {
  const until = coverage.coveredUntil[slot] ?? slot
  return Math.min(minutes, until - slot)
}

/** The last bar that has ended by the start of `slot`, or -1 when the minute before is not covered or there is none. */
export function lastBarBefore(coverage: Coverage, slot: number): number {
  if (coveredMinutes(coverage, slot - 1, 1) < 1) return -1
  return coverage.lastBarAt[slot - 1] ?? -1
}
