import { BARRIER_STATES, FUEL_EFFECTS, GAMMA_BUCKETS, signalColumns } from '@breakwater/features'
import type { Column, Table } from '@breakwater/features'
import { randomNumbers } from './synthetic-bars.ts'
import { numbers, times, words } from './tables.ts'

const GROUPS = new Set(['barrier_physics', 'tape_physics', 'fuel_physics', 'dealer_velocity'])
const WORDS: Readonly<Record<string, readonly string[]>> = {
  barrier_state: BARRIER_STATES,
  fuel_effect: FUEL_EFFECTS,
  gamma_bucket: GAMMA_BUCKETS,
}

/** Names of the physics columns that a source gives: those not derived from others. */
export const physicsColumns: readonly string[] = signalColumns
  .filter(({ group, name }) => (GROUPS.has(group) && !/_nonzero$|_log$/.test(name)) || name.endsWith('_trend'))
  .map(({ name }) => name)

/** Seeded physics for every touch of a signals table: a tenth of the values missing, a tenth zero. */
export function physicsFor(table: Table, seed: number): Table {
  const { ts_ns: ts, level_price: price } = table.columns
  if (ts?.type !== 'time' || price?.type !== 'number') throw new Error('not a signals table')
  const random = randomNumbers(seed)
  const byKey = new Map<string, number>()
  for (let row = 0; row < table.rows; row++) byKey.set(`${ts.values[row]} ${price.values[row]?.toFixed(2)}`, row)
  const rows = [...byKey.values()]
  const missing = (): boolean => random() < 0.1
  const column = (name: string): Column => {
    const vocabulary = WORDS[name]
    if (vocabulary !== undefined) {
      return words(rows.map(() => (missing() ? null : (vocabulary[Math.floor(random() * vocabulary.length)] ?? null))))
    }
    const scale = name.startsWith('gamma') ? 200_000 : 3
    return numbers(rows.map(() => (missing() ? Number.NaN : missing() ? 0 : (random() - 0.5) * scale)))
  }
  return {
    rows: rows.length,
    columns: {
      ts_ns: times(rows.map((row) => ts.values[row] ?? 0n)),
      level_price: numbers(rows.map((row) => price.values[row] ?? 0)),
      ...Object.fromEntries(physicsColumns.map((name) => [name, column(name)])),
    },
  }
}
