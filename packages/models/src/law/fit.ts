import type { Matrix } from '@breakwater/features'
import { driftValues, type Law, type LawCalibration, NO_CALIBRATION, type WeightsFit } from '@breakwater/passage'
import { predictRaw, trainHeads, treeCount, type TreeModel } from '@breakwater/trees'
import type { LawChoices } from '../fit/choices.ts'
import { count, takeRows } from '../rows.ts'
import { type BaseLaw, type BaseLawOptions, baseOf, differenceBetween } from './base.ts'
import { besides, stateMatrix } from './columns.ts'
import { corrected } from './correction.ts'
import { type FitRows, fitRows, type LawMoments } from './fit-rows.ts'
import type { HeadSpec } from './outcomes.ts'
import { forecastRegression, type VolatilityRegression } from './regression.ts'
import { fitTilt, type TiltRequest } from './tilt.ts'
import { type LawUncertainty, lawUncertainty } from './uncertainty.ts'

/** Law, volatility and tilt of the paths of touches: all that a forecast needs. Plain data but for the trees. */
export interface PathLaw {
  readonly spec: HeadSpec
  readonly law: Law
  readonly volatility: VolatilityRegression
  /** Adds to the regression's logarithm; null where validation kept no tree. Sees the moment alone, no feature. */
  readonly correction: TreeModel | null
  /** Its raw score by `tiltScale` is a moment's tilt; null where validation kept no tree. */
  readonly tilt: TreeModel | null
  readonly tiltScale: number
  /** Shifts volatility in P(touch) before a touch; null where the law alone says it. See `fitApproach`. */
  readonly approach: ApproachShift | null
  /** Shifts the law as a whole, by what became of its forecasts. */
  readonly calibration: LawCalibration
  /** Names of the features that the tilt sees beside the moment, in order. */
  readonly features: readonly string[]
  /** How sure it is of its probabilities; null where that was not asked, and in a law from before it was recorded. */
  readonly uncertainty: LawUncertainty | null
}

/** Trees whose raw score by `scale` is added to the logarithm of volatility in P(touch). They see the moment and no feature. */
export interface ApproachShift {
  readonly trees: TreeModel
  readonly scale: number
}

/** What {@link fitPathLaw} reads. Arrays have one entry a moment. */
export interface PathLawRequest extends LawMoments {
  /** Encoded features beside the moments' own numbers, see `featuresAtMoments`; none by default. */
  readonly features?: Matrix
}

/** How {@link fitPathLaw} fits; all have defaults. */
export interface PathLawOptions extends BaseLawOptions {
  /** Trees and uncertainty that earlier fits came to, as for the base. */
  readonly choices?: Pick<LawChoices, 'correctionTrees' | 'tiltTrees' | 'uncertainty'> | undefined
  /** What `fitBaseLaw` gives for the same moments and options; by default it is fitted here. */
  readonly base?: BaseLaw | undefined
}

/** A law with how it was fitted. */
export interface PathLawFit {
  readonly path: PathLaw
  /** Of the mixture's weights. */
  readonly weights: WeightsFit
  readonly correctionTrees: number
  readonly tiltTrees: number
  /** Training and validation rows that could be used: price and level known, the label window not empty. */
  readonly rows: { readonly train: number; readonly validation: number }
  /** Sum of the training rows' uniqueness: as many rows without overlap would weigh as much. */
  readonly effectiveRows: number
}

/**
 * Fits the law of paths after moments. In order: a regression forecasts volatility; the mixture's weights are fitted under this
 * forecast (not the corrected one, which is too good on its own training rows); trees correct the forecast by
 * squared error; one ensemble tilts the drift by the composite log loss; ensembles of either half of the
 * training sessions tell how sure both are. Rows weigh by the uniqueness of their label
 * windows, so that overlapping touches and moments do not count many times. Both ensembles stop on the validation rows, after no
 * tree where the first does not help. The law is not calibrated yet: see `calibrateLaw`.
 *
 * A pure function: the same request, options and seed give the same bits on any number of threads. Throws RangeError on sizes that
 * differ and where no training or no validation row can be used. Cost: about 0.2 ms a moment and 50 feature columns.
 */
export async function fitPathLaw(request: PathLawRequest, options: PathLawOptions = {}): Promise<PathLawFit> {
  const { spec } = request
  const { train: trainer = trainHeads, seed = 0, signal, choices } = options
  const rows = fitRows(request, choices === undefined)
  const base = options.base ?? (await baseOf(rows, request, options))
  const { moments, masks, rowWeights, labels, displacement } = rows
  const { law, volatility, correction, halves } = base
  const regression = forecastRegression(volatility, moments, spec.window)
  const state = stateMatrix(moments, regression, spec.thresholds)
  const sigma = (correction === null ? regression : corrected(correction, state, regression)).map(Math.exp)
  const features = request.features === undefined ? [] : [takeRows(request.features, rows.usable)]
  const tilts = {
    ...masks,
    rowWeights: rows.treeWeights,
    trainer,
    seed,
    signal,
    matrix: besides([state, ...features]),
    values: driftValues(law, spec, { displacement, sigma }),
    labels,
    rounds: choices?.tiltTrees,
  }
  const tilt = await fitTilt(tilts)
  const drift = tiltOf(tilt, tilts.matrix)
  const sure = { law, spec, displacement, sigma, tilt: drift, labels, rowWeights, sessions: rows.sessions, ...masks }
  const uncertainty =
    halves === null
      ? (choices?.uncertainty ?? null)
      : lawUncertainty({ ...sure, halves: { scale: halves, drift: await differenceOfHalves(tilts, rows) } })
  return {
    path: {
      spec,
      law,
      volatility,
      correction,
      tilt: tilt.model,
      tiltScale: tilt.scale,
      approach: null,
      calibration: NO_CALIBRATION,
      features: request.features?.columns ?? [],
      uncertainty,
    },
    weights: base.weights,
    correctionTrees: correction === null ? 0 : treeCount(correction),
    tiltTrees: tilt.model === null ? 0 : treeCount(tilt.model),
    rows: { train: count(masks.train), validation: count(masks.validation) },
    effectiveRows: masks.train.reduce((sum, bit, row) => sum + bit * (rowWeights[row] as number), 0),
  }
}

/** By how much tilts that are fitted on every other training session differ from those of the rest. */
async function differenceOfHalves(tilts: TiltRequest, rows: FitRows): Promise<Float64Array> {
  return differenceBetween(rows, async (train) => tiltOf(await fitTilt({ ...tilts, train }), tilts.matrix))
}

const tiltOf = ({ model, scale }: Awaited<ReturnType<typeof fitTilt>>, matrix: Matrix): Float64Array =>
  model === null ? new Float64Array(matrix.rows) : predictRaw(model, matrix).map((raw) => raw / scale)
