import type { Anchor, SignalSettings } from '@breakwater/features'
import type { GrowthCounts } from '@breakwater/models'
import type { StageReport, TouchFileCounts } from '@breakwater/models/node'
import type { ViewportStatus } from '@breakwater/viewport'

/** What became of reloads since the scorer was made. */
export interface ReloadCounts {
  readonly swapped: number
  readonly refused: number
  /** Why the last one was refused; null where none was since the last swap. */
  readonly lastRefusal: string | null
}

/** Bars so far. */
export interface BarStatus {
  readonly taken: number
  /** Outside the sessions. */
  readonly ignored: number
  /** Start of the last bar taken, milliseconds since 1970; null before the first. */
  readonly lastTs: number | null
}

/** State of a scorer whose scoring is on. Counts are since it was made. */
export interface ActiveStatus {
  readonly enabled: true
  readonly timeframe: Anchor
  readonly horizons: readonly number[]
  /** Settings of the signals that the models were trained on. */
  readonly signals: SignalSettings
  /** Models by stage; null where none is loaded. Heads without a model have null fields in payloads. */
  readonly models: { readonly stage_a: StageReport | null; readonly stage_b: StageReport | null }
  /** When they were swapped in, milliseconds since 1970. */
  readonly loadedAt: number
  readonly reloads: ReloadCounts
  readonly viewport: ViewportStatus
  /** Touches that the indexes grow by. */
  readonly growth: GrowthCounts
  /** The file that keeps them; null without one, and without an index. */
  readonly touchesFile: TouchFileCounts | null
  readonly bars: BarStatus
  /** Ticks that were refused whole, by code. */
  readonly refusedTicks: Readonly<Record<string, number>>
  /** Ticks refused since the last one that was scored. */
  readonly refusedInARow: number
  /** Rows without a value by column; rows with a category that training had not, by column and category. */
  readonly missingFeatures: Readonly<Record<string, number>>
  readonly unseenCategories: Readonly<Record<string, Readonly<Record<string, number>>>>
  readonly lookUps: number
  /** Share of look-ups whose row is unlike anything indexed; null before the first. */
  readonly outOfDistribution: number | null
  /** Look-ups that gave up a filter, and those whose neighbours had no vote (trees alone), by reason. */
  readonly droppedFilters: Readonly<Record<string, number>>
  readonly treesAlone: Readonly<Record<string, number>>
  /** Fields of snapshots that no schema names, and readings that were taken as missing. */
  readonly unknownFields: Readonly<Record<string, number>>
  readonly badReadings: number
}

/** State of a scorer. */
export type ScorerStatus = { readonly enabled: false } | ActiveStatus

/** Settings of the signals that the models of a scorer were trained on; none while scoring is off. */
export const signalsOf = (status: ScorerStatus): Partial<SignalSettings> => (status.enabled ? status.signals : {})
