import { STAGES, type Stage } from '@breakwater/features'
import type { Models, PathForecaster, Predictor, StageModels } from '@breakwater/viewport'

/** Records the rows that models encode, and the numbers of the moments that path forecasters are asked about. */
export interface RowRecorder {
  /** Models that score as these do, and whose rows are recorded. */
  readonly wrap: (models: Models) => Models
  /** The rows since the last call, 32-bit floats as base64, in the order in which they were encoded. */
  take(): string
}

const FIRST_BYTES = 4096

/** A recorder of nothing yet. Its memory grows to the rows of the largest tick. */
export function createRowRecorder(): RowRecorder {
  let bytes = Buffer.alloc(FIRST_BYTES)
  let used = 0
  const keep = (row: Float32Array): void => {
    const size = row.byteLength
    if (used + size > bytes.length) {
      const larger = Buffer.alloc(2 * (used + size))
      bytes.copy(larger, 0, 0, used)
      bytes = larger
    }
    bytes.set(new Uint8Array(row.buffer, row.byteOffset, size), used)
    used += size
  }
  const recorded = (predictor: Predictor): Predictor => ({
    heads: predictor.heads,
    width: predictor.width,
    encode(row, out) {
      predictor.encode(row, out)
      keep(out.subarray(0, predictor.width))
    },
    predict: (rows, count, out) => predictor.predict(rows, count, out),
  })
  const recordedPath = (path: PathForecaster): PathForecaster => ({
    ...path,
    forecast(moment, out) {
      keep(Float32Array.from(moment.numbers))
      if (moment.approach !== null) keep(Float32Array.from(moment.approach))
      return path.forecast(moment, out)
    },
  })
  const stageOf = (stage: StageModels): StageModels => ({
    ...stage,
    path: stage.path === null || stage.path === undefined ? null : recordedPath(stage.path),
    predictor: stage.predictor === null ? null : recorded(stage.predictor),
  })
  return {
    wrap: (models) => {
      const entries = STAGES.map((stage): [Stage, StageModels] => [stage, stageOf(models[stage])])
      return { ...models, ...(Object.fromEntries(entries) as Models) }
    },
    take() {
      const text = bytes.toString('base64', 0, used)
      used = 0
      return text
    },
  }
}
