import { parseReachKey, reachHead, signOf, WINDOW_HEADS } from '@breakwater/features'
import type { PublishedForecast, Question } from '@breakwater/monitor'
import {
  type AnyViewportPayload,
  nsOfInteger,
  nsOfMs,
  type TargetPayload,
  type TargetPayloadV1,
} from '@breakwater/viewport/payload'

const [TRADEABLE, DIRECTION, STRENGTH] = WINDOW_HEADS

/**
 * The targets of a payload as forecasts that a join follows. Numbers of version 2 are about `as_of_ts_ns`; those of version 1 say no
 * time and are read as a trader reads them, from the payload on. Numbers of a level before its touch are conditional on one: their
 * windows begin at the touch. A number whose answer is known already (`settled`) is none. Targets without a side or with an error are
 * left out.
 */
export function publishedForecasts(viewport: AnyViewportPayload, questions: readonly Question[]): PublishedForecast[] {
  if (viewport.ts === null || viewport.error !== null) return []
  const tsNs = nsOfMs(viewport.ts)
  const targets: readonly (TargetPayload | TargetPayloadV1)[] = viewport.targets
  return targets.flatMap((target): PublishedForecast[] => {
    const sign = signOf(target.direction ?? undefined)
    if (target.error !== null || (sign !== 1 && sign !== -1)) return []
    const answers = answersOf(target)
    return [
      {
        levelId: target.level_id,
        kind: target.level_kind_name,
        price: target.level_price,
        sign,
        tsNs,
        fromNs: isBeforeTouch(target) ? null : startOf(target, tsNs),
        touchNs: target.touch_ts_ns === null ? null : nsOfInteger(target.touch_ts_ns),
        spot: target.level_price - target.distance_signed,
        values: Float64Array.from(questions, ({ name }) => answers.get(name) ?? Number.NaN),
        labels: { state: target.viewport_state, basis: target.row_basis ?? 'none', stage: target.stage },
      },
    ]
  })
}

const isBeforeTouch = (target: TargetPayload | TargetPayloadV1): boolean =>
  'condition' in target ? target.condition === 'given_touch' : target.row_basis === 'supposed'

function startOf(target: TargetPayload | TargetPayloadV1, tsNs: bigint): bigint {
  return 'as_of_ts_ns' in target && target.as_of_ts_ns !== null ? nsOfInteger(target.as_of_ts_ns) : tsNs
}

/** Published numbers by the names of questions. */
function answersOf(target: TargetPayload | TargetPayloadV1): ReadonlyMap<string, number> {
  const answers = new Map<string, number>()
  const put = (name: string, value: number | null | undefined): void => {
    if (typeof value === 'number') answers.set(name, value)
  }
  put(TRADEABLE, target.p_tradeable_2)
  put(DIRECTION, target.p_break_given_tradeable)
  put(STRENGTH, target.strength_signed)
  for (const [key, byHorizon] of Object.entries(target.time_to_threshold)) {
    if (parseReachKey(key) === null) continue
    for (const [seconds, value] of Object.entries(byHorizon)) put(reachHead(key, seconds), value)
  }
  if (!('condition' in target)) return answers
  for (const [seconds, value] of Object.entries(target.p_touch ?? {})) put(reachHead('touch', seconds), value)
  for (const head of Object.keys(target.settled)) answers.delete(head)
  return answers
}
