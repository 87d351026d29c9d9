import { type HeadCalibrator, headCalibratorFromJson } from '@breakwater/calibration'
import { encoderFromJson, type Table, splitAnchor, stringsOf, timesOf } from '@breakwater/features'
import { type Bundle, linkOf, predict } from '@breakwater/trees'
import { encodeAtAnchor } from '../at-anchor.ts'
import { applyCalibrators } from '../fit/calibrators.ts'
import { servedColumns } from '../fit/served.ts'
import { lawColumns } from '../law/ahead.ts'
import { forecastAnchors, type LawForecasts, type LawSignals } from '../law/at-anchors.ts'
import type { FoldLaw } from '../law/forecaster.ts'
import type { TrainingDetails } from '../set/details.ts'
import type { Predictions } from '../set/predictions.ts'

/** What a forecast needs of a trained set, in memory or read from files. */
export interface SetModels {
  readonly details: Pick<TrainingDetails, 'plan' | 'heads' | 'serving'>
  /** By head. */
  readonly bundles: ReadonlyMap<string, Bundle>
  /** Null where none was fitted. */
  readonly law: Pick<FoldLaw, 'path' | 'features'> | null
}

/** Test dates by where their forecasts come from. */
export interface TestDates {
  /** Forecast by the folds of the training. */
  readonly recorded: readonly string[]
  /** After everything the models saw: the bundles forecast them now. */
  readonly beyond: readonly string[]
}

/**
 * Sessions, in order, that the last fold or a model of the bundles was fitted, stopped or calibrated on: those of a final fit are all sessions, and
 * a head that was trained elsewhere has seen dates of its own.
 */
export function fittedDates({
  details,
  bundles,
}: Pick<SetModels, 'bundles'> & { readonly details: Pick<TrainingDetails, 'plan'> }): string[] {
  const last = details.plan.folds.at(-1)
  const own = [...bundles.values()].map(({ description }) => description.dates)
  const all = [...(last === undefined ? [] : [last]), ...own].flatMap(({ train, validation, calibration }) => [
    ...train,
    ...validation,
    ...calibration,
  ])
  return [...new Set(all)].toSorted()
}

/**
 * Splits test dates into those whose predictions were recorded in training and those beyond the plan. Throws on a date that
 * any fold trained, stopped or calibrated on without testing it before: its scores would flatter.
 */
export function divideDates(
  { details, bundles }: Pick<SetModels, 'bundles'> & { readonly details: Pick<TrainingDetails, 'plan'> },
  asked: readonly string[],
): TestDates {
  const tested = new Set(details.plan.folds.flatMap(({ test }) => test))
  const seen = new Set(fittedDates({ details, bundles }))
  const refused = asked.filter((date) => !tested.has(date) && seen.has(date))
  if (refused.length > 0) {
    throw new Error(
      `models: testDates ${refused.join(' ')}: walk-forward violation: the models were trained, stopped or calibrated on these dates. ` +
        'Ask for dates after them.',
    )
  }
  const latest = [...seen].toSorted().at(-1) ?? ''
  const early = asked.filter((date) => !tested.has(date) && date < latest)
  if (early.length > 0) {
    throw new Error(
      `models: testDates ${early.join(' ')}: walk-forward violation: these dates lie before ${latest}, which the models saw. ` +
        'Ask for dates after it.',
    )
  }
  return { recorded: asked.filter((date) => tested.has(date)), beyond: asked.filter((date) => !tested.has(date)) }
}

/**
 * Forecasts of every row of `table` by the bundles and their calibrators, and by the law, as predictions of the last fold. A law that was
 * fitted on ranges of bars needs the bars of the table: without them it forecasts nothing.
 */
export function forecastTable(
  { details, bundles, law }: SetModels,
  table: Table,
  source: Pick<LawSignals, 'bars' | 'state'> = {},
): Predictions {
  const fold = Math.max(0, details.plan.folds.length - 1)
  const heads = new Map<string, Float64Array>()
  const calibrators = new Map<string, HeadCalibrator | null>()
  for (const [name, { model, description }] of bundles) {
    const { matrix } = encodeAtAnchor(encoderFromJson(description.encoder), table, splitAnchor(name).anchor)
    heads.set(name, predict(model, matrix))
    const task = linkOf(model.objective) === 'sigmoid' ? 'binary' : 'regression'
    calibrators.set(name, headCalibratorFromJson(description.calibrator, name, task))
  }
  const calibrated = applyCalibrators(heads, calibrators)
  const ofLaw = law === null ? NO_FORECASTS : lawForecasts(law, details, { table, ...source })
  const own = new Map([...heads, ...calibrated])
  return {
    role: 'test',
    rows: table.rows,
    eventIds: stringsOf(table, 'event_id'),
    tsNs: timesOf(table, 'ts_ns'),
    fold: new Float64Array(table.rows).fill(fold),
    heads,
    calibrated,
    law: ofLaw.law,
    tilted: ofLaw.tilted,
    served: servedOf({ details, law }, own, ofLaw.tilted),
  }
}

/** What the last fold's choice serves; the heads as they are where there is no law. */
function servedOf(
  { details, law }: Pick<SetModels, 'details' | 'law'>,
  heads: ReadonlyMap<string, Float64Array>,
  tilted: ReadonlyMap<string, Float64Array>,
): Map<string, Float64Array> {
  const choice = details.serving.at(-1)
  if (choice === undefined || law === null) return new Map(heads)
  const anchors = [...new Set(details.heads.map(({ anchor }) => anchor))]
  return servedColumns({ choice, spec: law.path.spec, anchors, heads, tilted })
}

const NO_FORECASTS: LawForecasts = { law: new Map(), tilted: new Map() }

function lawForecasts(
  law: Pick<FoldLaw, 'path' | 'features'>,
  { heads }: SetModels['details'],
  signals: Pick<LawSignals, 'table' | 'bars' | 'state'>,
): LawForecasts {
  const { spec, volatility } = law.path
  if (volatility.profile !== null && signals.bars === undefined) return NO_FORECASTS
  const anchors = [...new Set(heads.map(({ anchor }) => anchor))]
  const source = { ...signals, thresholds: spec.thresholds, lookforwardSeconds: spec.window }
  const forecasts = forecastAnchors(law, { signals: source, anchors })
  const asked = lawColumns(heads)
  const picked = (columns: ReadonlyMap<string, Float64Array>): Map<string, Float64Array> =>
    new Map([...columns].filter(([name]) => asked.has(name)))
  return { law: picked(forecasts.law), tilted: picked(forecasts.tilted) }
}
