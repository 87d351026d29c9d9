import type { PatchTstConfig } from '../config.ts'
import { concat, reshape, split } from '../engine/arrange.ts'
import { mul, sigmoid, subtractFrom } from '../engine/elementwise.ts'
import { Graph } from '../engine/graph.ts'
import type { Value } from '../engine/graph.ts'
import { ANY_SAMPLES, serialise } from '../engine/serialise.ts'
import type { PatchTstModel } from '../model.ts'
import { forward } from './forward.ts'
import type { HeadOutputs } from './heads.ts'
import { networkInputs } from './inputs.ts'
import { weightLayout } from './layout.ts'
import { found, inferenceParts } from './parts.ts'

/**
 * A model as one standard ONNX file that reads x (N x length x channels), mask (N x length) and, where it has any, statics
 * (N x statics), and gives break_probability (N), strength (N), reach_probability (N x curves x horizons) and forecast
 * (N x horizon x channels), of the tasks it has. The mask holds 1 where observed.
 */
export function inferenceGraph(model: PatchTstModel, metadata: ReadonlyMap<string, string> = new Map()): Uint8Array {
  const { config, weights } = model
  const graph = new Graph()
  const inputs = networkInputs(graph, config, ANY_SAMPLES, true)
  const named = new Map(
    weightLayout(config).places.map(({ name, shape, offset, size }) => [
      name,
      graph.constant(weights.subarray(offset, offset + size), shape, name),
    ]),
  )
  const statistics =
    model.statistics.length > 0
      ? graph.constant(model.statistics, [model.statistics.length], 'norm.statistics')
      : undefined
  const parts = inferenceParts(graph, config, model, (name) => found(named, name), statistics)
  nameOutputs(graph, config, forward(parts, inputs).outputs)
  return serialise(graph, { metadata })
}

function nameOutputs(
  graph: Graph,
  { tasks }: PatchTstConfig,
  { direction, strength, reach, forecast }: HeadOutputs,
): void {
  if (direction) graph.output('break_probability', sigmoid(direction))
  if (strength) graph.output('strength', strength)
  if (reach && tasks.reach) {
    const { curves, horizons } = tasks.reach
    graph.output('reach_probability', reached(reshape(reach, [ANY_SAMPLES, curves.length, horizons.length])))
  }
  if (forecast) graph.output('forecast', forecast)
}

/** 1 - product of (1 - hazard) up to each horizon, from log odds of hazards along the last axis. */
function reached(logits: Value): Value {
  const horizons = logits.shape[2] ?? 1
  const [first, ...rest] = split(
    subtractFrom(1, sigmoid(logits)),
    Array.from({ length: horizons }, () => 1),
    2,
  )
  if (first === undefined) throw new Error('patchtst: graph: no horizons')
  let alive = first
  const survival: [Value, ...Value[]] = [first]
  for (const stays of rest) {
    alive = mul(alive, stays)
    survival.push(alive)
  }
  return subtractFrom(1, concat(survival, 2))
}
