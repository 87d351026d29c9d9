import type { PatchTstConfig } from '../config.ts'
import { sizeOf } from '../engine/shape.ts'
import type { Shape } from '../engine/shape.ts'
import { patchPlan } from './patches.ts'

/** Where a weight lies in the flat vector of all. */
export interface WeightPlace {
  readonly name: string
  readonly shape: Shape
  readonly offset: number
  readonly size: number
  /** Whether weight decay applies: to matrices alone. */
  readonly decays: boolean
}

/** All learnt numbers of a network: the encoder's first, then the heads'. */
export interface WeightLayout {
  readonly places: readonly WeightPlace[]
  readonly size: number
  /** Where the heads' weights begin. */
  readonly headOffset: number
}

/** The weights of a network in order; the same configuration gives the same layout. */
export function weightLayout(config: PatchTstConfig): WeightLayout {
  const encoder = place(encoderWeights(config), 0)
  const headOffset = endOf(encoder)
  const heads = place(headWeights(config), headOffset)
  return { places: [...encoder, ...heads], size: endOf(heads, headOffset), headOffset }
}

/** Numbers that batch normalisation keeps: for each normalisation the means, then the variances; 0 with layer norm. */
export function statisticsSize({ norm, layers, width }: PatchTstConfig): number {
  return norm === 'batch' ? layers * 2 * 2 * width : 0
}

type NamedShape = readonly [name: string, shape: Shape]

function encoderWeights(config: PatchTstConfig): NamedShape[] {
  const { width, layers, feedForward, patchLength, channels, instanceAffine } = config
  const list: NamedShape[] = [
    ['embedding.weight', [patchLength, width]],
    ['embedding.bias', [width]],
    ['position', [patchPlan(config).count, width]],
  ]
  if (instanceAffine) list.push(['instance.scale', [channels]], ['instance.shift', [channels]])
  for (let layer = 0; layer < layers; layer++) list.push(...layerWeights(`layers.${layer}`, width, feedForward))
  return list
}

function layerWeights(layer: string, width: number, feedForward: number): NamedShape[] {
  return [
    [`${layer}.attention.in.weight`, [width, 3 * width]],
    [`${layer}.attention.in.bias`, [3 * width]],
    [`${layer}.attention.out.weight`, [width, width]],
    [`${layer}.attention.out.bias`, [width]],
    [`${layer}.norm1.gamma`, [width]],
    [`${layer}.norm1.beta`, [width]],
    [`${layer}.feedforward1.weight`, [width, feedForward]],
    [`${layer}.feedforward1.bias`, [feedForward]],
    [`${layer}.feedforward2.weight`, [feedForward, width]],
    [`${layer}.feedforward2.bias`, [width]],
    [`${layer}.norm2.gamma`, [width]],
    [`${layer}.norm2.beta`, [width]],
  ]
}

function headWeights(config: PatchTstConfig): NamedShape[] {
  const { tasks, width, channels, statics, headWidth, patchLength } = config
  const list: NamedShape[] = []
  if (isPooled(config)) list.push(...linear('head.hidden', channels * width + statics, headWidth))
  if (tasks.direction === true) list.push(...linear('head.direction', headWidth, 1))
  if (tasks.strength === true) list.push(...linear('head.strength', headWidth, 1))
  if (tasks.reach)
    list.push(...linear('head.reach', headWidth, tasks.reach.curves.length * tasks.reach.horizons.length))
  if (tasks.forecast !== undefined) {
    list.push(...linear('head.forecast', patchPlan(config).count * width, tasks.forecast))
  }
  if (tasks.reconstruct === true) list.push(...linear('head.reconstruct', width, patchLength))
  return list
}

function linear(name: string, inputs: number, outputs: number): NamedShape[] {
  return [
    [`${name}.weight`, [inputs, outputs]],
    [`${name}.bias`, [outputs]],
  ]
}

/** Whether any head reads pooled tokens and statics. */
export function isPooled({ tasks: { direction, strength, reach } }: Pick<PatchTstConfig, 'tasks'>): boolean {
  return direction === true || strength === true || reach !== undefined
}

function place(named: readonly NamedShape[], from: number): WeightPlace[] {
  let offset = from
  return named.map(([name, shape]) => {
    const size = sizeOf(shape)
    offset += size
    return { name, shape, size, offset: offset - size, decays: name.endsWith('.weight') }
  })
}

function endOf(places: readonly WeightPlace[], start = 0): number {
  const last = places.at(-1)
  return last === undefined ? start : last.offset + last.size
}
