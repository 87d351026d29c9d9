import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Ablation, Stage } from '@breakwater/features'
import { namedDates, type Signals, type TreeOptions } from '@breakwater/models'
import {
  askQuestion,
  type ChosenTrial,
  chooseTrial,
  type FinishedTrial,
  openSweep,
  planTrials,
  rankTrials,
  optunaJournal,
  runTrials,
  type SweepConfig,
  type SweepWork,
  type Trial,
  type TrialResult,
  trialText,
} from '@breakwater/models/sweep'
import { flattenMetrics, newRunId } from '@breakwater/tracking'
import { replaceFile, withFolderLock } from '@breakwater/formats/node'
import { type ExecutorRequest, forgetJobs, trialSignals, withExecutor } from '@breakwater/models/jobs'
import { sha256 } from '@breakwater/trees/node'
import type { Context } from '../context.ts'
import { jobsOf } from '../jobs/bus.ts'
import { SHARED_OPTIONS } from '../options/table.ts'
import { TREE_DEFAULTS } from '../options/trees.ts'
import { DEFAULTS, shown } from '../paths.ts'
import type { Progress } from '@breakwater/command-line'
import { loadSignals, placeOf } from '../signals-file.ts'
import { makeSignals } from '../signals/make.ts'
import type { RunAbout, Tracking } from '../tracking/tracking.ts'

/** What `sweep` works on. */
export interface SweepRequest {
  readonly config: SweepConfig
  /** Absolute. */
  readonly folder: string
  readonly schemaPath: string | undefined
  readonly threads: number | undefined
  /** Who trains: this process where it is left out. */
  readonly bus?: ExecutorRequest['bus']
  readonly tracking: Tracking
}

/** What came of a sweep: its trials from best to worst, and how much of the best one's lead the choice explains. */
export interface SweepResult {
  readonly metric: SweepConfig['metric']
  readonly planned: number
  /** Trials that an earlier process had done. */
  readonly resumed: number
  /** Rows that every trial was scored on, and rows with a target that some signals lack. */
  readonly rows: { readonly scored: number; readonly unshared: number }
  /** Sessions that trials were scored on, and the outer block, which none of them read. */
  readonly sessions: { readonly scored: readonly string[]; readonly outer: readonly string[] }
  readonly choice: ChosenTrial | null
  readonly results: readonly TrialResult[]
}

const STAGE = SHARED_OPTIONS.stage.default
const ABLATION = SHARED_OPTIONS.oneAblation.default

/**
 * Runs the trials of a sweep that are not done yet, each a run of its own under the sweep's, and ranks them all by the
 * metric on the test blocks of inner folds, which no outer session is part of. A trial that fails is noted and tried again
 * by the next call; an interrupt, and a file that cannot be written, end the sweep. Throws `LockError` where another process
 * writes into the folder.
 */
export async function sweep(context: Context, progress: Progress, request: SweepRequest): Promise<SweepResult> {
  return withFolderLock(request.folder, { command: 'breakwater sweep' }, () => sweepLocked(context, progress, request))
}

async function sweepLocked(context: Context, progress: Progress, request: SweepRequest): Promise<SweepResult> {
  const { config, folder, tracking } = request
  const { metric } = config
  const trials = planTrials(config)
  const state = await openSweep(folder, config, () => newRunId(context.random))
  const { question, signals } = await askQuestion(config, trials, (trial) =>
    signalsOf(context, progress, request, trial),
  )
  const about = { ...aboutSweep(config, trials, signals), id: state.run, reopen: state.resumed }
  return tracking.run(about, async (run) => {
    const finished = new Map(state.done)
    // Steps of a run rise: a trial that is done early waits for those before it.
    const steps = trials.map(({ number }) => number).filter((number) => !state.done.has(number))
    await runAll(context, progress, { ...request, question, trials, done: state.done }, async (done) => {
      const { number, error } = done.result
      await state.save(done)
      await recordTrial(request, done, { signals, parent: state.run })
      if (error !== null) progress.note(`trial ${number} failed: ${error}`)
      finished.set(number, done)
      for (let step = steps[0]; step !== undefined && finished.has(step); step = steps[0]) {
        const value = finished.get(step)?.result.value ?? null
        if (value !== null) await run.metrics({ [metricKey(config)]: value }, step)
        steps.shift()
      }
    })
    const all = trials.map(({ number }) => finished.get(number)).filter((done) => done !== undefined)
    const ranked = rankTrials(
      all.map(({ result }) => result),
      metric,
    )
    const choice = chooseTrial(all, question, metric)
    await replaceFile(join(folder, 'optuna-journal.log'), optunaJournal(config, all, state.run))
    await forgetJobs(folder)
    const table = { name: 'sweep', type: 'sweep' } as const
    const text = `${JSON.stringify({ choice, results: ranked }, null, 2)}\n`
    await run.artifact({ ...table, files: [{ path: 'trials.json', text }] })
    if (choice !== null) await run.metrics(flattenMetrics({ best: choiceMetrics(config, choice) }), trials.length)
    const { events, unshared, plan } = question
    return {
      metric,
      planned: trials.length,
      resumed: state.done.size,
      rows: { scored: events.length, unshared },
      sessions: { scored: plan.folds.flatMap(({ test }) => test), outer: plan.outer },
      choice,
      results: ranked,
    }
  })
}

const metricKey = ({ metric: { head, name } }: SweepConfig): string => `${head}/inner/${name}`

const choiceMetrics = (
  config: SweepConfig,
  { value, corrected, pValue }: ChosenTrial,
): Readonly<Record<string, Readonly<Record<string, number | null>>>> => ({
  [metricKey(config)]: { value, corrected, p_value: pValue },
})

/** Runs the trials that are not done; an interrupt, and a file that cannot be written, end it. */
async function runAll(
  context: Context,
  progress: Progress,
  request: SweepRequest & Pick<SweepWork, 'question' | 'trials' | 'done'>,
  onFinished: (trial: FinishedTrial) => Promise<void>,
): Promise<void> {
  const { config, question, trials, done, threads, folder, bus } = request
  const source = { schemaPath: request.schemaPath, dates: namedDates(config.plan) }
  const { signalsFor, dataOf, filesOf } = trialSignals(
    (trial) => signalsOf(context, progress, request, trial),
    (signals) => placeOf(context, source, signals),
  )
  const step = progress.step('sweep', 1)
  const command = `breakwater sweep, into ${shown(context.cwd, folder)}`
  const jobs: ExecutorRequest = { bus, clock: context.clock, threads, folder, command, dataOf, filesOf }
  await withExecutor(jobs, async (executor, results) => {
    const running = runTrials({
      config,
      question,
      trials,
      done,
      requestOf: async (trial) => ({ ...optionsOf(trial, config), signals: await signalsFor(trial) }),
      onTrial: (trial) => progress.note(`trial ${trial.number} of ${trials.length}: ${trialText(trial)}`),
      jobs: { executor, results, ...jobsOf(context, progress, step) },
    })
    for await (const finished of running) await onFinished(finished)
  })
  step.end()
}

/** The options of a trial's training, all decided. */
function optionsOf(
  { train }: Trial,
  { monotone }: SweepConfig,
): {
  readonly stage: Stage
  readonly ablation: Ablation
  readonly trees: TreeOptions
} {
  const { stage = STAGE, ablation = ABLATION, ...trees } = train
  return { stage: stage as Stage, ablation: ablation as Ablation, trees: { ...TREE_DEFAULTS, ...trees, monotone } }
}

/** Records a trial as a run under the sweep's. */
async function recordTrial(
  { config, tracking }: SweepRequest,
  { result }: FinishedTrial,
  source: { readonly signals: Signals; readonly parent: string },
): Promise<void> {
  await tracking.run(aboutTrial(config, result, optionsOf(result, config), source), async (run) => {
    for (const [fold, value] of result.folds.entries()) {
      if (value !== null) await run.metrics({ [metricKey(config)]: value }, fold)
    }
  })
}

/** The signals of a trial; trials with the same options of signals share a file. */
async function signalsOf(
  context: Context,
  progress: Progress,
  { config, folder, schemaPath }: SweepRequest,
  { signals }: Trial,
): Promise<Signals> {
  const { data, plan } = config
  let paths: readonly string[]
  if ('signals' in data) paths = data.signals
  else {
    const name = sha256(Buffer.from(JSON.stringify(signals))).slice(0, 12)
    const output = join(folder, 'signals', `${name}.parquet`)
    if (!existsSync(output)) {
      const { bars, physics, timezone } = data
      const reading = { timezone, repair: false }
      await makeSignals(context, progress, { bars, physics, reading, output, settings: signals })
    }
    paths = [shown(context.cwd, output)]
  }
  return loadSignals(context, { schemaPath, paths, defaultPath: DEFAULTS.signals, dates: namedDates(plan) })
}

function aboutTrial(
  { metric, plan }: SweepConfig,
  trial: Trial,
  { stage, ablation, trees }: { readonly stage: Stage; readonly ablation: Ablation; readonly trees: TreeOptions },
  { signals, parent }: { readonly signals: Signals; readonly parent: string },
): RunAbout {
  return {
    job: 'boosted_trees',
    stage,
    ablation,
    schemaVersion: signals.schema.version,
    datasetHash: signals.hash,
    dates: signals.dates,
    parent,
    tags: { trial: String(trial.number) },
    settings: { ...trees, ...plan, signals: trial.signals, head: metric.head, metric: metric.name },
  }
}

function aboutSweep(config: SweepConfig, trials: readonly Trial[], signals: Signals): RunAbout {
  const named = (option: 'stage' | 'ablation', otherwise: string): string =>
    [...new Set(trials.map(({ train }) => String(train[option] ?? otherwise)))].join('+')
  const { method, seed, metric, ...rest } = config
  return {
    job: 'boosted_trees',
    stage: named('stage', STAGE),
    ablation: named('ablation', ABLATION),
    schemaVersion: signals.schema.version,
    datasetHash: signals.hash,
    dates: signals.dates,
    settings: {
      sweep: { method, seed, trials: trials.length, head: metric.head, metric: metric.name },
      space: JSON.stringify({ signals: rest.signals, train: rest.train }),
    },
    tags: { sweep: 'true' },
  }
}
