import { type HeadCalibrator, headCalibratorFromJson } from '@breakwater/calibration'
import { encoderFromJson, encodeTable, stringsOf, timesOf } from '@breakwater/features'
import type { Table } from '@breakwater/features'
import { predict } from '@breakwater/trees'
import { applyCalibrators } from '../training/apply-calibrators.ts'
import type { Predictions } from '../training/predictions.ts'
import type { TrainedSet } from './sets.ts'

/**
 * Splits asked test dates into those whose predictions were recorded in training and those beyond the plan, which the
 * bundle scores now. Throws on a date that any fold trained, stopped or calibrated on without testing it before: its scores would flatter.
 */
export function divideDates(
  { details, bundles }: TrainedSet,
  asked: readonly string[],
): { readonly recorded: readonly string[]; readonly beyond: readonly string[] } {
  const tested = new Set(details.plan.folds.flatMap(({ test }) => test))
  const last = details.plan.folds.at(-1)
  const planned = [...(last?.train ?? []), ...(last?.validation ?? []), ...(last?.calibration ?? [])]
  // A head that was trained elsewhere has seen dates of its own.
  const own = [...bundles.bundles.values()].flatMap(({ description: { dates } }) => [
    ...dates.train,
    ...dates.validation,
    ...dates.calibration,
  ])
  const seen = new Set([...planned, ...own])
  const refused = asked.filter((date) => !tested.has(date) && seen.has(date))
  if (refused.length > 0) {
    throw new Error(
      `trainer: --test-dates ${refused.join(' ')}: walk-forward violation: the models were trained, stopped or calibrated on these dates. ` +
        'Ask for dates after them.',
    )
  }
  const latest = [...seen].toSorted().at(-1) ?? ''
  const early = asked.filter((date) => !tested.has(date) && date < latest)
  if (early.length > 0) {
    throw new Error(
      `trainer: --test-dates ${early.join(' ')}: walk-forward violation: these dates lie before ${latest}, which the models saw. ` +
        'Ask for dates after it.',
    )
  }
  return { recorded: asked.filter((date) => tested.has(date)), beyond: asked.filter((date) => !tested.has(date)) }
}

/** Predictions of every row of `table` by the bundles and their calibrators, as of the last fold. */
export function predictTable({ details, bundles }: TrainedSet, table: Table): Predictions {
  const fold = Math.max(0, details.plan.folds.length - 1)
  const heads = new Map<string, Float64Array>()
  const calibrators = new Map<string, HeadCalibrator | null>()
  for (const [name, { model, description }] of bundles.bundles) {
    const { matrix } = encodeTable(encoderFromJson(description.encoder), table)
    heads.set(name, predict(model, matrix))
    const task = model.objective === 'logistic' ? 'binary' : 'regression'
    calibrators.set(name, headCalibratorFromJson(description.calibrator, name, task))
  }
  return {
    role: 'test',
    rows: table.rows,
    eventIds: stringsOf(table, 'event_id'),
    tsNs: timesOf(table, 'ts_ns'),
    fold: new Float64Array(table.rows).fill(fold),
    heads,
    calibrated: [...calibrators.values()].every((calibrator) => calibrator === null)
      ? new Map()
      : applyCalibrators(heads, calibrators),
  }
}
