import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { decodeModel, encodeModel } from '@breakwater/formats'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { anyModel, linearModel } from './arbitrary.ts'

const bytes = encodeModel(linearModel)

/** The message of the error that reading throws, or 'read' where it succeeds. */
function outcome(input: Uint8Array): string {
  try {
    decodeModel(input)
    return 'read'
  } catch (error) {
    return error instanceof Error ? error.message : 'not an Error'
  }
}

/** Fields of a model in front of the valid one: protobuf lets them stand anywhere. */
function prefixed(write: (w: BinaryWriter) => void): Uint8Array {
  const w = new BinaryWriter()
  write(w)
  w.raw(bytes)
  return w.finish()
}

/** A model with a hand-written graph. */
function withGraph(write: (w: BinaryWriter) => void): Uint8Array {
  const w = new BinaryWriter()
  w.tag(1, WireType.Varint).uint32(8)
  w.tag(8, WireType.LengthDelimited).fork().tag(2, WireType.Varint).uint32(17).join()
  w.tag(7, WireType.LengthDelimited).fork()
  write(w)
  w.join()
  return w.finish()
}

/** A model whose graph holds one node with one hand-written attribute. */
function withAttribute(write: (w: BinaryWriter) => void): Uint8Array {
  return withGraph((w) => {
    w.tag(1, WireType.LengthDelimited).fork()
    w.tag(5, WireType.LengthDelimited).fork()
    write(w)
    w.join().join()
  })
}

/** A model whose graph holds hand-written initializers. */
function withTensors(...writers: readonly ((w: BinaryWriter) => void)[]): Uint8Array {
  return withGraph((w) => {
    for (const write of writers) {
      w.tag(5, WireType.LengthDelimited).fork()
      write(w)
      w.join()
    }
  })
}

describe('decodeModel on damaged files', () => {
  it('refuses a file cut short at any length', () => {
    for (let length = 0; length < bytes.length; length++) {
      expect(outcome(bytes.subarray(0, length))).toMatch(new RegExp(`^onnx: bytes=${length} bytes: not a whole ONNX`))
    }
  })

  it('refuses any model cut short anywhere', () => {
    fc.assert(
      fc.property(anyModel, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (model, part) => {
        const whole = encodeModel(model)
        expect(outcome(whole.subarray(0, Math.floor(part * whole.length)))).toMatch(/^onnx: /)
      }),
    )
  })

  it('never fails with an error of another library on flipped bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1 }), (flips) => {
        const damaged = bytes.slice()
        for (const [at, value] of flips) damaged[at] = value
        expect(outcome(damaged)).toMatch(/^(onnx: |read$)/)
      }),
      { numRuns: 500 },
    )
  })

  it('refuses random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (random) => {
        expect(outcome(random)).toMatch(/^onnx: /)
      }),
    )
  })

  it('refuses an empty file, text, and says what is missing', () => {
    expect(outcome(new Uint8Array(0))).toBe(
      'onnx: bytes=0 bytes: not a whole ONNX model that this reader knows (the IR version is missing). ' +
        'Check that the file was copied completely and is an .onnx file',
    )
    expect(outcome(new TextEncoder().encode('{"not": "onnx"}'))).toMatch(/^onnx: bytes=15 bytes: not a whole ONNX/)
  })
})

describe('decodeModel on what other writers write', () => {
  it('skips unknown fields of every wire type', () => {
    const extended = prefixed((w) => {
      w.tag(99, WireType.Varint).uint32(7)
      w.tag(98, WireType.Bit32).float(1)
      w.tag(97, WireType.Bit64).double(1)
      w.tag(96, WireType.LengthDelimited).string('later')
    })
    expect(decodeModel(extended)).toEqual(linearModel)
  })

  it('reads unpacked lists, as the reference writer makes them', () => {
    const unpacked = withAttribute((w) => {
      w.tag(1, WireType.LengthDelimited).string('axes')
      for (const value of [3, -1, 2 ** 40]) w.tag(8, WireType.Varint).int64(value)
      w.tag(20, WireType.Varint).uint32(7)
    })
    expect(decodeModel(unpacked).graph.nodes[0]?.attributes).toEqual([
      { name: 'axes', type: 'ints', values: Float64Array.of(3, -1, 2 ** 40) },
    ])
  })

  it('reads a list in pieces, packed and unpacked', () => {
    const pieces = withAttribute((w) => {
      w.tag(1, WireType.LengthDelimited).string('axes')
      w.tag(8, WireType.LengthDelimited).fork().int64(1).int64(300).join()
      w.tag(8, WireType.Varint).int64(-1)
      w.tag(8, WireType.LengthDelimited).fork().join()
      w.tag(20, WireType.Varint).uint32(7)
    })
    expect(decodeModel(pieces).graph.nodes[0]?.attributes).toEqual([
      { name: 'axes', type: 'ints', values: Int32Array.of(1, 300, -1) },
    ])
  })

  it('refuses a packed list that ends inside a number', () => {
    const cut = withAttribute((w) => {
      w.tag(1, WireType.LengthDelimited).string('axes')
      w.tag(8, WireType.LengthDelimited).bytes(Uint8Array.of(1, 0x80))
      w.tag(20, WireType.Varint).uint32(7)
    })
    expect(outcome(cut)).toMatch(/^onnx: bytes=\d+ bytes: not a whole ONNX model/)
  })

  it('reads texts that other fields part, and equal lengths of other letters', () => {
    const words = ['LEAF', 'LEAK', 'LEAF', '', 'BRANCH_LT', 'BRANCH_LE', '', 'LEAF']
    const parted = withAttribute((w) => {
      for (const word of words.slice(0, 5)) w.tag(9, WireType.LengthDelimited).string(word)
      w.tag(1, WireType.LengthDelimited).string('modes')
      for (const word of words.slice(5)) w.tag(9, WireType.LengthDelimited).string(word)
      w.tag(20, WireType.Varint).uint32(8)
    })
    expect(decodeModel(parted).graph.nodes[0]?.attributes).toEqual([{ name: 'modes', type: 'strings', values: words }])
  })

  it('reads tensors in typed storage', () => {
    const typed = withTensors(
      (w) => {
        w.tag(1, WireType.LengthDelimited).fork().uint32(2).join()
        w.tag(2, WireType.Varint).uint32(7)
        w.tag(7, WireType.LengthDelimited)
          .fork()
          .int64(-5n)
          .int64(2n ** 62n)
          .join()
      },
      (w) => {
        w.tag(1, WireType.LengthDelimited).fork().uint32(1).join()
        w.tag(2, WireType.Varint).uint32(11)
        w.tag(10, WireType.LengthDelimited).fork().double(0.1).join()
      },
      (w) => {
        w.tag(1, WireType.LengthDelimited).fork().uint32(1).join()
        w.tag(2, WireType.Varint).uint32(1)
        w.tag(4, WireType.LengthDelimited).fork().float(0.5).join()
      },
    )
    expect(decodeModel(typed).graph.initializers).toEqual([
      { name: '', type: 'int64', dims: [2], values: BigInt64Array.of(-5n, 2n ** 62n) },
      { name: '', type: 'double', dims: [1], values: Float64Array.of(0.1) },
      { name: '', type: 'float', dims: [1], values: Float32Array.of(0.5) },
    ])
  })

  it.each<[string, Uint8Array, RegExp]>([
    [
      'a graph attribute',
      withAttribute((w) => w.tag(1, WireType.LengthDelimited).string('body').tag(20, WireType.Varint).uint32(5)),
      /attribute "body" has type 5, which is not supported/,
    ],
    [
      'a half-precision tensor',
      withTensors((w) =>
        w.tag(2, WireType.Varint).uint32(10).tag(9, WireType.LengthDelimited).bytes(new Uint8Array(2)),
      ),
      /tensor "" has element type float16, which is not supported/,
    ],
    [
      'external data',
      withTensors((w) => w.tag(2, WireType.Varint).uint32(1).tag(14, WireType.Varint).uint32(1)),
      /tensor data is outside the file/,
    ],
    [
      'dims that do not match',
      withTensors((w) => w.tag(2, WireType.Varint).uint32(1).tag(9, WireType.LengthDelimited).bytes(new Uint8Array(8))),
      /tensor "" has dims that do not match its values/,
    ],
    [
      'a broken last element',
      withTensors((w) => w.tag(2, WireType.Varint).uint32(1).tag(9, WireType.LengthDelimited).bytes(new Uint8Array(5))),
      /tensor "" has a broken last element/,
    ],
    [
      'an integer beyond 2^53',
      withAttribute((w) => w.tag(3, WireType.Varint).int64(2n ** 60n)),
      /integer 1152921504606847000 exceeds 2\^53/,
    ],
    ['a field of the wrong wire type', prefixed((w) => w.tag(7, WireType.Varint).uint32(1)), /wire type 0 where 2/],
    [
      'a metadata key that occurs twice',
      prefixed((w) =>
        w.tag(14, WireType.LengthDelimited).fork().tag(1, WireType.LengthDelimited).string('note').join(),
      ),
      /metadata key "note" occurs twice/,
    ],
  ])('refuses %s and says so', (_, input, reason) => {
    expect(outcome(input)).toMatch(/^onnx: /)
    expect(outcome(input)).toMatch(reason)
  })
})
