import {
  DEFAULT_THRESHOLDS,
  newYorkCalendar,
  type Calendar,
  type MinuteBar,
  type Thresholds,
} from '@breakwater/features'
import { answer } from './answer.ts'
import { beginEvidence, beyond, takeBar, takeTick, touchByBar, touchByTick, type Evidence } from './evidence.ts'
import type { OutcomeMask, PublishedForecast, ResolvedForecast } from './forecast.ts'
import type { Question } from './question.ts'
import { sessionFrom, type SessionState } from './session.ts'
import { evidenceFromJson, evidenceToJson, type JoinCounts, type JoinState } from './state.ts'

/** Options of {@link createOutcomeJoin}: the settings of the signals that the models were trained on. */
export interface JoinOptions {
  readonly questions: readonly Question[]
  /** Dollars from the level. Default 1 and 2. */
  readonly thresholds?: Thresholds
  /** Dollars from a level within which it counts as touched. Default 0.10. */
  readonly touchBand?: number
  /** Minutes without a bar that count as quiet; after more the data breaks off. Default 5. */
  readonly maxGapMinutes?: number
  /** Seconds after its end from which on a bar counts as late. Default 5. */
  readonly lateSeconds?: number
  /** Trading days; the New York calendar's own by default. */
  readonly calendar?: Calendar
  /** State to go on from, of a join with the same options. */
  readonly state?: JoinState
}

/** Joins published forecasts to what happened. One caller at a time, in order of time. */
export interface OutcomeJoin {
  readonly questions: readonly Question[]
  readonly counts: Readonly<JoinCounts>
  /** Forecasts that wait for an answer. */
  readonly open: number
  /** Follows a forecast. Prices and bars of its own time must have been taken before. */
  publish(forecast: PublishedForecast): ResolvedForecast[]
  /** Takes the price at a time. Returns the forecasts of the session before, where this one is of another. */
  tick(tsNs: bigint, spot: number): ResolvedForecast[]
  /** Takes a one-minute bar that has ended; returns the windows that it closes, in order of publication. */
  bar(bar: MinuteBar): ResolvedForecast[]
  /** Ends the data: what waits is answered as far as it is known, and masked where it is not. */
  close(): ResolvedForecast[]
  /** The state as plain JSON, to go on from. */
  state(): JoinState
}

const MINUTE_NS = 60_000_000_000n
const SECOND_NS = 1e9

/**
 * A join before its first forecast, or at a state. Outcomes have the definitions of the labels (`momentTargets` of features): a
 * forecast that is published at the start of a minute gets from bars the targets of that moment, to the bit. For others the
 * minutes at both ends of a window are only partly in it: ticks tell what happened there, and without ticks an event of such
 * a minute is masked rather than guessed. An answer comes when the bar that closes its window has come; a window that the
 * session's close or a gap cuts short is masked as incomplete. Every question of a forecast is answered once.
 *
 * Cost: per tick and bar, forecasts that wait; memory: those alone, 300 bytes each.
 */
export function createOutcomeJoin(options: JoinOptions): OutcomeJoin {
  const { questions, thresholds = DEFAULT_THRESHOLDS, touchBand = 0.1, maxGapMinutes = 5, lateSeconds = 5 } = options
  const { calendar = newYorkCalendar(), state } = options
  const longest = Math.max(0, ...questions.map(({ seconds }) => seconds))
  const session: SessionState = sessionFrom(state, calendar)
  const counts: JoinCounts = state === undefined ? noCounts() : { ...state.counts }
  let open: Evidence[] = (state?.open ?? []).map(evidenceFromJson)

  const resolve = (evidence: Evidence, until: number): ResolvedForecast[] => {
    const resolved: ResolvedForecast[] = []
    const { next } = evidence
    const to = closedQuestions(evidence, questions, until)
    if (to > next) {
      evidence.next = to
      const one = answersOf(evidence, next, to)
      if (one !== null) resolved.push(one)
    }
    return resolved
  }
  const answersOf = (evidence: Evidence, from: number, to: number): ResolvedForecast | null => {
    const { forecast } = evidence
    const outcomes = new Float64Array(questions.length).fill(Number.NaN)
    const masks: (OutcomeMask | null)[] = questions.map(() => null)
    let any = false
    for (let q = from; q < to; q++) {
      const question = questions[q] as Question
      // After a touch nobody asks whether it will come.
      if (Number.isNaN(forecast.values[q]) || (question.about.kind === 'touch' && forecast.fromNs !== null)) {
        masks[q] = 'no number'
        continue
      }
      any = true
      const value = answer(question, evidence, { thresholds })
      if (typeof value === 'number') {
        outcomes[q] = value
        counts.answered += 1
        continue
      }
      masks[q] = value
      counts.masked += 1
      if (value === 'window incomplete') counts.censored += 1
    }
    if (!any) return null
    const startNs = Number.isNaN(evidence.from) ? null : session.nsOf(evidence.from)
    return { forecast, from, to, outcomes, masks, startNs, knownNs: session.nsOf(knownThrough()) }
  }
  const knownThrough = (): number => (session.lastSlot + 1) * 60
  const sweep = (until: number): ResolvedForecast[] => {
    const resolved = open.flatMap((evidence) => resolve(evidence, until))
    open = open.filter((evidence) => {
      const waits = evidence.next < questions.length
      if (!waits) counts.closed += 1
      return waits
    })
    return resolved
  }
  const endSession = (): ResolvedForecast[] => {
    for (const evidence of open) evidence.cut = Math.min(evidence.cut, knownThrough())
    return sweep(Infinity)
  }
  /** Goes to the session of a time; null outside the regular hours. */
  const enter = (ns: bigint): { readonly resolved: ResolvedForecast[]; readonly seconds: number | null } => {
    const seconds = session.secondsOf(ns)
    if (seconds !== null) return { resolved: [], seconds }
    const next = calendar.sessionOf(calendar.dateOf(ns))
    if (next === null || ns < next.openNs || ns >= next.closeNs) return { resolved: [], seconds: null }
    const resolved = endSession()
    session.begin(next)
    return { resolved, seconds: session.secondsOf(ns) }
  }
  return {
    questions,
    counts,
    get open() {
      return open.length
    },
    publish(forecast) {
      checkForecast(forecast, questions)
      const { resolved, seconds } = enter(forecast.tsNs)
      if (seconds === null) {
        counts.outside += 1
        return resolved
      }
      if ((session.published.get(forecast.levelId) ?? -1) >= seconds) {
        counts.repeated += 1
        return resolved
      }
      session.published.set(forecast.levelId, seconds)
      counts.published += 1
      const { fromNs } = forecast
      const from = fromNs === null ? Number.NaN : Number(fromNs - session.openNs) / SECOND_NS
      const evidence = beginEvidence(forecast, { at: seconds, from, longest })
      if (from <= seconds) {
        const isStale = Math.floor(seconds / 60) - session.lastSlot - 1 > maxGapMinutes
        const price = Number.isNaN(forecast.spot) ? (isStale ? Number.NaN : session.lastClose) : forecast.spot
        evidence.moved = beyond(evidence, price)
      }
      open.push(evidence)
      return resolved
    },
    tick(tsNs, spot) {
      const { resolved, seconds } = enter(tsNs)
      if (seconds === null) return resolved
      session.lastTick = Math.max(session.lastTick, seconds)
      for (const evidence of open) {
        if (Number.isNaN(evidence.from) && !evidence.touchStraddles && seconds > evidence.at)
          touchByTick(evidence, seconds, spot, touchBand)
        takeTick(evidence, seconds, spot, thresholds)
      }
      return resolved
    },
    bar(bar) {
      const { resolved, seconds } = enter(BigInt(bar.minute) * MINUTE_NS)
      if (seconds === null) return resolved
      const slot = Math.round(seconds / 60)
      if (slot <= session.lastSlot) {
        counts.repeatedBars += 1
        return resolved
      }
      counts.bars += 1
      if (session.lastTick > (slot + 1) * 60 + lateSeconds) counts.lateBars += 1
      const gap = slot - session.lastSlot - 1
      counts.missingBars += gap
      if (gap > maxGapMinutes) cutOff(open, session.lastSlot + 1, slot)
      const one = { slot, high: bar.high, low: bar.low }
      for (const evidence of open) {
        if (Number.isNaN(evidence.from) && !evidence.touchStraddles) touchByBar(evidence, one, touchBand)
        if (Number.isNaN(evidence.moved) && slot >= evidence.slot && evidence.from > evidence.at) {
          const isCovered = gap <= maxGapMinutes || evidence.slot - 1 <= session.lastSlot
          if (isCovered) evidence.moved = beyond(evidence, session.lastClose)
        }
        takeBar(evidence, one, thresholds)
      }
      session.lastSlot = slot
      session.lastClose = bar.close
      return [...resolved, ...sweep(knownThrough())]
    },
    close: () => endSession(),
    state: () => ({
      version: 1,
      date: session.date,
      lastSlot: session.lastSlot,
      lastClose: Number.isNaN(session.lastClose) ? null : session.lastClose,
      lastTick: session.lastTick === -Infinity ? null : session.lastTick,
      published: [...session.published],
      counts: { ...counts },
      open: open.map(evidenceToJson),
    }),
  }
}

/** Windows that begin by the end of a gap, and are not over at its start, end there. */
function cutOff(open: readonly Evidence[], fromSlot: number, toSlot: number): void {
  for (const evidence of open) {
    const begins = Number.isNaN(evidence.from) ? evidence.at : evidence.from
    if (begins < toSlot * 60) evidence.cut = Math.min(evidence.cut, Math.max(begins, fromSlot * 60))
  }
}

/** The first question after `next` whose window is not over when everything until `until` is known. */
function closedQuestions(evidence: Evidence, questions: readonly Question[], until: number): number {
  const { at, cut } = evidence
  const isKnown = (question: Question): boolean => {
    if (until === Infinity || cut < until) return true
    if (question.about.kind === 'touch') {
      return !Number.isNaN(evidence.touchEnd) || evidence.forecast.fromNs !== null || until >= at + question.seconds
    }
    return until >= (Number.isNaN(evidence.from) ? evidence.until : evidence.from + question.seconds)
  }
  let next = evidence.next
  while (next < questions.length && isKnown(questions[next] as Question)) next += 1
  return next
}

const noCounts = (): JoinCounts => ({
  published: 0,
  repeated: 0,
  outside: 0,
  closed: 0,
  answered: 0,
  masked: 0,
  censored: 0,
  bars: 0,
  lateBars: 0,
  missingBars: 0,
  repeatedBars: 0,
})

function checkForecast({ values, price, sign }: PublishedForecast, questions: readonly Question[]): void {
  if (values.length !== questions.length) {
    throw new RangeError(
      `monitor: forecast.values.length=${values.length}: must be ${questions.length}, one a question. Take the questions of the join.`,
    )
  }
  if (!(price > 0 && price < Infinity) || Math.abs(sign) !== 1) {
    throw new RangeError(`monitor: forecast: price=${price}, sign=${sign}: must be dollars above 0, and 1 or -1.`)
  }
}
