import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** One run of all queries by a peer. */
export interface PeerRun {
  /** Seconds a query, or of the whole batch. */
  readonly seconds: readonly number[]
  readonly places: readonly (readonly number[])[]
  readonly distances: readonly (readonly number[])[]
  /** Peak memory of the process, MiB. */
  readonly peak: number
}

/** A Python process that holds the vectors. */
export interface PythonPeers {
  readonly libraries: readonly string[]
  readonly run: (library: string, k: number, oneByOne: boolean) => Promise<PeerRun>
  readonly close: () => Promise<void>
}

/** Starts bench/peers.py with the interpreter of BREAKWATER_PYTHON; undefined where that is not set. */
export async function startPeers(
  vectors: Float32Array,
  queries: Float32Array,
  width: number,
): Promise<PythonPeers | undefined> {
  const python = process.env['BREAKWATER_PYTHON']
  if (python === undefined || python === '') return undefined
  const folder = mkdtempSync(join(tmpdir(), 'retrieval-bench-'))
  const [vectorFile, queryFile] = [join(folder, 'vectors.f32'), join(folder, 'queries.f32')]
  writeFileSync(vectorFile, new Uint8Array(vectors.buffer, vectors.byteOffset, vectors.byteLength))
  writeFileSync(queryFile, new Uint8Array(queries.buffer, queries.byteOffset, queries.byteLength))
  const script = fileURLToPath(new URL('peers.py', import.meta.url))
  const child = spawn(python, [script, vectorFile, queryFile, `${width}`], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' },
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async (): Promise<unknown> => {
    const line = await lines.next()
    if (line.done === true) throw new Error('bench: the Python process ended')
    return JSON.parse(line.value)
  }
  const { libraries } = (await next()) as { libraries: string[] }
  return {
    libraries,
    run: async (library, k, oneByOne) => {
      child.stdin.write(`${library} ${k} ${oneByOne ? 1 : 0}\n`)
      return (await next()) as PeerRun
    },
    close: async () => {
      child.stdin.end()
      await once(child, 'close')
      rmSync(folder, { recursive: true })
    },
  }
}
