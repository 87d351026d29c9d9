/** Version of the plan's layout; it rises when a reader of the older layout would misread the newer one. */
export const PLAN_VERSION = 1

/** The roles of a fold in time order: every date of a role is before every date of the roles after it. */
export const ROLES = ['train', 'validation', 'calibration', 'test'] as const

/** What a date is used for: to fit, to stop early, to fit a calibrator, to be scored once. */
export type Role = (typeof ROLES)[number]

/** The dates of one fold by role; each list rises strictly, and no date is in two lists. */
export interface FoldDates extends Readonly<Record<Role, readonly string[]>> {
  /** Dates withheld from every role because they lie within the embargo before a later role. */
  readonly embargoed: readonly string[]
}

/** Rows of a fold by role, after the purge; `purged` rows are in no role. */
export interface FoldCounts extends Readonly<Record<Role, number>> {
  readonly purged: number
}

/** One step of a walk-forward plan. */
export interface Fold extends FoldDates {
  /** Position in the plan, from 0; later folds test later dates. */
  readonly index: number
  readonly counts: FoldCounts
  /**
   * The first date that lies beyond this fold and must stay unseen, or null. An inner fold carries its outer fold's
   * first test date here: a row of any role whose label ends after that date's first start is purged.
   */
  readonly boundary: string | null
}

/** The options of a walk-forward plan with every default filled in; `trainSessions` null is an expanding window. */
export interface ResolvedOptions {
  readonly folds: number
  readonly testSessions: number
  readonly validationSessions: number
  readonly calibrationSessions: number
  readonly trainSessions: number | null
  readonly minTrainSessions: number
  readonly embargoSessions: number
  readonly outerSessions: number
}

/** The request of a plan; an explicit plan has only the embargo, its dates being given. */
export type PlanOptions = ResolvedOptions | { readonly embargoSessions: number }

/** A walk-forward plan: plain data, JSON without loss, the same for the same rows in any order. */
export interface WalkForwardPlan {
  readonly version: typeof PLAN_VERSION
  readonly kind: 'expanding' | 'rolling' | 'explicit'
  readonly options: PlanOptions
  /** The dates that the rows hold: number, first, last. */
  readonly sessions: { readonly count: number; readonly first: string; readonly last: string }
  /**
   * The outer block: the test dates of the last fold, which no fold trains, stops or calibrates on. A plan of inner folds
   * carries the outer block of the plan that it lies in. Empty where nothing is tested.
   */
  readonly outer: readonly string[]
  readonly folds: readonly Fold[]
}
