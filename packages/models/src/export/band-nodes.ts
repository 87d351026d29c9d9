import type { Arithmetic } from './arithmetic.ts'
import type { GraphBuilder } from './builder.ts'
import { hitNodes } from './hit-nodes.ts'
import type { DriftPair, MixtureWeights } from './mixture-nodes.ts'

/** Questions about a band around the level within a time, as tensors: T questions, P pairs of drifts. */
export interface Bands {
  /** Distances to the barrier beyond the level and to that back from it, dollars, at least 0: [N, T, 1]. */
  readonly up: string
  readonly down: string
  /** Twice the threshold: [T, 1]. */
  readonly width: readonly number[]
  /** Root of the time in minutes, [N, T, 1]; where it is 0 no answer is a number. */
  readonly root: string
  /** Dollars per square root of a minute, [N, 1, 1]. */
  readonly sigma: string
}

/** Probabilities of a mixture, [N, T]. */
export interface BandAnswers {
  readonly up: string
  readonly down: string
  readonly either: string
  readonly upFirst: string
}

/**
 * Width of the band, in sigma sqrt(t) of the expert, from which on images are summed, and below which eigenfunctions: where the tables
 * that a surface is computed from change too.
 */
const WAVES_BELOW = 2.6
/** Eigenfunctions: of the next, below that width, comes less than 1e-10. */
const WAVES = 5

/**
 * What the diffusions of a mixture add to the answers, under their tilted weights [N, P]. The same formulas as `first` of passage: the
 * series of images ends after the first pair, since from that width W on the others together are below 2 e^(-4 W^2) = 4e-12.
 */
export function bandNodes(
  builder: GraphBuilder,
  ops: Arithmetic,
  { pairs, weights }: { readonly pairs: readonly DriftPair[]; readonly weights: MixtureWeights<string> },
  bands: Bands,
): BandAnswers {
  const { add, atLeast, beside, div, exp, mul, raised, sub, sum, taken, where } = ops
  const constants = (value: (pair: DriftPair) => number): string => builder.doubles(pairs.map(value))
  const unit = mul(
    bands.sigma,
    bands.root,
    constants(({ volatility }) => volatility),
  )
  const m = mul(
    bands.root,
    constants(({ drift, volatility }) => drift / volatility),
  )
  const x = div(bands.up, unit)
  const y = div(bands.down, unit)
  const width = div(builder.doubles(bands.width, [bands.width.length, 1]), unit)
  const squareX = exp(mul(x, m, -2))
  const squareY = exp(mul(y, m, -2))
  const twice = mul(width, 2)
  const distances = [x, y, sub(twice, x), sub(twice, y), add(twice, x), add(twice, y)]
  // One call of hit for all images: distances and drifts beside one another, a pair after the other.
  const all = hitNodes(
    ops,
    beside(distances, 2),
    beside(
      Array.from(distances, () => m),
      2,
    ),
  )
  const hits = distances.map((_, i) =>
    taken(
      all,
      pairs.map((__, p) => i * pairs.length + p),
      2,
    ),
  )
  const [hitX, hitY, oppositeX, oppositeY, furtherX, furtherY] = hits as [
    string,
    string,
    string,
    string,
    string,
    string,
  ]
  const across = mul(squareX, squareY)
  const images = {
    up: add(sub(hitX, mul(squareY, oppositeX)), mul(across, furtherX)),
    down: add(sub(hitY, mul(squareX, oppositeY)), mul(across, furtherY)),
  }
  const waves = waveNodes(ops, { up: bands.up, down: bands.down, x, y, width, m, squareX, squareY, across })
  const isWide = atLeast(width, WAVES_BELOW)
  const forward = raised(weights.forward, 1)
  const backward = raised(weights.backward, 1)
  // Under minus the drift an answer is that under the drift, times how much less likely the way there is.
  const ofUp = add(forward, mul(backward, squareX))
  const ofDown = add(mul(forward, squareY), backward)
  const mixed = (values: string, by: string): string => sum(mul(values, by), 2)
  const upFirst = mixed(where(isWide, images.up, waves.up), ofUp)
  const downFirst = mixed(where(isWide, images.down, waves.down), ofDown)
  return { up: mixed(hitX, ofUp), down: mixed(hitY, ofDown), upFirst, either: add(upFirst, downFirst) }
}

/** What the eigenfunctions are made of beside the bands, [N, T, P] in units of sigma sqrt(t). */
interface Scaled extends Pick<Bands, 'up' | 'down'> {
  readonly x: string
  readonly y: string
  readonly width: string
  readonly m: string
  readonly squareX: string
  readonly squareY: string
  readonly across: string
}

/** Below this drift times width the ratio of the scale function is that of distances. */
const STRAIGHT = 1e-7

/**
 * P(a barrier is reached first) under the drift m towards it, by eigenfunctions k of the band:
 *
 *     P(ever) - e^(m x - m^2 / 2) sum over k of (-1)^(k+1) 2 k pi sin(k pi y / W) e^(-(k pi / W)^2 / 2) / ((k pi)^2 + (m W)^2)
 */
function waveNodes(
  ops: Arithmetic,
  { up, down, x, y, width, m, squareX, squareY, across }: Scaled,
): { readonly up: string; readonly down: string } {
  const { add, div, exp, less, mul, sin, sub, where } = ops
  const turn = mul(width, m)
  const square = mul(turn, turn)
  const angle = mul(div(down, add(up, down)), Math.PI)
  const rate = div(-0.5 * Math.PI * Math.PI, mul(width, width))
  const terms = Array.from({ length: WAVES }, (_, i) => {
    const k = i + 1
    const share = div(2 * k * Math.PI, add(square, (k * Math.PI) ** 2))
    return mul(share, exp(mul(rate, k * k)), sin(mul(angle, k)))
  })
  const odd = add(...terms.filter((_, i) => i % 2 === 0))
  const even = add(...terms.filter((_, i) => i % 2 === 1))
  const damping = mul(m, m, -0.5)
  const isStraight = less(turn, STRAIGHT)
  const ever = (distance: string, factor: string): string =>
    where(isStraight, div(distance, width), div(sub(1, factor), sub(1, across)))
  const late = (distance: string, sines: string): string => mul(exp(add(mul(m, distance), damping)), sines)
  return {
    up: sub(ever(y, squareY), late(x, sub(odd, even))),
    down: sub(ever(x, squareX), late(y, add(odd, even))),
  }
}
