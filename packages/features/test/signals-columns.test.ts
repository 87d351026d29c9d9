import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { buildSignals, momentColumns, signalColumns } from '@breakwater/features'
import { loadSchema } from '@breakwater/features/parquet'
import { describe, expect, test } from 'vitest'
import { barsOf, walk } from './synthetic-bars.ts'

const SCHEMA = join(import.meta.dirname, '../../../data/features.json')
const byName = new Map(signalColumns.map((column) => [column.name, column]))

const order = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1)

describe('the columns of the signals table', () => {
  test('are those of signalColumns, in order, whether or not there are rows', () => {
    const names = signalColumns.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    expect(Object.keys(buildSignals(barsOf([])).table.columns)).toEqual(names)
    expect(Object.keys(buildSignals(walk({ dates: ['2024-02-20'], seed: 5 })).table.columns)).toEqual(names)
  })

  test('say when each is known: labels never, the others at the touch, a minute or four minutes after its start', () => {
    const times = new Set(signalColumns.map(({ knownAfterS }) => knownAfterS))
    expect(times).toEqual(new Set([0, 60, 240, null]))
    const labels = signalColumns.filter(({ knownAfterS }) => knownAfterS === null).map(({ group }) => group)
    expect(new Set(labels)).toEqual(new Set(['outcome', 'outcome_by_anchor']))
  })

  test.skipIf(!existsSync(SCHEMA))('are those of data/features.json, with its types', async () => {
    const { columns } = await loadSchema(SCHEMA)
    const declared = columns.map(({ name, type, group }) => ({ name, type, group }))
    const ours = signalColumns.map(({ name, type, group }) => ({ name, type, group }))
    expect(ours.toSorted(order)).toEqual(declared.toSorted(order))
  })

  test.skipIf(!existsSync(SCHEMA))('are known by the time that data/features.json declares', async () => {
    const features = (await loadSchema(SCHEMA)).columns.filter(({ role }) => role === 'feature')
    const early = features.filter(({ name, knownAfterS }) => {
      const ours = byName.get(name)?.knownAfterS ?? Infinity
      return knownAfterS === undefined || knownAfterS < ours
    })
    expect(early.map(({ name }) => name)).toEqual([])
    expect(features.length).toBeGreaterThan(70)
  })

  test.skipIf(!existsSync(SCHEMA))('are described beside those of moments, which are ours word by word', async () => {
    const schema = await loadSchema(SCHEMA)
    expect(schema.moments).toEqual(momentColumns)
    const names = new Set(schema.columns.map(({ name }) => name))
    expect(momentColumns.filter(({ name }) => names.has(name))).toEqual([])
  })
})
