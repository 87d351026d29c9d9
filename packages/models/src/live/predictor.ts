import { headCalibratorFromJson, servedHeads } from '@breakwater/calibration'
import { type Encoder, encodeRow, type EncodeReport, encoderFromJson, reachImplications } from '@breakwater/features'
import type { Bundle, BundleDescription } from '@breakwater/trees'
import { createScorer, linkOf, predictionOf } from '@breakwater/trees'
import type { Predictor } from '@breakwater/viewport'
import { type HeadUncertainty, headSpread } from '../fit/head-uncertainty.ts'
import { writeInterval } from '../law/intervals.ts'

/** A predictor with what it was made of. */
export interface BundlePredictor extends Predictor {
  readonly encoder: Encoder
  /** Columns of the data that the encoder reads. */
  readonly features: readonly string[]
  /** Half of the 95% interval of a probability of each head in log odds; NaN where it is not known. */
  readonly spreads: readonly ((p: number) => number)[]
}

/**
 * Serves the bundles of one stage and anchor, which share one encoder: encodes rows, scores all heads in one pass,
 * applies their calibrators and makes the reach surface coherent. The intervals of probabilities are those of `uncertainties`, by head; without one
 * they are NaN. `report` counts what encoding meets. Throws where
 * bundles differ in features or encoder, or where a golden row does not give its recorded score to the bit.
 */
export function bundlePredictor(
  bundles: ReadonlyMap<string, Bundle>,
  report: EncodeReport,
  uncertainties: ReadonlyMap<string, HeadUncertainty> = new Map(),
): BundlePredictor {
  const heads = [...bundles.keys()]
  const list = [...bundles.values()]
  const { features, encoder } = commonInput(list.map(({ description }) => description))
  const models = list.map(({ model }) => model)
  const scorer = createScorer(models)
  const tasks = models.map(({ objective }) => (linkOf(objective) === 'sigmoid' ? 'binary' : 'regression'))
  const served = servedHeads(
    list.map(({ description }, i) =>
      headCalibratorFromJson(description.calibrator, description.head, tasks[i] as 'binary' | 'regression'),
    ),
    reachImplications(heads),
  )
  const spreads = heads.map((head) => headSpread(uncertainties.get(head) ?? null))
  const ends = { low: 0, high: 0 }
  const predictor: BundlePredictor = {
    heads,
    spreads,
    features,
    encoder,
    width: encoder.columns.length,
    encode: (row, out) => encodeRow(encoder, row, out, report),
    predict(rows, count, out) {
      scorer.score(rows, count, out.values)
      for (let head = 0; head < models.length; head++) {
        const { objective } = models[head] as Bundle['model']
        for (let at = head * count; at < (head + 1) * count; at++)
          out.values[at] = predictionOf(objective, out.values[at] as number)
      }
      served.apply(out.values, count, out.low, out.high)
      for (const [head, spread] of spreads.entries()) {
        if (tasks[head] !== 'binary') continue
        for (let at = head * count; at < (head + 1) * count; at++) {
          const p = out.values[at] as number
          writeInterval(p, spread(p), ends)
          out.low[at] = ends.low
          out.high[at] = ends.high
        }
      }
    },
  }
  checkGolden(list, encoder, (row, out) => scorer.score(row, 1, out))
  return predictor
}

function commonInput(descriptions: readonly BundleDescription[]): { features: readonly string[]; encoder: Encoder } {
  const [first, ...others] = descriptions
  if (first === undefined) throw new RangeError('models: bundles: model bundle missing: there is no head to serve.')
  const text = JSON.stringify([first.features, first.encoder])
  const other = others.find((one) => JSON.stringify([one.features, one.encoder]) !== text)
  if (other !== undefined) {
    throw new Error(
      `models: ${other.head} of ${other.stage} ${other.ablation}: was trained with another encoder than ${first.head}. Train the set again.`,
    )
  }
  return { features: first.features, encoder: encoderFromJson(first.encoder) }
}

/** Encodes and scores each golden row (heads of a set share theirs) and compares with what training recorded. */
function checkGolden(
  bundles: readonly Bundle[],
  encoder: Encoder,
  score: (row: Float32Array, out: Float64Array) => void,
): void {
  const row = new Float32Array(encoder.columns.length)
  const out = new Float64Array(bundles.length)
  let scored = ''
  for (const [head, { description }] of bundles.entries()) {
    const { golden } = description
    if (golden === undefined) {
      throw new Error(`models: ${description.head}: its bundle has no golden row to check it by. Train again.`)
    }
    const text = JSON.stringify(golden.values)
    if (text !== scored) {
      encodeRow(encoder, golden.values, row)
      score(row, out)
      scored = text
    }
    if (Object.is(out[head], golden.raw)) continue
    throw new Error(
      `models: ${description.head}: its golden row scores ${out[head]}, and training recorded ${golden.raw}. The bundle or this program is damaged: train again.`,
    )
  }
}
