import { either, expectedMaximum, first, hit } from '@breakwater/passage'
import { type Arbitrary, assert, double, property } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { normalSource, uniformSource } from './random.ts'
import { distance, reference } from './reference.ts'

describe('against figures of other programs', () => {
  // Ten digits of another implementation, in double precision.
  test.each([
    [1, 0, 0.3173105079],
    [0.3, 0.8, 0.9107089096],
    [0.5, -1.5, 0.2104795199],
    [20, 30, 1],
  ])('hit(%d, %d)', (d, m, wanted) => expect(hit(d, m)).toBeCloseTo(wanted, 9))

  test.each([
    [1, 1, 0, 0.3146112851],
    [0.3, 1.2, 0.8, 0.9048658663],
    [0.5, 0.5, -1.5, 0.1818537399],
    [1.5, 2.5, 3, 0.9607244291],
    [0.05, 3, -2, 0.8179632372],
    [0.2, 0.2, 0.5, 0.5498339973],
  ])('first(%d, %d, %d)', (x, y, m, wanted) => expect(first(x, y, m)).toBeCloseTo(wanted, 9))

  test('a far barrier against the drift keeps its relative precision', () => {
    expect(hit(8, -5)).toBeGreaterThan(3.0475e-38)
    expect(hit(8, -5)).toBeLessThan(3.0485e-38)
  })

  test('`hit`, `first` and the expected maximum agree with 50 digits', () => {
    const off = [
      ...reference.hit.filter(([d, m, value]) => !(Math.abs(hit(d, m) / Number(value) - 1) < 1e-12)),
      ...reference.first.filter(([x, y, m, value]) => !(distance(first(x, y, m), value) < 1e-13)),
      ...reference.maximum.filter(([c, m, value]) => !(distance(expectedMaximum(c, m), value) < 1e-12)),
    ]
    expect(off).toEqual([])
  })
})

describe('against simulated paths', () => {
  const PATHS = 20_000
  const STEPS = 100

  interface Counts {
    readonly up: number
    readonly upFirst: number
    readonly downFirst: number
    readonly maximum: number
  }

  /** Shares of seeded paths in steps of 1/100, with crossings and the maximum inside a step by the Brownian bridge. */
  function simulate(x: number, y: number, m: number): Counts {
    const uniform = uniformSource(7)
    const normal = normalSource(uniform)
    const h = 1 / STEPS
    const counts = { up: 0, upFirst: 0, downFirst: 0, maximum: 0 }
    for (let path = 0; path < PATHS; path++) {
      let z = 0
      let top = 0
      let reached = false
      let left = 0
      for (let step = 0; step < STEPS; step++) {
        const next = z + m * h + Math.sqrt(h) * normal()
        const bridge = (a: number, b: number, u: number): number =>
          0.5 * (a + b + Math.sqrt((a - b) ** 2 - 2 * h * Math.log(u)))
        const high = bridge(z, next, 1 - uniform())
        const low = -bridge(-z, -next, 1 - uniform())
        top = Math.max(top, high)
        reached ||= high >= x
        if (left === 0 && high >= x) left = 1
        else if (left === 0 && low <= -y) left = -1
        z = next
      }
      counts.up += Number(reached) / PATHS
      counts.upFirst += Number(left === 1) / PATHS
      counts.downFirst += Number(left === -1) / PATHS
      counts.maximum += top / PATHS
    }
    return counts
  }

  test.each([
    [1, 1, 0],
    [0.5, 0.8, -1.5],
    [2, 0.4, 1],
    [1.5, 2.5, 3],
  ])('barriers %d up and %d down, drift %d', (x, y, m) => {
    const counts = simulate(x, y, m)
    // Five standard errors of a share: 5 x 0.5 / sqrt(20,000) = 0.018.
    expect(Math.abs(counts.up - hit(x, m))).toBeLessThan(0.018)
    expect(Math.abs(counts.upFirst - first(x, y, m))).toBeLessThan(0.018)
    expect(Math.abs(counts.downFirst - first(y, x, -m))).toBeLessThan(0.018)
    expect(Math.abs(counts.upFirst + counts.downFirst - either(x, y, m))).toBeLessThan(0.018)
    expect(Math.abs(counts.maximum - expectedMaximum(0, m))).toBeLessThan(0.035)
  })
})

describe('limits', () => {
  test('a barrier that has been passed is reached, and the side that has been passed is first', () => {
    expect([hit(0, -3), hit(-1, -3), either(-1, 2, 0), first(-1, 2, 0), first(2, -1, 0)]).toEqual([1, 1, 1, 1, 0])
  })

  test('without drift and with both barriers near, the nearer side wins by the ratio of distances', () => {
    expect(first(0.01, 0.03, 0)).toBeCloseTo(0.75, 14)
    expect(first(0.03, 0.01, 0)).toBeCloseTo(0.25, 14)
  })

  test('with the other barrier far away, which side is first is whether it is reached', () => {
    for (const m of [-3, 0, 3]) expect(first(0.7, 1e6, m)).toBeCloseTo(hit(0.7, m), 14)
  })

  test('extreme drifts give 0 and 1, never NaN or infinity', () => {
    for (const x of [1e-6, 1, 50]) {
      for (const y of [1e-6, 1, 50]) {
        expect(hit(x, -1e7)).toBeLessThan(1e-8)
        expect(first(x, Math.max(1, y), 1e5)).toBeCloseTo(1, 12)
        for (const m of [-1e300, -1e5, 1e5, 1e300]) {
          expect(first(x, y, m)).toBeGreaterThanOrEqual(0)
          expect(first(x, y, m)).toBeLessThanOrEqual(1)
        }
      }
    }
  })

  test('the expected maximum of a driftless path is sqrt(2 / pi), and with a large drift the drift', () => {
    expect(expectedMaximum(0, 0)).toBeCloseTo(Math.sqrt(2 / Math.PI), 14)
    expect(expectedMaximum(0, 40)).toBeCloseTo(40 + 1 / 80, 12)
    expect(expectedMaximum(0, -40)).toBeCloseTo(1 / 80, 5)
    expect(expectedMaximum(9, 0)).toBeCloseTo(9, 14)
  })

  test('NaN stays NaN', () => {
    expect([hit(NaN, 0), hit(1, NaN), first(1, NaN, 0), first(NaN, 1, 0), expectedMaximum(0, NaN)]).toEqual(
      Array.from({ length: 5 }, () => NaN),
    )
  })
})

const logUniform = (low: number, high: number): Arbitrary<number> =>
  double({ min: low, max: high, noNaN: true }).map((e) => 10 ** e)

describe('properties', () => {
  const barrier = logUniform(-3.5, 1.5)
  const drift = double({ min: -40, max: 40, noNaN: true })

  test('probabilities are bounded and coherent over five decades of distances', () => {
    const uniform = uniformSource(3)
    let worst = 0
    for (let i = 0; i < 200_000; i++) {
      const x = 10 ** (uniform() * 5 - 3.5)
      const y = 10 ** (uniform() * 5 - 3.5)
      const m = (uniform() - 0.5) * 80
      const [up, down, any] = [hit(x, m), hit(y, -m), either(x, y, m)]
      const sum = first(x, y, m) + first(y, x, -m)
      worst = Math.max(worst, Math.abs(sum - any), up - any, down - any, any - up - down, any - 1, first(x, y, m) - up)
      if (Number.isNaN(worst)) throw new Error(`NaN at ${x}, ${y}, ${m}`)
    }
    expect(worst).toBeLessThan(1e-12)
  })

  test('a further barrier is reached less often, and a wider band left less often', () => {
    assert(
      property(barrier, barrier, drift, logUniform(-2, 1), (x, y, m, more) => {
        expect(hit(x + more, m)).toBeLessThanOrEqual(hit(x, m) + 1e-14)
        expect(either(x + more, y, m)).toBeLessThanOrEqual(either(x, y, m) + 1e-12)
        expect(either(x, y + more, m)).toBeLessThanOrEqual(either(x, y, m) + 1e-12)
      }),
      { numRuns: 3000, seed: 1 },
    )
  })

  test('more time reaches more', () => {
    assert(
      property(barrier, barrier, drift, double({ min: 1, max: 20, noNaN: true }), (x, y, m, times) => {
        const root = Math.sqrt(times)
        expect(hit(x / root, m * root)).toBeGreaterThanOrEqual(hit(x, m) - 1e-14)
        expect(first(x / root, y / root, m * root)).toBeGreaterThanOrEqual(first(x, y, m) - 1e-12)
        expect(expectedMaximum(0, m * root) * root).toBeGreaterThanOrEqual(expectedMaximum(0, m) * (1 - 1e-9))
      }),
      { numRuns: 3000, seed: 2 },
    )
  })

  test('images and eigenfunctions meet where one takes over from the other', () => {
    const uniform = uniformSource(5)
    for (let i = 0; i < 3000; i++) {
      const x = 1.5 * uniform()
      const m = 40 * (uniform() - 0.5)
      expect(Math.abs(first(x, 1.5 - x - 1e-13, m) - first(x, 1.5 - x + 1e-13, m))).toBeLessThan(1e-11)
    }
  })
})
