import { makeCoherent } from './coherent.ts'
import { type Position, valueCount, writeByFormula } from './formula.ts'
import { checkLaw, type Law } from './law.ts'
import { checkMoment, type Clock, extremes, type Moment, remainingMinutes } from './moment.ts'
import {
  checkSpec,
  EXTREMES,
  probabilityCount,
  type Question,
  reachIndex,
  surfaceQuestions,
  type SurfaceSpec,
} from './questions.ts'
import { tabledWriter } from './tabled.ts'
import { driftGroups, type DriftGroups, tiltFactors } from './tilt.ts'

/** What may vary from moment to moment. */
export interface SurfaceOptions {
  /**
   * Tilt of the mixture towards drift beyond the level (positive) or back from it, in standard deviations; default 0.
   */
  readonly tilt?: number
  /** From when the horizons run; default 'moment'. */
  readonly clock?: Clock
}

/** A law made ready to answer the questions of one spec. */
export interface Surface {
  readonly spec: SurfaceSpec
  /** What each value answers, in order. */
  readonly questions: readonly Question[]
  /**
   * The answers for a moment, to `out` (one number a question) or a new array: probabilities, then extremes in price.
   * Coherent by construction, see `incoherence`. Throws on a moment out of range.
   */
  readonly at: (moment: Moment, options?: SurfaceOptions, out?: Float64Array) => Float64Array
}

/**
 * Direction is (P(break side first) + slack x share) / (P(the band is left) + slack), share the law's share of exits
 * through the break side and slack this times P(the band is not left): where the band is left less often than this,
 * direction tends to the share. P(break side first) as served moves by less than this.
 */
const ALMOST_NEVER = 1e-9

/** How a surface is computed. */
export interface SurfaceMethod {
  /** 'tables' (the default), within 1e-7 of 'formulas', which take 25 times as long and are there to check them. */
  readonly by?: 'tables' | 'formulas'
}

/**
 * Prepares a law for the questions of `spec`. Throws on a law or spec out of range. Not to be called from two threads at once on
 * shared memory: it holds scratch space.
 */
export function createSurface(law: Law, spec: SurfaceSpec, { by = 'tables' }: SurfaceMethod = {}): Surface {
  checkLaw(law)
  checkSpec(spec)
  const { experts } = law
  const tabled = tabledWriter(experts, spec)
  const mix = mixer(law, spec)
  const values = new Float64Array(experts.length * valueCount(spec))
  const size = valueCount(spec)
  const minutes = new Float64Array(spec.horizons.length + 1)
  return {
    spec,
    questions: surfaceQuestions(spec),
    at: (moment, { tilt = 0, clock = 'moment' } = {}, out = new Float64Array(size)) => {
      checkCall(moment, tilt, out, size)
      const position = positionOf(moment)
      remainingMinutes(spec, moment, clock, minutes)
      if (by === 'tables') tabled(position, values, minutes)
      else writeByFormula(experts, spec, position, minutes, values)
      mix(values, tilt, out)
      finish(spec, moment, { clock, breakShare: law.breakShare, out })
      return out
    },
  }
}

function checkCall(moment: Moment, tilt: number, out: Float64Array, size: number): void {
  checkMoment(moment)
  if (!Number.isFinite(tilt)) {
    throw new RangeError(`passage: options.tilt=${tilt}: must be finite. Leave it out for the law without tilt.`)
  }
  if (out.length === size) return
  throw new RangeError(`passage: out.length=${out.length}: must be ${size}, one number a question of the surface.`)
}

/** Where a moment stands, with the furthest that the path has been. */
function positionOf(moment: Moment): Position {
  return { displacement: moment.displacement, sigma: moment.sigma, ...extremes(moment, 'touch') }
}

/** Sums over experts under the tilted weights. */
function mixer(law: Law, spec: SurfaceSpec): (values: Float64Array, tilt: number, out: Float64Array) => void {
  const groups: DriftGroups = driftGroups(law)
  const factors = new Float64Array(groups.mass.length)
  const weights = Float64Array.from(law.weights)
  const count = valueCount(spec)
  return (values, tilt, out) => {
    tiltFactors(groups, tilt, factors)
    out.fill(0)
    for (let k = 0; k < weights.length; k++) {
      const weight = (weights[k] as number) * (factors[groups.groups[k] as number] as number)
      const from = k * count
      for (let h = 0; h < count; h++) out[h] = (out[h] as number) + weight * (values[from + h] as number)
    }
  }
}

interface Finish {
  readonly clock: Clock
  readonly breakShare: number
  readonly out: Float64Array
}

/** From sums over experts to a surface: what has happened, order, direction as a ratio, extremes as displacements. */
function finish(spec: SurfaceSpec, moment: Moment, { clock, breakShare, out }: Finish): void {
  settle(spec, extremes(moment, clock), out)
  makeCoherent(spec, out)
  const at = probabilityCount(spec) - 2
  const direction = at + 1
  const left = out[at] as number
  const slack = ALMOST_NEVER * (1 - left)
  out[direction] = ((out[direction] as number) + slack * breakShare) / (left + slack)
  const { beyond, back } = extremes(moment, 'touch')
  const { displacement } = moment
  for (const [e, from] of [displacement, -displacement, beyond, back].entries()) {
    out[out.length - EXTREMES + e] = (out[out.length - EXTREMES + e] as number) + from
  }
}

/**
 * What has been reached has probability 1, whatever the rounding of weights that add up to 1; which side was first is known where only one
 * has been.
 */
function settle(spec: SurfaceSpec, { beyond, back }: ReturnType<typeof extremes>, out: Float64Array): void {
  const { thresholds, horizons } = spec
  const at = probabilityCount(spec) - 2
  for (const [i, threshold] of thresholds.entries()) {
    const reached = [beyond >= threshold || back >= threshold, beyond >= threshold, back >= threshold]
    for (const [s, certain] of reached.entries()) {
      if (certain) out.fill(1, reachIndex(spec, i, s, 0), reachIndex(spec, i, s, horizons.length))
    }
  }
  const band = thresholds.at(-1) as number
  if (beyond < band && back < band) return
  out[at] = 1
  out[at + 1] = beyond >= band && back >= band ? NaN : Number(beyond >= band)
}
