import { randomInt } from 'node:crypto'
import { newRunId, recordSettings, runDescription, runName, runTags } from '@breakwater/tracking'
import type { DatasetInput, JobName, Settings, TrackedRun, Tracker } from '@breakwater/tracking'
import {
  openTracker,
  readConfiguration,
  readGitSha,
  redactor,
  serverOptions,
  spoolFolder,
} from '@breakwater/tracking/node'
import type { OpenOptions, SystemName } from '@breakwater/tracking/node'
import type { Context } from '../context.ts'
import { absolute, DEFAULTS } from '../paths.ts'
import type { Progress } from '@breakwater/command-line'
import { trackedSystems } from './option.ts'
import type { TrackingFlags } from './option.ts'

/** The description of a run. */
export interface RunAbout {
  readonly job: JobName
  readonly stage: string
  readonly ablation: string
  readonly schemaVersion: string
  readonly datasetHash: string
  /** Sessions that the job reads. */
  readonly dates: readonly string[]
  /** Hyper-parameters and whatever else decides the outcome. */
  readonly settings: Settings
  readonly dataset?: DatasetInput
  /** The run that this one is a part of. */
  readonly parent?: string | undefined
  /** Default: a fresh one. */
  readonly id?: string
  /** True continues the run of this id. */
  readonly reopen?: boolean
  readonly tags?: Readonly<Record<string, string>>
}

/** Records the runs of a command. */
export interface Tracking {
  /** Whether any system records what runs are given. */
  readonly records: boolean
  /**
   * Does `work` inside a run: begins it, records the settings, and ends it as finished, as failed where the work throws,
   * as killed where it was interrupted. The result, or the error, is the work's.
   */
  readonly run: <T>(about: RunAbout, work: (run: TrackedRun) => Promise<T>) => Promise<T>
}

/** Opens the trackers of a command according to its flags, the environment and `.env`. */
export function openTracking(context: Context, progress: Progress, flags: TrackingFlags): Tracking {
  const systems = trackedSystems(flags, context.env)
  return openWith(context, progress, trackingOptions(context, systems, flags.trackingDeadline))
}

/** Opens a record in files below `folder`, ignoring servers and accounts of the environment. */
export function openLocalTracking(context: Context, progress: Progress, folder: string): Tracking {
  const systems = trackedSystems({}, context.env)
  const place = absolute(context.cwd, folder)
  const configuration = readConfiguration({ systems, env: {}, cwd: place, folder: place })
  return openWith(context, progress, { ...trackingOptions(context, []), configuration })
}

function openWith(context: Context, progress: Progress, options: OpenOptions): Tracking {
  const { systems, secrets } = options.configuration
  const redact = redactor(secrets)
  const tracker = openTracker(options)
  const gitSha = readGitSha(context.cwd)
  if (gitSha === null && systems.length > 0) {
    context.terminal.err('tracking: no git commit was found here: runs have no git_sha tag\n')
  }
  return {
    records: systems.length > 0,
    run: (about, work) => runTracked({ context, progress, tracker, redact, gitSha }, about, work),
  }
}

function trackingOptions(context: Context, systems: readonly SystemName[], deadline?: number): OpenOptions {
  const { cwd, env, clock, signal, terminal } = context
  const folder = absolute(cwd, DEFAULTS.tracking)
  return {
    configuration: readConfiguration({ systems, env, cwd, folder, deadline }),
    spool: spoolFolder(folder),
    user: env['USER'] ?? env['LOGNAME'] ?? '',
    env,
    clock,
    random: () => randomInt(2 ** 32) / 2 ** 32,
    show: (line) => terminal.err(`${line}\n`),
    signal,
    replayCommand: 'breakwater track replay',
  }
}

/** What `breakwater track replay` needs; undefined where no MLflow server is configured. */
export function replayOptions(context: Context): ReturnType<typeof serverOptions> {
  return serverOptions(trackingOptions(context, ['mlflow']))
}

/** What MLflow takes of a description. */
const DESCRIPTION_LENGTH = 8000

interface OpenTracker {
  readonly context: Context
  readonly progress: Progress
  readonly tracker: Tracker
  readonly redact: (text: string) => string
  readonly gitSha: string | null
}

async function runTracked<T>(opened: OpenTracker, about: RunAbout, work: (run: TrackedRun) => Promise<T>): Promise<T> {
  const { context, progress, tracker, redact, gitSha } = opened
  const { parent, id = newRunId(context.random), reopen = false } = about
  const run = await tracker.start({
    id,
    name: runName(about),
    job: about.job,
    description: runDescription({ ...about, gitSha }).slice(0, DESCRIPTION_LENGTH),
    tags: { ...about.tags, ...runTags({ ...about, id, gitSha }) },
    ...(parent === undefined ? {} : { parent }),
    reopen,
  })
  for (const place of run.places) progress.note(redact(place))
  let result: T
  try {
    await recordSettings(run, about.settings)
    if (about.dataset !== undefined) await run.dataset(about.dataset)
    result = await work(run)
    context.signal.throwIfAborted()
  } catch (error) {
    await endBadly(opened, run)
    throw error
  }
  await run.end('finished')
  return result
}

/** Ends the run of a failed job; an error in doing so is reported, and the job's own error is kept. */
async function endBadly({ context, redact }: OpenTracker, run: TrackedRun): Promise<void> {
  try {
    await run.end(context.signal.aborted ? 'killed' : 'failed')
  } catch (error) {
    context.terminal.err(`${redact(error instanceof Error ? error.message : String(error))}\n`)
  }
}
