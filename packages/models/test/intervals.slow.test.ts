import { fitPathLaw, forecastPath, type PathForecast, probabilityHeads } from '@breakwater/models'
import { describe, expect, test } from 'vitest'
import { trueProbabilities } from './known-truth.ts'
import { A_DAY, inOrder, SPEC, type Simulation, type SimulatedMoments, simulateMoments } from './law-paths.ts'

const NAMES = probabilityHeads(SPEC)
const DIRECTION = NAMES.length - 1

interface Masks {
  readonly train: Uint8Array
  readonly validation: Uint8Array
}

/** A forecast of simulated moments with intervals, by a law that was fitted on the earlier ones. */
async function forecastOf({ table, features }: SimulatedMoments, { train, validation }: Masks): Promise<PathForecast> {
  const { path } = await fitPathLaw({ moments: table, features, train, validation, spec: SPEC })
  return forecastPath(path, table, features, { intervals: true })
}

/** How many true probabilities were asked about, how many lay in their intervals, and the sum of the widths: of reach heads and tradeable, then of direction. */
interface Tally {
  readonly asked: [number, number]
  readonly inside: [number, number]
  readonly width: [number, number]
}

const nothing = (): Tally => ({ asked: [0, 0], inside: [0, 0], width: [0, 0] })

function count(
  { low, high }: PathForecast,
  moments: SimulatedMoments,
  rows: readonly number[],
  { drift = () => 0, between = 0 }: Pick<Simulation, 'drift' | 'between'>,
  { asked, inside, width }: Tally,
): void {
  for (const row of rows) {
    const truth = trueProbabilities(moments, row, drift, between)
    for (const [h, name] of NAMES.entries()) {
      // Which side is first means something where the band is left at times.
      if (h === DIRECTION && !((truth[DIRECTION - 1] as number) > 0.02)) continue
      const kind = h === DIRECTION ? 1 : 0
      const [from, to] = [low.get(name)?.[row] ?? Number.NaN, high.get(name)?.[row] ?? Number.NaN]
      const p = truth[h] as number
      asked[kind] += 1
      inside[kind] += Number(p >= from && p <= to)
      width[kind] += to - from
    }
  }
}

const gentle = (feature: number): number => 0.3 * feature

const share = (part: readonly [number, number], { asked }: Tally, kind: 0 | 1): number => part[kind] / asked[kind]

describe('the intervals of a law', () => {
  // Fit, and the probabilities known in advance, of paths with a planted drift and without one.
  test.each([
    [3, 0.5],
    [4, 0.5],
    [5, 0.2],
    [6, 0],
  ])(
    'hold the true probabilities of simulated paths: seed %i, drift %f',
    async (seed, size) => {
      const rows = 6000
      const drift = (feature: number): number => size * feature
      const moments = simulateMoments({ rows, seed, drift })
      const { test: tested, ...masks } = inOrder(rows, 3600, 1200)
      const tally = nothing()
      count(await forecastOf(moments, masks), moments, tested, { drift }, tally)
      const told = [share(tally.inside, tally, 0), share(tally.inside, tally, 1), share(tally.width, tally, 0)]
      process.stdout.write(`drift ${size}: ${told.map((one) => one.toFixed(3)).join(' ')}\n`)
      expect(told[0]).toBeGreaterThan(0.95)
      expect(told[1]).toBeGreaterThan(0.85)
      // Nine sessions stop the trees: Student's t spans 1.18 times what the normal distribution does.
      expect(told[2]).toBeLessThan(0.18)
    },
    600_000,
  )

  // As many sessions to fit on as to stop on; days that differ by a fifth of volatility, which nothing tells, and such that do not.
  test.each([
    [2, 0, 1],
    [4, 0, 0.25],
    [6, 0, 0.2],
    [2, 0.2, 1],
    [4, 0.2, 0.5],
    [6, 0.2, 0.4],
  ])(
    'hold them where the law was fitted on %i sessions, with %f between days, and are no wider than %f',
    async (sessions, between, widest) => {
      const tally = nothing()
      for (let seed = 1; seed <= 8; seed++) {
        const rows = A_DAY * 2 * sessions + 200
        const moments = simulateMoments({ rows, seed: 100 * seed + sessions, drift: gentle, between })
        const { test: tested, ...masks } = inOrder(rows, A_DAY * sessions, A_DAY * sessions)
        count(await forecastOf(moments, masks), moments, tested, { drift: gentle, between }, tally)
      }
      const told = [share(tally.inside, tally, 0), share(tally.inside, tally, 1), share(tally.width, tally, 0)]
      process.stdout.write(`${sessions} sessions, ${between} between: ${told.map((one) => one.toFixed(3)).join(' ')}\n`)
      expect(told[0]).toBeGreaterThan(0.95)
      expect(told[1]).toBeGreaterThan(0.9)
      expect(told[2]).toBeLessThan(widest)
    },
    600_000,
  )

  test.each([
    [1, 3],
    [3, 1],
  ])('say nothing where %i sessions fitted it and %i stopped it', async (train, validation) => {
    const rows = A_DAY * (train + validation) + 50
    const moments = simulateMoments({ rows, seed: 11 })
    const { test: tested, ...masks } = inOrder(rows, A_DAY * train, A_DAY * validation)
    const { columns, low, high } = await forecastOf(moments, masks)
    const seen = { open: 0, certain: 0 }
    for (const name of NAMES) {
      for (const row of tested) {
        const p = columns.get(name)?.[row] ?? Number.NaN
        const isCertain = p === 0 || p === 1
        seen[isCertain ? 'certain' : 'open']++
        expect([low.get(name)?.[row], high.get(name)?.[row]]).toEqual(isCertain ? [p, p] : [0, 1])
      }
    }
    expect(seen.open).toBeGreaterThan(1000)
  })
})
