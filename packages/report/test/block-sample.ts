import type { ComparedColumn, ComparedHead, ForecastBlock, SetCalibration } from '@breakwater/evaluation'
import { compareSideBySide } from '@breakwater/evaluation'
import type { Column, HeadTarget, Table } from '@breakwater/features'
import { uniforms, weekdays } from './seeded.ts'

const SESSIONS = weekdays(12)
const ROWS = SESSIONS.length * 30
const KINDS = ['PM_HIGH', 'ROUND', 'SMA_200']

const words = (dictionary: readonly string[], code: (row: number) => number): Column => ({
  type: 'string',
  dictionary,
  codes: Int32Array.from({ length: ROWS }, (_, row) => code(row)),
})

const table: Table = {
  rows: ROWS,
  columns: { date: words(SESSIONS, (row) => Math.floor(row / 30)), level_kind_name: words(KINDS, (row) => row % 3) },
}

const random = uniforms(3)
/** Chance of a break. */
const truth: Float64Array<ArrayBuffer> = Float64Array.from({ length: ROWS }, () => 0.1 + 0.8 * random())
const tradeable = Float32Array.from(truth, (_, row) => Number(row % 4 !== 0))
const broke = Float32Array.from(truth, (q) => Number(random() < q))

const target = (name: string, values: Float32Array, mask: (row: number) => boolean): HeadTarget => ({
  name,
  anchor: '4min',
  anchorSeconds: 240,
  task: name.startsWith('strength') ? 'regression' : 'binary',
  values,
  mask: Uint8Array.from({ length: ROWS }, (_, row) => Number(mask(row))),
  counts: { rows: ROWS, used: ROWS, positives: null, masked: {} },
})

const TARGETS = [
  target('tradeable_2', tradeable, (row) => row % 10 !== 9),
  target('direction', broke, (row) => row % 4 !== 0 && row % 10 !== 9),
  target(
    'strength_signed',
    broke.map((value) => 2 * value - 1),
    () => true,
  ),
  target(
    'p_break',
    broke.map((value, row) => Number(row % 4 !== 0 && value === 1)),
    (row) => row % 10 !== 9,
  ),
  target(
    'p_bounce',
    broke.map((value, row) => Number(row % 4 !== 0 && value === 0)),
    (row) => row % 10 !== 9,
  ),
]

const chances = truth.map(() => 0.6 + 0.3 * random())
const overconfident = truth.map((q) => 1 / (1 + ((1 - q) / q) ** 3))

/** Two columns that know every head, and one that knows direction alone, and that on two rows of three. */
const RAW: ComparedColumn = { id: 'raw', title: 'Raw', note: '' }
const CALIBRATED: ComparedColumn = { id: 'calibrated', title: 'Calibrated', note: '' }
const GAPPY: ComparedColumn = { id: 'retrieval', title: 'Neighbours', note: '', noIntervals: 'none of its own' }

/** Two blocks, as recorded predictions and later dates are: the first half of the sessions and the second. */
function blocks(): ForecastBlock[] {
  return [0, 1].map((half) => {
    const rows = Int32Array.from({ length: ROWS / 2 }, (_, i) => (half * ROWS) / 2 + i)
    const pick = (values: Float64Array): Float64Array => Float64Array.from(rows, (row) => values[row] as number)
    const heads = (direction: Float64Array): Map<string, Float64Array> =>
      new Map([
        ['tradeable_2', pick(chances)],
        ['direction', pick(direction)],
        ['strength_signed', pick(truth)],
        ['p_break', pick(direction.map((p, row) => (chances[row] as number) * p))],
        ['p_bounce', pick(direction.map((p, row) => (chances[row] as number) * (1 - p)))],
      ])
    const gappy = Float64Array.from(rows, (row) => (row % 3 === 0 ? Number.NaN : 0.5))
    return {
      signals: { table, thresholds: [1, 2], lookforwardSeconds: 480 },
      targets: TARGETS,
      rows,
      folds: new Float64Array(rows.length),
      keep: () => true,
      columns: new Map([
        ['raw', heads(overconfident)],
        ['calibrated', heads(truth)],
        ['retrieval', new Map([['direction', gappy]])],
      ]),
    }
  })
}

const comparedHead = ({ name, anchor, task }: HeadTarget): ComparedHead => ({
  name,
  anchor,
  task,
  calibrators: [
    {
      fold: 0,
      kind: 'temperature',
      reason: 'saves 0.1 nats a row',
      rows: 9,
      sessions: 3,
      interval: task === 'regression' ? { level: 0.8, radius: 1.2 } : null,
    },
  ],
})

/** The sample's heads side by side. */
export function sideBySide(): SetCalibration {
  const heads = TARGETS.map((each) => comparedHead(each))
  return compareSideBySide({
    blocks: blocks(),
    columns: [RAW, CALIBRATED, GAPPY],
    heads,
    seed: 7,
    onHead: () => undefined,
  })
}
