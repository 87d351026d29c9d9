import { meanContributions, topContributions } from '@breakwater/trees'
import { describe, expect, it } from 'vitest'

const COLUMNS = ['a', 'b', 'c']

describe('mean contributions', () => {
  it('average absolute values and signed ones, the greatest first, equals in column order', () => {
    const contributions = Float64Array.of(1, -2, 0.5, -1, -4, 1.5)
    expect(meanContributions(COLUMNS, contributions)).toEqual([
      { column: 'b', meanAbsolute: 3, mean: -3 },
      { column: 'a', meanAbsolute: 1, mean: 0 },
      { column: 'c', meanAbsolute: 1, mean: 1 },
    ])
  })

  it('of no rows are not numbers', () => {
    const [first] = meanContributions(COLUMNS, new Float64Array())
    expect(first).toEqual({ column: 'a', meanAbsolute: Number.NaN, mean: Number.NaN })
  })

  it('refuse arrays with a base value among the columns', () => {
    expect(() => meanContributions(COLUMNS, new Float64Array(4))).toThrow(
      'trees: contributions.length=4: must be rows x columns, a multiple of 3. Keep the base value apart',
    )
  })
})

describe('top contributions', () => {
  const values = Float32Array.of(9, 9, 9, 1, Number.NaN, 3)
  const contributions = Float64Array.of(9, 9, 9, 0.5, -2, 0)

  it('are the largest by size with the row’s values, missing ones too, and leave zeros out', () => {
    expect(topContributions(COLUMNS, values, contributions, { offset: 3 })).toEqual([
      { column: 'b', value: Number.NaN, contribution: -2 },
      { column: 'a', value: 1, contribution: 0.5 },
    ])
    expect(topContributions(COLUMNS, values, contributions, { count: 1, offset: 3 })).toHaveLength(1)
    expect(topContributions(COLUMNS, values, contributions, { count: 0 })).toEqual([])
    expect(topContributions(COLUMNS, values, contributions).map(({ column }) => column)).toEqual(COLUMNS)
  })

  it('refuse counts that are none and arrays that are too short', () => {
    expect(() => topContributions(COLUMNS, values, contributions, { count: -1 })).toThrow(
      'trees: count=-1: must be an integer of at least 0',
    )
    expect(() => topContributions(COLUMNS, values, contributions, { offset: 4 })).toThrow(
      'trees: values.length=6: must have 3 columns from offset 4 on',
    )
    expect(() => topContributions(COLUMNS, values, new Float64Array(2))).toThrow(
      'trees: contributions.length=2: must have 3 columns from offset 0 on',
    )
  })
})
