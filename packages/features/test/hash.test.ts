import type { Table } from '@breakwater/features'
import { hashTable } from '@breakwater/features/parquet'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { floats, numbers, times, words } from './tables.ts'

const base: Table = {
  rows: 3,
  columns: { n: numbers([1, Number.NaN, 0.5]), t: times([1n, 2n, 3n]), w: words(['a', null, 'b']) },
}

const hashNumbers = (list: number[]) => hashTable({ rows: list.length, columns: { n: numbers(list) } })

describe('the content hash', () => {
  test('is the number that another program computes from its definition', () => {
    expect(hashTable(base)).toBe('f0f66de77ce89b6794e486f9d41a9e491f32c409c9bb18eb477d9ac0ead2391c')
  })

  test.each<[string, Table]>([
    [
      'column order',
      { rows: 3, columns: { w: words(['a', null, 'b']), t: times([1n, 2n, 3n]), n: numbers([1, Number.NaN, 0.5]) } },
    ],
    ['32-bit storage of the same values', { rows: 3, columns: { ...base.columns, n: floats([1, Number.NaN, 0.5]) } }],
    [
      'the numbering of words and words not used',
      {
        rows: 3,
        columns: {
          ...base.columns,
          w: { type: 'string', codes: new Int32Array([2, -1, 0]), dictionary: ['b', 'z', 'a'] },
        },
      },
    ],
    ['the bits of a NaN', { rows: 3, columns: { ...base.columns, n: numbers([1, -Number.NaN, 0.5]) } }],
  ])('does not depend on %s', (_, table) => {
    expect(hashTable(table)).toBe(hashTable(base))
  })

  test.each<[string, Table]>([
    ['a number', { rows: 3, columns: { ...base.columns, n: numbers([1, Number.NaN, 0.5000001]) } }],
    ['a missing number', { rows: 3, columns: { ...base.columns, n: numbers([1, 0, 0.5]) } }],
    ['a nanosecond', { rows: 3, columns: { ...base.columns, t: times([1n, 2n, 4n]) } }],
    ['a word', { rows: 3, columns: { ...base.columns, w: words(['a', null, 'c']) } }],
    ['a missing word', { rows: 3, columns: { ...base.columns, w: words(['a', 'a', 'b']) } }],
    [
      'a name',
      { rows: 3, columns: { m: numbers([1, Number.NaN, 0.5]), t: times([1n, 2n, 3n]), w: words(['a', null, 'b']) } },
    ],
    [
      'row order',
      { rows: 3, columns: { n: numbers([0.5, Number.NaN, 1]), t: times([3n, 2n, 1n]), w: words(['b', null, 'a']) } },
    ],
    ['a type', { rows: 3, columns: { ...base.columns, t: numbers([1, 2, 3]) } }],
    ['where one word ends and the next begins', { rows: 3, columns: { ...base.columns, w: words(['a1', null, 'b']) } }],
  ])('changes with %s', (_, table) => {
    expect(hashTable(table)).not.toBe(hashTable(base))
  })

  test('takes 0 and -0 for one value, at any length', () => {
    fc.assert(
      fc.property(fc.array(fc.double(), { maxLength: 40 }), (values) => {
        const signed = values.map((value) => (value === 0 ? -0 : value))
        expect(hashNumbers(signed)).toBe(hashNumbers(values))
      }),
    )
  })

  test('reads a long column whole', () => {
    const values = new Float64Array(40_000)
    const before = hashTable({ rows: 40_000, columns: { n: { type: 'number', values } } })
    values[39_999] = 1
    expect(hashTable({ rows: 40_000, columns: { n: { type: 'number', values } } })).not.toBe(before)
  })
})
