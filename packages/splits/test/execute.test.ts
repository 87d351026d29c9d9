import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Fold, foldRows, innerFolds, planWalkForward, type Role, ROLES, type SplitRows } from '@breakwater/splits'
import { anyOptions, anyRows, midnight, weekdays } from './sessions.ts'

/** The role of each row by the definition, one row and one later role at a time. */
function bruteForce(fold: Fold, rows: SplitRows & { readonly dates: readonly string[] }): (Role | 'purged' | null)[] {
  const start = [...(rows.startNs ?? [])]
  const labelEnd = [...(rows.labelEndNs ?? [])]
  return rows.dates.map((date, row) => {
    const role = ROLES.find((candidate) => fold[candidate].includes(date))
    if (role === undefined) return null
    const later = ROLES.slice(ROLES.indexOf(role) + 1).flatMap((name) => fold[name])
    const beyond = [...later, ...(fold.boundary === null ? [] : [fold.boundary])]
    const crosses = rows.dates.some(
      (other, i) => beyond.includes(other) && (labelEnd[row] ?? 0n) > firstStart(rows.dates, start, beyond, i),
    )
    return crosses ? 'purged' : role
  })
}

/** The start of row i, or of an earlier row of the same dates. */
function firstStart(dates: readonly string[], start: readonly bigint[], among: readonly string[], i: number): bigint {
  return start
    .filter((_, other) => among.includes(dates[other] ?? ''))
    .reduce((least, value) => (value < least ? value : least), start[i] ?? 0n)
}

const roleByRow = (fold: Fold, rows: SplitRows): (Role | 'purged' | null)[] => {
  const masks = foldRows(fold, rows)
  return Array.from(
    masks.purged,
    (_, row) => (['purged', ...ROLES] as const).find((name) => masks[name][row] === 1) ?? null,
  )
}

describe('foldRows', () => {
  test('purges a row whose label ends after a later role starts, and keeps one that ends as it starts', () => {
    const dates = ['2025-01-02', '2025-01-02', '2025-01-03', '2025-01-06']
    const startNs = BigInt64Array.from(dates, midnight)
    const labelEndNs = startNs.slice()
    labelEndNs[0] = midnight('2025-01-03')
    labelEndNs[1] = midnight('2025-01-03') + 1n
    const rows = { dates, startNs, labelEndNs }
    const [fold] = planWalkForward(rows, { folds: 1, testSessions: 1, validationSessions: 1 }).folds
    expect(fold?.counts).toStrictEqual({ train: 1, validation: 1, calibration: 0, test: 1, purged: 1 })
    expect(fold && roleByRow(fold, rows)).toStrictEqual(['train', 'purged', 'validation', 'test'])
  })

  test('never purges a row without a label', () => {
    const dates = weekdays(3)
    const startNs = BigInt64Array.from(dates, midnight)
    const rows = { dates, startNs, labelEndNs: new BigInt64Array(3).fill(-(2n ** 63n)) }
    expect(planWalkForward(rows, { folds: 1 }).folds[0]?.counts.purged).toBe(0)
  })

  test('agrees with brute force on any rows, and its masks with the counts of the plan', () => {
    fc.assert(
      fc.property(anyRows, anyOptions, (rows, options) => {
        for (const fold of planWalkForward(rows, options).folds) {
          const roles = roleByRow(fold, rows)
          expect(roles).toStrictEqual(bruteForce(fold, rows))
          const named = roles.filter((role) => role !== null)
          for (const role of [...ROLES, 'purged'] as const)
            expect(fold.counts[role]).toBe(named.filter((name) => name === role).length)
        }
      }),
      { numRuns: 50 },
    )
  })
})

describe('innerFolds', () => {
  const inner = { folds: 2, testSessions: 1, validationSessions: 1 }

  test('walk forward inside the dates of the fold and purge what reaches into its test dates', () => {
    const dates = weekdays(8)
    const startNs = BigInt64Array.from(dates, midnight)
    const labelEndNs = startNs.with(5, (startNs[6] ?? 0n) + 1n)
    const rows = { dates, startNs, labelEndNs }
    const [outer] = planWalkForward(rows, { folds: 1, testSessions: 2, validationSessions: 2 }).folds
    if (outer === undefined) throw new Error('the plan has a fold')
    const folds = innerFolds(outer, rows, inner)
    expect(folds.map(({ train, validation, test: scored }) => [train, validation, scored])).toStrictEqual([
      [dates.slice(0, 3), dates.slice(3, 4), dates.slice(4, 5)],
      [dates.slice(0, 4), dates.slice(4, 5), dates.slice(5, 6)],
    ])
    expect(folds.map((fold) => fold.boundary)).toStrictEqual([dates[6], dates[6]])
    expect(folds[1]?.counts).toStrictEqual({ train: 4, validation: 1, calibration: 0, test: 0, purged: 1 })
  })

  test('never touch the test or embargoed dates of any fold, and agree with brute force', () => {
    fc.assert(
      fc.property(anyRows, (rows) => {
        const outer = planWalkForward(rows, {
          folds: 2,
          testSessions: 2,
          calibrationSessions: 1,
          embargoSessions: 1,
          minTrainSessions: 2,
        }).folds[1]
        if (outer === undefined) throw new Error('the plan has two folds')
        const allowed = new Set([...outer.train, ...outer.calibration])
        for (const fold of innerFolds(outer, rows, inner)) {
          for (const date of ROLES.flatMap((role) => fold[role])) expect(allowed.has(date)).toBe(true)
          expect(roleByRow(fold, rows)).toStrictEqual(bruteForce(fold, rows))
        }
      }),
      { numRuns: 50 },
    )
  })

  test('say so when the rows are not those of the plan', () => {
    const [outer] = planWalkForward({ dates: weekdays(8) }, { folds: 1 }).folds
    if (outer === undefined) throw new Error('the plan has a fold')
    expect(() => innerFolds(outer, { dates: weekdays(3).slice(1) }, inner)).toThrow(
      'splits: fold 0=2025-01-02: no matching dates. The rows have 2025-01-03 to 2025-01-06',
    )
  })
})
