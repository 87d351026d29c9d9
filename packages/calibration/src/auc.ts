import { checkForecasts, type Measure, noValue, type Values } from './check.ts'

/** Why there is no AUC where every outcome is the same. */
const ONE_CLASS = 'only one class is present'

/**
 * Area under the ROC curve: the chance that a random positive is forecast higher than a random negative, ties counting
 * one half (the Mann-Whitney statistic by midranks; Hanley and McNeil 1982). 0.5 is no skill, 1 a perfect order.
 * No value where all outcomes are the same. Throws on bad or no rows. O(rows log rows).
 */
export function rocAuc(predictions: Values, outcomes: Values): Measure {
  checkForecasts(predictions, outcomes)
  const ranked = rankRows(predictions, outcomes)
  const area = weightedAuc(ranked, new Uint8Array(predictions.length), Float64Array.of(1))
  return area === null ? noValue(ONE_CLASS) : { value: area }
}

/** Rows by rising prediction: place i holds row `rows[i]`. */
export interface RankedRows {
  readonly rows: Uint32Array
  /** Outcome of the row at each place. */
  readonly outcomes: Float64Array
  /** 1 where the next place holds a greater prediction, or none. */
  readonly endsTie: Uint8Array
}

/** Sorts rows by prediction. O(rows log rows). */
export function rankRows(predictions: Values, outcomes: Values): RankedRows {
  const byPrediction = (a: number, b: number): number => (predictions[a] as number) - (predictions[b] as number)
  const rows = Uint32Array.from({ length: predictions.length }, (_, row) => row).toSorted(byPrediction)
  return {
    rows,
    outcomes: Float64Array.from(rows, (row) => outcomes[row] as number),
    endsTie: Uint8Array.from(rows, (row, place) => Number(predictions[row] !== predictions[rows[place + 1] ?? -1])),
  }
}

/**
 * AUC where the row at place i counts `weights[group[i]]` times, in one pass: each tie adds its positives times
 * (negatives below + half the negatives in it). Null without both classes. O(rows).
 */
export function weightedAuc(ranked: RankedRows, group: Int32Array | Uint8Array, weights: Float64Array): number | null {
  const { outcomes, endsTie } = ranked
  let below = 0
  let positives = 0
  let area = 0
  let tiedPositives = 0
  let tiedNegatives = 0
  for (let place = 0; place < outcomes.length; place++) {
    const weight = weights[group[place] as number] as number
    const positive = weight * (outcomes[place] as number)
    tiedPositives += positive
    tiedNegatives += weight - positive
    if (endsTie[place] === 0) continue
    area += tiedPositives * (below + tiedNegatives / 2)
    below += tiedNegatives
    positives += tiedPositives
    tiedPositives = 0
    tiedNegatives = 0
  }
  return positives > 0 && below > 0 ? area / (positives * below) : null
}
