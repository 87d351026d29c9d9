import { type IncomingSnapshot, viewportSchema, type ViewportScorer } from '@breakwater/scorer'
import { beforeEach, describe, expect, inject, test } from 'vitest'
import { beginning, enabled } from './warm.ts'

const folder = inject('models')
const { snapshots, warmScorer } = await beginning(folder)
const [first, second, third] = snapshots

describe('bad snapshots', () => {
  let scorer: ViewportScorer
  let twin: ViewportScorer
  beforeEach(async () => {
    ;[scorer, twin] = await Promise.all([warmScorer(folder), warmScorer(folder)])
    scorer.score(first)
    twin.score(first)
  })

  test.each([
    [{ ...second, ts: first.ts - 1 }, 'time_backwards'],
    [{ ...second, ts: Number.NaN }, 'bad_time'],
    [{ ...second, spy: { spot: 0 } }, 'bad_spot'],
    [{ ...second, spy: { spot: Number.NaN } }, 'bad_spot'],
    [{ ...second, levels: 'many' }, 'bad_levels'],
    ['text', 'bad_levels'],
    [undefined, 'bad_levels'],
  ])('%# is refused with its code and leaves everything as it was', (bad, code) => {
    const refused = scorer.viewportOf(bad)
    expect(refused).toMatchObject({ error: { code }, targets: [], rejected: [] })
    expect(viewportSchema.safeParse(JSON.parse(JSON.stringify(refused))).success).toBe(true)
    expect(enabled(scorer).refusedTicks).toEqual({ [code]: 1 })
    expect(scorer.score(second)).toEqual(twin.score(second))
  })

  test('a level with a price of 0, NaN or none is rejected by its place; the others are scored', () => {
    const spoiled = [
      { id: 'zero', kind: 'ROUND', price: 0 },
      { id: 'nan', kind: 'ROUND', price: Number.NaN },
      ...second.levels,
      { id: 'kindless', kind: '', price: 500 },
    ]
    const viewport = scorer.viewportOf({ ...second, levels: spoiled })
    expect(viewport?.rejected).toEqual([
      { index: 0, level_id: 'zero', code: 'bad_price' },
      { index: 1, level_id: 'nan', code: 'bad_price' },
      { index: spoiled.length - 1, level_id: 'kindless', code: 'bad_level' },
    ])
    expect(viewport?.targets).toEqual(twin.viewportOf(second)?.targets)
  })

  test('unknown fields are kept in the payload, counted, and change no score', () => {
    const level = { ...second.levels[0], colour: 'red' }
    const given = { ...second, venue: 'X', levels: [level, ...second.levels.slice(1)] }
    const payload = scorer.score(given as IncomingSnapshot)
    expect(payload).toEqual({ ...given, viewport: payload.viewport })
    expect(payload.viewport).toEqual(twin.viewportOf(second))
    expect(enabled(scorer).unknownFields).toEqual({ venue: 1, 'levels[].colour': 1 })
  })

  test('of 500 levels the most relevant eight are scored, and they are those of the few near the price', () => {
    const far = Array.from({ length: 500 - second.levels.length }, (_, i) => ({
      id: `far ${i}`,
      kind: 'STRIKE',
      price: Math.round((second.spy.spot + 2 + i) * 100) / 100,
    }))
    const viewport = scorer.viewportOf({ ...second, levels: [...far, ...second.levels] })
    expect(viewport?.rejected).toEqual([])
    expect(viewport?.targets.length).toBeLessThanOrEqual(8)
    expect(viewport?.targets).toEqual(twin.viewportOf(second)?.targets)
  })

  test('a kind that training never saw is scored and counted, also where neighbours have no such kind', () => {
    const levels = [{ id: 'mine', kind: 'USER_HOTZONE', price: second.spy.spot + 0.4 }]
    const dropped = (): number => enabled(scorer).droppedFilters['levelKindName'] ?? 0
    const before = dropped()
    const viewport = scorer.viewportOf({ ...second, levels })
    const [target] = viewport?.targets ?? []
    expect(target).toMatchObject({
      level_id: 'mine',
      error: null,
      retrieval: { dropped: ['level_kind_name'] },
    })
    expect(target?.p_break).toBeGreaterThan(0)
    expect(enabled(scorer).unseenCategories).toMatchObject({ level_kind_name: { USER_HOTZONE: 1 } })
    expect(dropped() - before).toBe(1)
  })

  test('a bar that is wrong, late or from the future is told and left out; the tick goes on', () => {
    const bar = { ts: first.ts - 60_000, open: 500, high: 501, low: 499, close: 500, volume: 10 }
    const bars = [
      { ...bar, close: 0 },
      { ...bar, ts: bar.ts - 600_000 },
      { ...bar, ts: first.ts + 60_000 },
    ]
    expect(scorer.viewportOf({ ...second, bars })?.error).toBeNull()
    expect(enabled(scorer).viewport.rejectedBars).toBe(3)
  })

  test('physics that is no reading counts as missing, and one of the wrong type fails its level alone', () => {
    // Of a confirmed touch, readings are taken once: a level before that.
    const open = scorer.viewportOf(first)?.targets.find(({ stage }) => stage === 'stage_a')
    const near = second.levels.find(({ id }) => id === open?.level_id)
    if (near === undefined) throw new Error('no level')
    const others = second.levels.filter((level) => level !== near)
    const wrong = { ...near, physics: { ...near.physics, tape_imbalance: 'much' } }
    const viewport = scorer.viewportOf({ ...second, levels: [wrong, ...others] })
    const failed = viewport?.targets.filter(({ error }) => error !== null) ?? []
    expect(failed.map(({ level_id: id, error }) => [id, error])).toEqual([[near.id, 'row_failed']])
    expect(viewport?.targets.length).toBeGreaterThan(1)
    scorer.viewportOf({ ...third, levels: [{ ...near, physics: { tape_imbalance: Number.NaN } }] })
    expect(enabled(scorer).badReadings).toBe(1)
  })
})
