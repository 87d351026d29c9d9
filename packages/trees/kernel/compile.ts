import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** A kernel: its files, and its memory, which it imports as `env.memory`. */
export interface KernelBuild {
  readonly source: string
  readonly binary: string
  /** Pages of 64 KiB at most of a memory that threads share; undefined for a plain one. */
  readonly maximumPages?: number
}

const inSources = (path: string): string => fileURLToPath(new URL(`../src/${path}`, import.meta.url))

/** The kernels by name. */
export const KERNELS: Readonly<Record<string, KernelBuild>> = {
  score: { source: inSources('scoring/kernel/score.as.ts'), binary: inSources('scoring/score.wasm') },
  train: {
    source: inSources('engine/kernel/train.as.ts'),
    binary: inSources('engine/train.wasm'),
    maximumPages: 65_536,
  },
}

const COMPILER = fileURLToPath(new URL('../bin/asc.js', import.meta.resolve('assemblyscript/asc')))

const SHARED_ARGUMENTS =
  '-O3 --noAssert --runtime stub --importMemory --initialMemory 1 --enable simd --enable bulk-memory --enable threads'

/** The binary of a kernel, compiled now: the same source and compiler give the same bytes. Throws the compiler’s errors. */
export async function compileKernel({ source, maximumPages }: KernelBuild): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'breakwater-kernel-'))
  const output = join(folder, 'kernel.wasm')
  const memory = maximumPages === undefined ? [] : ['--sharedMemory', '--maximumMemory', `${maximumPages}`]
  try {
    await promisify(execFile)(
      process.execPath,
      [COMPILER, source, '--outFile', output, ...SHARED_ARGUMENTS.split(' '), ...memory],
      { cwd: dirname(source) },
    )
    return await readFile(output)
  } finally {
    await rm(folder, { recursive: true })
  }
}
