// Compiles every kernel and writes its binary, which is committed. Run with: pnpm --filter @breakwater/trees kernels
import { writeFile } from 'node:fs/promises'
import { binaryOf, compileKernel, KERNELS } from './compile.ts'

for (const [name, build] of Object.entries(KERNELS)) {
  const binary = await compileKernel(name, build)
  await writeFile(binaryOf(name), binary)
  process.stdout.write(`${name}: ${binary.length} bytes\n`)
}
