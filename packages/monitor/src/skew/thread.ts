import { Worker } from 'node:worker_threads'
import type { SkewReport } from './skew.ts'
import type { StoredWork } from './stored.ts'

// The sources run as .ts, the published package as .js: the worker has the extension of this file.
const EXTENSION = import.meta.url.endsWith('.ts') ? '.ts' : '.js'

/** Compares in a thread that ends with it; see `compareStored`. Rejects with what it throws. */
export function compareInThread(work: StoredWork): Promise<SkewReport> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(`./skew-worker${EXTENSION}`, import.meta.url), { workerData: work })
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`monitor: the thread of the comparison ended with ${code}.`)))
  })
}
