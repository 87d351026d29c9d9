import { encodeRow, type EncodeReport, MOMENT_NUMBERS, type RowValues } from '@breakwater/features'
import { createSurface, type Law, type Moment, poweredLaw, type Surface } from '@breakwater/passage'
import { type BundleDescription, predictRowRaw, type TreeModel } from '@breakwater/trees'
import { type LawFeatures, stateNames, writeState } from './columns.ts'
import type { PathLaw } from './fit.ts'
import { momentOf, surfaceNames } from './forecast.ts'
import type { GoldenMoment, GoldenShift } from './golden.ts'
import { LAW_NUMBERS, lawPlace } from './numbers.ts'
import { regressionOf } from './regression.ts'

/** The law of one fold: all that it takes to forecast a moment. Plain data but for the trees. */
export interface FoldLaw {
  readonly path: PathLaw
  /** How rows become the features of the tilt; null where the law was fitted without any. */
  readonly features: LawFeatures | null
  /** Moments with the surfaces that the fit gave them. */
  readonly golden: readonly GoldenMoment[]
  /** Moments before touches with the shifts of P(touch) that the fit gave them; none where it kept none. */
  readonly goldenShifts: readonly GoldenShift[]
}

/** Where a law came from. */
export type LawOrigin = Pick<
  BundleDescription,
  'dates' | 'timestamp' | 'dataHash' | 'gitSha' | 'libraryVersion' | 'schemaVersion'
>

/** The law of a trained set, which is that of its last fold. */
export interface SetLaw extends FoldLaw {
  readonly origin: LawOrigin
}

/** A moment as a live source knows it. */
export interface MomentNumbers {
  /** As `writeMoment` of features writes them, in the order of `MOMENT_NUMBERS`; NaN for missing. */
  readonly numbers: ArrayLike<number>
  /** Price of the level, dollars. */
  readonly price: number
}

/** What a law makes of a moment before any question is asked: `surface.at(moment, { tilt })` answers them. */
export interface TiltedMoment {
  readonly moment: Moment
  /** In standard deviations of the drift. */
  readonly tilt: number
  /** What is added to the logarithm of volatility where P(touch) is asked, before a touch; else 0. */
  readonly approach: number
}

/** A law ready to be asked about one moment after the other. Holds scratch space: not for two threads at once. */
export interface LawForecaster {
  /** Names of the surface's values, in order: heads of the primary anchor, then expected extremes in dollars. */
  readonly names: readonly string[]
  /** Columns of a touch's row that the tilt reads; a row without one of them is refused. */
  readonly columns: readonly string[]
  /** The mixture as calibrated. */
  readonly law: Law
  /** Answers questions of the law's thresholds and horizons; `createSurface` of `law` makes one of others. */
  readonly surface: Surface
  /**
   * Volatility and tilt of a moment. `row` holds the features of its touch, null before there is one; features that are not known yet
   * at the moment are not read. Null where the price is not known. `report` counts what encoding meets.
   */
  readonly tiltedAt: (moment: MomentNumbers, row: RowValues | null, report?: EncodeReport) => TiltedMoment | null
  /**
   * The surface of a moment, in the order of `names`, from the moment on: `forecastPath` of the same moment, to the bit. Written to `out`
   * or a new array. Null where the price is not known. Cost: about 20 us, and what the trees take.
   */
  readonly surfaceAt: (moment: MomentNumbers, row: RowValues | null, out?: Float64Array) => Float64Array | null
}

/** Makes a law ready for live moments. */
export function lawForecaster(law: Pick<FoldLaw, 'path' | 'features'>): LawForecaster {
  const { path, features } = law
  const mixture = poweredLaw(path.law, path.calibration.power)
  const surface = createSurface(mixture, path.spec)
  const read = reader(law)
  const tiltedAt: LawForecaster['tiltedAt'] = (moment, row, report) => read(moment, row, report)
  return {
    names: surfaceNames(path.spec),
    columns: features?.encoder.encodings.map(({ name }) => name) ?? [],
    law: mixture,
    surface,
    tiltedAt,
    surfaceAt: (moment, row, out) => {
      const at = tiltedAt(moment, row)
      return at === null ? null : surface.at(at.moment, { tilt: at.tilt }, out)
    },
  }
}

const ELAPSED = lawPlace('elapsed_s')

function reader({ path, features }: Pick<FoldLaw, 'path' | 'features'>): LawForecaster['tiltedAt'] {
  const { spec, volatility, correction, tilt, tiltScale, calibration, approach } = path
  const regression = regressionOf(volatility, spec.window)
  const width = stateNames(spec.thresholds).length
  const inputs = new Float32Array(width + path.features.length).fill(Number.NaN)
  const encoded = inputs.subarray(width)
  const numbers = new Float64Array(LAW_NUMBERS.length)
  const score = (model: TreeModel | null): number => (model === null ? 0 : predictRowRaw(model, inputs))
  return (moment, row, report) => {
    checkNumbers(moment)
    numbers.set(moment.numbers)
    numbers[MOMENT_NUMBERS.length] = moment.price
    const logSigma = regression(numbers, 0)
    writeState({ numbers, row: 0, logSigma }, spec.thresholds, inputs, { at: 0, stride: 1 })
    if (features !== null) writeFeatures(features, { row, elapsed: numbers[ELAPSED] as number, report }, encoded)
    const at = momentOf(numbers, 0, Math.exp(score(correction) + logSigma + calibration.volatility))
    if (at === null) return null
    const isAhead = approach !== null && Number.isNaN(numbers[ELAPSED])
    return {
      moment: at,
      tilt: score(tilt) / tiltScale + calibration.drift,
      approach: isAhead ? score(approach.trees) / approach.scale : 0,
    }
  }
}

interface FeatureRow {
  readonly row: RowValues | null
  readonly elapsed: number
  readonly report: EncodeReport | undefined
}

function writeFeatures(
  { encoder, knownAfterS }: LawFeatures,
  { row, elapsed, report }: FeatureRow,
  out: Float32Array,
): void {
  if (row === null) {
    out.fill(Number.NaN)
    return
  }
  encodeRow(encoder, row, out, report)
  for (let c = 0; c < out.length; c++) if (!(elapsed >= (knownAfterS[c] as number))) out[c] = Number.NaN
}

function checkNumbers({ numbers }: MomentNumbers): void {
  if (numbers.length === MOMENT_NUMBERS.length) return
  throw new RangeError(
    `models: moment.numbers.length=${numbers.length}: must be ${MOMENT_NUMBERS.length}, those of MOMENT_NUMBERS. Take writeMoment.`,
  )
}
