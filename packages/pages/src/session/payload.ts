import type { IncomingSnapshot } from '@breakwater/viewport'
import type { AnyViewportPayload, TargetPayload, TargetPayloadV1 } from '@breakwater/viewport/payload'

/** A target as a payload of either version has it. */
export type PublishedTarget = TargetPayloadV1 & Partial<TargetPayload>

/** What the live page reads of a payload of either version. */
export type Payload = IncomingSnapshot & {
  readonly viewport?:
    | (Pick<AnyViewportPayload, 'version' | 'timeframe' | 'models' | 'error'> & {
        readonly targets: readonly PublishedTarget[]
      })
    | undefined
}

const NS_PER_MS = 1e6

/** Milliseconds since 1970 of a payload's nanoseconds; null stays null. */
export function msOf(ns: number): number
export function msOf(ns: number | null): number | null
export function msOf(ns: number | null): number | null {
  return ns === null ? null : Math.round(ns / NS_PER_MS)
}
