import type { RandomStream } from './random.ts'
import { TRENDS } from './physics-row.ts'
import type { PhysicsRow } from './physics-row.ts'

/** A physics row with gaps: NaN or null where the value is missing. */
export type GappyRow = Readonly<Record<string, number | string | null>>

/** Minutes between the two values that a trend compares. */
const TREND_MINUTES = 5

/**
 * The rows with each value missing by chance `rate`, independently and at random, never zero in its place. A number is
 * then NaN, a word null. Trends are added after: value now less value five minutes before, missing in the first five
 * minutes of the session and where either value is.
 */
export function withGapsAndTrends(
  rows: readonly PhysicsRow[],
  rate: number,
  random: RandomStream,
): readonly GappyRow[] {
  const gappy: GappyRow[] = []
  for (const row of rows) gappy.push(withGaps(row, rate, random))
  return gappy.map((row, at) => ({ ...row, ...trends(row, gappy[at - TREND_MINUTES]) }))
}

function withGaps(row: PhysicsRow, rate: number, random: RandomStream): GappyRow {
  const gappy: Record<string, number | string | null> = {}
  for (const [column, value] of Object.entries(row)) {
    const missing = random.uniform() < rate
    if (missing) gappy[column] = typeof value === 'number' ? Number.NaN : null
    else gappy[column] = value
  }
  return gappy
}

function trends(row: GappyRow, earlier: GappyRow | undefined): Record<string, number> {
  return Object.fromEntries(
    TRENDS.map(([source, trend]) => [trend, numberOrNaN(row[source]) - numberOrNaN(earlier?.[source])] as const),
  )
}

/** The value where it is a number, NaN where it is a word or missing. */
export function numberOrNaN(value: GappyRow[string] | undefined): number {
  return typeof value === 'number' ? value : Number.NaN
}
