import { MOMENT_NUMBERS, numbersOf } from '@breakwater/features'
import { fitPathLaw, lawForecaster, pathForecaster, type PathLaw } from '@breakwater/models'
import type { Law } from '@breakwater/passage'
import { describe, expect, test } from 'vitest'
import { inOrder, SPEC, simulateMoments } from './law-paths.ts'
import { uniforms } from './seeded.ts'

const ROWS = 2000
const { table } = simulateMoments({ rows: ROWS, seed: 5 })
const { path: fitted } = await fitPathLaw({ moments: table, ...inOrder(ROWS, 1500, 300), spec: SPEC })

/** Half of the paths are calm and half are lively; none drifts. */
const VOLATILITIES = [0.5, 1.5] as const
const law: Law = {
  version: 1,
  experts: VOLATILITIES.map((volatility) => ({ kind: 'diffusion', volatility, drift: 0 })),
  weights: [0.5, 0.5],
  breakShare: 0.5,
}
const path: PathLaw = {
  ...fitted,
  law,
  correction: null,
  tilt: null,
  calibration: { volatility: 0, drift: 0, power: 1 },
  features: [],
  uncertainty: null,
}
const BAND = 0.1
const forecaster = pathForecaster({ path, features: null }, { touchBand: BAND })
const numbers = MOMENT_NUMBERS.map((name) => numbersOf(table, name)[0] ?? Number.NaN)
const price = numbersOf(table, 'level_price')[0] ?? Number.NaN
/** The moment, with price so many dollars beyond the level and nothing behind it. */
const standing = (moved: number): Float64Array =>
  Float64Array.from(numbers, (value, i) => {
    const name = MOMENT_NUMBERS[i] ?? ''
    if (name === 'moved') return moved
    if (name === 'furthest_beyond') return moved
    return name === 'furthest_back' ? -moved : value
  })
const sigma =
  lawForecaster({ path, features: null }).tiltedAt({ numbers: standing(-BAND), price }, null)?.moment.sigma ?? 0

/** What is published of a level that price is so many dollars short of, by name. */
function published(short: number): ReadonlyMap<string, number> {
  const out = {
    values: new Float64Array(forecaster.heads.length),
    low: new Float64Array(forecaster.heads.length),
    high: new Float64Array(forecaster.heads.length),
  }
  forecaster.forecast({ price, numbers: standing(-BAND), row: null, approach: standing(-short) }, out)
  return new Map(forecaster.heads.map((name, h) => [name, out.values[h] as number]))
}

const PATHS = 40_000
/** Steps of half a second. Between them a path goes on average this share of a step's deviation beyond where it is seen. */
const [STEPS_A_MINUTE, UNSEEN] = [120, 0.5826]

/** Of simulated paths that start so far below the level: how many touch it in five minutes, and of those how many reach what within one. */
function simulated(short: number): { readonly touch: number; readonly t1: number; readonly t1Break: number } {
  const random = uniforms(11)
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  const counts = { touch: 0, t1: 0, t1Break: 0 }
  for (let i = 0; i < PATHS; i++) {
    const step = ((VOLATILITIES[i % 2] as number) * sigma) / Math.sqrt(STEPS_A_MINUTE)
    const unseen = UNSEEN * step
    let x = -short
    let left = 5 * STEPS_A_MINUTE
    while (left > 0 && x < -BAND - unseen) {
      x += step * normal()
      left--
    }
    if (x < -BAND - unseen) continue
    counts.touch++
    x = -BAND
    for (let s = 0; s < STEPS_A_MINUTE && Math.abs(x) < SPEC.thresholds[0] - unseen; s++) x += step * normal()
    if (Math.abs(x) < SPEC.thresholds[0] - unseen) continue
    counts.t1++
    if (x > 0) counts.t1Break++
  }
  return { touch: counts.touch / PATHS, t1: counts.t1 / counts.touch, t1Break: counts.t1Break / counts.touch }
}

/** Four standard errors, and what steps of half a second do. */
const error = (p: number, n: number): number => 4 * Math.sqrt((p * (1 - p)) / n) + 0.004

describe('what is said of a level before its touch', () => {
  test.each([0.3, 0.8, 1.4])('is what simulated paths do that come from %d dollars', (short) => {
    const said = published(short)
    const seen = simulated(short)
    const touched = seen.touch * PATHS
    expect(Math.abs((said.get('p_touch_300s') ?? 0) - seen.touch)).toBeLessThan(error(seen.touch, PATHS))
    expect(Math.abs((said.get('t1_60s') ?? 0) - seen.t1)).toBeLessThan(error(seen.t1, touched))
    expect(Math.abs((said.get('t1_break_60s') ?? 0) - seen.t1Break)).toBeLessThan(error(seen.t1Break, touched))
  })

  test('is livelier than a touch that comes from nowhere, the more so the farther it is', () => {
    const reach = [0.15, 0.5, 1, 1.6].map((short) => published(short).get('t1_60s') ?? 0)
    expect(reach.toSorted((a, b) => a - b)).toEqual(reach)
    const out = {
      values: new Float64Array(forecaster.heads.length),
      low: new Float64Array(forecaster.heads.length),
      high: new Float64Array(forecaster.heads.length),
    }
    forecaster.forecast({ price, numbers: standing(-BAND), row: null, approach: null }, out)
    const own = out.values[forecaster.heads.indexOf('t1_60s')] as number
    expect(reach[0]).toBeGreaterThan(own)
    expect(reach[3]).toBeGreaterThan(1.3 * own)
  })
})
