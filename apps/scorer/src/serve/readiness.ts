import type { ViewportScorer } from '../embedded/scorer.ts'
import type { StageReport } from '@breakwater/models/node'

/** What /readyz says. */
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

/** The models of one stage, as /readyz tells of them. */
export interface ModelReadiness {
  readonly metadataSha256: string
  readonly trainedAt: string
  /** Seconds since they were trained. */
  readonly ageSeconds: number
  readonly heads: number
  readonly skippedHeads: readonly string[]
  readonly lackingFeatures: readonly string[]
  readonly index: StageReport['index']
}

const MS = 1000
const NS_PER_MS = 1_000_000n

/** Whether a scorer can do its work now, and with which models. */
export function readinessOf(scorer: ViewportScorer, bus: boolean | null, now: number): Readiness {
  const status = scorer.status()
  const busReasons = bus === false ? ['the bus is not connected'] : []
  if (!status.enabled) {
    const reasons = ['scoring is off: VIEWPORT_SCORING_ENABLED is not true', ...busReasons]
    return { ready: false, reasons, models: {}, bus, lastTickAgeMs: null }
  }
  const last = status.viewport.lastTsNs
  return {
    ready: busReasons.length === 0,
    reasons: busReasons,
    models: Object.fromEntries(
      Object.entries(status.models).map(([stage, report]) => [stage, report === null ? null : modelOf(report, now)]),
    ),
    bus,
    lastTickAgeMs: last === null ? null : now - Number(last / NS_PER_MS),
  }
}

function modelOf(
  { metadataSha256, trainedAt, heads, skipped, lacking, index }: StageReport,
  now: number,
): ModelReadiness {
  return {
    metadataSha256,
    trainedAt,
    ageSeconds: Math.round((now - Date.parse(trainedAt)) / MS),
    heads: heads.length,
    skippedHeads: skipped.map(({ head }) => head),
    lackingFeatures: lacking,
    index,
  }
}
