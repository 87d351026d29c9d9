import { buildSignals, checkLiveFeatures, CONFIRMED_COLUMNS, liveNeeds } from '@breakwater/features'
import { describe, expect, test } from 'vitest'
import { knownColumns, newLive, physicsIn, plainRows, pushAll, rowsByMinute } from './live-rows.ts'
import { physicsColumns, physicsFor } from './random-physics.ts'
import { walk } from './synthetic-bars.ts'

const isMissing = (value: unknown): boolean => value === null || Number.isNaN(value)

function sorted(entries: Iterable<readonly [string, readonly string[]]>): Record<string, readonly string[]> {
  return Object.fromEntries([...entries].map(([name, needs]) => [name, needs.toSorted()]))
}

describe('what live features need', () => {
  test('is declared for every column that is not a label and what the anchor adds, and for no other', () => {
    const names = [...knownColumns.map(({ name }) => name), ...CONFIRMED_COLUMNS]
    expect([...liveNeeds.keys()].toSorted()).toEqual(names.toSorted())
    expect([...new Set([...liveNeeds.values()].flat())].toSorted()).toEqual(
      [...new Set(physicsColumns)].filter((name) => liveNeeds.get(name)?.includes(name)).toSorted(),
    )
  })

  test('is what makes a feature missing when it is not given, and nothing else does', () => {
    const bars = walk({ dates: ['2024-03-06', '2024-03-07', '2024-03-08', '2024-03-11'], seed: 51 })
    const { table } = buildSignals(bars, { physics: physicsFor(buildSignals(bars).table, 8) })
    const whole = plainRows(table).findLast((row) => knownColumns.every(({ name }) => !isMissing(row[name])))
    if (whole === undefined) throw new Error('no touch has every value')
    const at = Number((whole['ts_ns'] as bigint) / 60_000_000_000n)
    expect(rowsByMinute([whole]).has(at)).toBe(true)
    const live = newLive()
    const found = new Map<string, string[]>()
    pushAll(bars, live, ({ minute }) => {
      if (minute !== at) return
      const level = { kind: String(whole['level_kind_name']), price: Number(whole['level_price']) }
      const row = live.touched(level, whole['ts_ns'] as bigint, 0)
      const complete = { ...row?.values(physicsIn(whole), 240) }
      for (const name of physicsColumns) {
        const values = row?.values({ ...physicsIn(whole), [name]: null }, 240) ?? {}
        for (const { name: feature } of knownColumns) {
          if (isMissing(values[feature]) && !isMissing(complete[feature])) {
            found.set(feature, [...(found.get(feature) ?? []), name])
          }
        }
      }
    })
    const declared = [...liveNeeds].filter(([, needs]) => needs.length > 0)
    expect(sorted(found)).toEqual(sorted(declared))
  })
})

describe('the check before a model goes live', () => {
  test('passes features that bars give, and those whose physics is given', () => {
    expect(checkLiveFeatures(['atr', 'reversion_pressure', 'level_kind_name'])).toEqual([])
    expect(checkLiveFeatures(['tape_pressure'], { physics: ['tape_imbalance', 'tape_velocity'] })).toEqual([])
  })

  test('refuses a feature that nothing gives, naming it and what it is made from', () => {
    expect(() => checkLiveFeatures(['atr', 'wall_ratio', 'tape_pressure'], { physics: ['tape_velocity'] })).toThrow(
      'features: live features: no source provides wall_ratio, tape_pressure (made from tape_imbalance): the model was ' +
        'trained on these and would be served without them. Pass the physics with the snapshots, train without these features, ' +
        'or allow each to be missing by name.',
    )
  })

  test('gives back those that are allowed to be missing by name', () => {
    const features = ['atr', 'wall_ratio', 'wall_ratio_log']
    expect(checkLiveFeatures(features, { allowMissing: ['wall_ratio_log', 'wall_ratio', 'tape_pressure'] })).toEqual([
      'wall_ratio',
      'wall_ratio_log',
    ])
    expect(() => checkLiveFeatures(features, { allowMissing: ['wall_ratio'] })).toThrow(
      'wall_ratio_log (made from wall_ratio)',
    )
  })

  test('refuses names that mean nothing, and columns that no live row has even where they are allowed', () => {
    expect(() => checkLiveFeatures(['atr', 'vix'])).toThrow(
      'features: features: vix is not a column that a live row has. Correct the name, or train without it.',
    )
    expect(() => checkLiveFeatures(['outcome'])).toThrow('outcome is not a column that a live row has')
    expect(() => checkLiveFeatures(['atr'], { allowMissing: ['wall_ration'] })).toThrow(
      'features: allowMissing: wall_ration is not a column that a live row has.',
    )
    expect(() => checkLiveFeatures(['atr'], { physics: ['tape_pressure'] })).toThrow(
      'features: physics: tape_pressure is not a physics column.',
    )
  })
})
