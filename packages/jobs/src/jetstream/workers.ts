import { type Bus, short } from './bus.ts'
import { readRecord, type WorkerRecord } from './records.ts'

/** What a starter hears of its workers. */
export interface WorkersListener {
  /** Shares of the jobs at work, by id, whenever a worker gives a sign of life; `detail` is for a person. */
  readonly onShares: (shares: ReadonlyMap<string, number>, detail: string) => void
  readonly onNote: (message: string) => void
  readonly onCancelled: () => void
}

/**
 * Follows the workers of a run, and the run's record, until stopped: one bar for all. Each refusal is told once. After a loss of the
 * server's store the followers are made anew.
 */
export async function followWorkers(bus: Bus, run: string, listener: WorkersListener): Promise<() => void> {
  const workers = new Map<string, WorkerRecord>()
  const refusals = new Set<string>()
  const report = (): void => {
    const shares = new Map<string, number>()
    let busy = 0
    let detail = ''
    for (const { jobs } of workers.values()) {
      const own = jobs.filter((job) => job.run === run)
      if (own.length > 0) busy++
      for (const job of own) {
        shares.set(job.id, job.share)
        detail = job.detail
      }
    }
    listener.onShares(shares, `${busy} of ${workers.size} workers, ${detail}`)
  }
  const stops = [
    await follow(bus, 'workers', ['worker.*'], (key, value) => {
      const record = value === null ? null : readRecord('worker', value)
      if (record === null) workers.delete(key.slice('worker.'.length))
      else workers.set(record.worker, record)
      report()
    }),
    await follow(bus, 'workers', [`refusal.${short(run)}.*`], (_key, value) => {
      const refusal = value === null ? null : readRecord('refusal', value)
      if (refusal === null || refusals.has(refusal.worker)) return
      refusals.add(refusal.worker)
      listener.onNote(`worker ${refusal.worker} refuses: ${refusal.reason}`)
    }),
    await follow(bus, 'runs', [`run.${short(run)}`], (_key, value) => {
      if (value !== null && readRecord('run', value)?.state === 'cancelled') listener.onCancelled()
    }),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}

/** Calls `onValue` with every value of the keys, now and later; null for one that was deleted. Resolves to how to stop. */
export async function follow(
  bus: Bus,
  bucket: 'workers' | 'runs',
  keys: readonly string[],
  onValue: (key: string, value: Uint8Array | null) => void,
): Promise<() => void> {
  const watch = await bus.steady(() => bus[bucket].watch({ key: [...keys] }))
  void (async () => {
    for await (const { key, value, operation } of watch) onValue(key, operation === 'PUT' ? value : null)
  })().catch(() => undefined)
  return () => watch.stop()
}
