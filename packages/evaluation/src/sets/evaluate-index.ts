import { type Anchor, headName, type HeadTarget } from '@breakwater/features'
import {
  both,
  constantOf,
  type IndexedRows,
  type IndexOptions,
  locate,
  outcomeName,
  outcomeTargets,
  type Predictions,
  type Signals,
  withOutcomes,
} from '@breakwater/models'
import type { NeighbourColumns } from '@breakwater/models/jobs'
import { type ForecastBlock, headForecasts } from '../blocks.ts'
import type { IndexEvaluation, QuestionName, QuestionScore } from '../documents/index-evaluation.ts'
import { QUESTIONS, scoreQuestion } from '../index-questions.ts'
import { SERVED, servedForecasts } from './columns.ts'

/** What an evaluation of an index reads. */
export interface IndexInput {
  readonly signals: Signals
  /** What the set forecasts of these signals. */
  readonly predictions: Predictions
  readonly targets: readonly HeadTarget[]
  readonly folds: readonly IndexedRows[]
  readonly options: Pick<IndexOptions, 'anchor'>
  /** What the neighbours of each predicted row said, by the number of neighbours asked for: see `askFoldsByJobs` of models. */
  readonly answers: ReadonlyMap<number, NeighbourColumns>
  readonly seed: number
}

/**
 * Scores what the index of each fold's training rows said about the rows that the fold's trees predicted, which neither has seen,
 * beside the trees, the law and the base rate on the same rows.
 */
export function evaluateIndex(input: IndexInput): IndexEvaluation {
  const { predictions, answers, folds } = input
  const asked = new Set(folds.map(({ fold }) => fold))
  const questions = questionBlock(input, locate(input.signals.table, predictions))
  return {
    role: predictions.role,
    rows: predictions.fold.filter((fold) => asked.has(fold)).length,
    folds: folds.length,
    scores: [...answers].flatMap(([k, columns]) => scoresAt(k, columns, questions, input.seed)),
    ladder: [...answers].map(([k, columns]) => ({ k, ...ladderOf(columns) })),
  }
}

/** The targets of the questions at the index's anchor, and the forecasts of the set, its law and the base rate for them. */
interface QuestionBlock {
  readonly block: Omit<ForecastBlock, 'columns'>
  readonly headOf: Readonly<Record<QuestionName, string>>
  readonly served: ReadonlyMap<string, Float64Array>
  readonly law: ReadonlyMap<string, Float64Array>
  readonly base: ReadonlyMap<string, Float64Array>
}

function questionBlock({ signals, targets, options, predictions, folds }: IndexInput, rows: Int32Array): QuestionBlock {
  const headOf = headsAt(options.anchor)
  const all = [...targets, ...outcomeTargets(targets)]
  const base = QUESTIONS.map((question) => {
    const target = all.find(({ name }) => name === headOf[question])
    if (target === undefined) throw new Error(`evaluation: head ${headOf[question]} has no targets`)
    const rates = new Map(
      folds.map(({ fold, train }) => [fold, constantOf('binary', target.values, both(train, target.mask))]),
    )
    return [target.name, Float64Array.from(predictions.fold, (fold) => rates.get(fold) ?? Number.NaN)] as const
  })
  return {
    block: { signals, targets: all, rows, folds: predictions.fold, keep: () => true },
    headOf,
    served: withOutcomes(servedForecasts(predictions)),
    law: withOutcomes(predictions.law),
    base: new Map(base),
  }
}

const headsAt = (anchor: Anchor): QuestionBlock['headOf'] => ({
  p_break: outcomeName('p_break', anchor),
  p_break_given_tradeable: headName({ kind: 'direction' }, anchor),
  p_tradeable_2: headName({ kind: 'tradeable_2' }, anchor),
})

/** The column that answers a question. */
const ANSWERS: Readonly<Record<QuestionName, (columns: NeighbourColumns) => Float64Array>> = {
  p_break: ({ pBreak }) => pBreak,
  p_break_given_tradeable: ({ pBreakGivenTradeable }) => pBreakGivenTradeable,
  p_tradeable_2: ({ pTradeable2 }) => pTradeable2,
}

function scoresAt(
  k: number,
  answers: NeighbourColumns,
  { block, headOf, served, law, base }: QuestionBlock,
  seed: number,
): QuestionScore[] {
  return QUESTIONS.map((question) => {
    const head = { name: headOf[question], task: 'binary' as const }
    const columns = new Map([
      ['neighbours', new Map([[head.name, ANSWERS[question](answers)]])],
      ['base', base],
      [SERVED, served],
      ['law', law],
    ])
    const { forecasts } = headForecasts([{ ...block, columns }], head)
    if (forecasts.targets.length > 0) return scoreQuestion(question, k, forecasts, seed)
    // A set that serves no probability takes no part: neighbours and base rate are still scored.
    const others = new Map([...columns].filter(([id]) => id !== SERVED))
    return scoreQuestion(question, k, headForecasts([{ ...block, columns: others }], head).forecasts, seed)
  })
}

function ladderOf({ rung, distancePercentile }: NeighbourColumns): {
  rungs: number[]
  distancePercentile: number | null
} {
  const rungs = [0, 1, 2, 3].map((wanted) => rung.filter((each) => each === wanted).length)
  const known = distancePercentile.filter((value) => !Number.isNaN(value))
  return { rungs, distancePercentile: known.length === 0 ? null : known.reduce((a, b) => a + b) / known.length }
}
