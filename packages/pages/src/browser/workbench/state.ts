import {
  type Anchor,
  type Direction,
  headName,
  type OutcomeName,
  PRIMARY_ANCHOR,
  reachHead,
  atAnchor,
  signOf,
} from '@breakwater/features/vocabulary'
import type { SessionData, WorkbenchIndex } from '../../workbench/data.ts'
import type { FanInput } from '../charts/fan.ts'

/** How touches are coloured: by what became of them, or by what a head forecast. */
export type Colouring = 'outcome' | 'direction' | 'tradeable'

/** What the workbench shows. */
export interface WorkbenchState {
  readonly index: WorkbenchIndex
  readonly date: string | null
  readonly session: SessionData | null
  /** Place of the chosen touch in the session. */
  readonly touch: number | null
  /** Name of the set whose forecasts are shown; null where there is none. */
  readonly set: string | null
  readonly anchor: Anchor
  readonly colouring: Colouring
}

/** What a part of the page may ask for. */
export interface WorkbenchActions {
  readonly change: (part: Partial<Omit<WorkbenchState, 'index' | 'session'>>) => void
}

/** A part of the page. */
export interface WorkbenchSection {
  readonly show: (state: WorkbenchState) => void
}

/** A touch with its labels at an anchor and what a set forecast. */
export interface Touch {
  readonly place: number
  readonly minute: number
  readonly kind: string
  readonly price: number
  readonly direction: Direction
  readonly outcome: OutcomeName
  readonly spot: number | null
  readonly most: number | null
  readonly least: number | null
  /** A head's forecast, by its name without anchor. */
  readonly forecast: (head: string) => number | null
}

/** The touch at a place of the session. */
export function touchAt({ session, set, anchor }: WorkbenchState, place: number): Touch | null {
  const { touches, forecasts } = session ?? {}
  const labels = touches?.byAnchor[anchor]
  const minute = touches?.minute[place]
  if (touches === undefined || labels === undefined || minute === undefined) return null
  const heads = set === null ? undefined : forecasts?.[set]
  return {
    place,
    minute,
    kind: touches.kind[place] ?? '',
    price: touches.price[place] ?? 0,
    direction: touches.direction[place] as Direction,
    outcome: labels.outcome[place] as OutcomeName,
    spot: labels.spot[place] ?? null,
    most: labels.most[place] ?? null,
    least: labels.least[place] ?? null,
    forecast: (head) => heads?.[atAnchor(head, anchor)]?.[place] ?? null,
  }
}

/** All touches of the session. */
export function touchesOf(state: WorkbenchState): readonly Touch[] {
  const count = state.session?.touches.id.length ?? 0
  return Array.from({ length: count }, (_, place) => touchAt(state, place)).filter((touch) => touch !== null)
}

/** P(the level breaks | $2 is reached), and P($2 is reached). */
export const directionOf = (touch: Touch): number | null =>
  touch.forecast(headName({ kind: 'direction' }, PRIMARY_ANCHOR))
/** See {@link directionOf}. */
export const tradeableOf = (touch: Touch): number | null =>
  touch.forecast(headName({ kind: 'tradeable_2' }, PRIMARY_ANCHOR))

/** What the fan of a touch needs: reach probabilities from the anchor on; null where they or the price are not known. */
export function fanInputOf(
  touch: Touch,
  { thresholds, horizons }: WorkbenchIndex,
): (FanInput & { sign: 1 | -1 }) | null {
  const sign = signOf(touch.direction)
  if ((sign !== 1 && sign !== -1) || touch.spot === null) return null
  const along = (key: string): (number | null)[] => horizons.map((seconds) => touch.forecast(reachHead(key, seconds)))
  const input = {
    sign,
    displacement: sign * (touch.spot - touch.price),
    thresholds,
    horizons,
    beyond: [along('t1_break'), along('t2_break')],
    back: [along('t1_bounce'), along('t2_bounce')],
  } as const
  return [...input.beyond, ...input.back].flat().some((p) => p !== null) ? input : null
}
