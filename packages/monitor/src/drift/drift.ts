import type { FeatureBaseline } from '@breakwater/models'
import { addValue, emptyTally, expectedShares, type FeatureTally, seenShares, stabilityOf } from './bins.ts'

/** A row of features by name; null, undefined and NaN are missing. */
export type FeatureRow = Readonly<Record<string, unknown>>

/** Drift as plain JSON. */
export interface DriftState {
  readonly version: 1
  date: string | null
  /** Sessions that have ended, of those with rows. */
  sessions: number
  /** By feature: the wealth of every bet, and whether its alarm stands. */
  readonly wealth: number[][]
  readonly alarmed: boolean[]
  today: FeatureTally[]
  /** Look-ups of this session among past touches, and those of rows unlike anything indexed. */
  lookUps: number
  unlike: number
}

/** How a feature of this session differs from training. */
export interface FeatureDrift {
  readonly name: string
  readonly rows: number
  /** Population stability index against the training shares; null without a row. */
  readonly stability: number | null
  /** Shares of rows without a value, and of rows whose word training had not. */
  readonly missing: number
  readonly missingInTraining: number
  readonly unseen: number
  /**
   * E-process of the sessions that have ended against training, divided by the number of features: where nothing has drifted, any
   * feature ever reaches 1/level with chance level at most.
   */
  readonly evidence: number
  readonly alarmed: boolean
}

/** Watches how features are distributed. One row an episode: rows of one episode are nearly the same. */
export interface DriftWatch {
  /** Begins a session, which ends the one before; returns the features that it raises the alarm of, each once. */
  begin(date: string): readonly FeatureDrift[]
  /** Takes the row of a touch. */
  take(row: FeatureRow): void
  /** Takes a look-up of a row, unlike where it is farther from its neighbours than nearly all training rows. */
  lookUp(isUnlike: boolean): void
  features(): FeatureDrift[]
  /** Share of this session's look-ups that are unlike anything indexed; null before the first. */
  outOfDistribution(): number | null
  state(): DriftState
}

/** Parts of the wealth of a bet that are staked on each session. */
const STAKES = [0.5, 0.1] as const
/** Training shares are not known better than this: a rarer bin counts as so common. */
const LEAST_EXPECTED = 0.01

/**
 * Drift against the baseline that a trained set carries: the stability index of `stabilityOf`, shares of missing values and unseen
 * words, and evidence.
 *
 * Evidence: a session is one draw. For bin b with training share e_b (at least 0.01), the bet with stake c multiplies its wealth
 * by 1 - c + c a_b / e_b, a_b the bin's share of the session's rows: a payment at fair odds, as far as a session has e_b of its
 * rows there on average. Its mean is 1 at most however the rows of a session hang together, as prices of one day do, so the mean over
 * bins and stakes is an e-process. Bets begin at every session, the k-th with 1/(k (k + 1)) of the capital: so a change that comes late
 * is found too. By Ville's inequality one feature ever reaches 1/level with chance level at most, and with each divided by
 * the number of features, so does any of them (G. Shafer, Testing by betting, JRSS A 184, 2021; A. Ramdas et al., Game-theoretic
 * statistics and safe anytime-valid inference, Statistical Science 38, 2023).
 */
export function createDriftWatch(
  baseline: readonly FeatureBaseline[],
  { state, level = 0.01 }: { readonly state?: DriftState; readonly level?: number } = {},
): DriftWatch {
  const now: DriftState = structuredClone(state ?? begun(baseline))
  const expected = baseline.map(expectedShares)
  const evidenceOf = (f: number): number => {
    const wealth = now.wealth[f] as number[]
    // What has not been bet yet is kept.
    const bet = wealth.reduce((sum, value) => sum + value, 0) / wealth.length
    return (bet + 1 / (now.sessions + 1)) / baseline.length
  }
  const settle = (): FeatureDrift[] => {
    now.sessions += 1
    const begins = 1 / (now.sessions * (now.sessions + 1))
    const raised: FeatureDrift[] = []
    for (const f of baseline.keys()) {
      const seen = seenShares(now.today[f] as FeatureTally)
      const wealth = now.wealth[f] as number[]
      for (const [b, share] of (expected[f] as number[]).entries()) {
        const odds = (seen[b] as number) / Math.max(LEAST_EXPECTED, share)
        for (const [s, stake] of STAKES.entries()) {
          const at = STAKES.length * b + s
          wealth[at] = ((wealth[at] as number) + begins) * (1 - stake + stake * odds)
        }
      }
      if (now.alarmed[f] === true || evidenceOf(f) < 1 / level) continue
      now.alarmed[f] = true
      raised.push(driftOf(f))
    }
    return raised
  }
  const driftOf = (f: number): FeatureDrift => {
    const { name, shares, missing } = baseline[f] as FeatureBaseline
    const tally = now.today[f] as FeatureTally
    const rows = Math.max(1, tally.rows)
    return {
      name,
      rows: tally.rows,
      stability: stabilityOf(shares, tally.counts),
      missing: tally.missing / rows,
      missingInTraining: missing,
      unseen: tally.unseen / rows,
      evidence: evidenceOf(f),
      alarmed: now.alarmed[f] as boolean,
    }
  }
  return {
    begin(date) {
      if (now.date === date) return []
      const raised = (now.today[0]?.rows ?? 0) > 0 ? settle() : []
      now.date = date
      now.today = baseline.map(emptyTally)
      now.lookUps = now.unlike = 0
      return raised
    },
    take(row) {
      for (const [f, feature] of baseline.entries()) addValue(feature, now.today[f] as FeatureTally, row[feature.name])
    },
    lookUp(isUnlike) {
      now.lookUps += 1
      now.unlike += Number(isUnlike)
    },
    features: () => Array.from(baseline.keys(), driftOf),
    outOfDistribution: () => (now.lookUps === 0 ? null : now.unlike / now.lookUps),
    state: () => structuredClone(now),
  }
}

const begun = (baseline: readonly FeatureBaseline[]): DriftState => ({
  version: 1,
  date: null,
  sessions: 0,
  wealth: baseline.map(({ shares }) => Array.from({ length: STAKES.length * (shares.length + 2) }, () => 0)),
  alarmed: baseline.map(() => false),
  today: baseline.map(emptyTally),
  lookUps: 0,
  unlike: 0,
})
