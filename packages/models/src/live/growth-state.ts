import type { Outcome, RowValues } from '@breakwater/features'
import type { ResolvedTouch } from './resolved-touches.ts'

/** A resolved touch, and the time from which its outcome was known here. */
export interface KnownTouch extends ResolvedTouch {
  /** Nanoseconds since 1970: when the last bar of its label window, or a later one, had come. */
  readonly knownNs: bigint
}

/** What an index grows by. */
export interface GrowthState {
  /** Rows of touches that wait for their outcome. */
  readonly waiting: readonly RowValues[]
  readonly known: readonly KnownTouch[]
}

/** One step in the life of a touch: it is confirmed, and then its outcome becomes known or is lost. */
export type GrowthEvent =
  | { readonly kind: 'confirmed'; readonly row: RowValues }
  | { readonly kind: 'known'; readonly id: string; readonly outcome: Outcome; readonly knownNs: bigint }
  | { readonly kind: 'lost'; readonly id: string }

/** The steps that lead to a state. */
export function* eventsOf({ waiting, known }: GrowthState): Generator<GrowthEvent> {
  for (const { row, outcome, knownNs } of known) {
    yield { kind: 'confirmed', row }
    yield { kind: 'known', id: String(row['event_id']), outcome, knownNs }
  }
  for (const row of waiting) yield { kind: 'confirmed', row }
}
