/** Waiting times of weighted observations. Arrays have one entry each. */
export interface Waits {
  /** Time of the event, or of the end of observation. */
  readonly time: Float64Array
  /** Cause of the event, from 0; -1 where observation ended without one (censored). */
  readonly cause: Int8Array
  /** Above 0. */
  readonly weight: Float64Array
}

/** What {@link cumulativeIncidence} estimates. */
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
 * reached, none of this forgets those that did not. Cost: different event times x observations.
 */
export function cumulativeIncidence(
  { time, cause, weight }: Waits,
  causes: number,
  horizons: readonly number[],
): Incidence {
  if (time.length === 0) {
    const none = Array.from({ length: causes }, () => horizons.map(() => null))
    return { byCause: none, restrictedMean: null, restrictedTo: null }
  }
  const longest = time.reduce((a, b) => Math.max(a, b))
  // By cause, by horizon.
  const incidence = new Float64Array(causes * horizons.length)
  const total = new Float64Array(causes)
  const events = new Float64Array(causes)
  let [survival, area, before] = [1, 0, 0]
  for (const at of eventTimes(time, cause)) {
    area += survival * (at - before)
    before = at
    const atRisk = weigh(time, cause, weight, at, events)
    let leaving = 0
    for (let c = 0; c < causes; c++) {
      leaving += events[c] as number
      total[c] = (total[c] as number) + (survival * (events[c] as number)) / atRisk
      for (let h = 0; h < horizons.length; h++) {
        if ((horizons[h] as number) >= at) incidence[c * horizons.length + h] = total[c] as number
      }
    }
    survival *= Math.max(0, 1 - leaving / atRisk)
  }
  area += survival * (longest - before)
  const isKnown = (horizon: number): boolean => horizon <= longest || survival <= 0
  return {
    byCause: Array.from({ length: causes }, (_, c) =>
      horizons.map((horizon, h) => (isKnown(horizon) ? (incidence[c * horizons.length + h] as number) : null)),
    ),
    restrictedMean: area,
    restrictedTo: longest,
  }
}

/** Different times of events, rising. */
function eventTimes(time: Float64Array, cause: Int8Array): Float64Array {
  const times = new Set<number>()
  for (let i = 0; i < time.length; i++) if (cause[i] !== -1) times.add(time[i] as number)
  return Float64Array.from(times).toSorted()
}

/** The weight observed up to `at` at least; writes the weight of events at `at` by cause to `events`. */
function weigh(time: Float64Array, cause: Int8Array, weight: Float64Array, at: number, events: Float64Array): number {
  events.fill(0)
  let atRisk = 0
  for (let i = 0; i < time.length; i++) {
    const t = time[i] as number
    if (t < at) continue
    const w = weight[i] as number
    atRisk += w
    if (t === at && cause[i] !== -1) events[cause[i] as number] = (events[cause[i] as number] as number) + w
  }
  return atRisk
}
