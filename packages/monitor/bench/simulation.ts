import { beginProcess, beginSession, evidenceOf, takeBallot } from '@breakwater/monitor'

/** A head in simulated sessions. */
export interface SimulatedHead {
  readonly sessions: number
  /** Votes of a session: windows that follow each other. */
  readonly votes: number
  readonly levels: number
  /** Share of the outcomes of one vote that share one random number. */
  readonly dependence: number
  /** Added to every true probability from session `from` on. */
  readonly shift: number
  readonly from: number
}

/** Mulberry32: numbers in [0, 1). */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Session, as a fraction, at which the alarm of level 1% is raised; Infinity where it is not. */
export function firstAlarm(seed: number, head: SimulatedHead): number {
  const next = random(Math.imul(seed + 1, 0x9e3779b1))
  const process = beginProcess()
  const probabilities = Array.from({ length: head.levels }, () => 0)
  const outcomes = Array.from({ length: head.levels }, () => 0)
  for (let session = 0; session < head.sessions; session++) {
    beginSession(process)
    const base = 0.1 + 0.4 * next()
    const shift = session >= head.from ? head.shift : 0
    for (let vote = 0; vote < head.votes; vote++) {
      const shared = next()
      for (let level = 0; level < head.levels; level++) {
        const p = Math.min(0.95, base * (0.3 + 1.4 * next()))
        const draw = next() < head.dependence ? shared : next()
        probabilities[level] = p
        outcomes[level] = Number(draw < p + shift)
      }
      takeBallot(process, { tsNs: '', probabilities, outcomes })
      if (evidenceOf(process) >= 100) return session + (vote + 1) / head.votes
    }
  }
  return Infinity
}
