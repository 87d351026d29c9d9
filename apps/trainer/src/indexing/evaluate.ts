import { availableParallelism } from 'node:os'
import { headForecasts, QUESTIONS, scoreQuestion } from '@breakwater/evaluation'
import type { ForecastBlock, IndexEvaluation, QuestionName, QuestionScore } from '@breakwater/evaluation'
import type { HeadTarget } from '@breakwater/features'
import { fitEncoder, headName } from '@breakwater/features'
import type { Summary } from '@breakwater/retrieval'
import { createPool } from '@breakwater/retrieval/node'
import { outcomeName, outcomeTargets, withOutcomes } from '../calibration/outcome-heads.ts'
import type { Context } from '../context.ts'
import { locate } from '../evaluation/collect.ts'
import type { TrainedSet } from '../evaluation/sets.ts'
import type { Progress } from '../progress.ts'
import type { Signals } from '../signals-file.ts'
import { both, constantOf } from '../training/masks.ts'
import type { Predictions } from '../training/predictions.ts'
import { ask } from './ask.ts'
import type { SetFeatures } from './features.ts'
import { fitOnRows } from './fold-index.ts'
import type { AskedFold, IndexOptions } from './fold-index.ts'

/** What an evaluation reads. */
export interface EvaluationInput {
  readonly signals: Signals
  readonly trained: TrainedSet
  readonly targets: readonly HeadTarget[]
  readonly served: SetFeatures
  readonly folds: readonly AskedFold[]
  readonly options: IndexOptions
  /** Numbers of neighbours to try. */
  readonly ks: readonly number[]
  readonly seed: number
}

/**
 * Fits an index on each fold's training rows and asks it about the rows that the fold's trees predicted, which neither has
 * seen; scores both on the same rows.
 */
export async function evaluateIndex(
  context: Context,
  progress: Progress,
  input: EvaluationInput,
): Promise<IndexEvaluation> {
  const { predictions } = input.trained
  const located = locate(input.signals.table, predictions)
  const answers = new Map(input.ks.map((k) => [k, Array.from<Summary | null>({ length: predictions.rows }).fill(null)]))
  const places = input.folds.map(({ fold }) => placesOf(predictions, fold))
  const total = places.reduce((sum, rows) => sum + rows.length, 0) * input.ks.length
  const step = progress.step('evaluate neighbours', total)
  let done = 0
  for (const [i, fold] of input.folds.entries()) {
    const asked = places[i] as Int32Array
    const rows = Int32Array.from(asked, (place) => located[place] as number)
    for await (const { k, summaries } of askFold(context, input, fold, rows, (count) => step.update(done + count))) {
      done += rows.length
      const into = answers.get(k) ?? []
      for (const [j, summary] of summaries.entries()) into[asked[j] as number] = summary
    }
  }
  step.end(`${total / input.ks.length} rows x ${input.ks.length} values of k`)
  const block = indexBlock(input, located)
  return {
    role: predictions.role,
    rows: total / input.ks.length,
    folds: input.folds.length,
    scores: input.ks.flatMap((k) => questionScores(input, { ...block, k, answers: answers.get(k) ?? [] })),
    ladder: input.ks.map((k) => ({ k, ...ladderOf((answers.get(k) ?? []).filter((each) => each !== null)) })),
  }
}

function placesOf({ fold, rows }: Predictions, wanted: number): Int32Array {
  return Int32Array.from({ length: rows }, (_, place) => place).filter((place) => fold[place] === wanted)
}

async function* askFold(
  context: Context,
  { signals, targets, served, options, ks }: EvaluationInput,
  { train }: AskedFold,
  rows: Int32Array,
  onRows: (done: number) => void,
): AsyncGenerator<{ readonly k: number; readonly summaries: readonly Summary[] }> {
  const quiet = { update: () => undefined, end: () => undefined }
  const encoder = fitEncoder(signals.table, served.features, { rows: train })
  const { index, matrix } = fitOnRows(signals, targets, encoder, train, options, quiet)
  const pool = createPool(index, { threads: availableParallelism() })
  try {
    for (const k of ks) {
      const question = { table: signals.table, matrix, rows, anchor: options.anchor, k }
      yield { k, summaries: await ask(pool, question, context.signal, onRows) }
    }
  } finally {
    await pool.close()
  }
}

/** The targets of the questions at the index's anchor, and what trees and base rate say to them. */
interface QuestionBlock {
  readonly block: Omit<ForecastBlock, 'columns'>
  readonly headOf: Readonly<Record<QuestionName, string>>
  readonly trees: ReadonlyMap<string, Float64Array>
  readonly base: ReadonlyMap<string, Float64Array>
}

function indexBlock({ signals, targets, options, trained, folds }: EvaluationInput, rows: Int32Array): QuestionBlock {
  const { predictions } = trained
  const headOf: QuestionBlock['headOf'] = {
    p_break: outcomeName('p_break', options.anchor),
    p_break_given_tradeable: headName({ kind: 'direction' }, options.anchor),
    p_tradeable_2: headName({ kind: 'tradeable_2' }, options.anchor),
  }
  const all = [...targets, ...outcomeTargets(targets)]
  const base = QUESTIONS.map((question) => {
    const target = all.find(({ name }) => name === headOf[question])
    if (target === undefined) throw new Error(`trainer: head ${headOf[question]} has no targets`)
    const rates = new Map(
      folds.map(({ fold, train }) => [
        fold,
        constantOf('binary', target.values, both(train, target.mask)) ?? Number.NaN,
      ]),
    )
    return [target.name, Float64Array.from(predictions.fold, (fold) => rates.get(fold) ?? Number.NaN)] as const
  })
  return {
    block: { signals, targets: all, rows, folds: predictions.fold, keep: () => true },
    headOf,
    trees: withOutcomes(predictions.heads),
    base: new Map(base),
  }
}

/** What a summary says to a question; null where its neighbours do not know. */
const ANSWERS: Readonly<Record<QuestionName, (summary: Summary) => number | null>> = {
  p_break: ({ pBreak }) => pBreak,
  p_break_given_tradeable: ({ pBreakGivenTradeable }) => pBreakGivenTradeable,
  p_tradeable_2: ({ pTradeable2 }) => pTradeable2,
}

function questionScores(
  { seed }: EvaluationInput,
  { block, headOf, trees, base, k, answers }: QuestionBlock & { k: number; answers: readonly (Summary | null)[] },
): QuestionScore[] {
  return QUESTIONS.map((question) => {
    const head = { name: headOf[question], task: 'binary' as const }
    const said = Float64Array.from(answers, (summary) =>
      summary === null ? Number.NaN : (ANSWERS[question](summary) ?? Number.NaN),
    )
    const columns = new Map([
      ['neighbours', new Map([[head.name, said]])],
      ['base', base],
      ['trees', trees],
    ])
    const { forecasts } = headForecasts([{ ...block, columns }], head)
    if (forecasts.targets.length > 0) return scoreQuestion(question, k, forecasts, seed)
    // Trees without a single probability take no part: neighbours and base rate are still scored.
    const withoutTrees = new Map([...columns].filter(([id]) => id !== 'trees'))
    return scoreQuestion(question, k, headForecasts([{ ...block, columns: withoutTrees }], head).forecasts, seed)
  })
}

function ladderOf(summaries: readonly Summary[]): { rungs: number[]; distancePercentile: number | null } {
  const rungs = [0, 1, 2, 3].map((rung) => summaries.filter((summary) => summary.rung === rung).length)
  const known = summaries.flatMap(({ distancePercentile }) => (distancePercentile === null ? [] : [distancePercentile]))
  return { rungs, distancePercentile: known.length === 0 ? null : known.reduce((a, b) => a + b) / known.length }
}
