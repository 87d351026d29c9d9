import {
  createObserver,
  forecastsOf,
  questionsOf,
  type CalibrationEvent,
  type PublishedTick,
} from '@breakwater/monitor'
import type { AnyViewportPayload, TargetPayload } from '@breakwater/viewport/payload'
import { describe, expect, test } from 'vitest'
import { openOf, randomNumbers } from './market.ts'

const OPEN_MS = Number(openOf('2024-07-02') / 1_000_000n)
const questions = questionsOf()
const place = (name: string): number => questions.findIndex((question) => question.name === name)

const target = (more: Partial<TargetPayload>): TargetPayload =>
  ({
    level_id: 'ROUND_500.00',
    level_kind_name: 'ROUND',
    level_price: 500,
    distance_signed: -0.25,
    error: null,
    direction: 'UP',
    p_tradeable_2: 0.2,
    p_break_given_tradeable: 0.6,
    strength_signed: 0.4,
    strength_signed_interval: [-1, 1],
    time_to_threshold: { t1: { 60: 0.3 }, t2: {}, t1_break: {}, t1_bounce: {}, t2_break: {}, t2_bounce: {} },
    settled: {},
    p_touch: null,
    source: 'law',
    row_basis: 'touch',
    viewport_state: 'TOUCH',
    stage: 'stage_a',
    touch_ts_ns: OPEN_MS * 1e6,
    confirm_ts_ns: (OPEN_MS + 240_000) * 1e6,
    ...more,
  }) as TargetPayload

const payload = (ts: number, targets: readonly TargetPayload[]): AnyViewportPayload =>
  ({ version: 2, ts, error: null, models: { stage_a: 'a', stage_b: 'b' }, targets }) as unknown as AnyViewportPayload

const read = (ts: number, one: TargetPayload) => forecastsOf(payload(ts, [one]), { questions, spot: 500.2 })

describe('the forecasts of a payload', () => {
  test('of the law are about now, with its numbers under their questions', () => {
    const [forecast] = read(OPEN_MS + 60_000, target({}))
    expect(forecast?.fromNs).toBe(forecast?.tsNs)
    expect(forecast).toMatchObject({ levelId: 'ROUND_500.00', sign: 1, spot: 500.2 })
    const values = forecast?.values ?? []
    expect([values[place('t1_60s')], values[place('tradeable_2')], values[place('direction')]]).toEqual([0.3, 0.2, 0.6])
    expect(values[place('t2_60s')]).toBeNaN()
    expect(forecast?.low?.[place('strength_signed')]).toBe(-1)
  })

  test('of heads alone begin at the confirmation, and are taken once after it', () => {
    const heads = target({ source: 'heads' })
    const confirm = BigInt(OPEN_MS + 240_000) * 1_000_000n
    expect(read(OPEN_MS + 60_000, heads)[0]?.fromNs).toBe(confirm)
    expect(read(OPEN_MS + 240_000, heads)[0]?.fromNs).toBe(confirm)
    expect(read(OPEN_MS + 300_000, heads)).toEqual([])
    const { source: _source, settled: _settled, p_touch: _touch, ...version1 } = heads
    expect(read(OPEN_MS + 60_000, version1 as TargetPayload)[0]?.fromNs).toBe(confirm)
  })

  test('before a touch hang on it; what heads suppose of it, what is settled and what has no side is left out', () => {
    const before = { touch_ts_ns: null, confirm_ts_ns: null, p_touch: { 60: 0.1 } }
    const [law] = read(OPEN_MS, target(before))
    expect([law?.fromNs, law?.values[place('touch_60s')], law?.values[place('t1_60s')]]).toEqual([null, 0.1, 0.3])
    const [heads] = read(OPEN_MS, target({ ...before, source: 'heads' }))
    expect([heads?.values[place('touch_60s')], heads?.values[place('t1_60s')]]).toEqual([0.1, Number.NaN])
    expect(read(OPEN_MS, target({ settled: { t1_60s: 'reached' } }))[0]?.values[place('t1_60s')]).toBeNaN()
    expect(read(OPEN_MS, target({ direction: null }))).toEqual([])
  })
})

test('a reader takes numbers of heads from where they are published, and the price from the distance', () => {
  const readAs = (more: Partial<TargetPayload>) =>
    forecastsOf(payload(OPEN_MS + 300_000, [target({ source: 'heads', ...more })]), { questions, windows: 'published' })
  const asOf = (OPEN_MS + 240_000) * 1e6
  const [since] = readAs({ condition: 'since_touch', as_of_ts_ns: asOf })
  expect([since?.fromNs, since?.spot]).toEqual([BigInt(asOf), 500.25])
  const [before] = readAs({ condition: 'given_touch', as_of_ts_ns: asOf, touch_ts_ns: null })
  expect([before?.fromNs, before?.values[place('t1_60s')]]).toEqual([null, 0.3])
  expect(readAs({ error: 'head_failed' })).toEqual([])
})

test('an observer raises one alarm of a head that goes wrong, in words with what to do, and begins anew with other models', () => {
  const random = randomNumbers(2)
  const events: CalibrationEvent[] = []
  const observer = createObserver({ horizons: [60], thresholds: [1, 2], onAlarm: (alarm) => events.push(alarm) })
  let bars: PublishedTick['bars'] = []
  for (let minute = 0; minute < 380; minute++) {
    const ts = OPEN_MS + minute * 60_000
    const only = { p_tradeable_2: null, p_break_given_tradeable: null, strength_signed: null }
    const targets = [0, 1, 2].map((i) => target({ ...only, level_id: `L${i}`, level_price: 500 + i / 100 }))
    observer.observe({ spy: { spot: 500 }, bars: bars ?? [], viewport: payload(ts, targets) })
    // .3 is published; it happens with .6.
    const high = random() < 0.6 ? 502 : 500.1
    bars = [{ ts, open: 500, high, low: 500, close: 500, volume: 1 }]
  }
  expect(events.map(({ head }) => head).toSorted()).toEqual(['surface', 't1_60s'])
  expect(observer.raised).toBe(2)
  const [first] = events
  expect(first?.message).toMatch(
    /^\S+: published probabilities are no longer calibrated: evidence \S+ against 100\. Since/,
  )
  expect(first?.action).toContain('roll back')
  expect(JSON.parse(JSON.stringify(first))).toEqual(first)
  const other = { ...payload(OPEN_MS + 381 * 60_000, []), models: { stage_a: 'c', stage_b: 'b' } } as AnyViewportPayload
  observer.observe({ spy: { spot: 500 }, viewport: other })
  expect(observer.monitor.standings()).toEqual([])
})
