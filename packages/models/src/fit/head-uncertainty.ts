import { excessVariance, groupRows, partAmong, type GroupedBy } from '../law/groups.ts'
import { deviationsOf, writeInterval } from '../law/intervals.ts'
import { squareSum } from '../law/small-matrix.ts'

/** How sure the probabilities of one head are, in log odds. Plain data. */
export interface HeadUncertainty {
  /** Mean squares of the errors of the level and the slope of a Cox recalibration, a + b (logit p - centre): of a, of both, of b. */
  readonly covariance: readonly [level: number, both: number, slope: number]
  readonly centre: number
  /** Variances at log odds, rising; between two of them they are interpolated, beyond the ends they stay. */
  readonly at: readonly HeadVariances[]
  /** Sessions that all but `trees` were measured on. */
  readonly sessions: number
}

/** Variances of the log odds of a head where it says about so much. */
export interface HeadVariances {
  /** Log odds. */
  readonly x: number
  /** Of the trees: by what those of part of the training sessions differ from those of all. */
  readonly trees: number
  /** What groups of rows show beyond chance, and its standard error. */
  readonly groups: number
}

/** Forecasts of the same rows, which neither was trained on, by the trees that are served and by trees of part of their training sessions. */
export interface Refit {
  readonly served: readonly number[]
  readonly before: readonly number[]
}

/** Calibrated forecasts of one head by models that did not see the rows. Arrays have one entry a row. */
export interface HeadEvidence {
  readonly p: readonly number[]
  /** 0 or 1. */
  readonly outcomes: readonly number[]
  readonly sessions: readonly number[]
  /** Numbers that rows are grouped by beside p. */
  readonly by: readonly GroupedBy[]
}

/** Parts of p that rows are grouped by. */
const PARTS = 4
/**
 * So many times the mean square by which a refit differs is what trees err by: a refit shares most sessions with them, and what stopping early loses is
 * common to both. Set where intervals of trees on simulated paths hold nine tenths of the known probabilities and more.
 */
const TREES = 4
const CLIP = 1e-6
/** A spread of log odds about the centre, squared, below which a head is a constant and has no slope. */
const CONSTANT = 1e-6

const clipped = (p: number): number => Math.min(1 - CLIP, Math.max(CLIP, p))
const logit = (p: number): number => Math.log(p / (1 - p))

/**
 * How sure a head is, by what became of forecasts that their models made of rows they had not seen. Of a Cox recalibration of their log odds (Cox
 * 1958, one step from none) the covariance by sums over sessions, n / (n - 1) of their squares and not less than independent rows would leave it, and the
 * squares by which the recalibration differs from none beyond that; and by quarters of p, since trees err more where they are surest, what groups of rows
 * are off by beyond chance, and what the trees err by, told by a refit. Without a refit the variance of groups stands in
 * for it. Null without rows. O(rows log rows).
 */
export function headUncertainty(evidence: HeadEvidence, refit: Refit | null): HeadUncertainty | null {
  const { p, outcomes, sessions } = evidence
  if (p.length === 0) return null
  const rows = p.map((value, i): Row => {
    const q = clipped(value)
    return { x: logit(q), residual: (outcomes[i] as number) - q, weight: q * (1 - q), session: sessions[i] as number }
  })
  return { ...recalibration(rows), at: variancesOf(rows, evidence, refit), sessions: new Set(sessions).size }
}

interface Row {
  readonly x: number
  readonly residual: number
  readonly weight: number
  readonly session: number
}

function recalibration(rows: readonly Row[]): Pick<HeadUncertainty, 'covariance' | 'centre'> {
  const total = rows.reduce((sum, { weight }) => sum + weight, 0)
  const centre = rows.reduce((sum, { x, weight }) => sum + weight * x, 0) / total
  const squares = rows.reduce((sum, { x, weight }) => sum + weight * (x - centre) ** 2, 0)
  // About the weighted mean, the information is diagonal.
  const errors = [1 / total, squares > CONSTANT * total ? 1 / squares : 0] as const
  const scores = new Map<number, Float64Array>()
  for (const { x, residual, session } of rows) {
    const sum = scores.get(session) ?? new Float64Array(2)
    sum[0] = (sum[0] as number) + residual * errors[0]
    sum[1] = (sum[1] as number) + residual * (x - centre) * errors[1]
    scores.set(session, sum)
  }
  const bySession = squareSum([...scores.values()], 2)
  const [level, slope] = [0, 1].map((i) => Math.max(errors[i] as number, bySession[3 * i] as number)) as Pair
  const off = [level, slope].map((variance, i) => {
    const error = [...scores.values()].reduce((sum, score) => sum + (score[i] as number), 0)
    return Math.sign(error) * Math.sqrt(Math.max(0, error ** 2 - variance))
  }) as Pair
  return {
    covariance: [level + off[0] ** 2, (bySession[1] as number) + off[0] * off[1], slope + off[1] ** 2],
    centre,
  }
}

type Pair = [number, number]

function variancesOf(rows: readonly Row[], { by }: HeadEvidence, refit: Refit | null): HeadVariances[] {
  const sorted = Float64Array.from(rows, ({ x }) => x).toSorted()
  const edges = Array.from({ length: PARTS - 1 }, (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / PARTS)])
  const partOf = (x: number): number => partAmong(edges as number[], x)
  const grouped = groupRows(by.length === 0 ? [[rows.map(() => 0), 1]] : by)
  const differs = refit === null ? null : differences(refit)
  return Array.from({ length: PARTS }, (_, part): HeadVariances | null => {
    const own = sorted.filter((x) => partOf(x) === part)
    if (own.length === 0) return null
    const sums = grouped.map((group) =>
      sessionSums(group.map((i) => rows[i] as Row).filter(({ x }) => partOf(x) === part)),
    )
    const groups = excessVariance(sums.filter((each) => each.length > 1))
    const here = differs?.filter(({ x }) => partOf(x) === part) ?? []
    const told = here.length > 0 ? here : (differs ?? [])
    return { x: own[own.length >> 1] as number, trees: told.length > 0 ? TREES * meanSquare(told) : groups, groups }
  }).filter((each) => each !== null)
}

function sessionSums(rows: readonly Row[]): [score: number, information: number][] {
  const sums = new Map<number, [score: number, information: number]>()
  for (const { residual, weight, session } of rows) {
    const [score, information] = sums.get(session) ?? [0, 0]
    sums.set(session, [score + residual, information + weight])
  }
  return [...sums.values()]
}

interface Difference {
  readonly x: number
  readonly weight: number
  readonly by: number
}

const differences = ({ served, before }: Refit): Difference[] =>
  served.map((value, i) => {
    const [p, other] = [clipped(value), clipped(before[i] as number)]
    return { x: logit(p), weight: p * (1 - p), by: logit(p) - logit(other) }
  })

/** Rows weigh by p (1 - p). */
function meanSquare(rows: readonly Difference[]): number {
  const total = rows.reduce((sum, { weight }) => sum + weight, 0)
  return rows.reduce((sum, { weight, by }) => sum + weight * by ** 2, 0) / total
}

/** Half of the 95% interval of a head's probability in log odds, by Student's t of the sessions; NaN where it is not known how sure the head is. */
export function headSpread(uncertainty: HeadUncertainty | null): (p: number) => number {
  if (uncertainty === null) return () => Number.NaN
  const { covariance, centre, at, sessions } = uncertainty
  const deviations = deviationsOf(sessions)
  const [level, both, slope] = covariance
  return (p) => {
    if (!(p > 0 && p < 1) || deviations === Infinity) return deviations
    const z = logit(p) - centre
    return deviations * Math.sqrt(Math.max(0, level + 2 * both * z + slope * z * z) + varianceAt(at, logit(p)))
  }
}

/** Variance of trees and groups at log odds. */
function varianceAt(at: readonly HeadVariances[], x: number): number {
  const next = at.findIndex((each) => each.x >= x)
  const [from, to] = [at[Math.max(0, (next < 0 ? at.length : next) - 1)], at[next < 0 ? at.length - 1 : next]]
  if (from === undefined || to === undefined) return 0
  const share = to.x > from.x ? Math.min(1, Math.max(0, (x - from.x) / (to.x - from.x))) : 0
  return (1 - share) * (from.trees + from.groups) + share * (to.trees + to.groups)
}

/**
 * 95% intervals of heads' probabilities as they are served, by head, as live scoring has them to the bit; NaN where a probability is NaN and where it is not
 * known how sure its head is. O(values).
 */
export function headIntervals(
  served: ReadonlyMap<string, Float64Array>,
  uncertainties: ReadonlyMap<string, HeadUncertainty>,
): { readonly low: ReadonlyMap<string, Float64Array>; readonly high: ReadonlyMap<string, Float64Array> } {
  const [low, high] = [new Map<string, Float64Array>(), new Map<string, Float64Array>()]
  const ends = { low: 0, high: 0 }
  for (const [head, values] of served) {
    const spread = headSpread(uncertainties.get(head) ?? null)
    const [from, to] = [new Float64Array(values.length), new Float64Array(values.length)]
    for (const [row, p] of values.entries()) {
      writeInterval(p, spread(p), ends)
      from[row] = ends.low
      to[row] = ends.high
    }
    low.set(head, from)
    high.set(head, to)
  }
  return { low, high }
}
