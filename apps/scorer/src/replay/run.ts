import type { AnyScorer } from '../embedded/scorer.ts'
import type { IncomingSnapshot } from '@breakwater/viewport'
import type { AnyViewportPayload, TargetPayload } from '@breakwater/viewport/payload'
import type { Pace } from './pace.ts'
import type { Sink } from './sink.ts'

/** How to run a replay. */
export interface ReplayRun {
  readonly scorer: AnyScorer
  readonly snapshots: Iterable<IncomingSnapshot>
  readonly pace: Pick<Pace, 'due'>
  /** Every how many payloads one is written. */
  readonly writeEvery: number
  readonly sink: Sink | null
  readonly stopwatch: () => number
  readonly stop: AbortSignal
  readonly onTick: (payload: IncomingSnapshot & { readonly viewport?: AnyViewportPayload }, ms: number) => void
}

/** What a replay came to. */
export interface ReplayCounts {
  readonly ticks: number
  readonly scored: number
  readonly refused: number
  readonly targets: number
  /** Targets that failed, by code. */
  readonly failures: Readonly<Record<string, number>>
  readonly written: number
}

/** Scores every snapshot in order. Scores depend on the snapshots alone, never on speed or clock. */
export async function runReplay(run: ReplayRun): Promise<ReplayCounts> {
  const counts = { ticks: 0, scored: 0, refused: 0, targets: 0, written: 0 }
  const failures: Record<string, number> = {}
  for (const snapshot of run.snapshots) {
    run.stop.throwIfAborted()
    await run.pace.due(snapshot.ts)
    const before = run.stopwatch()
    const payload = run.scorer.score(snapshot)
    run.onTick(payload, run.stopwatch() - before)
    count(counts, failures, payload.viewport)
    if (run.sink !== null && counts.ticks % run.writeEvery === 0) {
      const written = run.sink.write(payload, payload.viewport)
      if (written !== undefined) await written
      counts.written += 1
    }
    counts.ticks += 1
  }
  return { ...counts, failures }
}

function count(
  counts: { scored: number; refused: number; targets: number },
  failures: Record<string, number>,
  viewport: AnyViewportPayload | undefined,
): void {
  if (viewport === undefined) return
  if (viewport.error === null) counts.scored += 1
  else counts.refused += 1
  counts.targets += viewport.targets.length
  for (const { error } of viewport.targets) if (error !== null) failures[error] = (failures[error] ?? 0) + 1
}

/** Remembers the first touch of each level's episode as it was published last. */
export function touchMemory(): {
  readonly learn: (targets: readonly Pick<TargetPayload, 'level_id' | 'touch_ts_ns'>[]) => void
  readonly touchOf: (id: string) => number | null
} {
  let touches = new Map<string, number>()
  return {
    learn: (targets) => {
      touches = new Map(targets.flatMap(({ level_id: id, touch_ts_ns: ns }) => (ns === null ? [] : [[id, ns]])))
    },
    touchOf: (id) => touches.get(id) ?? null,
  }
}
