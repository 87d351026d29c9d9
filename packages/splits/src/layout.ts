import type { FoldDates, ResolvedOptions } from './plan.ts'

/** What `planWalkForward` and `innerFolds` are asked for. Sessions are counted, not days of the calendar. */
export interface WalkForwardOptions {
  /** Number of folds, at least 1. The last test block ends with the last session; blocks touch and never overlap. */
  readonly folds: number
  /**
   * Sessions in each test block. By default the sessions left for training and testing, over folds + 1 (the first
   * fold then trains on at least as many sessions as it tests), or fewer where `minTrainSessions` needs them.
   */
  readonly testSessions?: number
  /** Sessions for early stopping, the last before calibration; default 0, for none. */
  readonly validationSessions?: number
  /** Sessions for fitting a calibrator, the last before the test block; default 0, for none. */
  readonly calibrationSessions?: number
  /** Undefined trains on every session before (an expanding window); a number on that many only (a rolling one). */
  readonly trainSessions?: number
  /** Fewest training sessions of the first fold; default 1. A rolling window is always full. */
  readonly minTrainSessions?: number
  /** Sessions withheld between two consecutive roles; default 0. */
  readonly embargoSessions?: number
  /** Sessions of the outer block, which is the last fold's test block; default as many as the other folds test. */
  readonly outerSessions?: number
}

/** The least value that each option may have. */
const LEAST = {
  folds: 1,
  testSessions: 1,
  validationSessions: 0,
  calibrationSessions: 0,
  trainSessions: 1,
  minTrainSessions: 1,
  embargoSessions: 0,
  outerSessions: 1,
} as const

const OPTION_NAMES = [
  'folds',
  'testSessions',
  'validationSessions',
  'calibrationSessions',
  'trainSessions',
  'minTrainSessions',
  'embargoSessions',
  'outerSessions',
] as const

/** Checks the options against the sessions there are (rising, no duplicates) and fills in the defaults. */
export function resolveOptions(options: WalkForwardOptions, sessions: readonly string[]): ResolvedOptions {
  checkOptions(options)
  const trainSessions = options.trainSessions ?? null
  const parts = {
    folds: options.folds,
    validationSessions: options.validationSessions ?? 0,
    calibrationSessions: options.calibrationSessions ?? 0,
    trainSessions,
    minTrainSessions: trainSessions ?? options.minTrainSessions ?? 1,
    embargoSessions: options.embargoSessions ?? 0,
  }
  const testSessions = options.testSessions ?? derivedTestSessions(sessions.length - overhead(parts), parts, options)
  const resolved = { ...parts, testSessions, outerSessions: options.outerSessions ?? testSessions }
  checkEnough(resolved, sessions)
  return resolved
}

/** The dates of every fold: test blocks, the last of which is the outer block, fill the end of `sessions`, each fold's other roles end where its test begins. */
export function layFolds(sessions: readonly string[], options: ResolvedOptions): FoldDates[] {
  return Array.from({ length: options.folds }, (_, fold) => layFold(sessions, options, fold))
}

function layFold(sessions: readonly string[], options: ResolvedOptions, fold: number): FoldDates {
  const { folds, testSessions, outerSessions, trainSessions, embargoSessions } = options
  const embargoed: string[] = []
  const isLast = fold === folds - 1
  let end = sessions.length - outerSessions - (folds - 1 - fold) * testSessions
  const test = sessions.slice(end, end + (isLast ? outerSessions : testSessions))
  const takeBefore = (count: number): string[] => {
    if (count === 0) return []
    embargoed.unshift(...sessions.slice(end - embargoSessions, end))
    const roleEnd = end - embargoSessions
    end = Math.max(0, roleEnd - count)
    return sessions.slice(end, roleEnd)
  }
  const calibration = takeBefore(options.calibrationSessions)
  const validation = takeBefore(options.validationSessions)
  const train = takeBefore(trainSessions ?? sessions.length)
  return { train, validation, calibration, test, embargoed }
}

type Parts = Omit<ResolvedOptions, 'testSessions' | 'outerSessions'>

/** Sessions of a fold that neither train nor test: inner roles and the gaps of the embargo. */
function overhead({ validationSessions, calibrationSessions, embargoSessions }: Parts): number {
  const gaps = 1 + Number(validationSessions > 0) + Number(calibrationSessions > 0)
  return validationSessions + calibrationSessions + gaps * embargoSessions
}

/** Sessions of each test block whose number is not given: all, or all but the outer block. */
function derivedTestSessions(
  usable: number,
  { folds, minTrainSessions }: Parts,
  { outerSessions }: WalkForwardOptions,
): number {
  const [left, blocks] = outerSessions === undefined ? [usable, folds] : [usable - outerSessions, folds - 1]
  const even = Math.floor(left / (blocks + 1))
  const afterTraining = Math.floor((left - minTrainSessions) / Math.max(1, blocks))
  return Math.max(1, Math.min(even, afterTraining))
}

function checkOptions(options: WalkForwardOptions): void {
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(LEAST, name))
  if (unknown !== undefined) {
    throw new RangeError(`splits: options.${unknown}: is unknown. Use one of ${OPTION_NAMES.join(', ')}.`)
  }
  for (const name of OPTION_NAMES) {
    const value = options[name]
    if (value === undefined && name !== 'folds') continue
    if (Number.isSafeInteger(value) && Number(value) >= LEAST[name]) continue
    throw new RangeError(`splits: options.${name}=${value}: must be a whole number of at least ${LEAST[name]}.`)
  }
}

function checkEnough(options: ResolvedOptions, sessions: readonly string[]): void {
  const { folds, testSessions, outerSessions, minTrainSessions } = options
  const needed = (folds - 1) * testSessions + outerSessions + minTrainSessions + overhead(options)
  if (needed <= sessions.length) return
  const tested =
    outerSessions === testSessions
      ? `${folds} x ${testSessions} to test`
      : `${folds - 1} x ${testSessions} and ${outerSessions} to test`
  throw new RangeError(
    `splits: options.folds=${folds}: too few sessions: ${needed} are needed (${tested}, ` +
      `${minTrainSessions} to train, ${overhead(options)} for validation, calibration and embargo), there are ` +
      `${sessions.length} (${sessions[0]} to ${sessions.at(-1)}). Ask for fewer folds or sessions, or add data.`,
  )
}
