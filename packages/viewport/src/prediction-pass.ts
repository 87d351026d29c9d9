import type { RowValues } from '@breakwater/features'
import type { LevelFailure } from './level-book.ts'
import type { Predictions, Predictor } from './parts.ts'
import { messageOf } from './rows.ts'
import type { Answers } from './answers.ts'

/** One predictor with the memory to ask it about several rows at once. */
export interface PredictionPass {
  /** Encodes the rows and asks all heads about all of them in one call. What failed, by row; null where nothing did. */
  run(rows: readonly RowValues[]): readonly (LevelFailure | null)[]
  /** Answers about row `i` of the last run, by head. Written again by the next run. */
  answers(i: number): Answers
}

/** A pass over at most `mostRows` rows. */
export function predictionPass(predictor: Predictor, mostRows: number): PredictionPass {
  const { width } = predictor
  const heads = predictor.heads.length
  const encoded = new Float32Array(mostRows * width)
  const encodedRows = Array.from({ length: mostRows }, (_, i) => encoded.subarray(i * width, (i + 1) * width))
  const together = predictionsFor(mostRows * heads)
  const alone = predictionsFor(heads)
  const byRow = Array.from({ length: mostRows }, () => predictionsFor(heads))
  const slots = new Int32Array(mostRows)
  const single = new Float32Array(width)

  const encodeAll = (rows: readonly RowValues[], failures: (LevelFailure | null)[]): number => {
    let count = 0
    for (const [i, row] of rows.entries()) {
      slots[i] = count
      try {
        predictor.encode(row, encodedRows[count] as Float32Array)
        count += 1
      } catch (error) {
        failures[i] = { code: 'encode_failed', message: messageOf(error) }
      }
    }
    return count
  }
  const keep = (from: Predictions, slot: number, at: number, count: number): void => {
    const to = byRow[slot] as Predictions
    for (let h = 0; h < heads; h++) {
      to.values[h] = from.values[h * count + at] as number
      to.low[h] = from.low[h * count + at] as number
      to.high[h] = from.high[h * count + at] as number
    }
  }
  const predictAlone = (slot: number): LevelFailure | null => {
    try {
      single.set(encodedRows[slot] as Float32Array)
      predictor.predict(single, 1, alone)
      keep(alone, slot, 0, 1)
      return null
    } catch (error) {
      return { code: 'predict_failed', message: messageOf(error) }
    }
  }
  return {
    run(rows) {
      const failures: (LevelFailure | null)[] = rows.map(() => null)
      const count = encodeAll(rows, failures)
      if (count === 0) return failures
      try {
        predictor.predict(encoded, count, together)
        for (let slot = 0; slot < count; slot++) keep(together, slot, slot, count)
      } catch {
        // One row may have failed all: each is predicted alone.
        for (const i of rows.keys()) failures[i] ??= predictAlone(slots[i] as number)
      }
      return failures
    },
    answers: (i) => byRow[slots[i] as number] as Answers,
  }
}

/** Room for so many answers. */
export function predictionsFor(length: number): Predictions {
  return { values: new Float64Array(length), low: new Float64Array(length), high: new Float64Array(length) }
}
