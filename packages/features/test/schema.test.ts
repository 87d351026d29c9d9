import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { findColumn, LEVEL_KINDS, parseSchema, signalColumns } from '@breakwater/features'
import type { Schema } from '@breakwater/features'
import { loadSchema, SHIPPED_SCHEMA } from '@breakwater/features/parquet'
import { beforeEach, describe, expect, test } from 'vitest'
import { contractColumns, originalFeatures } from './contract.ts'

const path = fileURLToPath(new URL('../../../data/features.json', import.meta.url))

const messageOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  return 'nothing was thrown'
}

type Columns = Record<string, Record<string, unknown>>
type Layout = { version: unknown; columns: Columns; moments: Columns }
const ours = (): Layout => JSON.parse(readFileSync(path, 'utf8')) as Layout

const rolesOf = (schema: Schema, names: string[]) => names.map((name) => findColumn(schema, name)?.role)

const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1)

describe('the shipped features.json', () => {
  let schema: Schema
  beforeEach(async () => {
    schema = await loadSchema(path)
  })

  test('has every column of the contract and the window columns, and nothing else', () => {
    const windows = ['window_s', 'window_s_2min', 'window_s_4min', 'window_s_8min']
    expect(schema.columns.map((column) => column.name).toSorted()).toEqual(
      [...contractColumns(), ...windows].toSorted(),
    )
  })

  test('agrees with the code that computes the signals about names, types, groups and when each value is known', () => {
    const declared = signalColumns.map(({ name, type, group, knownAfterS }) => ({ name, type, group, knownAfterS }))
    const listed = schema.columns.map(({ name, type, group, knownAfterS = null }) => ({
      name,
      type,
      group,
      knownAfterS,
    }))
    expect(listed.toSorted(byName)).toEqual(declared.toSorted(byName))
  })

  test('agrees with the contract about string, boolean and integer types', () => {
    const contract = Object.values(originalFeatures().features).flatMap((group) => Object.entries(group.columns))
    for (const [name, { dtype }] of contract) {
      const type = findColumn(schema, name)?.type
      expect([name, type]).toEqual([name, /ts_ns/.test(name) ? 'time' : dtype])
    }
  })

  test('keeps raw prices, codes and ids away from the features', () => {
    expect(rolesOf(schema, ['spot', 'level_price', 'sma_200', 'sma_400', 'level_kind', 'direction_sign'])).toEqual(
      Array.from({ length: 6 }, () => 'level'),
    )
    expect(rolesOf(schema, ['attempt_cluster_id', 'confirm_ts_ns', 'confirm_ts_ns_8min', 'event_id'])).toEqual(
      Array.from({ length: 4 }, () => 'identity'),
    )
  })

  test('makes whatever comes from the barrier known at 240 s', () => {
    const late = schema.columns.filter((column) => column.role === 'feature' && column.knownAfterS === 240)
    expect(late.map((column) => column.name)).toEqual([
      'barrier_state',
      'barrier_delta_liq',
      'barrier_delta_liq_nonzero',
      'barrier_delta_liq_log',
      'barrier_replenishment_ratio',
      'wall_ratio',
      'wall_ratio_nonzero',
      'wall_ratio_log',
      'liquidity_pressure',
      'net_break_pressure',
      'barrier_replenishment_trend',
      'barrier_delta_liq_trend',
    ])
  })

  test('finds a feature by its short name', () => {
    const found = ['sma_200_distance', 'sma_400_distance', 'sma_slope_short', 'confluence_score'].map(
      (name) => findColumn(schema, name)?.name,
    )
    expect(found).toEqual(['dist_to_sma_200', 'dist_to_sma_400', 'sma_200_slope_5bar', 'confluence_weighted_score'])
    expect(findColumn(schema, 'nothing')).toBeUndefined()
  })

  test('lists the level kinds in the order of their codes', () => {
    expect(findColumn(schema, 'level_kind_name')?.categories).toEqual(LEVEL_KINDS)
    expect(LEVEL_KINDS.slice(0, 13).indexOf('SMA_400')).toBe(12)
  })
})

const broken = (name: string, change: Record<string, unknown>): string => {
  const json = ours()
  json.columns[name] = { ...json.columns[name], ...change }
  return messageOf(() => parseSchema(json, 'my.json'))
}

describe('a version 2 file with a mistake', () => {
  test('names the path, the value and the rule', () => {
    expect(broken('tape_imbalance', { role: 'x' })).toBe(
      'features: my.json: columns.tape_imbalance.role="x": Invalid option: expected one of "identity"|"level"|"feature"|"label". Correct the file.',
    )
  })

  test.each([
    ['atr', { family: undefined }, 'columns.atr.family=absent: a feature needs a family'],
    ['atr', { stage: undefined }, 'columns.atr.stage=absent: a feature needs a stage'],
    [
      'atr',
      { known_after_s: undefined },
      'columns.atr.known_after_s=absent: a feature needs the seconds after which it is known, or a lookahead reason',
    ],
    ['spot', { stage: 'a' }, ': only a feature has a family or a stage'],
    [
      'direction',
      { categories: undefined },
      'columns.direction.categories=absent: a string feature needs its categories',
    ],
    ['direction', { categories: ['UP', 'UP'] }, 'columns.direction.categories=["UP","UP"]: each category once'],
    ['atr', { categories: ['x'] }, 'columns.atr.categories=["x"]: only a string column has categories'],
    ['atr', { type: 'time' }, 'columns.atr.type="time": a time cannot be a feature'],
    ['atr', { aliases: ['spot'] }, 'columns.atr.aliases=["spot"]: "spot" is already the name or alias of a column'],
    ['atr', { known_after: 3 }, 'Unrecognized key: "known_after"'],
    ['atr', { known_after_s: -1 }, 'columns.atr.known_after_s=-1: '],
  ])('%s with %j', (name, change, rule) => {
    expect(broken(name, change)).toContain(rule)
  })

  test.each([
    [
      'moved',
      { known_after_s: 0 },
      'moments.moved.known_after_s=0: a column of moments is known at the moment. Leave it out',
    ],
    ['moved', { family: undefined }, 'moments.moved.family=absent: a feature needs a family'],
    ['time_to_touch', { stage: 'a' }, ': only a feature has a family or a stage'],
    ['atr', {}, ': already the name or alias of a column of signals'],
  ])('among the columns of moments %s with %j', (name, change, rule) => {
    const json = ours()
    const column = json.moments[name] ?? json.moments['moved']
    json.moments[name] = { ...column, ...change }
    expect(messageOf(() => parseSchema(json, 'my.json'))).toContain(rule)
  })

  test('may leave the columns of moments out', () => {
    const { moments, ...json } = ours()
    expect(Object.keys(moments).length).toBeGreaterThan(15)
    expect(parseSchema(json).moments).toEqual([])
  })

  test('reports three problems and counts the rest', () => {
    const json = ours()
    for (const name of ['atr', 'distance', 'spot', 'date', 'symbol']) json.columns[name] = {}
    const lines = messageOf(() => parseSchema(json)).split('\n')
    expect(lines).toHaveLength(4)
    expect(lines[3]).toMatch(/^features: features.json: and \d+ more\. Correct the file\.$/)
  })

  test.each([
    [{ version: 3 }, 'features: features.json: version=3: must be 2 or "1.5.0"'],
    [[], 'version=absent'],
    [null, 'version=absent'],
    ['text', 'version=absent'],
  ])('a stranger is refused: %j', (json, message) => {
    expect(messageOf(() => parseSchema(json))).toContain(message)
  })
})

describe('the original 1.5.0 layout', () => {
  test('gets role, family, stage, unit and known-at time from the overlay for every column', () => {
    const schema = parseSchema(originalFeatures())
    expect(schema.unknown).toEqual([])
    expect(schema.outputPath).toBe('lake/signals.parquet')
    expect(schema.columns.map((column) => column.name)).toEqual(contractColumns())
    for (const column of schema.columns.filter(({ role }) => role === 'feature')) {
      expect([column.name, column.knownAfterS === undefined]).toEqual([column.name, column.lookahead !== undefined])
      expect(column.family).toBeDefined()
    }
    expect(findColumn(schema, 'dist_to_sma_200')).toMatchObject({ knownAfterS: 120, aliases: ['sma_200_distance'] })
    expect(findColumn(schema, 'barrier_delta_liq')).toMatchObject({ knownAfterS: 240 })
    expect(findColumn(schema, 'confirm_ts_ns_2min')).toMatchObject({ type: 'time', role: 'identity' })
  })

  test('marks the columns that hold the rest of the day', () => {
    const schema = parseSchema(originalFeatures())
    expect(schema.columns.filter((column) => column.lookahead !== undefined).map((column) => column.name)).toEqual([
      'barrier_state',
      'wall_ratio',
      'wall_ratio_nonzero',
      'wall_ratio_log',
      'gamma_exposure',
      'fuel_effect',
      'gamma_bucket',
      'gamma_flow_velocity',
      'gamma_flow_impulse',
      'gamma_flow_accel_1m',
      'gamma_flow_accel_3m',
      'dealer_pressure',
      'dealer_pressure_accel',
      'liquidity_pressure',
      'gamma_pressure',
      'gamma_pressure_accel',
      'net_break_pressure',
      'prior_touches',
    ])
  })

  test('does not make a feature of a column that the overlay does not know', () => {
    const json = originalFeatures()
    json.features['extra'] = {
      description: '',
      columns: {
        constructor: { dtype: 'float64', description: '', example: 0 },
        atr_2min: { dtype: 'float64', description: '', example: 0 },
      },
    }
    const schema = parseSchema(json)
    expect(schema.unknown).toEqual(['constructor', 'atr_2min'])
    expect(findColumn(schema, 'atr_2min')).toMatchObject({ role: 'identity', unit: 'unknown' })
  })

  test('takes a short name for the column that it means, and refuses both at once', () => {
    const json = originalFeatures()
    const columns = json.features['mean_reversion']?.columns ?? {}
    columns['sma_200_distance'] = { dtype: 'float64', description: '', example: 0 }
    expect(messageOf(() => parseSchema(json))).toContain(
      'features.mean_reversion.columns.sma_200_distance={"dtype":"float64","description":"","example":0}: already a column of group mean_reversion.',
    )
    delete columns['dist_to_sma_200']
    expect(findColumn(parseSchema(json), 'sma_200_distance')?.name).toBe('dist_to_sma_200')
  })

  test('names the path of a mistake', () => {
    const json = originalFeatures()
    Object.assign(json.features['level']?.columns['spot'] ?? {}, { dtype: 'float16' })
    expect(messageOf(() => parseSchema(json, 'old.json'))).toContain(
      'features: old.json: features.level.columns.spot.dtype="float16": ',
    )
  })
})

describe('loading a schema', () => {
  test('takes the one that ships with the package where no path is given', async () => {
    expect(readFileSync(SHIPPED_SCHEMA, 'utf8')).toBe(readFileSync(path, 'utf8'))
    expect(await loadSchema()).toEqual(await loadSchema(path))
  })

  test('says when features.json is missing or not JSON', async () => {
    await expect(loadSchema('/nowhere/features.json')).rejects.toThrow(
      'features: path=/nowhere/features.json: missing features.json. Name the schema of the signals, or leave the path out for the one that ships with this package.',
    )
    await expect(loadSchema(fileURLToPath(import.meta.url))).rejects.toThrow('not JSON')
  })
})
