import type { PatchTstConfig } from '../config.ts'
import { concat, reshape, split } from '../engine/arrange.ts'
import { mul, sigmoid, subtractFrom } from '../engine/elementwise.ts'
import { gradients } from '../engine/gradient.ts'
import { emitOne, Graph } from '../engine/graph.ts'
import type { Value } from '../engine/graph.ts'
import { batchNorm, layerNorm, storedNorm } from '../engine/normalise.ts'
import type { BatchNormalised } from '../engine/normalise.ts'
import { ANY_SAMPLES, serialise } from '../engine/serialise.ts'
import { sizeOf } from '../engine/shape.ts'
import type { PatchTstModel } from '../model.ts'
import { forward } from './forward.ts'
import type { HeadOutputs } from './heads.ts'
import { networkInputs } from './inputs.ts'
import type { NetworkParts } from './inputs.ts'
import { statisticsSize, weightLayout } from './layout.ts'
import { graphLosses } from './loss.ts'
import { patchPlan } from './patches.ts'

/** An input of a graph: all are 32-bit floats but dropout's, which are bytes. */
export interface GraphInput {
  readonly name: string
  readonly shape: readonly number[]
}

/** Bytes that decide which elements a dropout keeps: 1 kept, 0 dropped. */
export interface DropoutInput extends GraphInput {
  /** Chance to drop, in 256ths. */
  readonly of256: number
}

/** A graph ready to load. */
export interface BuiltGraph {
  readonly bytes: Uint8Array
  readonly inputs: readonly GraphInput[]
  readonly dropouts: readonly DropoutInput[]
}

/** Numbers that are the same for every sample: how statics are normalised. */
export type StaticScaling = Pick<PatchTstModel, 'staticMean' | 'staticScale'>

/**
 * One micro-batch of a training step: from samples and the flat weights to `loss`, `losses` (one a head), the flat `gradient`
 * and, with batch norm, `statistics` (means and variances in the layout of the model's). Gradients of micro-batches add up.
 */
export function trainingGraph(
  config: PatchTstConfig,
  scaling: StaticScaling,
  samples: number,
  masked: boolean,
): BuiltGraph {
  const graph = new Graph()
  const inputs = networkInputs(graph, config, samples, masked)
  const flat = graph.input('weights', [weightLayout(config).size])
  const dropouts: DropoutInput[] = []
  const norms: BatchNormalised[] = []
  const weight = weightsOf(config, flat)
  const parts: NetworkParts = {
    ...staticParts(graph, config, scaling),
    config,
    weight,
    drop: (x, rate) => dropout(x, rate, dropouts),
    normalise: (x, name, rowWeight) => {
      const [gamma, beta] = [weight(`${name}.gamma`), weight(`${name}.beta`)]
      if (config.norm === 'layer') return layerNorm(x, gamma, beta)
      const normalised = batchNorm(x, gamma, beta, rowWeight)
      norms.push(normalised)
      return normalised.y
    },
  }
  const hide = config.tasks.reconstruct === true ? hideInput(graph, config, samples) : undefined
  const losses = graphLosses(graph, config, forward(parts, inputs, hide))
  const [gradient] = gradients(losses.sum, [flat])
  if (gradient === undefined) throw new Error('patchtst: graph: no gradient')
  graph.output('gradient', gradient)
  outputLosses(graph, losses.each)
  const [first, ...rest] = norms.flatMap(({ mean, variance }) => [mean, variance])
  if (first !== undefined) graph.output('statistics', concat([first, ...rest], 0))
  return built(graph, dropouts)
}

/** The network as in inference, with losses: from samples, flat weights and stored statistics to `losses`. */
export function evaluationGraph(
  config: PatchTstConfig,
  scaling: StaticScaling,
  samples: number,
  masked: boolean,
): BuiltGraph {
  const graph = new Graph()
  const inputs = networkInputs(graph, config, samples, masked)
  const flat = graph.input('weights', [weightLayout(config).size])
  const size = statisticsSize(config)
  const statistics = size > 0 ? graph.input('statistics', [size]) : undefined
  const parts = inferenceParts(graph, config, scaling, weightsOf(config, flat), statistics)
  const hide = config.tasks.reconstruct === true ? hideInput(graph, config, samples) : undefined
  outputLosses(graph, graphLosses(graph, config, forward(parts, inputs, hide)).each)
  return built(graph, [])
}

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

function inferenceParts(
  graph: Graph,
  config: PatchTstConfig,
  scaling: StaticScaling,
  weight: NetworkParts['weight'],
  statistics: Value | undefined,
): NetworkParts {
  const { width } = config
  const stored = statistics
    ? split(
        statistics,
        Array.from({ length: statisticsSize(config) / width }, () => width),
        0,
      )
    : []
  let norm = 0
  return {
    ...staticParts(graph, config, scaling),
    config,
    weight,
    drop: (x) => x,
    normalise: (x, name) => {
      const [gamma, beta] = [weight(`${name}.gamma`), weight(`${name}.beta`)]
      if (config.norm === 'layer') return layerNorm(x, gamma, beta)
      const [mean, variance] = stored.slice(2 * norm, 2 * norm + 2)
      norm++
      if (mean === undefined || variance === undefined) throw new Error('patchtst: graph: too few statistics')
      return storedNorm(x, gamma, beta, mean, variance)
    },
  }
}

function staticParts(
  graph: Graph,
  { statics }: PatchTstConfig,
  { staticMean, staticScale }: StaticScaling,
): Pick<NetworkParts, 'staticMean' | 'staticScale'> {
  if (statics === 0) return { staticMean: undefined, staticScale: undefined }
  return {
    staticMean: graph.constant(staticMean, [statics], 'statics.mean'),
    staticScale: graph.constant(staticScale, [statics], 'statics.scale'),
  }
}

/** Weights by name, cut from the flat vector. */
function weightsOf(config: PatchTstConfig, flat: Value): NetworkParts['weight'] {
  const { places } = weightLayout(config)
  const parts = split(
    flat,
    places.map(({ size }) => size),
    0,
  )
  const named = new Map(places.map(({ name, shape }, i) => [name, reshape(parts[i] ?? flat, shape)]))
  return (name) => found(named, name)
}

function found(named: ReadonlyMap<string, Value>, name: string): Value {
  const value = named.get(name)
  if (value === undefined) throw new Error(`patchtst: graph: the network has no weight ${name}`)
  return value
}

/** x times the bytes of a new input, scaled so that the mean stays. */
function dropout(x: Value, rate: number, dropouts: DropoutInput[]): Value {
  const of256 = Math.round(rate * 256)
  if (of256 === 0) return x
  const { graph } = x
  const name = `dropout${dropouts.length}`
  dropouts.push({ name, shape: x.shape, of256 })
  const kept = graph.input(name, x.shape, 'uint8')
  const scale = graph.constant([256 / (256 - of256)], [])
  return mul(x, emitOne('DequantizeLinear', [kept, scale], { shape: x.shape }))
}

/** 1 for patches that stay, 0 for those that are hidden. */
function hideInput(graph: Graph, config: PatchTstConfig, samples: number): Value {
  return graph.input('hide', [samples * config.channels, patchPlan(config).count, 1])
}

function outputLosses(graph: Graph, each: readonly { readonly value: Value }[]): void {
  const [first, ...rest] = each.map(({ value }) => reshape(value, [1]))
  if (first !== undefined) graph.output('losses', concat([first, ...rest], 0))
}

function built(graph: Graph, dropouts: readonly DropoutInput[]): BuiltGraph {
  const inputs = graph.inputs.filter(({ dtype }) => dtype === 'float').map(({ name, shape }) => ({ name, shape }))
  return { bytes: serialise(graph), inputs, dropouts }
}

/** Elements of a dropout's input for one sample. */
export function perSample({ shape }: DropoutInput, samples: number): number {
  return sizeOf(shape) / samples
}
