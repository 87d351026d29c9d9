import { parseHeadName } from '@breakwater/features'
import type { Fold } from '@breakwater/splits'
import { rowsOf, takeValues } from '../rows.ts'
import { applyCalibrators, calibrateHeads, type OutOfFoldPredictions, sessionRanks, whyNoMaps } from './calibrators.ts'
import { type FoldLawFit, specOf } from './fold-law.ts'
import type { DirectionEvidence, FoldServing } from './fold-serving.ts'
import { type FoldInput, type TrainedFold, trainFold, trainLaw } from './fold.ts'
import { foldRefit, headUncertainties } from './head-uncertainties.ts'
import { servedColumns } from './served.ts'
import { chooseServing, type ServingChoice, type ServingEvidence } from './serving.ts'

/** One trained fold with a calibrator for each head and a law beside them. */
export interface CalibratedFold extends TrainedFold, FoldServing {
  readonly law: FoldLawFit
}

/**
 * Trains a fold and its `inner` ones, and calibrates it by {@link serveFold}. `onUnit` is called with which training begins: 0 to
 * inner.length - 1 for the inner folds, then the fold itself. The law is fitted beside the heads, on the same training and validation rows.
 */
export async function trainCalibratedFold(
  input: FoldInput,
  inner: readonly Fold[],
  onUnit: (unit: number) => void,
): Promise<CalibratedFold> {
  const heads = input.trained?.heads ?? ((fold: Fold) => trainFold({ ...input, fold }))
  const lawOf =
    input.trained?.law ??
    ((fold: Fold) => trainLaw({ ...input, fold, isPublished: fold === input.fold && input.isPublished }))
  const train = async (fold: Fold, unit: number): Promise<FoldForecasts> => {
    onUnit(unit)
    return { trained: await heads(fold), law: await lawOf(fold) }
  }
  const before = input.trained?.serving
  const parts: FoldForecasts[] = []
  if (before === undefined) for (const [unit, fold] of inner.entries()) parts.push(await train(fold, unit))
  const own = await train(input.fold, inner.length)
  const serving = before === undefined ? serveFold(input, parts, own) : await before(input.fold, inner)
  return { ...own.trained, law: own.law, ...serving }
}

/** The heads and the law of a fold, by which they forecast its rows. */
export interface FoldForecasts {
  readonly trained: TrainedFold
  readonly law: FoldLawFit
}

/**
 * Calibrates a fold and chooses what it serves. The calibrators see predictions of rows that their model saw neither in training nor
 * in stopping: those of the test blocks of `inner` folds, each by a model of its own trained inside it, and those of the
 * fold's calibration dates by the served model. A map is kept where it helps the served model on its validation dates too. The
 * fold's test rows are never among them.
 */
export function serveFold(
  { signals, groups }: Pick<FoldInput, 'signals' | 'groups'>,
  inner: readonly FoldForecasts[],
  own: FoldForecasts,
): FoldServing {
  const evidenceOf = ({ trained, law }: FoldForecasts, rows: Int32Array): Evidence => {
    const { fold, predictions } = trained
    return { fold, predictions, heads: predictions, tilted: law.predictions.tilted, rows }
  }
  const { predictions, validation, calibration } = own.trained
  const held = rowsOf(calibration)
  const parts = inner.map((part) => evidenceOf(part, rowsOf(part.trained.test)))
  if (held.length > 0) parts.push(evidenceOf(own, held))
  const targets = groups.flatMap((group) => group.targets)
  const { table } = signals
  const confirm = { predictions, rows: rowsOf(validation) }
  const noMaps = whyNoMaps(inner.length, held.length > 0)
  const calibrations = calibrateHeads({ table, targets, parts, confirm, noMaps })
  const calibrators = new Map([...calibrations].map(([name, { calibrator }]) => [name, calibrator]))
  const uncertainties = headUncertainties({
    table,
    targets,
    // Without out-of-fold rows those that stopped the trees, whose errors are a little too small.
    parts: parts.length > 0 ? parts : [confirm],
    calibrators,
    refitOf: foldRefit(table, own.trained, inner.at(-1)?.trained),
  })
  // Without calibrators too: putting the reach heads in order moves them.
  const calibrated = applyCalibrators(predictions, calibrators)
  // The law of the fold was calibrated by its calibration dates: its inner folds were judged by rows that nothing of them saw.
  const unseen = inner.length > 0 ? parts.slice(0, inner.length) : parts
  const serving = servingOf(own.law, () => chooseServing(sessionRanks(table), targets, unseen))
  const served = servedColumns({
    choice: serving,
    spec: specOf(signals, targets),
    anchors: groups.map(({ anchor }) => anchor),
    heads: new Map([...predictions, ...calibrated]),
    tilted: own.law.predictions.tilted,
  })
  const names = targets.map(({ name }) => name).filter((name) => parseHeadName(name)?.question.kind === 'direction')
  const directions = unseen.map((part) => directionsAt(part, names, serving))
  return { serving, served, calibrations, uncertainties, calibrated, directions }
}

/** What a fold forecast of rows that it did not see. */
type Evidence = OutOfFoldPredictions & ServingEvidence & { readonly fold: Fold }

function directionsAt(
  { fold, rows, heads, tilted }: ServingEvidence & { readonly fold: Fold },
  names: readonly string[],
  { kind }: ServingChoice,
): DirectionEvidence {
  const columns = kind === 'law' ? tilted : heads
  const values = names.flatMap((name) => {
    const column = columns.get(name)
    return column === undefined ? [] : [[name, takeValues(column, rows)] as const]
  })
  return { fold, rows, values: new Map(values) }
}

function servingOf(law: FoldLawFit, choose: () => ServingChoice): ServingChoice {
  if (law.status === 'fitted') return choose()
  const reason = `no law: ${law.reason}; independent heads are served, made coherent`
  return { kind: 'heads', reason, saved: null, standardError: null, sessions: 0, rows: 0 }
}
