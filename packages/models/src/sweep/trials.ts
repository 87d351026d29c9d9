import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { OptionSpace, OptionValue, SweepConfig } from './config.ts'

/** The options of one trial, by name. */
export interface Trial {
  /** From 1. */
  readonly number: number
  readonly signals: Readonly<Record<string, OptionValue>>
  readonly train: Readonly<Record<string, OptionValue>>
}

/** The options of a trial, for a person. */
export function trialText({ signals, train }: Pick<Trial, 'signals' | 'train'>): string {
  return Object.entries({ ...signals, ...train })
    .map(([name, value]) => `${name} ${typeof value === 'object' ? value.join(' ') : value}`)
    .join(', ')
}

/** How a trial did on the scored rows of the inner folds. */
export interface TrialScore {
  /** Over all scored rows; null where the metric does not exist on them. */
  readonly value: number | null
  /** By inner fold. */
  readonly folds: readonly (number | null)[]
}

/** Draws that repeat one already drawn are drawn again this often; then the space counts as used up. */
const REDRAWS = 200

/**
 * The trials of a sweep, the same for the same config. Grid: every combination, the last option changing fastest. Random:
 * `trials` different draws, each option on its own, uniform over a list or a range (or its logarithm); a longer sweep
 * begins with the trials of a shorter one. Fewer where there are no more different ones.
 */
export function planTrials(config: SweepConfig): Trial[] {
  const { signals, train } = config
  const options = [
    ...Object.entries(signals).map(([name, space]) => ({ group: 'signals', name, space }) as const),
    ...Object.entries(train).map(([name, space]) => ({ group: 'train', name, space }) as const),
  ]
  const spaces = options.map(({ space }) => space)
  const draws = config.method === 'grid' ? combinations(spaces) : randomDraws(spaces, config.trials ?? 1, config.seed)
  return draws.map((values, at) => ({
    number: at + 1,
    signals: pick('signals', values),
    train: pick('train', values),
  }))

  function pick(group: 'signals' | 'train', values: readonly OptionValue[]): Record<string, OptionValue> {
    return Object.fromEntries(
      options.flatMap((option, at): [string, OptionValue][] => {
        const value = values[at]
        return option.group === group && value !== undefined ? [[option.name, value]] : []
      }),
    )
  }
}

function combinations(spaces: readonly OptionSpace[]): OptionValue[][] {
  let rows: OptionValue[][] = [[]]
  for (const space of spaces) {
    const values = space.kind === 'choice' ? space.values : []
    rows = rows.flatMap((row) => values.map((value) => [...row, value]))
  }
  return rows
}

function randomDraws(spaces: readonly OptionSpace[], trials: number, seed: number): OptionValue[][] {
  const generator = xoroshiro128plus(seed)
  const random = (): number => uniformFloat64(generator)
  const draws = new Map<string, OptionValue[]>()
  for (let redraws = 0; draws.size < trials && redraws < REDRAWS;) {
    const values = spaces.map((space) => draw(space, random))
    const key = JSON.stringify(values)
    if (draws.has(key)) redraws++
    else {
      draws.set(key, values)
      redraws = 0
    }
  }
  return [...draws.values()]
}

function draw(space: OptionSpace, random: () => number): OptionValue {
  const u = random()
  if (space.kind === 'choice') return space.values[Math.floor(u * space.values.length)] as OptionValue
  const { min, max, scale, whole } = space
  // Whole numbers get equal shares of an interval that is wider by a half on both sides.
  const [low, high] = whole ? [min - 0.5, max + 0.5] : [min, max]
  const value =
    scale === 'log' ? Math.exp(between(Math.log(Math.max(low, min / 2)), Math.log(high), u)) : between(low, high, u)
  return whole ? Math.min(max, Math.max(min, Math.round(value))) : value
}

const between = (low: number, high: number, u: number): number => low + (high - low) * u
