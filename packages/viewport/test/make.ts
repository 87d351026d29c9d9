import { createViewport } from '@breakwater/viewport'
import type { SnapshotLevel, Target, Viewport, ViewportOptions } from '@breakwater/viewport'
import { barAt, fakeIndex, fakePredictor, fakeRows, levelAt, modelsOf, snapshotAt } from './fakes.ts'
import type { FakeRows } from './fakes.ts'

/** A round level. */
export const ROUND: SnapshotLevel = levelAt('ROUND', 500)

/** A viewport over fakes. */
export function viewportWith(options: Partial<ViewportOptions> = {}): {
  readonly viewport: Viewport
  readonly rows: FakeRows
} {
  const rows = fakeRows()
  const viewport = createViewport({ models: modelsOf(fakePredictor(), fakeIndex()), rows, ...options })
  return { viewport, rows }
}

/** The target of a tick that has one. */
export function only(targets: readonly Target[]): Target {
  const [target, ...others] = targets
  if (target === undefined || others.length > 0) throw new Error(`${targets.length} targets, not one`)
  return target
}

/** Ticks of one level: its target after each. The bar of each minute comes with the first tick after it. */
export function follow(
  viewport: Viewport,
  level: SnapshotLevel,
  ticks: readonly (readonly [seconds: number, spot: number])[],
): Target[] {
  let minute = 0
  return ticks.map(([seconds, spot]) => {
    const bars = []
    while ((minute + 1) * 60 <= seconds) bars.push(barAt(minute++))
    return only(viewport.tick(snapshotAt(seconds, spot, [level], bars)).targets)
  })
}
