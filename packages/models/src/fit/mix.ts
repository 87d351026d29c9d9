import type { Anchor } from '@breakwater/features'
import type { FittedMix, MixKind } from '@breakwater/viewport'
import { sessionSum } from './session-sum.ts'

/** Forecasts of P(break | tradeable) out of fold, with what neighbours and gate said of the same touches. Arrays have one entry a touch. */
export interface MixRows {
  /** Of what is served without them. */
  readonly p: ArrayLike<number>
  /** Of the neighbours; NaN where they have no vote. */
  readonly vote: ArrayLike<number>
  /** The gate's bias on the log odds. */
  readonly bias: ArrayLike<number>
  /** 1 for a break, 0 for a bounce. */
  readonly label: ArrayLike<number>
  /** Session of each touch, rising with time. */
  readonly sessions: ArrayLike<number>
}

/** What a term saved out of sample. */
export interface MixTerm {
  /** Log loss that terms fitted on earlier sessions saved in later ones, nats a touch; null where it could not be tried. */
  readonly saved: number | null
  /** Its standard error, paired by session. */
  readonly standardError: number | null
}

/** A mix as it was fitted. */
export interface MixFit extends FittedMix {
  readonly tested: { readonly neighbours: MixTerm; readonly gate: MixTerm }
  readonly rows: number
  readonly sessions: number
}

/** The mix of one anchor in one fold. */
export interface MixRecord extends MixFit {
  readonly fold: number
  readonly anchor: Anchor
}

/** How neighbours and gate enter what a set serves. */
export interface SetMix {
  readonly kind: MixKind
  /** Neighbours that votes are of, and the most of one touch cluster. */
  readonly neighbours: number
  readonly episodeCap: number
  /** By fold and anchor; those of the last fold are served. Empty unless the kind is `fitted`. */
  readonly fits: readonly MixRecord[]
}

/** Sessions are cut into so many blocks in order; terms of the blocks before are tried on each but the first. */
const BLOCKS = 4
const FEWEST_SESSIONS = 8
const ERRORS = 2
const STEPS = 25
const ENOUGH = 1e-10
/** Prior standard deviations around none, and the most that a term may be. */
const PRIOR = [0.25, 0.5] as const
const MOST = [1, 2] as const
/** As the mix that is served has it. */
const VOTE_RANGE = [0.02, 0.98] as const
const CLIP = 1e-7
const TITLES = ['neighbours', 'the gate'] as const

/** Coefficients of the neighbours and of the gate. */
type Terms = readonly [number, number]
/** Which of them are fitted; the others are 0. */
type Used = readonly [boolean, boolean]

const NONE: Terms = [0, 0]

/**
 * Fits how neighbours and gate enter P(break | tradeable): logit p' = logit p + n (logit vote - logit p) + g bias, by log loss and a normal prior
 * around none, with 0 <= n <= 1 and 0 <= g <= 2. A term is used where terms fitted on earlier sessions saved two standard errors in later ones, paired by
 * session, alone, and for the second term beyond the first; else it is left out, with the reason. Pure; O(rows).
 */
export function fitMix(rows: MixRows): MixFit {
  const problem = problemOf(rows)
  const names = [...new Set(problem.sessions)].toSorted((a, b) => a - b)
  const counts = { rows: problem.base.length, sessions: names.length }
  if (names.length < FEWEST_SESSIONS) {
    const reason = `${names.length} out-of-fold sessions are too few to fit it (it needs ${FEWEST_SESSIONS}): left out`
    const untried = { saved: null, standardError: null }
    return {
      neighbours: null,
      gate: null,
      reasons: { neighbours: `${TITLES[0]}: ${reason}`, gate: `${TITLES[1]}: ${reason}` },
      tested: { neighbours: untried, gate: untried },
      ...counts,
    }
  }
  const alone = [0, 1].map((t) => savedLater(problem, names, usedOf(t), [false, false])) as [Saved, Saved]
  const first = ratio(alone[1]) > ratio(alone[0]) ? 1 : 0
  const tested: [Saved, Saved] = [...alone]
  const used: [boolean, boolean] = [false, false]
  if (isSaved(alone[first])) {
    used[first] = true
    const second = 1 - first
    const beyond = savedLater(problem, names, [true, true], used)
    tested[second] = beyond
    if (isSaved(beyond)) used[second] = true
  }
  const terms = fitted(problem, used, () => true)
  const told = tested.map((one, t) => {
    const size = `${TITLES[t]} saved ${one.saved.toFixed(5)} of log loss in later sessions (standard error ${one.standardError.toFixed(5)}, ${names.length} sessions)`
    return used[t] === true ? `${size}: used` : `${size}: left out`
  })
  return {
    neighbours: used[0] ? terms[0] : null,
    gate: used[1] ? terms[1] : null,
    reasons: { neighbours: told[0] as string, gate: told[1] as string },
    tested: { neighbours: tested[0], gate: tested[1] },
    ...counts,
  }
}

interface Saved {
  readonly saved: number
  readonly standardError: number
}

const usedOf = (term: number): Used => [term === 0, term === 1]
const isSaved = ({ saved, standardError }: Saved): boolean => saved > ERRORS * standardError
const ratio = ({ saved, standardError }: Saved): number => (standardError > 0 ? saved / standardError : 0)

interface Problem {
  /** Log odds without terms. */
  readonly base: Float64Array
  /** What each term adds by its coefficient. */
  readonly terms: readonly [Float64Array, Float64Array]
  readonly label: Float64Array
  readonly sessions: Float64Array
}

const logit = (p: number): number => Math.log(p / (1 - p))
const kept = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value))

function problemOf({ p, vote, bias, label, sessions }: MixRows): Problem {
  const base = Float64Array.from(p, (one) => logit(kept(one, CLIP, 1 - CLIP)))
  for (const [name, { length }] of Object.entries({ vote, bias, label, sessions })) {
    if (length === base.length) continue
    throw new RangeError(`models: ${name}.length=${length}: must be ${base.length}, one a touch as p has.`)
  }
  const towards = Float64Array.from(vote, (one, row) =>
    Number.isNaN(one) ? 0 : logit(kept(one, ...VOTE_RANGE)) - (base[row] as number),
  )
  return {
    base,
    terms: [towards, Float64Array.from(bias)],
    label: Float64Array.from(label),
    sessions: Float64Array.from(sessions),
  }
}

/** Coefficients of the used terms on the rows of some sessions: Newton's steps within the limits. */
function fitted(problem: Problem, used: Used, keep: (session: number) => boolean): Terms {
  const rows = Array.from(problem.base.keys()).filter((row) => keep(problem.sessions[row] as number))
  let at: Terms = NONE
  for (let step = 0; step < STEPS; step++) {
    const next = stepFrom(problem, rows, used, at)
    const moved = Math.max(Math.abs(next[0] - at[0]), Math.abs(next[1] - at[1]))
    at = next
    if (moved < ENOUGH) break
  }
  return at
}

function stepFrom({ base, terms, label }: Problem, rows: readonly number[], used: Used, at: Terms): Terms {
  // Gradient and curvature of the penalised log loss.
  const g = [-at[0] / PRIOR[0] ** 2, -at[1] / PRIOR[1] ** 2]
  const h = [1 / PRIOR[0] ** 2, 0, 1 / PRIOR[1] ** 2]
  for (const row of rows) {
    const [x, y] = [terms[0][row] as number, terms[1][row] as number]
    const q = 1 / (1 + Math.exp(-((base[row] as number) + at[0] * x + at[1] * y)))
    const gap = (label[row] as number) - q
    const weight = q * (1 - q)
    g[0] = (g[0] as number) + gap * x
    g[1] = (g[1] as number) + gap * y
    h[0] = (h[0] as number) + weight * x * x
    h[1] = (h[1] as number) + weight * x * y
    h[2] = (h[2] as number) + weight * y * y
  }
  const [gx, gy, hxx, hxy, hyy] = [...g, ...h] as [number, number, number, number, number]
  if (!used[0]) return [0, used[1] ? limit(at[1] + gy / hyy, 1) : 0]
  if (!used[1]) return [limit(at[0] + gx / hxx, 0), 0]
  const det = hxx * hyy - hxy * hxy
  return [limit(at[0] + (hyy * gx - hxy * gy) / det, 0), limit(at[1] + (hxx * gy - hxy * gx) / det, 1)]
}

const limit = (value: number, t: 0 | 1): number => kept(value, 0, MOST[t])

function lossOf({ base, terms, label }: Problem, row: number, at: Terms): number {
  const score = (base[row] as number) + at[0] * (terms[0][row] as number) + at[1] * (terms[1][row] as number)
  const signed = label[row] === 1 ? -score : score
  return signed > 0 ? signed + Math.log1p(Math.exp(-signed)) : Math.log1p(Math.exp(signed))
}

/** What `used` saved beyond `before` in sessions later than those that both were fitted on, a touch, with its error by session. */
function savedLater(problem: Problem, names: readonly number[], used: Used, before: Used): Saved {
  const saved = new Map<number, number>()
  let total = 0
  for (let block = 1; block < BLOCKS; block++) {
    const [from, to] = [block, block + 1].map((b) => names[Math.round((b * names.length) / BLOCKS)] ?? Infinity) as [
      number,
      number,
    ]
    const [more, less] = [used, before].map((one) => fitted(problem, one, (session) => session < from)) as [
      Terms,
      Terms,
    ]
    for (const [row, session] of problem.sessions.entries()) {
      if (session < from || session >= to) continue
      saved.set(session, (saved.get(session) ?? 0) + lossOf(problem, row, less) - lossOf(problem, row, more))
      total += 1
    }
  }
  const sum = sessionSum([...saved.values()])
  return { saved: sum.total / total, standardError: sum.standardError / total }
}
