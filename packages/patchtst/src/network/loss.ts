import type { PatchTstConfig } from '../config.ts'
import { add } from '../engine/elementwise.ts'
import type { Graph, Value } from '../engine/graph.ts'
import { logisticLoss, smoothL1Loss, squaredLoss } from '../engine/losses.ts'
import type { Shape } from '../engine/shape.ts'
import type { ForwardResult } from './forward.ts'
import { patchPlan } from './patches.ts'

/** The names of losses, in the order of outputs. */
export const LOSSES = ['direction', 'strength', 'reach', 'forecast', 'reconstruct'] as const

/** A loss by its head. */
export type LossName = (typeof LOSSES)[number]

/** The losses of a model's tasks, in order. */
export function lossNames({ tasks }: Pick<PatchTstConfig, 'tasks'>): LossName[] {
  return LOSSES.filter((name) => tasks[name] !== undefined && tasks[name] !== false)
}

/** Numbers of a head's target for one sample. */
export function targetSize(config: PatchTstConfig, name: LossName): number {
  const { tasks, channels } = config
  if (name === 'reach') return (tasks.reach?.curves.length ?? 0) * (tasks.reach?.horizons.length ?? 0)
  if (name === 'forecast') return (tasks.forecast ?? 0) * channels
  return name === 'reconstruct' ? channels * patchPlan(config).count : 1
}

/** Losses of a graph: their sum, and each apart. */
export interface GraphLosses {
  readonly sum: Value
  readonly each: readonly { readonly name: LossName; readonly value: Value }[]
}

const FUNCTIONS = {
  direction: logisticLoss,
  strength: smoothL1Loss,
  reach: logisticLoss,
  forecast: squaredLoss,
  reconstruct: squaredLoss,
} as const

/**
 * Weighted sums of every head's loss. For each head the inputs `<name>.target` and `<name>.weight` are declared, shaped like
 * its output; weights hold the loss's factor, the class's, and the share of the element in the mean. Reconstruction has
 * the patches as its target and weighs whole patches (B * channels x count x 1).
 */
export function graphLosses(graph: Graph, config: PatchTstConfig, { outputs, patches }: ForwardResult): GraphLosses {
  const each = lossNames(config).map((name) => {
    const output = outputs[name]
    if (output === undefined) throw new Error(`patchtst: graph: the network has no head ${name}`)
    const hidden = name === 'reconstruct'
    const weightShape: Shape = hidden ? [...output.shape.slice(0, -1), 1] : output.shape
    const target = hidden ? patches : graph.input(`${name}.target`, output.shape)
    return { name, value: FUNCTIONS[name](output, target, graph.input(`${name}.weight`, weightShape)) }
  })
  const [first, ...rest] = each
  if (first === undefined) throw new Error('patchtst: graph: no head to train')
  return { sum: rest.reduce((sum, { value }) => add(sum, value), first.value), each }
}
