import { reshape, transpose } from '../engine/arrange.ts'
import { add, div, less, mul, sub, valueOf, where } from '../engine/elementwise.ts'
import type { Value } from '../engine/graph.ts'
import { instanceStatistics } from '../engine/normalise.ts'
import { sumOver } from '../engine/reduce.ts'
import { biasAgainstPadding, encode, perChannel } from './encoder.ts'
import { heads } from './heads.ts'
import type { HeadOutputs } from './heads.ts'
import type { NetworkInputs, NetworkParts } from './inputs.ts'
import { patchesOf } from './patches.ts'

/** What a network gives, and the patches it saw. */
export interface ForwardResult {
  readonly outputs: HeadOutputs
  /** (B * channels x count x patchLength): normalised patches before any was hidden. */
  readonly patches: Value
}

/**
 * The network: instance normalisation over observed steps, patches, encoder, heads. `hide` (B * channels x count x 1), where
 * given, multiplies the patches: 0 hides one.
 */
export function forward(parts: NetworkParts, inputs: NetworkInputs, hide?: Value): ForwardResult {
  const { config } = parts
  const { samples, mask, statics } = inputs
  const { length, channels, patchLength } = config
  const stepMask = mask && reshape(mask, [samples, 1, length])
  const clean = mask && stepMask ? where(less(valueOf(0, mask), stepMask), swap(inputs.x), 0) : swap(inputs.x)
  const { mean, deviation } = config.instanceNorm ? instanceStatistics(clean, stepMask) : {}
  const scaled = mean && deviation ? div(sub(clean, mean), deviation) : clean
  const observedSteps = stepMask ? mul(scaled, stepMask) : scaled
  const cut = withAffine(patchesOf(observedSteps, config), parts)
  const count = cut.shape.at(-2) ?? 0
  const patches = reshape(cut, [samples * channels, count, patchLength])
  const observed = mask && observedPatches(patchesOf(mask, config))
  const tokens = encode(parts, {
    patches: hide === undefined ? patches : mul(patches, hide),
    keyBias: observed && reshape(perChannel(biasAgainstPadding(observed), channels), [samples * channels, 1, 1, count]),
    tokenWeight: observed && tokenWeights(observed, channels),
  })
  const outputs = heads(parts, { tokens, samples, count, observed, statics, mean, deviation })
  return { outputs, patches }
}

const swap = (x: Value): Value => transpose(x, [0, 2, 1])

/** The learnt scale and shift a channel, put on patches, through which its gradient need not pass the cutting. */
function withAffine(patches: Value, { config, weight }: NetworkParts): Value {
  if (!config.instanceAffine) return patches
  const column = (name: string): Value => reshape(weight(name), [config.channels, 1, 1])
  return add(mul(patches, column('instance.scale')), column('instance.shift'))
}

/** (B x count): 1 where any step of a patch is observed. */
function observedPatches(maskPatches: Value): Value {
  const [samples = 0, count = 0] = maskPatches.shape
  const steps = reshape(sumOver(maskPatches, [2]), [samples, count])
  return where(less(steps, 0.5), 0, 1)
}

/** (B * channels * count x 1): the share of each token among those observed. */
function tokenWeights(observed: Value, channels: number): Value {
  const [samples = 0, count = 0] = observed.shape
  const share = div(observed, mul(sumOver(observed, [0, 1]), channels))
  return reshape(perChannel(share, channels), [samples * channels * count, 1])
}
