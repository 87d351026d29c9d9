import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** A kernel imports its memory as `env.memory`: `plain`, or `shared` between threads (at most `maximumPages` of 64 KiB). */
type KernelBuild = { readonly memory: 'plain' } | { readonly memory: 'shared'; readonly maximumPages: number }

/** The kernels: the source of each is `kernel/<name>.as.ts`, the binary `src/kernel/<name>.wasm`. */
export const KERNELS: Readonly<Record<string, KernelBuild>> = {
  score: { memory: 'plain' },
  train: { memory: 'shared', maximumPages: 65_536 },
}

const COMPILER = fileURLToPath(new URL('../bin/asc.js', import.meta.resolve('assemblyscript/asc')))

const SHARED_ARGUMENTS =
  '-O3 --noAssert --runtime stub --importMemory --initialMemory 1 --enable simd --enable bulk-memory --enable threads'

/** Where the binary of a kernel lies. */
export const binaryOf = (name: string): string => fileURLToPath(new URL(`../src/kernel/${name}.wasm`, import.meta.url))

/** The binary of a kernel, compiled now: the same source and compiler give the same bytes. Throws what the compiler says. */
export async function compileKernel(name: string, build: KernelBuild): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'breakwater-kernel-'))
  const output = join(folder, `${name}.wasm`)
  const memory = build.memory === 'plain' ? [] : ['--sharedMemory', '--maximumMemory', `${build.maximumPages}`]
  try {
    await promisify(execFile)(
      process.execPath,
      [COMPILER, `${name}.as.ts`, '--outFile', output, ...SHARED_ARGUMENTS.split(' '), ...memory],
      { cwd: fileURLToPath(new URL('.', import.meta.url)) },
    )
    return await readFile(output)
  } finally {
    await rm(folder, { recursive: true })
  }
}
