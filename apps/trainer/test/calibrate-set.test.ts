import { brierScore, logLoss, rocAuc } from '@breakwater/calibration'
import { describe, expect, test } from 'vitest'
import type { ForecastColumn } from '../src/calibration/column.ts'
import { outcomeTargets } from '../src/calibration/outcome-heads.ts'
import type { HeadCalibrationScores, SetCalibration } from '../src/report/calibration.ts'
import {
  broke,
  calibrate,
  calibrated,
  chances,
  gappy,
  overconfident,
  parts,
  raw,
  ROWS,
  SESSIONS,
  TARGETS,
  truth,
} from './calibration-sample.ts'

/** Numbers in a value that are not finite, each by where it stands: JSON would turn them into null without a reason. */
function notFinite(value: unknown, path = ''): string[] {
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [`${path}=${value}`]
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, part]) => notFinite(part, `${path}.${key}`))
}

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

describe('calibrateSet', () => {
  const all = calibrate([raw, calibrated, gappy])

  test('scores every way on the rows that all of them forecast, and counts those left out', () => {
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
      expect(scores.logLoss.estimate).toBeCloseTo(logLoss(at(p, common), at(broke, common)), 12)
      expect(scores.auc.estimate).toBeCloseTo(rocAuc(at(p, common), at(broke, common)).value ?? -1, 12)
    }
    expect(Object.keys(headOf(all, 'tradeable_2').columns)).toEqual(['raw', 'calibrated'])
    expect(headOf(all, 'tradeable_2').leftOut).toBe(0)
  })

  test('says what calibration saves against the first way, with an interval that is paired', () => {
    const { gain, ece, nullEce } = binary(headOf(all, 'direction'), 'calibrated')
    const before = binary(headOf(all, 'direction'), 'raw')
    expect(before.gain).toBeNull()
    expect(gain?.logLoss.estimate).toBeCloseTo(
      (before.logLoss.estimate ?? 0) - (binary(headOf(all, 'direction'), 'calibrated').logLoss.estimate ?? 0),
      12,
    )
    expect(gain?.logLoss.low).toBeGreaterThan(0)
    expect(ece.estimate).toBeLessThan(nullEce.high)
    expect(before.ece.estimate).toBeGreaterThan(before.nullEce.high)
  })

  test('scores break and bounce as tradeable and direction say them together, among all touches', () => {
    const seen = rowsWhere((row) => row % 10 !== 9)
    const head = headOf(all, 'p_break')
    expect(head.rows).toBe(seen.length)
    const came = seen.map((row) => Number(row % 4 !== 0 && broke[row] === 1))
    const said = seen.map((row) => (chances[row] as number) * (truth[row] as number))
    expect(binary(head, 'calibrated').brier.estimate).toBeCloseTo(brierScore(said, came), 12)
    const back = seen.map((row) => Number(row % 4 !== 0 && broke[row] === 0))
    const saidBack = seen.map((row) => (chances[row] as number) * (1 - (truth[row] as number)))
    expect(binary(headOf(all, 'p_bounce'), 'calibrated').brier.estimate).toBeCloseTo(brierScore(saidBack, back), 12)
    expect(outcomeTargets(TARGETS).map(({ name }) => name)).toEqual(['p_break', 'p_bounce'])
  })

  test('scores each kind of level on its own rows', () => {
    const head = headOf(all, 'direction')
    expect(head.levelKinds.reduce((sum, { rows }) => sum + rows, 0)).toBe(head.rows)
    const kind = head.levelKinds.find((one) => one.kind === 'ROUND')
    const own = rowsWhere((row) => row % 4 !== 0 && row % 10 !== 9 && row % 3 === 1)
    expect(kind?.rows).toBe(own.length)
    expect(kind?.columns['raw']?.brier.estimate).toBeCloseTo(brierScore(at(overconfident, own), at(broke, own)), 12)
    // row % 3 === 0 is PM_HIGH, which the neighbours never forecast
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
    expect(scores.intervals.meanWidth).toBeCloseTo(2.4, 12)
  })

  test('keeps a way that has nothing to say in a part whose dates are not asked for', () => {
    const later = new Set(SESSIONS.slice(6))
    const silentFirst: ForecastColumn = {
      ...gappy,
      heads: (part) => (part.predictions.eventIds[0] === 'e0' ? new Map() : gappy.heads(part)),
    }
    const half = calibrate(
      [raw, silentFirst],
      parts((date) => later.has(date)),
    )
    const direction = headOf(half, 'direction')
    expect(Object.keys(direction.columns)).toEqual(['raw', 'retrieval'])
    expect(direction.sessions).toBe(6)
    expect(direction.rows).toBe(
      rowsWhere((row) => row >= ROWS / 2 && row % 4 !== 0 && row % 10 !== 9 && row % 3 !== 0).length,
    )
  })

  test('has nulls with a reason and no NaN: one session, one class, forecasts that never vary', () => {
    const oneDay = calibrate(
      [raw, calibrated, gappy],
      parts((date) => date === SESSIONS[2]),
    )
    expect(binary(headOf(oneDay, 'direction'), 'raw').brier).toMatchObject({
      low: null,
      high: null,
      reason: 'fewer than two sessions: nothing to resample',
    })
    const [part, other] = parts().map((one) => ({
      ...one,
      targets: TARGETS.map((each) => ({
        ...each,
        values: each.task === 'binary' ? each.values.map(() => 0) : each.values,
      })),
    }))
    if (part === undefined || other === undefined) throw new Error('there are two parts')
    const oneClass = calibrate([raw, calibrated, gappy], [part, other])
    expect(binary(headOf(oneClass, 'direction'), 'retrieval').auc).toMatchObject({
      estimate: null,
      reason: 'the score does not exist on these rows',
    })
    for (const set of [all, oneDay, oneClass]) expect(notFinite(set)).toEqual([])
  })

  test('skips a head without rows, and says why', () => {
    const none = calibrate(
      [raw],
      parts(() => false),
    )
    expect(none.heads.map((head) => head.status === 'skipped' && head.reason)).toEqual(
      none.heads.map(() => 'no scored row has a target'),
    )
  })
})
