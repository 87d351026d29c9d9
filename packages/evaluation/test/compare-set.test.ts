import { brierScore } from '@breakwater/calibration'
import type { HeadCalibrationScores } from '@breakwater/evaluation'
import { compareSet, type ForecastColumn } from '@breakwater/evaluation/sets'
import { type HeadRecord, withOutcomes } from '@breakwater/models'
import type { PredictedPart } from '@breakwater/models/node'
import { expect, test } from 'vitest'
import { blocks, broke, ROWS, TARGETS } from './block-sample.ts'

const [first] = blocks()
if (first === undefined) throw new Error('the sample has blocks')
const { date, level_kind_name } = first.signals.table.columns
if (date === undefined || level_kind_name === undefined) throw new Error('the sample has dates and kinds')

const ids = Array.from({ length: ROWS }, (_, row) => `e${row}`)
const tsNs = BigInt64Array.from({ length: ROWS }, (_, row) => BigInt(row) * 60_000_000_000n)

/** The sample's rows as the predictions of a set, in another order than the signals. */
const part: PredictedPart = {
  signals: {
    schema: { version: '2', name: '', description: '', columns: [], moments: [], unknown: [] },
    table: {
      rows: ROWS,
      columns: {
        event_id: { type: 'string', codes: Int32Array.from(ids.keys()), dictionary: ids },
        ts_ns: { type: 'time', values: tsNs },
        date,
        level_kind_name,
      },
    },
    hash: '',
    files: [],
    dates: [],
    thresholds: [1, 2],
    lookforwardSeconds: 480,
    symbol: 'SPY',
  },
  targets: TARGETS,
  keep: () => true,
  predictions: {
    role: 'test',
    rows: ROWS,
    eventIds: ids.toReversed(),
    tsNs: tsNs.toReversed(),
    fold: new Float64Array(ROWS),
    heads: new Map(
      ['tradeable_2', 'direction'].map((head) => [
        head,
        Float64Array.from(blocks().flatMap(({ columns }) => [...(columns.get('raw')?.get(head) ?? [])])).toReversed(),
      ]),
    ),
    calibrated: new Map(),
    law: new Map(),
    tilted: new Map(),
    served: new Map(),
  },
}

const raw: ForecastColumn = {
  id: 'raw',
  title: 'Raw',
  note: '',
  heads: ({ predictions }) => withOutcomes(predictions.heads),
}

const recordOf = (name: string, reason: string | null): HeadRecord => ({
  name,
  anchor: '4min',
  task: 'binary',
  used: 0,
  masked: {},
  folds: [
    {
      fold: 0,
      status: reason === null ? 'trained' : 'skipped',
      reason,
      trees: 1,
      trainRows: 1,
      validationRows: 1,
      reference: null,
      metrics: { validation: {}, test: {} },
      calibration: { kind: 'identity', reason: 'nothing helps', rows: 9, sessions: 3, interval: null, scores: [] },
    },
  ],
  importance: [],
})

const records = [recordOf('direction', null), recordOf('t1_60s', 'one class only')]
const { heads } = compareSet({
  trained: { details: { heads: records } },
  parts: [part],
  columns: [raw],
  seed: 7,
  onHead: () => undefined,
})

const said = (head: string): Float64Array => (part.predictions.heads.get(head) ?? new Float64Array()).toReversed()

const at = (name: string): HeadCalibrationScores => {
  const head = heads.find((candidate) => candidate.name === name)
  if (head?.status !== 'scored') throw new Error(`${name} is scored`)
  return head
}

test('scores the heads of a set, then break and bounce as tradeable and direction say them together', () => {
  expect(heads.map(({ name }) => name)).toEqual(['direction', 't1_60s', 'p_break', 'p_bounce'])
  const rows = Array.from({ length: ROWS }, (_, row) => row).filter((row) => row % 10 !== 9)
  const [chance, direction] = [said('tradeable_2'), said('direction')]
  const came = (outcome: number): number[] => rows.map((row) => Number(row % 4 !== 0 && broke[row] === outcome))
  const forecast = (of: (p: number) => number): number[] =>
    rows.map((row) => (chance[row] ?? 0) * of(direction[row] ?? 0))
  const brier = (name: string): number | null | undefined => {
    const column = at(name).columns['raw']
    return column?.task === 'binary' ? column.brier.estimate : undefined
  }
  expect(at('p_break').rows).toBe(rows.length)
  expect(brier('p_break')).toBeCloseTo(
    brierScore(
      forecast((p) => p),
      came(1),
    ),
    12,
  )
  expect(brier('p_bounce')).toBeCloseTo(
    brierScore(
      forecast((p) => 1 - p),
      came(0),
    ),
    12,
  )
  expect(at('p_break').calibrators).toEqual([])
})

test('says which calibrator each fold has, and why a head that no fold trained has no rows', () => {
  expect(at('direction').calibrators).toEqual([
    { fold: 0, kind: 'identity', reason: 'nothing helps', rows: 9, sessions: 3 },
  ])
  expect(heads[1]).toMatchObject({ status: 'skipped', reason: 'one class only' })
})
