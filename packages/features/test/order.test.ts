import { array, assert, integer, property } from 'fast-check'
import { expect, test } from 'vitest'
import { sortRows } from '#src/bars/order'

function sorted(minutes: Float64Array, rows: Uint32Array): { readonly rows: Uint32Array; readonly yields: number } {
  const steps = sortRows(minutes, rows)
  for (let yields = 0; ; yields++) {
    const step = steps.next()
    if (step.done === true) return { rows: step.value, yields }
  }
}

test('rows are ordered as a stable sort orders them, and the given rows stay', () => {
  const minutes = array(integer({ min: -20, max: 20 }), { maxLength: 200 })
  assert(
    property(minutes, (times) => {
      const keys = Float64Array.from(times)
      const rows = Uint32Array.from(keys.keys()).filter((row) => row % 3 !== 1)
      const before = rows.slice()
      const wanted = Array.from(rows).toSorted((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0))
      expect(Array.from(sorted(keys, rows).rows)).toEqual(wanted)
      expect(rows).toEqual(before)
    }),
  )
})

test('many rows give many turns', () => {
  const count = 2 ** 19
  const keys = Float64Array.from({ length: count }, (_, row) => count - row)
  const { rows, yields } = sorted(keys, Uint32Array.from(keys.keys()))
  expect([rows[0], rows[1], rows[count - 1]]).toEqual([count - 1, count - 2, 0])
  // 19 passes of 2 pieces.
  expect(yields).toBe(38)
})
