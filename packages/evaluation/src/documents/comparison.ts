import type { Anchor } from '@breakwater/features'
import type { Score, Task } from './figures.ts'

/** Scores of one model on one head's common events, each with its interval, by metric key. */
export type ModelScores = Readonly<Record<string, Score>>

/** One head, every model on the same events. */
export interface HeadComparison {
  readonly name: string
  readonly anchor: Anchor
  readonly task: Task
  /** Events that every model forecasts and that have a target. */
  readonly rows: number
  readonly sessions: number
  /** null for a regression. */
  readonly positives: number | null
  /** Events with a target that some model does not forecast. */
  readonly leftOut: number
  /** Scores by model id. */
  readonly models: Readonly<Record<string, ModelScores>>
}

/** What stands in comparison.json. */
export interface Comparison {
  readonly format: 'breakwater-comparison'
  readonly version: 3
  readonly anchor: Anchor
  /** Test sessions. */
  readonly dates: readonly string[]
  readonly models: readonly {
    readonly id: string
    readonly title: string
    readonly note: string
    /** Sessions it learnt from; of the last fold for all but PatchTST. */
    readonly trainSessions: number
    readonly lastTrainDate: string | null
  }[]
  /** Test events with a sequence, and those that the set forecasts. */
  readonly events: { readonly sequences: number; readonly served: number }
  readonly method: { readonly level: number; readonly samples: number; readonly seed: number }
  readonly heads: readonly HeadComparison[]
  readonly provenance: {
    readonly patchTst: string
    readonly stage: string
    readonly ablation: string
    readonly dataHash: string
    readonly gitSha: string | null
    readonly libraryVersion: string
    /** ISO 8601, UTC. */
    readonly timestamp: string
  }
}
