import type { Stage } from '@breakwater/features/vocabulary'
import type { PlausibilityGate } from './door/plausibility.ts'
import type { LevelBook } from './level-book.ts'
import type { ViewportSettings } from './options.ts'
import type { RowSource } from './parts.ts'
import type { PinBoard } from './pins.ts'
import type { PendingTarget, StageScorer } from './score-pass.ts'
import type { Selection } from './select.ts'
import type { Tally } from './tally.ts'

/** What a viewport holds between ticks. Written at every tick. */
export interface ViewportMemory {
  readonly settings: ViewportSettings
  readonly rows: RowSource
  /** null where every price is believed. */
  readonly gate: PlausibilityGate | null
  readonly pins: PinBoard
  readonly book: LevelBook
  readonly selection: Selection
  readonly tally: Tally
  readonly pending: Record<Stage, PendingTarget[]>
  scorers: Readonly<Record<Stage, StageScorer>>
  generation: number
  lastNs: bigint | null
}
