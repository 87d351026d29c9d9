import { SnapshotError } from '@breakwater/viewport'
import type { SnapshotLevel, ViewportOptions } from '@breakwater/viewport'
import { describe, expect, test } from 'vitest'
import { barAt, fakeIndex, fakePredictor, headNames, levelAt, modelsOf, SECOND, snapshotAt, START } from './fakes.ts'
import { follow, only, ROUND, viewportWith } from './make.ts'

const vwap = (price: number): SnapshotLevel => levelAt('VWAP', price)
const zone = (price: number): SnapshotLevel => levelAt('USER_HOTZONE', price)

const errorOf = (run: () => unknown): unknown => {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}

describe('scores', () => {
  test('are made in one pass a stage, and only where a row has changed', () => {
    const [a, b] = [fakePredictor(), fakePredictor()]
    const models = { stage_a: { predictor: a, neighbours: null }, stage_b: { predictor: b, neighbours: null } }
    const { viewport } = viewportWith({ models })
    const levels = Array.from({ length: 8 }, (_, i) => levelAt('ROUND', 499.3 + i * 0.2))
    const asked = (): number[] => [a.calls, a.rowsAsked, b.calls, b.rowsAsked]
    viewport.tick(snapshotAt(0.25, 500, levels))
    expect(asked()).toEqual([1, 8, 0, 0])
    for (let i = 2; i < 10; i++) viewport.tick(snapshotAt(i / 4, 500 + (i % 2) * 0.01, levels))
    expect(asked()).toEqual([1, 8, 0, 0])
    viewport.tick(snapshotAt(60, 500, levels, [barAt(0)]))
    expect(asked()).toEqual([2, 16, 0, 0])
    const changed = levels.map((level, i) => (i < 3 ? { ...level, physics: { tape_imbalance: i / 10 } } : level))
    viewport.tick(snapshotAt(60.25, 500, changed))
    expect(asked()).toEqual([3, 19, 0, 0])
    viewport.tick(snapshotAt(240, 500, changed, [barAt(1), barAt(2), barAt(3)]))
    expect([a.calls, b.calls]).toEqual([4, 1])
  })

  test('are those of other models from the tick after these are given, with states and pins as they were', () => {
    const { viewport } = viewportWith({ pins: [{ kind: 'ROUND' }] })
    const [before] = follow(viewport, ROUND, [[10, 499.95]])
    viewport.replaceModels(modelsOf(fakePredictor(headNames().filter((name) => name !== 'direction'))))
    const after = only(viewport.tick(snapshotAt(11, 499.95, [ROUND])).targets)
    expect([before?.p_break, after.p_break]).toEqual([expect.any(Number), null])
    expect(after).toMatchObject({ pinned: true, viewport_state: 'TOUCH', touch_ts_ns: START + 10n * SECOND })
    viewport.replaceModels(modelsOf(null))
    expect(only(viewport.tick(snapshotAt(12, 499.95, [ROUND])).targets).error).toBe('no_models')
    viewport.replaceModels(modelsOf(fakePredictor(), fakeIndex()))
    expect(only(viewport.tick(snapshotAt(13, 499.95, [ROUND])).targets)).toEqual({
      ...before,
      as_of_ts_ns: START + 13n * SECOND,
      elapsed_s: 13,
    })
  })
})

describe('a viewport', () => {
  test('follows 500 levels and publishes the limit', () => {
    const { viewport } = viewportWith()
    const levels = Array.from({ length: 500 }, (_, i) => levelAt('STRIKE', 498 + i / 100))
    const { targets } = viewport.tick(snapshotAt(0, 500, levels))
    expect(targets).toHaveLength(8)
    expect(targets.every(({ distance, error }) => distance <= 1 && error === null)).toBe(true)
    expect(viewport.status()).toMatchObject({ levels: 500, ticks: 1, lastTsNs: START })
  })

  test('keeps pins while their levels come and go, pins a kind or a price, and unpins', () => {
    const { viewport } = viewportWith({ mostTargets: 0 })
    const levels = [levelAt('ROUND', 510), levelAt('ROUND', 490), levelAt('USER_HOTZONE', 505)]
    const ids = (seconds: number, given = levels): string[] =>
      viewport
        .tick(snapshotAt(seconds, 500, given))
        .targets.map(({ level_id: id }) => id)
        .toSorted()
    viewport.pin({ kind: 'ROUND', price: 510.004 })
    viewport.pin({ kind: 'ROUND', price: 510 })
    viewport.pin({ kind: 'USER_HOTZONE' })
    expect(ids(0)).toEqual(['ROUND@510', 'USER_HOTZONE@505'])
    expect(ids(1, [])).toEqual([])
    expect(ids(2)).toEqual(['ROUND@510', 'USER_HOTZONE@505'])
    expect(viewport.status().pins).toEqual([{ kind: 'ROUND', price: 510.004 }, { kind: 'USER_HOTZONE' }])
    expect(viewport.unpin({ kind: 'ROUND' })).toBe(false)
    expect(viewport.unpin({ kind: 'ROUND', price: 510 })).toBe(true)
    expect(ids(3)).toEqual(['USER_HOTZONE@505'])
    viewport.pin({ kind: 'ROUND' })
    expect(ids(4)).toHaveLength(3)
    expect(() => viewport.pin({ kind: '' })).toThrow(
      'viewport: pin.kind="": must be the name of a level kind, such as ROUND.',
    )
    expect(() => viewport.pin({ kind: 'ROUND', price: 0 })).toThrow('viewport: pin.price=0: must be a price above 0.')
  })

  test('shows the nearest of too many pinned levels and counts the others', () => {
    const { viewport } = viewportWith({ mostPinned: 2, pins: [{ kind: 'STRIKE' }] })
    const levels = [505, 495, 520, 480].map((price) => levelAt('STRIKE', price + 0.5))
    const { targets, pinsLeftOut } = viewport.tick(snapshotAt(0, 500, levels))
    expect(new Set(targets.map(({ level_price: price }) => price))).toEqual(new Set([495.5, 505.5]))
    expect(pinsLeftOut).toBe(2)
  })

  test('knows a moving level by its kind, and one of many by its price', () => {
    const { viewport } = viewportWith()
    const first = only(viewport.tick(snapshotAt(10, 500, [vwap(500.05)])).targets)
    const moved = only(viewport.tick(snapshotAt(20, 500, [vwap(500.15)])).targets)
    expect([moved.touch_ts_ns, moved.viewport_state]).toEqual([first.touch_ts_ns, 'TOUCH'])
    viewport.tick(snapshotAt(30, 500, [zone(500.05)]))
    expect(only(viewport.tick(snapshotAt(40, 500, [zone(500.15)])).targets).viewport_state).toBe('IN_MONITOR_BAND')
    expect(viewport.status().levels).toBe(3)
  })

  test('forgets a level that it has not seen for long: yesterday’s touch is over', () => {
    const { viewport } = viewportWith({ forgetAfterNs: 1800n * SECOND, staleAfterNs: 10n ** 15n })
    follow(viewport, ROUND, [[10, 499.95]])
    const back = only(viewport.tick(snapshotAt(1811, 499.8, [ROUND])).targets)
    expect([back.viewport_state, back.touch_ts_ns]).toEqual(['IN_MONITOR_BAND', null])
    for (let i = 0; i < 256; i++) viewport.tick(snapshotAt(4000 + i, 499.8, []))
    expect(viewport.status().levels).toBe(0)
  })

  test('counts targets by state', () => {
    const { viewport } = viewportWith()
    viewport.tick(snapshotAt(0, 500, [ROUND, levelAt('PM_LOW', 500.2), levelAt('PM_HIGH', 500.7)]))
    expect(viewport.status().targetsByState).toEqual({
      FAR: 1,
      APPROACHING: 0,
      IN_MONITOR_BAND: 1,
      TOUCH: 1,
      CONFIRMATION: 0,
      RESOLVED: 0,
    })
  })

  test('publishes a level without a side when spot begins at its price and the bars do not tell', () => {
    const { viewport } = viewportWith()
    const target = only(viewport.tick(snapshotAt(0, 500, [ROUND])).targets)
    expect([target.direction, target.error, target.p_break]).toEqual([null, 'no_side', null])
  })
})

describe('a snapshot that cannot be scored', () => {
  const good = snapshotAt(0, 499.6, [ROUND])

  test.each([
    [{ ...good, tsNs: 0n }, 'bad_time', 'viewport: snapshot.tsNs=0: must be a bigint of nanoseconds since 1970 UTC.'],
    [{ ...good, tsNs: Number.NaN as unknown as bigint }, 'bad_time', 'viewport: snapshot.tsNs=NaN: must be a bigint'],
    [{ ...good, spot: Number.NaN }, 'bad_spot', 'viewport: snapshot.spot=NaN: must be a price above 0.'],
    [{ ...good, spot: 0 }, 'bad_spot', 'viewport: snapshot.spot=0: must be a price above 0.'],
    [
      { ...good, levels: null as unknown as SnapshotLevel[] },
      'bad_levels',
      'viewport: snapshot.levels=null: must be a list of levels.',
    ],
    [
      { ...good, tsNs: START - 1n },
      'time_backwards',
      `viewport: snapshot.tsNs=${START - 1n}: is before the last snapshot, ${START}. Drop snapshots that arrive out of order.`,
    ],
  ] as const)('is refused with a code and changes nothing: %#', (snapshot, code, message) => {
    const { viewport } = viewportWith()
    viewport.tick(good)
    const before = viewport.status()
    const error = errorOf(() => viewport.tick(snapshot))
    expect(error).toBeInstanceOf(SnapshotError)
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) as string })
    expect(viewport.status()).toEqual(before)
    expect(viewport.tick(good).targets).toHaveLength(1)
  })
})

describe('options of a viewport', () => {
  test.each([
    [{ timeframe: '5min' as '4min' }, 'viewport: options.timeframe="5min": must be one of 2min, 4min, 8min.'],
    [{ horizons: [60, 0] }, 'viewport: options.horizons=0: must be whole seconds above 0.'],
    [
      { thresholds: [2, 1] as const },
      'viewport: options.thresholds=2,1: must be two amounts of dollars above 0, the second greater.',
    ],
    [{ mostTargets: -1 }, 'viewport: options.mostTargets=-1: must be a whole number of at least 0.'],
    [{ staleAfterNs: -1n }, 'viewport: options.staleAfterNs=-1: must be a bigint of nanoseconds of at least 0.'],
    [{ relevance: { scanBand: 0 } }, 'viewport: options.relevance.scanBand=0: must lie in'],
    [
      { relevance: { gammaWeight: Number.NaN } },
      'viewport: options.relevance.gammaWeight=NaN: must be a finite number.',
    ],
    [{ state: { monitorBand: 2 } }, 'viewport: options.state.approachBand=1: must lie in'],
    [{ gate: { mostBias: -1 } }, 'viewport: options.mostBias=-1: must lie in'],
    [{ ensemble: { weightRange: [0.9, 0.1] as const } }, 'viewport: options.weightRange[1]=0.1: must lie in [0.9, 1].'],
    [{ pins: [{ kind: '' }] }, 'viewport: pin.kind="": must be the name of a level kind'],
  ] satisfies [Partial<ViewportOptions>, string][])('are refused by name: %#', (options, message) => {
    expect(() => viewportWith(options)).toThrow(message)
  })
})
