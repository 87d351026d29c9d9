import { inCategorySet } from '@breakwater/trees'
import { expect, it } from 'vitest'

/** {0, 3, 33} at offset 2 and the empty set at offset 5. */
const BITS = Uint32Array.of(1, 0xff, 2, 0b1001, 0b10, 0)

it('a set holds its integers and no other number: unseen, negative, fractional, infinite or beyond 32 bits', () => {
  expect([0, -0, 3, 33].map((x) => inCategorySet(BITS, 2, x))).toEqual([true, true, true, true])
  const others = [1, 32, 64, 1e6, -1, -3, 0.5, 3.5, -0.5, 2 ** 31, 2 ** 32, 2 ** 32 + 3, 3e38, Infinity, -Infinity, NaN]
  expect(others.filter((x) => inCategorySet(BITS, 2, x))).toEqual([])
  expect([...others, 0, 3, 33].filter((x) => inCategorySet(BITS, 5, x))).toEqual([])
})
