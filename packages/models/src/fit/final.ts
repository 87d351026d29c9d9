import { type Fold, foldRows, type SplitRows, type WalkForwardPlan } from '@breakwater/splits'
import { count } from '../rows.ts'
import { FINAL_FIGURES, type FinalRecord } from '../set/final-record.ts'
import type { HeadCalibration } from './calibrators.ts'
import type { FinalChoices } from './choices.ts'
import type { CalibratedFold } from './calibrated-fold.ts'
import type { HeadUncertainty } from './head-uncertainty.ts'
import { type FeatureGroup, type FoldInput, trainFold, trainLaw } from './fold.ts'

/** Models of all sessions, fitted with what the folds of a walk-forward chose. */
export interface FinalFit extends Pick<CalibratedFold, 'fold' | 'outcomes' | 'models' | 'encoding' | 'law'> {
  readonly choices: FinalChoices
  /** By head, the map of the last fold that trained it. */
  readonly calibrations: ReadonlyMap<string, HeadCalibration>
  /** By head, how sure it is by the same fold. */
  readonly uncertainties: ReadonlyMap<string, HeadUncertainty>
}

/**
 * All sessions of `dates` as the training dates of one fold that validates, calibrates and tests nothing, and whose index follows those of the plan;
 * of a plan with a rolling window the last ones, as many as the window has. No row is purged: nothing comes after.
 */
export function finalFold({ folds, options }: WalkForwardPlan, dates: readonly string[], rows: SplitRows): Fold {
  const window = 'trainSessions' in options ? options.trainSessions : null
  const none = { validation: [], calibration: [], test: [], embargoed: [] }
  const train = dates.toSorted().slice(window === null ? 0 : -window)
  const counts = { train: 0, validation: 0, calibration: 0, test: 0, purged: 0 }
  const fold = { index: folds.length, train, ...none, counts, boundary: null }
  return { ...fold, counts: { ...counts, train: count(foldRows(fold, rows).train) } }
}

/**
 * What folds chose: of every ensemble the median of the numbers of trees that they came to, the lower one of two; of the law's calibration,
 * uncertainty and shift of P(touch) those of the last fold, whose rows are the newest.
 */
export function finalChoices(folds: readonly Pick<CalibratedFold, 'outcomes' | 'law'>[]): FinalChoices {
  const trees = new Map<string, number[]>()
  for (const { name, status, trees: kept } of folds.flatMap(({ outcomes }) => outcomes)) {
    if (status === 'trained') trees.set(name, [...(trees.get(name) ?? []), kept])
  }
  const last = folds.at(-1)?.law
  const fits = folds.flatMap(({ law }) => (law.status === 'fitted' ? [law.fit] : []))
  return {
    rounds: Object.fromEntries([...trees].map(([name, counts]) => [name, lowerMedian(counts)])),
    law:
      last?.status !== 'fitted'
        ? null
        : {
            correctionTrees: lowerMedian(fits.map(({ correctionTrees }) => correctionTrees)),
            tiltTrees: lowerMedian(fits.map(({ tiltTrees }) => tiltTrees)),
            approachTrees: last.approach?.isKept === true ? last.approach.trees : 0,
            calibration: last.calibration,
            uncertainty: last.law.path.uncertainty,
          },
  }
}

function lowerMedian(counts: readonly number[]): number {
  return counts.toSorted((a, b) => a - b)[Math.floor((counts.length - 1) / 2)] ?? 0
}

/** The groups without heads that no fold trained. */
export function chosenGroups(groups: readonly FeatureGroup[], { rounds }: FinalChoices): FeatureGroup[] {
  return groups.flatMap((group) => {
    const targets = group.targets.filter(({ name }) => Object.hasOwn(rounds, name))
    return targets.length === 0 ? [] : [{ ...group, targets }]
  })
}

/** Trains the heads and the law of `input.fold` with what `folds` chose, without looking at a row that is not trained on. */
export async function trainFinal(
  input: Omit<FoldInput, 'onHead' | 'isPublished' | 'choices'>,
  folds: readonly CalibratedFold[],
): Promise<FinalFit> {
  const { fold, groups } = input
  const choices = finalChoices(folds)
  const request = { ...input, choices, isPublished: false, onHead: () => undefined }
  const heads = input.trained?.heads ?? (() => trainFold({ ...request, groups: chosenGroups(groups, choices) }))
  const lawOf = input.trained?.law ?? (() => trainLaw(request))
  const { outcomes, models, encoding } = await heads(fold)
  const law = await lawOf(fold)
  const calibrations = new Map<string, HeadCalibration>()
  const uncertainties = new Map<string, HeadUncertainty>()
  for (const each of folds) {
    for (const { name } of each.models.map(({ target }) => target)) {
      const [calibration, uncertainty] = [each.calibrations.get(name), each.uncertainties.get(name)]
      if (calibration !== undefined) calibrations.set(name, calibration)
      if (uncertainty !== undefined) uncertainties.set(name, uncertainty)
    }
  }
  return { fold, outcomes, models, encoding, law, choices, calibrations, uncertainties }
}

/** The record of a final fit that follows folds. */
export function finalRecord({ fold, outcomes, law }: FinalFit, folds: readonly CalibratedFold[]): FinalRecord {
  const mapOf = (name: string): number =>
    folds.findLast(({ models }) => models.some(({ target }) => target.name === name))?.fold.index ?? -1
  return {
    dates: fold.train,
    rows: fold.counts.train,
    fold: folds.at(-1)?.fold.index ?? -1,
    heads: outcomes
      .filter(({ status }) => status === 'trained')
      .map(({ name, trees, trainRows }) => ({ name, trees, trainRows, calibratorFold: mapOf(name) })),
    law:
      law.status === 'skipped'
        ? null
        : {
            trainRows: law.fit.rows.train,
            effectiveRows: law.fit.effectiveRows,
            correctionTrees: law.fit.correctionTrees,
            tiltTrees: law.fit.tiltTrees,
            approachTrees: law.approach?.isKept === true ? law.approach.trees : 0,
          },
    figures: FINAL_FIGURES,
  }
}
