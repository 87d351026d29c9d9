import type { LevelFailure } from './level-book.ts'
import type { BarRejection } from './surface.ts'
import type { TargetError, TargetState } from './target.ts'

/** Counts of a viewport as they grow. */
export interface Tally {
  ticks: number
  rejectedLevels: number
  rejectedBars: number
  rewinds: number
  readonly bars: Map<BarRejection, number>
  readonly states: Record<TargetState, number>
  readonly failures: Map<TargetError, { count: number; last: string }>
}

/** Nothing counted. */
export function beginTally(): Tally {
  const states = { FAR: 0, APPROACHING: 0, IN_MONITOR_BAND: 0, TOUCH: 0, CONFIRMATION: 0, RESOLVED: 0 }
  return { ticks: 0, rejectedLevels: 0, rejectedBars: 0, rewinds: 0, bars: new Map(), states, failures: new Map() }
}

/** Begins another tick's count of targets by state. Writes `tally`. */
export function resetStates({ states }: Tally): void {
  states.FAR = 0
  states.APPROACHING = 0
  states.IN_MONITOR_BAND = 0
  states.TOUCH = 0
  states.CONFIRMATION = 0
  states.RESOLVED = 0
}

/** Counts a failed target. Writes `tally`. */
export function tallyFailure({ failures }: Tally, { code, message }: LevelFailure): void {
  const known = failures.get(code)
  if (known === undefined) failures.set(code, { count: 1, last: message })
  else {
    known.count += 1
    known.last = message
  }
}
