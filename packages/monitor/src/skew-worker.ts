// Runs in a worker thread: live rows built again in batch, so that no tick waits for it.
import { parentPort, workerData } from 'node:worker_threads'
import { compareStored, type StoredWork } from './skew/stored.ts'

parentPort?.postMessage(compareStored(workerData as StoredWork))
