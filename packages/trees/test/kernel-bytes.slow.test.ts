import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { binaryOf, compileKernel, KERNELS } from '../kernel/compile.ts'

it.each(Object.entries(KERNELS))(
  'the committed binary of kernel %s is what its source compiles to',
  async (name, build) => {
    const compiled = await compileKernel(name, build)
    const same = Buffer.compare(compiled, readFileSync(binaryOf(name))) === 0
    expect(same, `src/kernel/${name}.wasm is stale. Run: pnpm --filter @breakwater/trees kernels`).toBe(true)
  },
)
