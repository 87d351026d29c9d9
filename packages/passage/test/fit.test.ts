import {
  defaultExperts,
  driftValues,
  type Expert,
  expertValues,
  fitLaw,
  fitWeights,
  tiltedProbabilities,
} from '@breakwater/passage'
import { describe, expect, test } from 'vitest'
import { simulateRows } from './paths.ts'
import { uniformSource } from './random.ts'

const spec = { thresholds: [0.5, 1], horizons: [60, 120, 180, 300], window: 480 }

/** Three experts with planted weights, and labels drawn from each row's expert: a mixture by construction. */
const planted: readonly Expert[] = [
  { kind: 'diffusion', volatility: 0.6, drift: 0 },
  { kind: 'diffusion', volatility: 1, drift: 0.3 },
  { kind: 'diffusion', volatility: 2.4, drift: -0.3 },
]
const WEIGHTS = [0.5, 0.3, 0.2]

function plantedRows(rows: number, seed: number): ReturnType<typeof simulateRows> {
  return simulateRows({
    rows,
    seed,
    spec,
    start: 0.8,
    process: (uniform) => {
      const u = uniform()
      const expert = planted[u < 0.5 ? 0 : u < 0.8 ? 1 : 2]
      if (expert?.kind !== 'diffusion') throw new Error('planted experts are diffusions')
      return { sigma: 0.2 * expert.volatility, drift: 0.2 * expert.drift }
    },
    forecast: () => 0.2,
  })
}

describe('weights', () => {
  const { moments, outcomes } = plantedRows(20_000, 5)
  const values = expertValues(planted, spec, moments)
  const fit = fitWeights(values, outcomes, { prior: 1e-6, tolerance: 1e-6 })

  test('are found again where they were planted', () => {
    for (const [k, weight] of WEIGHTS.entries())
      expect(Math.abs((fit.weights[k] as number) - weight)).toBeLessThan(0.02)
    expect(fit.converged).toBe(true)
    expect(fit.gap).toBeLessThan(1e-6)
  })

  test('never raise the objective on the way', () => {
    expect(fit.history.length).toBeGreaterThan(5)
    for (let i = 1; i < fit.history.length; i++) {
      expect(fit.history[i]).toBeLessThanOrEqual((fit.history[i - 1] as number) + 1e-13)
    }
  })

  test('are a minimum: no move of weight between two experts lowers the loss', () => {
    for (let from = 0; from < 3; from++) {
      for (let to = 0; to < 3; to++) {
        if (from === to) continue
        const moved = [...fit.weights]
        moved[from] = (moved[from] as number) - 0.01
        moved[to] = (moved[to] as number) + 0.01
        expect(naiveLoss(values, outcomes.labels, moved)).toBeGreaterThanOrEqual(fit.loss)
      }
    }
    expect(naiveLoss(values, outcomes.labels, fit.weights)).toBeCloseTo(fit.loss, 10)
  })

  test('stay positive, and nearly even where nothing is asked', () => {
    const none = fitWeights(values, { labels: outcomes.labels.map(() => -1) })
    for (const weight of none.weights) expect(weight).toBeCloseTo(1 / 3, 12)
    const full = fitLaw(defaultExperts(), { spec, ...plantedRows(2000, 6) }).law
    expect(Math.min(...full.weights)).toBeGreaterThan(1e-5)
  })

  test('of a row count as often as its weight says', () => {
    const labels = outcomes.labels.slice(0, 26 * 400)
    const cut = { ...values, rows: 400, values: values.values.slice(0, 400 * 26 * 3) }
    const twice = {
      ...values,
      rows: 800,
      values: Float32Array.from([...cut.values, ...cut.values]),
    }
    const questionWeights = new Float64Array(26).fill(1 / 26)
    const rowWeights = Float64Array.from({ length: 400 }, (_, row) => 1 + (row % 2))
    const repeated = Int8Array.from([...labels, ...labels])
    for (let row = 400; row < 800; row += 2) repeated.fill(-1, row * 26, (row + 1) * 26)
    const once = fitWeights(cut, { labels, rowWeights, questionWeights }, { tolerance: 1e-9, prior: 1e-9 })
    const doubled = fitWeights(twice, { labels: repeated, questionWeights }, { tolerance: 1e-9, prior: 1e-9 })
    for (const [k, weight] of once.weights.entries()) expect(weight).toBeCloseTo(doubled.weights[k] as number, 4)
  })
})

describe('imagined directions', () => {
  const rows = plantedRows(400, 7)
  const values = expertValues(planted, spec, rows.moments)
  const imaginedDirections = 40
  const fit = fitWeights(values, rows.outcomes, { prior: 1e-9, tolerance: 1e-9, maxPasses: 5000, imaginedDirections })
  const known = (h: number): number[] =>
    Array.from({ length: 400 }, (_, row) => row).filter((row) => (rows.outcomes.labels[row * 26 + h] as number) >= 0)

  /** The loss, and that of 40 directions half of which go each way at every moment whose band had not been left. */
  function objective(weights: readonly number[]): number {
    const mixed = (row: number, h: number): number =>
      weights.reduce((sum, w, k) => sum + w * (values.values[(row * 26 + h) * 3 + k] as number), 0)
    const open = known(24)
    const losses = open.map((row) => {
      const p = mixed(row, 25) / mixed(row, 24)
      return -(Math.log(p) + Math.log(1 - p)) / 2
    })
    const mean = losses.reduce((sum, loss) => sum + loss, 0) / open.length
    return naiveLoss(values, rows.outcomes.labels, weights) + (40 * mean) / known(25).length / 26
  }

  test('count in the minimum as so many more that went both ways, and no step raises it', () => {
    expect(fit.converged).toBe(true)
    for (let i = 1; i < fit.history.length; i++) {
      expect(fit.history[i]).toBeLessThanOrEqual((fit.history[i - 1] as number) + 1e-12)
    }
    expect(fit.history.at(-1)).toBeCloseTo(objective(fit.weights), 6)
    expect(fit.loss).toBeCloseTo(naiveLoss(values, rows.outcomes.labels, fit.weights), 10)
    const places = [0, 1, 2]
    for (const [from, to] of places.flatMap((a) => places.filter((b) => b !== a).map((b) => [a, b] as const))) {
      const moved = fit.weights.with(from, (fit.weights[from] as number) - 1e-3)
      moved[to] = (moved[to] as number) + 1e-3
      expect(objective(moved)).toBeGreaterThan(objective(fit.weights))
    }
  })

  test('are refused below 0', () => {
    expect(() => fitWeights(values, rows.outcomes, { imaginedDirections: -1 })).toThrow(
      'passage: options.imaginedDirections=-1: must be finite and at least 0. Leave it out for none.',
    )
  })
})

describe('a band that is left by jumps alone, every time by the nearer side', () => {
  const band = { thresholds: [0.5, 1], horizons: [300], window: 480 }
  const [rows, questions] = [4000, 8]

  /** P(the nearer side of a dollar first), 30 cents from the middle of it and six volatilities, after so many jumps. */
  function nearerAfter(jumps: number): number {
    const labels = new Int8Array(rows * questions)
    for (let row = 0; row < rows; row++) {
      const [other, isBreak] = [row % 2 === 0 ? 2 : 1, row % 2 === 0]
      const left = Array.from({ length: questions }, (_, h) => Number(h % 3 !== other || h >= 6))
      const outcome = row < jumps ? left.with(7, Number(isBreak)) : left.fill(0).with(7, -1)
      labels.set(outcome, row * questions)
    }
    const displacement = Float64Array.from({ length: rows }, (_, row) => (row % 2 === 0 ? 0.3 : -0.3))
    const moments = { displacement, sigma: new Float64Array(rows).fill(0.05) }
    const { law } = fitLaw(defaultExperts(), { spec: band, moments, outcomes: { labels } })
    const values = driftValues(law, band, { displacement: [0.3], sigma: [0.05] })
    return tiltedProbabilities(values, new Float64Array(1))[7] as number
  }

  test('may be left by the other after three, and hardly so after a hundred', () => {
    // Of three and one imagined, three and a half: 0.875.
    expect(nearerAfter(3)).toBeGreaterThan(0.7)
    expect(nearerAfter(3)).toBeLessThan(0.9)
    expect(nearerAfter(100)).toBeGreaterThan(0.97)
  })
})

/** The composite log loss, written out. */
function naiveLoss(
  { rows, questions, experts, values }: ReturnType<typeof expertValues>,
  labels: Int8Array,
  weights: readonly number[],
): number {
  const mixed = (row: number, h: number): number =>
    weights.reduce((sum, w, k) => sum + w * (values[(row * questions + h) * experts + k] as number), 0)
  let total = 0
  for (let h = 0; h < questions; h++) {
    let sum = 0
    let count = 0
    for (let row = 0; row < rows; row++) {
      const label = labels[row * questions + h] as number
      if (label < 0) continue
      const p = h === 25 ? mixed(row, 25) / mixed(row, 24) : mixed(row, h)
      sum -= Math.log(label === 1 ? p : 1 - p)
      count++
    }
    total += sum / Math.max(count, 0.02 * rows)
  }
  return total / questions
}

test('a law of drawn weights and its break share come from the rows', () => {
  const rows = plantedRows(3000, 9)
  const { law, fit } = fitLaw(planted, { spec, ...rows }, { prior: 1e-4 })
  const directions = Array.from({ length: 3000 }, (_, row) => rows.outcomes.labels[row * 26 + 25] as number)
  const known = directions.filter((label) => label >= 0)
  expect(law.breakShare).toBeCloseTo((known.filter((label) => label === 1).length + 1) / (known.length + 2), 12)
  expect(law.weights).toEqual(fit.weights)
})

test('bad outcomes are refused by name', () => {
  const { moments, outcomes } = plantedRows(10, 1)
  const values = expertValues(planted, spec, moments)
  const uniform = uniformSource(1)
  expect(() => fitWeights(values, { labels: outcomes.labels.slice(1) })).toThrow(
    'passage: outcomes.labels.length=259: must be 260. Is a row or question left out?',
  )
  expect(() => fitWeights(values, { labels: outcomes.labels.map(() => 2) })).toThrow(
    'passage: outcomes.labels[0]=2: must be 1, 0 or -1 (masked).',
  )
  expect(() => fitWeights(values, { ...outcomes, rowWeights: new Float64Array(10) })).toThrow(
    'passage: outcomes.rowWeights: have sum 0: must be positive. Is the set empty?',
  )
  expect(() =>
    fitWeights(values, { ...outcomes, questionWeights: Array.from({ length: 26 }, () => -uniform()) }),
  ).toThrow('must be finite and at least 0')
  expect(() => fitWeights(values, outcomes, { prior: 0 })).toThrow('passage: options.prior=0: must be positive')
  expect(() => expertValues(planted, spec, { displacement: [0, 0], sigma: [1] })).toThrow(
    'passage: moments.sigma.length=1: must be one per displacement. There are 2.',
  )
})
