import { DEFAULT_THRESHOLDS, type Thresholds } from '@breakwater/features/vocabulary'
import type { Payload, PublishedTarget } from '../../session/payload.ts'
import type { ChartBar } from '../charts/price-chart.ts'
import type { TouchSummary } from '../../session/touches.ts'

/** What the page knows. Sections read it; nobody else writes it. */
export interface LiveState {
  readonly payload: Payload | null
  /** When it arrived, on the page's own clock. */
  readonly arrived: number
  readonly connected: boolean
  /** The level that a person chose; null follows the first target. */
  readonly chosenLevel: string | null
  /** The past touch that is open. */
  readonly chosenTouch: string | null
  readonly session: SessionSoFar
}

/** The day so far. */
export interface SessionSoFar {
  readonly date: string | null
  readonly revision: number
  /** Bars that have ended, in time order. */
  readonly bars: readonly ChartBar[]
  readonly touches: ReadonlyMap<string, TouchSummary>
  readonly thresholds: Thresholds
}

/** A part of the page. */
export interface Section {
  /** Shows what has changed; called at most once a frame. */
  readonly show: (state: LiveState) => void
}

/** What sections may ask for. */
export interface Actions {
  readonly chooseLevel: (id: string | null) => void
  readonly chooseTouch: (id: string | null) => void
  /** Shows everything again: something that was asked for has come. */
  readonly redraw: () => void
}

/** A day before its first payload. */
export const EMPTY_SESSION: SessionSoFar = {
  date: null,
  revision: 0,
  bars: [],
  touches: new Map(),
  thresholds: DEFAULT_THRESHOLDS,
}

/** The targets of the newest payload, in its order. */
export const targetsOf = ({ payload }: LiveState): readonly PublishedTarget[] => payload?.viewport?.targets ?? []

/** The target that is shown: the chosen one, or the first where none is chosen or it has gone. */
export function shownTarget(state: LiveState): PublishedTarget | undefined {
  const targets = targetsOf(state)
  return targets.find(({ level_id: id }) => id === state.chosenLevel) ?? targets[0]
}

/** Words for where a level stands. */
export const STATE_WORDS: Readonly<Record<PublishedTarget['viewport_state'], string>> = {
  FAR: 'far',
  APPROACHING: 'approaching',
  IN_MONITOR_BAND: 'in band',
  TOUCH: 'touch',
  CONFIRMATION: 'confirmed',
  RESOLVED: 'resolved',
}
