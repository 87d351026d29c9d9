import { concat, expand, reshape, split } from '#src/engine/arrange'
import { add, mul } from '#src/engine/elementwise'
import { gradients } from '#src/engine/gradient'
import { Graph } from '#src/engine/graph'
import { matmul } from '#src/engine/product'
import { meanOver, sumAll } from '#src/engine/reduce'
import { ANY_SAMPLES, serialise } from '#src/engine/serialise'
import { decodeModel } from '@breakwater/formats'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { expect, test } from 'vitest'

test('a graph of any number of samples runs with one and with five', async () => {
  const graph = new Graph()
  const x = graph.input('x', [ANY_SAMPLES, 2, 3])
  graph.output('y', reshape(mul(meanOver(x, [2]), 2), [ANY_SAMPLES * 2]))
  const session = await InferenceSession.create(serialise(graph))
  for (const samples of [1, 5]) {
    const numbers = Float32Array.from({ length: samples * 6 }, (_, i) => i)
    const { y } = await session.run({ x: new Tensor('float32', numbers, [samples, 2, 3]) })
    expect(Array.from(y?.data as Float32Array)).toEqual(Array.from({ length: samples * 2 }, (_, i) => 6 * i + 2))
  }
  await session.release()
})

test('an operator that would need the number of samples is refused', () => {
  const graph = new Graph()
  const x = graph.input('x', [1, 3])
  graph.output('y', expand(x, [ANY_SAMPLES, 3]))
  expect(() => serialise(graph)).toThrow('patchtst: graph: Expand is told the number of samples')
})

test('equal operators on equal inputs are one node, and what no output needs is left out', () => {
  const graph = new Graph()
  const x = graph.input('x', [2])
  const sum = add(x, 1)
  mul(sum, 7)
  graph.output('one', add(sum, sum))
  graph.output('same', add(add(x, 1), add(x, 1)))
  const { nodes, initializers } = decodeModel(serialise(graph)).graph
  expect(nodes.map(({ opType }) => opType)).toEqual(['Add', 'Add', 'Identity'])
  expect(initializers).toHaveLength(1)
})

test('shapes that do not fit are refused while the graph is built', () => {
  const graph = new Graph()
  const [a, b] = [graph.input('a', [2, 3]), graph.input('b', [2, 4])]
  expect(() => add(a, b)).toThrow('patchtst: graph: cannot broadcast [2,3] with [2,4]')
  expect(() => matmul(a, b)).toThrow('patchtst: graph: cannot multiply [2,3] by [2,4]')
  expect(() => reshape(a, [5])).toThrow('patchtst: graph: cannot reshape [2,3] to [5]')
  expect(() => split(a, [1, 1], 1)).toThrow('patchtst: graph: parts 1,1 do not fill axis 1 of [2,3]')
  expect(() => graph.constant([1, 2], [3])).toThrow('patchtst: graph: a constant of shape [3] cannot hold 2 numbers')
  expect(() => gradients(a, [a])).toThrow('patchtst: graph: [2,3] is not a scalar')
})

test('an input that the scalar does not depend on has gradient 0', async () => {
  const graph = new Graph()
  const [a, b] = [graph.input('a', [2]), graph.input('b', [3])]
  const [, toB] = gradients(sumAll(concat([a, a], 0)), [a, b])
  if (toB === undefined) throw new Error('no gradient')
  graph.output('gradient', toB)
  const session = await InferenceSession.create(serialise(graph))
  const answer = await session.run({
    a: new Tensor('float32', new Float32Array(2), [2]),
    b: new Tensor('float32', new Float32Array(3), [3]),
  })
  expect(Object.values(answer).map(({ data }) => Array.from(data as Float32Array))).toEqual([[0, 0, 0]])
  await session.release()
})
