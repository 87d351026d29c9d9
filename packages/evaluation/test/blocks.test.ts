import { headForecasts } from '@breakwater/evaluation'
import { expect, test } from 'vitest'
import { blocks, ROWS, SESSIONS, TARGETS } from './block-sample.ts'

const DIRECTION = { name: 'direction', task: 'binary' as const }

test('gathers the rows of all blocks that every column forecasts, in their order', () => {
  const { forecasts, places } = headForecasts(blocks(), DIRECTION)
  const rows = Array.from({ length: ROWS }, (_, row) => row).filter(
    (row) => row % 4 !== 0 && row % 10 !== 9 && row % 3 !== 0,
  )
  expect(places.map(({ row }) => row)).toEqual(rows)
  expect([...forecasts.targets]).toEqual(rows.map((row) => TARGETS[1]?.values[row]))
  expect([...forecasts.sessions]).toEqual(rows.map((row) => Math.floor(row / 30)))
  expect(forecasts.kinds).toEqual(rows.map((row) => ['PM_HIGH', 'ROUND', 'SMA_200'][row % 3]))
  expect([...forecasts.columns.keys()]).toEqual(['raw', 'calibrated', 'retrieval'])
})

test('ranks sessions by date, whatever the order of the dictionary', () => {
  const turned = blocks().map((block) => {
    const date = block.signals.table.columns['date']
    if (date?.type !== 'string') throw new Error('dates are words')
    const codes = date.codes.map((code) => SESSIONS.length - 1 - code)
    const columns = { ...block.signals.table.columns, date: { ...date, codes, dictionary: SESSIONS.toReversed() } }
    return { ...block, signals: { ...block.signals, table: { rows: ROWS, columns } } }
  })
  const straight = headForecasts(blocks(), DIRECTION).forecasts
  expect(headForecasts(turned, DIRECTION).forecasts.sessions).toEqual(straight.sessions)
})

test('leaves a row out without counting it where no column has a forecast', () => {
  const silent = blocks().map((block) => ({
    ...block,
    columns: new Map(
      [...block.columns].map(([id, heads]) => [
        id,
        new Map([...heads].map(([head, values]) => [head, values.map((value, i) => (i === 1 ? Number.NaN : value))])),
      ]),
    ),
  }))
  const before = headForecasts(blocks(), DIRECTION).forecasts
  const after = headForecasts(silent, DIRECTION).forecasts
  expect(before.targets.length - after.targets.length).toBe(2)
  expect(after.leftOut).toBe(before.leftOut)
})

test('is empty for a head without targets, and where no column knows it', () => {
  expect(headForecasts(blocks(), { name: 'direction_8min', task: 'binary' }).forecasts.targets).toHaveLength(0)
  const unknown = blocks().map((block) => ({ ...block, columns: new Map([['raw', new Map()]]) }))
  expect(headForecasts(unknown, DIRECTION).forecasts).toMatchObject({ columns: new Map(), leftOut: 0 })
})

test('refuses a table without dates', () => {
  const [block] = blocks()
  if (block === undefined) throw new Error('there is a block')
  const bare = { ...block, signals: { ...block.signals, table: { rows: ROWS, columns: {} } } }
  expect(() => headForecasts([bare], DIRECTION)).toThrow('features: table.date: the column is missing.')
})
