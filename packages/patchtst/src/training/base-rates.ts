import type { PatchTstModel } from '../model.ts'
import { weightLayout } from '../network/layout.ts'
import { lossNames, targetSize } from '../network/loss.ts'
import { isSeries } from '../sequence-set.ts'
import type { TrainingData } from '../sequence-set.ts'
import { targetOf, weightOf } from './labels.ts'
import type { ClassFactors } from './labels.ts'

/**
 * Lets the heads begin at what the training labels are in the mean, as a baseline without inputs would say: the biases of
 * direction and reach become log odds of (weight of ones + 1/2) / (weight + 1) by output, strength's bias the mean. A rare
 * threshold would otherwise be learnt down from a chance of 1/2. A head without labels, and the forecast, are left as they
 * are. Writes the weights of `model`. Linear in labels.
 */
export function startAtRates({ config, weights }: PatchTstModel, train: TrainingData, factors: ClassFactors): void {
  if (isSeries(train)) return
  const { places } = weightLayout(config)
  for (const name of lossNames(config)) {
    if (name === 'forecast' || name === 'reconstruct') continue
    const bias = places.find((place) => place.name === `head.${name}.bias`)
    if (bias === undefined) continue
    const size = targetSize(config, name)
    for (let output = 0; output < size; output++) {
      let mass = 0
      let sum = 0
      for (let i = output; i < train.samples * size; i += size) {
        const weight = weightOf(train, name, i, factors)
        mass += weight
        sum += weight * targetOf(train, name, i)
      }
      if (mass === 0) continue
      weights[bias.offset + output] = name === 'strength' ? sum / mass : Math.log((sum + 0.5) / (mass - sum + 0.5))
    }
  }
}
