import type { DiffusionExpert, JumpExpert } from './experts.ts'
import { hitTables, lookUp } from './hit-table.ts'
import { checkLaw, type Law } from './law.ts'
import { hit } from './one-barrier.ts'
import { DIRECTIONS, lawDirections } from './directions.ts'
import { driftGroups, tiltFactors } from './tilt.ts'

/** A barrier ahead of a path, on the side that drift and tilt count as positive. */
export interface Barrier {
  /** Price from the path to the barrier; at most 0 where it has been reached. */
  readonly distance: number
  /** Volatility forecast, price per square root of a minute, positive. */
  readonly sigma: number
  /** Tilt towards the barrier, in standard deviations of the drift; default 0. */
  readonly tilt?: number
  /** Seconds left in the session; default without end. */
  readonly secondsLeft?: number
}

/** What is written beside the probabilities of a barrier. */
export interface BarrierOptions {
  /** Written: derivatives by each of `DIRECTIONS`, `[direction * horizons + j]`. */
  readonly slopes?: Float64Array | undefined
  /** Written: P(reached within the longest horizon) under each expert of the law alone, in their order. */
  readonly byExpert?: Float64Array | undefined
}

/** P(the barrier is reached within each horizon), to `out`. */
export type BarrierReach = (barrier: Barrier, out: Float64Array, options?: BarrierOptions) => Float64Array

/**
 * Prepares a law for one barrier at a time: the probability to reach it within each of `horizons` (seconds, rising), by the mixture of
 * hit(x, m) and of jumps, in order of the horizons and never falling with them. It falls with the distance under one and the same tilt and
 * volatility. Values come from tables within 1e-7 of the formulas; horizons that outlast the session from the formulas themselves. Throws on a
 * law, horizons or a barrier out of range. About 3 us. Holds scratch space: not for two threads at once.
 */
export function createBarrier(law: Law, horizons: readonly number[]): BarrierReach {
  checkLaw(law)
  if (!horizons.every((horizon, i) => horizon > (horizons[i - 1] ?? 0) && Number.isFinite(horizon))) {
    throw new RangeError(`passage: horizons=[${horizons.join(', ')}]: must be seconds above 0 that rise. Sort them.`)
  }
  const groups = driftGroups(law)
  const factors = new Float64Array(groups.mass.length)
  const diffusions: (DiffusionExpert & { readonly k: number })[] = []
  const jumps: (JumpExpert & { readonly k: number })[] = []
  for (const [k, expert] of law.experts.entries()) {
    if (expert.kind === 'diffusion') diffusions.push({ ...expert, k })
    else if (expert.size > 0) jumps.push({ ...expert, k })
  }
  const roots = Float64Array.from(horizons, (seconds) => Math.sqrt(seconds / 60))
  const tables = hitTables(
    diffusions.flatMap(({ drift, volatility }) => Array.from(roots, (root) => Math.abs(drift * root) / volatility)),
  )
  const directions = lawDirections(law)
  const weightOf = (k: number): number => (law.weights[k] as number) * (factors[groups.groups[k] as number] as number)
  const values = new Float64Array(law.experts.length)
  return (barrier, out, { slopes, byExpert } = {}) => {
    const { distance, sigma, tilt = 0, secondsLeft = Infinity } = barrier
    checkBarrier(barrier)
    tiltFactors(groups, tilt, factors)
    out.fill(0)
    slopes?.fill(0)
    // Experts without jumps, and all of them where no time is left, never reach what has not been reached.
    values.fill(Number(distance <= 0))
    for (let j = 0; j < horizons.length; j++) {
      const isWhole = secondsLeft >= (horizons[j] as number)
      const root = isWhole ? (roots[j] as number) : Math.sqrt(secondsLeft / 60)
      if (distance <= 0 || root === 0) {
        out[j] = Number(distance <= 0)
        continue
      }
      let p = 0
      for (let d = 0; d < diffusions.length; d++) {
        const { volatility, drift, k } = diffusions[d] as (typeof diffusions)[number]
        const scaled = distance / (volatility * sigma * root)
        const m = (drift * root) / volatility
        // With the drift -m all is that of m times a factor: tables of a drift that leads away would be too coarse.
        const away = m < 0 ? Math.exp(2 * m * scaled) : 1
        values[k] = isWhole ? away * lookUp(tables, d * horizons.length + j, scaled) : hit(scaled, m)
        p += weightOf(k) * values[k]
      }
      for (const { rate, size, k } of jumps) {
        values[k] = -Math.expm1(-rate * root * root) * Math.exp(-distance / (size * sigma))
        p += weightOf(k) * values[k]
      }
      if (slopes !== undefined) {
        for (let d = 0; d < DIRECTIONS.length; d++) {
          const change = directions.under(d, factors)
          for (let k = 0; k < change.length; k++) {
            const at = d * horizons.length + j
            slopes[at] = (slopes[at] as number) + (change[k] as number) * (values[k] as number)
          }
        }
      }
      // Tables are off by 1e-8, which must not make a longer horizon the less likely.
      out[j] = Math.min(1, Math.max(p, j === 0 ? 0 : (out[j - 1] as number)))
    }
    byExpert?.set(values)
    return out
  }
}

function checkBarrier({ distance, sigma, tilt = 0, secondsLeft = Infinity }: Barrier): void {
  if (Number.isFinite(distance) && sigma > 0 && Number.isFinite(sigma) && Number.isFinite(tilt) && secondsLeft >= 0)
    return
  throw new RangeError(
    `passage: barrier=${JSON.stringify({ distance, sigma, tilt, secondsLeft })}: must be finite, sigma positive, secondsLeft at least 0.`,
  )
}
