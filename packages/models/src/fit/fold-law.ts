import {
  type Bars,
  CONFIRMED_COLUMNS,
  type FeatureSpec,
  fitEncoder,
  type HeadTarget,
  numbersOf,
  parseHeadName,
  rangeProfile,
  stringColumn,
  type Table,
} from '@breakwater/features'
import type { LawCalibrationFit } from '@breakwater/passage'
import { lawColumns } from '../law/ahead.ts'
import { forecastAnchors, type LawForecasts, type LawSignals, momentsAt } from '../law/at-anchors.ts'
import { type BaseLaw, type BaseLawOptions, fitBaseLaw } from '../law/base.ts'
import { calibrateLaw } from '../law/calibrate.ts'
import { featuresAtMoments, type LawFeatures, lawFeatures } from '../law/columns.ts'
import { fitPathLaw, type PathLawFit, type PathLawOptions } from '../law/fit.ts'
import type { FoldLaw } from '../law/forecaster.ts'
import { goldenMoments } from '../law/golden.ts'
import type { HeadSpec } from '../law/outcomes.ts'
import { fitApproach } from '../law/approach.ts'
import type { ApproachFit } from '../law/approach-record.ts'
import type { ApproachDates } from '../law/approach-rows.ts'
import { goldenShifts } from '../law/golden-shifts.ts'
import { both, either } from '../rows.ts'
import { sessionRanks } from './calibrators.ts'
import type { LawChoices } from './choices.ts'

/** Heads and what they see, as the heads of a fold are grouped. */
interface LawGroup {
  readonly features: readonly FeatureSpec[]
  readonly targets: readonly HeadTarget[]
}

/** What of a fold's law sees no feature is fitted on. */
export interface FoldBaseRequest {
  readonly signals: LawSignals
  /** Heads of all groups. */
  readonly targets: readonly HeadTarget[]
  /** Rows of the signals: non-zero bytes. */
  readonly train: Uint8Array
  readonly validation: Uint8Array
  /** What folds chose before, in place of validation rows; null skips the law. By default validation rows choose. */
  readonly choices?: Pick<LawChoices, 'correctionTrees'> | null | undefined
}

/** What the law of a fold is fitted on. */
export interface FoldLawRequest extends Omit<FoldBaseRequest, 'targets'> {
  readonly groups: readonly LawGroup[]
  /** Sessions after validation that calibrate the law beside those. */
  readonly calibration: Uint8Array
  /** Rows to forecast. */
  readonly scored: Uint8Array
  readonly choices?: LawChoices | null | undefined
  /** Whether to try a shift of P(touch): of the fold whose law is published. Default false. */
  readonly approach?: boolean | undefined
}

/** How the fit of a fold's law ended, and its forecasts; NaN outside the scored rows. */
export type FoldLawFit =
  | {
      readonly status: 'fitted'
      readonly law: FoldLaw
      readonly fit: PathLawFit
      readonly calibration: LawCalibrationFit
      /** How its shift of P(touch) was tried; null where it was not. */
      readonly approach: ApproachFit | null
      readonly predictions: LawForecasts
    }
  | { readonly status: 'skipped'; readonly reason: string; readonly predictions: LawForecasts }

/**
 * Fits the law of a fold on the moments of its training touches at the anchors of its heads: profile, encoder, volatility, weights
 * and trees see training rows, the trees stop on validation rows, and these calibrate it with the calibration rows. Skipped where no moment of either can be used.
 */
export async function fitFoldLaw(request: FoldLawRequest, options: PathLawOptions): Promise<FoldLawFit> {
  const { signals, groups, train, validation, calibration, scored, choices } = request
  const targets = groups.flatMap((group) => [...group.targets])
  const { anchors, spec, profile, moments, at, masks, reason } = foldMoments({ ...request, targets })
  if (reason !== null) return { status: 'skipped', reason, predictions: { law: new Map(), tilted: new Map() } }
  const input = featuresOf(groups, signals.table, train)
  const features = input === null ? undefined : featuresAtMoments({ signals: signals.table, moments, features: input })
  const fit = await fitPathLaw(
    {
      moments: moments.table,
      ...masks,
      spec,
      profile: profile ?? undefined,
      ...(features === undefined ? {} : { features }),
    },
    choices == null ? options : { ...options, choices },
  )
  const ranks = sessionRanks(signals.table)
  const calibrated =
    choices?.calibration ??
    calibrateLaw({
      path: fit.path,
      moments: moments.table,
      sessions: moments.touchRows.map((row) => ranks[row] as number),
      features,
      rows: at(either(validation, calibration)),
    })
  const calibratedPath = { ...fit.path, calibration: calibrated.calibration }
  const isTried = request.approach === true || (choices?.approachTrees ?? 0) > 0
  const approach = isTried
    ? await fitApproach(
        {
          law: { path: calibratedPath, features: input },
          signals,
          dates: datesOf(request),
          rounds: choices?.approachTrees,
        },
        options,
      )
    : null
  const path = { ...calibratedPath, approach: approach?.shift ?? null }
  const predictions = forecastAnchors({ path, features: input }, { signals, anchors, moments, rows: scored })
  const asked = lawColumns(targets)
  const picked = (columns: ReadonlyMap<string, Float64Array>): Map<string, Float64Array> =>
    new Map([...columns].filter(([name]) => asked.has(name)))
  return {
    status: 'fitted',
    law: {
      path,
      features: input,
      golden: goldenMoments(path, moments.table, features),
      goldenShifts: goldenShifts({ path, features: input }, approach?.rows?.numbers ?? []),
    },
    fit: { ...fit, path },
    calibration: calibrated,
    approach: approach?.fit ?? null,
    predictions: { law: picked(predictions.law), tilted: picked(predictions.tilted) },
  }
}

/**
 * Fits what of the law of a fold sees no feature: sets of the same heads, sessions and seed share it. Null where the law is skipped.
 */
export async function fitFoldBase(request: FoldBaseRequest, options: BaseLawOptions): Promise<BaseLaw | null> {
  const { choices } = request
  const { spec, profile, moments, masks, reason } = foldMoments(request)
  if (reason !== null) return null
  return await fitBaseLaw(
    { moments: moments.table, ...masks, spec, profile: profile ?? undefined },
    choices == null ? options : { ...options, choices },
  )
}

/** The moments of a fold's touches at the anchors of its heads, with their roles, and why no law can be fitted on them, if so. */
function foldMoments({ signals, targets, train, validation, choices }: FoldBaseRequest) {
  const anchors = [...new Set(targets.map(({ anchor }) => anchor))]
  const spec = specOf(signals, targets)
  const profile = signals.bars === undefined ? null : profileOf(signals.bars, signals.table, train)
  const moments = momentsAt(signals, anchors, profile)
  const at = (mask: Uint8Array): Uint8Array => Uint8Array.from(moments.touchRows, (row) => mask[row] as number)
  const masks = { train: at(train), validation: at(validation) }
  const reason = choices === null ? NOT_CHOSEN : unusable(moments.table, masks, spec, choices !== undefined)
  return { anchors, spec, profile, moments, at, masks, reason }
}

/** Thresholds, horizons and window of the heads; without a reach head the window is the one horizon. */
export function specOf(
  { thresholds, lookforwardSeconds: window }: Pick<LawSignals, 'thresholds' | 'lookforwardSeconds'>,
  targets: readonly HeadTarget[],
): HeadSpec {
  const horizons = targets.flatMap(({ name }) => {
    const question = parseHeadName(name)?.question
    return question?.kind === 'reach' ? [question.horizon] : []
  })
  const rising = [...new Set(horizons)].toSorted((a, b) => a - b)
  return { thresholds, horizons: rising.length === 0 ? [window] : rising, window }
}

function profileOf(bars: Bars, table: Table, train: Uint8Array): number[] {
  const { codes, dictionary } = stringColumn(table, 'date')
  const used = new Set(codes.filter((_, row) => train[row] !== 0))
  return Array.from(rangeProfile(bars, { dates: [...used].map((code) => dictionary[code] ?? '') }))
}

/** Sessions of the rows of a fold. */
function datesOf({ signals, train, validation, calibration, scored }: FoldLawRequest): ApproachDates {
  const { codes, dictionary } = stringColumn(signals.table, 'date')
  const of = (mask: Uint8Array): Set<string> =>
    new Set(dictionary.filter((_, code) => codes.some((one, row) => one === code && mask[row] !== 0)))
  const isFitted = either(train, either(validation, calibration))
  return {
    train: of(train),
    validation: of(validation),
    calibration: of(calibration),
    test: of(
      both(
        scored,
        isFitted.map((bit) => Number(bit === 0)),
      ),
    ),
  }
}

const NOT_CHOSEN = 'the last fold has no law'

/** Why no law can be fitted; null where one can. Validation rows are not needed where folds chose before. */
function unusable(
  moments: Table,
  { train, validation }: { readonly train: Uint8Array; readonly validation: Uint8Array },
  { window }: HeadSpec,
  isChosen: boolean,
): string | null {
  const [moved, length, most] = ['moved', 'window_s', 'excursion_max'].map((name) => numbersOf(moments, name))
  const has = (mask: Uint8Array, least: number): boolean =>
    mask.some(
      (bit, row) =>
        bit !== 0 && Number.isFinite(moved?.[row]) && (length?.[row] ?? 0) >= least && Number.isFinite(most?.[row]),
    )
  if (!has(train, window)) return 'no training touch has a price at an anchor and a whole label window after it'
  return isChosen || has(validation, 1)
    ? null
    : 'no validation touch has a price at an anchor and a label window after it'
}

/** Features of all groups that training rows have a value of; where price stands is a number of the moment. */
function featuresOf(groups: readonly LawGroup[], table: Table, train: Uint8Array): LawFeatures | null {
  const specs = new Map<string, FeatureSpec>()
  for (const spec of groups.flatMap(({ features }) => features)) specs.set(spec.name, spec)
  const known = [...specs.values()].filter(
    ({ name }) => !CONFIRMED_COLUMNS.some((column) => column === name) && hasValue(table, name, train),
  )
  return known.length === 0 ? null : lawFeatures(fitEncoder(table, known, { rows: train }), known)
}

function hasValue(table: Table, name: string, rows: Uint8Array): boolean {
  const column = table.columns[name]
  if (column?.type === 'string') return column.codes.some((code, row) => rows[row] !== 0 && code >= 0)
  return column?.type === 'number' && column.values.some((value, row) => rows[row] !== 0 && !Number.isNaN(value))
}
