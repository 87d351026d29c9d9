import { fitPathLaw, forecastPath, type PathForecast, probabilityHeads } from '@breakwater/models'
import { describe, expect, test } from 'vitest'
import { trueProbabilities } from './known-truth.ts'
import { inOrder, SPEC, type SimulatedMoments, simulateMoments } from './law-paths.ts'

const ROWS = 6000
const masks = inOrder(ROWS, 3600, 1200)
const NAMES = probabilityHeads(SPEC)

/** A forecast of simulated moments with intervals, by a law that was fitted on the earlier ones. */
async function forecastOf(moments: SimulatedMoments): Promise<PathForecast> {
  const { table, features } = moments
  const { path } = await fitPathLaw({ moments: table, features, ...masks, spec: SPEC })
  return forecastPath(path, table, features, { intervals: true })
}

/** Share of true probabilities that lie in their intervals, and the mean width, of reach heads and tradeable, then of direction. */
function coverage(
  { low, high }: PathForecast,
  moments: SimulatedMoments,
  drift: (feature: number) => number,
): { readonly reach: number; readonly direction: number; readonly width: number } {
  const [inside, asked] = [
    [0, 0],
    [0, 0],
  ]
  let width = 0
  for (const row of masks.test) {
    const truth = trueProbabilities(moments, row, drift)
    // Which side is first means something where the band is left at times.
    const heads = (truth[24] as number) > 0.02 ? NAMES : NAMES.slice(0, -1)
    for (const [h, name] of heads.entries()) {
      const kind = Number(h === NAMES.length - 1)
      const [from, to] = [low.get(name)?.[row] ?? Number.NaN, high.get(name)?.[row] ?? Number.NaN]
      const p = truth[h] as number
      asked[kind] = (asked[kind] as number) + 1
      inside[kind] = (inside[kind] as number) + Number(p >= from && p <= to)
      if (kind === 0) width += to - from
    }
  }
  const share = (kind: number): number => (inside[kind] as number) / (asked[kind] as number)
  return { reach: share(0), direction: share(1), width: width / (asked[0] as number) }
}

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
      const drift = (feature: number): number => size * feature
      const moments = simulateMoments({ rows: ROWS, seed, drift })
      const found = coverage(await forecastOf(moments), moments, drift)
      expect(found.reach).toBeGreaterThan(0.95)
      expect(found.direction).toBeGreaterThan(0.85)
      expect(found.width).toBeLessThan(0.15)
    },
    600_000,
  )
})
