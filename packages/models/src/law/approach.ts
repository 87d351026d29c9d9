import { predictRaw, trainHeads, treeCount } from '@breakwater/trees'
import { either } from '../rows.ts'
import { type ApproachLoss, approachLoss, scoreOf } from './approach-loss.ts'
import type { ApproachFit, ApproachScore } from './approach-record.ts'
import { APPROACH_ROLES, type ApproachDates, type ApproachRows, approachRows } from './approach-rows.ts'
import type { LawSignals } from './at-anchors.ts'
import type { ApproachShift, PathLaw, PathLawOptions } from './fit.ts'
import { normalised } from './fit-rows.ts'
import type { FoldLaw } from './forecaster.ts'
import { boostRows } from './row-boosting.ts'

/** What {@link fitApproach} reads. */
export interface ApproachRequest {
  readonly law: Pick<FoldLaw, 'path' | 'features'>
  readonly signals: LawSignals
  /** Sessions of the fold. */
  readonly dates: ApproachDates
  /** Trees that folds chose before, where no validation row chooses; 0 for none. */
  readonly rounds?: number | undefined
}

/** A shift with how it was tried. */
export interface FittedApproach {
  /** null where the law alone says P(touch). */
  readonly shift: ApproachShift | null
  readonly fit: ApproachFit
  /** null where there are no bars, or nothing was tried. */
  readonly rows: ApproachRows | null
}

const ROUNDS = 200
/** Standard errors that trees have to save to be kept. */
const ERRORS = 2
const FEWEST = { toChoose: 4, toTest: 2 }

/**
 * Trees that shift the logarithm of a law's volatility in P(touch), by the composite log loss of its horizons at moments before touches: whatever they
 * say, P(touch) is that of one path, never falls with the horizon and stays within [0, 1]. They are kept where they save two
 * standard errors beyond the law alone: two ensembles are trained and stopped on every other session of training and validation each, and scored on
 * the sessions in between and on calibration sessions, paired by session. What is kept learns on all training sessions and stops on all validation
 * sessions. Test sessions choose nothing. Pure: the same bits on any number of threads. Cost: the moments of the bars, and about 1 us a round
 * and moment, of at most 28,000.
 */
export async function fitApproach(
  { law, signals, dates, rounds }: ApproachRequest,
  options: Pick<PathLawOptions, 'train' | 'seed' | 'signal'>,
): Promise<FittedApproach> {
  const rows = rounds === 0 ? null : approachRows(law, signals, dates)
  if (rows === null) return { shift: null, fit: untried(rounds === 0 ? NOT_CHOSEN : NO_BARS), rows }
  return { ...(await chooseShift({ path: law.path, rows, rounds }, options)), rows }
}

/** What {@link chooseShift} reads. */
export interface ShiftRequest {
  readonly path: PathLaw
  readonly rows: ApproachRows
  readonly rounds?: number | undefined
}

/** The shift of moments that are at hand, see {@link fitApproach}. */
export async function chooseShift(
  { path, rows, rounds }: ShiftRequest,
  options: Pick<PathLawOptions, 'train' | 'seed' | 'signal'>,
): Promise<Pick<FittedApproach, 'shift' | 'fit'>> {
  const [train, validation, calibration, test] = APPROACH_ROLES.map((role) =>
    Uint8Array.from(rows.roles, (one) => Number(one === role)),
  ) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
  const loss = approachLoss(path, rows)
  const boost = (learns: Uint8Array, stops: Uint8Array): Promise<ApproachShift | null> =>
    boosted({ rows, loss, train: learns, validation: stops, rounds: rounds ?? ROUNDS }, options)
  const losses = (shift: ApproachShift | null, mask: Uint8Array): ReturnType<ApproachLoss['bySession']> =>
    loss.bySession(mask, shiftsOf(shift, rows))

  const whole = await boost(train, validation)
  const trees = whole === null ? 0 : treeCount(whole.trees)
  if (rounds !== undefined) {
    return { shift: whole, fit: { ...untried(`${trees} trees, as folds chose`), isKept: whole !== null, trees } }
  }
  const scored: ReturnType<typeof losses>[] = []
  for (const half of [0, 1]) {
    const ofHalf = (mask: Uint8Array, wanted: number): Uint8Array =>
      mask.map((bit, row) => Number(bit !== 0 && (rows.sessions[row] as number) % 2 === wanted))
    const shift = await boost(ofHalf(train, half), ofHalf(validation, half))
    scored.push(losses(shift, ofHalf(either(train, either(validation, calibration)), 1 - half)))
  }
  const chosen = scoreOf(
    scored.flatMap((part) => [...part.values()]),
    FEWEST.toChoose,
  )
  const isKept = whole !== null && chosen !== null && chosen.saved > ERRORS * chosen.standardError
  const tested = scoreOf([...losses(whole, test).values()], FEWEST.toTest)
  return {
    shift: isKept ? whole : null,
    fit: { isKept, reason: reasonOf(chosen, isKept), trees, chosen, tested },
  }
}

/** What a shift adds to the logarithm of volatility of each row; 0 without one. */
function shiftsOf(shift: ApproachShift | null, { state }: ApproachRows): (row: number) => number {
  if (shift === null) return () => 0
  const raw = predictRaw(shift.trees, state)
  return (row) => (raw[row] as number) / shift.scale
}

interface Boosting {
  readonly rows: ApproachRows
  readonly loss: ApproachLoss
  readonly train: Uint8Array
  readonly validation: Uint8Array
  readonly rounds: number
}

/** One ensemble; null where there is nothing to train or stop on, or no tree helps. */
async function boosted(
  { rows, loss, train, validation, rounds }: Boosting,
  { train: trainer = trainHeads, seed = 0, signal }: Parameters<typeof fitApproach>[1],
): Promise<ApproachShift | null> {
  const rowWeights = normalised(rows.rowWeights, train)
  const ensemble = { train, validation, rowWeights, trainer, seed, signal, rounds }
  const { model, scale } = await boostRows({ ...ensemble, name: 'approach', matrix: rows.state, at: loss.at })
  return model === null ? null : { trees: model, scale }
}

const NO_BARS = 'without bars there are no moments before touches to learn from: P(touch) is the law’s alone'
const NOT_CHOSEN = 'folds kept no shift: P(touch) is the law’s alone'

const untried = (reason: string): ApproachFit => ({ isKept: false, reason, trees: 0, chosen: null, tested: null })

function reasonOf(chosen: ApproachScore | null, isKept: boolean): string {
  if (chosen === null) return `fewer than ${FEWEST.toChoose} sessions to choose by: P(touch) is the law’s alone`
  const { saved, standardError, sessions } = chosen
  const size =
    `trees on moments before touches lost ${Math.abs(saved).toFixed(4)} nats ${saved > 0 ? 'less' : 'more'} than the law ` +
    `(standard error ${standardError.toFixed(4)}, ${sessions} sessions)`
  return isKept
    ? `${size}, more than ${ERRORS} standard errors: they shift its volatility in P(touch)`
    : `${size}; only ${ERRORS} standard errors less would have them used: P(touch) is the law’s alone`
}
