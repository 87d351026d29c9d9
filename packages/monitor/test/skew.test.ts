import { barsOf, createLiveFeatures, newYorkCalendar } from '@breakwater/features'
import { compareWithBatch, type LiveTouchRow } from '@breakwater/monitor'
import { expect, test } from 'vitest'
import { walkBars } from './market.ts'

const NAMES = [
  'atr',
  'approach_velocity',
  'sma_200',
  'confluence_count',
  'prior_touches',
  'dist_to_pm_high',
  'direction',
]
const bars = walkBars({ dates: ['2024-07-01', '2024-07-02', '2024-07-03'], seed: 12, absent: 0.02 })

/** The touches of the last session as a live process sees them: bar by bar, each row asked for when its bar has ended. */
function liveRows(): LiveTouchRow[] {
  const live = createLiveFeatures()
  const calendar = newYorkCalendar()
  const rows: LiveTouchRow[] = []
  const first = bars[bars.length - 380]?.minute ?? 0
  for (const bar of bars) {
    live.push(bar)
    const ns = BigInt(bar.minute) * 60_000_000_000n
    const session = calendar.sessionOf(calendar.dateOf(ns))
    if (session === null || ns < session.openNs || bar.minute < first) continue
    for (const level of live.levels(ns + 60_000_000_000n, 1)) {
      const touched = live.touched(level, ns, 0)
      if (touched !== null)
        rows.push({ touchNs: ns, kind: level.kind, price: level.price, row: { ...touched.values(undefined, 0) } })
    }
  }
  return rows
}

test('live rows are the bits of batch, and bars that were stored otherwise are named with both values and the moment', () => {
  const rows = liveRows()
  const same = compareWithBatch(barsOf(bars), rows, { names: NAMES })
  expect(same.rows - same.absent).toBeGreaterThan(20)
  expect(same.compared).toBe((same.rows - same.absent) * NAMES.length)
  expect(same.skewed).toEqual([])
  const changed = bars.map((bar, i) => (i >= bars.length - 300 ? { ...bar, high: bar.high + 0.01 } : bar))
  const skewed = compareWithBatch(barsOf(changed), rows, { names: NAMES }).skewed
  expect(skewed.length).toBeGreaterThan(0)
  const [first] = skewed
  expect(first?.touchNs).toBeGreaterThanOrEqual(BigInt(bars[bars.length - 300]?.minute ?? 0) * 60_000_000_000n)
  expect(skewed.map(({ name }) => name)).toContain('atr')
  expect(first?.live).not.toBe(first?.batch)
})

test('a name that the signals have not is refused', () => {
  expect(() => compareWithBatch(barsOf(bars.slice(0, 30)), [], { names: ['nothing'] })).toThrow(
    'monitor: names=nothing: the signals have no such column. Name one of theirs.',
  )
})
