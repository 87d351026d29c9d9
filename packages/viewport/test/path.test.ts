import {
  createViewport,
  type FollowedPath,
  type PathForecaster,
  UTILITY_ORDERS,
  type Viewport,
  type ViewportOptions,
} from '@breakwater/viewport'
import { expect, test } from 'vitest'
import { barAt, fakeRows, levelAt, snapshotAt } from './fakes.ts'

const [NEAR, FAR] = [levelAt('ROUND', 500.25), levelAt('VWAP', 500.75)]

/** What is said of a level: tradeable, the expected extremes, and how likely a touch of it is. */
type Said = readonly [tradeable: number, ahead: number, touch: number]

/** A viewport of a forecaster that knows the levels by their price, with the paths that it was asked about. */
function following(
  said: ReadonlyMap<number, Said>,
  options: Partial<ViewportOptions> = {},
): { readonly viewport: Viewport; readonly paths: FollowedPath[] } {
  const paths: FollowedPath[] = []
  const path: PathForecaster = {
    heads: ['tradeable_2', 'direction', 'ahead_break', 'ahead_bounce', 'p_touch_60s', 'p_touch_300s'],
    width: 1,
    windowSeconds: 480,
    forecast({ price, approach }, out) {
      const [tradeable, ahead, touch] = said.get(price) ?? [0.5, 1, 0.5]
      out.values.set([tradeable, 0.8, ahead, ahead / 2, ...(approach === null ? [NaN, NaN] : [touch / 2, touch])])
      out.low.fill(NaN)
      out.high.fill(NaN)
      return { known: 0, asked: 0 }
    },
  }
  const rows = Object.assign(fakeRows(), {
    moments: () => ({
      leftS: 10_000,
      write(asked: FollowedPath, out: Float64Array): void {
        paths.push(asked.seen === undefined ? asked : { ...asked, seen: { ...asked.seen } })
        out.fill(0)
      },
    }),
  })
  const stage = { predictor: null, path, neighbours: null }
  return { viewport: createViewport({ models: { stage_a: stage, stage_b: stage }, rows, ...options }), paths }
}

test.each(UTILITY_ORDERS)(
  'a level that is unlikely to be touched does not lead, though by %s it is worth more',
  (order) => {
    const leader = (touchOfFar: number): string | undefined => {
      const said = new Map<number, Said>([
        [NEAR.price, [0.4, 1.5, 0.9]],
        [FAR.price, [0.7, 3, touchOfFar]],
      ])
      const { targets } = following(said, { utility: { order } }).viewport.tick(snapshotAt(1, 500, [NEAR, FAR]))
      const [near, far] = [NEAR, FAR].map(({ id }) => targets.find((target) => target.level_id === id))
      expect(far?.[order]).toBeGreaterThan(near?.[order] ?? Infinity)
      expect(far?.p_touch).toEqual({ 60: touchOfFar / 2, 120: null, 180: null, 300: touchOfFar })
      return targets[0]?.level_id
    }
    expect(leader(0.1)).toBe(NEAR.id)
    expect(leader(0.9)).toBe(FAR.id)
  },
)

test('a touch is followed with the furthest prices of the ticks since, which bars need not have', () => {
  const { viewport, paths } = following(new Map())
  const [level] = [levelAt('ROUND', 500)]
  for (const [seconds, spot] of [
    [0, 499.4],
    [10, 499.95],
    [11, 500.3],
    [12, 499.8],
    [13, 500.1],
  ] as const)
    viewport.tick(snapshotAt(seconds, spot, [level], seconds === 0 ? [barAt(-1)] : []))
  const touched = paths.filter(({ seen }) => seen !== undefined)
  expect(touched.map(({ seen }) => seen)).toEqual([
    { highest: 499.95, lowest: 499.95 },
    { highest: 500.3, lowest: 499.95 },
    { highest: 500.3, lowest: 499.8 },
    { highest: 500.3, lowest: 499.8 },
  ])
  expect(touched.every(({ price, sign }) => price === 500 && sign === 1)).toBe(true)
})
