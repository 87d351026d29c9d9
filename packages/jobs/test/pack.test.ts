import { pack, type Packable, unpack } from '@breakwater/jobs'
import { assert, jsonValue, pre, property } from 'fast-check'
import { expect, test } from 'vitest'

const refused =
  (value: unknown): (() => unknown) =>
  () =>
    pack(value as Packable)

const bytesOf = (value: Packable): Buffer => Buffer.concat(pack(value))

test('gives back numbers that JSON has no word for, arrays to the bit, and maps in order', () => {
  const value = {
    numbers: [Number.NaN, Infinity, -Infinity, -0, 0, 5e-324, 1.7976931348623157e308, 0.1 + 0.2],
    big: 2n ** 63n,
    text: 'a\u0000 "quoted" line\n',
    nothing: null,
    yes: true,
    doubles: Float64Array.of(Number.NaN, -0, Math.PI),
    floats: Float32Array.of(1.1, Number.NaN),
    times: BigInt64Array.of(-5n, 2n ** 62n),
    bytes: Uint8Array.of(0, 255),
    empty: new Int32Array(0),
    map: new Map<string, Packable>([
      ['z', Int32Array.of(3)],
      ['a', { deep: [new Map([['x', 1]])] }],
    ]),
  }
  const read = unpack(bytesOf(value)) as typeof value
  expect(read).toEqual(value)
  expect(Object.is(read.numbers[3], -0)).toBe(true)
  expect([...read.map.keys()]).toEqual(['z', 'a'])
})

const empty = (): Packable[] => [new Float64Array(0), new Int32Array(0), new Uint8Array(0)]

test('gives back arrays without elements, wherever they stand among wider and narrower ones', () => {
  const value = [Int32Array.of(1), ...empty(), Float64Array.of(2), ...empty(), Uint8Array.of(3), ...empty()]
  expect(unpack(bytesOf(value))).toEqual(value)
  expect(unpack(bytesOf([...value, ...value.toReversed()]))).toEqual([...value, ...value.toReversed()])
})

test('any value of JSON comes back, and equal values are equal bytes', () => {
  assert(
    property(jsonValue({ maxDepth: 4 }), (value) => {
      const text = JSON.stringify(value)
      pre(!/"(?:\$|__proto__)/.test(text))
      const bytes = bytesOf(value)
      expect(unpack(bytes)).toEqual(value)
      expect(bytesOf(JSON.parse(text) as Packable).equals(bytesOf(JSON.parse(text) as Packable))).toBe(true)
    }),
    { seed: 11 },
  )
})

test('leaves out what is undefined, and names the place of what is no plain data', () => {
  expect(unpack(bytesOf({ a: undefined, b: 1 }))).toEqual({ b: 1 })
  expect(refused({ a: [1, () => 2] })).toThrow('jobs: value.a[1] is function, which is no plain data. Leave it out.')
  expect(refused({ a: new Date(0) })).toThrow('jobs: value.a is an instance of a class.')
  expect(refused(new Map([['k', new Set()]]))).toThrow('jobs: value.k is an instance of a class.')
  expect(refused({ $array: 0 })).toThrow('jobs: value.$array: such a key cannot be kept. Rename it.')
  expect(refused([undefined])).toThrow('jobs: value[0] is undefined')
})

test('refuses bytes that are cut short or are another file', () => {
  const bytes = bytesOf({ a: Float64Array.of(1, 2, 3) })
  for (let length = 0; length < bytes.length; length++) {
    expect(() => unpack(bytes.subarray(0, length))).toThrow('jobs: a packed value: ')
  }
})
