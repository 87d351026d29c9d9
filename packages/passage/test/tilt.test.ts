import {
  createSurface,
  defaultExperts,
  driftValues,
  type Law,
  tiltedProbabilities,
  tiltObjective,
  tiltOfRow,
} from '@breakwater/passage'
import { describe, expect, test } from 'vitest'
import { simulateRows } from './paths.ts'
import { normalSource, uniformSource } from './random.ts'

const spec = { thresholds: [0.5, 1], horizons: [60, 120, 180, 300], window: 480 }
const experts = defaultExperts()
const law: Law = { version: 1, experts, weights: experts.map(() => 1 / experts.length), breakShare: 0.5 }
const rows = simulateRows({ rows: 300, seed: 4, spec, start: 0.8, process: () => ({ sigma: 0.2 }) })
const values = driftValues(law, spec, rows.moments)
const normal = normalSource(uniformSource(2))
const theta = Float64Array.from({ length: 300 }, normal)

const sum = (column: Float64Array): number => column.reduce((total, value) => total + value, 0)

describe('the objective of a tilt', () => {
  test('has the gradient that finite differences of its loss give, row by row', () => {
    const { gradient } = tiltObjective(values, rows.outcomes, theta)
    const step = 1e-4
    for (const row of [0, 17, 123, 299]) {
      const loss = (h: number): number => {
        const moved = Float64Array.from(theta)
        moved[row] = (moved[row] as number) + h
        return tiltObjective(values, rows.outcomes, moved).loss
      }
      expect(((loss(step) - loss(-step)) / (2 * step)) * 300).toBeCloseTo(gradient[row] as number, 5)
    }
  })

  test('has the curvature that its slopes of each probability give', () => {
    const questionWeights = new Float64Array(26).fill(0)
    questionWeights[4] = 1
    const labels = rows.outcomes.labels.map(() => 0)
    const { curvature, gradient } = tiltObjective(values, { labels, questionWeights }, theta)
    const p = tiltedProbabilities(values, theta)
    for (let row = 0; row < 300; row++) {
      const probability = p[row * 26 + 4] as number
      if (probability < 1e-4 || probability > 0.9999) continue
      // Without a hit the gradient is p' / (1 - p).
      const slope = (gradient[row] as number) * (1 - probability)
      expect(curvature[row]).toBeCloseTo((slope * slope) / (probability * (1 - probability)), 10)
    }
  })

  test('weighs rows', () => {
    const rowWeights = Float64Array.from({ length: 300 }, (_, row) => row % 3)
    const questionWeights = new Float64Array(26).fill(1 / 26)
    const plain = tiltObjective(values, { ...rows.outcomes, questionWeights }, theta)
    const weighted = tiltObjective(values, { ...rows.outcomes, questionWeights, rowWeights }, theta)
    expect([...weighted.gradient].map((g) => g || 0)).toEqual([...plain.gradient].map((g, row) => g * (row % 3) || 0))
  })

  test('is row by row what it is together', () => {
    const rowWeights = Float64Array.from({ length: 300 }, (_, row) => 1 + (row % 3))
    const together = tiltObjective(values, { ...rows.outcomes, rowWeights }, theta)
    const at = tiltOfRow(values, rows.outcomes)
    let loss = 0
    for (let row = 0; row < 300; row++) {
      const one = at(row, theta[row] as number)
      const weight = rowWeights[row] as number
      expect([weight * one.gradient, weight * one.curvature]).toEqual([together.gradient[row], together.curvature[row]])
      loss += weight * one.loss
    }
    expect(loss / sum(rowWeights)).toBeCloseTo(together.loss, 12)
    expect(() => at(3, Number.NaN)).toThrow('passage: theta[3]=NaN: must be finite. Has the boosting diverged?')
  })

  test('steps along it find a planted drift', () => {
    const drifting = simulateRows({
      rows: 4000,
      seed: 8,
      spec,
      start: 0.5,
      process: (uniform) => ({ sigma: 0.2, drift: uniform() < 0.5 ? 0.08 : 0.04 }),
    })
    const many = driftValues(law, spec, drifting.moments)
    let constant = 0
    const losses: number[] = []
    for (let step = 0; step < 12; step++) {
      const { loss, gradient, curvature } = tiltObjective(
        many,
        drifting.outcomes,
        new Float64Array(4000).fill(constant),
      )
      losses.push(loss)
      constant -= sum(gradient) / sum(curvature)
    }
    expect(constant).toBeGreaterThan(0.3)
    expect(losses.at(-1)).toBeLessThan((losses[0] as number) - 0.005)
    expect(Math.abs((losses.at(-1) as number) - (losses.at(-2) as number))).toBeLessThan(1e-6)
  })
})

test('expected extremes are those of the law without its tilt', () => {
  const surface = createSurface(law, spec)
  const moment = { displacement: 0.1, sigma: 0.2 }
  const [straight, leaning] = [0, 1.3].map((tilt) => surface.at(moment, { tilt }))
  expect(leaning?.slice(26)).toEqual(straight?.slice(26))
  expect(leaning?.[25]).not.toBeCloseTo(straight?.[25] ?? 0, 3)
})

test('tilted probabilities are those of the surface with the same tilt', () => {
  const surface = createSurface(law, spec)
  const p = tiltedProbabilities(values, theta)
  let worst = 0
  for (let row = 0; row < 300; row++) {
    const moment = {
      displacement: rows.moments.displacement[row] as number,
      sigma: rows.moments.sigma[row] as number,
    }
    const served = surface.at(moment, { tilt: theta[row] as number })
    for (let h = 0; h < 26; h++) worst = Math.max(worst, Math.abs((served[h] as number) - (p[row * 26 + h] as number)))
  }
  expect(worst).toBeLessThan(1e-5)
})

test('thetas that are not finite or not one per row are refused', () => {
  expect(() => tiltObjective(values, rows.outcomes, [1])).toThrow(
    'passage: theta.length=1: must be one per row. There are 300 rows.',
  )
  expect(() => tiltObjective(values, rows.outcomes, new Float64Array(300).fill(NaN))).toThrow(
    'passage: theta[0]=NaN: must be finite',
  )
})

test('a moment that is asked again, in part or under another tilt, is answered as by a surface of its own', () => {
  const surface = createSurface(law, spec)
  const moments = [
    { displacement: 0.2, sigma: 0.15 },
    { displacement: 0.2, sigma: 0.16 },
    { displacement: -0.1, sigma: 0.16 },
    { displacement: -0.1, sigma: 0.16, secondsLeft: 200 },
    { displacement: -0.1, sigma: 0.16, past: { elapsed: 30, furthestBeyond: 0.4, furthestBack: 0.3 } },
  ]
  for (const moment of moments) {
    for (const options of [{}, { tilt: 0.7 }, { tilt: -1 }, { clock: 'touch' as const }, {}]) {
      expect(surface.at(moment, options)).toEqual(createSurface(law, spec).at(moment, options))
    }
  }
})
