import { scaledGelu, GELU_SCALE } from '../engine/activate.ts'
import { expand, reshape, split, transpose } from '../engine/arrange.ts'
import { add, mul } from '../engine/elementwise.ts'
import type { Value } from '../engine/graph.ts'
import { softmax } from '../engine/normalise.ts'
import { linear, matmul } from '../engine/product.ts'
import type { NetworkParts } from './inputs.ts'

/** What every layer reads beside its tokens. */
interface Rows {
  /** Sequences: samples x channels. */
  readonly rows: number
  /** Patches of a sequence. */
  readonly count: number
  /** (rows x 1 x 1 x count), very negative where a patch holds no observed step; undefined where all do. */
  readonly keyBias: Value | undefined
  /** (tokens x 1), summing to 1 over tokens that are observed; undefined where all are. */
  readonly tokenWeight: Value | undefined
}

/** Patches as they enter the encoder. */
export interface EncoderInput extends Omit<Rows, 'rows' | 'count'> {
  /** (rows x count x patchLength). */
  readonly patches: Value
}

/**
 * The encoder, every channel by itself: patches to tokens (rows * count x width), learnt positions added, then layers of
 * attention and feed-forward with normalisation after each residual sum.
 */
export function encode(parts: NetworkParts, input: EncoderInput): Value {
  const { config, weight, drop } = parts
  const { width, layers, patchLength, dropout } = config
  const [rows = 0, count = 0] = input.patches.shape
  const flat = reshape(input.patches, [rows * count, patchLength])
  const embedded = linear(flat, weight('embedding.weight'), weight('embedding.bias'))
  const placed = add(reshape(embedded, [rows, count, width]), weight('position'))
  let tokens = drop(reshape(placed, [rows * count, width]), dropout)
  let scores: Value | undefined
  for (let layer = 0; layer < layers; layer++) {
    const attended = attend(parts, `layers.${layer}`, tokens, scores, { ...input, rows, count })
    scores = attended.scores
    const settled = parts.normalise(add(tokens, drop(attended.y, dropout)), `layers.${layer}.norm1`, input.tokenWeight)
    const fed = drop(feedForward(parts, `layers.${layer}`, settled), dropout)
    tokens = parts.normalise(add(settled, fed), `layers.${layer}.norm2`, input.tokenWeight)
  }
  return tokens
}

/**
 * Attention over a sequence's patches. The scale 1 / sqrt(width of a head) is split over queries and keys, and taken out of
 * the values again, so that it costs no pass: all three come from one product.
 */
function attend(
  { config, weight, drop }: NetworkParts,
  layer: string,
  tokens: Value,
  before: Value | undefined,
  { rows, count, keyBias }: Rows,
): { y: Value; scores: Value | undefined } {
  const { width, heads, attentionDropout, residualAttention } = config
  const depth = width / heads
  const scale = depth ** -0.25
  const projected = linear(tokens, weight(`${layer}.attention.in.weight`), weight(`${layer}.attention.in.bias`), {
    alpha: scale,
    beta: scale,
  })
  const [q, k, v] = split(projected, [width, width, width], 1).map((part) =>
    transpose(reshape(part, [rows, count, heads, depth]), [0, 2, 1, 3]),
  )
  if (q === undefined || k === undefined || v === undefined)
    throw new Error('patchtst: graph: no queries, keys, values')
  const product = matmul(q, k, { tb: true })
  const scores = before === undefined ? product : add(product, before)
  const chances = drop(softmax(keyBias === undefined ? scores : add(scores, keyBias)), attentionDropout)
  const mixed = reshape(transpose(matmul(chances, v), [0, 2, 1, 3]), [rows * count, width])
  const y = linear(mixed, weight(`${layer}.attention.out.weight`), weight(`${layer}.attention.out.bias`), {
    alpha: 1 / scale,
  })
  return { y, scores: residualAttention ? scores : undefined }
}

function feedForward({ config, weight, drop }: NetworkParts, layer: string, x: Value): Value {
  const inner = linear(x, weight(`${layer}.feedforward1.weight`), weight(`${layer}.feedforward1.bias`), {
    alpha: GELU_SCALE,
    beta: GELU_SCALE,
  })
  const active = drop(scaledGelu(inner), config.dropout)
  return linear(active, weight(`${layer}.feedforward2.weight`), weight(`${layer}.feedforward2.bias`), {
    alpha: GELU_SCALE,
  })
}

/** A value per sample for each of its channels: (B x ..) to (B * channels x ..). */
export function perChannel(x: Value, channels: number): Value {
  const [samples = 0, ...rest] = x.shape
  return reshape(expand(reshape(x, [samples, 1, ...rest]), [samples, channels, ...rest]), [samples * channels, ...rest])
}

/** Very negative where `observed` is 0, and 0 where it is 1. */
export function biasAgainstPadding(observed: Value): Value {
  return mul(add(observed, -1), 1e9)
}
