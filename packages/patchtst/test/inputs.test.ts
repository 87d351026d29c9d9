import { predictPatchTst, trainPatchTst } from '@breakwater/patchtst'
import type { PatchTstModel, SequenceSet, Tasks } from '@breakwater/patchtst'
import { evaluationGraph } from '#src/network/training-graph'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import * as fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { planted, SMALL } from './planted.ts'

const DATA = planted({ samples: 60, seed: 1 })
const TASKS: Tasks = { direction: true, strength: true, reach: { curves: ['$1'], horizons: [60, 120] } }

let model: PatchTstModel
let layered: PatchTstModel
beforeAll(async () => {
  const options = { tasks: TASKS, epochs: 2, batchSize: 30, threads: 1 }
  model = (await trainPatchTst(DATA, undefined, { ...options, model: SMALL })).model
  const model2 = { ...SMALL, norm: 'layer', instanceAffine: true, residualAttention: false } as const
  layered = (await trainPatchTst(DATA, undefined, { ...options, model: model2 })).model
})

/** Some samples of the data. */
function first(samples: number, change: Partial<SequenceSet> = {}): SequenceSet {
  const { length, channels, statics } = DATA
  return {
    ...DATA,
    samples,
    x: DATA.x.slice(0, samples * length * channels),
    mask: DATA.mask.slice(0, samples * length),
    staticValues: DATA.staticValues.slice(0, samples * statics),
    labels: {},
    ...change,
  }
}

test('predictions have the shapes that are promised', async () => {
  const { samples, direction, strength, reach, forecast } = await predictPatchTst(model, first(7))
  expect([samples, direction?.length, strength?.length, reach?.length, forecast]).toEqual([7, 7, 7, 14, undefined])
  expect([...(direction ?? []), ...(reach ?? [])].every((chance) => chance > 0 && chance < 1)).toBe(true)
})

test('changing a static changes every head, whichever static it is', async () => {
  const plain = await predictPatchTst(model, first(5))
  for (const at of [0, 1]) {
    const staticValues = first(5).staticValues.map((value, i) => (i % 2 === at ? value + 2 : value))
    const changed = await predictPatchTst(model, first(5, { staticValues }))
    for (const head of ['direction', 'strength', 'reach'] as const) {
      for (const [i, value] of (changed[head] ?? []).entries()) expect(value).not.toBe(plain[head]?.[i])
    }
  }
})

test('what lies in the padding never changes a prediction, to the bit', async () => {
  for (const one of [model, layered]) {
    const plain = await predictPatchTst(one, DATA)
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(0, -1e30, 1e30, Number.NaN, Infinity, 7), async (filler) => {
        const x = DATA.x.map((value, i) => (DATA.mask[Math.floor(i / DATA.channels)] === 0 ? filler : value))
        expect(await predictPatchTst(one, { ...DATA, x })).toEqual(plain)
      }),
      { numRuns: 6 },
    )
  }
})

test('a constant added to a channel and a factor of it change nothing: instances are normalised', async () => {
  const plain = await predictPatchTst(model, DATA)
  const x = DATA.x.map((value, i) => (i % 2 === 0 ? 3 * value + 20 : value))
  const { direction = [] } = await predictPatchTst(model, { ...DATA, x })
  for (const [i, chance] of direction.entries()) expect(chance).toBeCloseTo(plain.direction?.[i] ?? Number.NaN, 3)
})

test('a static that never varies counts for nothing and breaks nothing', async () => {
  const staticValues = DATA.staticValues.map((value, i) => (i % 2 === 0 ? value : 0.1))
  const options = { tasks: { direction: true }, model: SMALL, epochs: 1, batchSize: 30, threads: 1 }
  const trained = await trainPatchTst({ ...DATA, staticValues }, undefined, options)
  expect(trained.model.staticScale[1]).toBe(1)
  const { direction } = await predictPatchTst(trained.model, { ...DATA, staticValues })
  expect(direction?.every((chance) => chance > 0 && chance < 1)).toBe(true)
})

test('the exported file gives the losses of the graph that evaluates in training, to 1e-5', async () => {
  for (const one of [model, layered]) {
    const { direction = new Float32Array(), strength = new Float32Array() } = await predictPatchTst(one, first(16))
    const { bytes, inputs } = evaluationGraph(one.config, one, 16, true)
    const session = await InferenceSession.create(bytes)
    // Weight 1 on one sample: its loss tells its output.
    for (let sample = 0; sample < 16; sample++) {
      const set = first(16)
      const given: Record<string, Float32Array> = {
        x: set.x,
        mask: Float32Array.from(set.mask),
        statics: set.staticValues,
        weights: one.weights,
        statistics: one.statistics,
        'direction.target': new Float32Array(16).fill(1),
        'direction.weight': new Float32Array(16).fill(1, sample, sample + 1),
        'strength.target': new Float32Array(16),
        'strength.weight': new Float32Array(16).fill(1, sample, sample + 1),
      }
      const feeds = inputs.map(({ name, shape }) => {
        const size = shape.reduce((product, length) => product * length, 1)
        return [name, new Tensor('float32', given[name] ?? new Float32Array(size), shape)] as const
      })
      const losses = (await session.run(Object.fromEntries(feeds)))['losses']?.data as Float32Array
      expect(Math.exp(-(losses[0] ?? Number.NaN))).toBeCloseTo(direction[sample] ?? 0, 5)
      const size = Math.abs(strength[sample] ?? 0)
      expect(losses[1]).toBeCloseTo(size < 1 ? size ** 2 / 2 : size - 0.5, 5)
    }
    await session.release()
  }
})
