import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Fold, planWalkForward, ROLES, WalkForwardViolationError } from '@breakwater/splits'
import { anyOptions, anyRows, datedRoles, midnight, weekdays } from './sessions.ts'

const datesOnly = (fold: Fold): object => ({ ...fold, counts: null })

describe('planWalkForward', () => {
  test('lays test blocks at the end and expands the training window up to each', () => {
    const plan = planWalkForward(
      { dates: weekdays(10) },
      { folds: 2, testSessions: 2, validationSessions: 1, calibrationSessions: 1 },
    )
    const [first, second] = plan.folds
    expect(plan).toMatchObject({
      version: 1,
      kind: 'expanding',
      sessions: { count: 10, first: '2025-01-02', last: '2025-01-15' },
      options: {
        folds: 2,
        testSessions: 2,
        trainSessions: null,
        minTrainSessions: 1,
        embargoSessions: 0,
        outerSessions: 2,
      },
      outer: ['2025-01-14', '2025-01-15'],
    })
    expect(first).toStrictEqual({
      index: 0,
      train: ['2025-01-02', '2025-01-03', '2025-01-06', '2025-01-07'],
      validation: ['2025-01-08'],
      calibration: ['2025-01-09'],
      test: ['2025-01-10', '2025-01-13'],
      embargoed: [],
      counts: { train: 4, validation: 1, calibration: 1, test: 2, purged: 0 },
      boundary: null,
    })
    expect(second?.train).toStrictEqual([...(first?.train ?? []), '2025-01-08', '2025-01-09'])
    expect(second?.test).toStrictEqual(['2025-01-14', '2025-01-15'])
  })

  test('an outer block of its own length ends the sessions, and no fold has its dates but as test dates', () => {
    const dates = weekdays(20)
    const plan = planWalkForward({ dates }, { folds: 3, testSessions: 2, validationSessions: 1, outerSessions: 5 })
    expect(plan.outer).toStrictEqual(dates.slice(15))
    expect(plan.folds.map((fold) => fold.test)).toStrictEqual([dates.slice(11, 13), dates.slice(13, 15), plan.outer])
    expect(plan.folds.at(-1)?.validation).toStrictEqual(dates.slice(14, 15))
    for (const { train, validation, calibration } of plan.folds) {
      expect([...train, ...validation, ...calibration].filter((date) => plan.outer.includes(date))).toStrictEqual([])
    }
    // 20 - 1 - 5 sessions in three parts: two test blocks, and what the first fold trains on.
    const derived = planWalkForward({ dates }, { folds: 3, validationSessions: 1, outerSessions: 5 })
    expect(derived.folds.map((fold) => fold.test.length)).toStrictEqual([4, 4, 5])
    expect(() => planWalkForward({ dates }, { folds: 3, testSessions: 4, outerSessions: 12 })).toThrow(
      'too few sessions: 21 are needed (2 x 4 and 12 to test, 1 to train',
    )
  })

  test('rolls a full window of the length asked for', () => {
    const dates = weekdays(10)
    const plan = planWalkForward({ dates }, { folds: 3, testSessions: 2, trainSessions: 3 })
    expect(plan.kind).toBe('rolling')
    expect(plan.folds.map((fold) => fold.train)).toStrictEqual([
      dates.slice(1, 4),
      dates.slice(3, 6),
      dates.slice(5, 8),
    ])
  })

  test('withholds the embargo between consecutive roles', () => {
    const dates = weekdays(10)
    const [fold] = planWalkForward(
      { dates },
      { folds: 1, testSessions: 2, validationSessions: 2, embargoSessions: 2 },
    ).folds
    expect(fold?.train).toStrictEqual(dates.slice(0, 2))
    expect(fold?.embargoed).toStrictEqual([...dates.slice(2, 4), ...dates.slice(6, 8)])
  })

  test('derives test blocks that leave the first fold at least as much to train on', () => {
    expect(planWalkForward({ dates: weekdays(40) }, { folds: 3, validationSessions: 4 }).options).toMatchObject({
      testSessions: 9,
    })
    expect(
      planWalkForward({ dates: weekdays(40) }, { folds: 3, validationSessions: 4, minTrainSessions: 30 }).options,
    ).toMatchObject({ testSessions: 2 })
  })

  test('reads dates from a dictionary, and takes entries that no row uses for no session', () => {
    const dates = weekdays(6)
    const dictionary = ['2031-01-01', ...dates.toReversed()]
    const codes = Int32Array.from(dates, (date) => dictionary.indexOf(date))
    expect(planWalkForward({ dates: { codes, dictionary } }, { folds: 2 })).toStrictEqual(
      planWalkForward({ dates }, { folds: 2 }),
    )
  })

  test('survives JSON', () => {
    const plan = planWalkForward({ dates: weekdays(10) }, { folds: 2 })
    expect(JSON.parse(JSON.stringify(plan))).toStrictEqual(plan)
  })
})

describe('a walk-forward plan of any rows', () => {
  test('uses no date twice in a fold, and puts every role before the roles after it', () => {
    fc.assert(
      fc.property(anyRows, anyOptions, (rows, options) => {
        for (const fold of planWalkForward(rows, options).folds) {
          const used = datedRoles(fold)
          const all = [...used.map(([date]) => date), ...fold.embargoed]
          expect(new Set(all).size).toBe(all.length)
          const inTime = used.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, position]) => position)
          expect(inTime).toStrictEqual(inTime.toSorted((a, b) => a - b))
        }
      }),
    )
  })

  test('tests every date of its test range in exactly one fold', () => {
    fc.assert(
      fc.property(anyRows, anyOptions, (rows, options) => {
        const { folds } = planWalkForward(rows, options)
        const tested = folds.flatMap((fold) => fold.test)
        const sessions = [...new Set(rows.dates)].toSorted()
        expect(tested).toStrictEqual(sessions.slice(-tested.length))
      }),
    )
  })

  test('keeps the embargo free before every role', () => {
    fc.assert(
      fc.property(anyRows, anyOptions, (rows, options) => {
        const sessions = [...new Set(rows.dates)].toSorted()
        for (const fold of planWalkForward(rows, options).folds) {
          const filled = ROLES.map((role) => fold[role]).filter((dates) => dates.length > 0)
          for (const [i, later] of filled.entries()) {
            const earlier = filled[i - 1]
            if (earlier === undefined) continue
            const gap = sessions.indexOf(later[0] ?? '') - sessions.indexOf(earlier.at(-1) ?? '') - 1
            expect(gap).toBe(options.embargoSessions ?? 0)
          }
        }
      }),
    )
  })

  test('is the same in any order of the rows, and has the same dates when rows repeat', () => {
    fc.assert(
      fc.property(anyRows, anyOptions, (rows, options) => {
        const plan = planWalkForward(rows, options)
        const reversed = {
          dates: rows.dates.toReversed(),
          startNs: rows.startNs?.toReversed() ?? new BigInt64Array(),
          labelEndNs: rows.labelEndNs?.toReversed() ?? new BigInt64Array(),
        }
        expect(planWalkForward(reversed, options)).toStrictEqual(plan)
        const twice = planWalkForward({ dates: [...rows.dates, ...rows.dates] }, options)
        expect(twice.folds.map((fold) => datesOnly(fold))).toStrictEqual(plan.folds.map((fold) => datesOnly(fold)))
      }),
    )
  })
})

describe('planWalkForward refuses', () => {
  const dates = weekdays(10)

  test('too few sessions, saying how many it needs and has', () => {
    expect(() => planWalkForward({ dates }, { folds: 3, testSessions: 3, validationSessions: 1 })).toThrow(
      'splits: options.folds=3: too few sessions: 11 are needed (3 x 3 to test, 1 to train, 1 for validation, ' +
        'calibration and embargo), there are 10 (2025-01-02 to 2025-01-15).',
    )
    expect(() => planWalkForward({ dates }, { folds: 20 })).toThrow('too few sessions: 21 are needed')
  })

  test('options that are unknown, such as a shuffle, or out of range', () => {
    const shuffled = { folds: 2, shuffle: true }
    expect(() => planWalkForward({ dates }, shuffled)).toThrow('splits: options.shuffle: is unknown.')
    expect(() => planWalkForward({ dates }, { folds: 0 })).toThrow(
      'splits: options.folds=0: must be a whole number of at least 1.',
    )
    expect(() => planWalkForward({ dates }, { folds: 2, embargoSessions: -1 })).toThrow('options.embargoSessions=-1')
    expect(() => planWalkForward({ dates }, { folds: 1.5 })).toThrow('options.folds=1.5')
    expect(() => planWalkForward({ dates }, { folds: 1, trainSessions: Number.NaN })).toThrow('trainSessions=NaN')
  })

  test.each(['2025-1-2', '2025-02-30', '', '20250102', '2025-01-02T00:00:00Z'])('the malformed date "%s"', (date) => {
    expect(() => planWalkForward({ dates: [...dates, date] }, { folds: 2 })).toThrow(
      `splits: rows.dates=${JSON.stringify(date)}: must be a date. Write it as YYYY-MM-DD.`,
    )
  })

  test('no rows, and rows without a date', () => {
    expect(() => planWalkForward({ dates: [] }, { folds: 1 })).toThrow('splits: rows.dates=[]')
    const codes = Int32Array.of(0, -1)
    expect(() => planWalkForward({ dates: { codes, dictionary: dates } }, { folds: 1 })).toThrow(
      'splits: rows.dates.codes[1]=-1: every row needs a date.',
    )
  })

  test('times that are incomplete, too few, or missing', () => {
    const times = BigInt64Array.from(dates, midnight)
    expect(() => planWalkForward({ dates, startNs: times }, { folds: 1 })).toThrow('rows.labelEndNs=undefined')
    expect(() => planWalkForward({ dates, startNs: times, labelEndNs: times.slice(1) }, { folds: 1 })).toThrow(
      'splits: rows.labelEndNs.length=9: must be one per row. There are 10 rows.',
    )
    const missing = times.with(3, -(2n ** 63n))
    expect(() => planWalkForward({ dates, startNs: missing, labelEndNs: times }, { folds: 1 })).toThrow(
      'splits: rows.startNs[3]: is missing.',
    )
  })

  test('dates that the times contradict', () => {
    const startNs = BigInt64Array.from(dates, midnight)
    const mixed = startNs.with(2, startNs[5] ?? 0n)
    const plan = (): unknown => planWalkForward({ dates, startNs: mixed, labelEndNs: mixed }, { folds: 1 })
    expect(plan).toThrow(WalkForwardViolationError)
    expect(plan).toThrow('walk-forward violation: a row dated 2025-01-07 starts no later than one dated 2025-01-06')
  })
})
