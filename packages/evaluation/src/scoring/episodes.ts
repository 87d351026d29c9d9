import { numbersOf, stringColumn, type Table, timesOf } from '@breakwater/features'

/** A touch within so many minutes of the one before, of the same level, belongs to its episode: as long as a live touch takes to be confirmed. */
export const EPISODE_MINUTES = 4
/** Levels of one kind that are nearer than this, in dollars, are one level that has moved: as near as a live level is watched. */
const SAME_LEVEL = 0.25

const MINUTE_NS = 60_000_000_000n

/**
 * The touches that begin an episode: 1 where the level was not touched within the {@link EPISODE_MINUTES} minutes before, else 0, one value a row. Signals have a
 * row for every minute of a touch, so price that stays at a level makes many rows; an episode is one of them. A level is known by its
 * kind and price. Null where the table lacks time, kind or price. O(rows log rows).
 */
export function episodeStarts(table: Table): Uint8Array | null {
  const { ts_ns: times, level_kind_name: kinds, level_price: prices } = table.columns
  if (times?.type !== 'time' || kinds?.type !== 'string' || prices?.type !== 'number') return null
  const [at, kind, price] = [
    timesOf(table, 'ts_ns'),
    stringColumn(table, 'level_kind_name').codes,
    numbersOf(table, 'level_price'),
  ]
  const inOrder = Array.from(at.keys()).toSorted((a, b) => Number((at[a] as bigint) - (at[b] as bigint)))
  const starts = new Uint8Array(table.rows)
  const running = new Map<number, { readonly price: number; readonly ns: bigint }[]>()
  for (const row of inOrder) {
    const [now, where, which] = [at[row] as bigint, price[row] as number, kind[row] as number]
    const before = (running.get(which) ?? []).filter(({ ns }) => now - ns <= BigInt(EPISODE_MINUTES) * MINUTE_NS)
    if (!before.some((touch) => Math.abs(touch.price - where) <= SAME_LEVEL)) starts[row] = 1
    running.set(which, [...before, { price: where, ns: now }])
  }
  return starts
}
