// Compiles the kernel and writes its binary, which is committed. Run with: pnpm --filter @breakwater/passage kernels
import { writeFile } from 'node:fs/promises'
import { BINARY, compileKernel } from './compile.ts'

const binary = await compileKernel()
await writeFile(BINARY, binary)
process.stdout.write(`mix: ${binary.length} bytes\n`)
