import { reaches, type ReachSide, type Thresholds, type WindowHead } from '@breakwater/features'
import type { Evidence } from './evidence.ts'
import type { OutcomeMask } from './forecast.ts'
import type { Question } from './question.ts'

type Answer = number | OutcomeMask

/** Settings that answers depend on. */
export interface AnswerSettings {
  readonly thresholds: Thresholds
}

/**
 * What became of a question whose window has closed, by the definitions of `momentTargets` in the features package: a reach
 * counts when its whole interval lies within the window, it is none when it began at its end or later; between these it is
 * masked. Where ticks tell the time of a reach its interval is a point, so fewer are masked.
 */
export function answer({ about, seconds }: Question, evidence: Evidence, settings: AnswerSettings): Answer {
  if (about.kind === 'touch') return touchAnswer(evidence, seconds)
  if (Number.isNaN(evidence.from)) return 'never touched'
  if (evidence.touchEnd > evidence.touchStart) return 'touch between ticks'
  if (evidence.cut - evidence.from < seconds) return 'window incomplete'
  if (about.kind === 'reach') return reachAnswer(evidence, about, seconds, settings)
  return windowAnswer(about.kind, evidence, seconds, settings)
}

function touchAnswer({ at, touchStart, touchEnd, touchStraddles, cut }: Evidence, seconds: number): Answer {
  if (cut - at < seconds) return 'window incomplete'
  if (touchEnd - at <= seconds) return 1
  if (touchStraddles) return 'hit straddles the moment'
  return Number.isNaN(touchStart) || touchStart - at >= seconds ? 0 : 'hit straddles the horizon'
}

/** When a threshold was reached on a side: the earliest start and the earliest end of the intervals; NaN where it was not. */
function firstOf(evidence: Evidence, threshold: 1 | 2, side: ReachSide): readonly [start: number, end: number] {
  const place = threshold === 1 ? 0 : 2
  const { start, end } = evidence
  const [toBreak, toBounce] = [start[place] as number, start[place + 1] as number]
  const [breakEnd, bounceEnd] = [end[place] as number, end[place + 1] as number]
  if (side === 'break') return [toBreak, breakEnd]
  if (side === 'bounce') return [toBounce, bounceEnd]
  return [earlier(toBreak, toBounce), earlier(breakEnd, bounceEnd)]
}

/** The earlier of two times, of which either may be missing. */
const earlier = (a: number, b: number): number => (a <= b || Number.isNaN(b) ? a : b)

function straddled({ straddles }: Evidence, threshold: 1 | 2, side: ReachSide): boolean {
  const place = threshold === 1 ? 0 : 2
  return (side !== 'bounce' && straddles[place] === 1) || (side !== 'break' && straddles[place + 1] === 1)
}

function reachAnswer(
  evidence: Evidence,
  { threshold, side }: { readonly threshold: 1 | 2; readonly side: ReachSide },
  seconds: number,
  { thresholds }: AnswerSettings,
): Answer {
  const { from, moved } = evidence
  if (Number.isNaN(moved)) return 'price missing at the moment'
  const towards = side === 'either' ? Math.abs(moved) : side === 'break' ? moved : -moved
  if (reaches(towards, threshold === 1 ? thresholds[0] : thresholds[1])) return 'already reached at the moment'
  const [start, end] = firstOf(evidence, threshold, side)
  if (end - from <= seconds) return 1
  if (straddled(evidence, threshold, side)) return 'hit straddles the moment'
  return Number.isNaN(start) || start - from >= seconds ? 0 : 'hit straddles the horizon'
}

function windowAnswer(kind: WindowHead, evidence: Evidence, seconds: number, settings: AnswerSettings): Answer {
  const { most, least, moved } = evidence
  if (most === -Infinity) return 'window incomplete'
  if (kind === 'strength_signed') return Math.abs(most) >= Math.abs(least) ? most : least
  if (Number.isNaN(moved)) return 'price missing at the moment'
  const tradeable = reachAnswer(evidence, { threshold: 2, side: 'either' }, seconds, settings)
  if (kind === 'tradeable_2' || typeof tradeable === 'string') return tradeable
  if (tradeable === 0) return 'not reached'
  if (straddled(evidence, 2, 'either')) return 'hit straddles the moment'
  const [toBreak, breakEnd] = firstOf(evidence, 2, 'break')
  const [toBounce, bounceEnd] = firstOf(evidence, 2, 'bounce')
  const first = earlier(toBreak, toBounce)
  const isUnknown = toBreak === toBounce || Math.max(toBreak, toBounce) < Math.min(breakEnd, bounceEnd)
  return isUnknown ? 'both sides in one minute' : Number(first === toBreak)
}
