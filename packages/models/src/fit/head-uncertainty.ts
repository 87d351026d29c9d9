import { excessVariance, groupRows, type GroupedBy } from '../law/groups.ts'
import { deviationsOf, writeInterval } from '../law/intervals.ts'
import { squareSum } from '../law/small-matrix.ts'

/** How sure the probabilities of one head are, in log odds. Plain data. */
export interface HeadUncertainty {
  /** Mean squares of the errors of the level and the slope of a Cox recalibration, a + b (logit p - centre): of a, of both, of b. */
  readonly covariance: readonly [level: number, both: number, slope: number]
  readonly centre: number
  /** Variance of the trees: by what those of part of the training sessions differ from those of all. */
  readonly trees: number
  /** Variance that groups of rows show beyond chance, and its standard error. */
  readonly groups: number
  /** Sessions that the first and the last of these were measured on. */
  readonly sessions: number
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
const CLIP = 1e-6
/** A spread of log odds about the centre, squared, below which a head is a constant and has no slope. */
const CONSTANT = 1e-6

const clipped = (p: number): number => Math.min(1 - CLIP, Math.max(CLIP, p))
const logit = (p: number): number => Math.log(p / (1 - p))

/**
 * How sure a head is, by what became of forecasts that their models made of rows they had not seen. Of a Cox recalibration of their log odds (Cox
 * 1958, one step from none) the covariance by sums over sessions, n / (n - 1) of their squares and not less than independent rows would leave it, and the
 * squares by which the recalibration differs from none beyond that; what groups of rows (by `by` and by quarters of p) are off by beyond chance; and
 * `trees`, see {@link treeVariance}. Null without rows. O(rows log rows).
 */
export function headUncertainty({ p, outcomes, sessions, by }: HeadEvidence, trees: number): HeadUncertainty | null {
  if (p.length === 0) return null
  const rows = p.map((value, i) => {
    const q = clipped(value)
    return { x: logit(q), residual: (outcomes[i] as number) - q, weight: q * (1 - q), session: sessions[i] as number }
  })
  const total = rows.reduce((sum, { weight }) => sum + weight, 0)
  const centre = rows.reduce((sum, { x, weight }) => sum + weight * x, 0) / total
  const squares = rows.reduce((sum, { x, weight }) => sum + weight * (x - centre) ** 2, 0)
  const hasSlope = squares > CONSTANT * total
  // About the weighted mean, the information is diagonal.
  const errors = [1 / total, hasSlope ? 1 / squares : 0] as const
  const scores = new Map<number, Float64Array>()
  for (const { x, residual, session } of rows) {
    const sum = scores.get(session) ?? new Float64Array(2)
    sum[0] = (sum[0] as number) + residual * errors[0]
    sum[1] = (sum[1] as number) + residual * (x - centre) * errors[1]
    scores.set(session, sum)
  }
  const bySession = squareSum([...scores.values()], 2)
  const [level, slope] = [0, 1].map((i) => Math.max(errors[i] as number, bySession[3 * i] as number)) as [
    number,
    number,
  ]
  const off = [level, slope].map((variance, i) => {
    const error = [...scores.values()].reduce((sum, score) => sum + (score[i] as number), 0)
    return Math.sign(error) * Math.sqrt(Math.max(0, error ** 2 - variance))
  }) as [number, number]
  const grouped = groupRows([...by, [[...p], PARTS]]).map((group) => {
    const sums = new Map<number, [score: number, information: number]>()
    for (const i of group) {
      const { residual, weight, session } = rows[i] as (typeof rows)[number]
      const [score, information] = sums.get(session) ?? [0, 0]
      sums.set(session, [score + residual, information + weight])
    }
    return [...sums.values()]
  })
  return {
    covariance: [level + off[0] ** 2, (bySession[1] as number) + off[0] * off[1], slope + off[1] ** 2],
    centre,
    trees,
    groups: excessVariance(grouped.filter((group) => group.length > 1)),
    sessions: scores.size,
  }
}

/**
 * Variance of the log odds of a head's trees, from forecasts of the same rows by those of `part` of the training sessions that the served ones
 * saw, a share in (0, 1): two fits of which one has seen the sessions of the other differ by the variance of the latter less that of the former, so the mean
 * square of the difference is divided by 1 / part - 1; and since stopping early loses about as much as the trees vary, it counts twice. Rows weigh by p (1 - p). 0
 * without rows and where the share is not in (0, 1).
 */
export function treeVariance(served: readonly number[], before: readonly number[], part: number): number {
  let [sum, total] = [0, 0]
  for (const [i, p] of served.entries()) {
    const [one, other] = [clipped(p), clipped(before[i] as number)]
    const weight = one * (1 - one)
    sum += weight * (logit(one) - logit(other)) ** 2
    total += weight
  }
  return total > 0 && part > 0 && part < 1 ? (2 * sum) / total / (1 / part - 1) : 0
}

/** Half of the 95% interval of a head's probability in log odds, by Student's t of the sessions; NaN where it is not known how sure the head is. */
export function headSpread(uncertainty: HeadUncertainty | null): (p: number) => number {
  if (uncertainty === null) return () => Number.NaN
  const { covariance, centre, trees, groups, sessions } = uncertainty
  const deviations = deviationsOf(sessions)
  const [level, both, slope] = covariance
  return (p) => {
    if (!(p > 0 && p < 1) || deviations === Infinity) return deviations
    const z = logit(p) - centre
    return deviations * Math.sqrt(Math.max(0, level + 2 * both * z + slope * z * z) + trees + groups)
  }
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
