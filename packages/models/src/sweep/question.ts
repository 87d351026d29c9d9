import { stringColumn, stringsOf } from '@breakwater/features'
import { type Fold, innerPlan, type SplitRows, type WalkForwardOptions, type WalkForwardPlan } from '@breakwater/splits'
import { requestedTargets } from '../fit/fit-set.ts'
import { defaultValidation, makePlan } from '../fit/plan.ts'
import type { Signals } from '../signals.ts'
import type { SweepConfig } from './config.ts'
import { type Trial, trialText } from './trials.ts'

/** What a sweep asks on the signals of one or more of its trials. */
export interface AnsweredRows {
  /** The signals, in the words of an error message. */
  readonly name: string
  readonly sessions: readonly string[]
  /** Target of the swept head by event; rows without a target are left out. */
  readonly targets: ReadonlyMap<string, number>
  /** Session by event. */
  readonly dates: ReadonlyMap<string, string>
}

/**
 * The question that all trials of a sweep answer: which rows are scored, and on which folds. Every trial's signals hold every
 * scored row with the same target, so that trials differ by their options alone.
 */
export interface SweepQuestion {
  /** Folds inside the sessions before the outer block. Rows are scored in the test blocks of these, which stop no trees. */
  readonly plan: WalkForwardPlan
  /** The fold that the inner folds lie in: its test dates are the outer block. */
  readonly within: Fold
  readonly inner: WalkForwardOptions
  /** The scored rows, in order of their ids; arrays have one entry for each. */
  readonly events: readonly string[]
  readonly targets: Float64Array
  /** Place of each row's session among the plan's test dates. */
  readonly sessions: Int32Array
  /** Index of each row's fold. */
  readonly folds: Int32Array
  /** Rows with a target in these folds that only some of the signals hold. */
  readonly unshared: number
}

const DEFAULT_INNER_FOLDS = 3

/** The rows of signals that answer a sweep's question. Throws where they have no such head. */
export function answeredRows(
  signals: Signals,
  config: Pick<SweepConfig, 'metric' | 'anchors' | 'horizons'>,
  name: string,
): AnsweredRows {
  const target = sweptTarget(signals, config)
  const ids = stringsOf(signals.table, 'event_id')
  const { codes, dictionary } = stringColumn(signals.table, 'date')
  const targets = new Map<string, number>()
  const dates = new Map<string, string>()
  for (const [row, id] of ids.entries()) {
    if (target.mask[row] !== 1) continue
    targets.set(id, target.values[row] as number)
    dates.set(id, dictionary[codes[row] as number] as string)
  }
  return { name, sessions: signals.dates, targets, dates }
}

/** The head that a sweep scores, on given signals. */
export function sweptTarget(
  signals: Signals,
  { metric, anchors, horizons }: Pick<SweepConfig, 'metric' | 'anchors' | 'horizons'>,
): ReturnType<typeof requestedTargets>[number] {
  const targets = requestedTargets(signals, { anchors, horizons })
  const target = targets.find((each) => each.name === metric.head)
  if (target !== undefined) return target
  const names = targets.map((each) => each.name).join(', ')
  throw new Error(`models: metric.head=${metric.head}: there is no such head. Name one of ${names}.`)
}

/**
 * Plans what every trial is scored on. The sessions that all signals have are planned as `train` plans them; the test block of
 * the last fold is the outer block, which no trial reads. Inside the sessions before it lie the folds of the sweep. Rows that
 * some of the signals lack are not scored. Throws where a row's target differs between signals: their trials would answer
 * different questions; and where no row is left.
 */
export function planQuestion(
  variants: readonly [AnsweredRows, ...AnsweredRows[]],
  request: SweepConfig['plan'],
): SweepQuestion {
  const [first, ...others] = variants
  const sessions = first.sessions.filter((date) => others.every((other) => other.sessions.includes(date)))
  const within = makePlan({ dates: sessions }, request).folds.at(-1)
  if (within === undefined) throw new Error('models: plan: has no fold. Ask for at least one.')
  const inner = innerOptions(within, request)
  const plan = innerPlan(within, { dates: sessions }, inner)
  const foldOf = new Map(plan.folds.flatMap(({ index, test }) => test.map((date) => [date, index] as const)))
  const tested = [...foldOf.keys()]
  const asked = (rows: AnsweredRows): string[] =>
    [...rows.targets.keys()].filter((id) => foldOf.has(rows.dates.get(id) as string))
  const events = asked(first)
    .filter((id) => others.every(({ targets }) => targets.has(id)))
    .toSorted()
  for (const other of others) checkSame(first, other, events)
  if (events.length === 0) {
    throw new Error(
      'models: the signals of the trials share no row with a target. Sweep options that change fewer rows.',
    )
  }
  const dates = events.map((id) => first.dates.get(id) as string)
  return {
    plan,
    within,
    inner,
    events,
    targets: Float64Array.from(events, (id) => first.targets.get(id) as number),
    sessions: Int32Array.from(dates, (date) => tested.indexOf(date)),
    folds: Int32Array.from(dates, (date) => foldOf.get(date) as number),
    unshared: new Set(variants.flatMap((rows) => asked(rows))).size - events.length,
  }
}

/**
 * What all trials are scored on, with the signals of the first: `read` gives a trial's signals, once for each combination of their
 * options. Throws where there is no trial.
 */
export async function askQuestion(
  config: SweepConfig,
  trials: readonly Trial[],
  read: (trial: Trial) => Promise<Signals>,
): Promise<{ readonly question: SweepQuestion; readonly signals: Signals }> {
  const [first, ...rest] = new Map(trials.map((trial) => [JSON.stringify(trial.signals), trial])).values()
  if (first === undefined) throw new Error('models: the sweep has no trials. Put at least one value into every list.')
  const rowsOf = (signals: Signals, trial: Trial): AnsweredRows =>
    answeredRows(signals, config, `trial ${trial.number} (${trialText(trial)})`)
  const signals = await read(first)
  const others: AnsweredRows[] = []
  for (const trial of rest) others.push(rowsOf(await read(trial), trial))
  return { question: planQuestion([rowsOf(signals, first), ...others], config.plan), signals }
}

function innerOptions({ train, validation, calibration }: Fold, request: SweepConfig['plan']): WalkForwardOptions {
  const dates = [...train, ...validation, ...calibration]
  return {
    folds: request.folds ?? DEFAULT_INNER_FOLDS,
    validationSessions: request.valSessions ?? defaultValidation({ dates }),
    embargoSessions: request.embargoSessions,
  }
}

/** Throws where two signals have different targets for a row. */
function checkSame(first: AnsweredRows, other: AnsweredRows, events: readonly string[]): void {
  const differing = events.filter((id) => first.targets.get(id) !== other.targets.get(id))
  if (differing.length === 0) return
  throw new Error(
    `models: ${other.name}: ${differing.length} of ${events.length} rows, such as ${differing[0]}, have another target than with ` +
      `${first.name}: these trials would answer different questions. Sweep options that change labels in sweeps of their own.`,
  )
}

/** The folds of a question on the rows of one trial's signals. */
export const trialPlan = ({ within, inner }: SweepQuestion, rows: SplitRows): WalkForwardPlan =>
  innerPlan(within, rows, inner)
