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

/** Of each session: its positives, its negatives, and the wins of its positives over the negatives of each session, ties half. */
export interface SessionWins {
  readonly positives: Float64Array
  readonly negatives: Float64Array
  /** `[session of the positive x sessions + session of the negative]`. */
  readonly wins: Float64Array
}

/** Counts the wins by the sessions of {@link RankedRows}; `codes` holds that of each place. O(rows + positives x sessions). */
export function winsBySession({ outcomes, endsTie }: RankedRows, codes: Int32Array, sessions: number): SessionWins {
  const [positives, negatives, below] = [
    new Float64Array(sessions),
    new Float64Array(sessions),
    new Float64Array(sessions),
  ]
  const wins = new Float64Array(sessions * sessions)
  // The negatives of a tie count half for its positives, and wholly for those above it.
  const countHalves = (from: number, to: number): void => {
    for (let place = from; place < to; place++) {
      const code = codes[place] as number
      if (outcomes[place] === 0) below[code] = (below[code] as number) + 0.5
    }
  }
  let from = 0
  for (let end = 0; end < outcomes.length; end++) {
    if (endsTie[end] === 0) continue
    countHalves(from, end + 1)
    for (let place = from; place <= end; place++) {
      const code = codes[place] as number
      const counts = outcomes[place] === 1 ? positives : negatives
      counts[code] = (counts[code] as number) + 1
      if (outcomes[place] === 0) continue
      const at = code * sessions
      for (let other = 0; other < sessions; other++) {
        wins[at + other] = (wins[at + other] as number) + (below[other] as number)
      }
    }
    countHalves(from, end + 1)
    from = end + 1
  }
  return { positives, negatives, wins }
}

/** AUC where each session counts `draws` times: what {@link weightedAuc} gives, to the bit. Null without both classes. O(sessions^2). */
export function aucOfWins({ positives, negatives, wins }: SessionWins, draws: Float64Array): number | null {
  const sessions = draws.length
  let [area, won, lost] = [0, 0, 0]
  for (let session = 0; session < sessions; session++) {
    const times = draws[session] as number
    if (times === 0) continue
    won += times * (positives[session] as number)
    lost += times * (negatives[session] as number)
    let sum = 0
    for (let other = 0, at = session * sessions; other < sessions; other++, at++) {
      sum += (draws[other] as number) * (wins[at] as number)
    }
    area += times * sum
  }
  return won > 0 && lost > 0 ? area / (won * lost) : null
}
