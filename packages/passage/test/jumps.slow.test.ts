import {
  createSurface,
  defaultExperts,
  driftValues,
  type Expert,
  fitLaw,
  incoherence,
  tiltedProbabilities,
} from '@breakwater/passage'
import { describe, expect, test } from 'vitest'
import { type Process, simulateRows } from './paths.ts'

/** Merton jump diffusions around a level whose band diffusion alone rarely or never leaves. */
const spec = { thresholds: [0.5, 1], horizons: [60, 300], window: 480 }
const QUESTIONS = 14
const ROWS = 8000

interface Comparison {
  readonly rows: number
  /** Mean log loss of the law less that of the training rows' share, and the half width of its 95% interval. */
  readonly difference: number
  readonly interval: number
}

/** A forecast that is off by a fifth. */
const forecast = (path: Process, normal: () => number): number => path.sigma * Math.exp(0.2 * normal())

/** Direction, the last question, on unseen rows of the process against the base rate of the training rows. */
function compareDirection(experts: readonly Expert[], process: Process, start: number): Comparison {
  const request = { rows: ROWS, spec, start, process: () => process }
  const train = simulateRows({ ...request, seed: 1, forecast })
  const unseen = simulateRows({ ...request, seed: 2, forecast })
  const { law } = fitLaw(experts, { spec, ...train }, { tolerance: 1e-3 })
  const p = tiltedProbabilities(driftValues(law, spec, unseen.moments), new Float64Array(ROWS))
  const differences: number[] = []
  for (let row = 0; row < ROWS; row++) {
    const label = unseen.outcomes.labels[(row + 1) * QUESTIONS - 1] as number
    if (label < 0) continue
    const loss = (q: number): number => -Math.log(Math.max(1e-7, label === 1 ? q : 1 - q))
    differences.push(loss(p[(row + 1) * QUESTIONS - 1] as number) - loss(law.breakShare))
  }
  return { rows: differences.length, ...meanWithInterval(differences) }
}

function meanWithInterval(values: readonly number[]): { readonly difference: number; readonly interval: number } {
  const difference = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - difference) ** 2, 0) / (values.length - 1)
  return { difference, interval: 1.96 * Math.sqrt(variance / values.length) }
}

const REGIMES: readonly (readonly [string, Process, number])[] = [
  ['few jumps as wide as the band', { sigma: 0.05, jumps: { rate: 0.002, mean: 0, deviation: 1 } }, 0.4],
  ['jumps of half the band', { sigma: 0.05, jumps: { rate: 0.01, mean: 0, deviation: 0.5 } }, 0.4],
  ['jumps of twice the band', { sigma: 0.05, jumps: { rate: 0.005, mean: 0, deviation: 2 } }, 0.9],
  ['jumps that lean beyond the level', { sigma: 0.05, jumps: { rate: 0.005, mean: 0.5, deviation: 1 } }, 0.4],
  ['jumps beside a diffusion that leaves the band', { sigma: 0.2, jumps: { rate: 0.01, mean: 0, deviation: 1 } }, 0.9],
  ['no jumps', { sigma: 0.2 }, 0.9],
  ['next to no events', { sigma: 0.03, jumps: { rate: 0.0005, mean: 0, deviation: 2 } }, 0.9],
]

describe('direction where the band is left by jumps', () => {
  test.each(REGIMES)('is no worse than its base rate by more than its interval: %s', (_, process, start) => {
    const { rows, difference, interval } = compareDirection(defaultExperts(), process, start)
    expect(rows).toBeGreaterThan(20)
    expect(difference).toBeLessThan(interval)
  })

  test('is far worse than its base rate without jump experts, which is why there are some', () => {
    const diffusions = defaultExperts().filter(({ kind }) => kind === 'diffusion')
    const [, process, start] = REGIMES[2] as (typeof REGIMES)[number]
    const { difference, interval } = compareDirection(diffusions, process, start)
    expect(difference).toBeGreaterThan(interval)
  })

  test('stays coherent with the ladder of the band', () => {
    const process = { sigma: 0.05, jumps: { rate: 0.005, mean: 0.5, deviation: 1 } }
    const rows = simulateRows({ rows: 2000, seed: 3, spec, start: 0.9, process: () => process })
    const surface = createSurface(fitLaw(defaultExperts(), { spec, ...rows }).law, spec)
    let worst = 0
    for (let row = 0; row < 2000; row++) {
      const displacement = rows.moments.displacement[row] as number
      worst = Math.max(worst, incoherence(spec, surface.at({ displacement, sigma: 0.05 })))
    }
    expect(worst).toBeLessThan(1e-9)
  })
})
