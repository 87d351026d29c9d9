import { aucBySession, type BestTrial, brierBySession, brierScore, chooseBest } from '@breakwater/calibration'
import { describe, expect, test } from 'vitest'
import { uniforms } from './forecasts.ts'

const SESSIONS = 24
const ROWS = 30
const codes = Int32Array.from({ length: SESSIONS * ROWS }, (_, row) => Math.floor(row / ROWS))

interface Planted {
  readonly y: Uint8Array
  /** The probability that each row's outcome was drawn with. */
  readonly truth: Float64Array
  readonly trials: readonly Float64Array[]
}

/** `count` trials that add noise of their own, `width` wide, to the truth, alike within a session; the first adds `share` of it. */
function planted(count: number, share: number, seed: number, width = 0.3): Planted {
  const random = uniforms(seed)
  const truth = Float64Array.from(codes, () => 0.2 + 0.6 * random())
  const y = Uint8Array.from(truth, (q) => Number(random() < q))
  const trials = Array.from({ length: count }, (_, trial) => {
    const shifts = Float64Array.from({ length: SESSIONS }, () => width * (random() - 0.5))
    return truth.map((q, row) => q + (trial === 0 ? share : 1) * (shifts[codes[row] ?? 0] ?? 0))
  })
  return { y, truth, trials }
}

const chosen = ({ y, trials }: Planted, seed: number): BestTrial =>
  chooseBest(
    codes,
    trials.map((trial) => brierBySession(trial, y)),
    { better: 'lower', seed, samples: 300 },
  )

/** Expected Brier score of a forecast under the probabilities that outcomes are drawn with. */
const expected = ({ truth }: Planted, trial: Float64Array): number =>
  truth.reduce((sum, q, row) => sum + q * (1 - q) + (q - (trial[row] ?? 0)) ** 2, 0) / truth.length

describe('the best of several trials', () => {
  test('of equal ones is significant no more often than its level says, and its value is corrected without bias', () => {
    const runs = Array.from({ length: 200 }, (_, run) => {
      const data = planted(12, 1, run)
      return { data, result: chosen(data, run) }
    })
    const significant = runs.filter(({ result }) => (result.pValue ?? 0) <= 0.05).length
    // 200 draws of 5%: 10 expected, 18 at the 99% bound.
    expect(significant).toBeLessThanOrEqual(18)
    const mean = (of: (run: (typeof runs)[number]) => number): number =>
      runs.reduce((sum, run) => sum + of(run), 0) / runs.length
    // What any of them will score on rows to come: all add noise of the same size.
    const future = mean(({ data }) => data.trials.reduce((sum, trial) => sum + expected(data, trial), 0) / 12)
    const raw = mean(({ result }) => result.value) - future
    const corrected = mean(({ result }) => result.corrected ?? 0) - future
    expect(raw).toBeLessThan(-0.003)
    expect(Math.abs(corrected)).toBeLessThan(0.0015)
  })

  test('is found and significant where one is better', () => {
    const results = Array.from({ length: 40 }, (_, run) => chosen(planted(12, 0, run, 0.4), run))
    expect(results.filter(({ best }) => best === 0).length).toBeGreaterThanOrEqual(36)
    expect(results.filter(({ pValue }) => (pValue ?? 1) <= 0.05).length).toBeGreaterThanOrEqual(36)
  })

  test('leads by the mean score less its own, and pays more the more trials there were', () => {
    const data = planted(12, 1, 3)
    const scores = data.trials.map((trial) => brierScore(trial, data.y))
    const all = chosen(data, 1)
    expect(all.value).toBeCloseTo(Math.min(...scores), 12)
    expect(all.best).toBe(scores.indexOf(Math.min(...scores)))
    expect(all.gain).toBeCloseTo(scores.reduce((sum, score) => sum + score, 0) / 12 - Math.min(...scores), 12)
    expect(all.corrected).toBeGreaterThan(all.value)
    const two = chosen({ ...data, trials: data.trials.slice(0, 2) }, 1)
    expect(two.gainByChance ?? 1).toBeLessThan(all.gainByChance ?? 0)
    expect(chosen(data, 1)).toStrictEqual(all)
  })

  test('by AUC is the highest, and corrected downwards', () => {
    const { y, trials } = planted(5, 1, 9)
    const result = chooseBest(
      codes,
      trials.map((trial) => aucBySession(trial, y)),
      { better: 'higher', seed: 1, samples: 100 },
    )
    expect(result.corrected ?? 1).toBeLessThan(result.value)
    expect(result.gain).toBeGreaterThan(0)
  })

  test('without a choice or without sessions says why nothing is corrected', () => {
    const { y, trials } = planted(2, 1, 4)
    expect(chosen({ y, truth: new Float64Array(), trials: trials.slice(0, 1) }, 1)).toMatchObject({
      gain: 0,
      corrected: null,
      pValue: null,
      reason: 'one trial: nothing was chosen',
    })
    const scores = trials.map((trial) => brierBySession(trial, y))
    expect(chooseBest(new Int32Array(codes.length), scores, { better: 'lower', seed: 1 }).reason).toBe(
      'fewer than two sessions: nothing to resample',
    )
    expect(() => chooseBest(codes, [], { better: 'lower', seed: 1 })).toThrow('calibration: scores.length=0')
    const one = trials.map((trial) => aucBySession(trial, new Uint8Array(codes.length)))
    expect(() => chooseBest(codes, one, { better: 'higher', seed: 1 })).toThrow('does not exist on these rows')
  })
})
