import {
  type Snapshot,
  type SnapshotBar,
  SnapshotError,
  type Viewport,
  type ViewportOptions,
} from '@breakwater/viewport'
import { describe, expect, test } from 'vitest'
import { barAt, fakeIndex, fakePredictor, fakeRows, levelAt, modelsOf, MINUTE, snapshotAt, START } from './fakes.ts'
import { viewportWith } from './make.ts'

const LEVELS = [levelAt('ROUND', 500), levelAt('VWAP', 499.8)]

/** The code that a snapshot is refused with; null where it scores. */
function codeOf(viewport: Viewport, snapshot: Snapshot): string | null {
  try {
    viewport.tick(snapshot)
    return null
  } catch (error) {
    if (error instanceof SnapshotError) return error.code
    throw error
  }
}

const quote = (seconds: number, spot: number, bid: number | null, ask: number | null): Snapshot => ({
  ...snapshotAt(seconds, spot, LEVELS),
  bid,
  ask,
})
const good = (seconds: number, bars: readonly SnapshotBar[] = []): Snapshot =>
  snapshotAt(seconds, 499.9 + (seconds % 7) / 100, LEVELS, bars)

/** A viewport that has the bars of `minutes` minutes from START and a tick at the end of each. */
function after(minutes: number, options: Partial<ViewportOptions> = {}): Viewport {
  const { viewport } = viewportWith(options)
  for (let minute = 0; minute < minutes; minute++) viewport.tick(good((minute + 1) * 60, [barAt(minute)]))
  return viewport
}

describe('a spot that is not believed', () => {
  const now = 601
  test.each<[string, Snapshot, string]>([
    ['a hundred times the price', snapshotAt(now, 50_000, LEVELS), 'spot_jump'],
    ['a hundredth of it', snapshotAt(now, 5, LEVELS), 'spot_jump'],
    ['a price beyond all', snapshotAt(now, 1e308, LEVELS), 'spot_jump'],
    ['a split', snapshotAt(now, 125, LEVELS), 'spot_jump'],
    ['three percent within a minute', snapshotAt(now, 515.1, LEVELS), 'spot_jump'],
    ['twenty dollars above the ask', quote(now, 500, 479.99, 480), 'spot_outside_quote'],
    ['twenty dollars below the bid', quote(now, 500, 520, null), 'spot_outside_quote'],
    ['outside a quote that crosses', quote(now, 500, 503, 497), 'bad_quote'],
    ['with a bid of 0', quote(now, 500, 0, 500.01), 'bad_quote'],
    ['with an ask that is not a number', quote(now, 500, 499.99, Number.NaN), 'bad_quote'],
  ])('%s: is refused by name, and the ticks after it are as if it had not come', (_, wrong, code) => {
    const [viewport, twin] = [after(10), after(10)]
    const bars = [barAt(10, wrong.spot)]
    expect(codeOf(viewport, { ...wrong, bars })).toBe(code)
    for (let i = 0; i < 40; i++) expect(viewport.tick(good(602 + i / 4))).toEqual(twin.tick(good(602 + i / 4)))
    expect(viewport.status()).toEqual(twin.status())
  })

  test('is told with the price before it and what to do', () => {
    expect(() => after(10).tick(snapshotAt(now, 125, LEVELS))).toThrow(
      'viewport: snapshot.spot=125: is implausibly far from 500. A real jump is accepted when enough ticks agree on it; send jump=true to announce it.',
    )
  })
})

describe('a spot that is believed', () => {
  test('a move that volatility and time explain', () => {
    const viewport = after(10)
    expect(codeOf(viewport, snapshotAt(601, 509, LEVELS))).toBeNull()
    // An hour without anything: a move may be eight times as far.
    expect(codeOf(viewport, snapshotAt(601 + 3600, 560, LEVELS))).toBeNull()
  })

  test('a move of a market whose minutes are as wild', () => {
    const { viewport } = viewportWith()
    for (let minute = 0; minute < 30; minute++) {
      const price = 500 + 3 * (minute % 2)
      viewport.tick(snapshotAt((minute + 1) * 60, price, LEVELS, [barAt(minute, price)]))
    }
    expect(codeOf(viewport, snapshotAt(1801, 530, LEVELS))).toBeNull()
    expect(codeOf(after(30), snapshotAt(1801, 530, LEVELS))).toBe('spot_jump')
  })

  test('a spot a little outside its quote, and one without a quote', () => {
    const viewport = after(10)
    expect(codeOf(viewport, quote(601, 500, 499, 499.1))).toBeNull()
    expect(codeOf(viewport, quote(602, 500, null, null))).toBeNull()
  })

  test('a wrong first price is forgotten when twenty good ones agree', () => {
    const { viewport } = viewportWith()
    expect(codeOf(viewport, snapshotAt(0, 50_000, LEVELS))).toBeNull()
    const codes = Array.from({ length: 21 }, (_, i) => codeOf(viewport, good(1 + i / 4)))
    expect(codes).toEqual([...Array.from({ length: 19 }, () => 'spot_jump'), null, null])
  })

  test('plausibility: false believes all', () => {
    expect(codeOf(after(10, { plausibility: false }), snapshotAt(601, 1e308, LEVELS))).toBeNull()
  })
})

describe('a jump that is real', () => {
  test('is believed at once where the sender says so, with its bars', () => {
    const viewport = after(10)
    expect(codeOf(viewport, { ...snapshotAt(660, 125, LEVELS, [barAt(10, 125)]), jump: true })).toBeNull()
    expect(codeOf(viewport, snapshotAt(661, 125.2, LEVELS))).toBeNull()
    expect(codeOf(viewport, snapshotAt(662, 500, LEVELS))).toBe('spot_jump')
    expect(viewport.status()).toMatchObject({ believedJumps: 1, rejectedBars: 0 })
  })

  test('is believed from the twentieth tick in a row that agrees, and bars follow', () => {
    const viewport = after(10)
    const codes = Array.from({ length: 25 }, (_, i) => codeOf(viewport, snapshotAt(601 + i / 4, 450 + (i % 3), LEVELS)))
    expect(codes).toEqual([...Array.from({ length: 19 }, () => 'spot_jump'), ...Array.from({ length: 6 }, () => null)])
    viewport.tick(snapshotAt(660, 451, LEVELS, [barAt(10, 451)]))
    expect(viewport.status()).toMatchObject({ believedJumps: 1, rejectedBars: 0 })
  })

  test('is not believed from ticks that do not agree, are of one time, or are interrupted by good ones', () => {
    const viewport = after(10)
    for (let i = 0; i < 100; i++) {
      expect(codeOf(viewport, snapshotAt(601 + i / 4, 400 + 50 * (i % 4 === 3 ? 2 : i % 2), LEVELS))).toBe(
        i % 4 === 3 ? null : 'spot_jump',
      )
    }
    for (let i = 0; i < 100; i++) expect(codeOf(viewport, snapshotAt(630, 450, LEVELS))).toBe('spot_jump')
    expect(viewport.status().believedJumps).toBe(0)
  })

  test('beyond thirty percent of a close of the last ten minutes needs bars too', () => {
    const viewport = after(10)
    const jump = (i: number, bars: readonly SnapshotBar[] = []): string | null =>
      codeOf(viewport, snapshotAt(601 + i, 50_000, LEVELS, bars))
    for (let i = 0; i < 300; i++) expect(jump(i)).toBe('spot_jump')
    expect([300, 301, 302].map((i, place) => jump(i, [barAt(10 + place, 50_000)]))).toEqual([
      'spot_jump',
      'spot_jump',
      null,
    ])
  })
})

describe('a bar that is not believed', () => {
  const bar = barAt(10)
  test.each<[string, SnapshotBar, string]>([
    ['a hundred times the price', barAt(10, 50_000), 'bar_jump'],
    ['whole cents for dollars', { ...bar, open: 50_000, high: 50_000 }, 'bar_jump'],
    ['a wick to a cent', { ...bar, low: 0.01 }, 'bar_jump'],
    ['a close that is not a number', { ...bar, close: Number.NaN }, 'bar_jump'],
    ['more shares than there are', { ...bar, volume: 1e308 }, 'bar_volume'],
    ['a minute that is not over', barAt(11), 'not_ended'],
    ['a bar that came before', barAt(9), 'refused'],
  ])('%s: is left out by name, and the tick is as if it had not come', (_, wrong, code) => {
    const [viewport, twin] = [after(10), after(10)]
    expect(viewport.tick(good(660, [wrong])).targets).toEqual(twin.tick(good(660)).targets)
    expect(viewport.status().rejectedBarsBy).toEqual({ [code]: 1 })
    const next = good(720, [barAt(11)])
    expect(viewport.tick(next)).toEqual(twin.tick(next))
  })

  test('stays out however many agree, while spot speaks against them', () => {
    const viewport = after(10)
    for (let i = 0; i < 30; i++) expect(codeOf(viewport, good(660 + 60 * i, [barAt(10 + i, 420)]))).toBeNull()
    expect(viewport.status()).toMatchObject({ rejectedBarsBy: { bar_jump: 30 }, believedJumps: 0 })
  })
})

/** Codes of bars at these minutes, each handed over when it has ended. */
function spaced(minutes: readonly number[]): Readonly<Record<string, number>> {
  const { viewport } = viewportWith({ plausibility: { isRegular: () => true } })
  for (const minute of minutes) viewport.tick(good((minute + 1) * 60, [barAt(minute)]))
  return viewport.status().rejectedBarsBy
}
const every = (count: number, minuteOf: (i: number) => number): number[] =>
  Array.from({ length: count }, (_, i) => minuteOf(i))

describe('bars that do not come minute by minute', () => {
  test('bars of five minutes, and a feed that lacks every third, are refused after a few', () => {
    expect(spaced(every(30, (i) => 5 * i))).toEqual({ bar_spacing: 26 })
    expect(spaced(every(30, (i) => i + Math.floor(i / 2)))).toEqual({ bar_spacing: 22 })
  })

  test('a halt and a few lost bars are not, and even bars are believed again', () => {
    expect(spaced([...every(30, (i) => i), ...every(30, (i) => 50 + i)])).toEqual({})
    expect(spaced(every(60, (i) => i + Math.floor(i / 10)))).toEqual({})
    const uneven = every(10, (i) => 5 * i)
    expect(spaced([...uneven, ...every(30, (i) => 46 + i)])).toEqual({ bar_spacing: 14 })
  })

  test('are let through where minutes need not have a bar', () => {
    const viewport = after(0)
    for (let i = 0; i < 30; i++) viewport.tick(good((5 * i + 1) * 60, [barAt(5 * i)]))
    expect(viewport.status().rejectedBarsBy).toEqual({})
  })
})

test('bars of the past are taken as they are, and later prices are held against them', () => {
  const rows = fakeRows(START - 30n * MINUTE)
  const { viewport } = viewportWith({ rows, models: modelsOf(fakePredictor(), fakeIndex()) })
  for (let minute = -30; minute < 0; minute++) viewport.learn(barAt(minute))
  expect(rows.bars).toHaveLength(30)
  expect(() => viewport.learn(barAt(-1))).toThrow('out of order')
  expect(codeOf(viewport, snapshotAt(1, 50_000, LEVELS))).toBe('spot_jump')
  expect(codeOf(viewport, snapshotAt(2, 500, LEVELS))).toBeNull()
})

test('an option below 0 is refused by name', () => {
  expect(() => viewportWith({ plausibility: { jumpShare: -1 } })).toThrow(
    new RangeError('viewport: options.plausibility.jumpShare=-1: must lie in [0, Infinity]. See PlausibilityOptions.'),
  )
})
