import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PublishedRanking } from '@breakwater/evaluation'
import { evaluateServed } from '@breakwater/evaluation/sets'
import { afterAll, describe, expect, test } from 'vitest'
import { uniforms } from './seeded.ts'
import { ABOUT, bars, DATES, LEVEL, lineOf, MOMENTS, type Numbers, spotAt, target } from './served-sample.ts'

const folder = mkdtempSync(join(tmpdir(), 'ranking-'))
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0
const LEVELS = [LEVEL, LEVEL + 0.4]

/** How far price moves from a level within eight minutes, either way. */
function movedFrom(row: number, level: number): number {
  const to = Math.min(row + 8, 390 * (Math.floor(row / 390) + 1))
  const up = Math.max(...bars.high.subarray(row, to)) - level
  return Math.max(up, level - Math.min(...bars.low.subarray(row, to)))
}

/** Rankings of two levels a minute, whose numbers are made from how far price moves. */
async function rankings(numbersOf: (moved: number) => Numbers): Promise<readonly PublishedRanking[]> {
  const lines = MOMENTS.map((row) => {
    const [tsNs, spot] = [bars.ts[row] as bigint, spotAt(row)]
    const targets = LEVELS.map((level) =>
      target(spot, 0.3, tsNs, {
        level_id: `L${level}`,
        level_price: level,
        distance_signed: level - spot,
        distance: Math.abs(level - spot),
        ...numbersOf(movedFrom(row, level)),
      }),
    )
    return lineOf({ tsNs, targets })
  })
  const path = join(folder, `${files++}.jsonl`)
  writeFileSync(path, `${lines.join('\n')}\n`)
  return (await evaluateServed({ ...ABOUT, path })).ranking
}

describe('orders of targets', () => {
  test('agree with what came as far as they know it, and their first moved more by what the bars say', async () => {
    const random = uniforms(3)
    const found = await rankings((moved) => ({ utility_score: random(), expected_move: moved, utility_net: 1 - moved }))
    const [score, move, net] = found
    expect(found.map(({ order, sessions }) => [order, sessions])).toEqual([
      ['utility_score', DATES.length],
      ['expected_move', DATES.length],
      ['utility_net', DATES.length],
    ])
    expect(Math.abs(score?.agreement.estimate ?? 9)).toBeLessThan(0.1)
    expect(score?.gain).toBeNull()
    expect(move?.agreement.estimate).toBeCloseTo(1, 12)
    expect(net?.agreement.estimate).toBeCloseTo(-1, 12)
    expect(move?.gain?.low).toBeGreaterThan(0.8)
    expect(move?.gain?.estimate).toBeCloseTo(1 - (score?.agreement.estimate ?? 9), 12)

    // Whole windows alone.
    const leads = DATES.map((_, s) => {
      const rows = MOMENTS.filter((row) => Math.floor(row / 390) === s && (row % 390) + 8 <= 390)
      const gaps = rows.map((row) => LEVELS.map((level) => movedFrom(row, level)))
      return gaps.reduce((sum, [a = 0, b = 0]) => sum + Math.abs(a - b) / 2, 0) / rows.length
    })
    expect(move?.lead.estimate).toBeCloseTo(leads.reduce((sum, lead) => sum + lead, 0) / DATES.length, 9)
  }, 120_000)

  test('count before a touch by how likely it is, and a level that was not touched moved nothing', async () => {
    const found = await rankings((moved) => ({
      utility_score: moved > 0.5 ? 2 : 1,
      condition: 'given_touch',
      touch_ts_ns: null,
      elapsed_s: null,
      p_touch: { 300: moved > 0.5 ? 0.1 : 0.9 },
    }))
    expect(found.map(({ order }) => order)).toContain('utility_score')
    expect(found[0]?.agreement.estimate).not.toBeNull()
  }, 120_000)
})
