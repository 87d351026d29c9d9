import type { RankingPoint, ReliabilityBin } from '@breakwater/calibration'
import type { Anchor, Direction, OutcomeName, Thresholds } from '@breakwater/features/vocabulary'

/** Version of the workbench's data files; the page refuses another. */
export const WORKBENCH_VERSION = 1 as const

/** A value, or null where there is none. */
type Values = readonly (number | null)[]

/** What the workbench reads first: `data/index.js`. */
export interface WorkbenchIndex {
  readonly version: typeof WORKBENCH_VERSION
  readonly symbol: string
  readonly thresholds: Thresholds
  readonly anchors: readonly Anchor[]
  /** Seconds, rising. */
  readonly horizons: readonly number[]
  readonly sets: readonly WorkbenchSet[]
  /** In time order. */
  readonly sessions: readonly SessionSummary[]
}

/** A trained set whose forecasts are there. */
export interface WorkbenchSet {
  readonly name: string
  readonly heads: readonly string[]
}

/** A session as the list shows it. */
export interface SessionSummary {
  readonly date: string
  readonly bars: number
  readonly open: number
  readonly close: number
  readonly high: number
  readonly low: number
  readonly touches: number
  /** Touches by their outcome at the primary anchor. */
  readonly outcomes: Readonly<Record<OutcomeName, number>>
  /** Touches that at least one set has forecast without having seen them. */
  readonly forecast: number
  /** Whether its touches are explained: whether there is `data/<date>-why.js`. */
  readonly explained: boolean
}

/** One session: `data/<date>.js`. Lists of touches have one entry a touch. */
export interface SessionData {
  readonly date: string
  /** Minutes since 1970 UTC of the regular session's open and close. */
  readonly regular: readonly [open: number, close: number]
  /** Columns of the session's bars; `minute` is whole minutes since 1970 UTC. */
  readonly bars: {
    readonly minute: readonly number[]
    readonly open: readonly number[]
    readonly high: readonly number[]
    readonly low: readonly number[]
    readonly close: readonly number[]
  }
  readonly touches: {
    readonly id: readonly string[]
    readonly minute: readonly number[]
    readonly kind: readonly string[]
    readonly price: readonly number[]
    readonly direction: readonly Direction[]
    readonly byAnchor: Readonly<Partial<Record<Anchor, AnchorLabels>>>
  }
  /** By set and head: the served probability, or dollars. A set that forecast no touch of the session is left out. */
  readonly forecasts: Readonly<Record<string, Readonly<Record<string, Values>>>>
}

/** What became of touches at one anchor. */
export interface AnchorLabels {
  readonly outcome: readonly OutcomeName[]
  /** Price at the anchor, dollars. */
  readonly spot: Values
  /** Furthest dollars beyond the level in the label window, and the least. */
  readonly most: Values
  readonly least: Values
}

/** The curves of all sets: `data/curves.js`. */
export interface WorkbenchCurves {
  /** By set and binary head. */
  readonly sets: Readonly<Record<string, Readonly<Record<string, HeadCurves>>>>
  /** By set, how the thresholds are acted on. A set without forecasts of test rows has none. */
  readonly acting: Readonly<Record<string, ThresholdRule>>
}

/** What a head's forecasts are worth, on the rows that its models had not seen. */
export interface HeadCurves {
  readonly rows: number
  readonly positives: number
  readonly sessions: number
  /** By falling threshold. */
  readonly ranking: readonly RankingPoint[]
  readonly reliability: readonly ReliabilityBin[]
  /** Some of the ranking's points, evenly spaced, and what came of acting on each. */
  readonly thresholds: readonly ThresholdRow[]
}

/** How thresholds are acted on; see `thresholdReturns` of `@breakwater/evaluation/sets`. */
export interface ThresholdRule {
  /** Dollars a share and trade: what the set was asked about, and all that there are figures for, rising. */
  readonly cost: number
  readonly costs: readonly number[]
  readonly holdSeconds: number
  /** Level of the intervals. */
  readonly level: number
}

/** A threshold of a head. */
export interface ThresholdRow {
  readonly point: RankingPoint
  /** null where a rule has nothing to trade. */
  readonly acting: ThresholdActed | null
}

/** What came of acting where the forecast is at least the threshold, dollars a share after each cost of the rule. */
export interface ThresholdActed {
  readonly trades: number
  /** Trades that begin before an earlier one has ended. */
  readonly overlapping: number
  /** Touches without a later price, which are left out. */
  readonly unresolved: number
  readonly perTrade: readonly ScoreTriple[]
  readonly total: readonly ScoreTriple[]
}

/** A {@link WorkbenchScore} as a list, which takes less room. */
export type ScoreTriple = readonly [estimate: number | null, low: number | null, high: number | null]

/** A number with its interval; null where it does not exist. */
export interface WorkbenchScore {
  readonly estimate: number | null
  readonly low: number | null
  readonly high: number | null
}

/** What a stated rule would have made of forecasts, by set: `data/equity.js`. A set without forecasts of test rows has none. */
export interface WorkbenchEquities {
  readonly sets: Readonly<Record<string, WorkbenchEquity>>
}

/** The equity of rules that differ in their anchor and in their threshold; see `ruleEquities` of `@breakwater/evaluation/sets`. */
export interface WorkbenchEquity {
  /** Dollars a share and trade. */
  readonly cost: number
  readonly holdSeconds: number
  /** Level of the intervals. */
  readonly level: number
  readonly dates: readonly string[]
  readonly rules: readonly RuleCurve[]
}

/** What came of one rule, dollars a share after costs. Lists have one entry a session. */
export interface RuleCurve {
  readonly anchor: Anchor
  /** The least forecast that a touch is tradeable. */
  readonly least: number
  readonly trades: number
  /** Trades that begin before an earlier one has ended. */
  readonly overlapping: number
  /** Touches without a later price, which are left out. */
  readonly unresolved: number
  /** Share of trades above 0. */
  readonly won: number | null
  readonly perTrade: WorkbenchScore
  readonly total: WorkbenchScore
  readonly cumulative: readonly number[]
  readonly low: Values
  readonly high: Values
}

/** Drift and missing values by set: `data/drift.js`. A set of an older version has none. */
export interface WorkbenchDrifts {
  readonly sets: Readonly<Record<string, WorkbenchDrift>>
}

/** Features beside their training rows, by session; see `featureDrifts` of `@breakwater/evaluation/sets`. */
export interface WorkbenchDrift {
  readonly dates: readonly string[]
  readonly rows: readonly number[]
  /** Whether the served models were trained on the session. */
  readonly trained: readonly boolean[]
  readonly features: readonly FeatureHistory[]
}

/** One feature. Lists have one entry a session; an empty one is 0 in all. */
export interface FeatureHistory {
  readonly name: string
  readonly missingInTraining: number
  /** Mean stability index of the sessions of training, and of those after them. */
  readonly meanInTraining: number | null
  readonly meanAfter: number | null
  readonly stability: Values
  /** Shares of rows without a value, and of rows whose word training had not. */
  readonly missing: readonly number[]
  readonly unseen: readonly number[]
}

/** Two runs side by side: `data/runs.js`. */
export interface WorkbenchRuns {
  /** null where no runs were named. */
  readonly comparison: RunComparison | null
}

/** What `compareRuns` of `@breakwater/evaluation/sets` says of two runs, as far as it is shown. */
export interface RunComparison {
  readonly a: ComparedRun
  readonly b: ComparedRun
  readonly settings: readonly { readonly name: string; readonly a?: unknown; readonly b?: unknown }[]
  readonly data: { readonly same: boolean; readonly onlyA: readonly string[]; readonly onlyB: readonly string[] }
  readonly common: { readonly sessions: readonly string[]; readonly rows: number }
  readonly method: { readonly level: number; readonly samples: number }
  readonly summary: { readonly anchor: Anchor } & Readonly<Record<ComparedGroup, PairedFigures | null>>
  readonly heads: readonly (PairedFigures & {
    readonly name: string
    readonly anchor: Anchor
    readonly task: 'binary' | 'regression'
  })[]
}

/** Groups of heads that a comparison sums up. */
export type ComparedGroup = 'reach' | 'tradeable' | 'direction' | 'strength'

/** One of two runs. */
export interface ComparedRun {
  readonly id: string | null
  readonly stage: string
  readonly ablation: string
  readonly trained: string
  readonly data: { readonly hash: string; readonly rows: number }
  readonly scored: { readonly role: 'test' | 'validation'; readonly sessions: number }
}

/** Losses on the same rows, and what B saves of A's: nats, of strength dollars. */
export interface PairedFigures {
  readonly rows: number
  readonly sessions: number
  readonly loss_a: WorkbenchScore
  readonly loss_b: WorkbenchScore
  readonly saved: WorkbenchScore
}
