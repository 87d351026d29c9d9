import { describe, expect, test } from 'vitest'
import { planExplicit, WalkForwardViolationError } from '@breakwater/splits'
import { midnight, weekdays } from './sessions.ts'

const dates = weekdays(10)
const day = (index: number): string => dates[index] ?? ''

describe('planExplicit', () => {
  test('makes one fold of the given dates, in any order within a role', () => {
    const plan = planExplicit(
      { dates },
      { train: [day(1), day(0)], validation: [day(2)], calibration: [day(4)], test: [day(7), day(6)] },
    )
    expect(plan).toMatchObject({ version: 1, kind: 'explicit', options: { embargoSessions: 0 } })
    expect(plan.folds).toStrictEqual([
      {
        index: 0,
        train: [day(0), day(1)],
        validation: [day(2)],
        calibration: [day(4)],
        test: [day(6), day(7)],
        embargoed: [],
        counts: { train: 2, validation: 1, calibration: 1, test: 2, purged: 0 },
        boundary: null,
      },
    ])
  })

  test('allows dates to score that are only for validation, or only for test', () => {
    expect(planExplicit({ dates }, { train: [day(0)], validation: [day(1)], test: [] }).folds[0]?.test).toStrictEqual(
      [],
    )
    expect(planExplicit({ dates }, { train: [day(0)], validation: [], test: [day(1)] }).folds[0]?.counts.test).toBe(1)
  })

  test('withholds given dates that lie within the embargo, counted in sessions of the data', () => {
    const roles = { train: dates.slice(0, 6), validation: [day(6)], test: [day(8)] }
    const [fold] = planExplicit({ dates }, { ...roles, embargoSessions: 1 }).folds
    expect(fold).toMatchObject({ train: dates.slice(0, 5), validation: [day(6)], embargoed: [day(5)] })
  })

  test('purges by the label end across given dates', () => {
    const startNs = BigInt64Array.from(dates, midnight)
    const labelEndNs = startNs.map((start) => start + 2n * 86_400_000_000_000n)
    const plan = planExplicit(
      { dates, startNs, labelEndNs },
      { train: dates.slice(0, 4), validation: [], test: dates.slice(4, 6) },
    )
    expect(plan.folds[0]?.counts).toStrictEqual({ train: 3, validation: 0, calibration: 0, test: 2, purged: 1 })
  })
})

const overlapping = (): unknown =>
  planExplicit({ dates }, { train: dates.slice(0, 4), validation: dates.slice(3, 5), test: [day(6)] })

describe('planExplicit refuses', () => {
  test('overlapping roles, naming the dates', () => {
    expect(overlapping).toThrow(WalkForwardViolationError)
    expect(overlapping).toThrow(
      'splits: validation=2025-01-07, 2025-01-08: walk-forward violation: 2025-01-07 in both train and validation. ' +
        'Every train date must be before every validation date.',
    )
    expect(overlapping).toThrow(expect.objectContaining({ code: 'WALK_FORWARD_VIOLATION' }))
  })

  test('roles out of order, naming the dates', () => {
    expect(() => planExplicit({ dates }, { train: [day(0), day(5)], validation: [], test: [day(3), day(6)] })).toThrow(
      'splits: test=2025-01-07, 2025-01-10: walk-forward violation: train date 2025-01-09 after test date 2025-01-07.',
    )
    expect(() => planExplicit({ dates }, { train: [day(0)], validation: [day(5)], test: [day(2)] })).toThrow(
      'walk-forward violation: validation date 2025-01-09 after test date 2025-01-06',
    )
    expect(() => planExplicit({ dates }, { train: dates.slice(1, 9), validation: [], test: [day(0)] })).toThrow(
      /walk-forward violation: train date .*, 2025-01-09 and 3 more after test date 2025-01-02/,
    )
  })

  test('dates that the data lacks, with the range that exists', () => {
    expect(() =>
      planExplicit({ dates }, { train: [day(0)], validation: [], test: ['2026-03-02', '2026-03-03'] }),
    ).toThrow(
      'splits: test=2026-03-02, 2026-03-03: no matching dates. The data has 10 sessions from 2025-01-02 to ' +
        '2025-01-15: choose among them, or add data.',
    )
  })

  test('malformed and repeated dates', () => {
    expect(() => planExplicit({ dates }, { train: ['Jan 2'], validation: [], test: [day(1)] })).toThrow(
      'splits: train="Jan 2": must be a date.',
    )
    expect(() => planExplicit({ dates }, { train: [day(0), day(0)], validation: [], test: [day(1)] })).toThrow(
      'splits: train=2025-01-02: is given twice. Name each date once.',
    )
  })

  test('nothing to train on, nothing to score, and an embargo that leaves a role empty', () => {
    expect(() => planExplicit({ dates }, { train: [], validation: [], test: [day(1)] })).toThrow('splits: train=[]')
    expect(() => planExplicit({ dates }, { train: [day(0)], validation: [], test: [] })).toThrow('nothing to score')
    expect(() =>
      planExplicit({ dates }, { train: [day(0)], validation: [], test: [day(1)], embargoSessions: 3 }),
    ).toThrow('splits: embargoSessions=3: withholds every train date (2025-01-02).')
    expect(() =>
      planExplicit({ dates }, { train: [day(0)], validation: [], test: [day(1)], embargoSessions: 0.5 }),
    ).toThrow('splits: embargoSessions=0.5: must be a whole number of at least 0.')
  })
})
