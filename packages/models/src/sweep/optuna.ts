import { METRICS } from '@breakwater/calibration'
import type { OptionSpace, OptionValue, SweepConfig } from './config.ts'
import type { FinishedTrial } from './state.ts'

/** Codes of Optuna's journal, and its numbers for states and directions (optuna/storages/journal, version 4). */
const CREATE_STUDY = 0
const CREATE_TRIAL = 4
const STATES = { complete: 1, pruned: 2, failed: 3 } as const
const DIRECTIONS = { minimize: 1, maximize: 2 } as const

interface Parameter {
  readonly distribution: string
  /** The value as the journal holds it: a number, or the place among the choices. */
  readonly internal: (value: OptionValue) => number
}

/**
 * A finished sweep as an Optuna journal, one JSON a line, which `optuna-dashboard` and `JournalStorage` open: a study named after the
 * metric, a trial each, its options as parameters with their spaces, and its figure by inner fold as intermediate values. A trial that
 * successive halving stopped is pruned; one that failed has its reason among its attributes. `run` names the writer.
 */
export function optunaJournal(config: SweepConfig, trials: readonly FinishedTrial[], run: string): string {
  const { head, name } = config.metric
  const better = METRICS[name].better === 'higher' ? 'maximize' : 'minimize'
  const parameters = new Map(
    Object.entries({ ...config.signals, ...config.train }).map(([option, space]) => [option, parameterOf(space)]),
  )
  const study = {
    op_code: CREATE_STUDY,
    worker_id: run,
    study_name: `${head} ${name}`,
    directions: [DIRECTIONS[better]],
  }
  const lines = [study, ...trials.map((trial) => trialLine(trial, parameters, run))]
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('')
}

function trialLine({ result }: FinishedTrial, parameters: ReadonlyMap<string, Parameter>, run: string): object {
  const { number, signals, train, value, folds, error, stopped } = result
  const options = Object.entries({ ...signals, ...train }).flatMap(([option, chosen]) => {
    const parameter = parameters.get(option)
    return parameter === undefined ? [] : [{ option, parameter, chosen }]
  })
  const state = stopped !== null ? STATES.pruned : value === null ? STATES.failed : STATES.complete
  // The journal holds no clock of ours: a trial begins and ends at once.
  const time = '1970-01-01T00:00:00'
  return {
    op_code: CREATE_TRIAL,
    worker_id: run,
    study_id: 0,
    datetime_start: time,
    datetime_complete: time,
    state,
    value: state === STATES.complete ? value : null,
    params: Object.fromEntries(options.map(({ option, parameter, chosen }) => [option, parameter.internal(chosen)])),
    distributions: Object.fromEntries(options.map(({ option, parameter }) => [option, parameter.distribution])),
    intermediate_values: Object.fromEntries(
      folds.flatMap((figure, fold) => (figure === null ? [] : [[String(fold), figure] as const])),
    ),
    user_attrs: { trial: number, ...(error === null ? {} : { error }) },
    system_attrs: {},
  }
}

function parameterOf(space: OptionSpace): Parameter {
  if (space.kind === 'choice') {
    const choices = space.values.map(textOf)
    return {
      distribution: JSON.stringify({ name: 'CategoricalDistribution', attributes: { choices } }),
      internal: (value) => choices.indexOf(textOf(value)),
    }
  }
  const { min: low, max: high, scale, whole } = space
  // Optuna's logarithmic integers have steps of 1; both kinds agree in the rest.
  const attributes = { log: scale === 'log', step: whole ? 1 : null, low, high }
  return {
    distribution: JSON.stringify({ name: whole ? 'IntDistribution' : 'FloatDistribution', attributes }),
    internal: (value) => value as number,
  }
}

/** A value as one of Optuna's choices, which are no lists. */
const textOf = (value: OptionValue): string | number => (typeof value === 'object' ? value.join(' ') : value)
