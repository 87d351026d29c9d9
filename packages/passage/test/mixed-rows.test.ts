import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { BINARY, compileKernel } from '../kernel/compile.ts'
import { mixedRows } from '#src/mixed-rows'
import { uniformSource } from './random.ts'

test('the committed binary of the kernel is what its source compiles to', async () => {
  const same = Buffer.compare(await compileKernel(), readFileSync(BINARY)) === 0
  expect(same, 'src/kernel/mix.wasm is stale. Run: pnpm --filter @breakwater/passage kernels').toBe(true)
})

test.each([
  ['no row', 0, 3],
  ['one expert', 5, 1],
  ['as many experts as the kernel takes at once', 7, 4],
  ['one block of rows', 800, 38],
  ['many blocks', 5000, 38],
])('both kernels mix %s to the same bits, as a plain sum does', (_, rows, experts) => {
  const uniform = uniformSource(rows + experts)
  const values = Float32Array.from({ length: rows * experts }, () => uniform() - 0.2)
  const weights = Float64Array.from({ length: experts }, () => uniform())
  const answers = (['wasm', 'plain'] as const).map((wanted) => {
    const mixer = mixedRows(rows, experts, (row, out) => out.set(values.subarray(row * experts, (row + 1) * experts)), {
      kernel: wanted,
    })
    const mixed: number[] = []
    const sums = new Float64Array(experts).fill(0.5)
    const toScales = (first: number, run: Float64Array): void => {
      mixed.push(...run)
      expect(mixed).toHaveLength(first + run.length)
      for (const [i, value] of run.entries()) run[i] = 1 / (1 + value * value)
    }
    mixer.addScaled(weights, toScales, sums)
    return { kernel: mixer.kernel, mixed, sums: [...sums] }
  })
  const [fast, plain] = answers
  expect(answers.map(({ kernel }) => kernel)).toEqual(['wasm', 'plain'])
  expect(fast?.mixed).toEqual(plain?.mixed)
  expect(fast?.sums).toEqual(plain?.sums)
  const expected = Array.from({ length: experts }, () => 0.5)
  for (let row = 0; row < rows; row++) {
    const own = values.subarray(row * experts, (row + 1) * experts)
    const mixed = own.reduce((sum, value, k) => sum + value * (weights[k] as number), 0)
    expect(fast?.mixed[row]).toBeCloseTo(mixed, 12)
    for (const [k, value] of own.entries()) expected[k] = (expected[k] as number) + value / (1 + mixed * mixed)
  }
  for (const [k, sum] of expected.entries()) expect(fast?.sums[k]).toBeCloseTo(sum, 9)
})
