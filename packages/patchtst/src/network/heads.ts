import { GELU_SCALE, scaledGelu } from '../engine/activate.ts'
import { concat, reshape, transpose } from '../engine/arrange.ts'
import { add, div, mul, sub } from '../engine/elementwise.ts'
import type { Value } from '../engine/graph.ts'
import { linear } from '../engine/product.ts'
import { meanOver, sumOver } from '../engine/reduce.ts'
import type { NetworkParts } from './inputs.ts'
import { isPooled } from './layout.ts'

/** What the heads give, before any link function, of the tasks that the model has. */
export interface HeadOutputs {
  /** (B): log odds of a break. */
  readonly direction?: Value
  /** (B): $. */
  readonly strength?: Value
  /** (B x curves * horizons): log odds of reaching in the interval, given not before. */
  readonly reach?: Value
  /** (B x horizon x channels), in units of the input. */
  readonly forecast?: Value
  /** (B * channels x count x patchLength): patches as they were before some were hidden. */
  readonly reconstruct?: Value
}

/** Tokens and what is known about them. */
export interface HeadInput {
  /** (B * channels * count x width). */
  readonly tokens: Value
  readonly samples: number
  readonly count: number
  /** (B x count), 1 where a patch holds an observed step; undefined where all do. */
  readonly observed: Value | undefined
  readonly statics: Value | undefined
  /** Instance statistics (B x channels x 1), where normalised. */
  readonly mean: Value | undefined
  readonly deviation: Value | undefined
}

/**
 * The heads. Break, strength and reach read the mean token of each channel over observed patches, joined with the
 * normalised statics in one hidden layer; the forecast reads all tokens of its channel, as in the paper.
 */
export function heads(parts: NetworkParts, input: HeadInput): HeadOutputs {
  const { tasks } = parts.config
  const { samples } = input
  const hidden = isPooled(parts.config) ? hiddenLayer(parts, input) : undefined
  const read = (name: string): Value | undefined =>
    hidden && linear(hidden, parts.weight(`head.${name}.weight`), parts.weight(`head.${name}.bias`))
  const one = (name: string): Value | undefined => {
    const column = read(name)
    return column && reshape(column, [samples])
  }
  const direction = tasks.direction === true ? one('direction') : undefined
  const strength = tasks.strength === true ? one('strength') : undefined
  const reach = tasks.reach === undefined ? undefined : read('reach')
  return {
    ...(direction && { direction }),
    ...(strength && { strength }),
    ...(reach && { reach }),
    ...(tasks.forecast !== undefined && { forecast: forecast(parts, input, tasks.forecast) }),
    ...(tasks.reconstruct === true && { reconstruct: reconstruct(parts, input) }),
  }
}

function hiddenLayer({ config, weight, drop, staticMean, staticScale }: NetworkParts, input: HeadInput): Value {
  const { channels, width, headDropout } = config
  const { tokens, samples, count, observed, statics } = input
  const byPatch = reshape(tokens, [samples, channels, count, width])
  const pooled = observed === undefined ? meanOver(byPatch, [2]) : maskedMean(byPatch, observed)
  const flat = reshape(pooled, [samples, channels * width])
  const scaled = statics && staticMean && staticScale && div(sub(statics, staticMean), staticScale)
  const joined = scaled === undefined ? flat : concat([flat, scaled], 1)
  const inner = linear(drop(joined, headDropout), weight('head.hidden.weight'), weight('head.hidden.bias'), {
    alpha: GELU_SCALE,
    beta: GELU_SCALE,
  })
  return mul(scaledGelu(inner), GELU_SCALE)
}

function maskedMean(byPatch: Value, observed: Value): Value {
  const [samples = 0, count = 0] = observed.shape
  const share = div(observed, sumOver(observed, [1]))
  return sumOver(mul(byPatch, reshape(share, [samples, 1, count, 1])), [2])
}

function forecast({ config, weight, drop }: NetworkParts, input: HeadInput, horizon: number): Value {
  const { channels, width, headDropout } = config
  const { tokens, samples, count, observed, mean, deviation } = input
  const byPatch = reshape(tokens, [samples, channels, count, width])
  const seen = observed === undefined ? byPatch : mul(byPatch, reshape(observed, [samples, 1, count, 1]))
  const flat = drop(reshape(seen, [samples * channels, count * width]), headDropout)
  const plain = linear(flat, weight('head.forecast.weight'), weight('head.forecast.bias'))
  const byChannel = reshape(plain, [samples, channels, horizon])
  const level = mean && deviation ? add(mul(withoutAffine(byChannel, config, weight), deviation), mean) : byChannel
  return transpose(level, [0, 2, 1])
}

/** Undoes the learnt scale and shift of instance normalisation. */
function withoutAffine(
  x: Value,
  { instanceAffine, channels }: NetworkParts['config'],
  weight: NetworkParts['weight'],
): Value {
  if (!instanceAffine) return x
  const column = (name: string): Value => reshape(weight(name), [channels, 1])
  return div(sub(x, column('instance.shift')), add(column('instance.scale'), 1e-10))
}

function reconstruct({ config, weight }: NetworkParts, { tokens, samples, count }: HeadInput): Value {
  const { channels, patchLength } = config
  const flat = linear(tokens, weight('head.reconstruct.weight'), weight('head.reconstruct.bias'))
  return reshape(flat, [samples * channels, count, patchLength])
}
