// Writes the generated sources, compiles every kernel and writes its binary; all are committed. Run with:
// pnpm --filter @breakwater/trees kernels
import { writeFile } from 'node:fs/promises'
import { compileKernel, KERNELS } from './compile.ts'
import { generatedFiles } from './generate.ts'

for (const { path, text } of generatedFiles()) await writeFile(path, text)
for (const [name, kernel] of Object.entries(KERNELS)) {
  const binary = await compileKernel(kernel)
  await writeFile(kernel.binary, binary)
  process.stdout.write(`${name}: ${binary.length} bytes\n`)
}
