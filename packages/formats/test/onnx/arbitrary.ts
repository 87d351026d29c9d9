import type { OnnxAttribute, OnnxModel, OnnxTensor } from '@breakwater/formats'
import * as fc from 'fast-check'

const text = fc.string({ unit: 'grapheme', maxLength: 12 })
const integer = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -3, max: 300 }), fc.constant(2 ** 31))
const float = fc.float()
/** Lists of any integers, of small ones and of one-byte ones, which a reader may treat differently. */
const integers = fc.oneof(fc.array(integer), fc.array(fc.nat({ max: 2 ** 28 })), fc.array(fc.nat({ max: 127 })))
/** Lists of any texts, and of few words that repeat. */
const texts = fc.oneof(
  fc.array(text),
  fc.array(fc.constantFrom('LEAF', 'BRANCH_LT', 'BRANCH_EQ', 'LEAK', '', 'BRANCHÄ')),
)

const tensor: fc.Arbitrary<OnnxTensor> = fc
  .tuple(text, fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }), fc.constantFrom('float', 'double', 'int64'))
  .chain(([name, dims, type]): fc.Arbitrary<OnnxTensor> => {
    const size = { minLength: dims.reduce((a, b) => a * b, 1), maxLength: dims.reduce((a, b) => a * b, 1) }
    if (type === 'float')
      return fc.array(float, size).map((x) => ({ name, type: 'float', dims, values: Float32Array.from(x) }))
    if (type === 'double')
      return fc.array(fc.double(), size).map((x) => ({ name, type: 'double', dims, values: Float64Array.from(x) }))
    return fc
      .array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), size)
      .map((x) => ({ name, type: 'int64', dims, values: BigInt64Array.from(x) }))
  })

const attribute: fc.Arbitrary<OnnxAttribute> = fc.oneof(
  fc.record({ name: text, type: fc.constant('float' as const), value: float }),
  fc.record({ name: text, type: fc.constant('int' as const), value: integer }),
  fc.record({ name: text, type: fc.constant('string' as const), value: text }),
  fc.record({ name: text, type: fc.constant('tensor' as const), value: tensor }),
  fc.record({
    name: text,
    type: fc.constant('floats' as const),
    values: fc.array(float).map((x) => Float32Array.from(x)),
  }),
  fc.record({
    name: text,
    type: fc.constant('ints' as const),
    values: integers.map((x) =>
      x.every((value) => value === (value | 0)) ? Int32Array.from(x) : Float64Array.from(x),
    ),
  }),
  fc.record({ name: text, type: fc.constant('strings' as const), values: texts }),
)

const node = fc.record({
  name: text,
  opType: text,
  domain: text,
  inputs: fc.array(text, { maxLength: 3 }),
  outputs: fc.array(text, { maxLength: 3 }),
  attributes: fc.array(attribute, { maxLength: 4 }),
})

const valueInfo = fc.record({
  name: text,
  elementType: fc.constantFrom('float' as const, 'double' as const, 'int64' as const, 'string' as const),
  shape: fc.array(fc.oneof(fc.nat(), text), { maxLength: 3 }),
})

/** Any model that the types allow, runnable or not. */
export const anyModel: fc.Arbitrary<OnnxModel> = fc.record({
  irVersion: fc.nat({ max: 20 }),
  producerName: text,
  producerVersion: text,
  opsets: fc.array(fc.record({ domain: text, version: fc.nat({ max: 30 }) }), { minLength: 1, maxLength: 3 }),
  metadata: fc.dictionary(text, text).map((entries) => new Map(Object.entries(entries))),
  graph: fc.record({
    name: text,
    nodes: fc.array(node, { maxLength: 3 }),
    initializers: fc.array(tensor, { maxLength: 3 }),
    inputs: fc.array(valueInfo, { maxLength: 3 }),
    outputs: fc.array(valueInfo, { maxLength: 3 }),
  }),
})

/** A runnable model, y = x W + b with W 2 x 3, that uses tensors, attributes, metadata and two operator sets. */
export const linearModel: OnnxModel = {
  irVersion: 8,
  producerName: 'test',
  producerVersion: '1',
  opsets: [
    { domain: '', version: 17 },
    { domain: 'ai.onnx.ml', version: 3 },
  ],
  metadata: new Map([
    ['note', 'ärger ✓'],
    ['empty', ''],
  ]),
  graph: {
    name: 'linear',
    nodes: [
      {
        name: 'gemm',
        opType: 'Gemm',
        domain: '',
        inputs: ['x', 'w', 'b'],
        outputs: ['y'],
        attributes: [
          { name: 'alpha', type: 'float', value: 1 },
          { name: 'transB', type: 'int', value: 0 },
        ],
      },
    ],
    initializers: [
      { name: 'w', type: 'float', dims: [2, 3], values: Float32Array.of(1, 2, 3, 4, 5, 6) },
      { name: 'b', type: 'float', dims: [3], values: Float32Array.of(0.5, -0.5, 0) },
    ],
    inputs: [{ name: 'x', elementType: 'float', shape: ['N', 2] }],
    outputs: [{ name: 'y', elementType: 'float', shape: ['N', 3] }],
  },
}
