import { applyCalibrator, fitPlatt } from '@breakwater/calibration'
import { type Matrix, numbersOf } from '@breakwater/features'
import {
  headIntervals,
  headOutcomes,
  type HeadUncertainty,
  headUncertainty,
  probabilityHeads,
} from '@breakwater/models'
import { predict, trainHeads } from '@breakwater/trees'
import { describe, expect, test } from 'vitest'
import { trueProbabilities } from './known-truth.ts'
import { A_DAY, normals, SPEC, simulateMoments } from './law-paths.ts'
import { uniforms } from './seeded.ts'

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))

/** Counts how often truths lie in the intervals of forecasts, and how wide these are. */
class Tally {
  asked = 0
  inside = 0
  width = 0

  add(p: readonly number[], truth: readonly number[], uncertainty: HeadUncertainty): void {
    const { low, high } = headIntervals(new Map([['head', Float64Array.from(p)]]), new Map([['head', uncertainty]]))
    for (const [row, value] of truth.entries()) {
      const [from, to] = [low.get('head')?.[row] ?? Number.NaN, high.get('head')?.[row] ?? Number.NaN]
      this.asked++
      this.inside += Number(value >= from && value <= to)
      this.width += to - from
    }
  }

  told(name: string): readonly [covered: number, width: number] {
    const told = [this.inside / this.asked, this.width / this.asked] as const
    process.stdout.write(`${name}: ${told.map((one) => one.toFixed(3)).join(' ')}\n`)
    return told
  }
}

const PLACES = 3
/** Of a head that no trees are behind. */
const NO_TREES = { served: [0.5], before: [0.5] }
const PER_SESSION = 150

interface Planted {
  readonly level: number
  readonly slope: number
  /** Standard deviations in log odds: of what places are off by, and of what sessions differ by. */
  readonly places: number
  readonly between: number
}

interface Drawn {
  readonly p: number[]
  readonly truth: number[]
  readonly outcomes: number[]
  readonly sessions: number[]
  readonly place: number[]
}

/** P(1) where log odds are q plus a normal deviation, by the trapezoid rule over eight deviations. */
function marginal(q: number, deviation: number): number {
  let [sum, total] = [0, 0]
  for (let z = -8; z <= 8; z += 0.1) {
    const weight = Math.exp((-z * z) / 2)
    sum += weight * sigmoid(q + deviation * z)
    total += weight
  }
  return sum / total
}

/** A head whose log odds x stand for level + slope x, more or less by place: what it says and what is true. */
function drawer({ level, slope, places, between }: Planted, seed: number): (sessions: number) => Drawn {
  const next = uniforms(seed)
  const normal = normals(next)
  const off = Array.from({ length: PLACES }, () => places * normal())
  return (sessions) => {
    const drawn: Drawn = { p: [], truth: [], outcomes: [], sessions: [], place: [] }
    for (let session = 0; session < sessions; session++) {
      const today = between * normal()
      for (let i = 0; i < PER_SESSION; i++) {
        const x = -1 + normal()
        const place = Math.floor(PLACES * next())
        const q = level + slope * x + (off[place] as number)
        drawn.p.push(sigmoid(x))
        drawn.truth.push(marginal(q, between))
        drawn.outcomes.push(Number(next() < sigmoid(q + today)))
        drawn.sessions.push(session)
        drawn.place.push(place + next() / 2)
      }
    }
    return drawn
  }
}

describe('the intervals of a head', () => {
  const planted = { level: 0.2, slope: 0.8, places: 0.2, between: 0.3 }
  // A map that was fitted on the same rows, or none although the head is off by 0.2 and a fifth of its slope.
  test.each([
    [2, true, 1],
    [4, true, 0.6],
    [6, true, 0.5],
    [20, true, 0.3],
    [4, false, 0.8],
    [20, false, 0.5],
  ])(
    'hold the true probabilities of planted log odds by %i sessions, mapped: %s',
    (sessions, isMapped, widest) => {
      const tally = new Tally()
      for (let seed = 1; seed <= 40; seed++) {
        const draw = drawer(planted, 1000 * seed + sessions)
        const [seen, later] = [draw(sessions), draw(2)]
        const { calibrator } = fitPlatt(seen.p, seen.outcomes)
        const mapped = (p: readonly number[]): number[] =>
          isMapped && calibrator !== null ? [...applyCalibrator(calibrator, Float64Array.from(p))] : [...p]
        const one = headUncertainty({ ...seen, p: mapped(seen.p), by: [[seen.place, PLACES]] }, NO_TREES)
        if (one !== null) tally.add(mapped(later.p), later.truth, one)
      }
      const [covered, width] = tally.told(`${sessions} sessions, mapped ${isMapped}`)
      expect(covered).toBeGreaterThan(0.93)
      expect(width).toBeLessThan(widest)
    },
    120_000,
  )

  test('is of one session [0, 1], and of rows without an event no surer than so many independent rows', () => {
    const draw = drawer(planted, 7)
    const { place, ...seen } = draw(1)
    const one = headUncertainty({ ...seen, by: [[place, PLACES]] }, null)
    if (one === null) throw new Error('there are rows')
    const { low, high } = headIntervals(
      new Map([['head', Float64Array.of(0.3, 1, Number.NaN)]]),
      new Map([['head', one]]),
    )
    expect([...(low.get('head') ?? [])]).toEqual([0, 1, Number.NaN])
    expect([...(high.get('head') ?? [])]).toEqual([1, 1, Number.NaN])
    const never = { p: Array.from({ length: 400 }, () => 0.01), outcomes: Array.from({ length: 400 }, () => 0) }
    const sessions = never.p.map((_, i) => i % 8)
    const rare = headUncertainty({ ...never, sessions, by: [] }, null)
    expect(rare?.covariance[0]).toBeGreaterThanOrEqual(1 / (400 * 0.01 * 0.99))
    expect(headUncertainty({ p: [], outcomes: [], sessions: [], by: [] }, null)).toBeNull()
  })
})

const HEADS = [0, 5, 9, 13, 24, 25].map((h) => [h, probabilityHeads(SPEC)[h] as string] as const)
const TREES = { rounds: 300, learningRate: 0.1, maxDepth: 3, earlyStoppingRounds: 20, seed: 1 }

/** Trees of simulated moments, trained on days before `train` and stopped on those before `stop`: forecasts of all moments, by head. */
async function forecastBy(
  matrix: Matrix,
  labelOf: (row: number, head: number) => number,
  train: number,
  stop: number,
): Promise<Map<string, Float64Array>> {
  const rows = Array.from({ length: matrix.rows }, (_, row) => row)
  const heads = HEADS.map(([h, name]) => {
    const mask = (from: number, to: number): Uint8Array =>
      Uint8Array.from(rows, (row) => Number(labelOf(row, h) >= 0 && row >= from * A_DAY && row < to * A_DAY))
    const labels = Float32Array.from(rows, (row) => labelOf(row, h))
    return { name, objective: 'logistic' as const, labels, train: mask(0, train), validation: mask(train, stop) }
  })
  const results = await trainHeads(matrix, heads, TREES)
  return new Map(
    results.flatMap((result, i) =>
      result.status === 'trained' ? [[HEADS[i]?.[1] ?? '', predict(result.model, matrix)] as const] : [],
    ),
  )
}

const drift = (feature: number): number => 0.3 * feature

describe('the intervals of heads with trees', () => {
  test.each([
    [12, 0],
    [24, 0],
    [48, 0],
    [24, 0.2],
    [48, 0.2],
  ])(
    'hold the true probabilities of simulated paths by %i days, which differ by %f',
    async (days, between) => {
      const [tally, direction, alone] = [new Tally(), new Tally(), new Tally()]
      for (let seed = 1; seed <= 3; seed++) {
        const rows = A_DAY * days + 300
        const moments = simulateMoments({ rows, seed: 100 * seed + days, drift, between })
        const { table, matrix, labelOf } = inputsOf(moments)
        const part = Math.max(1, Math.floor(days / 8))
        const served = await forecastBy(matrix, labelOf, days - part, days)
        // As the inner folds of a training: two, whose test days are the later half.
        const block = Math.floor(days / 4)
        const inner = [days - 2 * block, days - block].map((from) => ({ from, to: from + block, train: from - part }))
        const before = await Promise.all(
          inner.map(async (fold) => ({ ...fold, p: await forecastBy(matrix, labelOf, fold.train, fold.from) })),
        )
        const stopped = Array.from({ length: part * A_DAY }, (_, i) => (days - part) * A_DAY + i)
        for (const [h, name] of HEADS) {
          const own = served.get(name)
          const last = before.at(-1)
          if (own === undefined || before.some(({ p }) => !p.has(name)) || last === undefined) continue
          const evidence = before.flatMap(({ from, to, p }) =>
            Array.from({ length: (to - from) * A_DAY }, (_, i) => from * A_DAY + i)
              .filter((row) => labelOf(row, h) >= 0)
              .map((row) => ({ row, p: p.get(name)?.[row] ?? Number.NaN })),
          )
          const at = (column: ArrayLike<number>): number[] => evidence.map(({ row }) => column[row] as number)
          const asked = stopped.filter((row) => labelOf(row, h) >= 0)
          const refit = {
            served: asked.map((row) => own[row] as number),
            before: asked.map((row) => last.p.get(name)?.[row] ?? Number.NaN),
          }
          const one = headUncertainty(
            {
              p: evidence.map(({ p }) => p),
              outcomes: evidence.map(({ row }) => labelOf(row, h)),
              sessions: evidence.map(({ row }) => Math.floor(row / A_DAY)),
              by: [
                [at(numbersOf(table, 'moved')), 3],
                [at(numbersOf(table, 'sigma_1m')), 2],
              ],
            },
            refit,
          )
          if (one === null) continue
          const tested = Array.from({ length: rows - days * A_DAY }, (_, i) => days * A_DAY + i)
          const truths = tested.map((row) => trueProbabilities(moments, row, drift, between))
          const known = tested.filter((_, i) => h !== 25 || (truths[i]?.[24] ?? 0) > 0.02)
          const truth = truths.filter((each) => h !== 25 || (each[24] ?? 0) > 0.02).map((each) => each[h] as number)
          const p = known.map((row) => own[row] as number)
          ;(h === 25 ? direction : tally).add(p, truth, one)
          if (h !== 25) alone.add(p, truth, { ...one, at: one.at.map((each) => ({ ...each, trees: each.groups })) })
        }
      }
      const [covered] = tally.told(`${days} days, ${between} between, reach and tradeable`)
      const [sides] = direction.told(`${days} days, ${between} between, direction`)
      const [unmeasured] = alone.told(`${days} days, ${between} between, groups in place of trees`)
      expect(covered).toBeGreaterThan(0.88)
      expect(sides).toBeGreaterThan(0.85)
      expect(unmeasured).toBeGreaterThan(0.85)
    },
    600_000,
  )
})

const SEEN = ['moved', 'sigma_1m', 'range_sigma_15'] as const

/** What trees see of simulated moments, and labels. */
function inputsOf({ table, features }: ReturnType<typeof simulateMoments>) {
  const rows = table.rows
  const values = new Float32Array((SEEN.length + features.columns.length) * rows)
  for (const [i, name] of SEEN.entries()) values.set(Float32Array.from(numbersOf(table, name)), i * rows)
  values.set(features.values, SEEN.length * rows)
  const matrix = { columns: [...SEEN, ...features.columns], rows, values }
  const labels = headOutcomes(table, SPEC)
  const questions = labels.length / rows
  return { table, matrix, labelOf: (row: number, head: number) => labels[row * questions + head] as number }
}
