import { createViewport } from '@breakwater/viewport'
import type { Physics, Snapshot, SnapshotLevel, Target } from '@breakwater/viewport'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { barAt, fakeIndex, fakePredictor, fakeRows, levelAt, modelsOf, snapshotAt } from './fakes.ts'
import { naiveViewport } from './naive-viewport.ts'
import type { NaiveTarget } from './naive-viewport.ts'

const PINS = [{ kind: 'ROUND', price: 503 }, { kind: 'USER_HOTZONE' }]
const PINNED = new Set(['ROUND@503', 'USER_HOTZONE@500.41'])

const physics: fc.Arbitrary<Physics> = fc.record({
  tape_imbalance: fc.constantFrom(null, -0.5, 0.5),
  gamma_exposure: fc.constantFrom(null, -90_000, 90_000, 0),
  fuel_effect: fc.constantFrom(null, 'AMPLIFY', 'DAMPEN'),
  barrier_state: fc.constantFrom(null, 'WALL', 'VACUUM'),
})

const tick = fc.record({
  gapS: fc.constantFrom(0.25, 5, 20),
  move: fc.integer({ min: -20, max: 20 }),
  physics: fc.option(physics, { nil: undefined, freq: 4 }),
})

/** Snapshots along a walk of the price: bars when minutes end, a moving VWAP, round levels, zones, physics now and then. */
const replay = fc.array(tick, { minLength: 40, maxLength: 160 }).map((steps) => {
  let [seconds, cents, minute] = [0, 50_050, 0]
  let readings: Physics | undefined
  return steps.map(({ gapS, move, physics: given }): Snapshot => {
    seconds += gapS
    cents += Math.round(move - (cents - 50_050) * 0.1)
    readings = given ?? readings
    const bars = []
    while ((minute + 1) * 60 <= seconds) bars.push(barAt(minute++))
    const fixed = Array.from({ length: 12 }, (_, i) => levelAt('ROUND', 497 + i * 0.5, readings))
    const moving: SnapshotLevel = { ...levelAt('VWAP', Math.round(50_020 + minute * 3) / 100), id: 'VWAP' }
    const zones = [levelAt('USER_HOTZONE', 500.41), levelAt('PM_HIGH', 500.77, readings)]
    return snapshotAt(seconds, cents / 100, [...fixed, moving, ...zones, levelAt('ROUND', 503)], bars)
  })
})

function essence(target: Target): NaiveTarget {
  const { feasibility_mask: mask, ensemble, time_to_threshold: times } = target
  return {
    level_id: target.level_id,
    direction: target.direction,
    viewport_state: target.viewport_state,
    row_basis: target.row_basis,
    stage: target.stage,
    relevance: target.relevance,
    pinned: target.pinned,
    p_tradeable_2: target.p_tradeable_2,
    p_break: target.p_break,
    p_bounce: target.p_bounce,
    strength_signed: target.strength_signed,
    t1_break_120: times.t1_break['120'] ?? null,
    mix_weight: ensemble?.mix_weight ?? null,
    break_logit_bias: mask?.break_logit_bias ?? null,
    utility_score: target.utility_score,
  }
}

/** Every value in a payload that JSON cannot hold. */
function unpublishable(value: unknown, path = ''): string[] {
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [`${path}=${value}`]
  if (value === undefined) return [`${path} is undefined`]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, one]) => unpublishable(one, `${path}.${key}`))
}

const seen = new Set<string>()

describe('a replay of ticks', () => {
  test('gives what a viewport without memory of scores gives, tick by tick, to the bit', () => {
    fc.assert(
      fc.property(replay, (snapshots) => {
        const viewport = createViewport({
          models: modelsOf(fakePredictor(), fakeIndex()),
          rows: fakeRows(),
          pins: PINS,
          mostTargets: 4,
        })
        const naive = naiveViewport(PINNED, 4)
        for (const snapshot of snapshots) {
          const { targets } = viewport.tick(snapshot)
          expect(targets.map(essence)).toEqual(naive(snapshot))
          for (const { viewport_state: state, row_basis: basis } of targets) seen.add(`${state} ${basis}`)
        }
      }),
      { numRuns: 80, endOnFailure: true },
    )
    // The paths led through every state, before and after the bar of a touch.
    expect([...seen]).toEqual(
      expect.arrayContaining([
        'FAR supposed',
        'APPROACHING supposed',
        'IN_MONITOR_BAND supposed',
        'TOUCH supposed',
        'TOUCH touch',
        'CONFIRMATION confirmation',
        'RESOLVED confirmation',
      ]),
    )
  })

  test('holds its promises at every tick: limits, order, sums, nothing that JSON cannot hold', () => {
    fc.assert(
      fc.property(
        replay,
        fc.integer({ min: 0, max: 10 }),
        fc.integer({ min: 0, max: 3 }),
        (snapshots, most, mostPinned) => {
          const viewport = createViewport({
            models: modelsOf(fakePredictor(), fakeIndex()),
            rows: fakeRows(),
            pins: PINS,
            mostTargets: most,
            mostPinned,
          })
          for (const snapshot of snapshots) {
            const { targets, pinsLeftOut } = viewport.tick(snapshot)
            const pinned = targets.filter((target) => target.pinned)
            const automatic = targets.filter((target) => !target.pinned)
            expect(automatic.length).toBeLessThanOrEqual(most)
            expect(automatic.filter(({ distance }) => distance > 1 + 1e-8)).toEqual([])
            expect([pinned.length, pinsLeftOut]).toEqual([Math.min(2, mostPinned), Math.max(0, 2 - mostPinned)])
            const utilities = targets.map(({ utility_score: utility }) => utility ?? -1)
            expect(utilities).toEqual(utilities.toSorted((a, b) => b - a))
            const sums = targets.map((t) => (t.p_break ?? 0) + (t.p_bounce ?? 0) + (t.p_neither ?? 1))
            expect(sums.filter((sum) => Math.abs(sum - 1) > 1e-12)).toEqual([])
            expect(unpublishable(targets)).toEqual([])
          }
        },
      ),
      { numRuns: 60, endOnFailure: true },
    )
  })
})
