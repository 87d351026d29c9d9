import { expect, test } from 'vitest'
import { anderson } from '#src/anderson'
import { uniformSource } from './random.ts'

const SIZE = 6

/** x -> a x + b, a symmetric contraction with largest eigenvalue below 0.99, and where it ends. */
function contraction(seed: number): { readonly map: (x: Float64Array) => Float64Array; readonly end: Float64Array } {
  const uniform = uniformSource(seed)
  const axis = Float64Array.from({ length: SIZE }, () => uniform() - 0.5)
  const length = axis.reduce((sum, value) => sum + value * value, 0)
  const scales = Float64Array.from({ length: SIZE }, (_, i) => 0.98 - 0.15 * i)
  // A reflection turns the scales' axes: a = h s h.
  const reflect = (x: Float64Array): Float64Array => {
    const along = x.reduce((sum, value, i) => sum + value * (axis[i] as number), 0)
    return x.map((value, i) => value - (2 * along * (axis[i] as number)) / length)
  }
  const end = Float64Array.from({ length: SIZE }, () => uniform())
  const map = (x: Float64Array): Float64Array =>
    reflect(
      reflect(x.map((value, i) => value - (end[i] as number))).map((value, i) => value * (scales[i] as number)),
    ).map((value, i) => value + (end[i] as number))
  return { map, end }
}

const farthest = (a: Float64Array, b: Float64Array): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] as number))), 0)

test.each([1, 2, 3])('a linear iteration in six dimensions is solved in eight steps, seed %i', (seed) => {
  const { map, end } = contraction(seed)
  let plain: Float64Array = new Float64Array(SIZE)
  let x: Float64Array = plain
  const accelerate = anderson()
  for (let step = 0; step < SIZE + 2; step++) {
    const g = map(x)
    x = accelerate(x, g) ?? g
    plain = map(plain)
  }
  expect(farthest(x, end)).toBeLessThan(1e-4)
  expect(farthest(plain, end)).toBeGreaterThan(0.05)
})

test('says nothing before the second step, nor where the steps are not numbers', () => {
  const accelerate = anderson()
  expect(accelerate(Float64Array.of(0, 0), Float64Array.of(1, 1))).toBeNull()
  expect(accelerate(Float64Array.of(1, 1), Float64Array.of(Number.NaN, 1))).toBeNull()
})
