import { type ActiveStatus, createViewportScorer, type ViewportScorer } from '@breakwater/scorer'
import { describe, expect, test } from 'vitest'
import { readinessOf } from '#src/serve/readiness'

const NOW = 1_767_364_200_000
const LIMITS = { maxAgeMs: 30_000, maxAheadMs: 2000, maxRefused: 20 }

/** A scorer whose last scored tick was of `ts`, and which has refused `refused` ticks since. */
async function scorerAfter(ts: number | null, refused = 0): Promise<ViewportScorer> {
  const viewport = { lastTsNs: ts === null ? null : BigInt(ts) * 1_000_000n } as ActiveStatus['viewport']
  const models = { stage_a: null, stage_b: null }
  const status = { enabled: true, viewport, models, refusedInARow: refused } as ActiveStatus
  return { ...(await createViewportScorer()), status: () => status }
}

describe('a scorer is ready', () => {
  test.each([
    ['before its first tick', null, 0, null],
    ['while ticks are recent', NOW - 30_000, 20, 30_000],
    ['while they are hardly ahead', NOW + 2000, 0, -2000],
  ])('%s', async (_, ts, refused, lastTickAgeMs) => {
    const readiness = readinessOf(await scorerAfter(ts, refused), true, NOW, LIMITS)
    expect(readiness).toMatchObject({ ready: true, reasons: [], lastTickAgeMs })
  })

  test('whatever the age, where no limits are set', async () => {
    expect(readinessOf(await scorerAfter(1, 1e6), null, NOW)).toMatchObject({ ready: true })
  })
})

describe('a scorer is not ready', () => {
  test.each([
    ['the last scored tick is 30001 ms old', NOW - 30_001, 0],
    ['the last scored tick is 2001 ms ahead of the clock', NOW + 2001, 0],
    ['the last 21 ticks were refused', NOW, 21],
    ['the last 21 ticks were refused', null, 21],
  ])('%s', async (reason, ts, refused) => {
    const readiness = readinessOf(await scorerAfter(ts, refused), true, NOW, LIMITS)
    expect(readiness).toMatchObject({ ready: false, reasons: [reason] })
  })

  test('without its bus, and says every reason', async () => {
    const { reasons } = readinessOf(await scorerAfter(NOW - 40_000, 50), false, NOW, LIMITS)
    expect(reasons).toEqual([
      'the bus is not connected',
      'the last scored tick is 40000 ms old',
      'the last 50 ticks were refused',
    ])
  })
})
