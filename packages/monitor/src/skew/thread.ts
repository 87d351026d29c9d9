import { Worker } from 'node:worker_threads'
import { workerFile } from '../worker-file.ts'
import type { SkewReport } from './skew.ts'
import type { StoredWork } from './stored.ts'

/** Compares in a thread that ends with it; see `compareStored`. Rejects with what it throws. */
export function compareInThread(work: StoredWork): Promise<SkewReport> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(workerFile('skew-worker'), { workerData: work })
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`monitor: the thread of the comparison ended with ${code}.`)))
  })
}
