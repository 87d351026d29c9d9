import { decodeModel, elementTypeCode, encodeModel } from '@breakwater/formats'
import type { OnnxModel } from '@breakwater/formats'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { anyModel, linearModel } from './arbitrary.ts'

const withAttribute = (value: number): OnnxModel => ({
  ...linearModel,
  graph: {
    ...linearModel.graph,
    nodes: [
      {
        name: 'n',
        opType: 'Op',
        domain: '',
        inputs: [],
        outputs: [],
        attributes: [{ name: 'axis', type: 'int', value }],
      },
    ],
  },
})

describe('encodeModel and decodeModel', () => {
  it('give back any model as it was', () => {
    fc.assert(
      fc.property(anyModel, (model) => {
        expect(decodeModel(encodeModel(model))).toEqual(model)
      }),
    )
  })

  it('give the same bytes for the same model', () => {
    fc.assert(
      fc.property(anyModel, (model) => {
        const bytes = encodeModel(model)
        expect(encodeModel(decodeModel(bytes))).toEqual(bytes)
      }),
    )
  })

  it('keep the order of metadata', () => {
    expect([...decodeModel(encodeModel(linearModel)).metadata.keys()]).toEqual(['note', 'empty'])
  })

  it('round float attributes to 32 bits', () => {
    const model = {
      ...linearModel,
      graph: {
        ...linearModel.graph,
        nodes: [
          {
            name: 'n',
            opType: 'Op',
            domain: '',
            inputs: [],
            outputs: [],
            attributes: [
              { name: 'f', type: 'float' as const, value: 0.1 },
              { name: 'fs', type: 'floats' as const, values: [0.1, Number.NaN, Infinity, 1e300] },
            ],
          },
        ],
      },
    }
    const attributes = decodeModel(encodeModel(model)).graph.nodes[0]?.attributes
    expect(attributes).toEqual([
      { name: 'f', type: 'float', value: Math.fround(0.1) },
      { name: 'fs', type: 'floats', values: Float32Array.of(0.1, Number.NaN, Infinity, Infinity) },
    ])
  })

  it('read a model that lies inside a larger buffer', () => {
    const bytes = encodeModel(linearModel)
    const larger = new Uint8Array(bytes.length + 7)
    larger.set(bytes, 3)
    expect(decodeModel(larger.subarray(3, 3 + bytes.length))).toEqual(linearModel)
  })
})

describe('encodeModel', () => {
  it.each([1.5, Number.NaN, 2 ** 53])('refuses the integer %s', (value) => {
    expect(() => encodeModel(withAttribute(value))).toThrow(
      `onnx: axis=${value}: must be an integer below 2^53. Use an int64 tensor for larger ones`,
    )
  })

  it('refuses dims that do not hold the values', () => {
    const initializers = [{ name: 'w', type: 'float' as const, dims: [2, 2], values: new Float32Array(3) }]
    expect(() => encodeModel({ ...linearModel, graph: { ...linearModel.graph, initializers } })).toThrow(
      'onnx: tensor "w": dims=[2, 2] do not hold its 3 values',
    )
  })

  it('refuses a negative size', () => {
    const initializers = [{ name: 'w', type: 'float' as const, dims: [-1], values: new Float32Array(1) }]
    expect(() => encodeModel({ ...linearModel, graph: { ...linearModel.graph, initializers } })).toThrow(
      'onnx: dims=[-1]: sizes must be integers of 0 or more',
    )
  })
})

describe('elementTypeCode', () => {
  it('gives the numbers of onnx.proto', () => {
    expect([elementTypeCode('float'), elementTypeCode('int64'), elementTypeCode('double')]).toEqual([1, 7, 11])
  })
})
