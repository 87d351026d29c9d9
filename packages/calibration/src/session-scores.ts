import { aucOfWins, rankRows, weightedAuc, winsBySession } from './auc.ts'
import { checkFinite, checkForecasts, checkRows, checkTargets, type Values } from './check.ts'
import { surprise } from './log-loss.ts'
import { addMoments, correlationOf, MOMENTS } from './regression.ts'

/** Rows by session: row r belongs to session `codes[r]`, one of 0 to `sessions` - 1. */
export interface SessionBlocks {
  readonly sessions: number
  readonly codes: Int32Array
}

/** A score of the rows where session s counts `draws[s]` times; null where it does not exist. */
export type DrawnScore = (draws: Float64Array) => number | null

/**
 * A score that can be computed again with whole sessions repeated or left out. What does not depend on the draw (sums
 * by session, the order of the predictions) is computed once, when the score is bound to its blocks.
 */
export type SessionScore = (blocks: SessionBlocks) => DrawnScore

/** Brier score by session; one draw costs O(sessions). See `brierScore`. */
export function brierBySession(predictions: Values, outcomes: Values): SessionScore {
  checkForecasts(predictions, outcomes)
  return meanBySession(predictions.length, (row) => squaredGap(predictions, outcomes, row))
}

/** Log loss by session; one draw costs O(sessions). See `logLoss`. */
export function logLossBySession(predictions: Values, outcomes: Values): SessionScore {
  checkForecasts(predictions, outcomes)
  return meanBySession(predictions.length, (row) => surprise(predictions[row] as number, outcomes[row] as number))
}

/**
 * Brier skill by session: 1 - Brier / Brier of the reference. The reference is a forecast for each row, or by default
 * the base rate of the drawn rows themselves. Null where the reference is perfect. One draw costs O(sessions).
 */
export function brierSkillBySession(predictions: Values, outcomes: Values, reference?: Values): SessionScore {
  checkForecasts(predictions, outcomes)
  if (reference !== undefined) checkForecasts(reference, outcomes)
  return (blocks) => {
    const sums = drawnSums(blocks, predictions.length, 4, (add, row) => {
      add(0, 1)
      add(1, outcomes[row] as number)
      add(2, squaredGap(predictions, outcomes, row))
      add(3, reference === undefined ? 0 : squaredGap(reference, outcomes, row))
    })
    return (draws) => {
      const [rows = 0, positives = 0, brier = 0, given = 0] = sums(draws)
      const climate = reference === undefined ? (positives * (rows - positives)) / rows : given
      return climate > 0 ? 1 - brier / climate : null
    }
  }
}

/**
 * AUC by session; null without both classes. One draw costs O(rows) or O(sessions^2), whichever is less: nothing is sorted
 * again. See `rocAuc`.
 */
export function aucBySession(predictions: Values, outcomes: Values): SessionScore {
  checkForecasts(predictions, outcomes)
  return (blocks) => {
    checkRows('sessions', blocks.codes, predictions.length)
    const ranked = rankRows(predictions, outcomes)
    const sessions = Int32Array.from(ranked.rows, (row) => blocks.codes[row] as number)
    if (blocks.sessions ** 2 > predictions.length) return (draws) => weightedAuc(ranked, sessions, draws)
    const wins = winsBySession(ranked, sessions, blocks.sessions)
    return (draws) => aucOfWins(wins, draws)
  }
}

/** Mean absolute error by session; one draw costs O(sessions). See `meanAbsoluteError`. */
export function maeBySession(predictions: Values, targets: Values): SessionScore {
  checkTargets(predictions, targets)
  return meanBySession(predictions.length, (row) => absoluteGap(predictions, targets, row))
}

/** 1 - MAE / MAE of a reference given for each row; null where the reference is perfect. O(sessions) a draw. */
export function maeSkillBySession(predictions: Values, targets: Values, reference: Values): SessionScore {
  checkTargets(predictions, targets)
  checkRows('reference', reference, predictions.length)
  checkFinite('reference', reference)
  return (blocks) => {
    const sums = drawnSums(blocks, predictions.length, 2, (add, row) => {
      add(0, absoluteGap(predictions, targets, row))
      add(1, absoluteGap(reference, targets, row))
    })
    return (draws) => {
      const [error = 0, given = 0] = sums(draws)
      return given > 0 ? 1 - error / given : null
    }
  }
}

/** Mean of a value of each row by session: a loss of your own. Throws unless all are finite. O(sessions) a draw. */
export function meanValueBySession(values: Values): SessionScore {
  checkFinite('values', values)
  return meanBySession(values.length, (row) => values[row] as number)
}

/** Root mean squared error by session; one draw costs O(sessions). See `rootMeanSquaredError`. */
export function rmseBySession(predictions: Values, targets: Values): SessionScore {
  checkTargets(predictions, targets)
  const mean = meanBySession(predictions.length, (row) => squaredGap(predictions, targets, row))
  return (blocks) => {
    const drawn = mean(blocks)
    return (draws) => Math.sqrt(drawn(draws) ?? 0)
  }
}

/** Correlation by session; null where either side is constant. One draw costs O(sessions). See `correlation`. */
export function correlationBySession(predictions: Values, targets: Values): SessionScore {
  checkTargets(predictions, targets)
  const shiftX = meanOf(predictions)
  const shiftY = meanOf(targets)
  return (blocks) => {
    const pair = new Float64Array(MOMENTS)
    const sums = drawnSums(blocks, predictions.length, MOMENTS, (add, row) => {
      pair.fill(0)
      addMoments(pair, 0, (predictions[row] as number) - shiftX, (targets[row] as number) - shiftY)
      for (let i = 0; i < MOMENTS; i++) add(i, pair[i] as number)
    })
    return (draws) => correlationOf(sums(draws))
  }
}

const absoluteGap = (predictions: Values, targets: Values, row: number): number =>
  Math.abs((predictions[row] as number) - (targets[row] as number))

const squaredGap = (predictions: Values, targets: Values, row: number): number =>
  ((predictions[row] as number) - (targets[row] as number)) ** 2

function meanOf(values: Values): number {
  let sum = 0
  for (let row = 0; row < values.length; row++) sum += values[row] as number
  return sum / values.length
}

/** The mean over drawn rows of a term of each row. */
function meanBySession(rows: number, term: (row: number) => number): SessionScore {
  return (blocks) => {
    const sums = drawnSums(blocks, rows, 2, (add, row) => {
      add(0, 1)
      add(1, term(row))
    })
    return (draws) => {
      const [count = 0, total = 0] = sums(draws)
      return total / count
    }
  }
}

/** Adds to one of the terms of the current row's session. */
export type Add = (term: number, value: number) => void

/**
 * Sums `width` terms of every row by session once; the result adds them up for a draw, into an array it reuses.
 */
export function drawnSums(
  { sessions, codes }: SessionBlocks,
  rows: number,
  width: number,
  addRow: (add: Add, row: number) => void,
): (draws: Float64Array) => Float64Array {
  checkRows('sessions', codes, rows)
  const bySession = new Float64Array(sessions * width)
  let offset = 0
  const add: Add = (term, value) => {
    bySession[offset + term] = (bySession[offset + term] as number) + value
  }
  for (let row = 0; row < rows; row++) {
    offset = (codes[row] as number) * width
    addRow(add, row)
  }
  const total = new Float64Array(width)
  return (draws) => {
    total.fill(0)
    for (let session = 0; session < sessions; session++) {
      const times = draws[session] as number
      for (let term = 0; term < width; term++) {
        total[term] = (total[term] as number) + times * (bySession[session * width + term] as number)
      }
    }
    return total
  }
}
