import { decodeSafetensors, encodeSafetensors } from '@breakwater/formats'
import type { Tensor } from '@breakwater/formats'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

const refuse = (why: string, cause?: unknown): Error => new Error(`a.safetensors: ${why}`, { cause })
const decode = (bytes: Uint8Array): ReturnType<typeof decodeSafetensors> => decodeSafetensors(bytes, refuse)

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(pieces))
}

const arrays = fc.nat(9).chain((length): fc.Arbitrary<Tensor['data']> => {
  const of = { minLength: length, maxLength: length }
  return fc.oneof(
    fc.float64Array(of),
    fc.float32Array(of),
    fc.int32Array(of),
    fc.uint32Array(of),
    fc.int8Array(of),
    fc.uint8Array(of),
    fc.bigInt64Array(of),
  )
})
const named = fc.dictionary(fc.stringMatching(/^[a-z.]{1,8}$/), arrays)

/** A file of one header text, padded as it is, and data. */
function fileOf(header: string, data = new Uint8Array()): Uint8Array {
  const text = new TextEncoder().encode(header)
  const bytes = new Uint8Array(8 + text.length + data.length)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true)
  bytes.set(text, 8)
  bytes.set(data, 8 + text.length)
  return bytes
}

describe('a file', () => {
  test('is read as it was written, whatever its tensors and wherever its bytes begin', () => {
    fc.assert(
      fc.property(named, fc.dictionary(fc.string(), fc.string()), fc.nat(9), (data, metadata, shift) => {
        delete metadata['__proto__']
        const tensors = new Map(
          Object.entries(data).map(([name, each]) => [name, { shape: [each.length], data: each }]),
        )
        const bytes = joined(encodeSafetensors(tensors, metadata))
        const moved = new Uint8Array(bytes.length + shift).subarray(shift)
        moved.set(bytes)
        const file = decode(moved)
        expect(file.metadata).toEqual(metadata)
        expect(
          new Map([...file.tensors].map(([name, { shape, data: read }]) => [name, { shape, data: read }])),
        ).toEqual(tensors)
      }),
    )
  })

  test('has the bytes that the format describes', () => {
    const tensors = new Map<string, Tensor>([
      ['small', { shape: [3], data: Int8Array.of(1, 2, -1) }],
      ['wide', { shape: [1, 2], data: Float64Array.of(1, 2) }],
    ])
    const bytes = joined(encodeSafetensors(tensors, { by: 'hand' }))
    const header =
      '{"__metadata__":{"by":"hand"},"wide":{"dtype":"F64","shape":[1,2],"data_offsets":[0,16]},"small":{"dtype":"I8","shape":[3],"data_offsets":[16,19]}}'
    const start = Math.ceil((8 + header.length) / 64) * 64
    expect(new DataView(bytes.buffer).getBigUint64(0, true)).toBe(BigInt(start - 8))
    expect(new TextDecoder().decode(bytes.subarray(8, start))).toBe(header.padEnd(start - 8))
    expect([...bytes.subarray(start)]).toEqual([...new Uint8Array(Float64Array.of(1, 2).buffer), 1, 2, 255])
  })

  test('is viewed where it lies, in memory that threads share too', () => {
    const bytes = joined(encodeSafetensors(new Map([['x', { shape: [2], data: Float32Array.of(1, 2) }]]), {}))
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length))
    shared.set(bytes)
    expect(decode(shared).tensors.get('x')?.data.buffer).toBe(shared.buffer)
  })
})

/** A header of one tensor x. */
const x = (fields: string): string => `{"x":{${fields}}}`

describe('what is not a whole file is refused', () => {
  const whole = joined(encodeSafetensors(new Map([['x', { shape: [2], data: Float32Array.of(1, 2) }]]), { k: 'v' }))

  test('cut short at any byte, or with a byte more', () => {
    for (let length = 0; length < whole.length; length++) {
      expect(() => decode(whole.subarray(0, length))).toThrow(/^a\.safetensors: (?:\d bytes are too few|its )/)
    }
    expect(() => decode(joined([whole, Uint8Array.of(0)]))).toThrow('it was cut off or added to')
  })

  test.each([
    ['a header that would be longer than the format allows', new Uint8Array(16).fill(255), 'its header would be'],
    ['a header that is no JSON', fileOf('{'), 'its header is not JSON'],
    ['a header that is no text', fileOf('"\u00ff"').fill(0xff, 9, 10), 'its header is not JSON'],
    ['a header that is a list', fileOf('[]'), 'its header is not an object'],
    ['metadata of other things than text', fileOf('{"__metadata__":{"a":1}}'), 'its metadata are not strings'],
    ['an unknown type', fileOf(x('"dtype":"BF16","shape":[],"data_offsets":[0,2]')), 'tensor x has no type'],
    ['a negative length', fileOf(x('"dtype":"U8","shape":[-1],"data_offsets":[0,0]')), 'tensor x has no type'],
    ['a fraction', fileOf(x('"dtype":"U8","shape":[0.5],"data_offsets":[0,0]')), 'tensor x has no type'],
    [
      'a type from the prototype',
      fileOf(x('"dtype":"toString","shape":[],"data_offsets":[0,0]')),
      'tensor x has no type',
    ],
    [
      'a place that its shape does not fill',
      fileOf(x('"dtype":"U8","shape":[3],"data_offsets":[0,2]')),
      'tensor x has 2 bytes',
    ],
    [
      'a size beyond all numbers',
      fileOf(x('"dtype":"U8","shape":[9007199254740991,9007199254740991],"data_offsets":[0,2]')),
      'tensor x has 2 bytes',
    ],
    [
      'a place that begins late',
      fileOf(x('"dtype":"U8","shape":[1],"data_offsets":[1,2]'), new Uint8Array(2)),
      'tensor x begins at 1, not at 0',
    ],
    [
      'a place beyond the file',
      fileOf(x('"dtype":"U8","shape":[9],"data_offsets":[0,9]')),
      'it was cut off or added to',
    ],
    [
      'a place that is no multiple of its width',
      fileOf(x('"dtype":"F64","shape":[1],"data_offsets":[0,8]'), new Uint8Array(8)),
      'a F64 tensor begins at byte',
    ],
  ])('%s', (_, bytes, message) => {
    expect(() => decode(bytes)).toThrow(message)
  })
})

const one = (name: string, shape: readonly number[]): Map<string, Tensor> =>
  new Map([[name, { shape, data: Int8Array.of(1) }]])

test('a shape that its data does not fill, and a name that the format keeps, are refused when writing', () => {
  expect(() => encodeSafetensors(one('x', [2]), {})).toThrow(
    'formats: tensors: x has 1 elements, and its shape 2 2. Correct the shape.',
  )
  expect(() => encodeSafetensors(one('__metadata__', [1]), {})).toThrow('__metadata__ is not a name for a tensor')
})
