import { applyCalibrator } from '@breakwater/calibration'
import type { HeadTarget, Table } from '@breakwater/features'
import { applyCalibrators, calibrateHeads, calibrationFolds } from '@breakwater/models'
import { planExplicit, planWalkForward } from '@breakwater/splits'
import { describe, expect, test } from 'vitest'
import { uniforms, weekdays } from './seeded.ts'

const SESSIONS = weekdays(30)
const PER_SESSION = 40
const ROWS = SESSIONS.length * PER_SESSION

/** Sessions stand in the dictionary in reverse, as a file may have them. */
const table: Table = {
  rows: ROWS,
  columns: {
    date: {
      type: 'string',
      dictionary: SESSIONS.toReversed(),
      codes: Int32Array.from({ length: ROWS }, (_, row) => SESSIONS.length - 1 - Math.floor(row / PER_SESSION)),
    },
  },
}

const targetOf = (name: string, task: HeadTarget['task'], values: Float32Array, mask?: Uint8Array): HeadTarget => ({
  name,
  anchor: '4min',
  anchorSeconds: 240,
  task,
  values,
  mask: mask ?? new Uint8Array(ROWS).fill(1),
  counts: { rows: ROWS, used: ROWS, positives: null, masked: {} },
})

/** A model whose log odds are 2.5 times too far out. */
function overconfident(): { p: Float64Array; y: Float32Array } {
  const random = uniforms(5)
  const truth = Float64Array.from({ length: ROWS }, () => 0.1 + 0.8 * random())
  return {
    p: truth.map((q) => 1 / (1 + ((1 - q) / q) ** 2.5)),
    y: Float32Array.from(truth, (q) => Number(random() < q)),
  }
}

const rowsIn = (from: number, to: number): Int32Array => Int32Array.from({ length: to - from }, (_, i) => from + i)

describe('calibrateHeads', () => {
  test('finds the map of an overconfident head, on out-of-fold rows that have a target', () => {
    const { p, y } = overconfident()
    const mask = new Uint8Array(ROWS).fill(1)
    mask[0] = 0
    const parts = [{ rows: rowsIn(0, ROWS), predictions: new Map([['direction', p]]) }]
    const found = calibrateHeads(table, [targetOf('direction', 'binary', y, mask)], parts).get('direction')
    expect(found).toMatchObject({ rows: ROWS - 1, sessions: 30 })
    if (found?.calibrator == null || found.calibrator.kind === 'conformal') throw new Error('a map is expected')
    expect(found.calibrator.kind).not.toBe('identity')
    const [low = 1, high = 0] = applyCalibrator(found.calibrator, [0.1, 0.9])
    expect(low).toBeGreaterThan(0.2)
    expect(high).toBeLessThan(0.8)
  })

  test('looks at no row outside the parts: outcomes of test rows change nothing', () => {
    const { p, y } = overconfident()
    const parts = [{ rows: rowsIn(0, 800), predictions: new Map([['direction', p]]) }]
    const changed = y.map((value, row) => (row < 800 ? value : 1 - value))
    const fit = (values: Float32Array): unknown =>
      calibrateHeads(table, [targetOf('direction', 'binary', values)], parts)
    expect(fit(changed)).toStrictEqual(fit(y))
  })

  test('takes sessions in the order of their dates, whatever the order of the dictionary', () => {
    const { p, y } = overconfident()
    const predictions = new Map([['direction', p]])
    const parts = [{ rows: rowsIn(0, ROWS), predictions }]
    const sorted: Table = {
      ...table,
      columns: {
        date: {
          type: 'string',
          dictionary: SESSIONS,
          codes: Int32Array.from({ length: ROWS }, (_, row) => Math.floor(row / PER_SESSION)),
        },
      },
    }
    const targets = [targetOf('direction', 'binary', y)]
    expect(calibrateHeads(sorted, targets, parts)).toStrictEqual(calibrateHeads(table, targets, parts))
  })

  test('gives strength an interval that holds its level of the rows it was fitted on', () => {
    const random = uniforms(3)
    const y = Float32Array.from({ length: ROWS }, () => 4 * (random() + random() - 1))
    const parts = [{ rows: rowsIn(0, ROWS), predictions: new Map([['strength_signed', new Float64Array(ROWS)]]) }]
    const found = calibrateHeads(table, [targetOf('strength_signed', 'regression', y)], parts).get('strength_signed')
    const { calibrator } = found ?? {}
    if (calibrator?.kind !== 'conformal') throw new Error('an interval is expected')
    const { radius } = calibrator
    expect(y.filter((value) => Math.abs(value) <= radius).length / ROWS).toBeCloseTo(0.8 * (31 / 30), 2)
    expect(found?.reason).toBe('split conformal over 30 sessions')
  })

  test('has no calibrator, and says why, without inner folds, without targets, of too few sessions', () => {
    const { p, y } = overconfident()
    const target = targetOf('direction', 'binary', y)
    expect(calibrateHeads(table, [target], []).get('direction')).toMatchObject({
      calibrator: null,
      reason: 'no inner folds',
    })
    const parts = [{ rows: rowsIn(0, 40), predictions: new Map([['direction', p]]) }]
    const none = targetOf('direction', 'binary', y, new Uint8Array(ROWS))
    expect(calibrateHeads(table, [none], parts).get('direction')).toMatchObject({
      calibrator: null,
      reason: 'no out-of-fold prediction has a target',
      rows: 0,
    })
    expect(calibrateHeads(table, [target], parts).get('direction')).toMatchObject({
      calibrator: { kind: 'identity' },
      reason: '1 sessions are fewer than the 2 groups to compare by: kept as it is',
    })
    const strength = targetOf('strength_signed', 'regression', y)
    const few = [{ rows: rowsIn(0, 80), predictions: new Map([['strength_signed', p]]) }]
    expect(calibrateHeads(table, [strength], few).get('strength_signed')).toMatchObject({
      calibrator: null,
      reason: '2 sessions are too few for 0.8: it takes at least 4',
    })
  })
})

const values = (...numbers: readonly number[]): Float64Array => Float64Array.from(numbers)

describe('applyCalibrators', () => {
  test('maps what is predicted, passes NaN through, and leaves dollars alone', () => {
    const applied = applyCalibrators(
      new Map([
        ['direction', values(0.8, Number.NaN, 0.5)],
        ['strength_signed', values(1.5, -2, 0)],
        ['tradeable_2', values(0.3, 0.4, 0.5)],
      ]),
      new Map([
        ['direction', { kind: 'platt', slope: 0.5, intercept: 0 }],
        ['strength_signed', { kind: 'conformal', level: 0.9, radius: 1 }],
      ]),
    )
    const [direction, strength, tradeable] = ['direction', 'strength_signed', 'tradeable_2'].map((name) => [
      ...(applied.get(name) ?? []),
    ])
    // sigmoid(ln 4 / 2) = 2 / 3
    expect(direction).toStrictEqual([expect.closeTo(2 / 3, 12), Number.NaN, 0.5])
    expect(strength).toStrictEqual([1.5, -2, 0])
    expect(tradeable).toStrictEqual([0.3, 0.4, 0.5])
  })

  test('keeps the reach surface coherent, and does not write into what it was given', () => {
    const raw = new Map([
      ['t1_60s', values(0.5, 0.2)],
      ['t1_120s', values(0.4, 0.3)],
      ['t2_60s', values(0.6, 0.1)],
      ['direction', values(0.9, 0.1)],
    ])
    const applied = applyCalibrators(raw, new Map())
    const row = (i: number): number[] =>
      ['t2_60s', 't1_60s', 't1_120s', 'direction'].map((name) => applied.get(name)?.[i] ?? 9)
    const [far = 9, near = 9, late = 9, direction] = row(0)
    expect(far).toBeLessThanOrEqual(near)
    expect(near).toBeLessThanOrEqual(late)
    expect(direction).toBe(0.9)
    expect(row(1)).toStrictEqual([0.1, 0.2, 0.3, 0.1])
    expect([...(raw.get('t1_60s') ?? [])]).toStrictEqual([0.5, 0.2])
  })
})

const rows = { dates: SESSIONS }

/** How many inner folds the first sessions give. */
const innerCount = (train: number, validation: number): number => {
  const { folds } = planExplicit(rows, {
    train: SESSIONS.slice(0, train),
    validation: SESSIONS.slice(train, train + validation),
    test: SESSIONS.slice(20, 22),
  })
  return folds.flatMap((fold) => calibrationFolds(fold, rows, 4, 0)).length
}

describe('calibrationFolds', () => {
  test('lie inside the training and validation dates and test their later half, in order', () => {
    for (const fold of planWalkForward(rows, { folds: 2, testSessions: 5, validationSessions: 2 }).folds) {
      const inner = calibrationFolds(fold, rows, 2, 0)
      const dates = [...fold.train, ...fold.validation]
      expect(inner).toHaveLength(2)
      const tested = inner.flatMap(({ test: block }) => block)
      expect(tested).toStrictEqual(dates.slice(-2 * Math.floor(dates.length / 4)))
      for (const { train, validation, test: block } of inner) {
        expect([train, validation].flat().every((date) => date < (block[0] ?? ''))).toBe(true)
        expect(train.length).toBeGreaterThan(0)
        expect(validation.length).toBeGreaterThan(0)
      }
    }
  })

  test('leave the calibration and test dates alone', () => {
    const { folds } = planExplicit(rows, {
      train: SESSIONS.slice(0, 12),
      validation: SESSIONS.slice(12, 14),
      calibration: SESSIONS.slice(14, 18),
      test: SESSIONS.slice(18, 20),
    })
    const [fold] = folds
    if (fold === undefined) throw new Error('one fold is planned')
    const used = calibrationFolds(fold, rows, 2, 0).flatMap(({ train, validation, test: block }) =>
      [train, validation, block].flat(),
    )
    expect(used.every((date) => date < (SESSIONS[14] ?? ''))).toBe(true)
  })

  test('are fewer where dates are few, and none where they do not suffice', () => {
    expect(innerCount(9, 3)).toBe(4)
    expect(innerCount(2, 1)).toBe(1)
    expect(innerCount(1, 1)).toBe(0)
  })
})
