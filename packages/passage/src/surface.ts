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
import { DIRECTIONS, lawDirections } from './directions.ts'
import { driftGroups, type DriftGroups, tiltFactors } from './tilt.ts'

/** What may vary from moment to moment. */
export interface SurfaceOptions {
  /**
   * Tilt of the mixture towards drift beyond the level (positive) or back from it, in standard deviations; default 0.
   */
  readonly tilt?: number
  /** From when the horizons run; default 'moment'. */
  readonly clock?: Clock
  /**
   * Probability under each expert of what the answers are conditional on, such as that the path comes to where the moment stands
   * (`byExpert` of a barrier). Experts weigh as they do given that: w_k g_k / sum of w g. Default none; without effect where their sum is
   * below 1e-200.
   */
  readonly given?: Float64Array | undefined
  /**
   * Written: derivatives of every probability by each of `DIRECTIONS`, `[direction * questions + h]`; 0 where an answer is certain, and of
   * extremes. Costs about a tenth of the surface.
   */
  readonly slopes?: Float64Array | undefined
}

/** A law made ready to answer the questions of one spec. */
export interface Surface {
  readonly spec: SurfaceSpec
  /** What each value answers, in order. */
  readonly questions: readonly Question[]
  /**
   * The answers for a moment, to `out` (one number a question) or a new array: probabilities, then extremes in price.
   * Coherent by construction, see `incoherence`. Extremes are those of the law without its tilt: a tilt is fitted on probabilities, and by its way
   * weight goes to the experts that move furthest. Throws on a moment out of range.
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
  const isSame = sameAsBefore(minutes.length)
  return {
    spec,
    questions: surfaceQuestions(spec),
    at: (moment, { tilt = 0, clock = 'moment', slopes, given } = {}, out = new Float64Array(size)) => {
      checkCall(moment, tilt, out, size)
      if (given !== undefined) checkGiven(given, experts.length)
      if (slopes !== undefined) checkSlopes(slopes, size)
      const position = positionOf(moment)
      remainingMinutes(spec, moment, clock, minutes)
      // A moment that is asked again, under another tilt, has the same values.
      if (!isSame(position, minutes)) {
        if (by === 'tables') tabled(position, values, minutes)
        else writeByFormula(experts, spec, position, minutes, values)
      }
      mix(values, { tilt, given }, out, slopes)
      finish(spec, moment, { clock, breakShare: law.breakShare, out })
      if (slopes !== undefined) finishSlopes(spec, out, slopes)
      return out
    },
  }
}

/** Whether a position and its times are those of the call before. */
function sameAsBefore(times: number): (position: Position, minutes: Float64Array) => boolean {
  const now = new Float64Array(4 + times)
  const before = new Float64Array(4 + times).fill(Number.NaN)
  return (position, minutes) => {
    now[0] = position.displacement
    now[1] = position.sigma
    now[2] = position.beyond
    now[3] = position.back
    now.set(minutes, 4)
    let same = true
    for (let i = 0; i < now.length; i++) if (now[i] !== before[i]) same = false
    if (!same) before.set(now)
    return same
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

function checkSlopes(slopes: Float64Array, size: number): void {
  if (slopes.length === DIRECTIONS.length * size) return
  throw new RangeError(
    `passage: options.slopes.length=${slopes.length}: must be ${DIRECTIONS.length * size}, one number a direction and question.`,
  )
}

function checkGiven(given: Float64Array, experts: number): void {
  if (given.length === experts && given.every((value) => value >= 0 && value <= 1)) return
  throw new RangeError(
    `passage: options.given=[${given.join(', ')}]: must be ${experts} probabilities, one an expert. Take them of a barrier of the same law.`,
  )
}

/** Where a moment stands, with the furthest that the path has been. */
function positionOf(moment: Moment): Position {
  return { displacement: moment.displacement, sigma: moment.sigma, ...extremes(moment, 'touch') }
}

/** Sums over experts under the tilted weights, and under each direction of them where slopes are asked for. */
function mixer(
  law: Law,
  spec: SurfaceSpec,
): (
  values: Float64Array,
  { tilt, given }: { readonly tilt: number; readonly given: Float64Array | undefined },
  out: Float64Array,
  slopes?: Float64Array,
) => void {
  const groups: DriftGroups = driftGroups(law)
  const directions = lawDirections(law)
  const factors = new Float64Array(groups.mass.length)
  const weights = Float64Array.from(law.weights)
  const [tilted, posterior] = [new Float64Array(weights.length), new Float64Array(weights.length)]
  const count = valueCount(spec)
  const probabilities = count - EXTREMES
  const add = (values: Float64Array, weighted: Float64Array, out: Float64Array, at: number): void => {
    out.fill(0, at, at + probabilities)
    for (let k = 0; k < weighted.length; k++) {
      const weight = weighted[k] as number
      const from = k * count
      for (let h = 0; h < probabilities; h++)
        out[at + h] = (out[at + h] as number) + weight * (values[from + h] as number)
    }
  }
  const addExtremes = (values: Float64Array, weighted: Float64Array, out: Float64Array): void => {
    out.fill(0, probabilities, count)
    for (let k = 0; k < weighted.length; k++) {
      const weight = weighted[k] as number
      const from = k * count
      for (let h = probabilities; h < count; h++) out[h] = (out[h] as number) + weight * (values[from + h] as number)
    }
  }
  return (values, { tilt, given }, out, slopes) => {
    tiltFactors(groups, tilt, factors)
    for (let k = 0; k < weights.length; k++)
      tilted[k] = (weights[k] as number) * (factors[groups.groups[k] as number] as number)
    const mass = given === undefined ? 0 : massOf(tilted, given)
    const isGiven = given !== undefined && mass > LEAST_MASS
    if (isGiven) condition(tilted, given, mass, tilted)
    add(values, tilted, out, 0)
    const untilted = isGiven ? condition(weights, given, massOf(weights, given), posterior) : weights
    addExtremes(values, untilted, out)
    if (slopes === undefined) return
    for (let d = 0; d < DIRECTIONS.length; d++) {
      const change = directions.under(d, factors)
      if (isGiven) {
        // Of a quotient: what its denominator gains, the answers lose.
        const gained = massOf(change, given)
        for (let k = 0; k < change.length; k++)
          change[k] = ((change[k] as number) * (given[k] as number) - (tilted[k] as number) * gained) / mass
      }
      add(values, change, slopes, d * count)
    }
  }
}

/** Below this a condition is as good as impossible, and nothing is learned from it. */
const LEAST_MASS = 1e-200

/** Weights as they are given something of probability `given[k]` under expert k, to `out`. */
function condition(weights: Float64Array, given: Float64Array, mass: number, out: Float64Array): Float64Array {
  for (let k = 0; k < out.length; k++) out[k] = ((weights[k] as number) * (given[k] as number)) / mass
  return out
}

/** Sum of weights times what is given under each expert. */
function massOf(weights: Float64Array, given: Float64Array): number {
  let sum = 0
  for (let k = 0; k < weights.length; k++) sum += (weights[k] as number) * (given[k] as number)
  return sum
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

/** Direction is a quotient; what is certain has no slope, and rounding leaves none. */
function finishSlopes(spec: SurfaceSpec, out: Float64Array, slopes: Float64Array): void {
  const count = probabilityCount(spec)
  const [at, direction] = [count - 2, count - 1]
  const [left, share] = [out[at] as number, out[direction] as number]
  for (let from = 0; from < slopes.length; from += out.length) {
    const ofLeft = slopes[from + at] as number
    const ofFirst = slopes[from + direction] as number
    slopes[from + direction] = left > ALMOST_NEVER ? (ofFirst - share * ofLeft) / left : 0
    slopes.fill(0, from + count, from + out.length)
    for (let h = 0; h < count; h++) if (out[h] === 0 || out[h] === 1) slopes[from + h] = 0
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
