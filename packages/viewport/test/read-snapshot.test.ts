import { readBar, readSnapshot, SnapshotError, snapshotLimits } from '@breakwater/viewport'
import { anything, assert, property } from 'fast-check'
import { describe, expect, test } from 'vitest'

const SNAPSHOT = {
  ts: 1_767_364_200_250,
  spy: { spot: 687.12, bid: 687.11, ask: 687.13 },
  levels: [
    {
      id: 'r',
      kind: 'ROUND',
      price: 687,
      physics: { tape_imbalance: 0.4, sweep_detected: true, barrier_state: 'WALL' },
    },
  ],
  bars: [{ ts: 1_767_364_140_000, open: 687, high: 687.2, low: 686.9, close: 687.1, volume: 1200 }],
}

/** The code and message that a snapshot is refused with. */
function refusal(value: unknown): { code: string; message: string } {
  try {
    readSnapshot(value)
  } catch (error) {
    if (error instanceof SnapshotError) return { code: error.code, message: error.message }
    throw error
  }
  throw new Error('was not refused')
}

test('a snapshot is read with times in nanoseconds, bars by minute and flags as numbers', () => {
  expect(readSnapshot(SNAPSHOT).snapshot).toEqual({
    tsNs: 1_767_364_200_250_000_000n,
    spot: 687.12,
    bid: 687.11,
    ask: 687.13,
    levels: [
      {
        id: 'r',
        kind: 'ROUND',
        price: 687,
        physics: { tape_imbalance: 0.4, sweep_detected: 1, barrier_state: 'WALL' },
      },
    ],
    bars: [{ minute: 29_456_069, open: 687, high: 687.2, low: 686.9, close: 687.1, volume: 1200 }],
  })
})

describe('a snapshot that cannot be scored is refused with a code, the place, the value and the rule', () => {
  test.each([
    [{ ...SNAPSHOT, ts: Number.NaN }, 'bad_time', 'viewport: snapshot.ts=NaN: '],
    [{ ...SNAPSHOT, ts: 1.5 }, 'bad_time', 'viewport: snapshot.ts=1.5: '],
    [{ ...SNAPSHOT, ts: '1' }, 'bad_time', 'viewport: snapshot.ts=1: '],
    [{ ...SNAPSHOT, ts: -5 }, 'bad_time', 'viewport: snapshot.ts=-5: '],
    [{ ...SNAPSHOT, spy: { spot: 0 } }, 'bad_spot', 'viewport: snapshot.spy.spot=0: '],
    [{ ...SNAPSHOT, spy: { spot: Number.NaN } }, 'bad_spot', 'viewport: snapshot.spy.spot=NaN: '],
    [{ ...SNAPSHOT, spy: { spot: Infinity } }, 'bad_spot', 'viewport: snapshot.spy.spot=Infinity: '],
    [{ ...SNAPSHOT, spy: null }, 'bad_spot', 'viewport: snapshot.spy=null: '],
    [{ ...SNAPSHOT, levels: 'none' }, 'bad_levels', 'viewport: snapshot.levels=none: '],
    [
      { ...SNAPSHOT, levels: Array.from({ length: 5001 }, () => SNAPSHOT.levels[0]) },
      'bad_levels',
      'viewport: snapshot.levels=a list: ',
    ],
    [{ ...SNAPSHOT, spy: { spot: 687, bid: -1 } }, 'bad_quote', 'viewport: snapshot.spy.bid=-1: '],
    [{ ...SNAPSHOT, spy: { spot: 687, ask: '687' } }, 'bad_quote', 'viewport: snapshot.spy.ask=687: '],
    [{ ...SNAPSHOT, bars: 7 }, 'bad_bars', 'viewport: snapshot.bars=7: '],
    [
      { ...SNAPSHOT, bars: Array.from({ length: 10_001 }) },
      'bad_bars',
      'viewport: snapshot.bars=a list: has 10001 entries',
    ],
    [{ ...SNAPSHOT, ts: 8.65e15 }, 'bad_time', 'viewport: snapshot.ts=8650000000000000: '],
    [{ ...SNAPSHOT, ts: 'x'.repeat(1e6) }, 'bad_time', `viewport: snapshot.ts=${'x'.repeat(60)}: must`],
    [[], 'bad_levels', 'viewport: snapshot=a list: '],
    [null, 'bad_levels', 'viewport: snapshot=null: '],
  ])('%#', (value, code, start) => {
    const refused = refusal(value)
    expect(refused.code).toBe(code)
    expect(refused.message.slice(0, start.length)).toBe(start)
    expect(refused.message).toMatch(/ See the payload's schema\.$/)
  })
})

test('unknown fields are let through and counted by their place', () => {
  const level = { ...SNAPSHOT.levels[0], colour: 'red' }
  const { notes, snapshot } = readSnapshot({
    ...SNAPSHOT,
    extra: 1,
    spy: { ...SNAPSHOT.spy, volume: 3 },
    levels: [level, { ...level, id: 's' }],
    bars: [{ ...SNAPSHOT.bars[0], trades: 9 }],
  })
  expect(Object.fromEntries(notes.unknownFields)).toEqual({
    extra: 1,
    'spy.volume': 1,
    'levels[].colour': 2,
    'bars[].trades': 1,
  })
  expect(snapshot.levels).toHaveLength(2)
})

test('a level, a reading and a bar that are wrong do not spoil the others', () => {
  const { snapshot, notes } = readSnapshot({
    ...SNAPSHOT,
    levels: [
      { id: 7, kind: 'ROUND', price: 687 },
      { id: 'p', kind: 'ROUND', price: '687' },
      { id: 'q', kind: 'ROUND', price: 688, physics: { wall_ratio: Number.NaN, tape_velocity: {}, gamma_exposure: 4 } },
      null,
    ],
    bars: [{ ...SNAPSHOT.bars[0], ts: 1_767_364_140_001, close: 'high' }],
  })
  expect(snapshot.levels).toEqual([
    { id: '', kind: 'ROUND', price: 687 },
    { id: 'p', kind: 'ROUND', price: Number.NaN },
    { id: 'q', kind: 'ROUND', price: 688, physics: { wall_ratio: null, tape_velocity: null, gamma_exposure: 4 } },
    { id: '', kind: '', price: Number.NaN },
  ])
  expect(notes.badReadings).toBe(2)
  expect(snapshot.bars?.[0]).toMatchObject({ minute: Number.NaN, close: Number.NaN })
})

/** `read`, or the code that the value is refused with; throws on any other error. */
function outcome(value: unknown): string {
  try {
    return readSnapshot(value).snapshot.spot > 0 ? 'read' : 'read a spot that is none'
  } catch (error) {
    if (error instanceof SnapshotError) return error.code
    throw error
  }
}

test('whatever comes in, reading gives a snapshot or a SnapshotError', () => {
  assert(
    property(anything({ withBigInt: true, withDate: true, withNullPrototype: true }), (value) => {
      for (const given of [
        value,
        { ...SNAPSHOT, levels: [value] },
        { ...SNAPSHOT, bars: [value] },
        { ...SNAPSHOT, spy: value },
      ]) {
        expect(outcome(given)).toMatch(/^(?:read|bad_time|bad_spot|bad_quote|bad_levels|bad_bars)$/)
      }
    }),
    { numRuns: 300 },
  )
})

test('a bar belongs to the minute that starts at its time, and to none otherwise', () => {
  expect(readBar({ ts: 1_767_364_140_000 }).minute).toBe(29_456_069)
  expect(readBar({ ts: 1_767_364_140_001 }).minute).toBeNaN()
})

test('names, words and readings beyond the limits are not taken', () => {
  const limits = snapshotLimits({ maxName: 4, maxFields: 2 })
  const levels = [
    { id: 'abcde', kind: 'VWAP', price: 1 },
    { id: 'abcd', kind: 'ROUND', price: 1 },
    { id: 'ok', kind: 'VWAP', price: 1, physics: { a: 'words', toolong: 1, b: 2, c: 3 } },
  ]
  const { snapshot, notes } = readSnapshot({ ...SNAPSHOT, levels, 'unknown name': 1 }, limits)
  expect(snapshot.levels.map(({ id, kind }) => [id, kind])).toEqual([
    ['', 'VWAP'],
    ['abcd', ''],
    ['ok', 'VWAP'],
  ])
  expect(snapshot.levels[2]?.physics).toEqual({ a: null })
  expect(notes.badReadings).toBe(4)
  expect(Object.fromEntries(notes.unknownFields)).toEqual({ others: 1 })
})

test('of unknown names a hundred are counted one by one, whatever they are called', () => {
  const fields = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`field ${i}`, i]))
  const { notes } = readSnapshot({ constructor: 1, toString: 2, ...fields, ...SNAPSHOT })
  expect(notes.unknownFields.get('constructor')).toBe(1)
  expect(notes.unknownFields.size).toBe(101)
  expect(notes.unknownFields.get('others')).toBe(202)
})

test('names that every object has are names like others', () => {
  const text =
    '{"id":"__proto__","kind":"constructor","price":1,"physics":{"__proto__":1,"toString":2,"hasOwnProperty":"x"}}'
  const { snapshot, notes } = readSnapshot({ ...SNAPSHOT, levels: [JSON.parse(text)] })
  const [level] = snapshot.levels
  expect(level).toMatchObject({ id: '__proto__', kind: 'constructor' })
  expect(Object.entries(level?.physics ?? {})).toEqual([
    ['toString', 2],
    ['hasOwnProperty', 'x'],
  ])
  expect(Object.getPrototypeOf(level?.physics)).toBe(Object.prototype)
  expect(notes.badReadings).toBe(1)
})

test('a limit must be a whole number above 0', () => {
  expect(() => snapshotLimits({ maxDepth: 0 })).toThrow(
    new RangeError('viewport: limits.maxDepth=0: must be a whole number above 0. Leave it out for the default.'),
  )
})
