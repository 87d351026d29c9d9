import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PublishedHead } from '@breakwater/evaluation'
import { evaluateServed } from '@breakwater/evaluation/sets'
import type { TargetIntervals } from '@breakwater/viewport'
import { afterAll, describe, expect, test } from 'vitest'
import { ABOUT, published } from './served-sample.ts'

const folder = mkdtempSync(join(tmpdir(), 'served-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Half of the interval of t1_break_60s is `half`; some others have none. */
function intervals(half: number): TargetIntervals {
  const none = { t1: {}, t2: {}, t1_bounce: {}, t2_break: {}, t2_bounce: {} }
  return {
    p_tradeable_2: [0.4, 0.7],
    p_break: [0.1, 0.2],
    p_bounce: null,
    p_neither: [0.3, 0.6],
    p_break_given_tradeable: [0.2, 0.4],
    p_bounce_given_tradeable: [0.6, 0.8],
    p_touch: null,
    time_to_threshold: { ...none, t1_break: { 60: [0.3 - half, 0.3 + half], 300: null } },
  }
}

describe('the cells of what was published', { timeout: 600_000 }, () => {
  test('have the mean half of the published intervals, and none where one was not published', async () => {
    const path = join(folder, 'replay.jsonl')
    const lines = published(
      () => 0.3,
      (row) => ({ intervals: intervals(row % 2 === 0 ? 0.02 : 0.04) }),
    )
    writeFileSync(path, `${lines.join('\n')}\n`)
    const { heads } = await evaluateServed({ ...ABOUT, path })
    const cellsOf = (name: string): PublishedHead['cells'] => heads.find((each) => each.name === name)?.cells ?? []
    for (const [name, half] of [
      ['tradeable_2', 0.15],
      ['p_break', 0.05],
      ['direction', 0.1],
    ] as const) {
      expect(cellsOf(name).length).toBeGreaterThan(2)
      for (const { half_interval: found } of cellsOf(name)) expect(found).toBeCloseTo(half, 9)
    }
    const large = cellsOf('t1_break_60s').filter(({ rows }) => rows > 200)
    expect(large.length).toBeGreaterThan(2)
    for (const { half_interval: half } of large) expect(half).toBeCloseTo(0.03, 2)
    for (const name of ['p_bounce', 't1_break_300s', 't2_60s']) {
      const found = cellsOf(name).map(({ half_interval: half }) => half)
      expect([name, ...new Set(found)]).toEqual([name, null])
    }
  })
})
