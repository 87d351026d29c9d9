import { aheadName, AHEAD_QUESTIONS, aheadTargets, atAnchor, buildSignals } from '@breakwater/features'
import type { Anchor, HeadTarget, Table } from '@breakwater/features'
import { describe, expect, test } from 'vitest'
import { naiveBars } from './naive-signals.ts'
import { walk } from './synthetic-bars.ts'
import { numbers, plain, words } from './tables.ts'

const bars = walk({ dates: ['2024-03-07', '2024-03-08', '2024-03-11'], seed: 5, absent: 0.02 })
const { table } = buildSignals(bars, { thresholds: [0.5, 1] })
const MINUTES: Readonly<Record<Anchor, number>> = { '2min': 2, '4min': 4, '8min': 8 }

const targetIn = (targets: readonly HeadTarget[], name: string): HeadTarget => {
  const target = targets.find((one) => one.name === name)
  if (target === undefined) throw new Error(`no target ${name}`)
  return target
}

/** By row, the furthest that the bars of the eight minutes from the anchor go up and down from the last close before it. */
function furthest(anchor: Anchor): { readonly up: number; readonly down: number }[] {
  const all = naiveBars(bars)
  return plain(table.columns['ts_ns']).map((ns) => {
    const from = Number((ns as bigint) / 60_000_000_000n) + MINUTES[anchor]
    const spot = all.findLast(({ minute }) => minute < from)?.close ?? Number.NaN
    const window = all.filter(({ minute }) => minute >= from && minute < from + 8)
    return {
      up: Math.max(0, ...window.map(({ high }) => high - spot)),
      down: Math.max(0, ...window.map(({ low }) => spot - low)),
    }
  })
}

/** Five touches, of which two have a target missing. */
const rows = (windows = true): Table => ({
  rows: 5,
  columns: {
    level_price: numbers([100, 100, 100, 100, 100]),
    direction: words(['UP', 'DOWN', 'UP', 'UP', 'UP']),
    outcome: words(['CHOP', 'CHOP', 'UNDEFINED', 'CHOP', 'CHOP']),
    anchor_spot: numbers([100.25, 100.25, 100, Number.NaN, 100.5]),
    excursion_max: numbers([0.75, 0.5, Number.NaN, 1, 0.25]),
    excursion_min: numbers([-0.25, -0.5, Number.NaN, -1, -0.5]),
    ...(windows ? { window_s: numbers([480, 480, 420, 480, 480]) } : {}),
  },
})

describe('what is still to come from an anchor', () => {
  test.each(['2min', '4min', '8min'] as const)('is what the bars of the window from %s on do from its price', (at) => {
    const targets = aheadTargets(table, { anchors: [at] })
    expect(targets.map(({ name }) => name)).toEqual(AHEAD_QUESTIONS.map((question) => atAnchor(question, at)))
    const [strength, beyond, back] = targets as [HeadTarget, HeadTarget, HeadTarget]
    const directions = plain(table.columns['direction'])
    let [worst, seen] = [0, 0]
    for (const [row, { up, down }] of furthest(at).entries()) {
      if (beyond.mask[row] === 0) continue
      seen++
      const [on, again] = directions[row] === 'UP' ? [up, down] : [down, up]
      const off = [
        Math.abs((beyond.values[row] as number) - on),
        Math.abs((back.values[row] as number) - again),
        Math.abs(Math.abs(strength.values[row] as number) - Math.max(on, again)),
        Math.abs(on - again) > 1e-5 ? Number(Math.sign(strength.values[row] as number) !== Math.sign(on - again)) : 0,
      ]
      worst = Math.max(worst, ...off)
    }
    expect(seen).toBeGreaterThan(100)
    expect(worst).toBeLessThan(1e-5)
  })

  test('counts from the price and not from the level, as strength does', () => {
    const { values } = targetIn(aheadTargets(table), 'strength_ahead')
    const [signed, spot, level] = ['strength_signed', 'anchor_spot', 'level_price'].map((name) =>
      plain(table.columns[name]),
    )
    const seen = [...values.keys()].filter((row) => !Number.isNaN(values[row]))
    const moved = seen.filter((row) => Math.abs((spot?.[row] as number) - (level?.[row] as number)) > 0.05)
    expect(moved.length).toBeGreaterThan(50)
    expect(
      moved.filter((row) => Math.abs((values[row] as number) - (signed?.[row] as number)) < 0.01).length,
    ).toBeLessThan(moved.length / 10)
  })

  test.each([true, false])('is masked without a whole window or a price; windows in the file: %s', (windows) => {
    const targets = aheadTargets(rows(windows), { anchors: ['4min'] })
    const of = (name: string): number[] => [...targetIn(targets, name).values]
    // Beyond the level in row 0, before it in row 1; in row 4 the window never comes back up to the price.
    expect(of('beyond_ahead')).toEqual([0.5, 0.75, Number.NaN, Number.NaN, 0])
    expect(of('back_ahead')).toEqual([0.5, 0.25, Number.NaN, Number.NaN, 1])
    expect(of('strength_ahead')).toEqual([0.5, 0.75, Number.NaN, Number.NaN, -1])
    for (const { task, mask, counts } of targets) {
      expect(task).toBe('regression')
      expect([...mask]).toEqual([1, 1, 0, 0, 1])
      expect(counts).toEqual({
        rows: 5,
        used: 3,
        positives: null,
        masked: { 'window incomplete': 1, 'price missing at the anchor': 1 },
      })
    }
  })

  test('needs an anchor with labels', () => {
    expect(aheadName('back_ahead', '8min')).toBe('back_ahead_8min')
    expect(() => aheadTargets({ rows: 0, columns: {} })).toThrow('must name at least one anchor with labels')
    expect(() => aheadTargets(rows(), { anchors: ['8min'] })).toThrow('the label column is missing')
  })
})
