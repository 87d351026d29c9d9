import type { MinuteBar } from '@breakwater/features'
import {
  createOutcomeJoin,
  questionsOf,
  type JoinState,
  type OutcomeJoin,
  type PublishedForecast,
  type ResolvedForecast,
} from '@breakwater/monitor'
import { describe, expect, test } from 'vitest'
import { openOf, randomNumbers } from './market.ts'

const OPEN = openOf('2024-07-02')
const FIRST = Number(OPEN / 60_000_000_000n)
const questions = questionsOf()
const THRESHOLDS = [0.5, 1] as const
const place = (name: string): number => questions.findIndex((question) => question.name === name)
const ns = (seconds: number): bigint => OPEN + BigInt(Math.round(seconds * 1000)) * 1_000_000n

function forecast(at: number, more: Partial<PublishedForecast> = {}): PublishedForecast {
  return {
    levelId: 'level',
    kind: 'ROUND',
    price: 500,
    sign: 1,
    tsNs: ns(at),
    fromNs: ns(at),
    touchNs: null,
    spot: 500,
    values: new Float64Array(questions.length).fill(0.5),
    labels: {},
    ...more,
  }
}

/** The answer to a question among parts of answers: a number, or why there is none. */
function answerTo(resolved: readonly ResolvedForecast[], name: string): unknown {
  const q = place(name)
  const parts = resolved.filter(({ from, to }) => q >= from && q < to)
  if (parts.length !== 1) throw new Error(`${name}: ${parts.length} answers`)
  return parts[0]?.masks[q] ?? parts[0]?.outcomes[q]
}

const flat = (slot: number, price = 500): MinuteBar => {
  return { minute: FIRST + slot, open: price, high: price, low: price, close: price, volume: 1 }
}

const joined = (state?: JoinState): OutcomeJoin =>
  createOutcomeJoin({ questions, thresholds: THRESHOLDS, ...(state === undefined ? {} : { state }) })

describe('a window that begins within a minute', () => {
  test('counts what its own ticks reach, to the tick, and nothing of the minute before', () => {
    const join = joined()
    // Price was beyond the threshold before the forecast, in the same minute.
    join.tick(ns(10), 500.6)
    join.tick(ns(30), 500)
    join.publish(forecast(30))
    join.tick(ns(45), 499.9)
    join.bar({ ...flat(0), high: 500.6 })
    join.tick(ns(85), 500.5)
    const resolved = [1, 2, 3, 4, 5, 6, 7, 8, 9].flatMap((slot) => join.bar({ ...flat(slot), high: 500.55 }))
    expect(answerTo(resolved, 't1_60s')).toBe(1)
    expect(answerTo(resolved, 't1_bounce_60s')).toBe(0)
    expect(answerTo(resolved, 't2_300s')).toBe(0)
    expect(answerTo(resolved, 'strength_signed')).toBeCloseTo(0.55, 12)
  })

  test('is masked where only the bar of its first minute reached the threshold', () => {
    const join = joined()
    join.publish(forecast(30))
    const resolved = [flat(0), ...Array.from({ length: 9 }, (_, i) => flat(i + 1))].flatMap((bar, i) =>
      join.bar(i === 0 ? { ...bar, low: 499.4 } : bar),
    )
    expect(answerTo(resolved, 't1_bounce_60s')).toBe('hit straddles the moment')
    expect(answerTo(resolved, 't1_60s')).toBe('hit straddles the moment')
    expect(answerTo(resolved, 't1_break_60s')).toBe(0)
    expect(answerTo(resolved, 't2_bounce_60s')).toBe(0)
  })

  test('is masked where only the bar of its last minute reached it, for the horizons that end there', () => {
    const join = joined()
    join.publish(forecast(30))
    const bars = Array.from({ length: 10 }, (_, i) => (i === 2 ? { ...flat(i), high: 500.7 } : flat(i)))
    const resolved = bars.flatMap((bar) => join.bar(bar))
    expect(answerTo(resolved, 't1_60s')).toBe(0)
    expect(answerTo(resolved, 't1_120s')).toBe('hit straddles the horizon')
    expect(answerTo(resolved, 't1_180s')).toBe(1)
  })

  test('agrees with the ticks themselves on random paths, whatever the bars hide', () => {
    const random = randomNumbers(9)
    let answered = 0
    for (let path = 0; path < 60; path++) {
      const join = joined()
      const at = Math.floor(random() * 400) / 4
      const ticks: { readonly time: number; readonly spot: number }[] = []
      let spot = 500
      for (let time = 0; time < 900; time += 0.25) {
        spot += (random() - 0.5) * 0.08
        ticks.push({ time, spot })
      }
      const resolved: ResolvedForecast[] = []
      for (const [i, { time, spot: price }] of ticks.entries()) {
        if (time % 60 === 0 && time > 0) {
          const minute = ticks.slice(i - 240, i).map((tick) => tick.spot)
          const bar = {
            ...flat(time / 60 - 1),
            high: Math.max(...minute),
            low: Math.min(...minute),
            close: minute.at(-1) ?? 0,
          }
          resolved.push(...join.bar(bar))
        }
        resolved.push(...join.tick(ns(time), price))
        if (time === at) resolved.push(...join.publish(forecast(at, { spot: price, price: ticks[i]?.spot ?? 0 })))
      }
      const level = ticks.find(({ time }) => time === at)?.spot ?? 0
      const begins = at % 60 <= 1 ? at - (at % 60) : at
      for (const { name, about, seconds } of questions) {
        if (about.kind !== 'reach') continue
        const dollars = THRESHOLDS[about.threshold - 1] as number
        const truth = ticks.some(({ time, spot: price }) => {
          const move = price - level
          const towards = about.side === 'either' ? Math.abs(move) : about.side === 'break' ? move : -move
          return time > begins && time <= begins + seconds && towards >= dollars
        })
        expect(answerTo(resolved, name), `${path} ${name}`).toBe(Number(truth))
        answered += 1
      }
    }
    expect(answered).toBe(60 * 24)
  })
})

const conditional = (at: number): PublishedForecast => forecast(at, { fromNs: null, spot: 499 })

describe('a forecast that is conditional on a touch', () => {
  test('asks from the touch on, also where price jumps the level, and says when it was touched', () => {
    const join = joined()
    join.tick(ns(0), 499)
    join.publish(conditional(0))
    const before = join.bar(flat(0, 499))
    join.tick(ns(90), 500.3)
    join.tick(ns(100), 500.5)
    const bars = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((slot) => flat(slot, 500.2))
    const resolved = bars.flatMap((bar) => join.bar(bar))
    expect(answerTo(before, 'touch_60s')).toBe(0)
    expect(answerTo(resolved, 'touch_120s')).toBe(1)
    expect(answerTo(resolved, 't1_break_60s')).toBe(1)
    expect(answerTo(resolved, 't2_300s')).toBe(0)
    expect(resolved.map(({ startNs }) => startNs)).toContain(ns(90))
  })

  test('is answered by no guess where the touch never came', () => {
    const join = joined()
    join.publish(conditional(0))
    const resolved = Array.from({ length: 8 }, (_, slot) => flat(slot, 499)).flatMap((bar) => join.bar(bar))
    expect(answerTo(resolved, 'touch_300s')).toBe(0)
    expect(answerTo(resolved, 't1_60s')).toBe('never touched')
    expect(answerTo(resolved, 'direction')).toBe('never touched')
    expect(join.open).toBe(0)
  })
})

describe('counts', () => {
  test('a forecast is taken once, and bars that are late, absent or repeated are counted', () => {
    const join = joined()
    join.publish(forecast(60))
    join.publish(forecast(60))
    join.publish(forecast(30))
    join.publish(forecast(-60))
    join.bar(flat(0))
    join.tick(ns(130), 500)
    join.bar(flat(1))
    join.bar(flat(1))
    join.bar(flat(4))
    expect(join.counts).toMatchObject({ published: 1, repeated: 2, outside: 1 })
    expect(join.counts).toMatchObject({ bars: 3, lateBars: 1, missingBars: 2, repeatedBars: 1 })
  })

  test('what the close or a gap cuts short is censored, once', () => {
    const join = joined()
    join.bar(flat(0))
    join.publish(forecast(60))
    const closed = join.bar(flat(1))
    expect(closed.map(({ from, to }) => [questions[from]?.name, questions[to]?.name])).toEqual([
      ['touch_60s', 't1_120s'],
    ])
    const resolved = join.bar(flat(20))
    expect(answerTo(resolved, 't1_120s')).toBe('window incomplete')
    expect(answerTo(resolved, 'direction')).toBe('window incomplete')
    expect(join.counts.censored).toBe(questions.length - 4 - 6)
    expect(join.close()).toEqual([])
  })

  test('the next session ends the one before', () => {
    const join = joined()
    join.publish(forecast(389 * 60))
    join.bar(flat(389))
    const resolved = join.tick(openOf('2024-07-03'), 501)
    expect(answerTo(resolved, 't1_120s')).toBe('window incomplete')
    expect(join.open).toBe(0)
  })
})

test('a state goes on from JSON with the same bits', () => {
  const join = joined()
  join.tick(ns(30), 500)
  join.publish(
    forecast(30, { values: Float64Array.from(questions, (_, i) => (i % 3 === 0 ? Number.NaN : 1 / (i + 1))) }),
  )
  join.publish(forecast(30, { levelId: 'other', sign: -1, fromNs: null, spot: Number.NaN }))
  join.bar(flat(0))
  const again = joined(JSON.parse(JSON.stringify(join.state())) as JoinState)
  expect(again.state()).toEqual(join.state())
  const rest = (one: OutcomeJoin): ResolvedForecast[] =>
    [1, 2, 3, 4, 5, 6, 7, 8, 9].flatMap((slot) => one.bar({ ...flat(slot), high: 500.6 }))
  expect(rest(again)).toEqual(rest(join))
})

test('a forecast with numbers for other questions is refused by name', () => {
  expect(() => joined().publish(forecast(0, { values: new Float64Array(3) }))).toThrow(
    'monitor: forecast.values.length=3: must be 31, one a question. Take the questions of the join.',
  )
  expect(() => questionsOf({ horizons: [600] })).toThrow(
    'monitor: horizons=600: must be whole seconds above 0 and at most 480, the window.',
  )
})
