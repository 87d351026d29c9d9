import { calibratorFromJson, conformalFromJson } from './calibrator-json.ts'
import { applyCalibrator, type Calibrator, vennAbersInterval } from './calibrator.ts'
import { checkProbability } from './check.ts'
import { checkPlaces, type Implication, settler } from './coherence.ts'
import type { ConformalInterval } from './conformal.ts'

/** What is fitted after a head's model: a map of probabilities, or an interval around a prediction in dollars. */
export type HeadCalibrator = Calibrator | ConformalInterval

/** Turns the predictions of several heads into served values. */
export interface ServedHeads {
  /**
   * Replaces `values` (`[h * count + r]` for head h and row r; NaN stays) by what is served: each head's calibrator
   * applied, then the events that imply others made coherent row by row, because maps fitted one by one need not agree
   * that $2 implies $1. A conformal interval leaves its prediction as it is.
   *
   * `low` and `high`, where given, get the interval of each value, both ends included: that of a conformal interval,
   * or of a Venn-ABERS calibrator before coherence, widened to hold the value; NaN where the head gives none. All
   * three may be longer than needed. Throws on a value that is not a probability where a calibrator wants one.
   */
  apply(values: Float64Array, count: number, low?: Float64Array, high?: Float64Array): void
}

/**
 * What is served of heads: `calibrators` has one per head, null for none, and `implications` lists by their places which
 * heads' events imply which others. Batch and live use this one definition.
 */
export function servedHeads(
  calibrators: readonly (HeadCalibrator | null)[],
  implications: readonly Implication[],
): ServedHeads {
  const joined = [...new Set(implications.flatMap(({ lower, upper }) => [lower, upper]))].toSorted((a, b) => a - b)
  const placeOf = new Map(joined.map((head, place) => [head, place]))
  const among = implications.map(({ lower, upper }) => ({
    lower: placeOf.get(lower) as number,
    upper: placeOf.get(upper) as number,
  }))
  checkPlaces(among, joined.length)
  const surface = new Float64Array(joined.length)
  const settle = settler(joined.length, among)
  return {
    apply(values, count, low, high) {
      low?.fill(Number.NaN, 0, calibrators.length * count)
      high?.fill(Number.NaN, 0, calibrators.length * count)
      for (const [head, calibrator] of calibrators.entries()) {
        const from = head * count
        if (low !== undefined && high !== undefined) writeIntervals(calibrator, values, from, count, low, high)
        if (calibrator !== null && calibrator.kind !== 'conformal') mapKnown(calibrator, values, from, count)
      }
      for (let row = 0; row < count && joined.length > 0; row++) {
        for (const [place, head] of joined.entries()) {
          const value = values[head * count + row] as number
          if (!Number.isNaN(value)) checkProbability('values', head * count + row, value)
          surface[place] = value
        }
        settle(surface)
        for (const [place, head] of joined.entries()) values[head * count + row] = surface[place] as number
      }
      if (low !== undefined && high !== undefined) widen(values, low, high, calibrators.length * count)
    },
  }
}

/** Applies a calibrator where there is a prediction. */
function mapKnown(calibrator: Calibrator, values: Float64Array, from: number, count: number): void {
  const own = values.subarray(from, from + count)
  const known = applyCalibrator(
    calibrator,
    own.filter((value) => !Number.isNaN(value)),
  )
  let next = 0
  for (let row = 0; row < count; row++) if (!Number.isNaN(own[row])) own[row] = known[next++] as number
}

function writeIntervals(
  calibrator: HeadCalibrator | null,
  values: Float64Array,
  from: number,
  count: number,
  low: Float64Array,
  high: Float64Array,
): void {
  if (calibrator?.kind !== 'conformal' && calibrator?.kind !== 'venn-abers') return
  for (let at = from; at < from + count; at++) {
    const value = values[at] as number
    if (Number.isNaN(value)) continue
    const interval =
      calibrator.kind === 'conformal'
        ? { low: value - calibrator.radius, high: value + calibrator.radius }
        : vennAbersInterval(calibrator, value)
    low[at] = interval.low
    high[at] = interval.high
  }
}

/** Coherence may move a value past the end of its own interval. */
function widen(values: Float64Array, low: Float64Array, high: Float64Array, length: number): void {
  for (let at = 0; at < length; at++) {
    const value = values[at] as number
    if (value < (low[at] as number)) low[at] = value
    if (value > (high[at] as number)) high[at] = value
  }
}

/**
 * The calibrator in a bundle's description, or null where there is none: an interval for a regression, a map for a
 * probability. Throws, naming `head`, on what is none of the kind.
 */
export function headCalibratorFromJson(
  value: unknown,
  head: string,
  task: 'binary' | 'regression',
): HeadCalibrator | null {
  if (value === null) return null
  return task === 'regression' ? conformalFromJson(value, head) : calibratorFromJson(value, head)
}
