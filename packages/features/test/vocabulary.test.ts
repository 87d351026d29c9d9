import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  ANCHORS,
  atAnchor,
  directionOf,
  DIRECTIONS,
  isLevelKind,
  LEVEL_KINDS,
  MISSING_NS,
  numberColumn,
  numbersOf,
  parseReachKey,
  REACH_SIDES,
  reachKey,
  signOf,
  SINGLE_KINDS,
  splitAnchor,
  stringColumn,
  stringsOf,
  timeColumn,
  timesOf,
} from '@breakwater/features/vocabulary'
import { describe, expect, test } from 'vitest'
import { floats, numbers, times, words } from './tables.ts'

describe('names at an anchor', () => {
  test.each(ANCHORS)('are read back as they were written at %s', (anchor) => {
    expect(splitAnchor(atAnchor('p_break', anchor))).toEqual({ base: 'p_break', anchor })
  })

  test('a suffix of the primary anchor, or of none, is part of the name', () => {
    expect(splitAnchor('window_s_4min')).toEqual({ base: 'window_s_4min', anchor: '4min' })
    expect(splitAnchor('window_s_3min')).toEqual({ base: 'window_s_3min', anchor: '4min' })
  })
})

test('keys of reaches are those of the payload, and are read back as they were written', () => {
  const reaches = ([1, 2] as const).flatMap((threshold) => REACH_SIDES.map((side) => ({ threshold, side })))
  expect(reaches.map(reachKey)).toEqual(['t1', 't1_break', 't1_bounce', 't2', 't2_break', 't2_bounce'])
  expect(reaches.map((reach) => parseReachKey(reachKey(reach)))).toEqual(reaches)
  expect(['t3', 't1_', 't1_either', '', 'xt1'].map(parseReachKey)).toEqual([null, null, null, null, null])
})

test('a direction has a sign and a sign a direction', () => {
  expect(DIRECTIONS.map(signOf)).toEqual([1, -1])
  expect([directionOf(1), directionOf(-1)]).toEqual(DIRECTIONS)
  expect([signOf(null), signOf('SIDEWAYS')]).toEqual([Number.NaN, Number.NaN])
})

test('kinds of which there are many at a time are not single', () => {
  expect(LEVEL_KINDS.filter((kind) => !SINGLE_KINDS.includes(kind))).toEqual(['ROUND', 'STRIKE', 'USER_HOTZONE'])
  expect(['VWAP', 'toString', 'ema'].map(isLevelKind)).toEqual([true, false, false])
})

describe('columns of a table', () => {
  const table = {
    rows: 2,
    columns: {
      wide: numbers([0.1, Number.NaN]),
      narrow: floats([0.5, 2]),
      word: words(['UP', null]),
      start: times([1n, 2n]),
      hole: times([1n, MISSING_NS]),
    },
  }

  test('are found by name and type, and read whole', () => {
    expect(numberColumn(table, 'narrow')).toBe(table.columns.narrow)
    expect(stringColumn(table, 'word')).toBe(table.columns.word)
    expect(timeColumn(table, 'hole')).toBe(table.columns.hole)
    expect(numbersOf(table, 'wide')).toBe(table.columns.wide.values)
    expect(numbersOf(table, 'narrow')).toEqual(Float64Array.of(0.5, 2))
    expect(stringsOf(table, 'word')).toEqual(['UP', ''])
    expect(timesOf(table, 'start')).toEqual(BigInt64Array.of(1n, 2n))
  })

  test.each([
    [() => numbersOf(table, 'absent'), 'features: table.absent: the column is missing.'],
    [() => numberColumn(table, 'word'), 'features: table.word: is string, not number.'],
    [() => stringsOf(table, 'wide'), 'features: table.wide: is number, not string.'],
    [() => timesOf(table, 'wide'), 'features: table.wide: is number, not time.'],
    [() => timesOf(table, 'hole'), 'features: table.hole, row 1: the time is missing.'],
  ])('%# are refused by name', (run, message) => {
    expect(run).toThrow(message)
  })
})

test('the entry of the vocabulary loads no other package and little of this one', () => {
  const entry = fileURLToPath(import.meta.resolve('@breakwater/features/vocabulary'))
  const seen = new Set<string>()
  const visit = (file: string): void => {
    if (seen.has(file)) return
    seen.add(file)
    for (const [, specifier = ''] of readFileSync(file, 'utf8').matchAll(/ from '([^']+)'/g)) {
      expect(specifier).toMatch(/^\./)
      visit(join(dirname(file), specifier))
    }
  }
  visit(entry)
  expect(entry).toMatch(/vocabulary\.ts$/)
  expect(seen.size).toBeLessThanOrEqual(8)
})
