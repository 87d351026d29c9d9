import { encodeModel, elementTypeCode } from '@breakwater/formats'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'

import { linearModel } from './arbitrary.ts'

describe('onnxruntime-node', () => {
  it('runs a written model and computes what it says', async () => {
    const session = await InferenceSession.create(encodeModel(linearModel))
    const { y } = await session.run({ x: new Tensor('float32', Float32Array.of(1, 0, 0, 1, 2, -1), [3, 2]) })
    expect(y?.dims).toEqual([3, 3])
    expect(y?.data).toEqual(Float32Array.of(1.5, 1.5, 3, 4.5, 4.5, 6, -1.5, -1.5, 0))
  })

  it('accepts int64 and double tensors and element-type attributes', async () => {
    const model = {
      ...linearModel,
      graph: {
        name: 'mix',
        nodes: [
          {
            name: 'cast',
            opType: 'Cast',
            domain: '',
            inputs: ['x'],
            outputs: ['wide'],
            attributes: [{ name: 'to', type: 'int' as const, value: elementTypeCode('double') }],
          },
          { name: 'add', opType: 'Add', domain: '', inputs: ['wide', 'tiny'], outputs: ['sum'], attributes: [] },
          { name: 'turn', opType: 'Reshape', domain: '', inputs: ['sum', 'shape'], outputs: ['y'], attributes: [] },
        ],
        initializers: [
          { name: 'tiny', type: 'double' as const, dims: [], values: Float64Array.of(1e-12) },
          { name: 'shape', type: 'int64' as const, dims: [2], values: BigInt64Array.of(-1n, 1n) },
        ],
        inputs: [{ name: 'x', elementType: 'float' as const, shape: [3] }],
        outputs: [{ name: 'y', elementType: 'double' as const, shape: [3, 1] }],
      },
    }
    const session = await InferenceSession.create(encodeModel(model))
    const { y } = await session.run({ x: new Tensor('float32', Float32Array.of(1, 2, 3), [3]) })
    expect(y?.dims).toEqual([3, 1])
    expect(y?.data).toEqual(Float64Array.of(1 + 1e-12, 2 + 1e-12, 3 + 1e-12))
  })
})
