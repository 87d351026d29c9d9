import { checkLevel, checkRows, type Values } from './check.ts'
import { normalQuantile } from './normal.ts'

/** Times to an event that may not have been seen to the end, one value of each array a row. */
export interface EventTimes {
  /** When the event came, or until when none had come, at least 0, in any unit. */
  readonly times: Values
  /** 0 where the row was lost without an event (censored), else which of the competing events came: 1, 2, ... */
  readonly causes: Values
}

/** A cumulative incidence with its interval; nulls come with a reason. */
export interface Incidence {
  /** Share that has had the event by the horizon, in [0, 1]. */
  readonly estimate: number | null
  readonly low: number | null
  readonly high: number | null
  readonly reason?: string
}

/** Which incidence is asked for. */
export interface IncidenceOptions {
  /** Events at this time count. */
  readonly horizon: number
  /** Which event; default 1. */
  readonly cause?: number
  /** Level of the interval; default 0.95. */
  readonly level?: number
}

/**
 * The share of rows that have event `cause` by the horizon, rows lost earlier counted for as long as they were seen
 * (Aalen and Johansen 1978): sum over event times t <= horizon of S(t-) d_cause(t) / n(t), with n(t) the rows still seen
 * and S the chance of no event yet. With one cause it is 1 - Kaplan-Meier. It assumes that rows are lost for reasons that
 * say nothing about the event (a window cut short by the close).
 *
 * At a tie, events come before losses. The variance is by the delta method (Marubini and Valsecchi 1995, section 10.2),
 * rows taken as independent, and the interval is symmetric in log(-log), so it stays in [0, 1]. No estimate where every
 * row was lost before the horizon while some had had no event; no interval if no row or every row had the event.
 * Throws on bad or no rows. O(rows log rows).
 */
export function cumulativeIncidence(
  { times, causes }: EventTimes,
  { horizon, cause = 1, level = 0.95 }: IncidenceOptions,
): Incidence {
  checkEvents({ times, causes }, horizon)
  checkLevel(level)
  const steps = stepsTo({ times, causes }, { horizon, cause })
  const { survival } = steps
  const last = Array.from(times).reduce((most, time) => Math.max(most, time), 0)
  if (last < horizon && survival > 0) {
    return { estimate: null, low: null, high: null, reason: 'every row was censored before the horizon' }
  }
  const estimate = steps.incidence
  const deviation = Math.sqrt(varianceOf(steps))
  if (!(estimate > 0 && estimate < 1 && deviation > 0)) {
    return { estimate, low: null, high: null, reason: 'no interval: the event never happened, or always did' }
  }
  const spread = (normalQuantile((1 + level) / 2) * deviation) / (estimate * Math.log(estimate))
  const at = (sign: number): number => estimate ** Math.exp(sign * spread)
  return { estimate, low: Math.min(at(1), at(-1)), high: Math.max(at(1), at(-1)) }
}

/** Throws unless times are at least 0, causes whole numbers of at least 0, and the horizon a number of at least 0. */
export function checkEvents({ times, causes }: EventTimes, horizon: number): void {
  checkRows('causes', causes, times.length)
  if (!(horizon >= 0 && horizon < Infinity)) {
    throw new RangeError(`calibration: horizon=${horizon}: must be a finite number of at least 0.`)
  }
  for (let row = 0; row < times.length; row++) {
    if (!((times[row] as number) >= 0)) {
      throw new RangeError(`calibration: times[${row}]=${times[row]}: must be at least 0. Leave masked rows out.`)
    }
    const cause = causes[row] as number
    if (!(Number.isSafeInteger(cause) && cause >= 0)) {
      throw new RangeError(
        `calibration: causes[${row}]=${cause}: must be 0 (lost without an event) or the number of an event.`,
      )
    }
  }
}

/** What happens at one event time: rows at risk, events of any cause and of the asked one, and S just before. */
interface Step {
  readonly atRisk: number
  readonly events: number
  readonly asked: number
  readonly before: number
  /** Incidence after this step. */
  readonly incidence: number
}

interface Steps {
  readonly list: readonly Step[]
  readonly survival: number
  readonly incidence: number
}

function stepsTo(
  { times, causes }: EventTimes,
  { horizon, cause }: { readonly horizon: number; readonly cause: number },
): Steps {
  const order = Uint32Array.from({ length: times.length }, (_, row) => row).toSorted(
    (a, b) => (times[a] as number) - (times[b] as number),
  )
  const list: Step[] = []
  let survival = 1
  let incidence = 0
  for (let from = 0; from < order.length;) {
    const time = times[order[from] as number] as number
    if (time > horizon) break
    let [to, events, asked] = [from, 0, 0]
    for (; to < order.length && times[order[to] as number] === time; to++) {
      const which = causes[order[to] as number] as number
      events += Number(which !== 0)
      asked += Number(which === cause)
    }
    const atRisk = order.length - from
    if (events > 0) {
      incidence += (survival * asked) / atRisk
      list.push({ atRisk, events, asked, before: survival, incidence })
      survival *= 1 - events / atRisk
    }
    from = to
  }
  return { list, survival, incidence }
}

function varianceOf({ list, incidence }: Steps): number {
  let variance = 0
  for (const { atRisk, events, asked, before, incidence: reached } of list) {
    const ahead = incidence - reached
    if (atRisk > events) variance += ahead ** 2 * (events / (atRisk * (atRisk - events)))
    variance += before ** 2 * (((atRisk - asked) / atRisk) * (asked / atRisk ** 2))
    variance -= 2 * ahead * before * (asked / atRisk ** 2)
  }
  return Math.max(0, variance)
}
