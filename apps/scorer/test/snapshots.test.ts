import { type Bars, newYorkCalendar, type PhysicsSource } from '@breakwater/features'
import { replaySnapshots } from '@breakwater/scorer'
import { expect, test } from 'vitest'

const MINUTE_NS = 60_000_000_000n
const OPEN = newYorkCalendar().sessionOf('2024-03-07')?.openNs ?? 0n
const MINUTES = 12

/** A price that walks up a dime a minute. */
const bars: Bars = {
  rows: MINUTES,
  ts: BigInt64Array.from({ length: MINUTES }, (_, i) => OPEN + BigInt(i) * MINUTE_NS),
  open: Float64Array.from({ length: MINUTES }, (_, i) => 500 + i / 10),
  high: Float64Array.from({ length: MINUTES }, (_, i) => 500.1 + i / 10),
  low: Float64Array.from({ length: MINUTES }, (_, i) => 500 + i / 10),
  close: Float64Array.from({ length: MINUTES }, (_, i) => 500.1 + i / 10),
  volume: new Float64Array(MINUTES).fill(1000),
}

/** Readings that look ahead: the barrier of a minute tells the close four minutes on, the tape that of the minute's end. */
const closeAt = (minute: number): number => 500 + (minute - Number(OPEN / MINUTE_NS)) / 10
const forward: PhysicsSource = {
  rows: 1,
  find: (minute) => minute,
  read: (minute) => ({
    numbers: {
      barrier_delta_liq: closeAt(minute + 4),
      tape_imbalance: closeAt(minute + 1),
      gamma_exposure: 7,
    } as never,
    words: { barrier_state: 'WALL', fuel_effect: 'DAMPEN' } as never,
  }),
}

/** Minutes from the open that have ended by each snapshot, with the physics of its first level. */
function replay(
  touchOf: (id: string) => number | null,
): { readonly ended: number; readonly physics: Record<string, unknown> }[] {
  const dates = new Set(['2024-03-07'])
  return [...replaySnapshots({ bars, physics: forward, intervalMs: 1000, dates, touchOf })].flatMap(
    ({ ts, levels }) => {
      const ended = (ts - Number(OPEN / 1_000_000n)) / 60_000
      return levels.slice(0, 1).map(({ physics = {} }) => ({ ended, physics: { ...physics } }))
    },
  )
}

test('a snapshot shows where price is at its time, and nothing of what comes after it', () => {
  const dates = new Set(['2024-03-07'])
  const seen = [...replaySnapshots({ bars, physics: forward, intervalMs: 15_000, dates, touchOf: () => null })]
  // A bar stays at its open, its low, for a third of the minute, and is at its high, its close, after two.
  const within = [0, 0, 0.05, 0.1]
  expect(seen.map(({ ts }) => ts - Number(OPEN / 1_000_000n))).toEqual(seen.map((_, i) => i * 15_000))
  for (const [i, { spy }] of seen.entries()) {
    const [minute, quarter] = [Math.floor(i / 4), i % 4]
    expect(spy.spot).toBeCloseTo(500 + minute / 10 + (within[quarter] as number), 9)
  }
})

test('a level that is not touched has no reading whose window has not ended, however far it looks ahead', () => {
  const seen = replay(() => null)
  expect(seen.length).toBeGreaterThan(500)
  for (const { ended, physics } of seen) {
    expect(Object.keys(physics)).not.toContain('barrier_delta_liq')
    expect(Object.keys(physics)).not.toContain('barrier_state')
    const known = Number(physics['tape_imbalance'])
    // The close of a minute that has ended.
    expect(known).toBeLessThanOrEqual(500 + Math.floor(ended) / 10 + 1e-9)
  }
})

test('a touched level gets the barrier of its touch minute four minutes after it began, and the tape after one', () => {
  const touched = Number(OPEN + 2n * MINUTE_NS)
  for (const { ended, physics } of replay(() => touched)) {
    expect('tape_imbalance' in physics).toBe(ended >= 3)
    expect('barrier_delta_liq' in physics).toBe(ended >= 6)
    expect(Number(physics['barrier_delta_liq'] ?? 500.6)).toBeCloseTo(500.6, 9)
  }
})
