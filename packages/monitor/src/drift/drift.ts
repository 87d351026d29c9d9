import type { FeatureBaseline } from '@breakwater/models'

/** A row of features by name; null, undefined and NaN are missing. */
export type FeatureRow = Readonly<Record<string, unknown>>

/** Sums over the rows of one feature in one session; plain JSON. */
interface FeatureTally {
  rows: number
  missing: number
  /** Words that training had not. */
  unseen: number
  readonly counts: number[]
}

/** Drift as plain JSON. */
export interface DriftState {
  readonly version: 1
  date: string | null
  /** Logs of the e-process of each feature, kept over sessions. */
  readonly evidence: number[]
  today: FeatureTally[]
  /** Rows of this session, and those unlike anything indexed. */
  rows: number
  unlike: number
}

/** How a feature of this session differs from training. */
export interface FeatureDrift {
  readonly name: string
  readonly rows: number
  /** Population stability index against the training shares; null without a row. */
  readonly stability: number | null
  readonly missing: number
  readonly missingInTraining: number
  readonly unseen: number
  /** Natural log of the two-sample e-process; at least ln(1/level) with chance level at most where nothing has drifted. */
  readonly logEvidence: number
}

/** Watches how features are distributed. One row an episode: rows of one episode are nearly the same. */
export interface DriftWatch {
  begin(date: string): void
  /** Takes the row of a touch; `isUnlike` where it is farther from its neighbours than nearly all training rows. */
  take(row: FeatureRow, isUnlike?: boolean): void
  features(): FeatureDrift[]
  /** Share of this session's rows that are unlike anything indexed; null before the first. */
  outOfDistribution(): number | null
  state(): DriftState
}

/** Share that an empty bin counts as. */
const LEAST_SHARE = 1e-4

/**
 * Drift against the baseline that a trained set carries.
 *
 * Population stability index: sum over bins of (a - e) ln(a / e), a the live share and e that of training, both at least 1e-4
 * (N. Siddiqi, Credit risk scorecards, 2006). By habit below 0.1 is stable and above 0.25 has moved; it is biased upward where
 * rows are few, by about (bins - 1) / rows.
 *
 * Two-sample e-process: a row multiplies it by (n_b + s_b S) / ((n + S) s_b), n_b the live rows of its bin b before it, s_b the
 * training share and S = 20 the rows that the prior counts for: the ratio of a Dirichlet mixture to the training shares. Under
 * rows drawn by the training shares it has mean 1, so by Ville's inequality it stays below 1/level with chance 1 - level,
 * whenever one looks (A. Ramdas et al., Game-theoretic statistics and safe anytime-valid inference, Statistical Science 38,
 * 2023). The training shares count as known: that holds for far more training rows than live ones. It begins anew each session;
 * sessions multiply.
 */
export function createDriftWatch(baseline: readonly FeatureBaseline[], state?: DriftState): DriftWatch {
  const now: DriftState = structuredClone(
    state ?? { version: 1, date: null, evidence: baseline.map(() => 0), today: tallies(baseline), rows: 0, unlike: 0 },
  )
  return {
    begin(date) {
      if (now.date === date) return
      now.date = date
      now.today = tallies(baseline)
      now.rows = now.unlike = 0
    },
    take(row, isUnlike = false) {
      now.rows += 1
      now.unlike += Number(isUnlike)
      for (const [f, feature] of baseline.entries()) {
        const tally = now.today[f] as FeatureTally
        now.evidence[f] = (now.evidence[f] as number) + addRow(feature, tally, row[feature.name])
      }
    },
    features: () =>
      baseline.map((feature, f) => {
        const { rows, missing, unseen, counts } = now.today[f] as FeatureTally
        return {
          name: feature.name,
          rows,
          stability: stabilityOf(feature.shares, counts),
          missing: rows === 0 ? 0 : missing / rows,
          missingInTraining: feature.missing,
          unseen,
          logEvidence: now.evidence[f] as number,
        }
      }),
    outOfDistribution: () => (now.rows === 0 ? null : now.unlike / now.rows),
    state: () => structuredClone(now),
  }
}

const tallies = (baseline: readonly FeatureBaseline[]): FeatureTally[] =>
  baseline.map(({ shares }) => ({ rows: 0, missing: 0, unseen: 0, counts: shares.map(() => 0) }))

/** Rows that the prior of the mixture counts for. */
const PRIOR = 20

/** Adds one value; returns the log of what its e-process is multiplied by. Writes `tally`. */
function addRow({ edges, words, shares }: FeatureBaseline, tally: FeatureTally, value: unknown): number {
  tally.rows += 1
  let bin = -1
  if (typeof value === 'string' && words.length > 0) {
    bin = words.indexOf(value)
    if (bin === -1) tally.unseen += 1
  } else if (typeof value === 'number' && Number.isFinite(value) && words.length === 0 && shares.length > 0) {
    const rounded = Math.fround(value)
    const at = edges.findIndex((edge) => rounded <= edge)
    bin = at === -1 ? edges.length : at
  } else tally.missing += 1
  if (bin === -1) return 0
  const share = shares[bin] as number
  const before = tally.counts[bin] as number
  const rows = tally.counts.reduce((sum, count) => sum + count, 0)
  tally.counts[bin] = before + 1
  return share === 0 ? 0 : Math.log((before + share * PRIOR) / ((rows + PRIOR) * share))
}

/** Population stability index of counts against shares; null without a row. */
export function stabilityOf(shares: readonly number[], counts: readonly number[]): number | null {
  const rows = counts.reduce((sum, count) => sum + count, 0)
  if (rows === 0) return null
  return shares.reduce((sum, share, bin) => {
    const expected = Math.max(LEAST_SHARE, share)
    const actual = Math.max(LEAST_SHARE, (counts[bin] as number) / rows)
    return sum + (actual - expected) * Math.log(actual / expected)
  }, 0)
}
