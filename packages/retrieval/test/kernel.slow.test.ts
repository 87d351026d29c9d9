import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createSearcher, fitIndex } from '@breakwater/retrieval'
import { expect, test } from 'vitest'
import { BINARY, compileKernel } from '../kernel/compile.ts'
import { makeTouches, rowOf } from './touches.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

test('the committed binary of the kernel is what its source compiles to', async () => {
  const same = Buffer.compare(await compileKernel(), readFileSync(BINARY)) === 0
  expect(same, 'src/kernel/near.wasm is stale. Run: pnpm --filter @breakwater/retrieval kernels').toBe(true)
})

test.each([
  ['normal scores', { wild: false }, 1],
  ['scores far beyond the box of the codes', { wild: true }, 1],
  ['a query far outside', { wild: false }, 40],
  ['many ties', { grid: 1 }, 1],
] as const)('both kernels give the same answers on %s, over many calls of the kernel', (_, options, stretch) => {
  const touches = makeTouches({ rows: 9000, columns: 33, missing: 0.05, seed: 4, ...options })
  const index = fitIndex(touches.matrix, touches.outcomes, touches.metadata, { referenceRows: 0 })
  const fast = createSearcher(index)
  const plain = createSearcher(index, { kernel: 'plain' })
  expect([fast.kernel, plain.kernel]).toEqual(['wasm', 'plain'])
  for (let i = 0; i < 12; i++) {
    const row = rowOf(touches.matrix, i * 700).map((x) => x * stretch)
    const query = {
      asOf: BigInt(4000 + 500 * i) * 60_000_000_000n,
      k: 50,
      eventId: `event-${i * 700}`,
      neighbours: true,
    }
    expect(fast.query(row, query)).toEqual(plain.query(row, query))
  }
})

test('the main entry imports nothing of Node', () => {
  const node = new Set(['index-file.ts', 'node.ts', 'pool.ts', 'query-worker.ts'])
  for (const file of readdirSync(`${root}/src`, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && !node.has(name),
  )) {
    expect(readFileSync(`${root}/src/${file}`, 'utf8')).not.toMatch(/from 'node:/)
  }
})
