import { aheadTargets } from '@breakwater/features'
import { type AheadRecord, type HeadRecord, locate } from '@breakwater/models'
import type { PredictedPart, TrainedSet } from '@breakwater/models/node'
import type { ForecastBlock } from '../blocks.ts'
import { headForecasts } from '../blocks.ts'
import type { DataQuality, EvaluationSet, PredictionSource, SetProvenance } from '../documents/evaluation.ts'
import type { Importance } from '../documents/explanation.ts'
import type { HeadEvaluation, SkippedHead } from '../documents/head.ts'
import type { HeadInput } from '../evaluate-head.ts'
import { evaluateHere, type HeadEvaluator } from '../evaluate-heads.ts'
import { attributionsOf, type LocatedPart } from './attributions.ts'
import { BASE, baseColumn, LAW, lawColumn, SERVED, servedOrNone } from './columns.ts'
import { setBlocks } from './set-blocks.ts'
import { summariseEpisodes } from './summarise.ts'

/** A trained set with what to score it on. */
export interface SetInput {
  readonly trained: TrainedSet
  /** Recorded predictions, and those of dates beyond the plan where such are scored. */
  readonly parts: readonly PredictedPart[]
  /** Seed of the resampled sessions. */
  readonly seed: number
}

/**
 * Scores every head of one set, as it is served, on the rows that its fold's model did not train on. Cost: mostly that of resampling
 * sessions for each head's intervals, which `withHeadEvaluator` shares among threads.
 */
export async function evaluateSet(
  { trained, parts, seed }: SetInput,
  evaluate: HeadEvaluator = evaluateHere,
): Promise<EvaluationSet> {
  const { details } = trained
  const located = parts.map((part) => ({ ...part, rows: locate(part.signals.table, part.predictions) }))
  const blocks = withAhead(setBlocks(parts, [servedOrNone(trained), lawColumn(), baseColumn(trained)]), trained)
  const { ahead = [], columnsBeyondLaw = UNTOLD } = details
  const heads = details.heads.map((record) => headOf(record, { trained, located, blocks, seed }))
  const inputs = [
    ...heads.filter((head) => 'forecasts' in head),
    ...ahead.map((record) => aheadHead(record, { blocks, seed })),
  ]
  const columns = { served: SERVED, law: LAW, base: BASE }
  const summarised = async (): Promise<EvaluationSet['summary']> =>
    summariseEpisodes({ blocks, heads: details.heads, ahead, ...columns, seed })
  const [evaluations, summary] = await Promise.all([evaluate(inputs), summarised()])
  const evaluated = evaluations.values()
  const next = (): HeadEvaluation => evaluated.next().value as HeadEvaluation
  return {
    stage: details.stage,
    ablation: details.ablation,
    source: sourceOf(trained, parts),
    plan: { kind: details.plan.kind, folds: details.plan.folds },
    calibrated: parts.every(({ predictions }) => predictions.calibrated.size > 0),
    serving: details.serving,
    final: finalOf(details),
    mix: mixOf(details),
    touch: touchOf(details),
    summary,
    heads: heads.map((head) => ('forecasts' in head ? next() : head)),
    ahead: ahead.map(() => next()),
    columnsBeyondLaw,
    dataQuality: qualityOf(trained),
    provenance: provenanceOf(trained),
    calibration: null,
  }
}

const UNTOLD = { reason: 'the set was trained before this was recorded' }

/** Blocks with the targets of what is still to come beside those of their heads. */
function withAhead(blocks: readonly ForecastBlock[], { details: { ahead = [] } }: TrainedSet): ForecastBlock[] {
  const anchors = [...new Set(ahead.map(({ anchor }) => anchor))]
  if (anchors.length === 0) return [...blocks]
  return blocks.map((block) => {
    const { table, lookforwardSeconds: windowSeconds } = block.signals
    return { ...block, targets: [...block.targets, ...aheadTargets(table, { anchors, windowSeconds })] }
  })
}

function finalOf({ final }: TrainedSet['details']): EvaluationSet['final'] {
  if (final === undefined) return null
  const { dates, rows } = final
  return { sessions: dates.length, firstDate: dates[0] ?? '', lastDate: dates.at(-1) ?? '', rows }
}

function mixOf({ mix, plan }: TrainedSet['details']): EvaluationSet['mix'] {
  if (mix === undefined) return null
  const last = mix.fits.filter(({ fold }) => fold === plan.folds.length - 1)
  return { kind: mix.kind, terms: last.map(({ anchor, reasons }) => ({ anchor, ...reasons })) }
}

/** Of the normal distribution at 97.5%. */
const Z = 1.959963984540054

function touchOf({ law }: TrainedSet['details']): EvaluationSet['touch'] {
  const tried = law?.folds.at(-1)?.approach ?? null
  if (tried === null) return null
  const { isKept, reason, tested } = tried
  if (tested === null) {
    return { isShifted: isKept, reason, law: null, served: null, trees: null, sessions: 0, rows: 0 }
  }
  const { law: alone, shifted, saved, standardError, sessions, rows } = tested
  const trees = { saved, low: saved - Z * standardError, high: saved + Z * standardError }
  return { isShifted: isKept, reason, law: alone, served: isKept ? shifted : alone, trees, sessions, rows }
}

interface HeadContext {
  readonly trained: TrainedSet
  readonly located: readonly LocatedPart[]
  readonly blocks: readonly ForecastBlock[]
  readonly seed: number
}

function headOf(record: HeadRecord, { trained, located, blocks, seed }: HeadContext): HeadInput | SkippedHead {
  const reasons = record.folds.filter(({ status }) => status === 'skipped').map(({ reason }) => reason ?? 'unknown')
  if (reasons.length === record.folds.length) return skipped(record, [...new Set(reasons)].join('; '))
  return {
    forecasts: headForecasts(blocks, record).forecasts,
    anchor: record.anchor,
    column: SERVED,
    reference: BASE,
    law: LAW,
    thresholds: trained.details.data.thresholds,
    resampling: { seed },
    masked: maskedOf(record),
    importance: importanceOf(record),
    attributions: attributionsOf(trained, located, record.name),
  }
}

/** No trees are behind it: nothing is said of columns. */
function aheadHead(record: AheadRecord, { blocks, seed }: Pick<HeadContext, 'blocks' | 'seed'>): HeadInput {
  return {
    forecasts: headForecasts(blocks, { name: record.name, task: 'regression' }).forecasts,
    anchor: record.anchor,
    column: SERVED,
    reference: BASE,
    law: LAW,
    resampling: { seed },
    masked: maskedOf(record),
  }
}

const maskedOf = (record: Pick<HeadRecord, 'masked'>): { reason: string; rows: number }[] =>
  Object.entries(record.masked).map(([reason, rows]) => ({ reason, rows }))

function skipped(record: HeadRecord, reason: string): SkippedHead {
  const { name, anchor, task } = record
  return { name, anchor, masked: maskedOf(record), task, status: 'skipped', reason }
}

function importanceOf(record: HeadRecord): Importance[] {
  const total = record.importance.reduce((sum, { gain }) => sum + gain, 0)
  return record.importance.map(({ column, gain }) => ({ column, gain, share: total > 0 ? gain / total : null }))
}

function sourceOf({ details }: TrainedSet, parts: readonly PredictedPart[]): PredictionSource {
  if (parts.length > 1) return 'held-out test dates'
  if (details.predictions.role === 'validation') return 'validation (used for early stopping)'
  return details.plan.kind === 'explicit' ? 'held-out test dates' : 'out of fold'
}

function provenanceOf({ details, metadata }: TrainedSet): SetProvenance {
  const { gitSha, libraryVersion, seed, data, predictions } = details
  const files = metadata.heads.flatMap((head) => ('file' in head ? [{ file: head.file, sha256: head.sha256 }] : []))
  const recorded = { file: predictions.file, sha256: predictions.sha256 }
  return {
    trained: metadata.timestamp,
    gitSha,
    libraryVersion,
    seed,
    dataHash: data.hash,
    files: [...files, recorded],
  }
}

function qualityOf({ details }: TrainedSet): DataQuality {
  const { columns, missing, unseen } = details.quality
  const { rows } = details.data
  return {
    columns,
    missing: Object.entries(missing)
      .filter(([, count]) => count > 0)
      .map(([column, count]) => ({ column, rows: count, rate: count / rows }))
      .toSorted((a, b) => b.rows - a.rows || (a.column < b.column ? -1 : 1)),
    allMissing: Object.keys(missing).filter((column) => missing[column] === rows),
    unseenCategories: Object.entries(unseen).flatMap(([column, values]) =>
      Object.entries(values).map(([category, count]) => ({ column, category, rows: count })),
    ),
  }
}
