import { expectedMaximum } from './extremes.ts'
import type { DiffusionExpert, Expert, JumpExpert } from './experts.ts'
import { hit } from './one-barrier.ts'
import { EXTREMES, probabilityCount, reachIndex, type SurfaceSpec } from './questions.ts'
import { either, first } from './two-barriers.ts'

/** A path's position, with the extremes that the expected furthest displacements start from. */
export interface Position {
  readonly displacement: number
  readonly sigma: number
  /** How far the path has been on each side: at least the displacement, and at least minus it. */
  readonly beyond: number
  readonly back: number
}

/**
 * Values of one expert: the probabilities of a surface with P(break side first) in place of direction, then extremes.
 */
export const valueCount = (spec: SurfaceSpec): number => probabilityCount(spec) + EXTREMES

/**
 * Every expert's values of one position by the formulas, to `out` from expert k's k * valueCount on: reach, tradeable,
 * P(the band is left and through the break side), and by how much the path is expected to exceed, within the window,
 * where it stands (break, bounce) and where it has been (break, bounce), in price. `minutes` holds the time of each
 * horizon, then of the window; a time of 0 reaches what has been passed and nothing else. About 280 us for 38 experts
 * and 26 probabilities.
 */
export function writeByFormula(
  experts: readonly Expert[],
  spec: SurfaceSpec,
  position: Position,
  minutes: Float64Array,
  out: Float64Array,
): void {
  const count = valueCount(spec)
  for (const [k, expert] of experts.entries()) {
    const values = out.subarray(k * count, (k + 1) * count)
    const path = expert.kind === 'jump' ? jumpPath(expert, position) : diffusionPath(expert, position)
    writePath(path, spec, { position, minutes, values })
  }
}

/** Probabilities of one expert at distances up and down (price, positive) within a time (minutes). */
interface Path {
  readonly up: (x: number, minutes: number) => number
  readonly down: (y: number, minutes: number) => number
  readonly either: (x: number, y: number, minutes: number) => number
  readonly upFirst: (x: number, y: number, minutes: number) => number
  /** Expected excess of the maximum over c above where the path stands, and of the minimum below. */
  readonly excessUp: (c: number, minutes: number) => number
  readonly excessDown: (c: number, minutes: number) => number
}

function diffusionPath({ volatility, drift }: DiffusionExpert, { sigma }: Position): Path {
  const scale = (minutes: number): number => volatility * sigma * Math.sqrt(minutes)
  const driftAt = (minutes: number): number => (drift * Math.sqrt(minutes)) / volatility
  const excess = (c: number, minutes: number, sign: number): number => {
    const unit = scale(minutes)
    return (expectedMaximum(c / unit, sign * driftAt(minutes)) - c / unit) * unit
  }
  return {
    up: (x, minutes) => hit(x / scale(minutes), driftAt(minutes)),
    down: (y, minutes) => hit(y / scale(minutes), -driftAt(minutes)),
    either: (x, y, minutes) => either(x / scale(minutes), y / scale(minutes), driftAt(minutes)),
    upFirst: (x, y, minutes) => first(x / scale(minutes), y / scale(minutes), driftAt(minutes)),
    excessUp: (c, minutes) => excess(c, minutes, 1),
    excessDown: (c, minutes) => excess(c, minutes, -1),
  }
}

function jumpPath({ rate, size }: JumpExpert, { sigma }: Position): Path {
  const mean = Math.abs(size) * sigma
  const jumped = (minutes: number): number => -Math.expm1(-rate * minutes)
  const reach = (distance: number, minutes: number, way: boolean): number =>
    distance <= 0 ? 1 : way ? jumped(minutes) * Math.exp(-distance / mean) : 0
  const upward = size > 0
  return {
    up: (x, minutes) => reach(x, minutes, upward),
    down: (y, minutes) => reach(y, minutes, !upward),
    either: (x, y, minutes) => Math.max(reach(x, minutes, upward), reach(y, minutes, !upward)),
    upFirst: (x, y, minutes) => (x > 0 && y <= 0 ? 0 : reach(x, minutes, upward)),
    excessUp: (c, minutes) => (upward ? mean * jumped(minutes) * Math.exp(-c / mean) : 0),
    excessDown: (c, minutes) => (upward ? 0 : mean * jumped(minutes) * Math.exp(-c / mean)),
  }
}

interface Target {
  readonly position: Position
  readonly minutes: Float64Array
  readonly values: Float64Array
}

function writePath(path: Path, spec: SurfaceSpec, { position, minutes, values }: Target): void {
  const { displacement } = position
  const { thresholds, horizons } = spec
  for (const [i, threshold] of thresholds.entries()) {
    const x = threshold - displacement
    const y = threshold + displacement
    for (let j = 0; j < horizons.length; j++) {
      const time = minutes[j] as number
      values[reachIndex(spec, i, 0, j)] = within(time, x <= 0 || y <= 0, () => path.either(x, y, time))
      values[reachIndex(spec, i, 1, j)] = within(time, x <= 0, () => path.up(x, time))
      values[reachIndex(spec, i, 2, j)] = within(time, y <= 0, () => path.down(y, time))
    }
  }
  const window = minutes[horizons.length] as number
  const band = thresholds.at(-1) as number
  const x = band - displacement
  const y = band + displacement
  const at = probabilityCount(spec) - 2
  values[at] = within(window, x <= 0 || y <= 0, () => path.either(x, y, window))
  values[at + 1] = within(window, x <= 0, () => path.upFirst(x, y, window))
  values[at + 2] = within(window, false, () => path.excessUp(0, window))
  values[at + 3] = within(window, false, () => path.excessDown(0, window))
  values[at + 4] = within(window, false, () => path.excessUp(position.beyond - displacement, window))
  values[at + 5] = within(window, false, () => path.excessDown(position.back + displacement, window))
}

/** A path without time has reached what it has passed. */
function within(minutes: number, passed: boolean, value: () => number): number {
  return minutes > 0 ? value() : Number(passed)
}
