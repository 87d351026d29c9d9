import type { PatchTstConfig } from '../config.ts'
import { reshape, split } from '../engine/arrange.ts'
import type { Graph, Value } from '../engine/graph.ts'
import { layerNorm, storedNorm } from '../engine/normalise.ts'
import type { PatchTstModel } from '../model.ts'
import type { NetworkParts } from './inputs.ts'
import { statisticsSize, weightLayout } from './layout.ts'

/** Numbers that are the same for every sample: how statics are normalised. */
export type StaticScaling = Pick<PatchTstModel, 'staticMean' | 'staticScale'>

/** The parts of a network that infers: stored statistics, no dropout. */
export function inferenceParts(
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

/** How statics are normalised, as constants. */
export function staticParts(
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
export function weightsOf(config: PatchTstConfig, flat: Value): NetworkParts['weight'] {
  const { places } = weightLayout(config)
  const parts = split(
    flat,
    places.map(({ size }) => size),
    0,
  )
  const named = new Map(places.map(({ name, shape }, i) => [name, reshape(parts[i] ?? flat, shape)]))
  return (name) => found(named, name)
}

/** The weight of a name; an error where there is none. */
export function found(named: ReadonlyMap<string, Value>, name: string): Value {
  const value = named.get(name)
  if (value === undefined) throw new Error(`patchtst: graph: the network has no weight ${name}`)
  return value
}
