import { createLiveFeatures, MOMENT_NUMBERS } from '@breakwater/features'
import type { LiveFeatures, MinuteBar } from '@breakwater/features'
import { describe, expect, test } from 'vitest'
import { minuteBar, newLive } from './live-rows.ts'
import { minutesFrom, still } from './signal-days.ts'
import type { Prices } from './signal-days.ts'
import { at } from './synthetic-bars.ts'

const DATE = '2024-02-20'
const quiet = minutesFrom(DATE, '09:30', still(500.4, 20)).map(minuteBar)

/** A price that rises bar by bar. */
const rising = (i: number): Prices => [500 + i / 50, 500.9 + i / 50, 499.9 + i / 50, 500.1 + i / 40]

describe('live features', () => {
  test('take bars of the sessions and count the others', () => {
    const live = newLive()
    const before = minutesFrom(DATE, '03:59', still(500, 2)).map(minuteBar)
    const after = minutesFrom(DATE, '15:59', still(500, 3)).map(minuteBar)
    for (const bar of [...before, ...quiet, ...after]) live.push(bar)
    // 04:00, twenty quiet minutes, 15:59; not 03:59, 16:00 and 16:01.
    expect(live.counts).toEqual({ taken: 22, ignored: 3 })
    expect(live.version).toBe(22)
    expect(live.lastBarNs).toBe(at(DATE, '15:59'))
  })

  test('have no rows before the first regular bar of a session', () => {
    const live = newLive()
    expect(live.lastBarNs).toBeNull()
    expect(live.supposed({ kind: 'ROUND', price: 500 }, 1)).toBeNull()
    for (const bar of minutesFrom(DATE, '09:28', still(500.4, 2)).map(minuteBar)) live.push(bar)
    expect(live.supposed({ kind: 'ROUND', price: 500 }, 1)).toBeNull()
    for (const bar of quiet) live.push(bar)
    expect(live.supposed({ kind: 'ROUND', price: 500 }, 1)?.tsNs).toBe(at(DATE, '09:49'))
    for (const bar of minutesFrom('2024-02-21', '09:28', still(500.4, 2)).map(minuteBar)) live.push(bar)
    expect(live.supposed({ kind: 'ROUND', price: 500 }, 1)).toBeNull()
  })

  test('tell the levels known now, round ones near the last close included', () => {
    const live = newLive()
    expect(live.levels(at(DATE, '09:31'), 1)).toEqual([])
    for (const bar of minutesFrom(DATE, '09:30', [[500.4, 501, 499.5, 500.4]]).map(minuteBar)) live.push(bar)
    expect(live.levels(at(DATE, '09:31') + 1n, 1)).toEqual([
      { kind: 'SESSION_HIGH', price: 501 },
      { kind: 'SESSION_LOW', price: 499.5 },
      { kind: 'VWAP', price: expect.closeTo(500.3, 9) as number },
      { kind: 'ROUND', price: 500 },
      { kind: 'ROUND', price: 501 },
    ])
    // The minute of the last bar is over, and the next day is another session.
    expect(live.levels(at(DATE, '09:30') + 59n, 1)).toEqual([])
    expect(live.levels(at('2024-02-21', '09:31'), 1)).toEqual([])
  })

  test('say of the last bar what they said at its end, whatever levels were asked for since', () => {
    // Fifteen bars of the third session: the two-minute bar that the last one begins has not ended.
    const days = ['2024-02-15', '2024-02-16', DATE].flatMap((date, day) =>
      minutesFrom(
        date,
        '09:30',
        Array.from({ length: day === 2 ? 15 : 390 }, (_, i) => rising((i % 90) + 7 * day)),
      ).map(minuteBar),
    )
    const [quietly, asked] = [newLive(), newLive()]
    for (const bar of days) for (const live of [quietly, asked]) live.push(bar)
    expect(asked.levels(at(DATE, '09:52'), 1).length).toBeGreaterThan(4)
    const [before, after] = [quietly, asked].map((live) =>
      live.supposed({ kind: 'ROUND', price: 500 }, 1)?.values({}, 60),
    )
    expect(before?.['dist_to_sma_200']).toBeGreaterThan(-10)
    expect(after).toEqual(before)
  })

  test('refuse what is no bar, and a bar that is not after the last one, and are then as they were', () => {
    const live = newLive()
    const [bar, next] = quiet
    if (bar === undefined || next === undefined) throw new Error('no bars')
    const bad = [
      [{ ...bar, minute: 1.5 }, 'features: bar.minute=1.5: must be a whole number of minutes since 1970.'],
      [{ ...bar, close: Number.NaN }, 'features: bar.close=NaN: must be a positive price.'],
      [{ ...bar, low: 0 }, 'features: bar.low=0: must be a positive price.'],
      [{ ...bar, volume: -1 }, 'features: bar.volume=-1: must be at least 0.'],
      [{ ...bar, high: 500 }, 'features: bar.high=500: is below open='],
      [{ ...bar, low: 501, high: 501 }, 'features: bar.low=501: is above open='],
    ] as const
    for (const [wrong, message] of bad) expect(() => live.push(wrong)).toThrow(message)
    live.push(next)
    expect(() => live.push(bar)).toThrow(
      `features: bar.minute=${bar.minute}: must be after the last bar's, ${next.minute}.`,
    )
    expect(() => live.push(next)).toThrow('must be after the last bar')
    expect(live.counts).toEqual({ taken: 1, ignored: 0 })
  })

  test('rewind to what they were before bars that had not ended, whatever those were', () => {
    const days = ['2024-02-16', DATE].flatMap((date) =>
      minutesFrom(
        date,
        '09:20',
        Array.from({ length: 60 }, (_, i) => rising(i)),
      ).map(minuteBar),
    )
    const wrong = minutesFrom('2024-02-22', '09:28', still(700, 30)).map(minuteBar)
    const end = days.length - 5
    const live = newLive()
    for (const bar of [...days, ...wrong]) live.push(bar)
    const { version } = live
    const twin = newLive()
    for (const bar of days.slice(0, end)) twin.push(bar)
    const endNs = BigInt((days[end - 1]?.minute ?? 0) + 1) * 60_000_000_000n
    live.rewind(endNs)
    expect(live.version).toBeGreaterThan(version)
    for (let i = end; ; i++) {
      expect(live.lastBarNs).toBe(twin.lastBarNs)
      expect(live.levels(endNs, 2)).toEqual(twin.levels(endNs, 2))
      for (const level of [
        { kind: 'ROUND', price: 501 },
        { kind: 'VWAP', price: 500.6 },
      ]) {
        const [row, other] = [live.supposed(level, 1), twin.supposed(level, 1)]
        expect(row?.values(undefined, 60)).toEqual(other?.values(undefined, 60))
        expect(row?.confluence).toEqual(other?.confluence)
      }
      const bar = days[i]
      if (bar === undefined) break
      live.push(bar)
      twin.push(bar)
    }
    const after = live.version
    live.rewind(at('2024-02-22', '16:00'))
    expect(live.version).toBe(after)
  })

  test('refuse a setting that breaks its rule', () => {
    expect(() => createLiveFeatures({ atrBars: 0 })).toThrow(
      'features: atrBars=0: must be a whole number of at least 1.',
    )
  })
})

/** Live features that have seen the quiet minutes and then `bars`. */
function until(bars: readonly MinuteBar[]): LiveFeatures {
  const live = newLive()
  for (const bar of [...quiet, ...bars]) live.push(bar)
  return live
}

describe('the row of a touch', () => {
  const level = { kind: 'ROUND', price: 500 }
  const touch = minutesFrom(DATE, '09:50', [[500.4, 500.4, 500.02, 500.2]]).map(minuteBar)

  test('is there once its minute has ended, and for a quarter of an hour', () => {
    const touchNs = at(DATE, '09:50') + 31_000_000_000n
    expect(until([]).touched(level, touchNs, 0)).toBeNull()
    expect(until(touch).touched(level, touchNs, 0)?.values(undefined, 60)).toMatchObject({
      event_id: 'SPY-20240220-0950-ROUND-500.00',
      ts_ns: at(DATE, '09:50'),
      confirm_ts_ns: at(DATE, '09:54'),
      direction: 'DOWN',
      spot: 500.2,
      prior_touches: 0,
    })
    const later = (count: number): MinuteBar[] => minutesFrom(DATE, '09:51', still(500.6, count)).map(minuteBar)
    expect(until([...touch, ...later(15)]).touched(level, touchNs, 0)?.sign).toBe(-1)
    expect(until([...touch, ...later(16)]).touched(level, touchNs, 0)).toBeNull()
  })

  test('is computed for a level that the signals do not touch in that minute, while its bar is the last', () => {
    const live = until(touch)
    const far = { kind: 'ROUND', price: 501 }
    expect(live.touched(far, at(DATE, '09:50'), 0)?.values(undefined, 60)).toMatchObject({
      level_price: 501,
      direction: 'UP',
      distance_signed: expect.closeTo(0.8, 9) as number,
    })
    expect(live.touched(far, at(DATE, '09:49'), 0)).toBeNull()
  })

  test('is that of the signals where a level of which there is one lies near theirs, and of a round one at its price only', () => {
    const live = newLive()
    const prices: Prices[] = [[500.6, 500.6, 500.4, 500.6], ...still(500.6, 10), [500.6, 500.6, 500.38, 500.5]]
    for (const bar of minutesFrom(DATE, '09:30', prices).map(minuteBar)) live.push(bar)
    const priceOf = (kind: string, price: number): unknown =>
      live.touched({ kind, price }, at(DATE, '09:41'), 0)?.values(undefined, 60)['level_price']
    expect(priceOf('SESSION_LOW', 500.45)).toBe(500.4)
    expect(priceOf('SESSION_LOW', 500.55)).toBe(500.55)
    expect(
      until(touch).touched({ kind: 'ROUND', price: 500.03 }, at(DATE, '09:50'), 0)?.values(undefined, 60),
    ).toMatchObject({
      level_price: 500.03,
    })
  })

  test('has the level kind as it was given, and no touch counts for a kind that the signals do not follow', () => {
    const values = until(touch)
      .touched({ kind: 'USER_ZONE_7', price: 500 }, at(DATE, '09:50'), 0)
      ?.values(undefined, 60)
    expect(values).toMatchObject({
      level_kind_name: 'USER_ZONE_7',
      level_kind: Number.NaN,
      prior_touches: Number.NaN,
      attempt_index: Number.NaN,
    })
  })

  test('takes the side of the bars, and the given one where they have none', () => {
    const flat = newLive()
    for (const bar of minutesFrom(DATE, '09:30', still(500, 3)).map(minuteBar)) flat.push(bar)
    expect(flat.touched(level, at(DATE, '09:32'), 0)).toBeNull()
    expect(flat.touched(level, at(DATE, '09:32'), 1)?.sign).toBe(1)
    expect(flat.supposed(level, 0)).toBeNull()
    expect(until(touch).touched(level, at(DATE, '09:50'), 1)?.sign).toBe(-1)
  })

  test('a supposed touch does not count the last bar’s own touch as an earlier one', () => {
    const live = until(touch)
    const sides = ([-1, 1] as const).map((sign) => live.supposed(level, sign)?.values(undefined, 60)?.['prior_touches'])
    expect(sides).toEqual([0, 0])
    for (const bar of minutesFrom(DATE, '09:51', still(500.6, 1)).map(minuteBar)) live.push(bar)
    expect(live.supposed(level, -1)?.values(undefined, 60)['prior_touches']).toBe(1)
  })

  test('grows its revision when physics becomes known, and only then', () => {
    const row = until(touch).touched(level, at(DATE, '09:50'), 0)
    if (row === null) throw new Error('no row')
    const physics = { tape_imbalance: 0.5, wall_ratio: 1.5, barrier_state: 'WALL', note: 'not physics' }
    const seen = [0, 60, 60, 239, 240, 240].map((afterS) => {
      const { tape_imbalance: tape, wall_ratio: wall, barrier_state: state } = row.values(physics, afterS)
      return [row.revision, tape, wall, state]
    })
    expect(seen).toEqual([
      [0, Number.NaN, Number.NaN, null],
      [1, 0.5, Number.NaN, null],
      [1, 0.5, Number.NaN, null],
      [1, 0.5, Number.NaN, null],
      [2, 0.5, 1.5, 'WALL'],
      [2, 0.5, 1.5, 'WALL'],
    ])
  })

  test('refuses physics of the wrong type', () => {
    const row = until(touch).touched(level, at(DATE, '09:50'), 0)
    expect(() => row?.values({ tape_imbalance: '0.5' }, 60)).toThrow(
      'features: physics.tape_imbalance="0.5": must be a number or null. Convert it.',
    )
    expect(() => row?.values({ barrier_state: 3 }, 240)).toThrow(
      "features: physics.barrier_state=3: must be a word or null. Pass the category's name.",
    )
  })
})

/** The numbers of a level's path at a time. */
const numbersOf = (live: LiveFeatures, tsNs: bigint, asked?: ArrayLike<number> | null): number[] => {
  const out = new Float64Array(MOMENT_NUMBERS.length)
  live.moments(tsNs, 500, asked)?.write({ price: 500, sign: 1, touchMinute: null, atr: null }, out)
  return [...out]
}

describe('moments under a profile', () => {
  const profile = Float64Array.from({ length: 390 }, (_, minute) => 0.5 + (minute % 7) / 5)
  const days = ['13', '14', '15', '16', '20', '21', '22', '23'].map((day) => `2024-02-${day}`)
  const all = days.flatMap((date) =>
    minutesFrom(
      date,
      '09:30',
      Array.from({ length: 30 }, (_, i) => rising(i)),
    ),
  )

  test('have the bits of one that was there from the first bar, also after a rewind, whichever were asked for between', () => {
    const [known, late] = [newLive({ profile }), newLive()]
    for (const bar of all.map(minuteBar)) for (const live of [known, late]) live.push(bar)
    const end = at('2024-02-23', '10:00')
    const expected = numbersOf(known, end)
    expect(expected.filter(Number.isNaN).length).toBeLessThan(6)
    expect(numbersOf(late, end)).not.toEqual(expected)
    expect(numbersOf(late, end, profile)).toEqual(expected)
    for (let i = 0; i < 6; i++) numbersOf(late, end, profile.slice())
    expect(numbersOf(late, end, profile)).toEqual(expected)
    expect(numbersOf(known, end, null)).toEqual(numbersOf(late, end))
    for (const live of [known, late]) live.rewind(at('2024-02-23', '09:45'))
    const then = at('2024-02-23', '09:45')
    expect(numbersOf(late, then, profile)).toEqual(numbersOf(known, then))
    expect(numbersOf(late, then, profile)).not.toEqual(expected)
  })

  test('refuse what is no profile', () => {
    const live = newLive()
    for (const bar of quiet) live.push(bar)
    expect(() => live.moments(at(DATE, '09:50'), 500, [1, 2])).toThrow(
      'features: profile.length=2: must be 390 numbers',
    )
  })
})
