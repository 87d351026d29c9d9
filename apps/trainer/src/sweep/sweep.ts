import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Ablation, Stage } from '@breakwater/features'
import { namedDates, type Signals } from '@breakwater/models'
import {
  openSweep,
  planTrials,
  rankTrials,
  scoreTrial,
  type SweepConfig,
  type Trial,
  type TrialResult,
} from '@breakwater/models/sweep'
import { newRunId } from '@breakwater/tracking'
import { withFolderLock, WriteError } from '@breakwater/formats/node'
import { sha256 } from '@breakwater/trees/node'
import type { Context } from '../context.ts'
import { SHARED_OPTIONS } from '../options/table.ts'
import { TREE_DEFAULTS } from '../options/trees.ts'
import { DEFAULTS, shown } from '../paths.ts'
import type { Progress } from '@breakwater/command-line'
import { loadSignals } from '../signals-file.ts'
import { makeSignals } from '../signals/make.ts'
import type { RunAbout, Tracking } from '../tracking/tracking.ts'
import { trainSets } from '../training/train.ts'
import type { TrainRequest } from '../training/train.ts'

/** What `sweep` works on. */
export interface SweepRequest {
  readonly config: SweepConfig
  /** Absolute. */
  readonly folder: string
  readonly schemaPath: string | undefined
  readonly threads: number | undefined
  readonly tracking: Tracking
}

/** What came of a sweep: its trials from best to worst, and where they are. */
export interface SweepResult {
  readonly metric: SweepConfig['metric']
  readonly planned: number
  /** Trials that an earlier process had done. */
  readonly resumed: number
  readonly results: readonly TrialResult[]
}

const STAGE = SHARED_OPTIONS.stage.default
const ABLATION = SHARED_OPTIONS.oneAblation.default

/**
 * Runs the trials of a sweep that are not done yet, each a run of its own under the sweep's, and ranks them all by the
 * metric on validation dates. A trial that fails is noted and tried again by the next call; an interrupt, and a file that
 * cannot be written, end the sweep. Throws `LockError` where another process writes into the folder.
 */
export async function sweep(context: Context, progress: Progress, request: SweepRequest): Promise<SweepResult> {
  return withFolderLock(request.folder, { command: 'trainer sweep' }, () => sweepLocked(context, progress, request))
}

async function sweepLocked(context: Context, progress: Progress, request: SweepRequest): Promise<SweepResult> {
  const { config, folder, tracking } = request
  const trials = planTrials(config)
  const state = await openSweep(folder, config, () => newRunId(context.random))
  const [first] = trials
  if (first === undefined) throw new Error('trainer: the sweep has no trials. Put at least one value into every list.')
  const signals = await signalsOf(context, progress, request, first)
  const about = { ...aboutSweep(config, trials, signals), id: state.run, reopen: state.resumed }
  return tracking.run(about, async (run) => {
    const results: TrialResult[] = []
    for (const trial of trials) {
      const before = state.done.get(trial.number)
      if (before === undefined) progress.note(`trial ${trial.number} of ${trials.length}: ${optionsText(trial)}`)
      const result = before ?? (await tryTrial(context, progress, request, trial, state.run))
      if (before === undefined) {
        await state.save(result)
        if (result.value !== null) await run.metrics({ [metricKey(config)]: result.value }, trial.number)
      }
      results.push(result)
    }
    const ranked = rankTrials(results, config.metric)
    const table = { name: 'sweep', type: 'sweep' } as const
    await run.artifact({ ...table, files: [{ path: 'trials.json', text: `${JSON.stringify(ranked, null, 2)}\n` }] })
    const best = ranked[0]?.value ?? null
    if (best !== null) await run.metrics({ [`best/${metricKey(config)}`]: best }, trials.length)
    return { metric: config.metric, planned: trials.length, resumed: state.done.size, results: ranked }
  })
}

const metricKey = ({ metric: { head, name } }: SweepConfig): string => `${head}/validation/${name}`

/** The options of a trial, for a person. */
function optionsText({ signals, train }: Pick<Trial, 'signals' | 'train'>): string {
  return Object.entries({ ...signals, ...train })
    .map(([name, value]) => `${name} ${typeof value === 'object' ? value.join(' ') : value}`)
    .join(', ')
}

async function tryTrial(
  context: Context,
  progress: Progress,
  request: SweepRequest,
  trial: Trial,
  parent: string,
): Promise<TrialResult> {
  try {
    const read = await signalsOf(context, progress, request, trial)
    const sets = await trainSets(context, progress, read, trainRequest(request, trial, parent))
    const [set] = sets
    if (set === undefined) throw new Error('trainer: the trial trained no set')
    const { value, folds } = scoreTrial(set.details, request.config.metric)
    return { ...trial, value, folds, error: null }
  } catch (error) {
    // The next trial would find the same disk.
    if (context.signal.aborted || error instanceof WriteError) throw error
    const message = error instanceof Error ? error.message : String(error)
    progress.note(`trial ${trial.number} failed: ${message}`)
    return { ...trial, value: null, folds: [], error: message }
  }
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

function trainRequest({ config, folder, threads, tracking }: SweepRequest, trial: Trial, parent: string): TrainRequest {
  const { stage = STAGE, ablation = ABLATION, ...trees } = trial.train
  return {
    stage: stage as Stage,
    ablation: ablation as Ablation,
    plan: config.plan,
    horizons: config.horizons,
    anchors: config.anchors,
    trees: { ...TREE_DEFAULTS, ...trees },
    threads,
    calibrationFolds: 0,
    outputDir: join(folder, 'models', String(trial.number).padStart(4, '0')),
    tracking,
    trial: { parent, number: trial.number, signals: trial.signals },
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
