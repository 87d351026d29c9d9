import * as fc from 'fast-check'
import { type Fold, ROLES, type SplitRows } from '@breakwater/splits'

/** `count` weekdays from 2025-01-02. */
export function weekdays(count: number): string[] {
  const dates: string[] = []
  for (let day = Date.UTC(2025, 0, 2); dates.length < count; day += 86_400_000) {
    const date = new Date(day)
    if (date.getUTCDay() % 6 !== 0) dates.push(date.toISOString().slice(0, 10))
  }
  return dates
}

const DAY_NS = 86_400_000_000_000n

/** Nanoseconds of midnight UTC of a date. */
export const midnight = (date: string): bigint => BigInt(Date.parse(`${date}T00:00:00Z`)) * 1_000_000n

/** Sessions with one to four rows each, in shuffled order, whose labels may run up to three days on. */
export const anyRows: fc.Arbitrary<SplitRows & { readonly dates: readonly string[] }> = fc
  .array(fc.array(fc.tuple(fc.nat(23), fc.nat(72)), { minLength: 1, maxLength: 4 }), { minLength: 12, maxLength: 40 })
  .chain((sessions) => {
    const dates = weekdays(sessions.length)
    const rows = sessions.flatMap((hours, s) =>
      hours.map(([hour, length]) => {
        const date = dates[s] ?? ''
        const start = midnight(date) + (BigInt(hour) * DAY_NS) / 24n
        return { date, start, labelEnd: start + (BigInt(length) * DAY_NS) / 24n }
      }),
    )
    return fc.shuffledSubarray(rows, { minLength: rows.length, maxLength: rows.length })
  })
  .map((rows) => ({
    dates: rows.map((row) => row.date),
    startNs: BigInt64Array.from(rows, (row) => row.start),
    labelEndNs: BigInt64Array.from(rows, (row) => row.labelEnd),
  }))

/** Options that twelve sessions can satisfy. */
export const anyOptions = fc.record(
  {
    folds: fc.integer({ min: 1, max: 3 }),
    validationSessions: fc.nat(2),
    calibrationSessions: fc.nat(1),
    embargoSessions: fc.nat(1),
    trainSessions: fc.integer({ min: 1, max: 2 }),
  },
  { requiredKeys: ['folds'] },
)

/** Every date that a fold uses, with its role's position. */
export const datedRoles = (fold: Fold): [string, number][] =>
  ROLES.flatMap((role, position) => fold[role].map((date): [string, number] => [date, position]))
