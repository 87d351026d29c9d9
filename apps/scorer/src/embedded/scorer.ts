import { type IncomingSnapshot, type Pin, type SnapshotLimits, snapshotLimits } from '@breakwater/viewport'
import type { AnyViewportPayload, ViewportPayload } from '@breakwater/viewport/payload'
import type { ScorerStatus } from './status.ts'

/** What became of a reload. */
export type ReloadResult =
  | { readonly status: 'unchanged' | 'swapped' }
  /** The models before it serve on. */
  | { readonly status: 'refused'; readonly reason: string }

/** A snapshot as it is published: see `score`. */
export type PublishedSnapshot<V extends AnyViewportPayload = ViewportPayload> = IncomingSnapshot & {
  readonly viewport?: V
}

/** Scores snapshots inside a program. Nothing here throws for what a snapshot holds, nor does JSON.stringify of a result. */
export interface ViewportScorer<V extends AnyViewportPayload = ViewportPayload> {
  readonly enabled: boolean
  /** What one snapshot may hold. */
  readonly limits: SnapshotLimits
  /**
   * A copy of the snapshot with `viewport` added. Synchronous. Fields that the schema does not name are kept where they are
   * a number, a text, true, false or null; nested data in them is left out. A snapshot that cannot be scored gets a
   * `viewport` with the reason and no targets; one with scoring off, or after `close`, gets none.
   */
  score(snapshot: IncomingSnapshot): PublishedSnapshot<V>
  /** The `viewport` for a value that came from outside, whatever it is; undefined with scoring off. */
  viewportOf(value: unknown): V | undefined
  /** Keeps levels of a kind among the targets, at every price or at one. Throws on a pin that means nothing. */
  pin(pin: Pin): void
  /** Takes a pin away; false where there was none like it. */
  unpin(pin: Pin): boolean
  status(): ScorerStatus
  /**
   * Loads the files beside the models that serve, checks them, and swaps them in between two ticks. Bad ones are
   * refused: the models before them serve on. `unchanged` where the files are those that serve. Calls while one runs
   * get its result.
   */
  reload(): Promise<ReloadResult>
  /** Ends scoring at once; resolves when the file of touches, where there is one, holds all that was learned. */
  close(): Promise<void>
}

/** A scorer that publishes either version. */
export type AnyScorer = ViewportScorer<AnyViewportPayload>

/** A scorer while scoring is off: the same shape, and no `viewport` anywhere. */
export function idleScorer(): ViewportScorer {
  return {
    enabled: false,
    limits: snapshotLimits(),
    score: (snapshot) => ({ ...snapshot }),
    viewportOf: () => undefined,
    pin: () => undefined,
    unpin: () => false,
    status: () => ({ enabled: false }),
    reload: () => Promise.resolve({ status: 'unchanged' }),
    close: () => Promise.resolve(),
  }
}
