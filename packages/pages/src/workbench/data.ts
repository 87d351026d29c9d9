import type { RankingPoint, ReliabilityBin } from '@breakwater/calibration'
import type { Anchor, Direction, OutcomeName, Thresholds } from '@breakwater/features/vocabulary'

/** Version of the workbench's data files; the page refuses another. */
export const WORKBENCH_VERSION = 1 as const

/** A value, or null where there is none. */
type Values = readonly (number | null)[]

/** What the workbench reads first: `data/index.js`. */
export interface WorkbenchIndex {
  readonly version: typeof WORKBENCH_VERSION
  readonly symbol: string
  readonly thresholds: Thresholds
  readonly anchors: readonly Anchor[]
  /** Seconds, rising. */
  readonly horizons: readonly number[]
  readonly sets: readonly WorkbenchSet[]
  /** In time order. */
  readonly sessions: readonly SessionSummary[]
}

/** A trained set whose forecasts are there. */
export interface WorkbenchSet {
  readonly name: string
  readonly heads: readonly string[]
}

/** A session as the list shows it. */
export interface SessionSummary {
  readonly date: string
  readonly bars: number
  readonly open: number
  readonly close: number
  readonly high: number
  readonly low: number
  readonly touches: number
  /** Touches by their outcome at the primary anchor. */
  readonly outcomes: Readonly<Record<OutcomeName, number>>
  /** Touches that at least one set has forecast without having seen them. */
  readonly forecast: number
}

/** One session: `data/<date>.js`. Lists of touches have one entry a touch. */
export interface SessionData {
  readonly date: string
  /** Minutes since 1970 UTC of the regular session's open and close. */
  readonly regular: readonly [open: number, close: number]
  /** Columns of the session's bars; `minute` is whole minutes since 1970 UTC. */
  readonly bars: {
    readonly minute: readonly number[]
    readonly open: readonly number[]
    readonly high: readonly number[]
    readonly low: readonly number[]
    readonly close: readonly number[]
  }
  readonly touches: {
    readonly id: readonly string[]
    readonly minute: readonly number[]
    readonly kind: readonly string[]
    readonly price: readonly number[]
    readonly direction: readonly Direction[]
    readonly byAnchor: Readonly<Partial<Record<Anchor, AnchorLabels>>>
  }
  /** By set and head: the served probability, or dollars. A set that forecast no touch of the session is left out. */
  readonly forecasts: Readonly<Record<string, Readonly<Record<string, Values>>>>
}

/** What became of touches at one anchor. */
export interface AnchorLabels {
  readonly outcome: readonly OutcomeName[]
  /** Price at the anchor, dollars. */
  readonly spot: Values
  /** Furthest dollars beyond the level in the label window, and the least. */
  readonly most: Values
  readonly least: Values
}

/** The curves of all sets: `data/curves.js`. */
export interface WorkbenchCurves {
  /** By set and binary head. */
  readonly sets: Readonly<Record<string, Readonly<Record<string, HeadCurves>>>>
}

/** What a head's forecasts are worth, on the rows that its models had not seen. */
export interface HeadCurves {
  readonly rows: number
  readonly positives: number
  readonly sessions: number
  /** By falling threshold. */
  readonly ranking: readonly RankingPoint[]
  readonly reliability: readonly ReliabilityBin[]
}
