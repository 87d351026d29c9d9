import type { IncomingSnapshot, ViewportScorer } from '@breakwater/scorer'

/** What the service is made of; everything around it is passed in. */
export interface CoreService {
  /** The market, one snapshot after another. */
  readonly snapshots: AsyncIterable<IncomingSnapshot> | Iterable<IncomingSnapshot>
  readonly scorer: ViewportScorer
  /** Sends one payload to whoever listens. */
  readonly publish: (payload: string) => void
  /** Waits until a snapshot is due. */
  readonly until: (ts: number) => Promise<void>
  readonly stop: AbortSignal
}

/** Publishes every snapshot, with `viewport` where scoring is on. Returns how many were published. */
export async function runCoreService({ snapshots, scorer, publish, until, stop }: CoreService): Promise<number> {
  let published = 0
  for await (const snapshot of snapshots) {
    if (stop.aborted) break
    await until(snapshot.ts)
    // Synchronous, and never throws: a tick that cannot be scored is published all the same, and says why.
    publish(JSON.stringify(scorer.score(snapshot)))
    published += 1
  }
  await scorer.close()
  return published
}
