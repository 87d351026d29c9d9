import {
  checkEvents,
  cumulativeIncidence,
  type EventTimes,
  type Incidence,
  type IncidenceOptions,
} from './aalen-johansen.ts'
import { assignBins, binEdges, type BinningOptions } from './binning.ts'
import { checkProbability, checkRows, type Measure, noValue, type Values } from './check.ts'

/** One bin of a calibration curve against censored outcomes; an empty bin has count 0 and nulls. */
export interface CensoredBin {
  /** Least prediction that the bin takes. */
  readonly lower: number
  /** End of the bin: excluded, but for the last bin. */
  readonly upper: number
  readonly count: number
  /** Rows lost before the horizon without an event. */
  readonly censored: number
  readonly meanPrediction: number | null
  readonly incidence: Incidence
}

/** What was forecast for a horizon against what came by it, rows that were not seen to the end counted in part. */
export interface CensoredCurve {
  readonly horizon: number
  readonly bins: readonly CensoredBin[]
  /** The incidence over all rows: what the mean forecast should be. */
  readonly overall: Incidence
  /** Mean gap of forecast and incidence over the bins that have both, weighted by count. */
  readonly error: Measure
}

/**
 * Calibration of "the event comes within the horizon" against censored outcomes: predictions in bins, and in each the
 * Aalen-Johansen incidence at the horizon beside the mean prediction (Wolbers et al. 2009; Austin, Harrell and van
 * Klaveren 2020). Counting lost rows as misses would bias the rate, and leaving them out wastes what they showed; here each
 * counts for as long as it was seen. Throws on bad or no rows. O(rows log rows).
 */
export function censoredCalibration(
  predictions: Values,
  events: EventTimes,
  options: IncidenceOptions & BinningOptions,
): CensoredCurve {
  checkRows('times', events.times, predictions.length)
  checkEvents(events, options.horizon)
  for (let row = 0; row < predictions.length; row++) checkProbability('predictions', row, predictions[row] as number)
  const edges = binEdges(predictions, options)
  const rowsOf = Array.from({ length: edges.length - 1 }, (): number[] => [])
  for (const [row, k] of assignBins(predictions, edges).entries()) rowsOf[k]?.push(row)
  const bins = rowsOf.map((rows, k) =>
    binOf(predictions, events, rows, { ...options, lower: edges[k] as number, upper: edges[k + 1] as number }),
  )
  return {
    horizon: options.horizon,
    bins,
    overall: cumulativeIncidence(events, options),
    error: meanGap(bins),
  }
}

function binOf(
  predictions: Values,
  { times, causes }: EventTimes,
  rows: readonly number[],
  { lower, upper, ...options }: IncidenceOptions & { readonly lower: number; readonly upper: number },
): CensoredBin {
  if (rows.length === 0) {
    const incidence = { estimate: null, low: null, high: null, reason: 'no rows' }
    return { lower, upper, count: 0, censored: 0, meanPrediction: null, incidence }
  }
  const take = (values: Values): Float64Array => Float64Array.from(rows, (row) => values[row] as number)
  const lost = (row: number): boolean => causes[row] === 0 && (times[row] as number) < options.horizon
  return {
    lower,
    upper,
    count: rows.length,
    censored: rows.filter((row) => lost(row)).length,
    meanPrediction: take(predictions).reduce((sum, p) => sum + p, 0) / rows.length,
    incidence: cumulativeIncidence({ times: take(times), causes: take(causes) }, options),
  }
}

function meanGap(bins: readonly CensoredBin[]): Measure {
  let gap = 0
  let rows = 0
  for (const { count, meanPrediction, incidence } of bins) {
    if (meanPrediction === null || incidence.estimate === null) continue
    gap += count * Math.abs(meanPrediction - incidence.estimate)
    rows += count
  }
  return rows === 0 ? noValue('no bin has an incidence at the horizon') : { value: gap / rows }
}
