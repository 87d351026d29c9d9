import { poweredLaw } from '@breakwater/passage'
import type { PathLaw } from '../law/fit.ts'
import type { Arithmetic } from './arithmetic.ts'
import { bandNodes } from './band-nodes.ts'
import type { GraphBuilder } from './builder.ts'
import { coherentNodes, reachCount, reachPlace } from './coherent-nodes.ts'
import { erfcxNodes } from './hit-nodes.ts'
import { type Mixture, mixtureNodes } from './mixture-nodes.ts'

/** Moments as results of a graph, each [N, 1]; the displacement is NaN where there is none. */
export interface MomentNodes {
  /** Dollars beyond the level. */
  readonly displacement: string
  /** Dollars per square root of a minute. */
  readonly sigma: string
  /** In standard deviations of the drift. */
  readonly tilt: string
  readonly secondsLeft: string
}

/** What a law says of moments, each [N, 1]. */
export interface SurfaceNodes {
  /** In the order of `probabilityHeads`. */
  readonly probabilities: readonly string[]
  /** Whether each is certain because price is there already. */
  readonly isCertain: readonly string[]
  /** Expected furthest displacement within the window each way, dollars. */
  readonly aheadBreak: string
  readonly aheadBounce: string
}

/** As `createSurface` has it: where the band is left less often than this, direction tends to the law's share. */
const ALMOST_NEVER = 1e-9

/**
 * The surface of moments, from the moment on: what `createSurface` gives with the clock of the moment, by formulas, which its tables are
 * within 1e-7 of.
 */
export function surfaceNodes(
  builder: GraphBuilder,
  ops: Arithmetic,
  path: Pick<PathLaw, 'law' | 'spec' | 'calibration'>,
  moment: MomentNodes,
): SurfaceNodes {
  const { add, div, mul, sub } = ops
  const { spec } = path
  const law = poweredLaw(path.law, path.calibration.power)
  const mixture = mixtureNodes(builder, ops, law)
  const { values, isCertain } = settledNodes(ops, spec, moment, mixedNodes(builder, ops, spec, mixture, moment))
  const coherent = coherentNodes(ops, spec, values)
  const at = reachCount(spec)
  const left = coherent[at] as string
  const slack = mul(sub(1, left), ALMOST_NEVER)
  coherent[at + 1] = div(add(coherent[at + 1] as string, mul(slack, law.breakShare)), add(left, slack))
  return { probabilities: coherent, isCertain, ...aheadNodes(builder, ops, { mixture, window: spec.window }, moment) }
}

type Spec = PathLaw['spec']

/** One question of a surface in the tensors of bands: a threshold within a time. */
interface Cell {
  readonly threshold: number
  readonly seconds: number
}

/** Each threshold within each horizon, then the band within the window. */
function cellsOf({ thresholds, horizons, window }: Spec): Cell[] {
  const reach = thresholds.flatMap((threshold) => horizons.map((seconds) => ({ threshold, seconds })))
  return [...reach, { threshold: thresholds.at(-1) as number, seconds: window }]
}

/** Sums over experts in the layout of a surface, with P(break side first) in place of direction; 0 where no time is left. */
function mixedNodes(
  builder: GraphBuilder,
  ops: Arithmetic,
  spec: Spec,
  mixture: Mixture,
  { displacement, sigma, tilt, secondsLeft }: MomentNodes,
): string[] {
  const { add, div, exp, less, max, min, mul, neg, raised, sqrt, sub, sum, taken, where } = ops
  const cells = cellsOf(spec)
  const thresholds = builder.doubles(cells.map(({ threshold }) => threshold))
  const minutes = div(min(secondsLeft, builder.doubles(cells.map(({ seconds }) => seconds))), 60)
  const weights = mixture.tilted(tilt)
  const bands = {
    up: raised(max(sub(thresholds, displacement), 0), 2),
    down: raised(max(add(thresholds, displacement), 0), 2),
    width: cells.map(({ threshold }) => 2 * threshold),
    root: raised(sqrt(minutes), 2),
    sigma: raised(sigma, 2),
  }
  const diffused = bandNodes(builder, ops, { pairs: mixture.pairs, weights }, bands)
  const mean = mul(bands.sigma, builder.doubles(mixture.jumps.map(({ size }) => Math.abs(size))))
  const rates = builder.doubles(mixture.jumps.map(({ rate }) => -rate))
  const jumped = sub(1, exp(mul(raised(minutes, 2), rates)))
  const jumps = (distance: string, isThere: (size: number) => boolean): string => {
    const there = builder.doubles(mixture.jumps.map(({ size }) => Number(isThere(size))))
    const reached = mul(exp(neg(div(distance, mean))), jumped, there)
    return sum(mul(reached, raised(weights.jumps, 1)), 2)
  }
  const [up, down] = [jumps(bands.up, (size) => size > 0), jumps(bands.down, (size) => size < 0)]
  const isRunning = less(0, minutes)
  const running = (values: string): string => where(isRunning, values, 0)
  const either = running(add(diffused.either, up, down))
  const sides = [either, running(add(diffused.up, up)), running(add(diffused.down, down))]
  const values: string[] = []
  for (const [i] of spec.thresholds.entries()) {
    for (const [s, side] of sides.entries()) {
      for (const [j] of spec.horizons.entries())
        values[reachPlace(spec, i, s, j)] = taken(side, [i * spec.horizons.length + j], 1)
    }
  }
  const ofWindow = [cells.length - 1]
  return [...values, taken(either, ofWindow, 1), taken(running(add(diffused.upFirst, up)), ofWindow, 1)]
}

/** What has been reached has probability 1; which side was first is known where the band has been left. */
function settledNodes(
  { atLeast, neg, or, where }: Arithmetic,
  spec: Spec,
  { displacement }: MomentNodes,
  mixed: readonly string[],
): { readonly values: string[]; readonly isCertain: string[] } {
  const back = neg(displacement)
  const reached = spec.thresholds.map((threshold) => {
    const [beyond, behind] = [atLeast(displacement, threshold), atLeast(back, threshold)]
    return { either: or(beyond, behind), beyond, behind }
  })
  const isCertain = reached.flatMap(({ either, beyond, behind }) =>
    [either, beyond, behind].flatMap((side) => spec.horizons.map(() => side)),
  )
  const { either: isLeft, beyond: isBeyond } = reached.at(-1) as { readonly either: string; readonly beyond: string }
  const at = reachCount(spec)
  const values = isCertain.map((certain, h) => where(certain, 1, mixed[h] as string))
  const first = where(isBeyond, 1, where(isLeft, 0, mixed[at + 1] as string))
  return {
    values: [...values, where(isLeft, 1, mixed[at] as string), first],
    isCertain: [...isCertain, isLeft, isLeft],
  }
}

/** Below this drift erf(m / sqrt 2) / 2m is its series to m^4, exact to 1e-13 there. */
const SMALL_DRIFT = 0.02
const DENSITY = 1 / Math.sqrt(2 * Math.PI)

/**
 * Expected furthest displacements of the law without its tilt: a diffusion goes m N(m) + n(m) + erf(m / sqrt 2) / 2m times its sigma sqrt(t) beyond where
 * it stands, m its drift in that unit, and m less under minus the drift.
 */
function aheadNodes(
  builder: GraphBuilder,
  ops: Arithmetic,
  { mixture, window: windowSeconds }: { readonly mixture: Mixture; readonly window: number },
  { displacement, sigma, secondsLeft }: MomentNodes,
): Pick<SurfaceNodes, 'aheadBreak' | 'aheadBounce'> {
  const { add, div, exp, less, min, mul, sqrt, sub, sum, where } = ops
  const { pairs, jumps, untilted } = mixture
  const minutes = div(min(secondsLeft, windowSeconds), 60)
  const root = sqrt(minutes)
  const m = mul(root, builder.doubles(pairs.map(({ drift, volatility }) => drift / volatility)))
  const square = mul(m, m)
  const bell = exp(mul(square, -0.5))
  const tail = mul(bell, erfcxNodes(ops, mul(m, Math.SQRT1_2)))
  const series = mul(add(mul(add(mul(square, 1 / 40), -1 / 6), square), 1), DENSITY)
  const slope = where(less(m, SMALL_DRIFT), series, div(sub(1, tail), mul(m, 2)))
  const along = add(mul(m, sub(1, mul(tail, 0.5))), mul(bell, DENSITY), slope)
  const against = sub(along, m)
  const jumped = sub(1, exp(mul(minutes, builder.doubles(jumps.map(({ rate }) => -rate)))))
  const scaled = (weights: readonly number[]): string =>
    mul(root, builder.doubles(pairs.map(({ volatility }, p) => volatility * (weights[p] as number))))
  const [forward, backward] = [scaled(untilted.forward), scaled(untilted.backward)]
  const further = (ofForward: string, ofBackward: string, sign: number): string => {
    const sizes = jumps.map(({ size }, q) => Math.max(0, sign * size) * (untilted.jumps[q] as number))
    const diffused = add(mul(ofForward, forward), mul(ofBackward, backward))
    return mul(sigma, add(sum(diffused, 1, true), sum(mul(jumped, builder.doubles(sizes)), 1, true)))
  }
  return {
    aheadBreak: add(displacement, further(along, against, 1)),
    aheadBounce: sub(further(against, along, -1), displacement),
  }
}
