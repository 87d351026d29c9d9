import { publishable, readMessage, snapshotLimits } from '@breakwater/viewport'
import { anything, assert, property } from 'fast-check'
import { describe, expect, test } from 'vitest'

const limits = snapshotLimits()
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)

/** How deep objects and lists are nested. */
function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return 1 + Math.max(0, ...Object.values(value).map(depthOf))
}

describe('publishable', () => {
  test('keeps known fields in their order, and unknown ones that are plain values', () => {
    const snapshot = {
      venue: 'X',
      ts: 5,
      spy: { spot: 1, bid: null, volume: 3 },
      levels: [{ id: 'a', colour: 'red', kind: 'VWAP', price: 2, physics: { sweep_detected: true, word: 'WALL' } }],
      bars: [{ ts: 1, open: 1, high: 1, low: 1, close: 1, volume: 1, trades: 9 }],
      live: true,
      note: null,
    }
    expect(JSON.stringify(publishable(snapshot, limits))).toBe(JSON.stringify(snapshot))
  })

  test('leaves out nested data in unknown fields, long texts and what JSON cannot say', () => {
    const cyclic: Record<string, unknown> = {}
    cyclic['self'] = cyclic
    const snapshot = {
      ts: 5,
      cyclic,
      deep: JSON.parse(nested(5000)) as unknown,
      text: 'x'.repeat(1025),
      big: 1n,
      call: () => 1,
      levels: [[[]], null, 'a', { id: {}, kind: 'VWAP', physics: { a: [1], b: 2, c: cyclic } }],
      bars: [cyclic],
      spy: [],
    }
    expect(publishable(snapshot, limits)).toEqual({
      ts: 5,
      levels: [null, null, null, { kind: 'VWAP', physics: { b: 2 } }],
      bars: [{}],
    })
  })

  test('a list beyond its limit is left out, and so are unknown fields beyond theirs', () => {
    const small = snapshotLimits({ maxLevels: 1, maxFields: 2 })
    const level = { a: 1, b: 2, c: 3, id: 'x' }
    expect(publishable({ levels: [level, level] }, small)).toEqual({})
    expect(publishable({ levels: [level] }, small)).toEqual({ levels: [{ a: 1, b: 2, id: 'x' }] })
  })

  test('whatever comes in, the copy is JSON at most four deep', () => {
    assert(
      property(anything({ withBigInt: true, withDate: true, withNullPrototype: true }), (value) => {
        for (const given of [value, { levels: [value, { physics: value }] }, { spy: value, bars: [value] }]) {
          const copy = publishable(given, limits)
          expect(depthOf(JSON.parse(JSON.stringify(copy)))).toBeLessThanOrEqual(4)
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('readMessage', () => {
  test.each(['', '{', '[1]', '"text"', 'null', '7', '{"a":NaN}'])('%s is malformed', (text) => {
    expect(readMessage(bytes(text), limits)).toEqual({ fault: 'malformed', message: 'is not a JSON object' })
  })

  test('bytes that are no UTF-8 are malformed; a lone surrogate in an escape is a text', () => {
    expect(readMessage(Uint8Array.of(0x7b, 0xff, 0x7d), limits)).toMatchObject({ fault: 'malformed' })
    expect(readMessage(bytes('{"a":"\\ud800"}'), limits)).toEqual({ value: { a: '\ud800' } })
  })

  test('size and depth are limits, and what is just within is read', () => {
    const small = snapshotLimits({ maxBytes: 12, maxDepth: 3 })
    expect(readMessage(bytes('{"a":[[7]]}'), small)).toEqual({ value: { a: [[7]] } })
    expect(readMessage(bytes('{"a":[[[]]]}'), small)).toEqual({
      fault: 'too_deep',
      message: 'is nested more than 3 deep',
    })
    expect(readMessage(bytes('{"a":[[777]]}'), small)).toEqual({
      fault: 'too_large',
      message: 'has 13 bytes, and 12 are allowed',
    })
  })

  test('brackets in texts do not count, whatever is escaped before them', () => {
    const value = { a: '[[[[', 'b"{{{': '\\"[[[[', c: '\\', d: '[[[é[' }
    expect(readMessage(bytes(JSON.stringify(value)), snapshotLimits({ maxDepth: 1 }))).toEqual({ value })
  })
})
