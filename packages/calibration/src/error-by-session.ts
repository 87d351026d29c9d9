import { assignBins, type BinningOptions, binEdges } from './binning.ts'
import { checkForecasts, type Values } from './check.ts'
import { addCosines, cosineTable } from './cosine-sums.ts'
import { drawnSums, type SessionScore } from './session-scores.ts'
import { COARSE, selfConsistent } from './smooth-ece.ts'

/**
 * ECE by session, over bins whose edges all rows set once; one draw costs O(sessions x bins). See
 * `expectedCalibrationError`. A resample is less calibrated than the rows it is drawn from, so percentile intervals of a
 * calibration error lie high; compare with `calibrationNullBand`.
 */
export function eceBySession(predictions: Values, outcomes: Values, options: BinningOptions = {}): SessionScore {
  checkForecasts(predictions, outcomes)
  const edges = binEdges(predictions, options)
  const bins = assignBins(predictions, edges)
  const count = edges.length - 1
  return (blocks) => {
    const sums = drawnSums(blocks, predictions.length, count + 1, (add, row) => {
      add(bins[row] as number, (predictions[row] as number) - (outcomes[row] as number))
      add(count, 1)
    })
    return (draws) => {
      const drawn = sums(draws)
      let gaps = 0
      for (let k = 0; k < count; k++) gaps += Math.abs(drawn[k] as number)
      return gaps / (drawn[count] as number)
    }
  }
}

/**
 * Smooth ECE by session, at the coarser resolution of resampling (the least bandwidth is 0.011); one draw costs
 * O(sessions x 128). See `smoothCalibrationError`, and the caution at {@link eceBySession}.
 */
export function smoothEceBySession(predictions: Values, outcomes: Values): SessionScore {
  checkForecasts(predictions, outcomes)
  const { modes } = COARSE
  const table = cosineTable(COARSE.points, modes)
  const row = new Float64Array(modes)
  return (blocks) => {
    const sums = drawnSums(blocks, predictions.length, modes + 1, (add, index) => {
      row.fill(0)
      const p = predictions[index] as number
      addCosines(row, 0, p, (outcomes[index] as number) - p, modes)
      for (let k = 0; k < modes; k++) add(k, row[k] as number)
      add(modes, 1)
    })
    return (draws) => {
      const drawn = sums(draws)
      return selfConsistent(drawn.subarray(0, modes), drawn[modes] as number, table).value
    }
  }
}
