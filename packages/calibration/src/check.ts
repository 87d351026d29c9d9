/** Numbers by row: a typed array or a plain one. Nothing in this package writes to one it was given. */
export type Values = ArrayLike<number>

/** A figure that may not exist; then `value` is null, never NaN, and `reason` explains why. */
export type Measure =
  { readonly value: number; readonly reason?: undefined } | { readonly value: null; readonly reason: string }

/** A measure without a value. */
export const noValue = (reason: string): Measure => ({ value: null, reason })

/** Throws unless there is at least one row and `values`, named `argument`, has as many as there are rows. */
export function checkRows(argument: string, values: Values, rows: number): void {
  if (rows === 0) throw new RangeError('calibration: predictions=[]: must have at least one row. Is the set empty?')
  if (values.length === rows) return
  throw new RangeError(
    `calibration: ${argument}.length=${values.length}: must be one per prediction. There are ${rows} predictions.`,
  )
}

/** Throws unless every prediction is a probability and every outcome 0 or 1, one for each. O(rows). */
export function checkForecasts(predictions: Values, outcomes: Values): void {
  checkRows('outcomes', outcomes, predictions.length)
  for (let row = 0; row < predictions.length; row++) {
    checkProbability('predictions', row, predictions[row] as number)
    const outcome = outcomes[row]
    if (outcome !== 0 && outcome !== 1) {
      throw new RangeError(
        `calibration: outcomes[${row}]=${outcome}: must be 0 or 1. Leave masked rows out before scoring.`,
      )
    }
  }
}

/** Throws unless `p`, entry `row` of `argument`, is a probability. */
export function checkProbability(argument: string, row: number, p: number): void {
  if (p >= 0 && p <= 1) return
  throw new RangeError(
    `calibration: ${argument}[${row}]=${p}: must be a probability in [0, 1]. Pass probabilities, not margins.`,
  )
}

/** Throws unless predictions and targets are finite, one for each. O(rows). */
export function checkTargets(predictions: Values, targets: Values): void {
  checkRows('targets', targets, predictions.length)
  for (const [argument, values] of Object.entries({ predictions, targets })) checkFinite(argument, values)
}

/** Throws unless every value is finite. O(rows). */
export function checkFinite(argument: string, values: Values): void {
  for (let row = 0; row < values.length; row++) {
    if (Number.isFinite(values[row])) continue
    throw new RangeError(
      `calibration: ${argument}[${row}]=${values[row]}: must be finite. Leave masked rows out before scoring.`,
    )
  }
}

/** Throws unless `value`, or entry `row` of `argument`, is a whole number of at least `least`. */
export function checkCount(argument: string, value: number, least: number, row?: number): void {
  if (Number.isSafeInteger(value) && value >= least) return
  const name = row === undefined ? argument : `${argument}[${row}]`
  throw new RangeError(`calibration: ${name}=${value}: must be a whole number of at least ${least}.`)
}

/** Throws unless `level` lies in (0, 1). */
export function checkLevel(level: number): void {
  if (level > 0 && level < 1) return
  throw new RangeError(`calibration: level=${level}: must lie between 0 and 1, both excluded. Write 95% as 0.95.`)
}

/** Throws unless `seed` is a whole number. */
export function checkSeed(seed: number): void {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`calibration: seed=${seed}: must be a whole number.`)
}
