import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** Where the kernel's binary lies. */
export const BINARY: string = fileURLToPath(new URL('../src/kernel/mix.wasm', import.meta.url))

const COMPILER = fileURLToPath(new URL('../bin/asc.js', import.meta.resolve('assemblyscript/asc')))

const ARGUMENTS = '-O3 --noAssert --runtime stub --importMemory --noExportMemory --initialMemory 1 --enable simd'

/** The binary of kernel/mix.as.ts, compiled now: the same source and compiler give the same bytes. */
export async function compileKernel(): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'breakwater-kernel-'))
  const output = join(folder, 'mix.wasm')
  try {
    const source = ['mix.as.ts', '--outFile', output]
    await promisify(execFile)(process.execPath, [COMPILER, ...source, ...ARGUMENTS.split(' ')], {
      cwd: fileURLToPath(new URL('.', import.meta.url)),
    })
    return await readFile(output)
  } finally {
    await rm(folder, { recursive: true })
  }
}
