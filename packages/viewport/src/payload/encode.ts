import type { TickResult } from '../surface.ts'
import type { Target } from '../target.ts'
import { integerOfNs, msOfNs } from './time.ts'
import {
  type AnyViewportPayload,
  type PayloadVersion,
  type TargetPayload,
  type TargetPayloadV1,
  type TickErrorCode,
  VIEWPORT_VERSION,
  type ViewportPayload,
} from './types.ts'

/** The fields that all viewports of one scorer share. */
export type ViewportHeader = Pick<ViewportPayload, 'timeframe' | 'models' | 'utility'>

/** The `viewport` of a scored tick in a version of the payload: times as integers, nothing else changed. */
export function viewportOf(header: ViewportHeader, tick: TickResult, version: PayloadVersion): AnyViewportPayload {
  const { utility, ...shared } = header
  const ts = msOfNs(tick.tsNs)
  const rejected = [...tick.rejected]
  if (version === 1)
    return {
      version,
      ts,
      ...shared,
      error: null,
      targets: tick.targets.map((one) => targetV1(targetOf(one))),
      rejected,
    }
  return { version, ts, ...shared, error: null, utility, targets: tick.targets.map(targetOf), rejected }
}

/** The `viewport` of a tick that was refused: no targets, and why. */
export function refusedViewport(
  { utility, ...shared }: ViewportHeader,
  ts: number | null,
  error: { readonly code: TickErrorCode; readonly message: string },
  version: PayloadVersion,
): AnyViewportPayload {
  if (version === 1) return { version, ts, ...shared, error, targets: [], rejected: [] }
  return { version: VIEWPORT_VERSION, ts, ...shared, error, utility, targets: [], rejected: [] }
}

function targetOf(target: Target): TargetPayload {
  return {
    ...target,
    as_of_ts_ns: integerOfNs(target.as_of_ts_ns),
    touch_ts_ns: integerOfNs(target.touch_ts_ns),
    confirm_ts_ns: integerOfNs(target.confirm_ts_ns),
  }
}

/** A target without what version 1 has not. */
function targetV1({
  as_of_ts_ns: _asOf,
  elapsed_s: _elapsed,
  condition: _condition,
  source: _source,
  p_touch: _touch,
  settled: _settled,
  intervals: _intervals,
  intervals_missing: _missing,
  strength_ahead: _ahead,
  expected_extremes: _extremes,
  expected_move: _move,
  utility_net: _net,
  features: _features,
  ...rest
}: TargetPayload): TargetPayloadV1 {
  return rest
}
