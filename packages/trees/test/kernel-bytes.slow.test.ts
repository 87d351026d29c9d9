import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { compileKernel, KERNELS } from '../kernel/compile.ts'
import { generatedFiles } from '../kernel/generate.ts'

it('the committed constants and tables of the kernels are those of their hosts', () => {
  const files = generatedFiles()
  expect(files).toHaveLength(3)
  for (const { path, text } of files) {
    expect(readFileSync(path, 'utf8'), `${path} is stale. Run: pnpm --filter @breakwater/trees kernels`).toBe(text)
  }
})

it.each(Object.entries(KERNELS))(
  'the committed binary of kernel %s is what its source compiles to',
  async (name, build) => {
    const compiled = await compileKernel(build)
    const same = Buffer.compare(compiled, readFileSync(build.binary)) === 0
    expect(same, `${name}.wasm is stale. Run: pnpm --filter @breakwater/trees kernels`).toBe(true)
  },
)
