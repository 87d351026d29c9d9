import { describe, expect, test } from 'vitest'
import { createPace, type Pace, type PaceChange } from '#src/replay/pace'

const START = Date.parse('2025-12-17T14:30:00Z')

interface FakeClock {
  readonly pace: Pace
  /** Milliseconds at which each tick was due. */
  readonly run: (ticks: readonly number[], press?: Readonly<Record<number, readonly PaceChange[]>>) => Promise<number[]>
  /** Presses a key while the pace sleeps for the n-th time. */
  readonly whileAsleep: Map<number, PaceChange>
}

/** A pace on a clock that only sleeping moves. */
function fake(speed: number, from?: number): FakeClock {
  let now = 0
  let sleeps = 0
  const whileAsleep = new Map<number, PaceChange>()
  const pace = createPace({
    speed,
    from,
    stopwatch: () => now,
    sleep: (ms, signal) => {
      const key = whileAsleep.get(sleeps++)
      // Half of the time passes before the key is pressed.
      now += key === undefined ? ms : ms / 2
      if (key !== undefined) pace.change(key)
      expect(signal.aborted).toBe(key !== undefined)
      return Promise.resolve()
    },
    stop: new AbortController().signal,
    nextSession: (ts) => (ts < START + 86_400_000 ? START + 86_400_000 : null),
  })
  return {
    pace,
    whileAsleep,
    run: async (ticks, press = {}) => {
      const times: number[] = []
      for (const [i, ts] of ticks.entries()) {
        await pace.due(ts)
        times.push(now)
        for (const key of press[i] ?? []) pace.change(key)
      }
      return times
    },
  }
}

const every = (ms: number, count: number): number[] => Array.from({ length: count }, (_, i) => START + i * ms)

describe('the clock of a replay', () => {
  test('lets a tick pass when its time has come at the speed', async () => {
    expect(await fake(2).run(every(1000, 4))).toEqual([0, 500, 1000, 1500])
    expect(await fake(0).run(every(1000, 4))).toEqual([0, 0, 0, 0])
  })

  test('goes on from where it is when the speed changes', async () => {
    const { run, pace } = fake(1)
    expect(await run(every(1000, 5), { 1: ['faster'], 3: ['slower', 'slower'] })).toEqual([0, 1000, 1000, 1500, 1500])
    expect(pace.speed).toBe(0.5)
  })

  test('waits while it is paused, however long that is, and does not catch up', async () => {
    const { run, whileAsleep } = fake(1)
    whileAsleep.set(1, 'pause')
    // Paused after the first tick; the pause ends in the second sleep, which is half a night.
    const times = await run(every(1000, 3), { 0: ['pause'] })
    const [, second = 0, third = 0] = times
    expect(times[0]).toBe(0)
    expect(third - second).toBe(1000)
  })

  test('scores what lies before a time that is sought without waiting', async () => {
    const minutes = every(60_000, 8)
    expect(await fake(1).run(minutes, { 0: ['ahead'] })).toEqual([0, 0, 0, 0, 0, 0, 60_000, 120_000])
    expect(await fake(1, START + 120_000).run(minutes.slice(0, 4))).toEqual([0, 0, 0, 60_000])
    const { run, pace } = fake(1)
    expect(await run([...minutes.slice(0, 3), START + 86_400_000], { 0: ['next session'] })).toEqual([0, 0, 0, 0])
    expect(pace.seeking).toBe(false)
  })

  test('does not wait for a night between two sessions', async () => {
    expect(await fake(1).run([START, START + 1000, START + 86_400_000, START + 86_401_000])).toEqual([
      0, 1000, 1000, 2000,
    ])
  })

  test('stays within speeds that make sense, and as fast as it can is beyond the fastest', () => {
    const { pace } = fake(256)
    pace.change('faster')
    pace.change('faster')
    expect(pace.speed).toBe(0)
    pace.change('slower')
    expect(pace.speed).toBe(512)
    for (let i = 0; i < 30; i++) pace.change('slower')
    expect(pace.speed).toBe(1 / 8)
  })

  test('stops where it is asked to', async () => {
    const stop = AbortSignal.abort(new Error('enough'))
    const pace = createPace({
      speed: 1,
      stopwatch: () => 0,
      sleep: () => Promise.resolve(),
      stop,
      nextSession: () => null,
    })
    await expect(pace.due(START)).rejects.toThrow('enough')
  })
})
