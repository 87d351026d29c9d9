import type { AnyScorer } from '../embedded/scorer.ts'
import type { StageReport } from '@breakwater/models/node'

/** The answer of /readyz. */
export interface Readiness {
  readonly ready: boolean
  /** Why not; empty where ready. */
  readonly reasons: readonly string[]
  readonly models: Readonly<Record<string, ModelReadiness | null>>
  /** Whether the bus is connected; null where none was to be joined. */
  readonly bus: boolean | null
  /** Milliseconds since the snapshot that was scored last; null before the first. */
  readonly lastTickAgeMs: number | null
}

/** The models of one stage, as /readyz reports them. */
export interface ModelReadiness {
  readonly metadataSha256: string
  readonly trainedAt: string
  /** The newest session that they were fitted on. */
  readonly fittedTo: string
  /** Seconds since they were trained. */
  readonly ageSeconds: number
  readonly heads: number
  readonly skippedHeads: readonly string[]
  readonly lackingFeatures: readonly string[]
  readonly index: StageReport['index']
}

const MS = 1000
const NS_PER_MS = 1_000_000n

/** When a scorer that has scored is no longer ready. */
export interface ReadinessLimits {
  /** Milliseconds that the last scored snapshot may be old; Infinity sets no limit. */
  readonly maxAgeMs: number
  /** Milliseconds that it may lie ahead of the clock. */
  readonly maxAheadMs: number
  /** Ticks that may be refused in a row. */
  readonly maxRefused: number
}

/** Limits of recorded data: none. */
const NO_LIMITS: ReadinessLimits = { maxAgeMs: Infinity, maxAheadMs: Infinity, maxRefused: Infinity }

/** Whether a scorer can do its work now, and with which models. Before the first tick nothing speaks against it. */
export function readinessOf(
  scorer: AnyScorer,
  bus: boolean | null,
  now: number,
  limits: ReadinessLimits = NO_LIMITS,
): Readiness {
  const status = scorer.status()
  const busReasons = bus === false ? ['the bus is not connected'] : []
  if (!status.enabled) {
    const reasons = ['scoring is off: VIEWPORT_SCORING_ENABLED is not true', ...busReasons]
    return { ready: false, reasons, models: {}, bus, lastTickAgeMs: null }
  }
  const last = status.viewport.lastTsNs
  const age = last === null ? null : now - Number(last / NS_PER_MS)
  const reasons = [...busReasons, ...tickReasons(age, status.refusedInARow, limits)]
  return {
    ready: reasons.length === 0,
    reasons,
    models: Object.fromEntries(
      Object.entries(status.models).map(([stage, report]) => [stage, report === null ? null : modelOf(report, now)]),
    ),
    bus,
    lastTickAgeMs: age,
  }
}

function tickReasons(age: number | null, refused: number, limits: ReadinessLimits): string[] {
  const reasons: string[] = []
  if (age !== null && age > limits.maxAgeMs) reasons.push(`the last scored tick is ${age} ms old`)
  if (age !== null && -age > limits.maxAheadMs) reasons.push(`the last scored tick is ${-age} ms ahead of the clock`)
  if (refused > limits.maxRefused) reasons.push(`the last ${refused} ticks were refused`)
  return reasons
}

function modelOf(
  { metadataSha256, trainedAt, fittedTo, heads, skipped, lacking, index }: StageReport,
  now: number,
): ModelReadiness {
  return {
    metadataSha256,
    trainedAt,
    fittedTo,
    ageSeconds: Math.round((now - Date.parse(trainedAt)) / MS),
    heads: heads.length,
    skippedHeads: skipped.map(({ head }) => head),
    lackingFeatures: lacking,
    index,
  }
}
