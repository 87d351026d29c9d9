import { expect, test } from 'vitest'
import { driftRows } from '#src/drift-rows'
import { uniformSource } from './random.ts'

test.each([
  ['one question under one drift', 1, 1, 1],
  ['one drift', 3, 4, 1],
  ['as many as the law asks', 40, 26, 9],
])('both kernels sum %s to the same bits, as plain sums do', (_, rows, questions, drifts) => {
  const uniform = uniformSource(rows + questions + drifts)
  const values = Float32Array.from({ length: rows * questions * drifts }, () => uniform() - 0.2)
  const pairs = Float64Array.from({ length: 2 * drifts }, () => uniform() - 0.5)
  const answers = (['wasm', 'plain'] as const).map((wanted) => {
    const summed = driftRows(rows, questions, drifts, { kernel: wanted })
    summed.values.set(values)
    summed.pairs.set(pairs)
    expect(summed.kernel).toBe(wanted)
    return Array.from({ length: rows }, (__, row) => {
      summed.sumRow(row)
      return [...summed.sums]
    })
  })
  const [fast, plain] = answers
  expect(fast).toEqual(plain)
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < 2 * questions; i++) {
      const from = (row * questions + (i >> 1)) * drifts
      const terms = Array.from(
        values.subarray(from, from + drifts),
        (value, g) => value * (pairs[2 * g + (i % 2)] ?? 0),
      )
      expect(fast?.[row]?.[i]).toBeCloseTo(
        terms.reduce((sum, term) => sum + term, 0),
        12,
      )
    }
  }
})
