import type { RowValues } from '@breakwater/features'
import { createViewport } from '@breakwater/viewport'
import type { Snapshot, SnapshotLevel, Target } from '@breakwater/viewport'
import { describe, expect, test } from 'vitest'
import {
  barAt,
  fakeIndex,
  fakePredictor,
  fakeRows,
  headNames,
  levelAt,
  MINUTE,
  modelsOf,
  SECOND,
  snapshotAt,
  START,
} from './fakes.ts'
import { follow, only, ROUND, viewportWith } from './make.ts'

/** A wall that holds, with this tape. */
function wall(tape: number): SnapshotLevel {
  const physics = { tape_imbalance: tape, barrier_state: 'WALL', fuel_effect: 'DAMPEN', gamma_exposure: null }
  return levelAt('ROUND', 500, physics)
}

/** Reach fields without a probability. */
function missing(target: Target | undefined): string[] {
  const table = Object.entries(target?.time_to_threshold ?? {})
  return table.flatMap(([key, byHorizon]) => (byHorizon['60'] === null ? [key] : []))
}

describe('the row of a target', () => {
  const ticks = [
    [5, 499.6],
    [10, 499.95],
    [59, 499.95],
    [60, 499.95],
    [200, 499.9],
    [241, 499.9],
    [300, 499.9],
    [310, 499.5],
  ] as const

  test('is of a supposed touch, then of the touch once its minute’s bar is there, then of its confirmation', () => {
    const { viewport, rows } = viewportWith()
    const targets = follow(viewport, ROUND, ticks)
    expect(targets.map((t) => [t.viewport_state, t.row_basis, t.stage])).toEqual([
      ['FAR', 'supposed', 'stage_a'],
      ['TOUCH', 'supposed', 'stage_a'],
      ['TOUCH', 'supposed', 'stage_a'],
      ['TOUCH', 'touch', 'stage_a'],
      ['TOUCH', 'touch', 'stage_a'],
      ['CONFIRMATION', 'confirmation', 'stage_b'],
      ['CONFIRMATION', 'confirmation', 'stage_b'],
      ['RESOLVED', 'confirmation', 'stage_b'],
    ])
    const touched = rows.made.filter(({ how }) => how === 'touched')
    // One row, asked at 60 s and 200 s after its minute began, and at its confirmation: at 240 s, though the tick came at 241 s.
    expect(touched.map(({ row }) => row.asked)).toEqual([[60, 200, 240]])
    expect(targets.slice(1).map(({ touch_ts_ns: touch }) => touch)).toEqual(
      Array.from({ length: 7 }, () => START + 10n * SECOND),
    )
  })

  test('is given out once, at its confirmation, also of a level that is no target, and is the receiver’s to write', () => {
    const given: RowValues[] = []
    const { viewport } = viewportWith({
      mostTargets: 0,
      onConfirmed: (row) => {
        given.push({ ...row })
        Object.assign(row, { spoiled: 1 })
      },
    })
    for (const [i, [seconds, spot]] of ticks.entries()) {
      const first = Math.floor((ticks[i - 1]?.[0] ?? 0) / 60)
      const bars = Array.from({ length: Math.floor(seconds / 60) - first }, (_, k) => barAt(first + k))
      expect(viewport.tick(snapshotAt(seconds, spot, [ROUND], bars)).targets).toEqual([])
      expect(given.length).toBe(Number(seconds >= 241))
    }
    expect(given[0]).not.toHaveProperty('spoiled')
    expect(Object.keys(given[0] ?? {}).length).toBeGreaterThan(0)
  })

  test('holds at confirmation what was known at the anchor: late readings and late ticks change nothing', () => {
    const { viewport } = viewportWith({ timeframe: '2min', models: modelsOf(fakePredictor(headNames('_2min'))) })
    let minute = 0
    const at = (seconds: number, value: number): Target => {
      const bars = []
      while ((minute + 1) * 60 <= seconds) bars.push(barAt(minute++))
      return only(viewport.tick(snapshotAt(seconds, 499.95, [wall(value)], bars)).targets)
    }
    at(10, -0.5)
    at(61, -0.5)
    // The tick of the confirmation is late: the barrier is known by then, but was not at the 2-minute anchor.
    const confirmed = at(500, -0.5)
    const later = at(510, 0.9)
    expect(confirmed.viewport_state).toBe('CONFIRMATION')
    expect(confirmed.feasibility_mask?.rules[0]?.reason).toBe('barrier, fuel or tape is missing')
    expect(later).toEqual({ ...confirmed, elapsed_s: 510 })
    expect(later.as_of_ts_ns).toBe(START + 120n * SECOND)
  })

  test('asks the index with what was known by then: the confirmation’s time, not the tick’s', () => {
    const index = fakeIndex()
    const { viewport } = viewportWith({ models: modelsOf(fakePredictor(), index) })
    follow(viewport, ROUND, ticks)
    expect(index.asked.map(({ asOfNs }) => Number(asOfNs - START) / 1e9)).toEqual([5, 60, 240])
  })

  test.each([
    [501.2, ['t1', 't1_break'], true],
    [500.9, [], true],
    [502.1, ['t1', 't1_break', 't2', 't2_break'], false],
    [498.99, ['t1', 't1_bounce'], true],
    [497.5, ['t1', 't1_bounce', 't2', 't2_bounce'], false],
  ])('leaves out the heads whose threshold price was beyond at the anchor: at %d', (spot, reached, hasBreak) => {
    const { viewport } = viewportWith({ pins: [{ kind: 'ROUND' }] })
    const targets = follow(viewport, ROUND, [
      [5, 499.6],
      [10, 499.95],
      [61, 499.95],
      [120, spot],
      [241, spot],
      [242, 500],
    ])
    const [before, confirmed, later] = targets.slice(3)
    expect(confirmed?.row_basis).toBe('confirmation')
    expect(missing(before)).toEqual([])
    expect(new Set(missing(confirmed))).toEqual(new Set(reached))
    expect([confirmed?.p_tradeable_2, confirmed?.p_break, confirmed?.ensemble].map((one) => one !== null)).toEqual([
      hasBreak,
      hasBreak,
      hasBreak,
    ])
    expect(confirmed?.strength_signed).not.toBeNull()
    expect(later?.viewport_state).toBe('TOUCH')
  })

  test('is missing where the bar of a confirmed touch never came', () => {
    const { viewport } = viewportWith()
    const bars = [barAt(1), barAt(2), barAt(3), barAt(4)]
    viewport.tick(snapshotAt(10, 499.95, [ROUND]))
    const before = only(viewport.tick(snapshotAt(200, 499.95, [ROUND], bars.slice(0, 2))).targets)
    const after = only(viewport.tick(snapshotAt(300, 499.95, [ROUND], bars.slice(2))).targets)
    expect([before.row_basis, before.error]).toEqual(['supposed', null])
    expect([after.row_basis, after.error, after.p_break]).toEqual([null, 'no_touch_row', null])
    expect(viewport.status().failures.no_touch_row?.last).toBe(
      `viewport: ROUND@500: the bar of the touch at ${START + 10n * SECOND} never came: no row to confirm.`,
    )
  })

  test('is kept for a level that is no target when its bar comes', () => {
    const { viewport } = viewportWith({ mostTargets: 1 })
    const near = levelAt('PM_HIGH', 499.95)
    const tick = (seconds: number, spot: number, bars: Snapshot['bars'] = []): Target =>
      only(viewport.tick(snapshotAt(seconds, spot, [ROUND, near], bars)).targets)
    const chosen = [tick(10, 499.92), tick(61, 499.95, [barAt(0)])]
    expect(chosen.map(({ viewport_state: state }) => state)).toEqual(['TOUCH', 'TOUCH'])
    const rest = [1, 2, 3].map((minute) => barAt(minute))
    const other = chosen[0]?.level_kind_name === 'ROUND' ? near : ROUND
    const shown = only(viewport.tick(snapshotAt(241, 499.95, [other], rest)).targets)
    expect([shown.viewport_state, shown.row_basis, shown.error]).toEqual(['CONFIRMATION', 'confirmation', null])
  })
})

describe('bars', () => {
  test('that are too old leave supposed touches unscored, and so do none at all', () => {
    const { viewport } = viewportWith({ staleAfterNs: 60n * SECOND })
    expect(only(viewport.tick(snapshotAt(60, 499.6, [ROUND])).targets).error).toBeNull()
    const stale = only(viewport.tick(snapshotAt(60.25, 499.6, [ROUND])).targets)
    expect([stale.error, stale.p_break, stale.viewport_state, stale.direction]).toEqual([
      'stale_bars',
      null,
      'FAR',
      'UP',
    ])
    const none = { ...fakeRows(), lastBarNs: null, supposed: () => null }
    const barless = createViewport({ models: modelsOf(fakePredictor()), rows: none })
    expect(only(barless.tick(snapshotAt(0, 499.6, [ROUND])).targets).error).toBe('no_bars')
  })

  test('that have not ended are refused, and a source that holds one is not believed', () => {
    const { viewport, rows } = viewportWith()
    const { barErrors } = viewport.tick(snapshotAt(59, 499.6, [ROUND], [barAt(0)]))
    expect(barErrors).toEqual([
      `viewport: bar.minute=${Number(START / MINUTE)}: has not ended at ${START + 59n * SECOND}. Send bars when they have ended.`,
    ])
    expect(rows.bars).toEqual([])
    rows.push(barAt(1))
    expect(only(viewport.tick(snapshotAt(60, 499.6, [ROUND])).targets).error).toBe('future_bars')
  })

  test('that the source refuses are told, and the tick goes on', () => {
    const { viewport } = viewportWith()
    const { barErrors, targets } = viewport.tick(
      snapshotAt(120, 499.6, [ROUND], [barAt(1), barAt(0), { ...barAt(2), minute: 0.5 }]),
    )
    expect(barErrors).toEqual([
      expect.stringContaining('out of order') as string,
      expect.stringContaining('0.5') as string,
    ])
    expect(only(targets).error).toBeNull()
    expect(viewport.status().rejectedBars).toBe(2)
  })
})
