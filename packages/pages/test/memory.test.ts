import { describe, expect, test } from 'vitest'
import { sessionMemory } from '#src/session/memory'
import { barAt, OPEN_MS, payloadAt, targetWith } from './targets.ts'

const touched = targetWith({ touch_ts_ns: OPEN_MS * 1e6, confirm_ts_ns: (OPEN_MS + 240_000) * 1e6 })
const confirmed = {
  ...touched,
  viewport_state: 'CONFIRMATION',
  p_tradeable_2: 0.7,
  p_break_given_tradeable: 0.9,
} as const
const ID = `ROUND_500.00@${OPEN_MS}`

describe('what a page that joins is told', () => {
  test('is the bars so far, the one that forms, and the touches with what was forecast', () => {
    const memory = sessionMemory()
    memory.take(payloadAt(1, [touched], { bars: [barAt(0, 499, 500)], spot: 500.25 }))
    memory.take(payloadAt(1.5, [touched], { spot: 499.75 }))
    const part = memory.since(0)
    expect(part).toMatchObject({ date: '2024-02-20', thresholds: [1, 2] })
    const minute = OPEN_MS / 60_000
    expect(part.bars).toEqual([{ minute, open: 499, high: 500, low: 499, close: 500, volume: 1 }])
    expect(part.forming).toEqual({
      minute: minute + 1,
      open: 500.25,
      high: 500.25,
      low: 499.75,
      close: 499.75,
      volume: 0,
    })
    expect(part.touches).toEqual([
      {
        id: ID,
        levelId: 'ROUND_500.00',
        kind: 'ROUND',
        price: 500,
        direction: 'UP',
        touchedAt: OPEN_MS,
        confirmAt: OPEN_MS + 240_000,
        state: 'TOUCH',
        tradeable: 0.5,
        breakGivenTradeable: 0.4,
        result: null,
      },
    ])
  })

  test('after a revision is what has changed since, and nothing where nothing has', () => {
    const memory = sessionMemory()
    memory.take(payloadAt(1, [touched], { bars: [barAt(0, 499, 500)] }))
    const first = memory.revision
    expect(memory.since(first)).toMatchObject({ bars: [], touches: [] })
    memory.take(payloadAt(1.1, [touched]))
    expect(memory.revision).toBe(first)
    memory.take(payloadAt(2, [confirmed], { bars: [barAt(1, 499, 501)] }))
    expect(memory.revision).toBeGreaterThan(first)
    const part = memory.since(first)
    expect(part.bars.map(({ high }) => high)).toEqual([501])
    expect(part.touches).toMatchObject([{ id: ID, state: 'CONFIRMATION', tradeable: 0.7 }])
  })

  test('a payload that was refused, or not scored, changes nothing', () => {
    const memory = sessionMemory()
    memory.take(payloadAt(1, [touched], { error: { code: 'spot_jump', message: 'no' } }))
    memory.take({ ts: 5, nothing: true })
    expect(memory.since(0)).toMatchObject({ date: null, revision: 0, bars: [], touches: [] })
  })

  test('a bar that is none, or not later than the last, is left out', () => {
    const memory = sessionMemory()
    const bars = [barAt(1, 499, 500), barAt(1, 1, 2), barAt(0, 1, 2), null, { ts: 'x' }, barAt(2, 501, 500)]
    memory.take(payloadAt(3, [], { bars: bars as object[] }))
    expect(memory.since(0).bars.map(({ low }) => low)).toEqual([499])
  })

  test('begins anew with the next day; bars of the day before are not those of the day', () => {
    const memory = sessionMemory()
    memory.learn(barAt(-24 * 60, 490, 491))
    memory.learn(barAt(-30, 495, 496))
    expect(memory.since(0).bars).toHaveLength(1)
    memory.take(payloadAt(0, [touched]))
    expect(memory.since(0)).toMatchObject({ bars: [{ low: 495 }], touches: [{ id: ID }] })
    const before = memory.revision
    memory.take(payloadAt(24 * 60, []))
    expect(memory.since(0)).toMatchObject({ date: '2024-02-21', bars: [], touches: [] })
    expect(memory.revision).toBeGreaterThan(before)
    expect(memory.touch(ID)).toBeNull()
  })
})

/** Quiet bars, but for those that a minute names. */
const barsOf = (from: number, to: number, odd: Readonly<Record<number, [number, number]>>): object[] =>
  Array.from({ length: to - from }, (_, i) => barAt(from + i, ...(odd[from + i] ?? [499.5, 500.5])))

describe('what became of a touch', () => {
  test('is open until the label window has ended, and then that of the labels', () => {
    const memory = sessionMemory()
    memory.take(payloadAt(0, [touched]))
    memory.take(payloadAt(4, [confirmed], { bars: barsOf(0, 4, { 2: [499.5, 503] }) }))
    memory.take(payloadAt(11, [], { bars: barsOf(4, 11, { 9: [497.75, 500] }) }))
    expect(memory.touch(ID)?.result).toBeNull()
    memory.take(payloadAt(12, [], { bars: barsOf(11, 12, {}) }))
    // The break of minute 2 came before the anchor; the bounce of minute 9 is in the window.
    expect(memory.touch(ID)?.result).toEqual({ outcome: 'BOUNCE', furthestBeyond: 0.5, furthestBack: -2.25 })
  })

  test('is read by the settings of the signals: nearer thresholds, and a window of another length', () => {
    const memory = sessionMemory({ thresholds: [0.3, 0.6], lookforward: 5 })
    memory.take(payloadAt(0, [touched]))
    memory.take(payloadAt(8, [], { bars: barsOf(0, 8, { 6: [499.5, 500.75] }) }))
    expect(memory.touch(ID)?.result).toBeNull()
    memory.take(payloadAt(9, [], { bars: barsOf(8, 9, {}) }))
    expect(memory.since(0).thresholds).toEqual([0.3, 0.6])
    expect(memory.touch(ID)?.result).toEqual({ outcome: 'BREAK', furthestBeyond: 0.75, furthestBack: -0.5 })
  })

  test('keeps the targets that were published first, and at the confirmation, without their neighbours', () => {
    const memory = sessionMemory()
    memory.take(payloadAt(0.5, [touched]))
    memory.take(payloadAt(4, [confirmed]))
    memory.take(payloadAt(5, [{ ...confirmed, p_tradeable_2: 0.1 }]))
    const record = memory.touch(ID)
    expect(record?.atTouch).toEqual({ ...touched, retrieval: null })
    expect(record?.atConfirmation).toEqual({ ...confirmed, retrieval: null })
    expect(record).toMatchObject({ atTouchTs: OPEN_MS + 30_000, atConfirmationTs: OPEN_MS + 240_000, tradeable: 0.7 })
  })
})

describe('memory is bounded', () => {
  test('in touches: the oldest are forgotten', () => {
    const memory = sessionMemory()
    for (let i = 0; i < 700; i++) {
      const at = OPEN_MS + i * 1000
      memory.take(payloadAt(i / 60, [targetWith({ level_id: `L${i}`, touch_ts_ns: at * 1e6 })]))
    }
    const { touches } = memory.since(0)
    expect(touches).toHaveLength(600)
    expect(touches[0]?.levelId).toBe('L100')
  })

  test('in bars: a page is told the newest 960', () => {
    const memory = sessionMemory()
    memory.take(payloadAt(-500, []))
    memory.take(payloadAt(600, [], { bars: Array.from({ length: 900 }, (_, i) => barAt(i - 330, 499, 500)) }))
    memory.take(payloadAt(601, [], { bars: Array.from({ length: 100 }, (_, i) => barAt(i - 330 + 900, 499, 500)) }))
    expect(memory.since(0).bars).toHaveLength(960)
  })

  test('in probabilities: a point every five seconds, 4,680 a level, 40 levels', () => {
    const memory = sessionMemory()
    for (let i = 0; i < 10_000; i++) memory.take(payloadAt(-200 + i / 24, [targetWith({ p_break: i / 10_000 })]))
    const points = memory.probabilities('ROUND_500.00')
    expect(points).toHaveLength(4680)
    expect(points.at(-1)).toEqual({
      ts: OPEN_MS + (-200 + 9998 / 24) * 60_000,
      tradeable: 0.5,
      breaks: 0.9998,
      bounces: 0.3,
    })
    const gaps = points.slice(1).map(({ ts }, i) => ts - (points[i]?.ts ?? 0))
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(5000)
    for (let i = 0; i < 60; i++) memory.take(payloadAt(300, [targetWith({ level_id: `L${i}`, p_break: null })]))
    expect(memory.probabilities('L19')).toEqual([])
    expect(memory.probabilities('L59')).toMatchObject([{ breaks: null }])
  })
})
