import type { Encoder, EncodeReport } from '@breakwater/features'
import { pack, type Packable, unpack } from '@breakwater/jobs'
import { type Fold, foldRows, type SplitRows } from '@breakwater/splits'
import type { TreeModel } from '@breakwater/trees'
import type { FoldLawFit } from '../fit/fold-law.ts'
import type { FoldServing } from '../fit/fold-serving.ts'
import type { FeatureGroup, HeadOutcome, TrainedFold } from '../fit/fold.ts'
import { either, rowsOf, spread, takeValues } from '../rows.ts'

/** What a trained group of heads comes to, without what its plan and its signals say already. */
interface GroupResult {
  readonly outcomes: readonly HeadOutcome[]
  readonly encoder: Encoder | null
  readonly encoding: EncodeReport
  /** By head, as predictions are; a head that was skipped has none. */
  readonly models: ReadonlyMap<string, TreeModel>
  /** One value for each row that the fold predicts, in order. */
  readonly predictions: ReadonlyMap<string, Float64Array>
}

/** The bytes of a fold's law; the same law gives the same bytes. */
export function packLaw(fit: FoldLawFit, fold: Fold, rows: SplitRows): readonly Uint8Array[] {
  const predicted = predictedRows(foldRows(fold, rows))
  const { law, tilted } = fit.predictions
  const predictions = { law: picked(law, predicted), tilted: picked(tilted, predicted) }
  return pack({ ...fit, predictions } as unknown as Packable)
}

/** The law of a fold, from its bytes. */
export function unpackLaw(bytes: Uint8Array, fold: Fold, rows: SplitRows): FoldLawFit {
  const masks = foldRows(fold, rows)
  const fit = unpack(bytes) as unknown as FoldLawFit
  const all = (columns: ReadonlyMap<string, Float64Array>): Map<string, Float64Array> =>
    spreadAll(columns, predictedRows(masks), masks.test.length)
  return { ...fit, predictions: { law: all(fit.predictions.law), tilted: all(fit.predictions.tilted) } }
}

/** The bytes of what a fold serves. */
export function packServing(serving: FoldServing, fold: Fold, rows: SplitRows): readonly Uint8Array[] {
  const predicted = predictedRows(foldRows(fold, rows))
  const [served, calibrated] = [picked(serving.served, predicted), picked(serving.calibrated, predicted)]
  return pack({ ...serving, served, calibrated } as unknown as Packable)
}

/** What a fold serves, from its bytes. */
export function unpackServing(bytes: Uint8Array, fold: Fold, rows: SplitRows): FoldServing {
  const masks = foldRows(fold, rows)
  const serving = unpack(bytes) as unknown as FoldServing
  const [served, calibrated] = [serving.served, serving.calibrated].map((columns) =>
    spreadAll(columns, predictedRows(masks), masks.test.length),
  ) as [Map<string, Float64Array>, Map<string, Float64Array>]
  return { ...serving, served, calibrated }
}

const picked = (columns: ReadonlyMap<string, Float64Array>, rows: Int32Array): Map<string, Float64Array> =>
  new Map([...columns].map(([name, values]) => [name, takeValues(values, rows)]))

const spreadAll = (
  columns: ReadonlyMap<string, Float64Array>,
  rows: Int32Array,
  length: number,
): Map<string, Float64Array> => new Map([...columns].map(([name, values]) => [name, spread(values, rows, length)]))

/** Rows that a fold predicts. */
const predictedRows = ({ validation, calibration, test }: ReturnType<typeof foldRows>): Int32Array =>
  rowsOf(either(validation, either(calibration, test)))

/** The bytes of a trained fold of one group of heads; the same fold gives the same bytes. */
export function packFold(trained: TrainedFold, rows: SplitRows): readonly Uint8Array[] {
  const predicted = predictedRows(foldRows(trained.fold, rows))
  const [encoding] = trained.encoding
  const result: GroupResult = {
    outcomes: trained.outcomes,
    encoder: trained.models[0]?.encoder ?? null,
    encoding: encoding as EncodeReport,
    models: new Map(trained.models.map(({ target, model }) => [target.name, model])),
    predictions: picked(trained.predictions, predicted),
  }
  return pack(result as unknown as Packable)
}

/** The trained fold of all groups, from the bytes of each. */
export function unpackFold(
  parts: readonly { readonly group: FeatureGroup; readonly bytes: Uint8Array }[],
  fold: Fold,
  rows: SplitRows,
): TrainedFold {
  const masks = foldRows(fold, rows)
  const predicted = predictedRows(masks)
  const groups = parts.map(({ group, bytes }) => ({ group, result: unpack(bytes) as unknown as GroupResult }))
  return {
    fold,
    outcomes: groups.flatMap(({ result }) => result.outcomes),
    models: groups.flatMap(({ group, result }) =>
      group.targets.flatMap((target) => {
        const model = result.models.get(target.name)
        if (model === undefined || result.encoder === null) return []
        return [{ target, model, encoder: result.encoder, features: group.features.map(({ name }) => name) }]
      }),
    ),
    predictions: new Map(
      groups.flatMap(({ result }) => [...spreadAll(result.predictions, predicted, masks.test.length)]),
    ),
    validation: masks.validation,
    calibration: masks.calibration,
    test: masks.test,
    encoding: groups.map(({ result }) => result.encoding),
  }
}
