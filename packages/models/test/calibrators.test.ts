import { applyCalibrator } from '@breakwater/calibration'
import type { HeadTarget, Table } from '@breakwater/features'
import { applyCalibrators, calibrateHeads, calibrationFolds, type HeadCalibration, whyNoMaps } from '@breakwater/models'
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
    // Ten minutes apart, so that every touch is separate.
    ts_ns: {
      type: 'time',
      values: BigInt64Array.from({ length: ROWS }, (_, row) => {
        const day = BigInt(Date.parse(SESSIONS[Math.floor(row / PER_SESSION)] ?? '')) * 1_000_000n
        return day + BigInt(row % PER_SESSION) * 600_000_000_000n
      }),
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

/** Calibrates heads on the rows before `SPLIT`, or others, and confirms on those from it on. */
function calibrated(
  targets: readonly HeadTarget[],
  { predictions, from = 0, to = SPLIT, of = table }: Fitted,
): Map<string, HeadCalibration> {
  const parts = [{ rows: rowsIn(from, to), predictions }]
  return calibrateHeads({ table: of, targets, parts, confirm: { rows: rowsIn(SPLIT, ROWS), predictions } })
}

interface Fitted {
  readonly predictions: ReadonlyMap<string, Float64Array>
  readonly from?: number
  readonly to?: number
  readonly of?: Table
}

/** The last six sessions confirm. */
const SPLIT = 24 * PER_SESSION

const rowsIn = (from: number, to: number): Int32Array => Int32Array.from({ length: to - from }, (_, i) => from + i)

describe('calibrateHeads', () => {
  test('finds the map of an overconfident head, on out-of-fold rows that have a target', () => {
    const { p, y } = overconfident()
    const mask = new Uint8Array(ROWS).fill(1)
    mask[0] = 0
    const predictions = new Map([['direction', p]])
    const found = calibrated([targetOf('direction', 'binary', y, mask)], { predictions }).get('direction')
    expect(found).toMatchObject({ rows: SPLIT - 1, sessions: 24 })
    if (found?.calibrator == null || found.calibrator.kind === 'conformal') throw new Error('a map is expected')
    expect(found.calibrator.kind).not.toBe('identity')
    const [low = 1, high = 0] = applyCalibrator(found.calibrator, [0.1, 0.9])
    expect(low).toBeGreaterThan(0.2)
    expect(high).toBeLessThan(0.8)
  })

  test('looks at no row outside the parts: outcomes of test rows change nothing', () => {
    const { p, y } = overconfident()
    const changed = y.map((value, row) => (row < 800 || row >= SPLIT ? value : 1 - value))
    const fit = (values: Float32Array): unknown =>
      calibrated([targetOf('direction', 'binary', values)], { predictions: new Map([['direction', p]]), to: 800 })
    expect(fit(changed)).toStrictEqual(fit(y))
  })

  test('takes sessions in the order of their dates, whatever the order of the dictionary', () => {
    const { p, y } = overconfident()
    const predictions = new Map([['direction', p]])
    const sorted: Table = {
      ...table,
      columns: {
        ...table.columns,
        date: {
          type: 'string',
          dictionary: SESSIONS,
          codes: Int32Array.from({ length: ROWS }, (_, row) => Math.floor(row / PER_SESSION)),
        },
      },
    }
    const targets = [targetOf('direction', 'binary', y)]
    expect(calibrated(targets, { predictions, of: sorted })).toStrictEqual(calibrated(targets, { predictions }))
  })

  test('gives strength an interval that holds its level of the rows it was fitted on', () => {
    const random = uniforms(3)
    const y = Float32Array.from({ length: ROWS }, () => 4 * (random() + random() - 1))
    const predictions = new Map([['strength_signed', new Float64Array(ROWS)]])
    const target = targetOf('strength_signed', 'regression', y)
    const found = calibrated([target], { predictions, to: ROWS }).get('strength_signed')
    const { calibrator } = found ?? {}
    if (calibrator?.kind !== 'conformal') throw new Error('an interval is expected')
    const { radius } = calibrator
    expect(y.filter((value) => Math.abs(value) <= radius).length / ROWS).toBeCloseTo(0.8 * (31 / 30), 2)
    expect(found?.reason).toBe('split conformal over 30 sessions')
  })

  test('has no calibrator, and says why, without inner folds, without targets, of too few sessions', () => {
    const { p, y } = overconfident()
    const target = targetOf('direction', 'binary', y)
    const predictions = new Map([
      ['direction', p],
      ['strength_signed', p],
    ])
    const confirm = { rows: rowsIn(SPLIT, ROWS), predictions }
    expect(calibrateHeads({ table, targets: [target], parts: [], confirm }).get('direction')).toMatchObject({
      calibrator: null,
      reason: 'no inner folds',
    })
    const none = targetOf('direction', 'binary', y, new Uint8Array(ROWS))
    expect(calibrated([none], { predictions, to: 40 }).get('direction')).toMatchObject({
      calibrator: null,
      reason: 'no out-of-fold prediction has a target',
      rows: 0,
    })
    expect(calibrated([target], { predictions, to: 40 }).get('direction')).toMatchObject({
      calibrator: { kind: 'identity' },
      reason: expect.stringMatching(
        /^1\d separate events are too few for any map \(the simplest needs 20\): kept as it is$/,
      ) as string,
    })
    const strength = targetOf('strength_signed', 'regression', y)
    expect(calibrated([strength], { predictions, to: 80 }).get('strength_signed')).toMatchObject({
      calibrator: null,
      reason: '2 sessions are too few for 0.8: it takes at least 4',
    })
  })
})

describe('a map is left out', () => {
  test('where touches that overlap make many rows of few events', () => {
    const { p, y } = overconfident()
    const starts = table.columns['ts_ns']
    if (starts?.type !== 'time') throw new Error('ts_ns is a column of times')
    // Forty touches of a session within its first four minutes.
    const crowded = starts.values.map(
      (_, row) => (starts.values[row - (row % PER_SESSION)] ?? 0n) + BigInt(row % 4) * 60n * 10n ** 9n,
    )
    const of = { ...table, columns: { ...table.columns, ts_ns: { type: 'time' as const, values: crowded } } }
    const predictions = new Map([['direction', p]])
    const target = targetOf('direction', 'binary', y)
    const found = calibrated([target], { predictions, of, to: 19 * PER_SESSION }).get('direction')
    expect(found?.calibrator).toEqual({ kind: 'identity' })
    expect(found?.reason).toBe('19 separate events are too few for any map (the simplest needs 20): kept as it is')
    // Two events for each parameter of a map more, and only the stiffest is tried.
    const wider = calibrated([target], { predictions, of }).get('direction')
    expect(wider?.scores.map(({ kind }) => kind)).toEqual(['identity', 'temperature'])
  })

  test('where it helps the models of inner folds and not the one that is served', () => {
    const { p, y } = overconfident()
    const right = p.map((q) => 1 / (1 + ((1 - q) / q) ** 0.4))
    const target = targetOf('direction', 'binary', y)
    const fitted = { rows: rowsIn(0, SPLIT), predictions: new Map([['direction', p]]) }
    const served = { rows: rowsIn(SPLIT, ROWS), predictions: new Map([['direction', right]]) }
    const found = calibrateHeads({ table, targets: [target], parts: [fitted], confirm: served }).get('direction')
    expect(found?.calibrator).toEqual({ kind: 'identity' })
    expect(found?.reason).toMatch(
      /saves 0\.\d+ nats a row out of fold, but -0\.\d+ .* on 6 later sessions of the model itself$/,
    )
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

test('maps are not fitted to the predictions of one inner fold alone, and intervals of strength are', () => {
  const { p, y } = overconfident()
  const noMaps = whyNoMaps(1, false)
  const predictions = new Map(['direction', 'strength_signed'].map((name) => [name, p]))
  const targets = [targetOf('direction', 'binary', y), targetOf('strength_signed', 'regression', y)]
  const confirm = { rows: rowsIn(SPLIT, ROWS), predictions }
  const found = calibrateHeads({ table, targets, parts: [{ rows: rowsIn(0, SPLIT), predictions }], confirm, noMaps })
  expect(found.get('direction')).toMatchObject({ calibrator: { kind: 'identity' }, reason: noMaps, sessions: 24 })
  expect(noMaps).toMatch(/^one inner fold alone/)
  expect(found.get('strength_signed')?.calibrator?.kind).toBe('conformal')
  expect([whyNoMaps(0, false), whyNoMaps(2, false), whyNoMaps(1, true)]).toEqual([null, null, null])
})

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
