import { createLiveFeatures } from '@breakwater/features'
import type { Bars, LiveFeatures, MinuteBar, Table } from '@breakwater/features'
import type { Physics, Snapshot, SnapshotLevel } from '@breakwater/viewport'

const MINUTE_NS = 60_000_000_000n
const TICK_NS = 250_000_000n
const TICKS = 240

/** How often the readings of order book, tape and options change. */
export type PhysicsPace = 'none' | 'minute' | 'tick'

/** Bars as the live features take them. */
export function minuteBars(bars: Bars): MinuteBar[] {
  return Array.from({ length: bars.rows }, (_, i) => ({
    minute: Number((bars.ts[i] ?? 0n) / MINUTE_NS),
    open: bars.open[i] ?? Number.NaN,
    high: bars.high[i] ?? Number.NaN,
    low: bars.low[i] ?? Number.NaN,
    close: bars.close[i] ?? Number.NaN,
    volume: bars.volume[i] ?? Number.NaN,
  }))
}

/** Readings of each minute by name. */
export function physicsByMinute({ columns, rows }: Table): Map<number, Record<string, number | string | null>> {
  const ts = columns['ts_ns']
  if (ts?.type !== 'time') throw new Error('bench: physics.ts_ns is no time column')
  const byMinute = new Map<number, Record<string, number | string | null>>()
  for (let row = 0; row < rows; row++) {
    const readings: Record<string, number | string | null> = {}
    for (const [name, column] of Object.entries(columns)) {
      if (column.type === 'number') readings[name] = column.values[row] ?? null
      if (column.type === 'string') readings[name] = column.dictionary[column.codes[row] ?? -1] ?? null
    }
    byMinute.set(Number((ts.values[row] ?? 0n) / MINUTE_NS), readings)
  }
  return byMinute
}

/** Where spot is within a bar: open, then the extreme nearer to the open, the other one, and the close. */
function spotIn({ open, high, low, close }: MinuteBar, tick: number): number {
  const stops = high - open < open - low ? [open, high, low, close] : [open, low, high, close]
  const at = (tick / (TICKS - 1)) * 3
  const leg = Math.min(2, Math.floor(at))
  const [from = open, to = close] = stops.slice(leg)
  return Math.round((from + (to - from) * (at - leg)) * 100) / 100
}

/**
 * Snapshots every 250 ms through the regular bars among `bars`, those that have physics: levels and round dollars from the live
 * features, physics at the given pace, and each bar with the first snapshot after its end. The bars are not pushed here.
 */
export function* snapshots(
  bars: readonly MinuteBar[],
  live: LiveFeatures,
  physics: ReadonlyMap<number, Physics>,
  pace: PhysicsPace,
): Generator<Snapshot> {
  let ended: MinuteBar[] = []
  for (const bar of bars) {
    const startNs = BigInt(bar.minute) * MINUTE_NS
    const readings = physics.get(bar.minute)
    if (readings === undefined) {
      ended.push(bar)
      continue
    }
    let levels: SnapshotLevel[] = []
    for (let tick = 0; tick < TICKS; tick++) {
      const tsNs = startNs + BigInt(tick) * TICK_NS
      const spot = spotIn(bar, tick)
      if (tick < 2 || pace === 'tick') levels = levelsAt(live, tsNs, readings, pace, tick)
      yield { tsNs, spot, bid: spot - 0.01, ask: spot + 0.01, levels, bars: ended }
      ended = []
    }
    ended.push(bar)
  }
}

function levelsAt(
  live: LiveFeatures,
  tsNs: bigint,
  readings: Physics,
  pace: PhysicsPace,
  tick: number,
): SnapshotLevel[] {
  const near = live.levels(tsNs, 3)
  // Half dollars too, so that eight levels always lie within a dollar of the price, as strikes and zones do.
  const rounds = near.filter(({ kind }) => kind === 'ROUND')
  const quarters = rounds.flatMap(({ price }) =>
    [0.25, 0.5, 0.75].map((more) => ({ kind: 'STRIKE', price: price + more })),
  )
  const physics = pace === 'none' ? undefined : readings
  return [...near, ...quarters].map(({ kind, price }, i) => ({
    id: `${kind} ${price.toFixed(2)}`,
    kind,
    price,
    ...(physics === undefined ? {} : { physics: pace === 'tick' ? moved(physics, tick + i) : physics }),
  }))
}

function moved(physics: Physics, by: number): Physics {
  return { ...physics, tape_imbalance: Math.sin(by), tape_velocity: Math.cos(by) }
}

/** Live features that have seen the bars before the first tick. */
export function warmed(bars: readonly MinuteBar[]): LiveFeatures {
  const live = createLiveFeatures()
  for (const bar of bars) live.push(bar)
  return live
}
