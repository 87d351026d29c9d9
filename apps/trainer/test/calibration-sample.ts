import type { Column, HeadTarget, Table } from '@breakwater/features'
import { calibrateSet } from '../src/calibration/calibrate-set.ts'
import type { ForecastColumn } from '../src/calibration/column.ts'
import { withOutcomes } from '../src/calibration/outcome-heads.ts'
import type { ScoredPart } from '../src/evaluation/evaluate-set.ts'
import type { SetCalibration } from '../src/report/calibration.ts'
import type { HeadRecord } from '../src/training/details.ts'
import { uniforms, weekdays } from './seeded.ts'

export const SESSIONS = weekdays(12)
export const ROWS = SESSIONS.length * 30
const KINDS = ['PM_HIGH', 'ROUND', 'SMA_200']

const words = (dictionary: readonly string[], code: (row: number) => number): Column => ({
  type: 'string',
  dictionary,
  codes: Int32Array.from({ length: ROWS }, (_, row) => code(row)),
})

const table: Table = {
  rows: ROWS,
  columns: {
    event_id: words(
      Array.from({ length: ROWS }, (_, row) => `e${row}`),
      (row) => row,
    ),
    ts_ns: { type: 'time', values: BigInt64Array.from({ length: ROWS }, (_, row) => BigInt(row) * 60_000_000_000n) },
    date: words(SESSIONS, (row) => Math.floor(row / 30)),
    level_kind_name: words(KINDS, (row) => row % 3),
  },
}

const random = uniforms(3)
/** Chance of a break. */
export const truth: Float64Array<ArrayBuffer> = Float64Array.from({ length: ROWS }, () => 0.1 + 0.8 * random())
const tradeable = Float32Array.from(truth, (_, row) => Number(row % 4 !== 0))
export const broke = Float32Array.from(truth, (q) => Number(random() < q))

const target = (name: string, values: Float32Array, mask: (row: number) => boolean): HeadTarget => ({
  name,
  anchor: '4min',
  anchorSeconds: 240,
  task: name.startsWith('strength') ? 'regression' : 'binary',
  values,
  mask: Uint8Array.from({ length: ROWS }, (_, row) => Number(mask(row))),
  counts: { rows: ROWS, used: ROWS, positives: null, masked: {} },
})

export const TARGETS = [
  target('tradeable_2', tradeable, (row) => row % 10 !== 9),
  target('direction', broke, (row) => row % 4 !== 0 && row % 10 !== 9),
  target(
    'strength_signed',
    broke.map((value) => 2 * value - 1),
    () => true,
  ),
]

export const chances = truth.map(() => 0.6 + 0.3 * random())
export const overconfident = truth.map((q) => 1 / (1 + ((1 - q) / q) ** 3))

/** Two parts, as recorded predictions and later dates are: the first half of the sessions and the second. */
export function parts(keep: (date: string) => boolean = () => true): ScoredPart[] {
  return [0, 1].map((half) => {
    const rows = Int32Array.from({ length: ROWS / 2 }, (_, i) => (half * ROWS) / 2 + i)
    const pick = (values: Float64Array): Float64Array => Float64Array.from(rows, (row) => values[row] as number)
    const heads = (direction: Float64Array): Map<string, Float64Array> =>
      new Map([
        ['tradeable_2', pick(chances)],
        ['direction', pick(direction)],
        ['strength_signed', pick(truth)],
      ])
    const signals = {
      schema: { version: '2' as const, name: '', description: '', columns: [], moments: [], unknown: [] },
      table,
      hash: '',
      files: [],
      dates: SESSIONS,
      thresholds: [1, 2] as const,
      lookforwardSeconds: 480,
      symbol: 'SPY',
    }
    return {
      signals,
      targets: TARGETS,
      keep,
      predictions: {
        role: 'test' as const,
        rows: rows.length,
        eventIds: Array.from(rows, (row) => `e${row}`),
        tsNs: BigInt64Array.from(rows, (row) => BigInt(row) * 60_000_000_000n),
        fold: new Float64Array(rows.length),
        heads: heads(overconfident),
        calibrated: heads(truth),
      },
    }
  })
}

const recordOf = (name: string): HeadRecord => ({
  name,
  anchor: '4min',
  task: name.startsWith('strength') ? 'regression' : 'binary',
  used: 0,
  masked: {},
  folds: [
    {
      fold: 0,
      status: 'trained',
      reason: null,
      trees: 1,
      trainRows: 1,
      validationRows: 1,
      reference: null,
      metrics: { validation: {}, test: {} },
      calibration: {
        kind: 'temperature',
        reason: 'saves 0.1 nats a row',
        rows: 9,
        sessions: 3,
        interval: name.startsWith('strength') ? { level: 0.8, radius: 1.2 } : null,
        scores: [],
      },
    },
  ],
  importance: [],
})

export const raw: ForecastColumn = {
  id: 'raw',
  title: 'Raw',
  note: '',
  heads: ({ predictions }) => withOutcomes(predictions.heads),
}
export const calibrated: ForecastColumn = {
  id: 'calibrated',
  title: 'Calibrated',
  note: '',
  heads: ({ predictions }) => withOutcomes(predictions.calibrated),
}
/** Knows direction alone, and that on two rows of three. */
export const gappy: ForecastColumn = {
  id: 'retrieval',
  title: 'Neighbours',
  note: '',
  heads: ({ predictions }) =>
    new Map([
      [
        'direction',
        Float64Array.from(predictions.eventIds, (id) => (Number(id.slice(1)) % 3 === 0 ? Number.NaN : 0.5)),
      ],
    ]),
}

export function calibrate(columns: readonly ForecastColumn[], scored: readonly ScoredPart[] = parts()): SetCalibration {
  const heads = TARGETS.map(({ name }) => recordOf(name))
  return calibrateSet({ trained: { details: { heads } }, parts: scored, columns, seed: 7, onHead: () => undefined })
}
