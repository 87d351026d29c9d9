import { advance, stateSettings } from '@breakwater/viewport'
import type { LevelMemory, StateOptions, TargetState } from '@breakwater/viewport'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { episodesOf } from './episodes.ts'

const SECOND = 1_000_000_000n
const START = 1_709_820_000n * SECOND
const PRICE = 500

interface Tick {
  readonly tsNs: bigint
  readonly spot: number
}

/** Ticks `gapMs` apart at these distances below the level (negative: above), from START on. */
function path(distances: readonly number[], gapMs = 1000): Tick[] {
  return distances.map((distance, i) => ({ tsNs: START + BigInt(i * gapMs) * 1_000_000n, spot: PRICE - distance }))
}

/** The memories after each tick; every memory goes in frozen, so that writing it would throw. */
function follow(ticks: readonly Tick[], options: StateOptions = {}): LevelMemory[] {
  const settings = stateSettings(options)
  let memory: LevelMemory | null = null
  return ticks.map((tick) => (memory = Object.freeze(advance(memory, { price: PRICE, ...tick }, settings))))
}

const statesOf = (ticks: readonly Tick[], options: StateOptions = {}): TargetState[] =>
  follow(ticks, options).map(({ state }) => state)

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value)

/** Runs of equal states with their lengths, such as 'FAR 3'. */
function runs(states: readonly TargetState[]): string[] {
  const found: { state: TargetState; count: number }[] = []
  for (const state of states) {
    const last = found.at(-1)
    if (last?.state === state) last.count += 1
    else found.push({ state, count: 1 })
  }
  return found.map(({ state, count }) => `${state} ${count}`)
}

describe('a level without an episode', () => {
  test('is FAR, APPROACHING or IN_MONITOR_BAND by distance and by whether price comes nearer', () => {
    expect(statesOf(path([1.2, 0.9, 0.88, 0.95, 0.8, 0.25, 0.2]))).toEqual([
      'FAR',
      'APPROACHING',
      'APPROACHING',
      'FAR',
      'APPROACHING',
      'IN_MONITOR_BAND',
      'IN_MONITOR_BAND',
    ])
  })

  test('does not approach before price has come nearer by moveFrom, nor after it has gone as far away', () => {
    expect(statesOf(path([0.9, 0.86, 0.85, 0.82, 0.86, 0.87]), { moveFrom: 0.05 })).toEqual([
      'FAR',
      'FAR',
      'APPROACHING',
      'APPROACHING',
      'APPROACHING',
      'FAR',
    ])
  })

  test('counts the ends of the bands as inside, though decimal cents are not exact in binary', () => {
    const spots = [500.25, 499.75, 500.1, 499.9]
    const states = spots.map((spot) => advance(null, { price: 500, spot, tsNs: START }, stateSettings()).state)
    expect(states).toEqual(['IN_MONITOR_BAND', 'IN_MONITOR_BAND', 'TOUCH', 'TOUCH'])
    expect(advance(null, { price: 0.3, spot: 0.2, tsNs: START }, stateSettings()).state).toBe('TOUCH')
  })
})

describe('an episode', () => {
  test('counts from the start of the minute of its first touch, or from the touch itself', () => {
    const touch = { price: PRICE, spot: PRICE, tsNs: START + 17n * SECOND }
    const minute = advance(null, touch, stateSettings())
    expect(START % (60n * SECOND)).toBe(0n)
    expect([minute.touchNs, minute.confirmNs]).toEqual([touch.tsNs, START + 240n * SECOND])
    expect(advance(null, touch, stateSettings({ clock: 'touch' })).confirmNs).toBe(touch.tsNs + 240n * SECOND)
    expect(advance(null, touch, stateSettings({ confirmNs: 120n * SECOND })).confirmNs).toBe(START + 120n * SECOND)
  })

  test('stays in CONFIRMATION while price stays in the touch band: 17 minutes of ticks every 250 ms', () => {
    const ticks = path(times(17 * 240, 0.05), 250)
    expect(runs(statesOf(ticks))).toEqual(['TOUCH 960', 'CONFIRMATION 3120'])
    expect(new Set(follow(ticks).map(({ touchNs }) => touchNs))).toEqual(new Set([START]))
  })

  test('is not begun again by touching again without having left the monitor band', () => {
    const wobble = Array.from({ length: 300 }, (_, i) => (i % 7 < 3 ? 0.05 : 0.22))
    expect(runs(statesOf(path(wobble)))).toEqual(['TOUCH 240', 'CONFIRMATION 60'])
  })

  test('resolves when price leaves the monitor band after confirmation, and is over beyond the approach band', () => {
    const distances = [...times(241, 0), 0.2, 0.3, 0.9, 1.05, 0.9]
    expect(runs(statesOf(path(distances)))).toEqual([
      'TOUCH 240',
      'CONFIRMATION 2',
      'RESOLVED 2',
      'FAR 1',
      'APPROACHING 1',
    ])
    expect(follow(path(distances)).at(-1)).toMatchObject({ touchNs: null, confirmNs: null, left: false })
  })

  test('is over when price comes back into the monitor band after it has resolved, and a touch begins another', () => {
    const distances = [...times(241, 0), 0.3, 0.2, 0.05]
    const memories = follow(path(distances))
    expect(memories.slice(-3).map(({ state }) => state)).toEqual(['RESOLVED', 'IN_MONITOR_BAND', 'TOUCH'])
    expect(memories.slice(-3).map(({ touchNs }) => touchNs)).toEqual([START, null, START + 243n * SECOND])
  })

  test('goes on while price is away before confirmation, is confirmed for one tick, and then resolves', () => {
    expect(runs(statesOf(path([0, ...times(245, 0.6)])))).toEqual(['TOUCH 240', 'CONFIRMATION 1', 'RESOLVED 5'])
  })

  test('goes on when price leaves and touches again before confirmation: the clock does not restart', () => {
    const memories = follow(path([0, 0.3, ...times(100, 0.6), 0.08, ...times(200, 0.2)]))
    expect(new Set(memories.map(({ touchNs }) => touchNs))).toEqual(new Set([START]))
    expect(runs(memories.map(({ state }) => state))).toEqual(['TOUCH 240', 'CONFIRMATION 63'])
  })

  test('gives way to another at a touch after confirmation, once price has left the monitor band', () => {
    const memories = follow(path([...times(240, 0), 0.3, 0.05]))
    expect(memories.slice(-3).map(({ state, touchNs }) => [state, touchNs])).toEqual([
      ['TOUCH', START],
      ['CONFIRMATION', START],
      ['TOUCH', START + 241n * SECOND],
    ])
  })

  test('begins where price goes through the level between two ticks, from the side where it stood', () => {
    const [, through] = follow(path([0.6, -0.7]))
    expect([through?.state, through?.touchNs, through?.side]).toEqual(['TOUCH', START + SECOND, 1])
    const at = follow(path([0.6, 0.4, -0.4, -0.8])).map(({ touchNs }) => touchNs)
    expect(at).toEqual([null, null, START + 2n * SECOND, START + 2n * SECOND])
    const resolved = follow(path([...times(241, 0), -0.4, -0.5, 0.4]))
    expect(resolved.slice(-2).map(({ state, side }) => [state, side])).toEqual([
      ['RESOLVED', 0],
      ['TOUCH', -1],
    ])
  })

  test('holds the side that price came from, also while price is beyond the level', () => {
    const sides = follow(path([0.5, 0.05, -0.05, -0.4, -0.2])).map(({ side }) => side)
    expect(sides).toEqual([1, 1, 1, 1, 1])
    const jumped = follow(path([0.5, -0.05])).map(({ side }) => side)
    expect(jumped).toEqual([1, 1])
  })

  test('takes the side anew for the next episode', () => {
    const sides = follow(path([0.5, ...times(240, 0.05), -0.4, -0.05])).map(({ side, touchNs }) => [side, touchNs])
    expect(sides.at(-1)).toEqual([-1, START + 242n * SECOND])
  })
})

/** Whether a price stands on the other side of the level than one before it. */
const isOther = (spot: number, before: Tick | undefined): boolean =>
  before !== undefined && (spot - PRICE) * (before.spot - PRICE) < 0

/** Rules that a path of memories breaks. */
function broken(ticks: readonly Tick[], memories: readonly LevelMemory[]): string[] {
  return memories.flatMap((memory, i) => {
    const { state, touchNs, confirmNs } = memory
    const { tsNs, spot } = ticks[i] ?? { tsNs: 0n, spot: PRICE }
    const before = memories[i - 1]
    const distance = Math.abs(PRICE - spot)
    const inEpisode = state === 'TOUCH' || state === 'CONFIRMATION' || state === 'RESOLVED'
    const touched = ticks.some(
      (tick, t) =>
        tick.tsNs === touchNs &&
        (Math.abs(PRICE - tick.spot) <= 0.1 + 1e-8 ||
          isOther(
            tick.spot,
            ticks.slice(0, t).findLast(({ spot: at }) => at !== PRICE),
          )),
    )
    const began = inEpisode && before?.touchNs != null && before.touchNs !== touchNs
    const lasts = before?.state === 'CONFIRMATION' && distance <= 0.25 && touchNs === before.touchNs
    const rules: Record<string, boolean> = {
      'an episode has a touch and a clock, and nothing else has':
        inEpisode === (touchNs !== null && confirmNs !== null),
      'a touch is a tick within the touch band or through the level, not in the future':
        touchNs === null || (touched && touchNs <= tsNs),
      'only what has left or resolved begins anew': !began || before.left || before.state === 'RESOLVED',
      'another touch is a later one': !began || (touchNs ?? 0n) > (before.touchNs ?? 0n),
      'the clock of an episode never moves':
        began || !inEpisode || before?.touchNs == null || confirmNs === before.confirmNs,
      'confirmation comes when the window has run': state !== 'CONFIRMATION' || tsNs >= (confirmNs ?? tsNs + 1n),
      'confirmation lasts while price is in the monitor band': !lasts || state === 'CONFIRMATION',
      'only a confirmed level resolves':
        state !== 'RESOLVED' || before?.state === 'CONFIRMATION' || before?.state === 'RESOLVED',
      'a resolved level is outside the monitor band': state !== 'RESOLVED' || distance > 0.25,
    }
    return Object.entries(rules).flatMap(([rule, holds]) => (holds ? [] : [`tick ${i}: ${rule}`]))
  })
}

const step = fc.integer({ min: -30, max: 30 }).map((cents) => cents / 100)
const walk = fc
  .record({
    from: fc.integer({ min: -150, max: 150 }).map((cents) => cents / 100),
    steps: fc.array(fc.tuple(step, fc.integer({ min: 0, max: 90_000 })), { minLength: 1, maxLength: 120 }),
    pull: fc.constantFrom(0, 0.1, 0.4),
  })
  .map(({ from, steps, pull }) => {
    let [distance, ms] = [from, 0]
    return steps.map(([move, gapMs]): Tick => {
      distance = Math.round((distance * (1 - pull) + move) * 100) / 100
      ms += gapMs
      return { tsNs: START + BigInt(ms) * 1_000_000n, spot: PRICE - distance }
    })
  })

const options: fc.Arbitrary<StateOptions> = fc.record({
  clock: fc.constantFrom('minute' as const, 'touch' as const),
  confirmNs: fc.constantFrom(0n, 30n * SECOND, 240n * SECOND),
})

describe('along any path', () => {
  test('the state is the one that the path read as a whole has', () => {
    fc.assert(
      fc.property(walk, options, (ticks, chosen) => {
        const memories = follow(ticks, chosen)
        expect(memories.map(({ state, touchNs }) => ({ state, touchNs }))).toEqual(
          episodesOf(ticks, PRICE, stateSettings(chosen)),
        )
      }),
      { numRuns: 500 },
    )
  })

  test('no rule is broken: touch times, clocks, confirmation, resolution', () => {
    fc.assert(
      fc.property(walk, options, (ticks, chosen) => {
        expect(broken(ticks, follow(ticks, chosen))).toEqual([])
      }),
      { numRuns: 500 },
    )
  })

  test('nothing new is made where nothing has changed', () => {
    const settings = stateSettings()
    const first = advance(null, { price: PRICE, spot: 499.5, tsNs: START }, settings)
    expect(advance(first, { price: PRICE, spot: 499.52, tsNs: START + SECOND }, settings)).toBe(first)
  })
})

describe('options of the state machine', () => {
  test('are refused where bands do not rise', () => {
    expect(() => stateSettings({ touchBand: 0.3 })).toThrow(
      'viewport: options.state.monitorBand=0.25: must lie in [0.3, 1.7976931348623157e+308]. Bands are dollars, and touchBand <= monitorBand <= approachBand.',
    )
    expect(() => stateSettings({ approachBand: 0.2 })).toThrow('options.state.approachBand=0.2')
    expect(() => stateSettings({ moveFrom: 0 })).toThrow('options.state.moveFrom=0')
    expect(() => stateSettings({ touchBand: Number.NaN })).toThrow('options.state.touchBand=NaN')
    expect(() => stateSettings({ confirmNs: -1n })).toThrow('options.state.confirmNs=-1: must be at least 0.')
  })
})
