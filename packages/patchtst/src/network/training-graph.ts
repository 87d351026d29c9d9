import type { PatchTstConfig } from '../config.ts'
import { concat, reshape } from '../engine/arrange.ts'
import { mul } from '../engine/elementwise.ts'
import { gradients } from '../engine/gradient.ts'
import { emitOne, Graph } from '../engine/graph.ts'
import type { Value } from '../engine/graph.ts'
import { batchNorm, layerNorm } from '../engine/normalise.ts'
import type { NormalisedBatch } from '../engine/normalise.ts'
import { serialise } from '../engine/serialise.ts'
import { sizeOf } from '../engine/shape.ts'
import { forward } from './forward.ts'
import { networkInputs } from './inputs.ts'
import type { NetworkParts } from './inputs.ts'
import { statisticsSize, weightLayout } from './layout.ts'
import { graphLosses } from './loss.ts'
import { inferenceParts, staticParts, weightsOf } from './parts.ts'
import type { StaticScaling } from './parts.ts'
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

/**
 * One micro-batch of a training step: from samples and the flat weights to `loss`, `losses` (one per head), the flat `gradient`
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
  const norms: NormalisedBatch[] = []
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
