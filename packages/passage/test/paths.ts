import { type Moments, type Outcomes, type Question, surfaceQuestions, type SurfaceSpec } from '@breakwater/passage'
import { normalSource, uniformSource } from './random.ts'

/** A Merton jump diffusion. Time in minutes, lengths in price. */
export interface Process {
  /** Volatility a square root of a minute. */
  readonly sigma: number
  /** Drift a minute. */
  readonly drift?: number
  /** Jumps a minute, and their normal size. */
  readonly jumps?: { readonly rate: number; readonly mean: number; readonly deviation: number }
}

export interface SimulatedRows {
  readonly moments: Moments
  readonly outcomes: Outcomes
}

interface Simulation {
  readonly rows: number
  readonly seed: number
  readonly spec: SurfaceSpec
  /** Half the width of the range in which paths start, uniformly. */
  readonly start: number
  /** The process of each row. */
  readonly process: (uniform: () => number) => Process
  /** What the forecast says where the truth is sigma; default sigma. */
  readonly forecast?: (process: Process, normal: () => number) => number
}

const STEPS_A_MINUTE = 10

/**
 * First times, in minutes, at which a path in small steps (maxima inside a step by the Brownian bridge) passes each
 * distance.
 */
function passages(
  spec: SurfaceSpec,
  start: number,
  process: Process,
  uniform: () => number,
  normal: () => number,
): Passages {
  const { sigma, drift = 0, jumps } = process
  const h = 1 / STEPS_A_MINUTE
  const up = spec.thresholds.map((a) => (start >= a ? 0 : Infinity))
  const down = spec.thresholds.map((a) => (start <= -a ? 0 : Infinity))
  let z = start
  const mark = (high: number, low: number, time: number): void => {
    for (const [i, a] of spec.thresholds.entries()) {
      if (high >= a) up[i] = Math.min(up[i] as number, time)
      if (low <= -a) down[i] = Math.min(down[i] as number, time)
    }
  }
  for (let step = 1; step <= (spec.window / 60) * STEPS_A_MINUTE; step++) {
    const next = z + drift * h + sigma * Math.sqrt(h) * normal()
    const bridge = (sign: number): number =>
      0.5 * (z + next + sign * Math.sqrt((z - next) ** 2 - 2 * sigma * sigma * h * Math.log(1 - uniform())))
    mark(bridge(1), bridge(-1), (step - 0.5) * h)
    z = next
    if (jumps !== undefined && uniform() < jumps.rate * h) {
      z += jumps.mean + jumps.deviation * normal()
      mark(z, z, step * h)
    }
  }
  return { up, down }
}

interface Passages {
  readonly up: readonly number[]
  readonly down: readonly number[]
}

/** Seeded moments of simulated paths with the outcomes of every question; rows beyond a barrier are masked there. */
export function simulateRows({ rows, seed, spec, start, process, forecast }: Simulation): SimulatedRows {
  const uniform = uniformSource(seed)
  const normal = normalSource(uniform)
  const questions = surfaceQuestions(spec).filter((question) => 'threshold' in question)
  const displacement = new Float64Array(rows)
  const sigma = new Float64Array(rows)
  const labels = new Int8Array(rows * questions.length)
  for (let row = 0; row < rows; row++) {
    const path = process(uniform)
    const at = start * (2 * uniform() - 1)
    displacement[row] = at
    sigma[row] = forecast?.(path, normal) ?? path.sigma
    const times = passages(spec, at, path, uniform, normal)
    for (const [h, question] of questions.entries()) {
      labels[row * questions.length + h] = label(question, times, spec, at)
    }
  }
  return { moments: { displacement, sigma }, outcomes: { labels } }
}

function label(question: Question, { up, down }: Passages, spec: SurfaceSpec, at: number): number {
  if (!('threshold' in question)) return -1
  const { threshold, horizon } = question
  const i = spec.thresholds.indexOf(threshold)
  const above = up[i] as number
  const below = down[i] as number
  const side = question.kind === 'reach' ? question.side : 'either'
  if ((side !== 'bounce' && at >= threshold) || (side !== 'break' && at <= -threshold)) return -1
  if (question.kind === 'direction')
    return Math.min(above, below) <= horizon / 60 && above !== below ? Number(above < below) : -1
  const time = { either: Math.min(above, below), break: above, bounce: below }[side]
  return Number(time <= horizon / 60)
}
