import type { PatchTstConfig } from '../config.ts'
import type { Graph, Value } from '../engine/graph.ts'

/** What a network reads, for B samples. */
export interface NetworkInputs {
  /** (B x length x channels). */
  readonly x: Value
  /** (B x length), 1 observed and 0 padding; undefined where all is observed. */
  readonly mask: Value | undefined
  /** (B x statics), as they are; undefined without statics. */
  readonly statics: Value | undefined
  readonly samples: number
}

/** Declares a network's inputs. */
export function networkInputs(graph: Graph, config: PatchTstConfig, samples: number, masked: boolean): NetworkInputs {
  const { length, channels, statics } = config
  return {
    x: graph.input('x', [samples, length, channels]),
    mask: masked ? graph.input('mask', [samples, length]) : undefined,
    statics: statics > 0 ? graph.input('statics', [samples, statics]) : undefined,
    samples,
  }
}

/** What the numbers of a network come from while its graph is built. */
export interface NetworkParts {
  readonly config: PatchTstConfig
  /** A weight by its name in the layout. */
  readonly weight: (name: string) => Value
  /** Means of the statics and what they are divided by. */
  readonly staticMean: Value | undefined
  readonly staticScale: Value | undefined
  /** Normalises the rows of a matrix: batch norm by their own statistics or stored ones, or layer norm. */
  readonly normalise: (x: Value, name: string, rowWeight: Value | undefined) => Value
  /** Dropout at a rate: the identity outside training. */
  readonly drop: (x: Value, rate: number) => Value
}
