import type { Target, TickResult } from '@breakwater/viewport'
import { VIEWPORT_VERSION } from './outgoing.ts'
import type { TargetPayload, TickErrorCode, ViewportPayload } from './outgoing.ts'
import { integerOfNs, msOfNs } from './time.ts'

/** The fields that all viewports of one scorer share. */
export type ViewportHeader = Pick<ViewportPayload, 'timeframe' | 'models'>

/** The `viewport` of a scored tick: times as integers, nothing else changed. */
export function viewportOf(header: ViewportHeader, tick: TickResult): ViewportPayload {
  return {
    version: VIEWPORT_VERSION,
    ts: msOfNs(tick.tsNs),
    ...header,
    error: null,
    targets: tick.targets.map(targetOf),
    rejected: [...tick.rejected],
  }
}

/** The `viewport` of a tick that was refused: no targets, and why. */
export function refusedViewport(
  header: ViewportHeader,
  ts: number | null,
  error: { readonly code: TickErrorCode; readonly message: string },
): ViewportPayload {
  return { version: VIEWPORT_VERSION, ts, ...header, error, targets: [], rejected: [] }
}

function targetOf(target: Target): TargetPayload {
  return {
    ...target,
    touch_ts_ns: integerOfNs(target.touch_ts_ns),
    confirm_ts_ns: integerOfNs(target.confirm_ts_ns),
  }
}
