import { brierScore, logLoss, rocAuc } from '@breakwater/calibration'
import { compareSideBySide } from '@breakwater/evaluation'
import type { HeadCalibrationScores, SetCalibration } from '@breakwater/evaluation'
import { describe, expect, test } from 'vitest'
import { blocks, broke, overconfident, RAW, ROWS, SESSIONS, sideBySide, TARGETS, truth } from './block-sample.ts'
import { notFinite } from './not-finite.ts'

function headOf({ heads }: SetCalibration, name: string): HeadCalibrationScores {
  const head = heads.find((candidate) => candidate.name === name)
  if (head?.status !== 'scored') throw new Error(`${name} is scored`)
  return head
}

function binary(
  head: HeadCalibrationScores,
  id: string,
): Extract<HeadCalibrationScores['columns'][string], { task: 'binary' }> {
  const scores = head.columns[id]
  if (scores?.task !== 'binary') throw new Error(`${id} is there`)
  return scores
}

const rowsWhere = (keep: (row: number) => boolean): number[] =>
  Array.from({ length: ROWS }, (_, row) => row).filter(keep)
const at = (values: ArrayLike<number>, rows: readonly number[]): number[] => rows.map((row) => values[row] as number)

describe('compareSideBySide', () => {
  const all = sideBySide()

  test('scores every column on the rows that all of them forecast, and counts those left out', () => {
    const direction = headOf(all, 'direction')
    const seen = rowsWhere((row) => row % 4 !== 0 && row % 10 !== 9)
    const common = seen.filter((row) => row % 3 !== 0)
    expect([direction.rows, direction.leftOut]).toEqual([common.length, seen.length - common.length])
    for (const [id, p] of [
      ['raw', overconfident],
      ['calibrated', truth],
      ['retrieval', truth.map(() => 0.5)],
    ] as const) {
      const scores = binary(direction, id)
      expect(scores.brier.estimate).toBeCloseTo(brierScore(at(p, common), at(broke, common)), 12)
      expect(scores.log_loss.estimate).toBeCloseTo(logLoss(at(p, common), at(broke, common)), 12)
      expect(scores.auc.estimate).toBeCloseTo(rocAuc(at(p, common), at(broke, common)).value ?? -1, 12)
    }
    expect(Object.keys(headOf(all, 'tradeable_2').columns)).toEqual(['raw', 'calibrated'])
    expect(headOf(all, 'tradeable_2').leftOut).toBe(0)
  })

  test('says what every column saves beyond the law, where one column is the law', () => {
    const heads = TARGETS.filter(({ task }) => task === 'binary').map((head) => ({ ...head, calibrators: [] }))
    const columns = [RAW, { id: 'calibrated', title: 'Law', note: '' }]
    const against = compareSideBySide({
      blocks: blocks(),
      columns,
      heads,
      law: 'calibrated',
      seed: 7,
      onHead: () => undefined,
    })
    const direction = headOf(against, 'direction')
    const [raw, law] = [binary(direction, 'raw'), binary(direction, 'calibrated')]
    // The gain of the one over the other, with its sign turned.
    expect(raw.beyond_law?.estimate).toBeCloseTo(-(law.gain_log_loss?.estimate ?? Number.NaN), 12)
    expect(raw.beyond_law?.high).toBeLessThan(0)
    expect(law.beyond_law).toBeNull()
    expect(binary(headOf(all, 'direction'), 'raw').beyond_law).toBeNull()
  })

  test('says what calibration saves against the first column, with an interval that is paired', () => {
    const { gain_log_loss, ece, null_ece } = binary(headOf(all, 'direction'), 'calibrated')
    const before = binary(headOf(all, 'direction'), 'raw')
    expect([before.gain_brier, before.gain_log_loss]).toEqual([null, null])
    expect(gain_log_loss?.estimate).toBeCloseTo(
      (before.log_loss.estimate ?? 0) - (binary(headOf(all, 'direction'), 'calibrated').log_loss.estimate ?? 0),
      12,
    )
    expect(gain_log_loss?.low).toBeGreaterThan(0)
    expect(ece.estimate).toBeLessThan(null_ece.high)
    expect(before.ece.estimate).toBeGreaterThan(before.null_ece.high)
  })

  test('scores each kind of level on its own rows', () => {
    const head = headOf(all, 'direction')
    expect(head.levelKinds.reduce((sum, { rows }) => sum + rows, 0)).toBe(head.rows)
    const kind = head.levelKinds.find((one) => one.kind === 'ROUND')
    const own = rowsWhere((row) => row % 4 !== 0 && row % 10 !== 9 && row % 3 === 1)
    expect(kind?.rows).toBe(own.length)
    expect(kind?.base_rate).toBeCloseTo(at(broke, own).reduce((sum, value) => sum + value, 0) / own.length, 12)
    expect(kind?.columns['raw']?.brier.estimate).toBeCloseTo(brierScore(at(overconfident, own), at(broke, own)), 12)
    // row % 3 === 0 is PM_HIGH, which the gappy column never forecasts
    expect(head.levelKinds.map((one) => one.kind).toSorted()).toEqual(['ROUND', 'SMA_200'])
  })

  test('counts how often the intervals of strength hold the target', () => {
    const scores = headOf(all, 'strength_signed').columns['raw']
    if (scores?.task !== 'regression' || 'reason' in scores.intervals) throw new Error('strength has intervals')
    const inside = broke.reduce(
      (sum, value, row) => sum + Number(Math.abs(2 * value - 1 - (truth[row] as number)) <= 1.2),
      0,
    )
    expect(scores.intervals.coverage.estimate).toBeCloseTo(inside / ROWS, 12)
    expect(scores.intervals.mean_width).toBeCloseTo(2.4, 12)
  })

  test('says why there are no intervals: a fold has none, or the column never has', () => {
    const [first] = blocks()
    const noInterval = compareSideBySide({
      blocks: blocks(),
      columns: [RAW, { id: 'calibrated', title: '', note: '', noIntervals: 'none of its own' }],
      heads: [
        {
          name: 'strength_signed',
          anchor: '4min',
          task: 'regression',
          calibrators: [{ fold: 0, kind: null, reason: 'too few sessions', rows: 0, sessions: 0, interval: null }],
        },
      ],
      seed: 7,
      onHead: () => undefined,
    })
    const { columns } = headOf(noInterval, 'strength_signed')
    expect(first?.columns.has('calibrated')).toBe(true)
    expect(columns['raw']).toMatchObject({ intervals: { reason: 'fold 1 has no interval: too few sessions' } })
    expect(columns['calibrated']).toMatchObject({ intervals: { reason: 'none of its own' } })
  })

  test('keeps a column that has nothing to say in a block whose dates are not asked for', () => {
    const later = new Set(SESSIONS.slice(6))
    const [first, second] = blocks((date) => later.has(date))
    if (first === undefined || second === undefined) throw new Error('there are two blocks')
    const silent = new Map<string, ReadonlyMap<string, Float64Array>>(first.columns).set('retrieval', new Map())
    const half = sideBySide([{ ...first, columns: silent }, second])
    const direction = headOf(half, 'direction')
    expect(Object.keys(direction.columns)).toEqual(['raw', 'calibrated', 'retrieval'])
    expect(direction.sessions).toBe(6)
    expect(direction.rows).toBe(
      rowsWhere((row) => row >= ROWS / 2 && row % 4 !== 0 && row % 10 !== 9 && row % 3 !== 0).length,
    )
  })

  test('has nulls with a reason and no NaN: one session, one class, forecasts that never vary', () => {
    const oneDay = sideBySide(blocks((date) => date === SESSIONS[2]))
    expect(binary(headOf(oneDay, 'direction'), 'raw').brier).toMatchObject({
      low: null,
      high: null,
      reason: 'fewer than two sessions: nothing to resample',
    })
    const oneClass = sideBySide(
      blocks().map((block) => ({
        ...block,
        targets: TARGETS.map((each) => ({
          ...each,
          values: each.task === 'binary' ? each.values.map(() => 0) : each.values,
        })),
      })),
    )
    expect(binary(headOf(oneClass, 'direction'), 'retrieval').auc).toMatchObject({
      estimate: null,
      reason: 'the score does not exist on these rows',
    })
    for (const set of [all, oneDay, oneClass]) expect(notFinite(set)).toEqual([])
  })

  test('skips a head without rows, and says why', () => {
    const none = sideBySide(blocks(() => false))
    expect(none.heads.map((head) => head.status === 'skipped' && head.reason)).toEqual(
      none.heads.map(() => 'no scored row has a target'),
    )
  })
})
