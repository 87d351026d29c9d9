import type { Column } from '@breakwater/features'
import { stringColumn } from '@breakwater/features'
import type { Signals } from '@breakwater/models'
import {
  answeredRows,
  type ChosenTrial,
  chooseTrial,
  type FinishedTrial,
  planQuestion,
  runTrial,
  scoreTrial,
  type SweepConfig,
  type SweepQuestion,
} from '@breakwater/models/sweep'
import { describe, expect, test } from 'vitest'
import { sampleSignals, TREES } from './sample.ts'
import { uniforms } from './seeded.ts'

const CONFIG: Pick<SweepConfig, 'metric' | 'anchors' | 'horizons'> = {
  metric: { head: 't1_60s', name: 'log_loss' },
  anchors: ['4min'],
  horizons: [60],
}
const PLAN = { folds: 2, testSessions: 2, valSessions: 1, embargoSessions: 0 }
const signals = sampleSignals()

const questionOf = (of: Signals): SweepQuestion => planQuestion([answeredRows(of, CONFIG, 'sample')], PLAN)

const tried = (of: Signals, question: SweepQuestion, trees: Partial<typeof TREES>): Promise<Float64Array> =>
  runTrial({
    signals: of,
    stage: 'stage_b',
    ablation: 'full',
    trees: { ...TREES, ...trees },
    config: CONFIG,
    question,
  })

/** The signals with columns replaced. */
function altered(of: Signals, change: (column: Column, name: string) => Column): Signals {
  const columns = Object.entries(of.table.columns).map(([name, column]) => [name, change(column, name)] as const)
  return { ...of, table: { ...of.table, columns: Object.fromEntries(columns) } }
}

/** Every number of the rows of given sessions replaced by noise, labels included, and every word by another. */
function scrambled(of: Signals, dates: readonly string[], seed: number): Signals {
  const next = uniforms(seed)
  const day = stringColumn(of.table, 'date')
  const isHit = (row: number): boolean => dates.includes(day.dictionary[day.codes[row] ?? 0] ?? '')
  return altered(of, (column, name) => {
    if (column.type === 'number')
      return { ...column, values: column.values.map((value, row) => (isHit(row) ? 3 * next() : value)) }
    if (column.type === 'time' || name === 'date' || name === 'event_id') return column
    const { length } = column.dictionary
    return { ...column, codes: column.codes.map((code, row) => (isHit(row) ? Math.floor(next() * length) : code)) }
  })
}

/** Reaches of the first threshold drawn with the chance of each row, instead of the market's. */
function relabelled(of: Signals, chance: (row: number) => number, seed: number): Signals {
  const next = uniforms(seed)
  return altered(of, (column, name) =>
    column.type === 'number' && name === 'time_to_threshold_1_4min'
      ? { ...column, values: column.values.map((_, row) => (next() < chance(row) ? 0 : Number.NaN)) }
      : column,
  )
}

/** Runs trials that differ in the options of the trees, and chooses among them. */
async function chosen(of: Signals, options: readonly Partial<typeof TREES>[]): Promise<ChosenTrial | null> {
  const question = questionOf(of)
  const trials: FinishedTrial[] = []
  for (const [at, trees] of options.entries()) {
    const forecasts = await tried(of, question, trees)
    const score = scoreTrial(forecasts, question, CONFIG.metric)
    trials.push({ result: { number: at + 1, signals: {}, train: {}, ...score, error: null, stopped: null }, forecasts })
  }
  return chooseTrial(trials, question, CONFIG.metric)
}

describe('a trial', () => {
  test('scores the same to the bit whatever stands in the outer sessions', async () => {
    const question = questionOf(signals)
    expect(question.plan.outer).toEqual(signals.dates.slice(-2))
    const forecasts = await tried(signals, question, {})
    const other = scrambled(signals, question.plan.outer, 5)
    const again = questionOf(other)
    expect(again).toEqual(question)
    expect(await tried(other, again, {})).toEqual(forecasts)
    const score = scoreTrial(forecasts, question, CONFIG.metric)
    expect(score.folds).toHaveLength(2)
    expect(score.value).toBeGreaterThan(0)
    // The same noise in an inner session does change it.
    const inner = scrambled(signals, question.plan.folds[0]?.test ?? [], 5)
    expect(await tried(inner, questionOf(inner), {})).not.toEqual(forecasts)
  })
})

describe('the best of several trials', () => {
  test('is no significant winner where labels are noise', async () => {
    const noise = relabelled(signals, () => 0.4, 11)
    const rates = [0.02, 0.05, 0.1, 0.2]
    const trials = rates.flatMap((learningRate) => [2, 4].map((maxDepth) => ({ learningRate, maxDepth })))
    const choice = await chosen(noise, trials)
    expect(choice).toMatchObject({ trials: 8, sessions: 4 })
    expect(choice?.pValue).toBeGreaterThan(0.05)
    expect(choice?.corrected).toBeGreaterThan(choice?.value ?? Infinity)
  })

  test('is one where a planted effect takes many trees to learn', async () => {
    const column = signals.table.columns['bars_since_open']
    if (column?.type !== 'number') throw new Error('bars_since_open is a column of numbers')
    const [middle = 0] = column.values.toSorted().slice(column.values.length / 2)
    const planted = relabelled(signals, (row) => ((column.values[row] ?? 0) > middle ? 0.9 : 0.1), 12)
    const choice = await chosen(planted, [{ rounds: 1 }, { rounds: 30 }, { rounds: 2 }])
    expect(choice?.number).toBe(2)
    expect(choice?.pValue).toBeLessThan(0.05)
  })
})
