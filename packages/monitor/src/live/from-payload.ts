import { reachKey, signOf, type Stage } from '@breakwater/features'
import type { ReachKey } from '@breakwater/viewport'
import {
  nsOfInteger,
  type AnyViewportPayload,
  type TargetPayload,
  type TargetPayloadV1,
} from '@breakwater/viewport/payload'
import type { PublishedForecast } from '../outcomes/forecast.ts'
import type { Question } from '../outcomes/question.ts'

/** What a payload's forecasts are read with. */
export interface PayloadContext {
  readonly questions: readonly Question[]
  /** The price of the snapshot, dollars; by default what a target's distance says. */
  readonly spot?: number
  /**
   * Where the windows of heads alone begin. `anchor`, the default: there, which is what they answer. `published`: where a reader of the
   * payload takes them from, `as_of_ts_ns`, or in version 1 its own time; before a touch they hang on one.
   */
  readonly windows?: 'anchor' | 'published'
}

const SECOND_NS = 1_000_000_000n

/**
 * The forecasts of a payload of either version. Numbers of the law are about now, or given a touch. Numbers of heads alone answer at
 * the anchor, `confirm_ts_ns`: before it the windows are to come; from it on they are taken once, at the confirmation, and repeats of
 * them are left out, as is what heads say of a touch that has not happened, which is no forecast of anything that happens (`windows` can
 * read them otherwise). Left out are also numbers that are settled, and targets without a side or with an error. A version 1
 * payload comes from heads alone.
 */
export function forecastsOf(viewport: AnyViewportPayload, context: PayloadContext): PublishedForecast[] {
  const { ts } = viewport
  const { questions, spot, windows = 'anchor' } = context
  if (ts === null || viewport.error !== null) return []
  const tsNs = BigInt(ts) * 1_000_000n
  return viewport.targets.flatMap((target) => {
    if (target.error !== null) return []
    const about = windows === 'anchor' ? windowsOf(target, tsNs) : publishedWindows(target, tsNs)
    const sign = target.direction === null ? Number.NaN : signOf(target.direction)
    if (about === undefined || (sign !== 1 && sign !== -1)) return []
    const values = Float64Array.from(questions, (question) => valueOf(target, question, about.hasOutcomes))
    if (values.every((value) => Number.isNaN(value))) return []
    const strength = questions.findIndex(({ about: { kind } }) => kind === 'strength_signed')
    const ends = target.strength_signed_interval
    const end = (i: 0 | 1): Float64Array =>
      Float64Array.from(questions, (_, q) => (q === strength ? (ends?.[i] ?? Number.NaN) : Number.NaN))
    return [
      {
        levelId: target.level_id,
        kind: target.level_kind_name,
        price: target.level_price,
        sign,
        tsNs,
        fromNs: about.fromNs,
        touchNs: target.touch_ts_ns === null ? null : nsOfInteger(target.touch_ts_ns),
        spot: spot ?? target.level_price - target.distance_signed,
        values,
        low: end(0),
        high: end(1),
        labels: labelsOf(target),
      },
    ]
  })
}

/** Words by which the outcomes of a payload are grouped. */
interface PayloadLabels {
  readonly state: string
  readonly stage: Stage
  readonly basis: string
  readonly source: string
}

function labelsOf(target: TargetPayload | TargetPayloadV1): Readonly<Record<string, string>> {
  const labels: PayloadLabels = {
    state: target.viewport_state,
    stage: target.stage,
    basis: target.row_basis ?? 'none',
    source: 'source' in target ? (target.source ?? 'none') : 'heads',
  }
  return { ...labels }
}

/** When a target's windows begin, and whether its heads ask about them; undefined where it forecasts nothing. */
function windowsOf(
  target: TargetPayload | TargetPayloadV1,
  tsNs: bigint,
): { readonly fromNs: bigint | null; readonly hasOutcomes: boolean } | undefined {
  const isLaw = 'source' in target && target.source === 'law'
  if (target.touch_ts_ns === null) return { fromNs: null, hasOutcomes: isLaw }
  if (isLaw) return { fromNs: tsNs, hasOutcomes: true }
  if (target.confirm_ts_ns === null || target.row_basis === 'supposed') return undefined
  const fromNs = nsOfInteger(target.confirm_ts_ns)
  return fromNs + SECOND_NS < tsNs ? undefined : { fromNs, hasOutcomes: true }
}

/** When a target's windows begin for a reader of the payload. */
function publishedWindows(
  target: TargetPayload | TargetPayloadV1,
  tsNs: bigint,
): NonNullable<ReturnType<typeof windowsOf>> {
  if (!('condition' in target)) return { fromNs: target.row_basis === 'supposed' ? null : tsNs, hasOutcomes: true }
  const { condition, as_of_ts_ns: asOf } = target
  if (condition === 'given_touch') return { fromNs: null, hasOutcomes: true }
  return { fromNs: asOf === null ? tsNs : nsOfInteger(asOf), hasOutcomes: true }
}

function valueOf(
  target: TargetPayload | TargetPayloadV1,
  { name, about, seconds }: Question,
  hasOutcomes: boolean,
): number {
  if ('settled' in target && Object.hasOwn(target.settled, name)) return Number.NaN
  if (about.kind === 'touch') return ('p_touch' in target ? target.p_touch?.[seconds] : null) ?? Number.NaN
  if (!hasOutcomes) return Number.NaN
  if (about.kind === 'tradeable_2') return target.p_tradeable_2 ?? Number.NaN
  if (about.kind === 'direction') return target.p_break_given_tradeable ?? Number.NaN
  if (about.kind !== 'reach') return target.strength_signed ?? Number.NaN
  return target.time_to_threshold[reachKey(about) as ReachKey][seconds] ?? Number.NaN
}
