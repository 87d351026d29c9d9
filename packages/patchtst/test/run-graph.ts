import { serialise } from '#src/engine/serialise'
import { Graph } from '#src/engine/graph'
import type { Value } from '#src/engine/graph'
import { gradients } from '#src/engine/gradient'
import { mul } from '#src/engine/elementwise'
import { sumAll } from '#src/engine/reduce'
import { sizeOf } from '#src/engine/shape'
import { InferenceSession, Tensor } from 'onnxruntime-node'

/** Numbers of a graph's inputs or outputs. */
export type Numbers = Float32Array | Float64Array

/** A loaded graph: inputs in order to outputs in order. */
export interface LoadedGraph {
  readonly run: (inputs: readonly Numbers[]) => Promise<number[][]>
  readonly close: () => Promise<void>
}

/** Loads a graph that is built from inputs of these shapes. */
export async function loadGraph(
  float: 'float' | 'double',
  shapes: readonly (readonly number[])[],
  build: (inputs: Value[], graph: Graph) => Value[],
): Promise<LoadedGraph> {
  const graph = new Graph(float)
  const inputs = shapes.map((shape, i) => graph.input(`x${i}`, shape))
  const outputs = build(inputs, graph)
  for (const [i, output] of outputs.entries()) graph.output(`y${i}`, output)
  const session = await InferenceSession.create(serialise(graph), { intraOpNumThreads: 1, logSeverityLevel: 3 })
  const type = float === 'float' ? 'float32' : 'float64'
  return {
    run: async (numbers) => {
      const feeds = numbers.map((data, i) => [`x${i}`, new Tensor(type, data, shapes[i])] as const)
      const named = Object.fromEntries(feeds.filter(([name]) => session.inputNames.includes(name)))
      const answer = await session.run(named)
      return outputs.map((_, i) => Array.from(answer[`y${i}`]?.data as Float64Array, Number))
    },
    close: () => session.release(),
  }
}

/** A value's weighted sum and its gradients: the first output, then one a input. */
export function withGradients(
  build: (inputs: Value[], graph: Graph) => Value,
  weights: readonly number[],
): (inputs: Value[], graph: Graph) => Value[] {
  return (inputs, graph) => {
    const y = build(inputs, graph)
    const scalar = sumAll(mul(y, graph.constant(weights.slice(0, sizeOf(y.shape)), y.shape)))
    return [scalar, ...gradients(scalar, inputs)]
  }
}

/** Seeded numbers in [low, high), apart from each other and, with `low` below 0, from 0. */
export function numbersIn(count: number, seed: number, low: number, high: number): number[] {
  return Array.from({ length: count }, (_, i) => {
    const wave = Math.sin((i + 1) * 12.9898 + seed * 78.233) * 43758.5453
    const x = low + (high - low) * (wave - Math.floor(wave))
    return Math.abs(x) < 0.02 ? x + 0.05 : x
  })
}
