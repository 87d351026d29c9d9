/** Waiting times of weighted observations. Arrays have one entry each. */
export interface Waits {
  /** Time of the event, or of the end of observation. */
  readonly time: ArrayLike<number>
  /** Cause of the event, from 1; 0 where observation ended without one (censored). */
  readonly cause: ArrayLike<number>
  /** Above 0. */
  readonly weight: ArrayLike<number>
}

/** What {@link weightedIncidence} estimates. */
export interface Incidence {
  /** By cause, by horizon: probability of an event of that cause by then (closed); null beyond what was observed. */
  readonly byCause: (number | null)[][]
  /** Mean of min(time, restrictedTo) to the first event of any cause; null without observations. */
  readonly restrictedMean: number | null
  /** The longest time observed; null without observations. */
  readonly restrictedTo: number | null
}

/**
 * Weighted Aalen-Johansen estimate of cumulative incidence: F_c(h) = sum over event times t <= h of S(t-) d_c(t) / Y(t), with
 * d_c the weight of events of cause c at t, Y the weight still observed at t, and S the weighted Kaplan-Meier survival from
 * all causes; with one cause F = 1 - S, Kaplan and Meier's estimate (Aalen and Johansen 1978, "An empirical transition matrix
 * for non-homogeneous Markov chains based on censored observations"; Kaplan and Meier 1958). An event and an end of
 * observation at one time: the event came first. The restricted mean is the integral of S. Unlike a mean over those that
 * reached, none of this forgets those that did not. Cost: observations x log observations.
 */
export function weightedIncidence(waits: Waits, causes: number, horizons: readonly number[]): Incidence {
  if (waits.time.length === 0) {
    const none = Array.from({ length: causes }, () => horizons.map(() => null))
    return { byCause: none, restrictedMean: null, restrictedTo: null }
  }
  const { times, atRisk, events } = tabulate(waits, causes)
  const longest = times.at(-1) as number
  // By cause, by horizon.
  const incidence = zeros(causes * horizons.length)
  const total = zeros(causes)
  let [survival, area, before] = [1, 0, 0]
  for (let i = 0; i < times.length; i++) {
    const at = times[i] as number
    area += survival * (at - before)
    before = at
    let leaving = 0
    for (let c = 0; c < causes; c++) {
      const happened = events[i * causes + c] as number
      leaving += happened
      total[c] = (total[c] as number) + (survival * happened) / (atRisk[i] as number)
      for (let h = 0; h < horizons.length; h++) {
        if ((horizons[h] as number) >= at) incidence[c * horizons.length + h] = total[c] as number
      }
    }
    const stays = 1 - leaving / (atRisk[i] as number)
    survival = stays > ROUNDING ? survival * stays : 0
  }
  const isKnown = (horizon: number): boolean => horizon <= longest || survival === 0
  return {
    byCause: Array.from({ length: causes }, (_, c) =>
      horizons.map((horizon, h) => (isKnown(horizon) ? (incidence[c * horizons.length + h] as number) : null)),
    ),
    restrictedMean: area,
    restrictedTo: longest,
  }
}

/** A share of survivors below this is what rounding leaves of none. */
const ROUNDING = 1e-12

// Plain arrays: a summary makes dozens of short ones, and typed arrays take longer to make.
function zeros(length: number): number[] {
  const values: number[] = []
  for (let i = 0; i < length; i++) values.push(0)
  return values
}

interface EventTable {
  /** Different times, rising. */
  readonly times: readonly number[]
  /** Weight observed up to each time at least. */
  readonly atRisk: readonly number[]
  /** Weight of events at each time, by cause. */
  readonly events: readonly number[]
}

function tabulate({ time, cause, weight }: Waits, causes: number): EventTable {
  const times = differentTimes(time)
  const atRisk = zeros(times.length)
  const events = zeros(times.length * causes)
  for (let i = 0; i < time.length; i++) {
    const at = placeOf(times, time[i] as number)
    const w = weight[i] as number
    atRisk[at] = (atRisk[at] as number) + w
    const c = cause[i] as number
    if (c !== 0) events[at * causes + c - 1] = (events[at * causes + c - 1] as number) + w
  }
  for (let at = times.length - 2; at >= 0; at--) atRisk[at] = (atRisk[at] as number) + (atRisk[at + 1] as number)
  return { times, atRisk, events }
}

function differentTimes(time: ArrayLike<number>): number[] {
  const times: number[] = []
  for (let i = 0; i < time.length; i++) {
    const t = time[i] as number
    const at = placeOf(times, t)
    if (at === times.length) times.push(t)
    else if (times[at] !== t) times.splice(at, 0, t)
  }
  return times
}

/** How many of rising times lie before a time, by halving. */
function placeOf(times: readonly number[], time: number): number {
  let low = 0
  let high = times.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((times[middle] as number) < time) low = middle + 1
    else high = middle
  }
  return low
}
