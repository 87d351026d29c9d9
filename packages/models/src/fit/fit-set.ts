import type { Ablation, Anchor, Bars, HeadTarget, Schema, Stage } from '@breakwater/features'
import { ABLATIONS, deriveHeads, hasFeatures, parseHeadName, selectFeatures } from '@breakwater/features'
import type { Fold, SplitRows, WalkForwardPlan } from '@breakwater/splits'
import { trainHeads, type TrainOptions } from '@breakwater/trees'
import { confirmedFeatures } from '../at-anchor.ts'
import type { Signals } from '../signals.ts'
import { type CalibratedFold, trainCalibratedFold } from './calibrated-fold.ts'
import type { FeatureGroup, TrainedBefore } from './fold.ts'
import type { HeadTrainer } from './head-trainer.ts'
import type { ColumnGains, NoColumnGains } from '../set/column-gains.ts'
import { columnGains } from './column-gains.ts'
import { type FinalFit, finalFold, trainFinal } from './final.ts'
import type { SetMix } from './mix.ts'
import { checkMonotone, type Directions } from './monotone.ts'
import { calibrationFolds, makePlan, type PlanRequest, splitRows } from './plan.ts'

/** Options of the trees, all decided. */
export type TreeOptions = Pick<TrainOptions, 'earlyStoppingRounds' | 'gradientLevels'> &
  Required<Pick<TrainOptions, 'rounds' | 'learningRate' | 'maxDepth' | 'seed'>> & {
    /** Columns in which forecasts of every head that sees them may only rise (1) or only fall (-1). */
    readonly monotone?: Directions | undefined
  }

/** What to fit. */
export interface FitRequest {
  readonly stage: Stage
  /** `all` is every ablation that the stage has features for. */
  readonly ablation: Ablation | 'all'
  readonly plan: PlanRequest
  /** Seconds; default 60, 120, 180, 300. */
  readonly horizons?: readonly number[] | undefined
  /** Default all. */
  readonly anchors?: readonly Anchor[] | undefined
}

/** One set to fit: the heads of an ablation, in groups that may see the same features. */
export interface PlannedSet {
  readonly ablation: Ablation
  readonly groups: readonly FeatureGroup[]
  /** Columns that each anchor has to leave out because they become known after it. */
  readonly knownTooLate: Readonly<Record<string, readonly string[]>>
}

/** What a request comes to on given signals: dates by role, targets, and the sets to fit. */
export interface FitPlan {
  readonly signals: Signals
  readonly stage: Stage
  readonly targets: readonly HeadTarget[]
  readonly rows: SplitRows
  readonly plan: WalkForwardPlan
  readonly embargoSessions: number
  readonly sets: readonly PlannedSet[]
  /** Ablations of "all" that the stage has no features for. */
  readonly leftOut: readonly Ablation[]
}

/**
 * Plans what {@link fitSet} does. Throws where an ablation asked for by name has no features, and on dates that do not make a
 * walk-forward plan.
 */
export function planFit(signals: Signals, request: FitRequest): FitPlan {
  const { stage, ablation } = request
  const targets = requestedTargets(signals, request)
  const rows = splitRows(signals.table, labelSeconds(signals, targets))
  const knownBy = Math.min(...targets.map((target) => lastKnown(stage, target)))
  const isFitted = (each: Ablation): boolean =>
    each === ablation || (ablation === 'all' && hasFeatures(signals.schema, { stage, ablation: each, knownBy }))
  return {
    signals,
    stage,
    targets,
    rows,
    plan: makePlan(rows, request.plan),
    embargoSessions: request.plan.embargoSessions,
    sets: ABLATIONS.filter(isFitted).map((each) => plannedSet(signals.schema, stage, each, targets)),
    leftOut: ablation === 'all' ? ABLATIONS.filter((each) => !isFitted(each)) : [],
  }
}

/** Seconds from the start of a touch's minute until the last label of the targets has ended. */
export const labelSeconds = (
  { lookforwardSeconds }: Pick<Signals, 'lookforwardSeconds'>,
  targets: readonly Pick<HeadTarget, 'anchorSeconds'>[],
): number => Math.max(...targets.map(({ anchorSeconds }) => anchorSeconds)) + lookforwardSeconds

/** Horizons of the reach heads among targets in seconds, each once, in order of their heads. */
export function horizonsOf(targets: readonly Pick<HeadTarget, 'name'>[]): number[] {
  const horizons = targets.flatMap(({ name }) => {
    const question = parseHeadName(name)?.question
    return question?.kind === 'reach' ? [question.horizon] : []
  })
  return [...new Set(horizons)]
}

/** Targets of every head of a request. */
export function requestedTargets(
  signals: Signals,
  { anchors, horizons }: Pick<FitRequest, 'anchors' | 'horizons'>,
): HeadTarget[] {
  return deriveHeads(signals.table, {
    thresholds: signals.thresholds,
    windowSeconds: signals.lookforwardSeconds,
    ...(anchors === undefined ? {} : { anchors }),
    ...(horizons === undefined ? {} : { horizons }),
  })
}

/**
 * Puts heads together that see the same features: those of one anchor. A feature known after a head's anchor does not feed it; where
 * price stands at the anchor does, from the confirmation on.
 */
export function plannedSet(
  schema: Schema,
  stage: Stage,
  ablation: Ablation,
  targets: readonly HeadTarget[],
): PlannedSet {
  const byAnchor = new Map<Anchor, { anchor: Anchor; features: FeatureGroup['features']; targets: HeadTarget[] }>()
  const confirmed = confirmedFeatures(schema, stage)
  const knownTooLate: Record<string, readonly string[]> = {}
  for (const target of targets) {
    const selection = selectFeatures(schema, { stage, ablation, knownBy: lastKnown(stage, target) })
    const { anchor } = target
    const group = byAnchor.get(anchor) ?? { anchor, features: [...selection.features, ...confirmed], targets: [] }
    group.targets.push(target)
    byAnchor.set(anchor, group)
    if (selection.knownTooLate.length > 0) knownTooLate[target.anchor] = selection.knownTooLate
  }
  return { ablation, groups: [...byAnchor.values()], knownTooLate }
}

/** How far a fit has come. */
export interface FitProgress {
  /** Share of the work, in [0, 1]. */
  readonly done: number
  /** The fold at work, from 0, among how many. */
  readonly fold: number
  readonly folds: number
  /** The head that reported. */
  readonly head: string
}

/** How {@link fitSet} fits. */
export interface FitOptions {
  readonly trees: TreeOptions
  /** Inner folds of each fold whose predictions calibrators are fitted on; 0 for none. */
  readonly calibrationFolds: number
  /** The bars that the signals were made from, for the law's forecast of volatility; without them it is the ATR's. */
  readonly bars?: Bars | undefined
  /** Default `trainHeads`, on this thread. */
  readonly train?: HeadTrainer
  /** Whether models are then fitted on all sessions, with what the folds chose: those to serve. Default false. */
  readonly final?: boolean | undefined
  /** Gives folds, inner folds and laws that were trained before, as jobs; by default they are trained here. */
  readonly trained?: TrainedBefore | undefined
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: FitProgress) => void
}

/** A fitted set, in memory. */
export interface FittedSet extends Omit<PlannedSet, 'groups'>, Omit<FitPlan, 'sets' | 'leftOut' | 'rows'> {
  readonly trees: TreeOptions
  readonly calibrationFolds: number
  /** In plan order; without a final fit the models of the last are those to serve. */
  readonly folds: readonly CalibratedFold[]
  /** What each column adds beyond the law of the last fold. */
  readonly columnsBeyondLaw: ColumnGains | NoColumnGains
  /** Models of all sessions, to serve in place of the last fold's; no figure is theirs. */
  readonly final?: FinalFit | undefined
  /** How neighbours and gate enter what is served; absent where training did not say. */
  readonly mix?: SetMix | undefined
  /** Inner folds trained to fit calibrators, over all folds. */
  readonly innerFolds: number
}

/** Inner folds of each fold of a plan, whose predictions its calibrators are fitted on. */
export function innerFoldsOf({ plan, rows, embargoSessions }: FitPlan, count: number): Fold[][] {
  return plan.folds.map((fold) => calibrationFolds(fold, rows, count, embargoSessions))
}

/**
 * Trains every fold of one planned set with its calibrators. The same plan and options give the same bits, whatever trains the
 * heads. Throws the signal's reason when aborted.
 */
export async function fitSet(plan: FitPlan, set: PlannedSet, options: FitOptions): Promise<FittedSet> {
  const { signals, rows, plan: folds, embargoSessions } = plan
  const { trees, train = trainHeads, signal } = options
  checkMonotone(
    plan.sets.flatMap(({ groups }) => groups),
    trees.monotone,
  )
  const inner = innerFoldsOf(plan, options.calibrationFolds)
  const report = reporter(set, inner, options.onProgress)
  const fitted: CalibratedFold[] = []
  for (const [i, fold] of folds.folds.entries()) {
    const input = {
      signals: { ...signals, bars: options.bars },
      rows,
      fold,
      groups: set.groups,
      train,
      options: { ...trees, ...(signal === undefined ? {} : { signal }) },
      onHead: report.onHead(i),
      trained: options.trained,
      isPublished: i === folds.folds.length - 1,
    }
    fitted.push(await trainCalibratedFold(input, inner[fold.index] ?? [], report.onUnit))
  }
  const last = fitted.at(-1)
  const gainsBefore = options.trained?.columnsBeyondLaw
  const columnsBeyondLaw =
    last !== undefined && gainsBefore !== undefined
      ? await gainsBefore(last.fold)
      : columnGains({
          signals: { ...signals, bars: options.bars },
          targets: set.groups.flatMap(({ targets }) => targets),
          fold: last,
          seed: trees.seed,
        })
  const final = options.final === true ? { final: await fitFinal(plan, set, fitted, options) } : {}
  const { ablation, knownTooLate } = set
  const { stage, targets } = plan
  return {
    ablation,
    knownTooLate,
    signals,
    stage,
    targets,
    plan: folds,
    embargoSessions,
    trees: options.trees,
    calibrationFolds: options.calibrationFolds,
    folds: fitted,
    columnsBeyondLaw,
    ...final,
    innerFolds: inner.reduce((sum, each) => sum + each.length, 0),
  }
}

/** Fits all sessions of a plan with what its folds, which are fitted, chose. */
export function fitFinal(
  { signals, rows, plan }: Pick<FitPlan, 'signals' | 'rows' | 'plan'>,
  { groups }: Pick<PlannedSet, 'groups'>,
  folds: readonly CalibratedFold[],
  { trees, train = trainHeads, bars, trained, signal }: Omit<FitOptions, 'calibrationFolds'>,
): Promise<FinalFit> {
  const options = { ...trees, ...(signal === undefined ? {} : { signal }) }
  const fold = finalFold(plan, signals.dates, rows)
  return trainFinal({ signals: { ...signals, bars }, rows, fold, groups, train, options, trained }, folds)
}

/** Turns rounds of heads into shares of the whole work: all heads, once for each fold and inner fold. */
function reporter(
  { groups }: PlannedSet,
  inner: readonly (readonly Fold[])[],
  onProgress: FitOptions['onProgress'],
): {
  readonly onHead: (fold: number) => (head: number, name: string, round: number, rounds: number) => void
  readonly onUnit: () => void
} {
  const heads = groups.reduce((sum, { targets }) => sum + targets.length, 0)
  const units = inner.reduce((sum, folds) => sum + folds.length + 1, 0)
  let unit = -1
  let shares = new Map<number, number>()
  return {
    onHead: (fold) => (head, name, round, rounds) => {
      shares.set(head, round / rounds)
      const done = [...shares.values()].reduce((sum, share) => sum + share, 0)
      onProgress?.({ done: (unit * heads + done) / (heads * units), fold, folds: inner.length, head: name })
    },
    onUnit: () => {
      unit++
      shares = new Map()
    },
  }
}

/**
 * The second by which a feature of a stage must be known, in whole seconds: the anchor for stage B, which serves from it on, and before it for
 * stage A, which serves until then: what ends at the anchor is never known while stage A answers.
 */
function lastKnown(stage: Stage, { anchorSeconds }: HeadTarget): number {
  return stage === 'stage_a' ? anchorSeconds - 1 : anchorSeconds
}
