import { availableParallelism } from 'node:os'
import { type Anchor, fitEncoder, headName, type HeadTarget } from '@breakwater/features'
import {
  type AnchorFeatures,
  ask,
  both,
  constantOf,
  fitOnRows,
  type IndexedRows,
  type IndexOptions,
  locate,
  outcomeName,
  outcomeTargets,
  type Predictions,
  type Signals,
  tableAtAnchor,
  withOutcomes,
} from '@breakwater/models'
import type { Summary } from '@breakwater/retrieval'
import { createPool } from '@breakwater/retrieval/node'
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
  readonly served: AnchorFeatures
  readonly folds: readonly IndexedRows[]
  readonly options: IndexOptions
  /** Numbers of neighbours to try. */
  readonly ks: readonly number[]
  readonly seed: number
  readonly signal?: AbortSignal
  /** Called with the questions answered so far and all of them. */
  readonly onProgress?: (done: number, total: number) => void
}

/**
 * Fits an index on each fold's training rows and asks it about the rows that the fold's trees predicted, which neither has
 * seen; scores both on the same rows.
 */
export async function evaluateIndex(input: IndexInput): Promise<IndexEvaluation> {
  const { predictions, ks } = input
  const located = locate(input.signals.table, predictions)
  const answers = await askFolds(input, located)
  const questions = questionBlock(input, located)
  return {
    role: predictions.role,
    rows: input.folds.reduce((sum, { fold }) => sum + placesOf(predictions, fold).length, 0),
    folds: input.folds.length,
    scores: ks.flatMap((k) => scoresAt(k, answers.get(k) ?? [], questions, input.seed)),
    ladder: ks.map((k) => ({ k, ...ladderOf(answers.get(k) ?? []) })),
  }
}

const placesOf = ({ fold, rows }: Predictions, wanted: number): Int32Array =>
  Int32Array.from({ length: rows }, (_, place) => place).filter((place) => fold[place] === wanted)

/** By k, the neighbours' answers for each predicted row; null where no fold forecast it. */
type Answers = ReadonlyMap<number, readonly (Summary | null)[]>

async function askFolds(input: IndexInput, located: Int32Array): Promise<Answers> {
  const { predictions, folds, ks, onProgress } = input
  const answers = new Map(ks.map((k) => [k, Array.from<Summary | null>({ length: predictions.rows }).fill(null)]))
  const places = folds.map(({ fold }) => placesOf(predictions, fold))
  const total = places.reduce((sum, rows) => sum + rows.length, 0) * ks.length
  let done = 0
  for (const [i, fold] of folds.entries()) {
    const asked = places[i] ?? new Int32Array()
    const rows = asked.map((place) => located[place] as number)
    for await (const { k, summaries } of askFold(input, fold, rows, (count) => onProgress?.(done + count, total))) {
      done += rows.length
      const into = answers.get(k) ?? []
      for (const [j, summary] of summaries.entries()) into[asked[j] as number] = summary
    }
  }
  return answers
}

async function* askFold(
  { signals, targets, served, options, ks, signal }: IndexInput,
  { train }: IndexedRows,
  rows: Int32Array,
  onRows: (done: number) => void,
): AsyncGenerator<{ readonly k: number; readonly summaries: readonly Summary[] }> {
  const encoder = fitEncoder(tableAtAnchor(served.features, signals.table, options.anchor), served.features, {
    rows: train,
  })
  const { index, matrix } = fitOnRows({ signals, targets }, { encoder, mask: train }, options)
  const pool = createPool(index, { threads: availableParallelism() })
  try {
    for (const k of ks) {
      const question = { table: signals.table, matrix, rows, anchor: options.anchor, k }
      yield { k, summaries: await ask(pool, question, signal, onRows) }
    }
  } finally {
    await pool.close()
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

/** The answer of a summary to a question; null where its neighbours have none. */
const ANSWERS: Readonly<Record<QuestionName, (summary: Summary) => number | null>> = {
  p_break: ({ pBreak }) => pBreak,
  p_break_given_tradeable: ({ pBreakGivenTradeable }) => pBreakGivenTradeable,
  p_tradeable_2: ({ pTradeable2 }) => pTradeable2,
}

function scoresAt(
  k: number,
  answers: readonly (Summary | null)[],
  { block, headOf, served, law, base }: QuestionBlock,
  seed: number,
): QuestionScore[] {
  return QUESTIONS.map((question) => {
    const head = { name: headOf[question], task: 'binary' as const }
    const said = Float64Array.from(answers, (summary) =>
      summary === null ? Number.NaN : (ANSWERS[question](summary) ?? Number.NaN),
    )
    const columns = new Map([
      ['neighbours', new Map([[head.name, said]])],
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

function ladderOf(answers: readonly (Summary | null)[]): { rungs: number[]; distancePercentile: number | null } {
  const summaries = answers.filter((summary) => summary !== null)
  const rungs = [0, 1, 2, 3].map((rung) => summaries.filter((summary) => summary.rung === rung).length)
  const known = summaries.flatMap(({ distancePercentile }) => (distancePercentile === null ? [] : [distancePercentile]))
  return { rungs, distancePercentile: known.length === 0 ? null : known.reduce((a, b) => a + b) / known.length }
}
