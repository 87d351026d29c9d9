import type { Anchor, Direction, OutcomeName } from '@breakwater/features/vocabulary'

/** Why a session's forecasts are what they are: `data/<date>-why.js`. Lists have one entry a touch of the session. */
export interface SessionReasons {
  readonly date: string
  /** By set. A set that forecast no touch of the session is left out. */
  readonly sets: Readonly<Record<string, SetReasons>>
}

/** What moved the forecasts of one set, and which past touches are like those of the session. */
export interface SetReasons {
  /** What the set serves: the surface of the law with its tilt, or its heads. */
  readonly serves: 'law' | 'heads'
  /** Whether the models that are explained were trained on the session. */
  readonly trained: boolean
  /** Names that contributions give by their place here. */
  readonly columns: readonly string[]
  /** By head; `tilt` at an anchor is that of the law. */
  readonly heads: Readonly<Record<string, HeadReasons | NoReasons>>
  readonly neighbours: Readonly<Partial<Record<Anchor, AnchorNeighbours | NoReasons>>>
}

/** Why there are none. */
export interface NoReasons {
  readonly reason: string
}

/** What the columns contributed to a head's raw score; see `touchContributions` and `tiltContributions` of `@breakwater/evaluation/sets`. */
export interface HeadReasons {
  /** `drift` is standard deviations of the law's drift, positive towards a break. */
  readonly unit: 'log odds' | 'dollars' | 'drift'
  /** The score that is expected of a touch of which nothing is known. */
  readonly base: number
  /** null where the trees have nothing to say of a touch. */
  readonly touches: readonly (TouchReasons | null)[]
}

/** What moved the score of one touch. */
export interface TouchReasons {
  readonly score: number
  /** The columns that moved it most; a value is null where it is missing. */
  readonly top: readonly (readonly [column: number, value: number | null, contribution: number])[]
}

/** The past touches that an index finds; see `nearestTouches` of `@breakwater/models`. */
export interface AnchorNeighbours {
  /** Touches in the index. */
  readonly indexed: number
  readonly touches: readonly TouchNeighbours[]
}

/** The past touches that are most like one touch. */
export interface TouchNeighbours {
  /** How many were found; their weighted shares by outcome, null where none is defined. */
  readonly found: number
  readonly breaks: number | null
  readonly bounces: number | null
  /** Share of the indexed touches that are nearer to their own neighbours; null where it is not known. */
  readonly farther: number | null
  /** Nearest first. */
  readonly nearest: readonly PastTouch[]
}

/** A touch of the past; `place` is that in its session, null where the workbench does not have it. */
export type PastTouch = readonly [
  date: string,
  place: number | null,
  minute: number,
  kind: string,
  direction: Direction,
  outcome: OutcomeName | null,
  strength: number | null,
  distance: number,
]
