import { stringsOf, timesOf } from '@breakwater/features'
import { type HeadRecord, type Predictions, type Signals, targetsOf, type TrainingDetails } from '@breakwater/models'
import type { PredictedPart, Run, TrainedSet } from '@breakwater/models/node'
import { type ForecastBlock, headForecasts } from '../blocks.ts'
import type { PairedGroup, PairedHead, RunDifference, SettingDifference } from '../documents/runs.ts'
import type { GroupSummary, StrengthSummary } from '../documents/summary.ts'
import { columnScores, LEVEL, SAMPLES, score } from '../score.ts'
import { servedOrNone } from '../sets/columns.ts'
import { setBlocks } from '../sets/set-blocks.ts'
import { summarise } from '../sets/summarise.ts'
import { figuresOf } from '../side-by-side.ts'
import { runSummary } from './run-summary.ts'

/** A run with its models and recorded predictions. */
export interface LoadedRun {
  readonly run: Run
  readonly trained: Pick<TrainedSet, 'details' | 'bundles' | 'predictions'>
}

/** Two runs to compare. */
export interface RunPair {
  readonly a: LoadedRun
  readonly b: LoadedRun
  /** Signals that hold the targets: those of one of the two. */
  readonly signals: Signals
  /** Seed of the resampled sessions. */
  readonly seed: number
}

const A = 'a'
const B = 'b'

/**
 * What two runs serve, on the recorded rows of both: log loss (or absolute error) of each and what B saves of A's, paired by row, with
 * intervals that resample whole sessions (`sessionBlockBootstrap` of calibration); settings and data that differ.
 *
 * A row is the same where event and time are. Throws where the runs ask different questions (other thresholds, or another
 * label window), or share no row. As in `evaluate`, what is served is without a mix of neighbours and gate, and by the folds' models.
 */
export function compareRuns({ a, b, signals, seed }: RunPair): RunDifference {
  checkQuestions(a, b)
  const [one, other] = [a.trained, b.trained]
  const rows = commonRows(one.predictions, other.predictions, signals)
  if (rows.length === 0) throw new Error(nothingCommon(a, b))
  const targets = targetsOf(one.details, signals)
  const partOf = (predictions: Predictions, which: 'a' | 'b'): PredictedPart => ({
    signals,
    targets,
    predictions: take(
      predictions,
      rows.map((pair) => pair[which]),
    ),
    keep: () => true,
  })
  const [part, its] = [partOf(one.predictions, A), partOf(other.predictions, B)]
  const served = servedOrNone(other).heads(its)
  const blocks = setBlocks(
    [part],
    [
      { ...servedOrNone(one), id: A },
      { ...servedOrNone(other), id: B, heads: () => served },
    ],
  )
  const names = new Set(other.details.heads.map(({ name }) => name))
  const heads = one.details.heads.filter(({ name }) => names.has(name))
  return {
    format: 'breakwater-run-difference',
    version: 1,
    a: runSummary(a.run),
    b: runSummary(b.run),
    settings: settingDifferences(one.details, other.details),
    data: {
      same: one.details.data.hash === other.details.data.hash,
      onlyA: without(one.details.data.dates, other.details.data.dates),
      onlyB: without(other.details.data.dates, one.details.data.dates),
    },
    common: {
      sessions: sessionsOf(blocks),
      rowsA: one.predictions.rows,
      rowsB: other.predictions.rows,
      rows: rows.length,
    },
    targets: signals.hash,
    method: { level: LEVEL, samples: SAMPLES, seed },
    summary: pairedSummary(blocks, heads, seed),
    heads: heads.flatMap((head) => pairedHead(blocks, head, seed) ?? []),
  }
}

/** Rows of both predictions that are of one event at one time, which the signals have too. */
function commonRows(a: Predictions, b: Predictions, { table }: Signals): { readonly a: number; readonly b: number }[] {
  const times = timesOf(table, 'ts_ns')
  const known = new Map(stringsOf(table, 'event_id').map((id, row) => [id, times[row]]))
  const places = new Map(b.eventIds.map((id, row) => [id, row]))
  return a.eventIds.flatMap((id, row) => {
    const place = places.get(id)
    const at = a.tsNs[row]
    return place !== undefined && b.tsNs[place] === at && known.get(id) === at ? [{ a: row, b: place }] : []
  })
}

/** The chosen rows of predictions, in the order of `rows`. */
function take(predictions: Predictions, rows: readonly number[]): Predictions {
  const picked = (values: Float64Array): Float64Array => Float64Array.from(rows, (row) => values[row] as number)
  const heads = (of: ReadonlyMap<string, Float64Array>): Map<string, Float64Array> =>
    new Map([...of].map(([name, values]) => [name, picked(values)]))
  return {
    role: predictions.role,
    rows: rows.length,
    eventIds: rows.map((row) => predictions.eventIds[row] as string),
    tsNs: BigInt64Array.from(rows, (row) => predictions.tsNs[row] as bigint),
    fold: picked(predictions.fold),
    heads: heads(predictions.heads),
    calibrated: heads(predictions.calibrated),
    law: heads(predictions.law),
    tilted: heads(predictions.tilted),
    served: heads(predictions.served),
  }
}

function pairedSummary(
  blocks: readonly ForecastBlock[],
  heads: readonly HeadRecord[],
  seed: number,
): RunDifference['summary'] {
  // Saved beside the other run, as a summary tells it beside the law.
  const b = summarise({ blocks, heads, served: B, law: A, base: A, seed })
  const a = summarise({ blocks, heads, served: A, law: B, base: B, seed })
  return {
    anchor: b.anchor,
    reach: paired(a.reach, b.reach),
    tradeable: paired(a.tradeable, b.tradeable),
    direction: paired(a.direction, b.direction),
    strength: paired(a.strength, b.strength),
  }
}

type Group = GroupSummary | StrengthSummary | null

function paired(of: Group, other: Group): PairedGroup | null {
  if (of === null || other === null) return null
  const { heads, rows, sessions, beyond_law: saved } = other
  return { heads, rows, sessions, loss_a: lossOf(of), loss_b: lossOf(other), saved }
}

const lossOf = (group: GroupSummary | StrengthSummary): PairedGroup['loss_a'] =>
  'mae' in group ? group.mae : group.mean_log_loss

function pairedHead(
  blocks: readonly ForecastBlock[],
  { name, anchor, task }: HeadRecord,
  seed: number,
): PairedHead | null {
  const { forecasts } = headForecasts(blocks, { name, task })
  if (forecasts.targets.length === 0) return null
  const [loss, gain] = task === 'binary' ? (['log_loss', 'gain_log_loss'] as const) : (['mae', 'gain_mae'] as const)
  const scores = score(forecasts, { metrics: [loss, gain], baseline: A, resampling: { seed } })
  const [a, b] = [columnScores(scores, A), columnScores(scores, B)]
  return {
    name,
    anchor,
    task,
    rows: scores.rows,
    sessions: scores.sessions,
    leftOut: forecasts.leftOut,
    loss_a: figuresOf(a.metrics[loss]),
    loss_b: figuresOf(b.metrics[loss]),
    saved: figuresOf(b.metrics[gain]),
  }
}

const without = (dates: readonly string[], others: readonly string[]): string[] => {
  const known = new Set(others)
  return dates.filter((date) => !known.has(date))
}

function sessionsOf([block]: readonly ForecastBlock[]): string[] {
  if (block === undefined) return []
  const dates = stringsOf(block.signals.table, 'date')
  return [...new Set(Array.from(block.rows, (row) => dates[row] as string))].toSorted()
}

const called = ({ run }: LoadedRun): string => run.id ?? run.name

/** Throws where a head of the same name asks something else in the other run. */
function checkQuestions(a: LoadedRun, b: LoadedRun): void {
  const [one, other] = [a.trained.details.data, b.trained.details.data]
  if (one.thresholds.join() !== other.thresholds.join()) {
    throw new Error(
      `evaluation: runs ${called(a)} and ${called(b)}: have thresholds of $${one.thresholds.join(' and $')}, and of $${other.thresholds.join(' and $')}: ` +
        'their heads ask different questions. Compare runs of the same thresholds.',
    )
  }
  const [window, itsWindow] = [one.settings?.['lookforward'], other.settings?.['lookforward']]
  if (window !== undefined && itsWindow !== undefined && window !== itsWindow) {
    throw new Error(
      `evaluation: runs ${called(a)} and ${called(b)}: have label windows of ${JSON.stringify(window)} and of ${JSON.stringify(itsWindow)} minutes: ` +
        'their heads ask different questions. Compare runs of the same window.',
    )
  }
}

function nothingCommon(a: LoadedRun, b: LoadedRun): string {
  const range = ({ trained: { details, predictions } }: LoadedRun): string => {
    const dates = details.plan.folds.flatMap((fold) => (predictions.role === 'test' ? fold.test : fold.validation))
    const sorted = dates.toSorted()
    return `${predictions.rows} ${predictions.role} rows, ${sorted[0] ?? 'none'} to ${sorted.at(-1) ?? 'none'}`
  }
  return (
    `evaluation: runs ${called(a)} and ${called(b)}: share no row: ${called(a)} predicted ${range(a)}; ${called(b)} ${range(b)}. ` +
    'Compare runs with test sessions in common, made from the same signals.'
  )
}

/** The settings that differ between two trainings: of the set, the signals, the plan, the trees, and the program. */
function settingDifferences(a: TrainingDetails, b: TrainingDetails): SettingDifference[] {
  const [one, other] = [settingsOf(a), settingsOf(b)]
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])].toSorted()
  return names
    .filter((name) => JSON.stringify(one[name]) !== JSON.stringify(other[name]))
    .map((name) => ({ name, a: one[name], b: other[name] }))
}

function settingsOf(details: TrainingDetails): Readonly<Record<string, unknown>> {
  const { data, options, plan, law } = details
  return {
    stage: details.stage,
    ablation: details.ablation,
    seed: details.seed,
    final: details.final !== undefined,
    mix: details.mix?.kind ?? null,
    gitSha: details.gitSha,
    libraryVersion: details.libraryVersion,
    symbol: data.symbol,
    schemaVersion: data.schemaVersion,
    thresholds: data.thresholds,
    'law.bars': law?.bars ?? null,
    'plan.kind': plan.kind,
    ...prefixed('plan', plan.options),
    ...prefixed('signals', data.settings ?? {}),
    ...prefixed('trees', { ...options, monotone: sorted(options.monotone) }),
  }
}

const prefixed = (prefix: string, values: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}.${name}`, value]))

/** The same object with its keys in order, so that the order in which they were given makes no difference. */
const sorted = <T>(values: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(values).toSorted(([one], [other]) => (one < other ? -1 : 1)))
