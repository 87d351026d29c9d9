import {
  type Direction,
  type MinuteBar,
  type OutcomeName,
  signOf,
  touchOutcome,
  type TouchOutcomeOptions,
} from '@breakwater/features'
import { msOf, type PublishedTarget } from './payload.ts'

/** What became of a touch, by the rule of the labels: see `touchOutcome` of `@breakwater/features`. */
export interface TouchResult {
  readonly outcome: OutcomeName
  /** Dollars beyond the level at the most, and at the least: below 0 on the side that price came from. */
  readonly furthestBeyond: number
  readonly furthestBack: number
}

/** A touch as a list shows it. */
export interface TouchSummary {
  readonly id: string
  readonly levelId: string
  readonly kind: string
  readonly price: number
  readonly direction: Direction | null
  /** Milliseconds since 1970. */
  readonly touchedAt: number
  readonly confirmAt: number | null
  readonly state: PublishedTarget['viewport_state']
  /** Of the forecast at the confirmation, else of the first one. */
  readonly tradeable: number | null
  readonly breakGivenTradeable: number | null
  /** null while the label window runs. */
  readonly result: TouchResult | null
}

/** A touch with the targets that were published for it. */
export interface TouchRecord extends TouchSummary {
  /** The first one after the touch. */
  readonly atTouch: PublishedTarget
  readonly atTouchTs: number
  /** The first one after the confirmation. */
  readonly atConfirmation: PublishedTarget | null
  readonly atConfirmationTs: number | null
}

/** The session of a touch, whole minutes since 1970. */
export interface SessionMinutes {
  readonly openMinute: number
  readonly closeMinute: number
}

/** The touches of a day. */
export interface TouchBook {
  /** Keeps the touches of `targets`; returns how many are new or have changed. */
  readonly take: (ts: number, targets: readonly PublishedTarget[], revision: number) => number
  /** Works out what became of touches whose label window has ended; returns how many it did. */
  readonly settle: (
    bars: readonly MinuteBar[],
    session: SessionMinutes,
    settings: TouchOutcomeOptions,
    revision: number,
  ) => number
  /** Touches that are new or have changed after a revision, in the order they were seen. */
  readonly since: (revision: number) => readonly TouchSummary[]
  readonly find: (id: string) => TouchRecord | null
  readonly clear: () => void
}

/** Touches kept; the oldest are dropped. A busy session has some hundred. */
const MOST_TOUCHES = 600
const MS_PER_MINUTE = 60_000

type Held = { -readonly [Name in keyof TouchRecord]: TouchRecord[Name] } & { revision: number }

/** A book before its first touch. */
export function touchBook(): TouchBook {
  const touches = new Map<string, Held>()
  return {
    take(ts, targets, revision) {
      let changes = 0
      for (const target of targets) {
        if (target.touch_ts_ns === null) continue
        const id = idOf(target.level_id, msOf(target.touch_ts_ns))
        const held = touches.get(id)
        if (held === undefined) {
          touches.set(id, newTouch(id, ts, target, revision))
          const oldest = touches.keys().next()
          if (touches.size > MOST_TOUCHES && oldest.done !== true) touches.delete(oldest.value)
          changes += 1
        } else if (held.state !== target.viewport_state) {
          follow(held, ts, target)
          held.revision = revision
          changes += 1
        }
      }
      return changes
    },
    settle(bars, session, settings, revision) {
      const last = bars.at(-1)
      if (last === undefined) return 0
      let changes = 0
      for (const held of touches.values()) {
        if (held.result !== null) continue
        const result = resultOf(held, bars, session, settings)
        if (result === null) continue
        held.result = result
        held.revision = revision
        changes += 1
      }
      return changes
    },
    since: (revision) => [...touches.values()].filter((one) => one.revision > revision).map(summaryOf),
    find: (id) => touches.get(id) ?? null,
    clear: () => touches.clear(),
  }
}

const idOf = (levelId: string, ms: number): string => `${levelId}@${ms}`

function newTouch(id: string, ts: number, target: PublishedTarget, revision: number): Held {
  return {
    id,
    levelId: target.level_id,
    kind: target.level_kind_name,
    price: target.level_price,
    direction: target.direction,
    touchedAt: msOf(target.touch_ts_ns) ?? ts,
    confirmAt: msOf(target.confirm_ts_ns),
    state: target.viewport_state,
    tradeable: target.p_tradeable_2,
    breakGivenTradeable: target.p_break_given_tradeable,
    result: null,
    atTouch: withoutNeighbours(target),
    atTouchTs: ts,
    atConfirmation: null,
    atConfirmationTs: null,
    revision,
  }
}

function follow(held: Held, ts: number, target: PublishedTarget): void {
  held.state = target.viewport_state
  if (target.viewport_state !== 'CONFIRMATION' || held.atConfirmation !== null) return
  held.atConfirmation = withoutNeighbours(target)
  held.atConfirmationTs = ts
  held.tradeable = target.p_tradeable_2
  held.breakGivenTradeable = target.p_break_given_tradeable
}

/** Neighbours are the largest part of a target, and those of a past touch are not shown. */
const withoutNeighbours = (target: PublishedTarget): PublishedTarget => ({ ...target, retrieval: null })

function resultOf(
  { touchedAt, price, direction }: Held,
  bars: readonly MinuteBar[],
  session: SessionMinutes,
  settings: TouchOutcomeOptions,
): TouchResult | null {
  const sign = signOf(direction)
  if (sign !== 1 && sign !== -1) return null
  const touch = { minute: Math.floor(touchedAt / MS_PER_MINUTE), price, sign, ...session } as const
  const { outcome, numbers } = touchOutcome(bars, touch, settings)
  if (Number.isNaN(numbers.excursion_max)) return null
  return { outcome, furthestBeyond: numbers.excursion_max, furthestBack: numbers.excursion_min }
}

function summaryOf(held: Held): TouchSummary {
  const { id, levelId, kind, price, direction, touchedAt, confirmAt, state, tradeable, breakGivenTradeable, result } =
    held
  return { id, levelId, kind, price, direction, touchedAt, confirmAt, state, tradeable, breakGivenTradeable, result }
}
