import type { Anchor, Stage } from '@breakwater/features/vocabulary'
import type { UtilityOrder } from '../utility.ts'
import type { SnapshotErrorCode } from '../snapshot.ts'
import type { RejectedLevel } from '../surface.ts'
import type { Target } from '../target.ts'

/**
 * Version of the `viewport` part of a payload. It rises when a reader of the older layout would misread the newer one.
 */
export const VIEWPORT_VERSION = 2 as const

/** A version that can be published. */
export type PayloadVersion = 1 | 2
/** All of them. */
export const PAYLOAD_VERSIONS: readonly PayloadVersion[] = [1, VIEWPORT_VERSION]

/** Why a tick is refused. */
export type TickErrorCode = SnapshotErrorCode | 'failed'

type Times = 'as_of_ts_ns' | 'touch_ts_ns' | 'confirm_ts_ns'

/** One published target: that of the viewport, times as integers. */
export interface TargetPayload extends Omit<Target, Times> {
  /** Nanoseconds since 1970, of whole milliseconds. */
  readonly as_of_ts_ns: number | null
  readonly touch_ts_ns: number | null
  readonly confirm_ts_ns: number | null
}

/** Fields of a target that version 1 has not. */
export type SinceVersion2 =
  | 'as_of_ts_ns'
  | 'elapsed_s'
  | 'condition'
  | 'source'
  | 'p_touch'
  | 'settled'
  | 'intervals'
  | 'intervals_missing'
  | 'strength_ahead'
  | 'expected_extremes'
  | 'expected_move'
  | 'utility_net'
  | 'features'

/** A target of version 1. */
export type TargetPayloadV1 = Omit<TargetPayload, SinceVersion2>

/** What the viewports of both versions hold beside their targets. */
interface ViewportParts {
  /** Time of the snapshot, milliseconds since 1970 UTC; null where it has none. */
  readonly ts: number | null
  readonly timeframe: Anchor
  /** SHA-256 of the metadata that lists the bundles of each stage; null where none is loaded. */
  readonly models: Readonly<Record<Stage, string | null>>
  /** Why the whole tick is refused; null where it was scored. */
  readonly error: { readonly code: TickErrorCode; readonly message: string } | null
  readonly rejected: readonly RejectedLevel[]
}

/** The `viewport` of a payload of version 1, as it was published before. */
export interface ViewportPayloadV1 extends ViewportParts {
  readonly version: 1
  readonly targets: readonly TargetPayloadV1[]
}

/** The `viewport` of a payload. */
export interface ViewportPayload extends ViewportParts {
  readonly version: 2
  /** What orders the targets, and the cost in dollars that `utility_net` is less by. */
  readonly utility: { readonly order: UtilityOrder; readonly cost: number }
  /** By what `utility.order` names, falling; those without it after the others, by falling relevance. */
  readonly targets: readonly TargetPayload[]
}

/** The `viewport` of a payload of either version. */
export type AnyViewportPayload = ViewportPayload | ViewportPayloadV1
