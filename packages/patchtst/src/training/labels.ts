import type { PatchTstConfig } from '../config.ts'
import { lossNames, targetSize } from '../network/loss.ts'
import type { LossName } from '../network/loss.ts'
import { isSeries } from '../sequence-set.ts'
import type { SequenceSet, TrainingData } from '../sequence-set.ts'

/** What each element of a head's target counts in its loss, and their sum a sample. */
export interface LabelWeights {
  readonly name: LossName
  /** Numbers of a sample's target. */
  readonly size: number
  /** Factors of direction's classes; 1 else. */
  readonly bounce: number
  readonly break: number
  /** (samples): the sum of the weights of a sample's labels; 0 where it has none. */
  readonly mass: Float64Array
}

/** Factors of bounce and break. */
export interface ClassFactors {
  readonly bounce: number
  readonly break: number
}

/** What labels weigh, for each head of the model in order, but for reconstruction, which has no labels. */
export function labelWeights(config: PatchTstConfig, data: TrainingData, factors: ClassFactors): LabelWeights[] {
  return lossNames(config)
    .filter((name) => name !== 'reconstruct')
    .map((name) => {
      const size = targetSize(config, name)
      const mass = isSeries(data) ? new Float64Array(data.samples).fill(size) : masses(data, name, size, factors)
      return { name, size, ...factors, mass }
    })
}

function masses(set: SequenceSet, name: LossName, size: number, factors: ClassFactors): Float64Array {
  const mass = new Float64Array(set.samples)
  for (let i = 0; i < set.samples * size; i++) {
    const sample = Math.floor(i / size)
    mass[sample] = (mass[sample] ?? 0) + weightOf(set, name, i, factors)
  }
  return mass
}

/** The weight of element i of a head's targets over all samples; 0 where it is not labelled. */
export function weightOf({ labels }: SequenceSet, name: LossName, i: number, factors: ClassFactors): number {
  switch (name) {
    case 'direction': {
      const label = labels.direction?.[i] ?? -1
      return label < 0 ? 0 : label === 1 ? factors.break : factors.bounce
    }
    case 'reach':
      return (labels.reach?.[i] ?? -1) < 0 ? 0 : 1
    case 'strength':
      return Number.isNaN(labels.strength?.[i] ?? Number.NaN) ? 0 : 1
    case 'forecast':
      return Number.isNaN(labels.future?.[i] ?? Number.NaN) ? 0 : 1
    case 'reconstruct':
      return 0
    default:
      throw new TypeError(`patchtst: ${String(name)} is not a head`)
  }
}

/** Element i of a head's targets; 0 where it is not labelled. */
export function targetOf({ labels }: SequenceSet, name: LossName, i: number): number {
  switch (name) {
    case 'direction':
      return Math.max(0, labels.direction?.[i] ?? 0)
    case 'reach':
      return Math.max(0, labels.reach?.[i] ?? 0)
    case 'strength':
      return labels.strength?.[i] || 0
    case 'forecast':
      return labels.future?.[i] || 0
    case 'reconstruct':
      return 0
    default:
      throw new TypeError(`patchtst: ${String(name)} is not a head`)
  }
}
