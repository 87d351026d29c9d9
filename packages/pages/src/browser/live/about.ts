import { msOf, type PublishedTarget } from '../../session/payload.ts'
import { duration, percent, timeOfDay } from '../format.ts'
import { STATE_WORDS } from './state.ts'

/** What the numbers of a target are about and how old they are, as of a time in milliseconds since 1970. */
export function aboutTarget(target: PublishedTarget, now: number): string {
  const stage = target.stage === 'stage_a' ? 'stage A' : 'stage B'
  const basis = target.condition === undefined ? basisText(target, now) : conditionText(target, now)
  const state = STATE_WORDS[target.viewport_state]
  return `${state[0]?.toUpperCase()}${state.slice(1)}, ${stage}. ${basis}`
}

/** What the fan of a target is about where that is not the time from now on: it is drawn from now. Empty where it is. */
export function fanRemark({ condition, source }: PublishedTarget): string {
  if (condition === 'given_touch') return ' They apply if price touches the level now.'
  return source === 'law' ? '' : ' They count from the confirmation, not from now.'
}

function conditionText(target: PublishedTarget, now: number): string {
  const { condition, source, p_touch: touch, as_of_ts_ns: asOf } = target
  if (source === null) return 'No forecast.'
  const age = asOf === null || asOf === undefined ? '' : ageText(msOf(asOf), now)
  if (condition === 'given_touch') {
    const chances = Object.entries(touch ?? {}).map(([seconds, p]) => `${percent(p)} within ${seconds} s`)
    const likely = chances.length === 0 ? '' : ` A touch comes with a probability of ${chances.join(', ')}.`
    return `Not touched yet.${likely} All other numbers say what would follow if price touched the level now${age}.`
  }
  const from =
    source === 'heads'
      ? 'The numbers come from the heads alone, which answer about the confirmation'
      : 'The numbers are about what follows from now on, given the path since the touch'
  return `Touched${sinceText(target, now)}. ${from}${age}.`
}

/** How old numbers are that are about `asOf`: nothing to say where they are about this snapshot. */
function ageText(asOf: number, now: number): string {
  return now - asOf < 1000 ? '' : `, as of ${timeOfDay(asOf)}, ${duration(now - asOf)} before this snapshot`
}

function sinceText({ touch_ts_ns: touch }: PublishedTarget, now: number): string {
  const touchedAt = msOf(touch)
  return touchedAt === null ? '' : ` at ${timeOfDay(touchedAt)}, ${duration(Math.max(0, now - touchedAt))} ago`
}

/** The same for version 1 of the payload. */
function basisText(target: PublishedTarget, now: number): string {
  const { row_basis: basis, touch_ts_ns: touch } = target
  if (basis === null) return 'No features, so no forecast.'
  if (touch === null) return 'Not touched yet: the numbers say what would follow if price touched the level now.'
  const touched = `Touched${sinceText(target, now)}`
  if (basis === 'supposed') return `${touched}: the bar of the touch has not ended.`
  if (basis === 'touch') return `${touched}: some features are not known before the confirmation.`
  const confirmedAt = msOf(target.confirm_ts_ns)
  return `${touched}: the numbers are those of the confirmation${confirmedAt === null ? '' : ageText(confirmedAt, now)}.`
}
