import { ANCHORS } from '@breakwater/features'
import { LISTED_FILE } from '@breakwater/formats'
import type { HeadTarget } from '@breakwater/features'
import type { WalkForwardPlan } from '@breakwater/splits'
import { z } from 'zod'
import { type FeatureBaseline, featureBaselines } from '../baseline/baseline.ts'
import type { HeadMetrics } from '../fit/head-metrics.ts'
import { type FinalRecord, finalSchema } from './final-record.ts'
import type { SetMix } from '../fit/mix.ts'
import { mixSchema } from './mix-record.ts'
import { type LawRecord, lawSchema, type ServingRecord, servingSchema } from './law-record.ts'
import { type AheadRecord, aheadRecords } from './ahead-record.ts'
import { type ColumnGains, columnGainsSchema, type NoColumnGains } from './column-gains.ts'
import { headUncertaintySchema } from './head-uncertainty-record.ts'
import type { HeadUncertainty } from '../fit/head-uncertainty.ts'
import { type TestedHead, testedHeads } from './tested.ts'

/** Version of {@link TrainingDetails}; it rises when a reader of the older layout would misread the newer one. */
export const DETAILS_VERSION = 4

/** The calibrator of one head and fold, and how it was chosen. */
export interface CalibrationRecord {
  /** What was fitted; null where nothing could be. */
  readonly kind: string | null
  readonly reason: string
  /** Out-of-fold rows and sessions that it was fitted on. */
  readonly rows: number
  readonly sessions: number
  /** The conformal interval of a regression; null for a probability. */
  readonly interval: { readonly level: number; readonly radius: number } | null
  /** Nested log loss of each candidate, in nats per row; `gain` is against leaving the probabilities as they are. */
  readonly scores: readonly {
    readonly kind: string
    readonly logLoss: number | null
    readonly gain: number | null
    readonly gainError: number | null
    readonly reason: string | null
  }[]
}

/** One head over all folds of a training. */
export interface HeadRecord {
  readonly name: string
  readonly anchor: HeadTarget['anchor']
  readonly task: HeadTarget['task']
  /** Rows of the whole data with a valid target for the head, and the others by reason. */
  readonly used: number
  readonly masked: Readonly<Record<string, number>>
  readonly folds: readonly {
    readonly fold: number
    readonly status: 'trained' | 'skipped'
    readonly reason: string | null
    readonly trees: number
    readonly trainRows: number
    readonly validationRows: number
    readonly reference: number | null
    readonly metrics: { readonly validation: HeadMetrics; readonly test: HeadMetrics }
    readonly calibration: CalibrationRecord
  }[]
  /** Columns of the served model by falling gain. */
  readonly importance: readonly { readonly column: string; readonly gain: number }[]
}

/** What stands in `details` of metadata_{stage}_{ablation}.json: enough to evaluate the set and to repeat its training. */
export interface TrainingDetails {
  readonly version: typeof DETAILS_VERSION
  readonly stage: string
  readonly ablation: string
  readonly data: {
    readonly hash: string
    readonly files: readonly string[]
    readonly rows: number
    readonly dates: readonly string[]
    readonly symbol: string
    readonly thresholds: readonly [number, number]
    readonly schemaVersion: string
    /** The settings that the signals were made with, where their files record them. */
    readonly settings?: Readonly<Record<string, unknown>> | undefined
  }
  readonly options: {
    readonly rounds: number
    readonly learningRate: number
    readonly maxDepth: number
    readonly gradientLevels: number | null
    readonly earlyStoppingRounds: number | null
    /** Columns in which forecasts only rise (1) or fall (-1). */
    readonly monotone: Readonly<Record<string, 1 | -1>>
    readonly anchors: readonly HeadTarget['anchor'][]
    readonly horizons: readonly number[]
    readonly calibrationFolds: number
  }
  readonly plan: WalkForwardPlan
  readonly seed: number
  readonly gitSha: string | null
  readonly libraryVersion: string
  /** Predictions of rows that their model did not train on: 'test', or 'validation' where no date is a test date. */
  readonly predictions: { readonly file: string; readonly sha256: string; readonly role: 'test' | 'validation' }
  /** Null in sets that were trained before there were laws. */
  readonly law: LawRecord | null
  /** What each fold serves, and why; the last is what the set serves. Empty in sets from before there were laws. */
  readonly serving: readonly ServingRecord[]
  readonly heads: readonly HeadRecord[]
  /** How features are distributed over the rows that the served models were trained on; absent in sets of older versions. */
  readonly baseline?: readonly FeatureBaseline[] | undefined
  /** What is still to come from each anchor, which the law forecasts; absent in sets of older versions. */
  readonly ahead?: readonly AheadRecord[] | undefined
  /** What each column adds beyond the law of the last fold, on its test rows; absent in sets of older versions. */
  readonly columnsBeyondLaw?: ColumnGains | NoColumnGains | undefined
  /** How every probability did on test rows, beside the law; absent in sets of older versions. */
  readonly tested?: readonly TestedHead[] | undefined
  /** How sure the served heads are, by head; absent in sets of older versions. */
  readonly headUncertainty?: Readonly<Record<string, HeadUncertainty>> | undefined
  /**
   * The fit of all sessions whose models are served. No figure is its own: those of `heads`, `tested`, `law`, `serving` and the predictions are of
   * the folds. Absent where the last fold's models are served.
   */
  readonly final?: FinalRecord | undefined
  /** How neighbours and gate enter what is served; absent where training did not say. */
  readonly mix?: SetMix | undefined
  readonly quality: {
    readonly columns: number
    /** Rows of the whole data without a value, by column. */
    readonly missing: Readonly<Record<string, number>>
    /** Rows whose category the last fold's training rows do not have, by column and category. */
    readonly unseen: Readonly<Record<string, Readonly<Record<string, number>>>>
    /** Features left out because they become known after the anchor, by anchor. */
    readonly knownTooLate: Readonly<Record<string, readonly string[]>>
  }
}

const thresholds = z.tuple([z.number(), z.number()])
const finite = z.number().nullable()
const metrics = z.record(z.string(), finite)
const dates = z.array(z.string())
const counts = z.record(z.string(), z.number())
const fold = z.object({
  index: z.number(),
  train: dates,
  validation: dates,
  calibration: dates,
  test: dates,
  embargoed: dates,
  boundary: z.string().nullable(),
  counts: z.object({
    train: z.number(),
    validation: z.number(),
    calibration: z.number(),
    test: z.number(),
    purged: z.number(),
  }),
})
const calibration = z.object({
  kind: z.string().nullable(),
  reason: z.string(),
  rows: z.number(),
  sessions: z.number(),
  interval: z.object({ level: z.number(), radius: z.number() }).nullable(),
  scores: z.array(
    z.object({
      kind: z.string(),
      logLoss: finite,
      gain: finite,
      gainError: finite,
      reason: z.string().nullable(),
    }),
  ),
})
const head = z.object({
  name: z.string(),
  anchor: z.enum(ANCHORS),
  task: z.enum(['binary', 'regression']),
  used: z.number(),
  masked: counts,
  folds: z.array(
    z.object({
      fold: z.number(),
      status: z.enum(['trained', 'skipped']),
      reason: z.string().nullable(),
      trees: z.number(),
      trainRows: z.number(),
      validationRows: z.number(),
      reference: finite,
      metrics: z.object({ validation: metrics, test: metrics }),
      calibration,
    }),
  ),
  importance: z.array(z.object({ column: z.string(), gain: z.number() })),
})
const details = z.object({
  version: z.literal(DETAILS_VERSION),
  stage: z.string(),
  ablation: z.string(),
  data: z.object({
    hash: z.string(),
    files: z.array(z.string()),
    rows: z.number(),
    dates,
    symbol: z.string(),
    thresholds,
    schemaVersion: z.string(),
    settings: z.record(z.string(), z.unknown()).optional(),
  }),
  options: z.object({
    rounds: z.number(),
    learningRate: z.number(),
    maxDepth: z.number(),
    gradientLevels: z.number().nullable(),
    earlyStoppingRounds: z.number().nullable(),
    monotone: z.record(z.string(), z.union([z.literal(1), z.literal(-1)])),
    anchors: z.array(z.enum(ANCHORS)),
    horizons: z.array(z.number()),
    calibrationFolds: z.number(),
  }),
  plan: z.object({
    version: z.literal(1),
    kind: z.enum(['expanding', 'rolling', 'explicit']),
    options: z.union([
      z.object({
        folds: z.number(),
        testSessions: z.number(),
        validationSessions: z.number(),
        calibrationSessions: z.number(),
        trainSessions: z.number().nullable(),
        minTrainSessions: z.number(),
        embargoSessions: z.number(),
        outerSessions: z.number(),
      }),
      z.object({ embargoSessions: z.number() }),
    ]),
    sessions: z.object({ count: z.number(), first: z.string(), last: z.string() }),
    outer: dates,
    folds: z.array(fold),
  }),
  seed: z.number(),
  gitSha: z.string().nullable(),
  libraryVersion: z.string(),
  predictions: z.object({
    file: z.string().regex(LISTED_FILE),
    sha256: z.string(),
    role: z.enum(['test', 'validation']),
  }),
  law: lawSchema.nullable().default(null),
  serving: z.array(servingSchema).default([]),
  heads: z.array(head),
  baseline: featureBaselines.optional(),
  ahead: aheadRecords.optional(),
  columnsBeyondLaw: columnGainsSchema.optional(),
  tested: testedHeads.optional(),
  headUncertainty: headUncertaintySchema.optional(),
  final: finalSchema.optional(),
  mix: mixSchema.optional(),
  quality: z.object({
    columns: z.number(),
    missing: counts,
    unseen: z.record(z.string(), counts),
    knownTooLate: z.record(z.string(), z.array(z.string())),
  }),
})

/** Checks the `details` of a metadata file; `source` names the file in the error. */
export function parseDetails(value: unknown, source: string): TrainingDetails {
  const parsed = details.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new Error(
    `models: ${source}: details.${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not valid'}. ` +
      'It was written by another version: run `breakwater train` again.',
  )
}

const withHorizons = z.object({ options: z.object({ horizons: z.array(z.number()) }) })

/** The horizons of the reach heads that details of any version name, seconds. */
export function horizonsOfDetails(value: unknown): readonly number[] {
  const parsed = withHorizons.safeParse(value)
  return parsed.success ? parsed.data.options.horizons : []
}

const withSettings = z.object({
  data: z.object({ thresholds: thresholds.optional(), settings: z.record(z.string(), z.unknown()).optional() }),
})

/** The settings of the signals that details of any version name, as far as they name them: thresholds alone in older ones. */
export function settingsOfDetails(value: unknown): Readonly<Record<string, unknown>> {
  const parsed = withSettings.safeParse(value)
  if (!parsed.success) return {}
  const { thresholds: two, settings } = parsed.data.data
  return { ...(two === undefined ? {} : { thresholds: two }), ...settings }
}
