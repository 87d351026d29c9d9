import { addToSmoothSums, LOG_LOSS_EPSILON, SMOOTH_SUMS } from '@breakwater/calibration'

/** Cells of the running reliability curve. */
export const CURVE_CELLS = 20

/** Sums over the answered forecasts of one head in one session; plain JSON. */
export interface Tally {
  rows: number
  sumP: number
  sumY: number
  /** Squared errors: of probabilities, or of dollars. */
  squares: number
  logLoss: number
  /** Rows that had a reference, such as the law's number, and the sums of both on them. */
  referenceRows: number
  ownSquares: number
  ownLogLoss: number
  referenceSquares: number
  referenceLogLoss: number
  /** Rows with an interval, and those whose answer lies in it. */
  intervals: number
  covered: number
  /** Sums of a smooth ECE, see `addToSmoothSums`; empty for dollars. */
  readonly smooth: number[]
  /** By cell of the probability: rows, sum of probabilities, sum of outcomes. */
  readonly curve: number[]
}

/** One answered forecast. */
interface ScoredForecast {
  /** Probability, or dollars. */
  readonly value: number
  readonly outcome: number
  /** What the reference forecast; NaN where there is none. */
  readonly reference: number
  /** Ends of the interval; NaN where there is none. */
  readonly low: number
  readonly high: number
}

/** Sums of nothing; `isBinary` where the forecasts are probabilities. */
export function emptyTally(isBinary: boolean): Tally {
  return {
    rows: 0,
    sumP: 0,
    sumY: 0,
    squares: 0,
    logLoss: 0,
    referenceRows: 0,
    ownSquares: 0,
    ownLogLoss: 0,
    referenceSquares: 0,
    referenceLogLoss: 0,
    intervals: 0,
    covered: 0,
    smooth: isBinary ? Array.from({ length: SMOOTH_SUMS }, () => 0) : [],
    curve: isBinary ? Array.from({ length: 3 * CURVE_CELLS }, () => 0) : [],
  }
}

function surprise(p: number, y: number): number {
  const bounded = Math.min(1 - LOG_LOSS_EPSILON, Math.max(LOG_LOSS_EPSILON, p))
  return y === 1 ? -Math.log(bounded) : -Math.log1p(-bounded)
}

/** Adds one forecast. Writes `tally`. O(128) for a probability. */
export function addToTally(tally: Tally, { value, outcome, reference, low, high }: ScoredForecast): void {
  const isBinary = tally.smooth.length > 0
  const square = (value - outcome) ** 2
  const loss = isBinary ? surprise(value, outcome) : 0
  tally.rows += 1
  tally.sumP += value
  tally.sumY += outcome
  tally.squares += square
  tally.logLoss += loss
  if (!Number.isNaN(reference)) {
    tally.referenceRows += 1
    tally.ownSquares += square
    tally.ownLogLoss += loss
    tally.referenceSquares += (reference - outcome) ** 2
    tally.referenceLogLoss += isBinary ? surprise(reference, outcome) : 0
  }
  if (!Number.isNaN(low) && !Number.isNaN(high)) {
    tally.intervals += 1
    if (low <= outcome && outcome <= high) tally.covered += 1
  }
  if (!isBinary) return
  addToSmoothSums(tally.smooth, value, outcome)
  const cell = 3 * Math.min(CURVE_CELLS - 1, Math.floor(value * CURVE_CELLS))
  for (const [i, add] of [1, value, outcome].entries()) tally.curve[cell + i] = (tally.curve[cell + i] as number) + add
}

/** The sum of tallies of one head, each `times[i]` times. */
export function sumOfTallies(tallies: readonly Tally[], times?: ArrayLike<number>): Tally {
  const total = emptyTally((tallies[0]?.smooth.length ?? 0) > 0)
  for (const [i, tally] of tallies.entries()) {
    const by = times?.[i] ?? 1
    if (by === 0) continue
    for (const name of NUMBERS) total[name] += by * tally[name]
    for (const list of ['smooth', 'curve'] as const) {
      for (const [k, value] of tally[list].entries()) total[list][k] = (total[list][k] as number) + by * value
    }
  }
  return total
}

const NUMBERS = [
  'rows',
  'sumP',
  'sumY',
  'squares',
  'logLoss',
  'referenceRows',
  'ownSquares',
  'ownLogLoss',
  'referenceSquares',
  'referenceLogLoss',
  'intervals',
  'covered',
] as const
