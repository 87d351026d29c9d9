import type { PatchTstConfig } from '../config.ts'
import type { PatchTstModel } from '../model.ts'
import { streamKey, uniformAt } from '../training/random.ts'
import { statisticsSize, weightLayout } from './layout.ts'
import type { WeightPlace } from './layout.ts'

const WEIGHT_STREAM = 4
/** Positions begin within this of 0, as in the paper's code. */
const POSITION_RANGE = 0.02

/** Untrained weights and statistics. */
export function initialWeights(config: PatchTstConfig, seed: number): Pick<PatchTstModel, 'weights' | 'statistics'> {
  const { places, size } = weightLayout(config)
  const weights = new Float32Array(size)
  let inputs = 1
  for (const [at, place] of places.entries()) {
    if (place.decays) inputs = place.shape[0] ?? 1
    const key = streamKey(seed, WEIGHT_STREAM, at)
    const range = rangeOf(place, inputs)
    for (let i = 0; i < place.size; i++) {
      weights[place.offset + i] = isGain(place) ? 1 : range * (2 * uniformAt(key, i) - 1)
    }
  }
  return { weights, statistics: initialStatistics(config) }
}

/** Gains begin at 1, shifts of normalisation at 0, layers and their biases within 1 / sqrt(inputs) of 0, as in PyTorch. */
function rangeOf({ name }: WeightPlace, inputs: number): number {
  if (name.endsWith('.beta') || name.endsWith('.shift')) return 0
  return name === 'position' ? POSITION_RANGE : 1 / Math.sqrt(inputs)
}

function isGain({ name }: WeightPlace): boolean {
  return name.endsWith('.gamma') || name.endsWith('.scale')
}

/** Means 0 and variances 1. */
function initialStatistics(config: PatchTstConfig): Float32Array {
  const { width } = config
  return Float32Array.from({ length: statisticsSize(config) }, (_, i) => Math.floor(i / width) % 2)
}
