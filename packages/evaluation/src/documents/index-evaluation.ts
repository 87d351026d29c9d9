import type { Score } from './figures.ts'

/** The questions put to the neighbours of a touch. */
export type QuestionName = 'p_break' | 'p_break_given_tradeable' | 'p_tradeable_2'

/** How well one question was answered with one k, on the rows that neighbours, base rate and the set all forecast. */
export interface QuestionScore {
  readonly question: QuestionName
  /** Number of neighbours. */
  readonly k: number
  readonly rows: number
  readonly sessions: number
  /** Null without rows, or where the set serves no probability. */
  readonly brier: { readonly neighbours: number | null; readonly base: number | null; readonly served: number | null }
  /** 1 - Brier of the neighbours / Brier of the base rate, of what the set serves, or of its law alone. */
  readonly brier_skill: { readonly base: Score; readonly served: Score; readonly law: Score }
}

/** How an index answers out of sample. */
export interface IndexEvaluation {
  /** Rows asked about: test rows, or validation rows where the plan has no test dates. */
  readonly role: 'test' | 'validation'
  readonly rows: number
  readonly folds: number
  readonly scores: readonly QuestionScore[]
  /** By k: how many rows each rung of the ladder answered, and the mean share of training rows with nearer neighbours. */
  readonly ladder: readonly {
    readonly k: number
    readonly rungs: readonly number[]
    readonly distancePercentile: number | null
  }[]
}

/** Summary of a written index. */
export interface IndexSummary {
  readonly stage: string
  readonly ablation: string
  readonly anchor: string
  readonly rows: number
  readonly sessions: readonly string[]
  readonly features: readonly string[]
  /** Uninformative columns, such as constants, with the reason. */
  readonly dropped: readonly { readonly reason: string }[]
  readonly evaluation: IndexEvaluation
}
