import type { Bars } from '@breakwater/features'
import { describe, expect, test } from 'vitest'
import type { Pace } from '#src/replay/pace'
import { keyMeaning, marketTime, positionLine, replayLength, sessionAfter, timeIn } from '#src/replay/progress'
import { watchReplay } from '#src/replay/watch'

const MINUTE_NS = 60_000_000_000n

/** Minutes from a time on, as bars. */
function barsFrom(starts: readonly string[], minutes: number): Bars {
  const ts = starts.flatMap((start) =>
    Array.from({ length: minutes }, (_, i) => BigInt(Date.parse(start)) * 1_000_000n + BigInt(i) * MINUTE_NS),
  )
  const none = new Float64Array(ts.length)
  return { rows: ts.length, ts: BigInt64Array.from(ts), open: none, high: none, low: none, close: none, volume: none }
}

// 09:00 New York in winter and, on the second day, in summer.
const bars = barsFrom(['2025-12-16T14:00:00Z', '2025-12-17T14:00:00Z', '2025-07-02T13:00:00Z'], 90)
const dates = new Set(['2025-12-16', '2025-12-17', '2025-07-02'])
const length = replayLength(bars, { dates, intervalMs: 250 })
const OPEN = Date.parse('2025-12-16T14:30:00Z')
const pace = { speed: 20, paused: false, seeking: false }

describe('the length of a replay', () => {
  test('counts ticks of minutes with a bar inside the regular sessions, in order', () => {
    expect(length.sessions.map(({ date, ticks }) => [date, ticks])).toEqual([
      ['2025-07-02', 60 * 240],
      ['2025-12-16', 60 * 240],
      ['2025-12-17', 60 * 240],
    ])
    expect(length.ticks).toBe(3 * 60 * 240)
    expect(marketTime(length, 250)).toBe('3 sessions, 2025-07-02 to 2025-12-17: 3 h 0 min of trading, 43200 ticks')
    expect(replayLength(bars, { dates: new Set(['2025-12-16']), intervalMs: 60_000 }).ticks).toBe(60)
  })

  test('knows the session after a time, and times of the first session', () => {
    expect(sessionAfter(length)(Date.parse('2025-07-02T14:00:00Z'))).toBe(OPEN)
    expect(sessionAfter(length)(Date.parse('2025-12-17T14:30:00Z'))).toBeNull()
    expect(timeIn(length, '10:15')).toBe(Date.parse('2025-07-02T14:15:00Z'))
    expect(['9:29', '16:00', '10', 'noon'].map((text) => timeIn(length, text))).toEqual([null, null, null, null])
  })
})

describe('the line of a replay', () => {
  const position = { ts: OPEN + 90_500, done: 21_600, intervalMs: 250, pace }

  test('has session, New York time, share, speed, what is left, and keys', () => {
    expect(positionLine(length, position, 200)).toBe(
      '2025-12-16 (2 of 3) 09:31:30 ████████░░░░░░░░ 50% 20x, 5 min left  ' +
        'space pause  right +5 min  up/down speed  n next session  q end',
    )
    expect(positionLine(length, { ...position, pace: { ...pace, paused: true } }, 200)).toContain('50% paused  ')
    expect(positionLine(length, { ...position, pace: { ...pace, seeking: true } }, 200)).toContain('50% seeking  ')
    const both = { ...pace, seeking: true, paused: true }
    expect(positionLine(length, { ...position, pace: both }, 200)).toContain('50% seeking, then paused  ')
    expect(positionLine(length, { ...position, pace: { ...pace, speed: 0 } }, 200)).toContain('as fast as it can')
  })

  test.each([30, 60, 80, 120])('is shorter than a terminal of %i characters', (width) => {
    expect(positionLine(length, position, width).length).toBeLessThan(width)
  })
})

test('keys that mean nothing are passed over', () => {
  expect([' ', '\u001B[C', 'q', '\u0003', 'x'].map((key) => keyMeaning(key))).toEqual([
    'pause',
    'ahead',
    'end',
    'end',
    null,
  ])
})

interface Watched extends ReturnType<typeof watchReplay> {
  readonly said: () => string
  readonly press: (key: string) => void
  readonly asked: readonly string[]
}

/** A replay that is watched on a terminal, or by a log. */
function watched(interactive: boolean): Watched {
  let text = ''
  let now = 0
  const asked: string[] = []
  const listeners: ((key: string) => void)[] = []
  const fake: Pace = { ...pace, due: () => Promise.resolve(), change: (how) => asked.push(how) }
  const context = {
    err: (more: string) => void (text += more),
    interactive,
    width: 120,
    stopwatch: () => (now += 200),
    onKey: (callback: (key: string) => void) => {
      listeners.push(callback)
      return () => asked.push('released')
    },
  }
  const watch = watchReplay(context, {
    length,
    intervalMs: 250,
    pace: fake,
    interrupt: () => asked.push('interrupted'),
  })
  const press = (key: string): void => {
    for (const listener of listeners) listener(key)
  }
  return { ...watch, said: () => text, press, asked }
}

describe('a watched replay', () => {
  test('draws one line over itself on a terminal, passes keys on, and gives the terminal back', () => {
    const { tick, end, press, said, asked } = watched(true)
    tick(OPEN)
    press(' ')
    press('?')
    press('q')
    end(true)
    expect(asked).toEqual(['pause', 'interrupted', 'released'])
    expect(said().split('\n')).toHaveLength(3)
    expect(said().split('\r').at(-1)).toContain('2025-12-16 (2 of 3) 09:30:00')
  })

  test('writes a log elsewhere, and does not say that it is done where it was cut off', () => {
    const whole = watched(false)
    whole.tick(OPEN)
    whole.end(true)
    expect(whole.said()).toMatch(/^replay of 3 sessions, 2025-07-02 to .*ticks\n.*: done in \d+ s, 1 ticks\n$/s)
    const cut = watched(false)
    cut.end(false)
    expect(cut.said()).not.toContain('done')
    expect(cut.asked).toEqual([])
  })
})
