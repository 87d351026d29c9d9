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

/** One simulated vote. Both lists are written again by the next. */
interface Vote {
  readonly session: number
  /** Time at its end, in sessions. */
  readonly at: number
  readonly probabilities: readonly number[]
  readonly outcomes: readonly number[]
}

/** The votes of a head, session by session; `begin` is called before each session. */
function* votesOf(seed: number, head: SimulatedHead, begin: () => void): Generator<Vote> {
  const next = random(Math.imul(seed + 1, 0x9e3779b1))
  const probabilities = Array.from({ length: head.levels }, () => 0)
  const outcomes = Array.from({ length: head.levels }, () => 0)
  for (let session = 0; session < head.sessions; session++) {
    begin()
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
      yield { session, at: session + (vote + 1) / head.votes, probabilities, outcomes }
    }
  }
}

/** Session, as a fraction, at which the alarm of level 1% is raised; Infinity where it is not. */
export function firstAlarm(seed: number, head: SimulatedHead): number {
  const process = beginProcess()
  for (const { at, probabilities, outcomes } of votesOf(seed, head, () => beginSession(process))) {
    takeBallot(process, { tsNs: '', probabilities, outcomes })
    if (evidenceOf(process) >= 100) return at
  }
  return Infinity
}

/** What the best possible test of a planted shift needs. */
interface Oracle {
  /** Sessions after the change at which it is known at level 1%; Infinity where it is not. */
  readonly delay: number
  /** Log of the likelihood ratio of all sessions with the shift, and how many those were. */
  readonly nats: number
  readonly sessions: number
}

/**
 * The likelihood ratio test that knows when the shift comes, how large it is and that levels are independent: no test that keeps the
 * level grows faster (A. Wald, Sequential tests of statistical hypotheses, 1945; P. Grünwald, R. de Heide and W. Koolen, Safe
 * testing, JRSS B 86, 2024: the log-optimal e-value of a simple alternative is its likelihood ratio).
 */
export function oracle(seed: number, head: SimulatedHead): Oracle {
  let [nats, delay] = [0, Infinity]
  for (const { session, at, probabilities, outcomes } of votesOf(seed, head, () => undefined)) {
    if (session < head.from) continue
    for (const [i, p] of probabilities.entries()) {
      nats += Math.log(outcomes[i] === 1 ? (p + head.shift) / p : (1 - p - head.shift) / (1 - p))
    }
    if (delay === Infinity && nats >= Math.log(100)) delay = at - head.from
  }
  return { delay, nats, sessions: head.sessions - head.from }
}
