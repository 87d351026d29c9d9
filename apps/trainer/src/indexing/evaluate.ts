import { availableParallelism } from 'node:os'
import type { HeadTarget } from '@breakwater/features'
import { fitEncoder, headName, stringColumn } from '@breakwater/features'
import { OUTCOME_NAMES } from '@breakwater/retrieval'
import type { Summary } from '@breakwater/retrieval'
import { createPool } from '@breakwater/retrieval/node'
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
import { QUESTIONS, scoreQuestion } from './score.ts'
import type { Forecast, QuestionName, QuestionScore } from './score.ts'
import { outcomesOf } from './touches.ts'

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

/** How the index answers out of sample. */
export interface IndexEvaluation {
  /** Rows asked about: test rows, or validation rows where the plan has no test dates. */
  readonly role: Predictions['role']
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
  const forecasts = new Map(input.ks.map((k) => [k, new Map<QuestionName, Forecast[]>(QUESTIONS.map((q) => [q, []]))]))
  const answered = new Map<number, Summary[]>(input.ks.map((k) => [k, []]))
  const places = input.folds.map(({ fold }) => placesOf(predictions, fold))
  const total = places.reduce((sum, rows) => sum + rows.length, 0) * input.ks.length
  const step = progress.step('evaluate neighbours', total)
  let done = 0
  for (const [i, fold] of input.folds.entries()) {
    const asked = places[i] as Int32Array
    const rows = Int32Array.from(asked, (place) => located[place] as number)
    const readers = questionsOf(input, fold, asked, rows)
    for await (const { k, summaries } of askFold(context, input, fold, rows, (count) => step.update(done + count))) {
      done += rows.length
      answered.get(k)?.push(...summaries)
      for (const [name, read] of readers) {
        for (const [row, summary] of summaries.entries()) {
          const forecast = read(row, summary)
          if (forecast !== null) forecasts.get(k)?.get(name)?.push(forecast)
        }
      }
    }
  }
  step.end(`${total / input.ks.length} rows x ${input.ks.length} values of k`)
  return {
    role: predictions.role,
    rows: total / input.ks.length,
    folds: input.folds.length,
    scores: input.ks.flatMap((k) =>
      QUESTIONS.map((name) => scoreQuestion(name, k, forecasts.get(k)?.get(name) ?? [], input.seed)),
    ),
    ladder: input.ks.map((k) => ({ k, ...ladderOf(answered.get(k) ?? []) })),
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

/** What a summary and the trees said about asked row i, and what became of it; null where the question has no answer. */
type Reader = (i: number, summary: Summary) => Forecast | null

function questionsOf(
  { signals, targets, options, trained }: EvaluationInput,
  { train }: AskedFold,
  places: Int32Array,
  rows: Int32Array,
): readonly (readonly [QuestionName, Reader])[] {
  const { codes } = stringColumn(signals.table, 'date')
  const tradeable = targetOf(targets, headName({ kind: 'tradeable_2' }, options.anchor))
  const direction = targetOf(targets, headName({ kind: 'direction' }, options.anchor))
  const { outcome } = outcomesOf(signals, options.anchor, targets)
  const broke = Float32Array.from(outcome, (code) =>
    OUTCOME_NAMES[code] === 'BREAK' ? 1 : code === -1 ? Number.NaN : 0,
  )
  const defined = Uint8Array.from(outcome, (code) => Number(code !== -1))
  const trees = (name: string) => (i: number) =>
    trained.predictions.heads.get(name)?.[places[i] as number] ?? Number.NaN
  const [pTradeable, pDirection] = [trees(tradeable.name), trees(direction.name)]
  const reader = (
    values: Float32Array,
    mask: Uint8Array,
    said: (summary: Summary) => number | null,
    byTrees: (i: number) => number,
  ): Reader => {
    const base = constantOf('binary', values, both(train, mask))
    return (i, summary) => {
      const row = rows[i] as number
      const neighbours = said(summary)
      if (mask[row] === 0 || neighbours === null || base === null) return null
      return { session: codes[row] as number, outcome: values[row] as number, neighbours, base, trees: byTrees(i) }
    }
  }
  return [
    // A break is a reach of $2 whose first side is the break's: the trees say so in two parts.
    [
      'p_break',
      reader(
        broke,
        defined,
        ({ pBreak }) => pBreak,
        (i) => pTradeable(i) * pDirection(i),
      ),
    ],
    [
      'p_break_given_tradeable',
      reader(direction.values, direction.mask, ({ pBreakGivenTradeable }) => pBreakGivenTradeable, pDirection),
    ],
    ['p_tradeable_2', reader(tradeable.values, tradeable.mask, ({ pTradeable2 }) => pTradeable2, pTradeable)],
  ]
}

function targetOf(targets: readonly HeadTarget[], name: string): HeadTarget {
  const found = targets.find((target) => target.name === name)
  if (found === undefined) throw new Error(`trainer: head ${name} has no targets`)
  return found
}

function ladderOf(summaries: readonly Summary[]): { rungs: number[]; distancePercentile: number | null } {
  const rungs = [0, 1, 2, 3].map((rung) => summaries.filter((summary) => summary.rung === rung).length)
  const known = summaries.flatMap(({ distancePercentile }) => (distancePercentile === null ? [] : [distancePercentile]))
  return { rungs, distancePercentile: known.length === 0 ? null : known.reduce((a, b) => a + b) / known.length }
}
